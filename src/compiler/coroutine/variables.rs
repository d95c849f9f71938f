//! Variables of a function that is lowered: which become names of its frames, and which stay what closures see.

use rustc_hash::FxHashSet as HashSet;

use oxc::ast::ast::*;
use oxc::semantic::SymbolId;
use oxc::span::GetSpan;
use oxc_ecmascript::BoundNames;

use super::function::Lowerer;
use super::unit::Naming;

impl Lowerer<'_, '_> {
    fn name_is_free(&self, name: &str) -> bool {
        let ambiguous = self.ambiguous.get_or_init(|| {
            let mentions = &self.unit.scan.mentions[self.id];
            let names = mentions.symbols.keys().map(|symbol| self.unit.scoping.symbol_name(*symbol));
            let mut seen = HashSet::default();
            names.chain(mentions.free.keys().map(String::as_str)).filter(|name| !seen.insert(*name)).collect()
        });
        !ambiguous.contains(name)
    }

    /// Adds a variable that lives in frames.
    pub fn save(&mut self, name: String) {
        self.saved.insert(name);
    }

    /// Declares a variable of the whole function: a parameter, a `var`, or a declaration at the top of its body.
    pub fn declare_function_scoped(&mut self, symbol: SymbolId, name: &str) {
        self.unit.moved.borrow_mut().insert(symbol);
        // A script's variables belong to the realm, and a module's functions exist before its body runs.
        let is_outer = self.unit.shape.is_none() || self.unit.scoping.symbol_flags(symbol).is_function();
        if (self.id == 0 && is_outer) || self.unit.scan.captured.contains(symbol) {
            if !self.named.contains(name) {
                self.named.insert(name.to_owned());
            }
        } else {
            self.save(name.to_owned());
        }
    }

    pub fn declare_vars(&mut self, pattern: &BindingPattern<'_>) {
        let mut found = Vec::new();
        pattern.bound_names(&mut |id| found.push((id.symbol_id(), id.name.to_string())));
        for (symbol, name) in found {
            if !self.is_declared(&name) {
                self.declare_function_scoped(symbol, &name);
            }
        }
    }

    pub fn is_declared(&self, name: &str) -> bool {
        self.named.contains(name) || self.saved.contains(name)
    }

    /// Declares a variable of a block in which the function can be suspended. Returns the pair for the block's head where
    /// closures capture it.
    pub fn declare_block_scoped(&mut self, symbol: SymbolId, name: &str) -> Option<(String, String)> {
        // What is assigned after closures have seen it lives in a cell: a resumed block has bindings of its own.
        let scan = &self.unit.scan;
        let is_shared = scan.writes.has(symbol) || scan.made_early.contains(symbol);
        self.declare_in_block(symbol, name, is_shared)
    }

    /// The same of a variable of a loop's head. Most are assigned by its update alone, and captured by what its body makes alone: no
    /// closure sees it change then, since each turn has a variable of its own.
    ///
    /// ```text
    /// Input    for (let i = 0; i < n; i++) { f(); list.push(() => i); }
    /// Output   { let i = þ1_i; i = þ1_i = 0; }
    ///          for (;;) { let i = þ1_i; if (!(þ1_i < n)) break; ...; list.push(() => i); { let i = þ1_i; þ1_i++; } }
    /// ```
    pub fn declare_in_head(&mut self, symbol: SymbolId, name: &str, it: &ForStatement<'_>) -> Option<(String, String)> {
        let scan = &self.unit.scan;
        let body = it.body.span();
        let writes = scan.writes.list(symbol);
        let uses = scan.uses.list(symbol);
        let is_constant = writes.iter().all(|at| scan.is_advanced(symbol, *at))
            && uses.iter().all(|(user, at)| *user == self.id || (body.start <= *at && *at < body.end))
            && !scan.made_early.contains(symbol);
        if is_constant { self.declare_in_block(symbol, name, false) } else { self.declare_block_scoped(symbol, name) }
    }

    fn declare_in_block(&mut self, symbol: SymbolId, name: &str, is_shared: bool) -> Option<(String, String)> {
        self.unit.moved.borrow_mut().insert(symbol);
        let captured = self.unit.scan.captured.contains(symbol);
        let hoisted = if !captured && self.name_is_free(name) && !self.is_declared(name) {
            name.to_owned()
        } else {
            format!("þ{}_{name}", self.unit.unique())
        };
        self.save(hoisted.clone());
        self.blocks.push(hoisted.clone());
        if !captured {
            let naming = Naming { owner: self.id, own: hoisted, inner: name.to_owned() };
            self.unit.naming.borrow_mut().insert(symbol, naming);
            return None;
        }
        if is_shared {
            self.cells.insert(hoisted.clone());
        }
        let cell = if is_shared { ".v" } else { "" };
        let naming = Naming { owner: self.id, own: format!("{hoisted}{cell}"), inner: format!("{name}{cell}") };
        self.unit.naming.borrow_mut().insert(symbol, naming);
        Some((name.to_owned(), hoisted))
    }

    /// `var a = 1, b, {c} = o` as an assignment; the names are declared at the head of the function.
    pub fn var_text(&mut self, declaration: &VariableDeclaration<'_>) -> String {
        let mut parts = Vec::new();
        for declarator in &declaration.declarations {
            self.declare_vars(&declarator.id);
            if let Some(init) = &declarator.init {
                let pattern = self.pattern_text(&declarator.id);
                let value = self.text(init);
                parts.push(match &declarator.id {
                    BindingPattern::ObjectPattern(_) => format!("({pattern}={value})"),
                    _ => format!("{pattern}={value}"),
                });
            }
        }
        parts.join(",")
    }
}
