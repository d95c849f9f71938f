//! What is written into a file.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use oxc::semantic::{ScopeFlags, ScopeId, Semantic, SymbolId};
use oxc::span::Span;

use super::shift::{Insertions, Order};
use crate::compiler::captures::{Shape, surroundings};
use crate::compiler::imports::imports_of;
use crate::compiler::realm_names::is_realm_name;

/// What begins everything that is written; `lib/prepared.js` takes it out of functions' texts again.
pub const OPEN: &str = "/*@hz*/";
/// What ends it.
pub const CLOSE: &str = "/*hz@*/";

/// What a file begins with uses these.
const GLOBALS: [&str; 3] = ["globalThis", "Symbol", "WeakMap"];

/// Names that mean something else, or are not allowed, in an arrow function beside the function that uses them.
const UNREADABLE: [&str; 5] = ["arguments", "await", "eval", "let", "yield"];

/// What is around a CommonJS module that its functions may capture. `require` is that of the task.
const WRAPPER: [&str; 4] = ["__dirname", "__filename", "exports", "module"];

/// How a function gets into the table.
pub enum Place {
    /// By a call around it, which returns it.
    Around,
    /// The same around the assignment of it that is a statement: what stands on the left is not looked at again.
    Assigned(Span),
    /// By a statement of its own at this offset, which finds it by an expression.
    Statement(u32, String),
    /// The same where a block begins.
    Begin(u32, String),
    /// By a call around the object that it is made in, on this path from there: before anybody else has the object.
    Member(String),
}

/// Writes marks.
pub struct Marks<'s, 'a, 'f> {
    source: &'f str,
    semantic: &'s Semantic<'a>,
    host_names: &'s HashSet<&'s str>,
    /// What the function that fills the table is called in the file.
    name: String,
    insertions: Insertions<'f>,
    /// What enters members of the object that is being looked at.
    members: String,
    /// What functions capture that the file imports, and where it comes from.
    imports: BTreeMap<String, [String; 2]>,
    /// Whether the meaning of a function depends on the file.
    depends: bool,
}

impl<'s, 'a, 'f> Marks<'s, 'a, 'f> {
    /// `None` where the file gives the names that are needed a meaning of its own.
    pub fn new(source: &'f str, semantic: &'s Semantic<'a>, host_names: &'s HashSet<&'s str>) -> Option<Self> {
        let scoping = semantic.scoping();
        if GLOBALS.iter().any(|name| scoping.get_root_binding((*name).into()).is_some()) {
            return None;
        }
        let mut name = String::from("$hz");
        while source.contains(&name) {
            name.push('_');
        }
        Some(Marks {
            source,
            semantic,
            host_names,
            name,
            insertions: Insertions::new(source),
            members: String::new(),
            imports: BTreeMap::new(),
            depends: false,
        })
    }

    /// Has a function entered into the table. Returns the variables of the file that it captures.
    pub fn mark(&mut self, span: Span, scope: ScopeId, place: &Place) -> Vec<SymbolId> {
        let scoping = self.semantic.scoping();
        let text = span.source_text(self.source);
        let Some(around) = scoping.scope_parent_id(scope) else { return Vec::new() };
        let Some(found) = surroundings(text) else { return Vec::new() };
        let symbols = found.names.iter().map(|free| scoping.find_binding(around, free.name.as_str().into()));
        let symbols: Vec<Option<SymbolId>> = symbols.collect();
        let captured = symbols.iter().copied().flatten().collect();
        // Where nothing is read, there is nothing to prepare.
        let depends = found.requires || found.imports;
        let is_closed = found.outer.is_none() && !depends && found.names.iter().all(|free| is_realm_name(&free.name));
        let is_unreadable = found.names.iter().any(|free| UNREADABLE.contains(&free.name.as_str()));
        if is_closed || found.outer.is_some() || is_unreadable || self.is_dynamic(around) {
            return captured;
        }
        self.depends |= depends;
        let mut names = String::new();
        let mut values = Vec::new();
        for (free, symbol) in found.names.iter().zip(symbols) {
            let name = &free.name;
            if let Some(symbol) = symbol {
                let flags = scoping.symbol_flags(symbol);
                names.push_str(match flags {
                    _ if flags.is_import() => " @",
                    _ if flags.is_const_variable() => " =",
                    _ => " ",
                });
                if flags.is_import() {
                    self.imported(name);
                }
                values.push(name.clone());
            } else if self.is_global(name) && !(found.requires && name == "require") {
                continue;
            } else {
                names.push_str(" ?");
                values.push(format!("typeof {name}===\"undefined\"?{}:{name}", self.name));
            }
            names.push_str(name);
        }
        let strict = if scoping.scope_flags(scope).is_strict_mode() || found.shape == Shape::Class { "s" } else { "" };
        let rest = format!(",\"{}{strict}{names}\",()=>[{}])", fingerprint(text), values.join(","));
        self.enter(span, place, &rest);
        captured
    }

