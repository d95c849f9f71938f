//! Function declarations in blocks.
//!
//! In sloppy code such a function is two variables (ECMA-262, B.3.2): one of the block, which holds it from the block's
//! start, and one of the function around, which gets it where the declaration stands. V8 would make the second one anew in
//! each continuation, so it is made here:
//!
//! ```text
//! Input    if (x) { f(); function f() { ... } g(); }  f();
//! Output   var f; var þm2=þv=>{f=þv};  ...  if(x){ þ1_f=({f:function() { ... }}).f; þ1_f(); þm2(þ1_f); g(); } f();
//! ```
//!
//! Async functions and generators are variables of their block alone.

use std::collections::HashMap;

use oxc::ast::ast::*;
use oxc::ast_visit::Visit;
use oxc::semantic::{ScopeId, Scoping, SymbolFlags, SymbolId};
use oxc::span::GetSpan;

use super::function::Lowerer;
use super::scan::Scan;
use super::splice::Splicer;

/// Where a block's function is assigned to the variable of the function around.
#[derive(Clone)]
pub enum Outer {
    /// Nobody looks at that variable, or there is none.
    None,
    /// By its name.
    Assigned(String),
    /// By a closure, since the block has a variable of this name.
    Set(String),
}

/// Whether a function of a block that begins at this scope is a variable of the function around, too; and that variable,
/// where it is declared otherwise.
#[expect(clippy::option_option, reason = "no answer, and the answer that there is none, are two things")]
fn outer_binding(scoping: &Scoping, block: ScopeId, symbol: SymbolId) -> Option<Option<SymbolId>> {
    let name = scoping.symbol_name(symbol);
    let mut scope = block;
    loop {
        scope = scoping.scope_parent_id(scope)?;
        let binding = scoping.get_binding(scope, name.into());
        let flags = binding.map(|binding| scoping.symbol_flags(binding));
        if scoping.scope_flags(scope).is_var() {
            let conflicts =
                flags.is_some_and(|flags| (flags.is_block_scoped() && !flags.is_function()) || flags.is_class());
            return (!conflicts).then_some(binding);
        }
        if flags.is_some_and(|flags| !flags.contains(SymbolFlags::CatchVariable)) {
            return None;
        }
    }
}

impl Scan {
    /// Finds the functions of blocks that are variables of the function around, too.
    pub fn find_block_functions(&mut self, scoping: &Scoping) {
        let mut found = Vec::new();
        for facts in &self.functions {
            let (Some(symbol), Some(block), Some(scope)) = (facts.symbol, facts.block, facts.scope) else { continue };
            if self.functions[facts.parent].is_strict || facts.is_async || facts.is_generator {
                continue;
            }
            let Some(scope) = scoping.scope_parent_id(scope) else { continue };
            let Some(binding) = outer_binding(scoping, scope, symbol) else { continue };
            // The first one of its name: what the block and what the function around mean is one symbol.
            if binding == Some(symbol) {
                self.blocks_of.insert(symbol, block);
            }
            if binding.is_none_or(|binding| !self.parameters.contains(binding)) {
                found.push((symbol, binding, facts.parent));
            }
        }
        for (symbol, binding, parent) in found {
            let is_seen = binding.is_none_or(|binding| match self.blocks_of.get(&binding) {
                Some(block) => {
                    let uses = self.uses.list(binding);
                    uses.iter().any(|(_, at)| *at < block.start || block.end <= *at)
                }
                None => true,
            });
            // A script's variables belong to the realm.
            if is_seen || parent == 0 {
                self.outer_variables.insert(symbol);
                self.captured.extend(binding);
            }
        }
    }

    /// Whether a place means the variable of the function around, where a block has a function of the same name.
    pub fn is_outside(&self, symbol: SymbolId, at: u32) -> bool {
        self.blocks_of.get(&symbol).is_some_and(|block| at < block.start || block.end <= at)
    }
}

impl Lowerer<'_, '_> {
    /// Declares the variable of this function that gets a block's function.
    pub fn declare_outer(&mut self, function: &Function<'_>) {
        let Some(id) = &function.id else { return };
        let is_new = self.unit.scan.outer_variables.contains(&id.symbol_id()) && !self.is_declared(&id.name);
        if is_new {
            self.named.insert(id.name.to_string());
        }
    }

