//! Lowering of optional chains, which become blocks that are left where a link is null or undefined.
//!
//! ```text
//! Input    o?.b(g())
//! Output   þ1=void 0; þo1:{ þ2=o; if(þ2===void 0||þ2===null)break þo1; þ3=þ2.b; þ4=g();(check) þ5=þc(þ3,þ2,þ4);(check) þ1=þ5; }
//! ```

use oxc::ast::ast::*;
use oxc::span::GetSpan;

use super::calls::{argument, call_of_kept, call_position};
use super::expression::Operand;
use super::function::Lowerer;
use super::ir::Node;

impl Lowerer<'_, '_> {
    /// A chain; returns its value.
    pub fn chain(&mut self, it: &ChainExpression<'_>) -> String {
        let result = self.temp();
        let done = format!("þo{}", self.unit.unique());
        self.push(format!("{result}=void 0;"));
        let body = self.nested(|this| {
            let mark = this.temps;
            let value = this.chain_element(&it.expression, &done);
            this.push(format!("{result}={value};"));
            this.release(mark, true);
        });
        self.out.push(Node::Block { label: Some(done), lexical: Vec::new(), body });
        result
    }

    /// The function of a call `(o?.a)()`, and its receiver: the parentheses end the chain, and keep the reference. `None` for other callees.
    pub fn ended_chain(&mut self, callee: &Expression<'_>) -> Option<(String, String)> {
        let Expression::ChainExpression(it) = callee.without_parentheses() else { return None };
        let member = it.expression.as_member_expression()?;
        let (function, receiver) = (self.temp(), self.temp());
        let done = format!("þo{}", self.unit.unique());
        self.push(format!("{function}={receiver}=void 0;"));
        let body = self.nested(|this| {
            let mark = this.temps;
            let object = this.chain_link(member.object(), &done);
            let object = this.stop_if_null(object, member.optional(), &done);
            this.push(format!("{receiver}={object};"));
            let value = this.member_of(&receiver, member);
            this.push(format!("{function}={value};"));
            this.release(mark, true);
        });
        self.out.push(Node::Block { label: Some(done), lexical: Vec::new(), body });
        Some((function, receiver))
    }

    fn member_of(&mut self, object: &str, member: &MemberExpression<'_>) -> String {
        match member {
            MemberExpression::StaticMemberExpression(it) => text!(object, ".", it.property.name),
            MemberExpression::PrivateFieldExpression(it) => format!("{object}.#{}", it.field.name),
            MemberExpression::ComputedMemberExpression(it) => {
                let key = self.value(&it.expression);
                text!(object, "[", key, "]")
            }
        }
    }

    /// The value of `delete o?.a`.
    pub fn delete_chain(&mut self, it: &ChainExpression<'_>) -> String {
        let result = self.temp();
        let done = format!("þo{}", self.unit.unique());
        self.push(format!("{result}=true;"));
        let body = self.nested(|this| {
            let value = this.chain_element(&it.expression, &done);
            this.push(format!("{result}=delete {value};"));
        });
        self.out.push(Node::Block { label: Some(done), lexical: Vec::new(), body });
        result
    }

    fn chain_element(&mut self, it: &ChainElement<'_>, done: &str) -> String {
        match it {
            ChainElement::CallExpression(call) => self.chain_call(call, done),
            other => self.chain_member(other.as_member_expression().expect("the rest are members"), done),
        }
    }

    fn chain_link(&mut self, expression: &Expression<'_>, done: &str) -> String {
        match expression {
            Expression::CallExpression(it) if !matches!(it.callee, Expression::Super(_)) => self.chain_call(it, done),
            other => match other.as_member_expression() {
                Some(member) => self.chain_member(member, done),
                None => self.value(other),
            },
        }
    }

    fn stop_if_null(&mut self, value: String, optional: bool, done: &str) -> String {
        if !optional {
            return value;
        }
        let value = self.kept(value);
        self.push(format!("if({value}===void 0||{value}===null)break {done};"));
        value
    }

    fn chain_member(&mut self, member: &MemberExpression<'_>, done: &str) -> String {
        match member {
            MemberExpression::StaticMemberExpression(it) => {
                if matches!(it.object, Expression::Super(_)) {
                    return format!("super.{}", it.property.name);
                }
                let object = self.chain_link(&it.object, done);
                let object = self.stop_if_null(object, it.optional, done);
                text!(object, ".", it.property.name)
            }
            MemberExpression::PrivateFieldExpression(it) => {
                let object = self.chain_link(&it.object, done);
                let object = self.stop_if_null(object, it.optional, done);
                format!("{object}.#{}", it.field.name)
            }
            MemberExpression::ComputedMemberExpression(it) => {
                if matches!(it.object, Expression::Super(_)) {
                    let key = self.value(&it.expression);
                    return format!("super[{key}]");
                }
                let object = self.chain_link(&it.object, done);
                let mut object = self.stop_if_null(object, it.optional, done);
                if self.calls(it.expression.span()) && !Self::is_kept(&object) {
                    object = self.keep(&object);
                }
                let key = self.value(&it.expression);
                text!(object, "[", key, "]")
            }
        }
    }

    fn chain_call(&mut self, it: &CallExpression<'_>, done: &str) -> String {
        let mark = self.temps;
        let (function, receiver) = if let Some(member) = it.callee.without_parentheses().as_member_expression() {
            let object = match member.object() {
                Expression::Super(_) => "this".to_owned(),
                object => {
                    let object = self.chain_link(object, done);
                    let object = self.stop_if_null(object, member.optional(), done);
                    self.kept(object)
                }
            };
            let base = if matches!(member.object(), Expression::Super(_)) { "super" } else { object.as_str() };
            let function = self.member_of(base, member);
            (self.keep(&function), Some(object))
        } else if let Some((function, receiver)) = self.ended_chain(&it.callee) {
            (function, Some(receiver))
        } else {
            let function = self.chain_link(&it.callee, done);
            (self.kept(function), None)
        };
        let function = self.stop_if_null(function, it.optional, done);
        let site = self.site_of(it);
        let list: Vec<Operand<'_, '_>> = it.arguments.iter().map(argument).collect();
        let texts = self.arguments_of_call(&list);
        self.check_call(&function, &it.callee);
        let text = call_of_kept(function, receiver, texts, &site);
        if !self.is_tracked(it) {
            return self.keep(&text);
        }
        self.hand_over(mark);
        let value = self.call_value(text);
        self.stands_at(call_position(it.callee.without_parentheses()));
        value
    }
}
