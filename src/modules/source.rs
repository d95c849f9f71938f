//! Files of modules and their compiled code, shared by all isolates of the process.
//!
//! A file is read again only if its time or size has changed, and compiled again only if its text has. So a second isolate
//! pays for neither, and gets V8's bytecode of the first one as well (`Loaded::cache`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, RwLock};
use std::time::SystemTime;

use super::failure::Failure;
use super::format::Format;
use super::text::Text;
use super::url::to_url;
use crate::compiler::{Carrier, Code, CodeKind, Form, is_module_text};

/// The module's code.
pub struct Loaded {
    /// What is compiled.
    pub code: Arc<Code>,
    /// What V8 has made of it, once an isolate had the time to tell.
    pub cache: OnceLock<Vec<u8>>,
    /// The text for V8.
    pub text: OnceLock<Text>,
    /// Whether what it asks for is being compiled; see `ahead.rs`.
    pub looked: AtomicBool,
    /// What V8 made of it before any isolate had asked for it; nothing where it was refused.
    ahead: OnceLock<Option<Vec<u8>>>,
    /// Who gives the text to V8 first: `NOBODY` yet, an `ISOLATE`, or a thread `AHEAD` of all isolates.
    parser: AtomicU8,
    stamp: Stamp,
}

const NOBODY: u8 = 0;
const ISOLATE: u8 = 1;
const AHEAD: u8 = 2;

impl Loaded {
    /// Makes the text for V8, once the code is compiled.
    pub fn prepare(&self) {
        if let Some(lowered) = self.code.lowered() {
            self.text.get_or_init(|| Text::from(lowered.compiled.code.as_str()));
        }
    }

    /// Has `parse` give the text to V8 before any isolate asks for it, unless one has done so already.
    pub fn parse_ahead(&self, parse: impl FnOnce(&Loaded) -> Option<Vec<u8>>) {
        // Only who is first matters: what is made is published by `ahead`.
        if self.parser.compare_exchange(NOBODY, AHEAD, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            let _ = self.ahead.set(parse(self));
        }
    }

    /// An isolate is going to need it, and gives it to V8 itself unless a thread ahead has begun to.
    pub fn claim(&self) {
        let _ = self.parser.compare_exchange(NOBODY, ISOLATE, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// What a thread ahead has made of it, if one has begun: waits until it is done.
    pub fn parsed_ahead(&self) -> Option<&[u8]> {
        if self.parser.load(Ordering::Relaxed) != AHEAD {
            return None;
        }
        self.ahead.wait().as_deref()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    changed: Option<SystemTime>,
    size: u64,
}

type Key = (PathBuf, bool, Format);

static LOADED: LazyLock<Mutex<HashMap<Key, Arc<Loaded>>>> = LazyLock::new(Mutex::default);

/// The files of numbers.
static PATHS: LazyLock<RwLock<HashMap<u32, String>>> = LazyLock::new(RwLock::default);

/// What `import()` in the source with this number is relative to.
pub fn path_of_code(id: u32) -> Option<String> {
    PATHS.read().expect("no holder panics").get(&id).cloned()
}

/// Reads a module's file, unless that was done before.
///
/// # Errors
/// The file cannot be read, or is no UTF-8.
pub fn load(path: &Path, form: Form, format: Format) -> Result<Arc<Loaded>, Failure> {
    let is_plain = form == Form::Plain;
    let facts = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    let stamp = Stamp { changed: facts.modified().ok(), size: facts.len() };
    let key = (path.to_path_buf(), is_plain, format);
    let known = LOADED.lock().expect("no holder panics").get(&key).cloned();
    if let Some(known) = &known
        && known.stamp == stamp
    {
        return Ok(Arc::clone(known));
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        Failure::error(
            "ERR_INVALID_MODULE_ENCODING",
            format!("{} is not UTF-8 (at byte {}): save it as UTF-8", path.display(), error.utf8_error().valid_up_to()),
        )
    })?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    if let Some(known) = known
        && *known.code.source == *text
    {
        return Ok(known);
    }
    let is_module = match format {
        Format::Module => true,
        Format::Detect => is_module_text(&path.to_string_lossy(), &text),
        _ => false,
    };
    let name = if is_module { to_url(path) } else { path.to_string_lossy().into_owned() };
    let kind = if is_module { CodeKind::Module } else { CodeKind::CommonJs };
    // JSON is not compiled.
    let form = if format == Format::Json { Form::Plain } else { form };
    let file = path.to_string_lossy().into_owned();
    let code = Arc::new(Code::new(0, kind, form, name, text, Carrier::default(), Some(file.clone())));
    if let Some(compilation) = &code.compilation {
        PATHS.write().expect("no holder panics").insert(compilation.id, file);
    }
    let loaded = Arc::new(Loaded {
        code,
        cache: OnceLock::new(),
        text: OnceLock::new(),
        looked: AtomicBool::new(false),
        ahead: OnceLock::new(),
        parser: AtomicU8::new(NOBODY),
        stamp,
    });
    let mut all = LOADED.lock().expect("no holder panics");
    // Another thread may have read it at the same time: were there two, what is compiled for one would be missing in the other.
    if let Some(other) = all.get(&key).filter(|other| other.stamp == stamp) {
        return Ok(Arc::clone(other));
    }
    all.insert(key, Arc::clone(&loaded));
    Ok(loaded)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::error("ERR_MODULE_NOT_READABLE", format!("cannot read the module {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn either_an_isolate_or_a_thread_ahead_gives_the_text_to_v8() {
        let folder = std::env::temp_dir().join(format!("hertzscript-ahead-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let fresh = |name: &str| {
            let path = folder.join(name);
            std::fs::write(&path, format!("exports.name = '{name}';")).unwrap();
            load(&path, Form::Coroutine, Format::CommonJs).ok().unwrap()
        };

        let first = fresh("isolate.js");
        first.claim();
        first.parse_ahead(|_| panic!("an isolate does it"));
        assert!(first.parsed_ahead().is_none());

        let second = fresh("ahead.js");
        let (begun, waits) = (Barrier::new(2), Barrier::new(2));
        thread::scope(|scope| {
            scope.spawn(|| {
                second.parse_ahead(|_| {
                    begun.wait();
                    waits.wait();
                    // Long enough for who does not wait to come back with nothing.
                    thread::sleep(Duration::from_millis(20));
                    Some(vec![47, 11])
                });
            });
            begun.wait();
            second.claim();
            waits.wait();
            assert_eq!(second.parsed_ahead(), Some(&[47, 11][..]));
        });

        let third = fresh("refused.js");
        third.parse_ahead(|_| None);
        third.claim();
        assert!(third.parsed_ahead().is_none());
        third.parse_ahead(|_| panic!("it was done before"));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_file_that_several_threads_read_at_once_is_one_module() {
        let folder = std::env::temp_dir().join(format!("hertzscript-source-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for round in 0..50 {
            let path = folder.join(format!("{round}.js"));
            std::fs::write(&path, format!("exports.a = {round}; // {}", "x".repeat(100_000))).unwrap();
            let start = Barrier::new(4);
            let read = || {
                start.wait();
                load(&path, Form::Coroutine, Format::CommonJs).ok().unwrap()
            };
            let all: Vec<_> = thread::scope(|scope| {
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(read)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert!(all.iter().all(|it| Arc::ptr_eq(it, &all[0])), "in round {round}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
