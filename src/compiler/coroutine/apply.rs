//! `f.apply(receiver, list)` where reading the list calls nothing.
//!
//! The realm's `apply` is the kernel's, which copies the list first, since a getter in it must not be taken for what is called
//! (`kernel/builtins/application.js`). Where the text shows that the list has none, V8's own is called, which V8 optimises well:
//!
//! ```text
//! Input    f.apply(this, arguments)
//! Output   þ1=f; þ2=þ1.apply; (þ2===þA?þR:þrare.applier(þ2,"f.apply"))(þ1,this,arguments)
//! ```
//!
//! The list is named once, since V8 makes no object of `arguments` and of rest parameters that are only handed on, and where two calls
//! name them it does: with `þ2===þA?þR(þ1,this,arguments):þc(þ2,þ1,this,arguments)` the call took three times as long.
//!
//! The same lists are spread without a look at the list itself, since V8 copies none where it sees that it is one:
//!
//! ```text
//! Input    f(x, ...rest)
//! Output   f(x,...þarrays[þi]===þvalues&&þiterators.next===þnextValue?rest:þrare.spread(rest))
//! ```
//!
//! Such lists are array literals without holes, and `arguments` and rest parameters of which nobody else gets hold.

use oxc::ast::ast::*;
use oxc::semantic::SymbolId;
use oxc::span::GetSpan;

use super::function::Lowerer;
use super::reader::Reader;
use super::said::said_of;

/// A list that functions get their arguments in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum List {
    /// The `arguments` of the function of this number.
    Arguments(usize),
    /// A rest parameter.
    Rest(SymbolId),
}

/// The receiver and the list of a call of `apply`.
fn parts<'e, 'a>(it: &'e CallExpression<'a>) -> Option<(&'e Expression<'a>, &'e Expression<'a>)> {
    let Expression::StaticMemberExpression(callee) = it.callee.without_parentheses() else { return None };
    let [receiver, list] = &it.arguments[..] else { return None };
    let is_apply = callee.property.name == "apply" && !it.optional && !callee.optional;
    let is_super = matches!(callee.object, Expression::Super(_));
    (is_apply && !is_super).then_some((receiver.as_expression()?, list.as_expression()?))
}

impl Reader<'_> {
    /// Takes note of a call of `apply` and of the list that it reads and lets nobody have.
    pub fn note_apply(&mut self, it: &CallExpression<'_>) {
        if let Some((_, Expression::Identifier(list))) = parts(it) {
            self.harmless = Some(list.span.start);
        }
    }

    /// The same for a spread.
    pub fn note_spread(&mut self, it: &SpreadElement<'_>) {
        if let Expression::Identifier(list) = &it.argument {
            self.harmless = Some(list.span.start);
        }
    }

    /// The same for a member that is read.
    pub fn note_member(&mut self, it: &MemberExpression<'_>) {
        let is_harmless = match it {
            MemberExpression::ComputedMemberExpression(_) => true,
            MemberExpression::StaticMemberExpression(it) => it.property.name == "length",
            MemberExpression::PrivateFieldExpression(_) => false,
        };
        // A method would get the list as its `this`, and what is assigned may leave holes.
        let start = it.span().start;
        if let Expression::Identifier(list) = it.object()
            && is_harmless
            && self.used_member != Some(start)
        {
            self.harmless = Some(list.span.start);
        }
    }

    /// Takes note of how a list is used.
    pub fn note_list(&mut self, it: &IdentifierReference<'_>, symbol: Option<SymbolId>) {
        let is_harmless = self.harmless.take() == Some(it.span.start);
        if is_harmless {
            return;
        }
        match symbol {
            Some(symbol) => {
                self.scan.shared_lists.insert(List::Rest(symbol));
            }
            None if it.name == "arguments" => {
                let id = self.scan.owner_of_arguments(*self.stack.last().expect("the program at least"));
                self.scan.shared_lists.insert(List::Arguments(id));
            }
            None => {}
        }
    }
}

impl super::scan::Scan {
    /// The function whose `arguments` a function sees.
    fn owner_of_arguments(&self, mut id: usize) -> usize {
        while self.functions[id].is_arrow {
            id = self.functions[id].parent;
        }
        id
    }

    /// Whether a variable is a rest parameter that nothing assigns, and nobody else gets hold of the list.
    pub fn is_own_rest(&self, symbol: SymbolId) -> bool {
        self.rests.contains(&symbol)
            && !self.writes.has(symbol)
            && !self.declared_again.contains(symbol)
            && !self.shared_lists.contains(&List::Rest(symbol))
    }
}

/// What calls a function of which this is the `apply`.
pub fn applier(function: &str, callee: &Expression<'_>) -> String {
    format!("{function}===þA?þR:þrare.applier({function},\"{}\")", said_of(callee))
}

impl Lowerer<'_, '_> {
    /// Whether a call is one of `apply` whose list calls nothing when it is read.
    pub fn applies_plain_list(&self, it: &CallExpression<'_>) -> bool {
        let Some((_, list)) = parts(it).filter(|_| !self.unit.is_kernel) else { return false };
        match list {
            Expression::ArrayExpression(list) => {
                !list.elements.iter().any(|element| matches!(element, ArrayExpressionElement::Elision(_)))
            }
            _ => self.is_own_list(list),
        }
    }

    /// Whether an expression is `arguments` or a rest parameter, and nobody else gets hold of the list.
    pub fn is_own_list(&self, list: &Expression<'_>) -> bool {
        let Expression::Identifier(name) = list else { return false };
        let scan = self.unit.scan;
        match self.unit.scoping.get_reference(name.reference_id()).symbol_id() {
            Some(symbol) => scan.is_own_rest(symbol),
            None if name.name == "arguments" => {
                !scan.shared_lists.contains(&List::Arguments(scan.owner_of_arguments(self.id)))
            }
            None => false,
        }
    }
}
