//! Lowering of calls: what is called, with which receiver, and where V8 will say that the call stands.
//!
//! ```text
//! Input    a.b(f(x), y)
//! Output   þ1=a; þ2=þ1.b; þ3=f(x);(check) þ4=y; þ5=þc(þ2,þ1,þ3,þ4);(check)
//! ```

use oxc::ast::ast::*;
use oxc::span::GetSpan;

use super::apply::applier;
use super::expression::Operand;
use super::function::Lowerer;
use super::ir::{Apart, Callee, Node};
use super::marks::{self, SITE_MARK, site};
use super::said::{check_member, unnamed};

/// Bytes of a call's text, at most times, that are neither what is called nor an argument.
const AROUND: usize = 64;

/// Where V8 says that a call stands whose callee this is.
pub fn call_position(callee: &Expression<'_>) -> u32 {
    match callee {
        Expression::StaticMemberExpression(it) => it.property.span.start,
        Expression::Identifier(it) => it.span.start,
        other => other.span().end,
    }
}

pub fn argument<'e, 'a>(it: &'e Argument<'a>) -> Operand<'e, 'a> {
    match it {
        Argument::SpreadElement(it) => Operand::SpreadArgument(&it.argument),
        other => Operand::Value(other.as_expression().expect("anything else is an expression")),
    }
}

/// A call whose function is kept, and so are its receiver, if there is one, and what stands for its arguments.
pub fn call_of_kept(function: String, receiver: Option<String>, texts: Vec<String>, site: &str) -> String {
    match receiver {
        Some(receiver) => {
            let mut arguments = vec![function, receiver];
            arguments.extend(texts);
            text!(site, "þc(", arguments.join(","), ")")
        }
        None => text!(marks::called(&function, site), "(", listed(texts), ")"),
    }
}

/// Arguments, as they stand between the parentheses.
fn listed(mut texts: Vec<String>) -> String {
    match &mut texts[..] {
        [only] => std::mem::take(only),
        all => all.join(","),
    }
}

impl Lowerer<'_, '_> {
    /// Whether a call is one after which this function looks whether it is suspended.
    pub fn is_tracked(&self, call: &CallExpression<'_>) -> bool {
        let calls = &self.unit.scan.functions[self.id].calls;
        calls.binary_search_by_key(&(call.span.start, call.span.end), |span| (span.start, span.end)).is_ok()
    }

    /// The mark of a call. Only tracked ones are listed: under others nothing is suspended, since nobody looks there.
    pub fn site_of(&self, call: &CallExpression<'_>) -> String {
        let position = call_position(call.callee.without_parentheses());
        if self.is_tracked(call) {
            return site(position);
        }
        marks::placed(position)
    }

    /// A tracked call whose value is wanted.
    pub fn call_value(&mut self, call: String) -> String {
        let temp = self.temp();
        let point = self.next_point();
        self.births[self.temps - 1] = point;
        self.out.push(Node::Call { point, call, target: Some(temp.clone()), callee: None });
        temp
    }

    /// A call of the kernel's or of an iterator's method, whose value goes to a variable of its own.
    pub fn call_into(&mut self, call: &str, target: &str) {
        let point = self.next_point();
        let (call, target) = (text!(SITE_MARK, call), Some(target.to_owned()));
        self.out.push(Node::Call { point, call, target, callee: None });
    }

    /// Notes what the call that was pushed last calls.
    pub fn tell(&mut self, blocking: Option<Callee>) {
        if let Some(Node::Call { callee, .. }) = self.out.last_mut() {
            *callee = blocking;
        }
    }

    pub fn call_effect(&mut self, call: String) {
        let point = self.next_point();
        // The statement before may be the source's, and end without a semicolon.
        let call = if call.starts_with('(') { text!(";", call) } else { call };
        self.out.push(Node::Call { point, call, target: None, callee: None });
    }

    /// The same for what stands in the parentheses of a tracked call (or before them). What runs there must show another position
    /// than the call; see `Splicer::with_place`.
    pub fn arguments_of_call(&mut self, list: &[Operand<'_, '_>]) -> Vec<String> {
        self.open_calls += 1;
        let texts = self.operands(list);
        self.open_calls -= 1;
        texts
    }

