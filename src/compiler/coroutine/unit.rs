//! What every function of a source shares while it is lowered.

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use std::cell::{Cell, RefCell};

use oxc::ast::ast::*;
use oxc::semantic::{ScopeId, Scoping};
use oxc::span::Span;

use super::module::Shape;
use super::offsets::Offsets;
use super::scan::{FunctionFacts, FunctionId, Scan};
use super::ships::Ship;
use super::symbols::{BySymbol, SymbolSet};

/// Compiled functions longer than this are written once.
pub const LONG: usize = 240;

/// What every function of a source shares.
pub struct Unit<'s> {
    pub source: &'s str,
    pub scan: &'s Scan,
    /// Functions that are given to tasks, or may be sent.
    pub ships: &'s [Ship],
    /// Of those that may be sent, by where they begin, the scope around them.
    pub values: HashMap<u32, ScopeId>,
    pub scoping: &'s Scoping,
    pub naming: RefCell<BySymbol<Naming>>,
    /// `let`, `const` and classes that no longer are what they were: they are declared elsewhere, as `var` or `let`.
    pub moved: RefCell<SymbolSet>,
    /// Classes whose instances get fields later, by their start.
    pub fielded: RefCell<HashSet<u32>>,
    pub counter: Cell<u32>,
    pub offsets: Offsets,
    /// Where the points of each continuation stand in the source; see `marks::named`.
    pub points: RefCell<Vec<Vec<u32>>>,
    /// The number of the source.
    pub id: u32,
    /// A module's names that come from others or go to them.
    pub shape: Option<&'s Shape>,
    /// The names that it has from others.
    pub imported: HashSet<&'s str>,
    pub is_kernel: bool,
    /// Whether steady temporaries can be told from all else by their names.
    pub has_steady: bool,
    /// Where the texts of methods begin and end, by the start of their functions.
    pub spans: RefCell<HashMap<u32, Span>>,
    /// Texts for which marks stand in others; see `marks.rs`.
    pub apart: RefCell<Vec<String>>,
    /// Memory in which functions are put together, one after the other.
    pub drafts: Cell<(String, String)>,
}

impl Unit<'_> {
    /// A long text that nobody reads before the end; what is returned stands for it.
    pub fn keep_apart(&self, text: String) -> String {
        if text.len() < LONG {
            return text;
        }
        let mut apart = self.apart.borrow_mut();
        apart.push(text);
        super::marks::apart(apart.len() - 1)
    }

    /// Whether a function expression calls itself by its own name. Then that becomes a variable around it: continuations see the name,
    /// too, and V8 would make a context for it at each call.
    ///
    /// Input: `(function f(n) { return n && f(n - 1); })`, Output: `((()=>{const f=function (n) {...};return f})())`
    pub fn calls_itself(&self, it: &Function<'_>) -> bool {
        let Some(symbol) = it.id.as_ref().and_then(|id| id.symbol_id.get()) else { return false };
        let Some(id) = self.scan.by_start.get(&it.span.start) else { return false };
        let facts = &self.scan.functions[*id];
        !facts.is_dynamic
            && !facts.is_flat
            && !self.scan.writes.has(symbol)
            && self.scan.mentions[*id].symbols.get(&symbol).is_some_and(|usage| usage.called)
    }

    /// A comment that tells `Function.prototype.toString` where the source of a function or class is (UTF-16 offsets).
    pub fn origin(&self, span: Span) -> String {
        let offset = |at: u32| self.offsets.utf16(self.source, at);
        let unnamed = self.shape.and_then(|shape| shape.unnamed).filter(|(start, _)| *start == span.start);
        let start = unnamed.map_or(span.start, |(_, source)| source);
        let mut text = String::with_capacity(32);
        join!(&mut text, "/*þ", self.id, ":", offset(start), ",", offset(span.end), "*/");
        text
    }

    /// The text of directives.
    pub fn directives(&self, list: &[Directive<'_>]) -> String {
        let mut text = String::new();
        self.put_directives(list, &mut text);
        text
    }

    /// Appends it.
    pub fn put_directives(&self, list: &[Directive<'_>], text: &mut String) {
        for directive in list {
            join!(&mut *text, directive.span.source_text(self.source), ";");
        }
    }

    /// The same for a function, which may be a method. Async functions are marked, for `kernel/identity.js`.
    pub fn origin_of(&self, facts: &FunctionFacts, span: Span) -> String {
        let origin = self.origin(self.spans.borrow().get(&facts.start).copied().unwrap_or(span));
        // What `kernel/identity.js` puts right: async functions, and those async generators that are no generators to V8.
        let letter = match (facts.loses_async(), facts.is_generator) {
            (true, false) => "a",
            (true, true) if facts.is_dynamic => "g",
            _ => return origin,
        };
        origin.replace("*/", &format!("{letter}*/"))
    }

    pub fn unique(&self) -> u32 {
        self.counter.set(self.counter.get() + 1);
        self.counter.get()
    }
}

/// What a variable is called in compiled code.
pub struct Naming {
    pub owner: FunctionId,
    /// By its own function.
    pub own: String,
    /// By closures.
    pub inner: String,
}
