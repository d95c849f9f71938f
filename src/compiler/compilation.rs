//! Compiling to coroutine form: once for each source in the process, and, where it takes long, on threads of its own.
//!
//! What is compiled is the same for every isolate and every host environment, so all that ship the same text share one
//! [`Compilation`]. It lives as long as somebody's [`Code`](super::Code) names it, and those that were made last live longer, up
//! to [`KEPT`] bytes of source: programs are named only while they run.
//!
//! **Who compiles.** A small source is compiled by the first isolate that needs it: handing it over would take as long. For
//! a large one a thread of [`threads`] does it while the isolate's other tasks run; the job waits in no isolate
//! (`Pool::submit`). No thread of the pool waits for another source than the one it compiles, and V8 is never entered
//! meanwhile, so waiting always ends.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, Weak};

use super::code::CodeKind;
use super::disk::Files;
use super::lower::{Failure, Lowered, lower};

/// Sources up to this many bytes are compiled by whoever needs them.
const SMALL: usize = 4 << 10;

/// Bytes of source whose code is kept though nobody names it.
const KEPT: usize = 4 << 20;

/// Stack of a compiling thread; sources of more than some 36 KB get one of their own (`depth.rs`), whose pages the system has to
/// provide anew each time. Untouched, it costs nothing.
pub const STACK: usize = 64 << 20;

type Waiter = Box<dyn FnOnce() + Send>;

/// One source in coroutine form, or on its way to it.
pub struct Compilation {
    /// What the comments in its functions call the source; unique in the process.
    pub id: u32,
    /// What is compiled.
    pub source: Arc<str>,
    kind: CodeKind,
    /// Where its code is kept beyond the process.
    files: Option<Files>,
    /// The name of a program, which tells its language and stands in its map; of a function, what its imports are relative to.
    name: String,
    done: OnceLock<Result<Lowered, Failure>>,
    /// Who is to be told when it is done; none before a thread has been asked for it, and when it is done.
    waiting: Mutex<Option<Vec<Waiter>>>,
}

#[derive(Default)]
struct Table {
    /// By hash of kind, name and source.
    entries: HashMap<u64, Vec<Weak<Compilation>>>,
    recent: VecDeque<Arc<Compilation>>,
    /// Bytes of the sources in `recent`.
    kept: usize,
}

static TABLE: LazyLock<Mutex<Table>> = LazyLock::new(Mutex::default);
static LAST_ID: AtomicU32 = AtomicU32::new(0);

/// The threads that compile large sources. They never run JavaScript.
fn threads() -> &'static rayon::ThreadPool {
    static THREADS: OnceLock<rayon::ThreadPool> = OnceLock::new();
    THREADS.get_or_init(|| {
        rayon::ThreadPoolBuilder::new()
            .thread_name(|index| format!("hz-compile-{index}"))
            .stack_size(STACK)
            .build()
            .expect("the system has threads")
    })
}

/// Runs what nobody waits for on the threads that compile, where there is more than one.
pub fn in_background(body: impl FnOnce() + Send + 'static) {
    if threads().current_num_threads() > 1 {
        threads().spawn(body);
    }
}

impl Compilation {
    /// The compilation of a source; it begins when somebody asks for the result. `name` is that of a program; of a function, what
    /// its imports are relative to.
    pub fn of(kind: CodeKind, name: &str, source: String) -> Arc<Compilation> {
        let mut hasher = DefaultHasher::new();
        (kind, name, &source).hash(&mut hasher);
        let hash = hasher.finish();
        // Dropped after the lock: the last owner of a compilation may be among them.
        let mut dropped = Vec::new();
        let mut table = TABLE.lock().expect("no holder panics");
        let list = table.entries.entry(hash).or_default();
        let same = |it: &Arc<Compilation>| it.kind == kind && it.name == name && *it.source == *source;
        if let Some(known) = list.iter().filter_map(Weak::upgrade).find(same) {
            return known;
        }
        let files = Files::of(kind, name, &source);
        let made = Arc::new(Compilation {
            // Only the number must be unique.
            id: files.as_ref().map_or_else(|| LAST_ID.fetch_add(1, Ordering::Relaxed) + 1, |files| files.number),
            files,
            source: source.into(),
            kind,
            name: name.to_owned(),
            done: OnceLock::new(),
            waiting: Mutex::new(None),
        });
        list.push(Arc::downgrade(&made));
        table.kept += made.source.len();
        table.recent.push_back(Arc::clone(&made));
        while table.kept > KEPT && table.recent.len() > 1 {
            let Some(oldest) = table.recent.pop_front() else { break };
            table.kept -= oldest.source.len();
            dropped.push(oldest);
        }
        if table.entries.len() > 2 * table.recent.len() + 1024 {
            table.entries.retain(|_, list| {
                list.retain(|it| it.strong_count() > 0);
                !list.is_empty()
            });
        }
        drop(table);
        made
    }