    pub fn tagged(&mut self, it: &TaggedTemplateExpression<'_>) -> String {
        let tag = it.tag.without_parentheses();
        let site = site(call_position(tag));
        let list: Vec<Operand<'_, '_>> = it.quasi.expressions.iter().map(Operand::Value).collect();
        let suspends = it.quasi.expressions.iter().any(|expression| self.calls(expression.span()));
        if !suspends && !self.is_lowered_chain(tag) {
            let texts = self.arguments_of_call(&list);
            let quasi = Self::template(&it.quasi, &texts);
            return match tag {
                Expression::StaticMemberExpression(member) => {
                    let object = self.object_value(&member.object);
                    format!("{}{quasi}", marks::called_member(&object, member, &site))
                }
                Expression::Identifier(name) => {
                    let function = self.text(tag);
                    format!("{}{quasi}", self.called_name(name, &function, &site))
                }
                other => {
                    let function = self.value(other);
                    self.check_call(&function, other);
                    format!("({function}){site}{quasi}")
                }
            };
        }
        let (function, receiver) = self.callee(tag);
        let texts = self.arguments_of_call(&list);
        let holes = vec!["0".to_owned(); texts.len()];
        let strings = Self::template(&it.quasi, &holes);
        let receiver = receiver.unwrap_or_else(|| "void 0".to_owned());
        let mut arguments = vec![text!("þw", strings)];
        arguments.extend(texts);
        self.check_call(&function, tag);
        call_of_kept(function, Some(receiver), arguments, &site)
    }

    /// Whether it is a chain that becomes several statements.
    fn is_lowered_chain(&self, callee: &Expression<'_>) -> bool {
        matches!(callee, Expression::ChainExpression(_)) && self.calls(callee.span())
    }

    /// The function of a call, kept, and its receiver.
    pub fn callee(&mut self, callee: &Expression<'_>) -> (String, Option<String>) {
        match callee.without_parentheses() {
            Expression::StaticMemberExpression(it) => {
                let mut object = self.receiver(&it.object);
                object.0 = self.unit.seen(callee.without_parentheses().as_member_expression(), object.0);
                let function = self.keep(&text!(object.0, ".", it.property.name));
                (function, Some(object.1))
            }
            Expression::PrivateFieldExpression(it) => {
                let object = self.receiver(&it.object);
                let function = self.keep(&format!("{}.#{}", object.0, it.field.name));
                (function, Some(object.1))
            }
            Expression::ComputedMemberExpression(it) => {
                if matches!(it.object, Expression::Super(_)) {
                    let key = self.value(&it.expression);
                    let function = self.keep(&format!("super[{key}]"));
                    return (function, Some("this".to_owned()));
                }
                let texts = self.operands(&[Operand::Value(&it.object), Operand::Value(&it.expression)]);
                let object = if Self::is_kept(&texts[0]) { texts[0].clone() } else { self.keep(&texts[0]) };
                let function = self.keep(&text!(object, "[", texts[1], "]"));
                (function, Some(object))
            }
            _ => {
                if let Some((function, receiver)) = self.ended_chain(callee) {
                    return (function, Some(receiver));
                }
                let value = self.value(callee);
                let value = if Self::is_kept(&value) { value } else { self.keep(&format!("({value})")) };
                (value, None)
            }
        }
    }

    /// What a member is read from, and what becomes `this`.
    pub fn receiver(&mut self, object: &Expression<'_>) -> (String, String) {
        if matches!(object, Expression::Super(_)) {
            return ("super".to_owned(), "this".to_owned());
        }
        let object = self.object_of(object);
        (object.clone(), object)
    }