    /// How that variable is set; to be asked when the block's own variable is declared.
    pub fn outer(&mut self, function: &Function<'_>, is_shadowed: bool) -> Outer {
        let Some(id) = &function.id else { return Outer::None };
        if !self.unit.scan.outer_variables.contains(&id.symbol_id()) {
            return Outer::None;
        }
        if !is_shadowed {
            return Outer::Assigned(id.name.to_string());
        }
        if let Some(setter) = self.setters.get(id.name.as_str()) {
            return Outer::Set(setter.clone());
        }
        let setter = format!("þm{}", self.unit.unique());
        put!(self.makers, "var {setter}=þv=>{{{}=þv}};", id.name);
        self.setters.insert(id.name.to_string(), setter.clone());
        Outer::Set(setter)
    }

    /// A function that is declared in a block, where its declaration stands.
    pub fn pass_declaration(&mut self, function: &Function<'_>) {
        let Some(id) = &function.id else { return };
        let symbol = id.symbol_id();
        if !self.unit.moved.borrow().contains(symbol) {
            return;
        }
        let is_shadowed = self.unit.scan.captured.contains(symbol);
        let outer = self.outer(function, is_shadowed);
        let text = set(&outer, &self.own_name(symbol));
        if !text.is_empty() {
            self.push(text);
        }
    }
}

fn set(outer: &Outer, value: &str) -> String {
    match outer {
        Outer::None => String::new(),
        Outer::Assigned(name) => format!("{name}={value};"),
        Outer::Set(setter) => format!("{setter}({value});"),
    }
}

impl Splicer<'_, '_, '_> {
    /// A list of statements that is not lowered: functions that do not stay declarations come first.
    pub fn hoisting_list(&mut self, list: &[Statement<'_>], is_top: bool) {
        let hoisted = self.hoist(list, is_top);
        if let Some(first) = list.first()
            && !hoisted.is_empty()
        {
            let start = first.span().start;
            self.edits.insert(0, (start, start, hoisted));
        }
    }

    /// The cases of a `switch` are one block that has no place before them, so its functions come before the `switch`.
    pub fn hoisting_cases(&mut self, it: &SwitchStatement<'_>) {
        self.visit_expression(&it.discriminant);
        let mut hoisted = String::new();
        for case in &it.cases {
            if let Some(test) = &case.test {
                self.visit_expression(test);
            }
            hoisted.push_str(&self.hoist(&case.consequent, false));
        }
        if !hoisted.is_empty() {
            self.edits.insert(0, (it.span.start, it.span.start, format!("{{{hoisted}")));
            self.edits.push((it.span.end, it.span.end, "}".to_owned()));
        }
    }

    /// Visits a list; the text of the functions that are to come first.
    fn hoist(&mut self, list: &[Statement<'_>], is_top: bool) -> String {
        let mut hoisted: HashMap<&str, String> = HashMap::new();
        let mut order = Vec::new();
        for (index, statement) in list.iter().enumerate() {
            let Statement::FunctionDeclaration(it) = statement else {
                self.visit_in_list(statement);
                continue;
            };
            let Some((text, here)) = self.hoisted(list, index, it, is_top) else {
                self.visit_in_list(statement);
                continue;
            };
            let name = it.id.as_ref().map_or("", |id| id.name.as_str());
            // Sloppy code may declare one name twice; the last one counts.
            if hoisted.insert(name, text).is_none() {
                order.push(name);
            }
            // Not empty: what comes next must not continue what came before.
            self.edits.push((it.span.start, it.span.end, format!(";{here}")));
        }
        order.iter().map(|name| hoisted[name].as_str()).collect()
    }

    /// What comes first for a declaration, and what comes where it stands; none where it stays as it is.
    fn hoisted(
        &mut self,
        list: &[Statement<'_>],
        index: usize,
        it: &Function<'_>,
        is_top: bool,
    ) -> Option<(String, String)> {
        let name = &it.id.as_ref()?.name;
        if let Some(value) = self.lowerer.declared_async(it) {
            if !is_top {
                return Some((format!("let {name}={value};"), String::new()));
            }
            let text = self.lowerer.top_declaration(list, index, it);
            return Some((if text.is_empty() { text } else { format!("var {text}") }, String::new()));
        }
        if is_top || !self.lowerer.hoists || self.is_closure() {
            return None;
        }
        match self.lowerer.outer(it, true) {
            Outer::None => None,
            outer => {
                self.lowerer.declare_outer(it);
                let value = self.lowerer.function_value(it);
                Some((format!("let {name}={value};"), set(&outer, name)))
            }
        }
    }
}
