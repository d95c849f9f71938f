//! How V8 says in messages what was called, where that is kept in a variable until its arguments are there.
//!
//! ```text
//! Input    list.mapp(g())
//! Output   þ1=list;þ2=þ1.mapp;þ3=g();(check)typeof þ2!=="function"&&(þ2=þrare.noCall("list.mapp"));þc(þ2,þ1,þ3);
//! ```
//!
//! What `þrare.noCall` gives throws `list.mapp is not a function` when it is called, which is after all arguments were evaluated. The texts
//! are those of V8's `CallPrinter` (`src/ast/prettyprinter.cc`).

use std::borrow::Cow;

use oxc::ast::ast::*;

use super::function::Lowerer;

/// What V8 says of what it has no short text for.
const VALUE: &str = "(intermediate value)";

/// Longer texts are left out of the code.
const LONGEST: usize = 60;

/// The text of an expression.
fn said(expression: &Expression<'_>, out: &mut String) {
    match expression {
        Expression::Identifier(it) => out.push_str(&it.name),
        Expression::ThisExpression(_) => out.push_str("this"),
        Expression::NullLiteral(_) => out.push_str("null"),
        Expression::BooleanLiteral(it) => out.push_str(if it.value { "true" } else { "false" }),
        Expression::NumericLiteral(it) => out.push_str(it.raw.as_ref().map_or("", |raw| raw.as_str())),
        Expression::StringLiteral(it) => {
            out.push('"');
            out.push_str(&it.value);
            out.push('"');
        }
        Expression::StaticMemberExpression(it) => member_said(it, out),
        Expression::PrivateFieldExpression(it) => {
            said(&it.object, out);
            out.push_str(if it.optional { "?.[#" } else { "[#" });
            out.push_str(&it.field.name);
            out.push(']');
        }
        Expression::ComputedMemberExpression(it) => {
            said(&it.object, out);
            if let Expression::StringLiteral(key) = &it.expression {
                out.push_str(if it.optional { "?." } else { "." });
                out.push_str(&key.value);
            } else {
                out.push_str(if it.optional { "?.[" } else { "[" });
                said(&it.expression, out);
                out.push(']');
            }
        }
        Expression::CallExpression(it) => {
            said(&it.callee, out);
            out.push_str("(...)");
        }
        Expression::NewExpression(it) => {
            out.push_str("new ");
            said(&it.callee, out);
            out.push_str("(...)");
        }
        Expression::ParenthesizedExpression(it) => said(&it.expression, out),
        Expression::LogicalExpression(it) => both(&it.left, it.operator.as_str(), &it.right, out),
        Expression::BinaryExpression(it) => both(&it.left, it.operator.as_str(), &it.right, out),
        _ => out.push_str(VALUE),
    }
}

fn both(left: &Expression<'_>, operator: &str, right: &Expression<'_>, out: &mut String) {
    out.push('(');
    said(left, out);
    out.push(' ');
    out.push_str(operator);
    out.push(' ');
    said(right, out);
    out.push(')');
}

fn member_said(it: &StaticMemberExpression<'_>, out: &mut String) {
    said(&it.object, out);
    out.push_str(if it.optional { "?." } else { "." });
    out.push_str(&it.property.name);
}

/// A text that V8 would say in a message, or the object of a member that it would, without the name of a temporary: it says `(intermediate
/// value)` of each part of a condition. Of one that is a literal it makes no code.
pub fn unnamed(text: &str) -> Cow<'_, str> {
    let Some(rest) = text.strip_prefix('þ') else { return Cow::Borrowed(text) };
    let number = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = rest.split_at(number);
    if number.is_empty() || !(rest.is_empty() || rest.starts_with(['.', '['])) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text!("(true?þ", number, ":0)", rest))
}

/// What is put before a call of a variable of ours.
fn check(function: &str, helper: &str, text: String) -> String {
    text!("typeof ", function, "!==\"function\"&&(", function, "=", helper, "(\"", quotable(text), "\"));")
}

/// What V8 says of an expression, to be put between quotes.
pub fn said_of(expression: &Expression<'_>) -> String {
    let mut text = String::new();
    said(expression, &mut text);
    quotable(text)
}

fn quotable(mut text: String) -> String {
    if text.len() > LONGEST {
        VALUE.clone_into(&mut text);
    }
    // What would have to be escaped is a literal's, of which nobody needs more to find the place.
    let escaped = ['"', '\\', '\n', '\r', '\u{2028}', '\u{2029}'];
    if text.contains(escaped) {
        text = text.replace(escaped, "'");
    }
    text
}

/// The same for a member that is called.
pub fn check_member(function: &str, member: &StaticMemberExpression<'_>) -> String {
    let mut text = String::new();
    member_said(member, &mut text);
    check(function, "þrare.noCall", text)
}

impl Lowerer<'_, '_> {
    /// Has an error of the call that follows say what the source calls, where that is kept.
    pub fn check_call(&mut self, function: &str, callee: &Expression<'_>) {
        self.check_kept(function, "þrare.noCall", callee);
    }

    /// The same for `new`.
    pub fn check_new(&mut self, function: &str, callee: &Expression<'_>) {
        self.check_kept(function, "þrare.noNew", callee);
    }

    fn check_kept(&mut self, function: &str, helper: &str, callee: &Expression<'_>) {
        if Self::is_kept(function) {
            let mut text = String::new();
            said(callee, &mut text);
            self.push(check(function, helper, text));
        }
    }
}