    /// A call's text, its operands evaluated; and what is called there, if it may be one that blocks.
    pub fn call_text(&mut self, it: &CallExpression<'_>) -> (String, Option<Callee>) {
        let list: Vec<Operand<'_, '_>> = it.arguments.iter().map(argument).collect();
        let suspends = it.arguments.iter().any(|argument| self.calls(argument.span()));
        let callee = it.callee.without_parentheses();
        let site = self.site_of(it);
        let blocks = self.may_block(it);
        if matches!(callee, Expression::Super(_)) {
            let texts = self.arguments_of_call(&list);
            return (format!("super({})", texts.join(",")), None);
        }
        if self.applies_plain_list(it) {
            let (function, receiver) = self.callee(callee);
            let object = receiver.expect("a member has an object");
            let arguments = listed(self.arguments_of_call(&list));
            let applier = applier(&function, callee);
            return (format!("({applier}){site}({object},{arguments})"), None);
        }
        if self.gives_flat_function(it) {
            let (function, receiver) = self.callee(callee);
            let receiver = receiver.expect("a member has an object");
            let texts = self.arguments_of_call(&list);
            return (self.call_with_flat_function(&function, &receiver, &texts, callee, &site), None);
        }
        if suspends || self.is_lowered_chain(callee) {
            if let Expression::Identifier(_) = callee {
                let mut all = vec![Operand::Value(callee)];
                all.extend(list);
                let mut texts = self.arguments_of_call(&all);
                self.ship(it, &mut texts[1..]);
                self.check_call(&texts[0], callee);
                let text = format!("{}({})", marks::called(&texts[0], &site), texts[1..].join(","));
                return (text, blocks.then(|| texts[0].clone().into()));
            }
            let (function, receiver) = self.callee(callee);
            let mut texts = self.arguments_of_call(&list);
            self.ship(it, &mut texts);
            self.check_call(&function, callee);
            let told = blocks.then(|| function.clone().into());
            return (call_of_kept(function, receiver, texts, &site), told);
        }
        let mut told = None;
        let text = match callee {
            Expression::StaticMemberExpression(member) => {
                let object = self.object_value(&member.object);
                let object = self.unit.seen(callee.as_member_expression(), object);
                let mut texts = self.arguments_of_call(&list);
                self.ship(it, &mut texts);
                if blocks {
                    told = Some(self.apart(&object, member, &texts, &site));
                }
                let arguments = listed(texts);
                let mut text = String::with_capacity(object.len() + arguments.len() + AROUND);
                marks::put_called_member(&object, member, &site, &mut text);
                join!(&mut text, "(", arguments, ")");
                text
            }
            Expression::Identifier(name) => {
                let function = self.text(callee);
                let mut texts = self.arguments_of_call(&list);
                self.ship(it, &mut texts);
                let arguments = listed(texts);
                told = blocks.then(|| function.clone().into());
                text!(self.called_name(name, &function, &site), "(", arguments, ")")
            }
            Expression::PrivateFieldExpression(_) | Expression::ComputedMemberExpression(_) => {
                let function = self.value(callee);
                let arguments = listed(self.arguments_of_call(&list));
                text!(&*unnamed(&function), site, "(", arguments, ")")
            }
            other => {
                let function = self.value(other);
                self.check_call(&function, other);
                let arguments = listed(self.arguments_of_call(&list));
                text!("(", function, ")", site, "(", arguments, ")")
            }
        };
        (text, told)
    }

    /// How a continuation calls a member that may be an operation that blocks: it looks at the function first.
    ///
    /// Input: `a.send(x)`
    /// Output: `þ1=a;þ2=þ1.send;(þf[4]=þ2?.þk|0)||(check);þc(þ2,þ1,x);`
    fn apart(&mut self, object: &str, member: &StaticMemberExpression<'_>, texts: &[String], site: &str) -> Callee {
        let mut before = String::new();
        let receiver = if Self::is_kept(object) {
            object.to_owned()
        } else {
            let receiver = self.temp();
            join!(&mut before, receiver, "=", object, ";");
            receiver
        };
        let function = self.temp();
        join!(&mut before, function, "=", receiver, ".", member.property.name.as_str(), ";");
        let check = check_member(&function, member);
        let call = call_of_kept(function.clone(), Some(receiver), texts.to_vec(), site);
        Callee { function, apart: Some(Apart { before, check, call }) }
    }

    /// A name that is called. Globals may have getters, as members may.
    fn called_name(&self, name: &IdentifierReference<'_>, text: &str, site: &str) -> String {
        let is_global = self.unit.scoping.get_reference(name.reference_id()).symbol_id().is_none();
        if is_global && name.name != "eval" {
            return marks::called_global(text, name.span.start, site);
        }
        marks::called(text, site)
    }

    /// Whether a call is likely to be an operation of the kernel that blocks: that is told by whom it is called.
    fn may_block(&self, it: &CallExpression<'_>) -> bool {
        if it.optional || it.arguments.iter().any(|argument| matches!(argument, Argument::SpreadElement(_))) {
            return false;
        }
        match it.callee.without_parentheses() {
            Expression::StaticMemberExpression(member) if !member.optional => {
                let is_super = matches!(member.object, Expression::Super(_));
                ["recv", "send", "join"].contains(&member.property.name.as_str()) && !is_super
            }
            // The global, and no variable of the program.
            Expression::Identifier(name) if name.name == "sleep" => {
                self.unit.scoping.get_reference(name.reference_id()).symbol_id().is_none()
            }
            _ => false,
        }
    }
}