    /// Takes note of an import. Those from Node's modules are left out at the end.
    fn imported(&mut self, name: &str) {
        self.imports.entry(name.to_owned()).or_default();
    }

    fn enter(&mut self, span: Span, place: &Place, rest: &str) {
        let name = &self.name;
        match place {
            Place::Around => self.around(span, rest),
            // What follows might go on with the call where it cannot go on with a function.
            Place::Assigned(span) => self.around(*span, &format!("{rest};")),
            Place::Member(path) => {
                let _ = write!(self.members, "{name}({name}v{path}{rest};");
            }
            Place::Statement(offset, expression) => {
                self.insertions.add(*offset, Order::After, format!("{OPEN};{name}({expression}{rest};{CLOSE}"));
            }
            Place::Begin(offset, expression) => {
                self.insertions.add(*offset, Order::Begin, format!("{OPEN};{name}({expression}{rest};{CLOSE}"));
            }
        }
    }

    /// Ends an object whose members were marked, if any were.
    pub fn object(&mut self, span: Span) {
        let members = std::mem::take(&mut self.members);
        if !members.is_empty() {
            self.around(span, &format!(",{}v=>{{{members}}})", self.name));
        }
    }

    /// Puts a call around something, with what follows it in the call.
    fn around(&mut self, span: Span, rest: &str) {
        self.insertions.add(span.start, Order::Open(span.end), format!("{OPEN}{}({CLOSE}", self.name));
        self.insertions.add(span.end, Order::Close(span.start), format!("{OPEN}{rest}{CLOSE}"));
    }

    /// Whether a name that the file does not declare is that of a global which tasks have, or which is Node's.
    fn is_global(&self, name: &str) -> bool {
        !WRAPPER.contains(&name) && (is_realm_name(name) || self.host_names.contains(name))
    }

    /// Whether names are looked up at run time in a scope: by `with`, or because `eval` may declare some.
    fn is_dynamic(&self, scope: ScopeId) -> bool {
        let scoping = self.semantic.scoping();
        let mut around = std::iter::once(scope).chain(scoping.scope_ancestors(scope));
        around.any(|scope| {
            let flags = scoping.scope_flags(scope);
            flags.contains(ScopeFlags::With) || (flags.contains_direct_eval() && !flags.is_strict_mode())
        })
    }

    /// Ends the file; `start` is where its statements begin.
    pub fn finish(mut self, start: u32) -> Option<Insertions<'f>> {
        if self.insertions.is_empty() {
            return None;
        }
        let about = self.about_imports();
        let name = &self.name;
        let third = if about.is_empty() { String::new() } else { format!(",{name}i") };
        let mut text = String::from(OPEN);
        // Without the library, and whichever copy of it is loaded later, the table is the same. Functions of the file may run before its
        // statements, where modules import each other, and a script may run twice: what is declared here allows both.
        let _ = write!(
            text,
            ";var {name}m{third};function {name}(f,d,g){{\
             if(!{name}m){{{name}m=globalThis[Symbol.for(\"@hertzscript/isolate.prepared\")]??=new WeakMap;{about}{name}({name})}}\
             typeof d==\"function\"?d(f):typeof f==\"function\"&&{name}m.set(f,[d,g{third}]);return f}}{name}({name});"
        );
        text.push_str(CLOSE);
        self.insertions.add(start, Order::Prelude, text);
        Some(self.insertions)
    }
}

impl Marks<'_, '_, '_> {
    /// What is written about the file and its imports, where that matters: where it is, and for each name the specifier with what that module calls it.
    fn about_imports(&mut self) -> String {
        let program = self.semantic.nodes().program();
        let mut imports = std::mem::take(&mut self.imports);
        for import in imports_of(program) {
            if let Some(from) = imports.get_mut(&import.local) {
                *from = [import.specifier, import.name];
            }
        }
        imports.retain(|_, [specifier, _]| !specifier.is_empty());
        if imports.is_empty() && !self.depends {
            return String::new();
        }
        let file = if program.source_type.is_module() {
            "import.meta.url"
        } else {
            "typeof __filename==\"string\"&&__filename"
        };
        let list = serde_json::to_string(&imports).expect("strings can be written");
        format!("{}i=[{file},{list}];", self.name)
    }
}

/// The length of a text and a hash of it (FNV-1a over UTF-16 units), by which it is known again.
fn fingerprint(text: &str) -> String {
    let mut hash = 0x811c_9dc5_u32;
    let mut length = 0;
    for unit in text.encode_utf16() {
        hash = (hash ^ u32::from(unit)).wrapping_mul(0x0100_0193);
        length += 1;
    }
    format!("{length}.{hash:x}.")
}

/// A text as it was before.
#[cfg(test)]
pub fn without(text: &str) -> String {
    let mut parts = text.split(OPEN);
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        result.push_str(part.split_once(CLOSE).expect("what is opened is closed").1);
    }
    result
}
