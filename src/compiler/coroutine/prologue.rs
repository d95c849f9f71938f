//! What a function does before it can be suspended for the first time: there its constants stay constants.
//!
//! ```text
//! Input    function norm(n) { const at = (i, j) => 1 / (i + j); const row = (i) => sum((j) => at(i, j)); return sum(row); }
//! Output   function norm(n) { const at=(i, j) => 1 / (i + j);const row=(i) => ...; var þp,þu,þ1; þL:{ þ1=sum(row); ... } ... }
//! ```
//!
//! Everywhere else a declaration becomes a variable of the whole function that is assigned where it stood, since the
//! continuation would have to assign it, too. V8 then reads it anew wherever a closure uses it, and asks again whether it
//! still holds the function that was compiled in; of a constant it knows. Only what closures see is kept so: the rest are
//! V8's registers, whose values it follows anyway.

use oxc::ast::ast::*;
use oxc::semantic::SymbolId;
use oxc::span::GetSpan;

use super::disposal;
use super::function::{Lowerer, Split};
use super::ir::{DIRECT, direct};
use super::statement::lexical;

impl Lowerer<'_, '_> {
    /// How many of a body's statements run before anything that can suspend it; none if they declare no constant that closures see. Notes these
    /// constants. To be asked before anything is declared.
    pub fn find_prologue(&mut self, list: &[Statement<'_>]) -> usize {
        let facts = &self.unit.scan.functions[self.id];
        // Elsewhere the body stands in a `try`, is resumed from its beginning, or has `this` only after a call.
        let is_whole = self.split == Split::No && !facts.is_derived && self.id != 0;
        if !is_whole || !self.out.is_empty() || disposal::kinds(list).0 {
            return 0;
        }
        let mut length = 0;
        for (index, statement) in list.iter().enumerate() {
            if self.suspends(statement.span()) {
                break;
            }
            let is_simple = match statement {
                // A pattern is lowered in steps, which assign.
                Statement::VariableDeclaration(it) => it.declarations.iter().all(|it| it.id.is_binding_identifier()),
                Statement::ClassDeclaration(_)
                | Statement::FunctionDeclaration(_)
                | Statement::ExpressionStatement(_)
                | Statement::EmptyStatement(_) => true,
                _ => break,
            };
            let mut names = Vec::new();
            if is_simple {
                lexical(statement, &mut names);
            }
            let constants = names.into_iter().filter(|(symbol, _)| self.is_seen_constant(*symbol));
            for (symbol, name) in constants.collect::<Vec<_>>() {
                self.constants.insert(symbol);
                self.heads.push(name.clone());
                self.named.insert(name);
                length = index + 1;
            }
        }
        length
    }

    /// Whether closures see a variable, and nothing ever assigns it.
    fn is_seen_constant(&self, symbol: SymbolId) -> bool {
        let scan = self.unit.scan;
        scan.captured.contains(symbol) && !scan.writes.has(symbol) && !scan.declared_again.contains(symbol)
    }

    /// Lowers a body that begins with a prologue of so many statements; what was pushed before belongs to it.
    pub fn statements_after_prologue(&mut self, list: &[Statement<'_>], length: usize) {
        let (prologue, rest) = list.split_at(length);
        if length > 0 {
            let entry = self.point;
            self.statements(prologue);
            assert_eq!(self.point, entry, "nothing suspends a prologue");
            let nodes = std::mem::take(&mut self.out);
            let mut text = String::new();
            direct(&nodes, DIRECT, &mut text);
            self.prologue = text;
        }
        self.statements(rest);
    }
}
