//! What the kernel is told of functions that are given to tasks, or may be sent; `ships.rs` finds them.
//!
//! ```text
//! Input    spawn(() => count + 1)
//! Output   spawn(þship(() => count + 1,7,6,()=>[count]))
//! ```

use oxc::ast::ast::*;
use oxc::semantic::{ScopeId, SymbolId};
use oxc::span::GetSpan;

use super::function::Lowerer;
use super::scan::Value;
use super::ships::{Giving, Ship, SpawnSite};

impl Lowerer<'_, '_> {
    /// Tells the kernel of a function that is given to a task, and may run elsewhere; see `ships.rs`.
    pub fn ship(&self, it: &CallExpression<'_>, arguments: &mut [String]) {
        let Some(first) = it.arguments.first() else { return };
        let start = first.span().start;
        let Some(ship) = self.ship_at(start).filter(|ship| ship.problem.is_empty()) else { return };
        let is_here = |site: &&SpawnSite| site.function.start == start && site.giving.is_task();
        let Some(site) = self.unit.scan.spawn_sites.iter().find(is_here) else { return };
        let name = if site.giving == Giving::Tasks { "þkeep" } else { "þship" };
        arguments[0] = format!("{name}({}{})", arguments[0], self.shipping(ship, site.scope));
    }

    fn ship_at(&self, start: u32) -> Option<&Ship> {
        let at = self.unit.ships.binary_search_by_key(&start, |ship| ship.start).ok()?;
        Some(&self.unit.ships[at])
    }

    /// What the kernel is told of a function, as further arguments of a call.
    pub fn shipping(&self, ship: &Ship, scope: ScopeId) -> String {
        let mut text = String::with_capacity(64);
        join!(&mut text, ",", self.unit.id, ",", ship.start);
        if !ship.problem.is_empty() {
            return text;
        }
        let find = |name: &String| self.unit.scoping.find_binding(scope, name.as_str().into());
        let values: Vec<String> = ship
            .names
            .iter()
            .filter_map(|name| match find(name) {
                Some(symbol) => Some(self.seen_by_closures(symbol)),
                None => self.unit.imported.contains(name.as_str()).then(|| format!("þconstant(þI,\"{name}\")")),
            })
            .collect();
        let waits = if ship.may_wait { ",true" } else { "" };
        join!(&mut text, ",()=>[", values.join(","), "]", waits);
        text
    }

    /// What stands before and behind a function that may be sent. It keeps the name that it has from where it stands.
    pub fn given(&self, start: u32) -> Option<(String, String)> {
        let scope = *self.unit.values.get(&start)?;
        let ship = self.ship_at(start)?;
        let (before, after) = match self.names_of.get(&start).map(String::as_str) {
            None => (String::new(), String::new()),
            // What is computed is known only there, and a prototype is no property.
            Some(name) if name.is_empty() || name.contains("__proto__") => return None,
            Some(name) if name.starts_with(|first: char| first.is_ascii_digit() || "'\"".contains(first)) => {
                (text!("{", name, ":"), text!("}[", name, "]"))
            }
            Some(name) => (text!("{", name, ":"), text!("}.", name)),
        };
        let space = self.unit.space_at(start);
        Some((text!(space, "þgiven(", before), text!(after, self.shipping(ship, scope), ")")))
    }

    /// Tells the kernel of a function that is declared at a module's outermost level and exported.
    pub fn given_export(&self, local: &str) -> Option<String> {
        let symbol = self.unit.scoping.get_root_binding(local.into())?;
        let Value::Function(id) = self.unit.scan.functions_of.get(symbol)? else { return None };
        let facts = &self.unit.scan.functions[*id];
        let scope = *self.unit.values.get(&facts.start).filter(|_| facts.is_declaration)?;
        let ship = self.ship_at(facts.start)?;
        Some(text!("þgiven(", local, self.shipping(ship, scope), ");"))
    }

    /// The same for a method of an object literal, which becomes the value of a property.
    pub fn given_method(&self, start: u32) -> Option<(String, String)> {
        let method = self.ship_at(start)?.method?;
        let (before, after) = self.given(start)?;
        let (key, access) = (method.key.source_text(self.unit.source), method.access(self.unit.source));
        Some((format!("{key}:{before}({{"), format!("}}){access}{after}")))
    }

    /// The value of a variable, as a closure reads it.
    fn seen_by_closures(&self, symbol: SymbolId) -> String {
        let name = self.unit.scoping.symbol_name(symbol);
        let text = self.unit.naming.borrow().get(symbol).map_or_else(|| name.to_owned(), |naming| naming.inner.clone());
        if self.unit.moved.borrow().contains(symbol) && self.unit.scan.early.contains(symbol) {
            return format!("þV({text},\"{name}\")");
        }
        text
    }
}
