//! Compiled modules on disk, where the user has named a folder for them (`configure({ codeCache })`).
//!
//! Each source has two files, named after a hash of all that its code depends on: `HASH.code`, the code in coroutine form, and
//! `HASH.v8`, V8's bytecode of that code. They are written under another name and then renamed, so whoever reads sees a whole
//! file or none. A file ends with a checksum, and the first also holds the source: one that is damaged, of another version
//! or of another source is as good as none, and is written anew. What cannot be written is not kept. Nothing here is an error.
//!
//! Whoever can write to the folder decides what the tasks run.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, OnceLock, RwLock};
use std::{fs, process};

use super::code::CodeKind;
use super::coroutine::{Compiled, Continuation, Method, Request, Shape, Ship};
use super::lower::Lowered;
use oxc::span::Span;

/// What the code of a source depends on besides the source: the version of the package and of its compiler.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " ", env!("HERTZSCRIPT_COMPILER"));

/// Sources that are shorter than this many bytes are compiled faster than they are read.
const LEAST: usize = 1 << 10;

/// Numbers of sources that are kept on disk have this bit; all others count up from 1, and never get there.
const NUMBERS: u32 = 1 << 30;

static FOLDER: RwLock<Option<PathBuf>> = RwLock::new(None);

/// The numbers that are taken.
static TAKEN: LazyLock<Mutex<HashSet<u32>>> = LazyLock::new(Mutex::default);

/// Names the folder for the modules that are compiled from now on, in the whole process.
pub fn set_folder(folder: Option<PathBuf>) {
    *FOLDER.write().expect("no holder panics") = folder;
}

/// The files of one source.
pub struct Files {
    /// The path of both, up to the ending.
    path: PathBuf,
    /// The number of the source. It stands in the code, so it is the same in each process.
    pub number: u32,
    /// The checksum of the code that is used. Bytecode of any other is of no use: V8 itself compares no more than lengths.
    sum: OnceLock<u64>,
}

impl Files {
    /// The files of a source, if there are to be any.
    pub fn of(kind: CodeKind, name: &str, source: &str) -> Option<Files> {
        if !matches!(kind, CodeKind::Module | CodeKind::CommonJs) || source.len() < LEAST {
            return None;
        }
        let folder = FOLDER.read().expect("no holder panics").clone()?;
        let mut hasher = DefaultHasher::new();
        (VERSION, kind, name, source).hash(&mut hasher);
        let hash = hasher.finish();
        #[expect(clippy::cast_possible_truncation, reason = "a part of the hash is enough")]
        let number = NUMBERS | (hash as u32 & (NUMBERS - 1));
        // Two sources of a process cannot have the same number; the later one is compiled as if there were no folder.
        let is_free = TAKEN.lock().expect("no holder panics").insert(number);
        is_free.then(|| Files { path: folder.join(format!("{hash:016x}")), number, sum: OnceLock::new() })
    }

    fn path(&self, ending: &str) -> PathBuf {
        self.path.with_extension(ending)
    }

    /// The code of a source.
    pub fn code(&self, source: &str) -> Option<Lowered> {
        let (bytes, sum) = read(&self.path("code"))?;
        let mut reader = Reader(&bytes);
        if reader.text()? != VERSION || reader.text()? != source {
            return None;
        }
        let lowered = reader.lowered()?;
        let _ = self.sum.set(sum);
        Some(lowered)
    }

    /// Keeps the code of a source.
    pub fn keep_code(&self, source: &str, lowered: &Lowered) {
        let mut writer = Writer(Vec::with_capacity(source.len() * 4));
        writer.text(VERSION);
        writer.text(source);
        writer.lowered(lowered);
        let _ = self.sum.set(write(&self.path("code"), writer.0));
    }

