//! Lowering of assignments: the target is evaluated before the value.
//!
//! ```text
//! Input    o.a[g()] += g();
//! Output   þ1=o.a; þ2=g();(check) þ3=þ1[þ2]; þ4=g();(check) þ1[þ2]=þ3 + þ4;
//! ```

use oxc::ast::ast::*;
use oxc::ast_visit::Visit;
use oxc::span::GetSpan;

use super::expression::{Operand, condition};
use super::function::Lowerer;
use super::ir::Node;
use super::splice::CONSTANT;

impl Lowerer<'_, '_> {
    /// Whether an assignment is that of a value to a variable which this function alone sees.
    pub fn is_given(&self, it: &AssignmentExpression<'_>) -> bool {
        let AssignmentTarget::AssignmentTargetIdentifier(name) = &it.left else { return false };
        let scoping = self.unit.scoping;
        it.operator == AssignmentOperator::Assign
            && scoping.get_reference(name.reference_id()).symbol_id().is_some_and(|symbol| {
                let flags = scoping.symbol_flags(symbol);
                let is_plain = flags.is_variable() && !flags.is_const_variable() && !flags.is_function();
                // A sloppy function's `arguments` shows its parameters.
                let scan = self.unit.scan;
                let is_dead = scan.is_dead(symbol, name.span.start) || scan.is_dead_for_all(symbol, name.span.start);
                is_plain && self.is_own(symbol) && !is_dead && !scan.functions[self.id].uses_arguments
            })
    }

    /// A target of `=` whose parts are evaluated now.
    pub fn simple_target(&mut self, target: &SimpleAssignmentTarget<'_>) -> String {
        match target {
            SimpleAssignmentTarget::StaticMemberExpression(it) => {
                let object = self.object_of(&it.object);
                text!(object, ".", it.property.name)
            }
            SimpleAssignmentTarget::PrivateFieldExpression(it) => {
                let object = self.object_of(&it.object);
                format!("{object}.#{}", it.field.name)
            }
            SimpleAssignmentTarget::ComputedMemberExpression(it) => {
                if matches!(it.object, Expression::Super(_)) {
                    let key = self.value(&it.expression);
                    let key = self.keep(&key);
                    return format!("super[{key}]");
                }
                let texts = self.operands(&[Operand::Value(&it.object), Operand::Value(&it.expression)]);
                let object = if Self::is_kept(&texts[0]) { texts[0].clone() } else { self.keep(&texts[0]) };
                let key = match &it.expression {
                    Expression::NumericLiteral(_) | Expression::StringLiteral(_) => texts[1].clone(),
                    _ if Self::is_kept(&texts[1]) => texts[1].clone(),
                    _ => self.keep(&texts[1]),
                };
                text!(object, "[", key, "]")
            }
            other => self.splice(other.span(), |splicer| splicer.visit_simple_assignment_target(other)),
        }
    }

    /// A variable that is assigned, and the rest of a call of `þW` with what it must be checked for first; see `dead_zones.rs`.
    fn variable_target(&mut self, name: &IdentifierReference<'_>) -> (String, Option<String>) {
        let mut check = None;
        let left = self.splice(name.span, |splicer| {
            check = splicer.early_check(name);
            splicer.checked_target = name.span.start;
            splicer.visit_identifier_reference(name);
        });
        (left, check)
    }

    /// An assignment; returns its value.
    pub fn assignment(&mut self, it: &AssignmentExpression<'_>) -> String {
        let text = self.assignment_text(it);
        if text.is_empty() { self.last_logical() } else { self.keep(&text) }
    }

    /// The temporary that a logical assignment used last.
    fn last_logical(&self) -> String {
        super::function::temporary(self.temps)
    }

    /// The assignment itself as a text; empty where it is done already, its value in the last temporary.
    pub fn assignment_text(&mut self, it: &AssignmentExpression<'_>) -> String {
        let Some(target) = it.left.as_simple_assignment_target() else {
            let value = self.value(&it.right);
            let value = self.kept(value);
            if self.calls(it.left.span()) {
                self.assign_pattern(&it.left, &value);
                return text!("(", value, ")");
            }
            let left = self.splice(it.left.span(), |splicer| splicer.visit_assignment_target(&it.left));
            return text!("(", left, "=", value, ")");
        };
        let operator = it.operator;
        if operator == AssignmentOperator::Assign {
            if let SimpleAssignmentTarget::AssignmentTargetIdentifier(name) = target {
                self.name_value(&it.right, &name.name);
                let value = self.value(&it.right);
                let (left, check) = self.variable_target(name);
                return text!(left, "=", checked(value, check.as_deref()));
            }
            // The target's parts come first; they are kept only if the value can be suspended.
            if self.calls(it.right.span()) {
                let left = self.simple_target(target);
                let value = self.value(&it.right);
                return text!(left, "=", value);
            }
            let left = match target {
                SimpleAssignmentTarget::StaticMemberExpression(it) => {
                    let object = self.object_value(&it.object);
                    text!(object, ".", it.property.name)
                }
                SimpleAssignmentTarget::ComputedMemberExpression(it) => {
                    let texts = self.operands(&[Operand::Value(&it.object), Operand::Value(&it.expression)]);
                    text!(texts[0], "[", texts[1], "]")
                }
                other => self.simple_target(other),
            };
            let value = self.text(&it.right);
            return text!(left, "=", value);
        }
        // V8 converts the key of a compound assignment twice, for reading and for writing; so does what is made here.
        let (left, check) = match target {
            SimpleAssignmentTarget::AssignmentTargetIdentifier(name) => self.variable_target(name),
            _ => (self.simple_target(target), None),
        };
        if let Some(logical) = operator.to_logical_operator() {
            let temp = self.temp();
            let read = match target {
                SimpleAssignmentTarget::AssignmentTargetIdentifier(name) if left.contains(CONSTANT) => {
                    // Nothing is assigned where the constant decides already.
                    self.unit.scoping.get_reference(name.reference_id()).symbol_id().map(|symbol| self.own_name(symbol))
                }
                _ => None,
            };
            let read = checked(read.unwrap_or_else(|| left.clone()), check.as_deref());
            self.push(text!(temp, "=", read, ";"));
            let condition = condition(logical, &temp);
            let yes = self.nested(|this| {
                let mark = this.temps;
                let value = this.value(&it.right);
                this.push(text!(temp, "=", left, "=", value, ";"));
                this.release(mark, true);
            });
            self.out.push(Node::If { condition, yes, no: Vec::new() });
            debug_assert_eq!(temp, self.last_logical());
            return String::new();
        }
        let operator = operator.as_str();
        let operator = &operator[..operator.len() - 1];
        if self.calls(it.right.span()) {
            let old = self.keep(&checked(left.clone(), check.as_deref()));
            let value = self.value(&it.right);
            return text!(left, "=", old, " ", operator, " ", value);
        }
        let value = checked(self.text(&it.right), check.as_deref());
        text!(left, " ", operator, "= ", value)
    }
}

/// A value that is given to a variable, or its own, which throws where that has not been declared yet.
fn checked(value: String, check: Option<&str>) -> String {
    match check {
        Some(check) => text!("þW(", value, ",", check, ")"),
        None => value,
    }
}