    /// The result. Compiles on this thread, or waits for the one that does.
    pub fn result(&self) -> &Result<Lowered, Failure> {
        self.done.get_or_init(|| {
            if let Some(known) = self.files.as_ref().and_then(|files| files.code(&self.source)) {
                return Ok(known);
            }
            let result = lower(self.id, self.kind, &self.name, &self.source, false);
            if let (Some(files), Ok(lowered)) = (&self.files, &result) {
                files.keep_code(&self.source, lowered);
            }
            result
        })
    }

    /// V8's bytecode of the result, where it is kept beyond the process.
    pub fn bytecode(&self) -> Option<Vec<u8>> {
        self.files.as_ref()?.bytecode()
    }

    /// Keeps it, if that is wanted.
    pub fn keep_bytecode(&self, bytecode: &[u8]) {
        if let Some(files) = &self.files {
            files.keep_bytecode(bytecode);
        }
    }

    /// The result, if there is one.
    pub fn known(&self) -> Option<&Result<Lowered, Failure>> {
        self.done.get()
    }

    /// Compiles anew without a look for early errors, for what V8 has accepted.
    ///
    /// # Errors
    /// What is wrong with the source all the same.
    pub fn accepted(&self) -> Result<Lowered, Failure> {
        lower(self.id, self.kind, &self.name, &self.source, true)
    }

    /// Whether asking for the result may take so long that an isolate is not to wait for it.
    pub fn takes_long(&self) -> bool {
        self.source.len() > SMALL && self.done.get().is_none()
    }

    /// Has it compiled on another thread, and calls `then` when it is done: at once if it is.
    pub fn start(self: &Arc<Self>, then: impl FnOnce() + Send + 'static) {
        {
            let mut waiting = self.waiting.lock().expect("no holder panics");
            // Checked under the lock: the thread that compiles takes the list after it has set the result.
            if self.done.get().is_none() {
                if let Some(list) = &mut *waiting {
                    list.push(Box::new(then));
                    return;
                }
                *waiting = Some(vec![Box::new(then)]);
                let this = Arc::clone(self);
                threads().spawn(move || {
                    this.result();
                    let waiting = this.waiting.lock().expect("no holder panics").take();
                    for waiter in waiting.into_iter().flatten() {
                        waiter();
                    }
                });
                return;
            }
        }
        then();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::compiler::ProgramType;

    const FUNCTION: CodeKind = CodeKind::Function { strict: false };

    #[test]
    fn the_same_source_is_compiled_once() {
        let text = "(f) => f() + 4711".to_owned();
        let first = Compilation::of(FUNCTION, "", text.clone());
        assert!(Arc::ptr_eq(&first, &Compilation::of(FUNCTION, "", text.clone())));
        assert!(!Arc::ptr_eq(&first, &Compilation::of(CodeKind::Function { strict: true }, "", text.clone())));
        // What it imports is another thing in another file.
        assert!(!Arc::ptr_eq(&first, &Compilation::of(FUNCTION, "/a.js", text.clone())));
        let program = CodeKind::Program(ProgramType::Script);
        let named = Compilation::of(program, "a.js", text.clone());
        assert!(!Arc::ptr_eq(&named, &Compilation::of(program, "a.ts", text)));
        assert!(first.result().is_ok());
    }

    #[test]
    fn all_who_wait_are_told_once() {
        let body = "f(1);\n".repeat(SMALL);
        let compilation = Compilation::of(FUNCTION, "a", format!("(f) => {{ {body} }}"));
        assert!(compilation.takes_long());
        let (sender, receiver) = mpsc::channel();
        for index in 0..20 {
            let sender = sender.clone();
            compilation.start(move || sender.send(index).expect("somebody listens"));
        }
        drop(sender);
        let mut told: Vec<i32> = receiver.iter().collect();
        told.sort_unstable();
        assert_eq!(told, (0..20).collect::<Vec<_>>());
        assert!(!compilation.takes_long());
    }
}
