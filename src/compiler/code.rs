//! Sources that isolates can ask for by id.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, RwLock};

use super::carrier::Carrier;
use super::compilation::Compilation;
use super::coroutine::Text;
use super::lower::Lowered;
use super::places::Places;
use super::shown::Written;
use crate::modules::OwnMap;

/// How a source is to be compiled.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CodeKind {
    /// The text of a function, to be called with arguments.
    Function {
        /// Whether the surroundings of the function were strict code, which its text does not show.
        strict: bool,
    },
    /// A whole program: a script or a module, as `ProgramType` says.
    Program(ProgramType),
    /// An ECMAScript module that a program loads.
    Module,
    /// A CommonJS module that a program loads.
    CommonJs,
}

/// The `form` option: how code is prepared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// As it is written.
    Plain,
    /// So that it can be suspended.
    Coroutine,
    /// The same, and suspended wherever it can be.
    Storm,
}

/// The `type` option of `run`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ProgramType {
    /// A classic script.
    Script,
    /// An ECMAScript module.
    Module,
    /// Whichever the file's ending and the syntax say.
    Detect,
}

/// One source text.
pub struct Code {
    /// The id that submissions name.
    pub id: u32,
    /// How to compile it.
    pub kind: CodeKind,
    /// How to prepare it.
    pub form: Form,
    /// What the coroutine compiler makes of it, where the form asks for that.
    pub compilation: Option<Arc<Compilation>>,
    /// The same without a look for early errors, where V8 knows better.
    pub accepted: OnceLock<Result<Lowered, String>>,
    /// The name that stack traces show.
    pub name: String,
    /// The text, as the user wrote it.
    pub source: Arc<str>,
    /// What stands in it for halves of surrogate pairs.
    pub carrier: Carrier,
    /// The source map (JSON) of what V8 got instead, once a program in TypeScript or JSX was compiled.
    pub map: OnceLock<String>,
    /// The file that it was read from, where it was; of a function, what its specifiers are relative to, where it has any: its
    /// file, or a folder with a slash at its end.
    pub file: Option<String>,
    /// The same, read.
    pub read_map: OnceLock<Option<Places>>,
    /// The source map that the source brings along, once somebody has looked.
    pub own_map: OnceLock<Option<OwnMap>>,
    /// Of a function that the host has sent: where it is written.
    pub written: Option<Written>,
    /// The source from which it was taken so that a function can run in another isolate.
    pub origin: Option<Origin>,
}

/// Where the lines of a source come from.
pub struct Origin {
    /// The source.
    pub code: Arc<Code>,
    /// In which line each of its stretches begins here, and there.
    pub lines: Vec<(u32, u32)>,
}

impl Origin {
    /// The line in the source.
    pub fn line(&self, line: u32) -> u32 {
        let at = self.lines.partition_point(|(here, _)| *here <= line);
        at.checked_sub(1).map_or(line, |at| self.lines[at].1 + (line - self.lines[at].0))
    }
}

/// What separates the name of a source from the number that tells a function which was taken from it apart.
pub const TAKEN: char = 'þ';

impl Code {
    /// A source that was read with `carrier`.
    pub fn new(
        id: u32,
        kind: CodeKind,
        form: Form,
        name: String,
        source: String,
        carrier: Carrier,
        file: Option<String>,
    ) -> Code {
        let about = match kind {
            // Functions of all names are the same, as long as they import nothing.
            CodeKind::Function { .. } => file.as_deref().unwrap_or_default(),
            _ => &name,
        };
        let compilation = (form != Form::Plain).then(|| Compilation::of(kind, about, source.clone()));
        let source = compilation.as_ref().map_or_else(|| source.into(), |known| Arc::clone(&known.source));
        Code {
            id,
            kind,
            form,
            compilation,
            accepted: OnceLock::new(),
            name,
            source,
            carrier,
            map: OnceLock::new(),
            read_map: OnceLock::new(),
            own_map: OnceLock::new(),
            written: None,
            file,
            origin: None,
        }
    }

    /// What makes the function at `start`, a byte offset in what was compiled, in another isolate. `None` where it cannot leave.
    pub fn shipped(self: &Arc<Code>, id: u32, start: u32) -> Option<Code> {
        let compiled = &self.lowered()?.compiled;
        let ship = compiled.ships.iter().find(|ship| ship.start == start && ship.problem.is_empty())?;
        let Text { text, lines } = ship.text(&compiled.source)?;
        let kind = CodeKind::Function { strict: ship.is_strict };
        let name = self.name.split(TAKEN).next().unwrap_or_default();
        let file = if text.contains("import") { self.base() } else { None };
        let mut code = Code::new(id, kind, self.form, format!("{name}{TAKEN}{id}"), text, self.carrier, file);
        code.origin = Some(Origin { code: Arc::clone(self), lines });
        Some(code)
    }

    /// What specifiers in a source are relative to: the file that it is or is named after. `None` for the working directory.
    pub fn base(&self) -> Option<String> {
        if self.file.is_some() || matches!(self.kind, CodeKind::Function { .. }) {
            return self.file.clone();
        }
        let name = crate::modules::importer_of(&self.name);
        name.is_absolute().then(|| name.to_string_lossy().into_owned())
    }

    /// What an isolate would have to wait for, if it were to run this now.
    pub fn pending(&self) -> Option<&Arc<Compilation>> {
        self.compilation.as_ref().filter(|compilation| compilation.takes_long())
    }

    /// The code in coroutine form, once an isolate has asked for it.
    pub fn lowered(&self) -> Option<&Lowered> {
        let checked = self.compilation.as_ref()?.known()?.as_ref().ok();
        checked.or_else(|| self.accepted.get()?.as_ref().ok())
    }
}

/// All sources of one host environment. Jobs hold the code they need, so an entry may be removed at any time.
#[derive(Default)]
pub struct Registry {
    codes: RwLock<HashMap<u32, Arc<Code>>>,
}

impl Registry {
    /// Adds a source, or replaces the one with this id.
    pub fn define(&self, code: Code) {
        self.codes.write().expect("no holder panics").insert(code.id, Arc::new(code));
    }

    /// Forgets a source that the host will not name again.
    pub fn remove(&self, id: u32) {
        self.codes.write().expect("no holder panics").remove(&id);
    }

    /// The source with this id.
    pub fn get(&self, id: u32) -> Option<Arc<Code>> {
        self.codes.read().expect("no holder panics").get(&id).cloned()
    }
}
