//! Lowering of `await` and `yield`, at which a function is left in its middle.
//!
//! ```text
//! Input    x = await g();
//! Output   þ1=g();(check) þu=þ1;þp=3;þl=1;break þL          and where it goes on: x=þx(þm,þv)
//! ```

use oxc::ast::ast::*;

use super::function::{Lowerer, Split};
use super::ir::{Leaving, Loop, Node};
use super::marks::SITE_MARK;

/// The next value of a frame that stands for a generator (`kernel/generator.js`):
///
/// ```text
/// þ3[4]===0?þgave(þ3,þ3[0](þ3,void 0,0,þ3[1])):þstep(þ3)
/// ```
///
/// Its continuation is called right here and not by the kernel, since here V8 learns which one that is: loops over generators take
/// two thirds of the time. `took` is given what it returns, `other` a frame that is not idle.
pub fn driven(frame: &str, given: &str, took: &str, other: &str, site: &str) -> String {
    format!(
        "{frame}[4]===0?{site}{took}({frame},{frame}[0]{site}({frame},{given},0,{frame}[1])):{site}{other}({frame})"
    )
}

impl Lowerer<'_, '_> {
    /// `await operand`; returns what it goes on with.
    pub fn awaited(&mut self, operand: &Expression<'_>, wanted: bool) -> String {
        let value = self.used_up(operand);
        self.leave(Leaving::Await, value, wanted)
    }

    /// `await` or `yield`; returns what it goes on with.
    pub fn leave(&mut self, kind: Leaving, value: String, wanted: bool) -> String {
        let target = wanted.then(|| self.temp());
        let point = self.next_point();
        if wanted {
            self.births[self.temps - 1] = point;
        }
        let on_return = match (kind, self.split) {
            (Leaving::Yield | Leaving::Delegate, _) => Some(self.return_text(Some("þv"))),
            _ => None,
        };
        let kind = kind.number();
        self.out.push(Node::Leave { point, kind, value, target: target.clone(), on_return, resume: None });
        target.unwrap_or_default()
    }

    pub fn yields(&mut self, it: &YieldExpression<'_>, wanted: bool) -> String {
        if it.delegate && self.split == Split::Generator {
            return self.delegate(it.argument.as_ref().expect("`yield*` has an operand"));
        }
        let value = it.argument.as_ref().map_or_else(|| "void 0".to_owned(), |argument| self.used_up(argument));
        let value = self.leave(if it.delegate { Leaving::Delegate } else { Leaving::Yield }, value, wanted);
        self.stands_at(it.span.start);
        value
    }

    /// `yield* iterable` of a generator: a loop that hands on what the inner iterator gives, and to it what comes back
    /// (ECMA-262, 15.5.5).
    pub fn delegate(&mut self, iterable: &Expression<'_>) -> String {
        let result = self.temp();
        let mark = self.steady_in_use;
        let iterator = self.steady_temp();
        let method = self.temp();
        let next = self.steady_temp();
        let inner = self.steady_temp();
        let mode = self.temp();
        let given = self.temp();
        let value = self.value(iterable);
        self.call_iterator(&value, &iterator, &method, &result);
        self.push(format!(
            "{iterator}=þj({result});{next}={iterator}.next;{inner}=þinner({iterator},{next});{mode}=0;{given}=void 0;"
        ));
        let number = self.unit.unique();
        let leave = format!("þb{number}");
        let hand_on = |this: &mut Self, kind: String| {
            let point = this.next_point();
            let resume = Some(format!("if(þm===2)þx(þm);{mode}=þm;{given}=þv;"));
            this.out.push(Node::Leave { point, kind, value: result.clone(), target: None, on_return: None, resume });
        };
        // What a generator of ours yields comes without a result object.
        let of_frame = self.nested(|this| {
            let point = this.next_point();
            let call = driven(&inner, &given, "þpassed", "þpass", SITE_MARK);
            this.out.push(Node::Call { point, call, target: Some(result.clone()), callee: None });
            this.push(format!("if({inner}[4]===2)break {leave};"));
            hand_on(this, format!("{inner}[5]===void 0?{}:{}", Leaving::Yield.number(), Leaving::Result.number()));
        });
        let of_iterator = self.nested(|this| {
            this.push(format!("{method}={mode}===0?{next}:þmethod({iterator},{mode});"));
            let missing = this.nested(|this| {
                let end = this.return_text(Some(&given));
                this.push(format!("if({mode}===3){{{end}}}{method}=þz({iterator},0);"));
                let close = this.nested(|this| {
                    this.call_into(&format!("þy({method},{iterator})"), &result);
                    this.push(format!("þj({result});"));
                });
                this.out.push(Node::If { condition: format!("{method}!==void 0"), yes: close, no: Vec::new() });
                this.push("þnoThrow();".to_owned());
            });
            let condition = format!("{mode}!==0&&{method}===void 0");
            this.out.push(Node::If { condition, yes: missing, no: Vec::new() });
            this.call_into(&format!("þy({method},{iterator},{given})"), &result);
            let end = this.return_text(Some(&format!("{result}.value")));
            this.push(format!(
                "if(þj({result}).done){{if({mode}===3){{{end}}}{result}={result}.value;break {leave};}}"
            ));
            hand_on(this, Leaving::Result.number());
        });
        let condition = format!("{mode}===0&&{inner}!==null");
        let body = vec![Node::If { condition, yes: of_frame, no: of_iterator }];
        self.repeat(number, leave, body);
        self.release_steady(mark);
        result
    }

    /// An `await` that stands for itself.
    pub fn await_into(&mut self, value: String, target: Option<&str>) {
        let point = self.next_point();
        self.out.push(Node::Leave {
            point,
            kind: Leaving::Await.number(),
            value,
            target: target.map(str::to_owned),
            on_return: None,
            resume: None,
        });
    }

    /// A loop that is left by `break leave` alone.
    pub fn repeat(&mut self, number: u32, leave: String, body: Vec<Node>) {
        self.out.push(Node::Loop(Box::new(Loop {
            leave,
            next: format!("þc{number}"),
            lexical: Vec::new(),
            test: Vec::new(),
            condition: None,
            test_after: false,
            body,
            update: Vec::new(),
            keys: None,
        })));
    }
}