    /// V8's bytecode for the code.
    pub fn bytecode(&self) -> Option<Vec<u8>> {
        let (mut bytes, _) = read(&self.path("v8"))?;
        let at = bytes.len().checked_sub(8)?;
        let sum = u64::from_le_bytes(bytes.split_off(at).try_into().ok()?);
        (Some(&sum) == self.sum.get()).then_some(bytes)
    }

    /// Keeps it.
    pub fn keep_bytecode(&self, bytecode: &[u8]) {
        let Some(sum) = self.sum.get() else { return };
        let mut bytes = bytecode.to_vec();
        bytes.extend_from_slice(&sum.to_le_bytes());
        write(&self.path("v8"), bytes);
    }
}

fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// The content of a file and its checksum, which is right.
fn read(path: &Path) -> Option<(Vec<u8>, u64)> {
    let mut bytes = fs::read(path).ok()?;
    let at = bytes.len().checked_sub(8)?;
    let sum = u64::from_le_bytes(bytes.split_off(at).try_into().ok()?);
    (checksum(&bytes) == sum).then_some((bytes, sum))
}

/// Writes a file; returns its checksum.
fn write(path: &Path, mut bytes: Vec<u8>) -> u64 {
    static LAST: AtomicU32 = AtomicU32::new(0);
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    // Only the name must be unique.
    let other = path.with_extension(format!("{}-{}", process::id(), LAST.fetch_add(1, Ordering::Relaxed)));
    let is_written = fs::write(&other, bytes).and_then(|()| fs::rename(&other, path)).is_ok();
    if !is_written {
        let _ = fs::remove_file(&other);
    }
    sum
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// Sources and what is made of them are shorter than 4 GB.
    fn length(&mut self, length: usize) {
        self.number(u32::try_from(length).expect("no list is that long"));
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.number(text.is_some().into());
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn list<T>(&mut self, list: &[T], mut item: impl FnMut(&mut Writer, &T)) {
        self.length(list.len());
        for it in list {
            item(self, it);
        }
    }

    fn lowered(&mut self, Lowered { compiled, map }: &Lowered) {
        self.text(&compiled.code);
        self.text(&compiled.source);
        self.optional(map.as_deref());
        self.number(compiled.is_dynamic.into());
        self.list(&compiled.sites, |this, site| this.number(*site));
        self.list(&compiled.places, |this, (code, source)| {
            this.number(*code);
            this.number(*source);
        });
        self.list(&compiled.continuations, |this, Continuation { start, end, name, table }| {
            this.number(*start);
            this.number(*end);
            this.text(name);
            this.number(*table);
        });
        self.list(&compiled.points, |this, points| this.list(points, |this, point| this.number(*point)));
        self.number(compiled.shape.is_some().into());
        if let Some(shape) = &compiled.shape {
            self.shape(shape);
        }
        self.list(&compiled.ships, |this, ship| {
            this.number(ship.start);
            this.number(ship.end);
            this.list(&ship.names, |this, name| this.text(name));
            this.list(&ship.functions, |this, (start, end, name)| {
                this.number(*start);
                this.number(*end);
                this.optional(name.as_deref());
            });
            this.optional(ship.named.as_deref());
            this.number(ship.method.is_some().into());
            for span in ship.method.iter().flat_map(|method| [method.property, method.key]) {
                this.number(span.start);
                this.number(span.end);
            }
            this.number(ship.is_strict.into());
            this.number(ship.may_wait.into());
            this.text(&ship.problem);
        });
    }

    fn shape(&mut self, shape: &Shape) {
        let binding = |this: &mut Writer, (local, request, name): &(String, usize, Option<String>)| {
            this.text(local);
            this.length(*request);
            this.optional(name.as_deref());
        };
        self.list(&shape.requests, |this, request| {
            this.text(&request.specifier);
            this.optional(request.kind.as_deref());
            this.number(request.offset);
        });
        self.list(&shape.imports, binding);
        self.list(&shape.exports, |this, (name, local)| {
            this.text(name);
            this.text(local);
        });
        self.list(&shape.indirect, binding);
        self.list(&shape.stars, |this, star| this.length(*star));
        self.number(shape.is_async.into());
        self.text(shape.default);
        self.number(shape.unnamed.is_some().into());
        let (text, source) = shape.unnamed.unwrap_or_default();
        self.number(text);
        self.number(source);
    }
}

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*number))
    }

    fn flag(&mut self) -> Option<bool> {
        Some(self.number()? != 0)
    }

    fn text(&mut self) -> Option<&str> {
        let length = self.number()? as usize;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    fn owned(&mut self) -> Option<String> {
        self.text().map(str::to_owned)
    }

    /// What is there only after a flag that says so.
    fn after_flag<T>(&mut self, value: impl FnOnce(&mut Self) -> Option<T>, target: &mut Option<T>) -> Option<()> {
        if self.flag()? {
            *target = Some(value(self)?);
        }
        Some(())
    }

    fn request(&mut self) -> Option<Request> {
        let mut request = Request { specifier: self.owned()?, kind: None, offset: 0 };
        self.after_flag(Self::owned, &mut request.kind)?;
        request.offset = self.number()?;
        Some(request)
    }

    fn binding(&mut self) -> Option<(String, usize, Option<String>)> {
        let mut binding = (self.owned()?, self.number()? as usize, None);
        self.after_flag(Self::owned, &mut binding.2)?;
        Some(binding)
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.number()? as usize;
        // Each takes a byte at least, whatever the length says.
        let mut list = Vec::with_capacity(length.min(self.0.len()));
        for _ in 0..length {
            list.push(item(self)?);
        }
        Some(list)
    }

    fn continuation(&mut self) -> Option<Continuation> {
        Some(Continuation { start: self.number()?, end: self.number()?, name: self.owned()?, table: self.number()? })
    }

    fn lowered(&mut self) -> Option<Lowered> {
        let code = self.owned()?;
        let source = self.owned()?;
        let mut map = None;
        self.after_flag(Self::owned, &mut map)?;
        let mut compiled = Compiled {
            code,
            source,
            is_dynamic: self.flag()?,
            sites: self.list(Self::number)?,
            places: self.list(|this| Some((this.number()?, this.number()?)))?,
            continuations: self.list(Self::continuation)?,
            points: self.list(|this| this.list(Self::number))?,
            analysis: Vec::new(),
            shape: None,
            ships: Vec::new(),
        };
        self.after_flag(Self::shape, &mut compiled.shape)?;
        compiled.ships = self.list(Self::ship)?;
        Some(Lowered { compiled, map })
    }

    fn span(&mut self) -> Option<Span> {
        Some(Span::new(self.number()?, self.number()?))
    }

    fn ship(&mut self) -> Option<Ship> {
        Some(Ship {
            start: self.number()?,
            end: self.number()?,
            names: self.list(Self::owned)?,
            functions: self.list(|this| {
                let mut function = (this.number()?, this.number()?, None);
                this.after_flag(Self::owned, &mut function.2)?;
                Some(function)
            })?,
            named: {
                let mut named = None;
                self.after_flag(Self::owned, &mut named)?;
                named
            },
            method: {
                let mut method = None;
                self.after_flag(|this| Some(Method { property: this.span()?, key: this.span()? }), &mut method)?;
                method
            },
            is_strict: self.flag()?,
            may_wait: self.flag()?,
            problem: self.owned()?,
        })
    }

    fn shape(&mut self) -> Option<Shape> {
        Some(Shape {
            requests: self.list(Self::request)?,
            imports: self.list(Self::binding)?,
            exports: self.list(|this| Some((this.owned()?, this.owned()?)))?,
            indirect: self.list(Self::binding)?,
            stars: self.list(|this| Some(this.number()? as usize))?,
            is_async: self.flag()?,
            default: Shape::default_named(self.text()?)?,
            unnamed: {
                let is_some = self.flag()?;
                let places = (self.number()?, self.number()?);
                is_some.then_some(places)
            },
        })
    }
}
