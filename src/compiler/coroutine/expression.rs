//! Lowering of expressions: calls that can be suspended become statements of their own, in the order in which the
//! language evaluates them.
//!
//! ```text
//! Input    a.b(f(x), y) + g()
//! Output   þ1=a; þ2=þ1.b; þ3=f(x);(check) þ4=y; þ5=þc(þ2,þ1,þ3,þ4);(check) þ6=g();(check)      value: (þ5+þ6)
//! ```
//!
//! What was evaluated before a suspension must be kept: it goes to a temporary, unless nothing can change it meanwhile
//! (literals, constants, variables of this function that no closure sees and no later operand assigns).

use oxc::ast::ast::*;
use oxc::ast_visit::Visit;
use oxc::semantic::{ScopeId, SymbolId};
use oxc::span::{GetSpan, Span};

use super::class_code::Moved;
use super::function::Lowerer;
use super::function::Split;
use super::ir::{Leaving, Loop, Node};
use super::marks::{self, SITE_MARK, site};
use super::scan::Value;
use super::ships::{Giving, Ship, SpawnSite};

/// A part of an expression, in the order of evaluation.
#[derive(Clone, Copy)]
pub enum Operand<'e, 'a> {
    Value(&'e Expression<'a>),
    Spread(&'e Expression<'a>),
    /// A spread among the arguments of a call. It must not run what users wrote where the call stands: the stack walk would
    /// take that for the call itself.
    SpreadArgument(&'e Expression<'a>),
    /// A spread in an object literal, whose properties are copied when it is evaluated.
    Properties(&'e Expression<'a>),
    /// An array's hole.
    Hole,
    /// Converted to a property key when it is evaluated.
    Key(&'e Expression<'a>),
    /// Converted to a string when it is evaluated.
    Text(&'e Expression<'a>),
}

impl Operand<'_, '_> {
    fn span(&self) -> Span {
        match self {
            Operand::Value(it)
            | Operand::Spread(it)
            | Operand::SpreadArgument(it)
            | Operand::Properties(it)
            | Operand::Key(it)
            | Operand::Text(it) => it.span(),
            Operand::Hole => Span::default(),
        }
    }
}

impl Lowerer<'_, '_> {
    /// Whether a call is one after which this function looks whether it is suspended.
    pub fn is_tracked(&self, call: &CallExpression<'_>) -> bool {
        let calls = &self.unit.scan.functions[self.id].calls;
        calls.binary_search_by_key(&(call.span.start, call.span.end), |span| (span.start, span.end)).is_ok()
    }

    /// Stores a value for later use.
    pub fn keep(&mut self, value: &str) -> String {
        let temp = self.temp();
        self.push(text!(temp, "=", value, ";"));
        temp
    }

    /// A tracked call whose value is wanted.
    fn call_value(&mut self, call: String) -> String {
        let temp = self.temp();
        let point = self.next_point();
        self.births[self.temps - 1] = point;
        self.out.push(Node::Call { point, call, target: Some(temp.clone()), callee: None });
        temp
    }

    /// The operand of `await` or `yield`, which is used up when the function is left: no frame has to hold its parts.
    fn used_up(&mut self, operand: &Expression<'_>) -> String {
        let mark = self.temps;
        let value = self.value(operand);
        self.release(mark, false);
        value
    }

    /// `await operand`; returns what it goes on with.
    pub fn awaited(&mut self, operand: &Expression<'_>, wanted: bool) -> String {
        let value = self.used_up(operand);
        self.leave(Leaving::Await, value, wanted)
    }

    /// `await` or `yield`; returns what it goes on with.
    fn leave(&mut self, kind: Leaving, value: String, wanted: bool) -> String {
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

    fn yields(&mut self, it: &YieldExpression<'_>, wanted: bool) -> String {
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
    fn delegate(&mut self, iterable: &Expression<'_>) -> String {
        let result = self.temp();
        let iterator = self.temp();
        let method = self.temp();
        let next = self.temp();
        let inner = self.temp();
        let mode = self.temp();
        let given = self.temp();
        let value = self.value(iterable);
        self.push(format!("{iterator}={value};"));
        let point = self.next_point();
        let call = format!("{iterator}[þi]{SITE_MARK}()");
        self.out.push(Node::Call { point, call, target: Some(result.clone()), callee: None });
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
            this.call_into(&format!("þpass({inner},{given})"), &result);
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
        result
    }

    /// `target = value`. Where the value comes from a call that has just been pushed, the call gives it to the target itself.
    ///
    /// Input: `let x = f();`
    /// Output: `x=f();if(þf[0]){þp=1;þu=x;break þL}`, and not `þ1=f();if(þf[0]){þp=1;þu=þ1;break þL}x=þ1;`
    ///
    /// A call that is suspended has then given the target a value that is none, so `is_unseen` says that nobody sees the
    /// target until it has the right one, or ever if the call throws. What `await` and `yield` give comes later.
    pub fn give(&mut self, target: &str, value: &str, is_unseen: bool) {
        if Self::is_kept(value) {
            let given = match self.out.last_mut() {
                Some(Node::Call { target, .. }) if is_unseen => target.as_mut(),
                Some(Node::Leave { target, resume: None, .. }) => target.as_mut(),
                _ => None,
            };
            if let Some(given) = given.filter(|given| *given == value) {
                target.clone_into(given);
                return;
            }
        }
        self.push(text!(target, "=", value, ";"));
    }

    /// Whether an assignment is that of a value to a variable which this function alone sees.
    fn is_given(&self, it: &AssignmentExpression<'_>) -> bool {
        let AssignmentTarget::AssignmentTargetIdentifier(name) = &it.left else { return false };
        let scoping = self.unit.scoping;
        it.operator == AssignmentOperator::Assign
            && scoping.get_reference(name.reference_id()).symbol_id().is_some_and(|symbol| {
                let flags = scoping.symbol_flags(symbol);
                let is_plain = flags.is_variable() && !flags.is_const_variable() && !flags.is_function();
                // A sloppy function's `arguments` shows its parameters.
                is_plain && self.is_own(symbol) && !self.unit.scan.functions[self.id].uses_arguments
            })
    }

    /// Whether nothing but this function's own code sees a variable.
    pub fn is_own(&self, symbol: SymbolId) -> bool {
        let scan = self.unit.scan;
        self.id != 0 && scan.owner.get(&symbol) == Some(&self.id) && !scan.captured.contains(&symbol)
    }

    /// A call of the kernel's or of an iterator's method, whose value goes to a variable of its own.
    pub fn call_into(&mut self, call: &str, target: &str) {
        let point = self.next_point();
        let (call, target) = (text!(SITE_MARK, call), Some(target.to_owned()));
        self.out.push(Node::Call { point, call, target, callee: None });
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

    /// Notes what the call that was pushed last calls.
    fn tell(&mut self, blocking: Option<String>) {
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

    /// Whether an expression means the same after `later` has run.
    fn is_stable(&self, expression: &Expression<'_>, later: Span) -> bool {
        match expression {
            Expression::NumericLiteral(_)
            | Expression::StringLiteral(_)
            | Expression::BooleanLiteral(_)
            | Expression::NullLiteral(_)
            | Expression::BigIntLiteral(_)
            | Expression::FunctionExpression(_)
            | Expression::Super(_)
            | Expression::ArrowFunctionExpression(_) => true,
            Expression::ThisExpression(_) => !self.unit.scan.functions[self.id].is_derived,
            Expression::ParenthesizedExpression(it) => self.is_stable(&it.expression, later),
            Expression::UnaryExpression(it) => {
                matches!(it.operator, UnaryOperator::Void | UnaryOperator::UnaryNegation)
                    && matches!(it.argument, Expression::NumericLiteral(_))
            }
            Expression::Identifier(it) => {
                let Some(symbol) = self.unit.scoping.get_reference(it.reference_id()).symbol_id() else {
                    return it.name == "undefined";
                };
                let scan = self.unit.scan;
                let writes = scan.writes.get(&symbol).map_or(&[][..], |list| list);
                if scan.owner.get(&symbol) == Some(&self.id) && !scan.captured.contains(&symbol) {
                    return !writes.iter().any(|at| later.start <= *at && *at < later.end);
                }
                // What nobody assigns may still be in its dead zone, but then reading it now throws just as well.
                writes.is_empty() && !self.unit.scoping.symbol_flags(symbol).is_function() && self.id != 0
            }
            _ => false,
        }
    }

    /// Evaluates operands in order; the returned texts have no tracked call and can stand in one expression.
    pub fn operands(&mut self, list: &[Operand<'_, '_>]) -> Vec<String> {
        let final_call = list.iter().rposition(|operand| self.calls(operand.span()));
        let end = list.iter().map(Operand::span).max_by_key(|span| span.end).unwrap_or_default().end;
        let mut texts = Vec::with_capacity(list.len());
        for (index, operand) in list.iter().enumerate() {
            let before = final_call.is_some_and(|at| index < at);
            let later = Span::new(operand.span().end, end);
            texts.push(match operand {
                Operand::Hole => String::new(),
                Operand::Value(it) => {
                    let value = self.value(it);
                    if before && !Self::is_kept(&value) && !self.is_stable(it, later) {
                        self.keep(&value)
                    } else {
                        value
                    }
                }
                Operand::Spread(it) => {
                    let value = self.value(it);
                    if before {
                        format!("...{}", self.keep(&format!("þcopy({value})")))
                    } else {
                        format!("...{value}")
                    }
                }
                Operand::SpreadArgument(it) => {
                    let value = self.value(it);
                    if before {
                        format!("...{}", self.keep(&format!("þcopy({value})")))
                    } else {
                        format!("...þspread({value})")
                    }
                }
                Operand::Properties(it) => {
                    let value = self.value(it);
                    if before { self.keep(&format!("{{...{value}}}")) } else { value }
                }
                Operand::Key(it) => {
                    let value = self.value(it);
                    let literal = matches!(it, Expression::StringLiteral(_) | Expression::NumericLiteral(_));
                    if before && !literal { self.keep(&format!("þe({value})")) } else { value }
                }
                Operand::Text(it) => {
                    let value = self.value(it);
                    if before { self.keep(&format!("`${{{value}}}`")) } else { value }
                }
            });
        }
        texts
    }

    /// The same for what stands in the parentheses of a tracked call (or before them). What runs there must show another position
    /// than the call; see `Splicer::with_place`.
    fn arguments_of_call(&mut self, list: &[Operand<'_, '_>]) -> Vec<String> {
        self.open_calls += 1;
        let texts = self.operands(list);
        self.open_calls -= 1;
        texts
    }

    /// Whether a text is a temporary, which nothing else assigns while it is in use.
    pub fn is_kept(text: &str) -> bool {
        text.strip_prefix('þ').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// Evaluates an expression; the text has no tracked call.
    pub fn value(&mut self, expression: &Expression<'_>) -> String {
        if !self.calls(expression.span()) {
            let text = self.text(expression);
            // The text may become an argument.
            return if matches!(expression, Expression::SequenceExpression(_)) { text!("(", text, ")") } else { text };
        }
        match expression {
            Expression::ParenthesizedExpression(it) => {
                let value = self.value(&it.expression);
                if Self::is_kept(&value) { value } else { text!("(", value, ")") }
            }
            Expression::CallExpression(it) => {
                let (text, callee) = self.call_text(it);
                if !self.is_tracked(it) {
                    let value = self.keep(&text);
                    if let Some(cell) = self.constructs(it.span.start) {
                        self.call_effect(format!("{}þconstructed({value},{cell})", site(it.span.start)));
                    }
                    return value;
                }
                let value = self.call_value(text);
                self.stands_at(call_position(it.callee.without_parentheses()));
                self.tell(callee);
                value
            }
            Expression::NewExpression(it) => {
                let mut list = vec![Operand::Value(&it.callee)];
                list.extend(it.arguments.iter().map(argument));
                let texts = self.arguments_of_call(&list);
                let site = site(it.span.start);
                let value = self.call_value(format!("{site}new ({})({})", texts[0], texts[1..].join(",")));
                self.stands_at(it.span.start);
                value
            }
            Expression::TaggedTemplateExpression(it) => {
                let text = self.tagged(it);
                let value = self.call_value(text);
                self.stands_at(call_position(it.tag.without_parentheses()));
                value
            }
            Expression::ChainExpression(it) => self.chain(it),
            Expression::BinaryExpression(it) => {
                let texts = self.operands(&[Operand::Value(&it.left), Operand::Value(&it.right)]);
                format!("({} {} {})", texts[0], it.operator.as_str(), texts[1])
            }
            Expression::PrivateInExpression(it) => {
                let right = self.value(&it.right);
                format!("(#{} in {right})", it.left.name)
            }
            Expression::UnaryExpression(it) => self.unary(it),
            Expression::LogicalExpression(it) => {
                let temp = self.temp();
                self.logical(it, &temp);
                temp
            }
            Expression::ConditionalExpression(it) => {
                let temp = self.temp();
                let condition = self.value(&it.test);
                let yes = self.branch(&it.consequent, &temp);
                let no = self.branch(&it.alternate, &temp);
                self.out.push(Node::If { condition, yes, no });
                temp
            }
            Expression::SequenceExpression(it) => {
                let (last, first) = it.expressions.split_last().expect("a sequence has two at least");
                for expression in first {
                    self.effect(expression);
                }
                self.value(last)
            }
            Expression::AssignmentExpression(it) => self.assignment(it),
            Expression::UpdateExpression(it) => {
                let target = self.simple_target(&it.argument);
                let operator = it.operator.as_str();
                let text = if it.prefix { format!("{operator}{target}") } else { format!("{target}{operator}") };
                self.keep(&text)
            }
            Expression::ArrayExpression(it) => {
                let list: Vec<Operand<'_, '_>> = it
                    .elements
                    .iter()
                    .map(|element| match element {
                        ArrayExpressionElement::SpreadElement(it) => Operand::Spread(&it.argument),
                        ArrayExpressionElement::Elision(_) => Operand::Hole,
                        other => Operand::Value(other.as_expression().expect("anything else is an expression")),
                    })
                    .collect();
                let mut texts = self.operands(&list);
                // A hole at the end needs a comma of its own.
                if matches!(list.last(), Some(Operand::Hole)) {
                    texts.push(String::new());
                }
                text!("[", texts.join(","), "]")
            }
            Expression::ObjectExpression(it) => self.object(it),
            Expression::TemplateLiteral(it) => {
                let list: Vec<Operand<'_, '_>> = it.expressions.iter().map(Operand::Text).collect();
                let texts = self.operands(&list);
                Self::template(it, &texts)
            }
            Expression::ImportExpression(it) => {
                let mut list = vec![Operand::Value(&it.source)];
                list.extend(it.options.iter().map(Operand::Value));
                format!("þimport({},{})", self.unit.id, self.operands(&list).join(","))
            }
            Expression::AwaitExpression(it) => {
                let value = self.awaited(&it.argument, true);
                self.stands_at(it.span.start);
                value
            }
            Expression::YieldExpression(it) => self.yields(it, true),
            Expression::ClassExpression(it) => {
                let text = self.class_text(it);
                text!("(", text, ")")
            }
            Expression::StaticMemberExpression(it) => {
                let object = self.object_value(&it.object);
                let object = self.unit.seen(expression.as_member_expression(), object);
                text!(object, ".", it.property.name)
            }
            Expression::PrivateFieldExpression(it) => {
                let object = self.value(&it.object);
                text!(object, ".#", it.field.name)
            }
            Expression::ComputedMemberExpression(it) => {
                let texts = self.operands(&[Operand::Value(&it.object), Operand::Value(&it.expression)]);
                let object = self.unit.seen(expression.as_member_expression(), texts[0].clone());
                text!(object, "[", texts[1], "]")
            }
            other => self.text(other),
        }
    }

    /// The object of a member expression: a number needs parentheses before a dot.
    fn object_value(&mut self, object: &Expression<'_>) -> String {
        let value = self.value(object);
        if matches!(object, Expression::NumericLiteral(_)) { text!("(", value, ")") } else { value }
    }

    /// Evaluates an expression whose value nobody wants.
    pub fn effect(&mut self, expression: &Expression<'_>) {
        if !self.calls(expression.span()) {
            let text = self.text(expression);
            let text = if text.contains('{') || text.contains("function") || text.contains("let") {
                text!("(", text, ");")
            } else {
                text!(text, ";")
            };
            return self.push(text);
        }
        match expression {
            Expression::ParenthesizedExpression(it) => self.effect(&it.expression),
            Expression::AwaitExpression(it) => {
                self.awaited(&it.argument, false);
                self.stands_at(it.span.start);
            }
            Expression::YieldExpression(it) => {
                self.yields(it, false);
            }
            Expression::CallExpression(it) if self.is_tracked(it) => {
                let (text, callee) = self.call_text(it);
                self.call_effect(text);
                self.stands_at(call_position(it.callee.without_parentheses()));
                self.tell(callee);
            }
            Expression::SequenceExpression(it) => it.expressions.iter().for_each(|it| self.effect(it)),
            Expression::LogicalExpression(it) => {
                let left = self.value(&it.left);
                let condition = match it.operator {
                    LogicalOperator::And => left,
                    LogicalOperator::Or => format!("!({left})"),
                    LogicalOperator::Coalesce => {
                        let temp = self.keep(&left);
                        format!("{temp}===void 0||{temp}===null")
                    }
                };
                let yes = self.nested(|this| this.effect(&it.right));
                self.out.push(Node::If { condition, yes, no: Vec::new() });
            }
            Expression::ConditionalExpression(it) => {
                let condition = self.value(&it.test);
                let yes = self.nested(|this| this.effect(&it.consequent));
                let no = self.nested(|this| this.effect(&it.alternate));
                self.out.push(Node::If { condition, yes, no });
            }
            Expression::AssignmentExpression(it) => {
                let text = self.assignment_text(it);
                if let Some((target, value)) = text.split_once('=').filter(|_| self.is_given(it)) {
                    self.give(target, value, self.leaves_by_throwing());
                } else if !text.is_empty() {
                    self.push(text!(text, ";"));
                }
            }
            _ => {
                let text = self.value(expression);
                if !Self::is_kept(&text) {
                    self.push(text!("(", text, ");"));
                }
            }
        }
    }

    pub fn branch(&mut self, expression: &Expression<'_>, target: &str) -> Vec<Node> {
        self.nested(|this| {
            let mark = this.temps;
            let value = this.value(expression);
            if value != target {
                this.give(target, &value, true);
            }
            this.release(mark, true);
        })
    }

    fn logical(&mut self, it: &LogicalExpression<'_>, target: &str) {
        let left = self.value(&it.left);
        self.give(target, &left, true);
        let condition = condition(it.operator, target);
        let yes = self.branch(&it.right, target);
        self.out.push(Node::If { condition, yes, no: Vec::new() });
    }

    fn unary(&mut self, it: &UnaryExpression<'_>) -> String {
        let operator = it.operator.as_str();
        let space = if operator.len() > 1 { " " } else { "" };
        if it.operator == UnaryOperator::Delete {
            return match it.argument.without_parentheses() {
                Expression::StaticMemberExpression(_) | Expression::ComputedMemberExpression(_) => {
                    let text = self.value(it.argument.without_parentheses());
                    self.keep(&format!("delete {text}"))
                }
                Expression::ChainExpression(chain) => self.delete_chain(chain),
                other => {
                    self.effect(other);
                    "true".to_owned()
                }
            };
        }
        let value = self.value(&it.argument);
        text!("(", operator, space, value, ")")
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

    fn object_of(&mut self, object: &Expression<'_>) -> String {
        if matches!(object, Expression::Super(_) | Expression::ThisExpression(_)) {
            return self.text(object);
        }
        let value = self.value(object);
        if Self::is_kept(&value) { value } else { self.keep(&value) }
    }

    fn assignment(&mut self, it: &AssignmentExpression<'_>) -> String {
        let text = self.assignment_text(it);
        if text.is_empty() { self.last_logical() } else { self.keep(&text) }
    }

    /// The temporary that a logical assignment used last.
    fn last_logical(&self) -> String {
        super::function::temporary(self.temps)
    }

    /// The assignment itself as a text; empty where it is done already, its value in the last temporary.
    fn assignment_text(&mut self, it: &AssignmentExpression<'_>) -> String {
        let Some(target) = it.left.as_simple_assignment_target() else {
            let value = self.value(&it.right);
            let value = if Self::is_kept(&value) { value } else { self.keep(&value) };
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
                let left = self.simple_target(target);
                return text!(left, "=", value);
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
        let left = self.simple_target(target);
        if let Some(logical) = operator.to_logical_operator() {
            let temp = self.temp();
            self.push(text!(temp, "=", left, ";"));
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
            let old = self.keep(&left);
            let value = self.value(&it.right);
            return text!(left, "=", old, " ", operator, " ", value);
        }
        let value = self.text(&it.right);
        text!(left, " ", operator, "= ", value)
    }

    /// A class whose head holds calls: `extends` and the computed keys are evaluated before.
    pub fn class_text(&mut self, it: &Class<'_>) -> String {
        let moved = self.moves(it);
        if !self.calls(it.span) {
            return self.whole_class(it, moved);
        }
        let computed = |element: &ClassElement<'_>| match element {
            ClassElement::MethodDefinition(it) if it.computed => Some(it.key.span()),
            ClassElement::PropertyDefinition(it) if it.computed => Some(it.key.span()),
            ClassElement::AccessorProperty(it) if it.computed => Some(it.key.span()),
            _ => None,
        };
        let mut list = Vec::new();
        let mut spans = Vec::new();
        if let Some(heritage) = &it.heritage {
            list.push(Operand::Value(&heritage.expression));
            spans.push(heritage.expression.span());
        }
        for element in &it.body.body {
            if let (Some(span), Some(key)) = (computed(element), element.property_key())
                && let Some(key) = key.as_expression()
            {
                list.push(Operand::Key(key));
                spans.push(span);
            }
        }
        // Private names mean nothing outside of the class.
        if it.body.body.iter().any(|element| element.property_key().is_some_and(names_private)) {
            return self.whole_class(it, moved);
        }
        let texts = self.operands(&list);
        let text = self.splice(it.span, |splicer| {
            splicer.lowered_class = Some(moved);
            splicer.visit_class(it);
            for (span, text) in spans.iter().zip(texts) {
                splicer.edits.retain(|edit| edit.0 < span.start || edit.1 > span.end);
                splicer.edits.push((span.start, span.end, format!("({text})")));
            }
        });
        if moved.statics.is_some() { self.initialised_class(it, text) } else { text }
    }

    /// A class that is made in one expression, static elements included.
    fn whole_class(&mut self, it: &Class<'_>, moved: Moved) -> String {
        self.splice(it.span, |splicer| {
            splicer.lowered_class = Some(Moved { statics: None, ..moved });
            splicer.visit_class(it);
        })
    }

    fn template(it: &TemplateLiteral<'_>, texts: &[String]) -> String {
        let mut text = String::from("`");
        for (index, quasi) in it.quasis.iter().enumerate() {
            text.push_str(&quasi.value.raw);
            if let Some(value) = texts.get(index) {
                text.push_str(&format!("${{{value}}}"));
            }
        }
        text.push('`');
        text
    }

    fn object(&mut self, it: &ObjectExpression<'_>) -> String {
        let mut list = Vec::new();
        for property in &it.properties {
            match property {
                ObjectPropertyKind::SpreadProperty(it) => list.push(Operand::Properties(&it.argument)),
                ObjectPropertyKind::ObjectProperty(it) => {
                    if it.computed
                        && let Some(key) = it.key.as_expression()
                    {
                        list.push(Operand::Key(key));
                    }
                    if it.kind == PropertyKind::Init && !it.method {
                        self.name_property(it);
                        list.push(Operand::Value(&it.value));
                    }
                }
            }
        }
        let mut texts = self.operands(&list).into_iter();
        let mut parts = Vec::new();
        for property in &it.properties {
            match property {
                ObjectPropertyKind::SpreadProperty(_) => {
                    let text = texts.next().expect("one for each");
                    parts.push(format!("...{text}"));
                }
                ObjectPropertyKind::ObjectProperty(it) => {
                    let key = if it.computed && it.key.as_expression().is_some() {
                        let text = texts.next().expect("one for each");
                        Some(format!("[{text}]"))
                    } else {
                        None
                    };
                    if it.kind == PropertyKind::Init && !it.method {
                        let text = texts.next().expect("one for each");
                        let name = it.key.span();
                        let key =
                            key.unwrap_or_else(|| self.unit.source[name.start as usize..name.end as usize].to_owned());
                        parts.push(text!(key, ":", text));
                        continue;
                    }
                    let span = it.span;
                    let key_span = it.key.span();
                    let text = self.splice(span, |splicer| {
                        splicer.visit_object_property(it);
                        if let Some(key) = key {
                            splicer.edits.retain(|edit| edit.0 >= key_span.end);
                            splicer.edits.push((key_span.start, key_span.end, key[1..key.len() - 1].to_owned()));
                        }
                    });
                    parts.push(text);
                }
            }
        }
        text!("({", parts.join(","), "})")
    }

    fn tagged(&mut self, it: &TaggedTemplateExpression<'_>) -> String {
        let tag = it.tag.without_parentheses();
        let site = site(call_position(tag));
        let list: Vec<Operand<'_, '_>> = it.quasi.expressions.iter().map(Operand::Value).collect();
        if !it.quasi.expressions.iter().any(|expression| self.calls(expression.span())) {
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
                other => format!("({}){site}{quasi}", self.value(other)),
            };
        }
        let (function, receiver) = self.callee(tag);
        let texts = self.arguments_of_call(&list);
        let holes = vec!["0".to_owned(); texts.len()];
        let strings = Self::template(&it.quasi, &holes);
        let mut arguments = vec![function, receiver.unwrap_or_else(|| "void 0".to_owned()), format!("þw{strings}")];
        arguments.extend(texts);
        format!("{site}þc({})", arguments.join(","))
    }

    /// The function of a call, kept, and its receiver.
    fn callee(&mut self, callee: &Expression<'_>) -> (String, Option<String>) {
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
                let value = self.value(callee);
                let value = if Self::is_kept(&value) { value } else { self.keep(&format!("({value})")) };
                (value, None)
            }
        }
    }

    /// What a member is read from, and what becomes `this`.
    fn receiver(&mut self, object: &Expression<'_>) -> (String, String) {
        if matches!(object, Expression::Super(_)) {
            return ("super".to_owned(), "this".to_owned());
        }
        let object = self.object_of(object);
        (object.clone(), object)
    }

    /// A call's text, its operands evaluated; and what stands for the function there, if it may be one that blocks.
    pub fn call_text(&mut self, it: &CallExpression<'_>) -> (String, Option<String>) {
        let list: Vec<Operand<'_, '_>> = it.arguments.iter().map(argument).collect();
        let suspends = it.arguments.iter().any(|argument| self.calls(argument.span()));
        let callee = it.callee.without_parentheses();
        let site = site(call_position(callee));
        let blocks = self.may_block(it);
        if matches!(callee, Expression::Super(_)) {
            let texts = self.arguments_of_call(&list);
            return (format!("super({})", texts.join(",")), None);
        }
        if self.applies_plain_list(it) {
            let (function, receiver) = self.callee(callee);
            let object = receiver.expect("a member has an object");
            let arguments = self.arguments_of_call(&list).join(",");
            let native = format!("{site}þR({object},{arguments})");
            return (format!("({function}===þA?{native}:{site}þc({function},{object},{arguments}))"), None);
        }
        if suspends || (blocks && !matches!(callee, Expression::Identifier(_))) {
            if let Expression::Identifier(_) = callee {
                let mut all = vec![Operand::Value(callee)];
                all.extend(list);
                let mut texts = self.arguments_of_call(&all);
                self.ship(it, &mut texts[1..]);
                let text = format!("{}({})", marks::called(&texts[0], &site), texts[1..].join(","));
                return (text, blocks.then(|| texts[0].clone()));
            }
            let (function, receiver) = self.callee(callee);
            let mut texts = self.arguments_of_call(&list);
            self.ship(it, &mut texts);
            let told = blocks.then(|| function.clone());
            let text = match receiver {
                Some(receiver) => {
                    let mut arguments = vec![function, receiver];
                    arguments.extend(texts);
                    text!(site, "þc(", arguments.join(","), ")")
                }
                None => text!(marks::called(&function, &site), "(", texts.join(","), ")"),
            };
            return (text, told);
        }
        let mut told = None;
        let text = match callee {
            Expression::StaticMemberExpression(member) => {
                let object = self.object_value(&member.object);
                let object = self.unit.seen(callee.as_member_expression(), object);
                let mut texts = self.arguments_of_call(&list);
                self.ship(it, &mut texts);
                let arguments = texts.join(",");
                text!(marks::called_member(&object, member, &site), "(", arguments, ")")
            }
            Expression::Identifier(name) => {
                let function = self.text(callee);
                let mut texts = self.arguments_of_call(&list);
                self.ship(it, &mut texts);
                let arguments = texts.join(",");
                told = blocks.then(|| function.clone());
                text!(self.called_name(name, &function, &site), "(", arguments, ")")
            }
            Expression::PrivateFieldExpression(_) | Expression::ComputedMemberExpression(_) => {
                let function = self.value(callee);
                let arguments = self.arguments_of_call(&list).join(",");
                text!(function, site, "(", arguments, ")")
            }
            other => {
                let function = self.value(other);
                let arguments = self.arguments_of_call(&list).join(",");
                text!("(", function, ")", site, "(", arguments, ")")
            }
        };
        (text, told)
    }

    /// Tells the kernel of a function that is given to a task, and may run elsewhere; see `ships.rs`.
    fn ship(&self, it: &CallExpression<'_>, arguments: &mut [String]) {
        let Some(first) = it.arguments.first() else { return };
        let start = first.span().start;
        let is_here = |site: &&SpawnSite| site.function.start == start && site.giving.is_task();
        let Some(site) = self.unit.scan.spawn_sites.iter().find(is_here) else { return };
        let Some(ship) = self.ship_at(start).filter(|ship| ship.problem.is_empty()) else { return };
        let name = if site.giving == Giving::Tasks { "þkeep" } else { "þship" };
        arguments[0] = format!("{name}({}{})", arguments[0], self.shipping(ship, site.scope));
    }

    fn ship_at(&self, start: u32) -> Option<&Ship> {
        let at = self.unit.ships.binary_search_by_key(&start, |ship| ship.start).ok()?;
        Some(&self.unit.ships[at])
    }

    /// What the kernel is told of a function, as further arguments of a call.
    fn shipping(&self, ship: &Ship, scope: ScopeId) -> String {
        let place = format!(",{},{}", self.unit.id, ship.start);
        if !ship.problem.is_empty() {
            return place;
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
        format!("{place},()=>[{}]{waits}", values.join(","))
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
                (format!("{{{name}:"), format!("}}[{name}]"))
            }
            Some(name) => (format!("{{{name}:"), format!("}}.{name}")),
        };
        let space = self.unit.space_at(start);
        Some((text!(space, "þgiven(", before), text!(after, self.shipping(ship, scope), ")")))
    }

    /// Tells the kernel of a function that is declared at a module's outermost level and exported.
    pub fn given_export(&self, local: &str) -> Option<String> {
        let symbol = self.unit.scoping.get_root_binding(local.into())?;
        let Value::Function(id) = self.unit.scan.functions_of.get(&symbol)? else { return None };
        let facts = &self.unit.scan.functions[*id];
        let scope = *self.unit.values.get(&facts.start).filter(|_| facts.is_declaration)?;
        let ship = self.ship_at(facts.start)?;
        Some(format!("þgiven({local}{});", self.shipping(ship, scope)))
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
        let text =
            self.unit.naming.borrow().get(&symbol).map_or_else(|| name.to_owned(), |naming| naming.inner.clone());
        if self.unit.moved.borrow().contains(&symbol) && self.unit.scan.early.contains(&symbol) {
            return format!("þV({text},\"{name}\")");
        }
        text
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

    // Optional chains: `a?.b(f())` becomes a block that is left where a link is null or undefined.

    fn chain(&mut self, it: &ChainExpression<'_>) -> String {
        let result = self.temp();
        let done = format!("þo{}", self.unit.unique());
        self.push(format!("{result}=void 0;"));
        let body = self.nested(|this| {
            let mark = this.temps;
            let value = match &it.expression {
                ChainElement::CallExpression(call) => this.chain_call(call, &done),
                other => this.chain_member(other.as_member_expression().expect("the rest are members"), &done),
            };
            this.push(format!("{result}={value};"));
            this.release(mark, true);
        });
        self.out.push(Node::Block { label: Some(done), lexical: Vec::new(), body });
        result
    }

    fn delete_chain(&mut self, it: &ChainExpression<'_>) -> String {
        let result = self.temp();
        let done = format!("þo{}", self.unit.unique());
        self.push(format!("{result}=true;"));
        let body = self.nested(|this| {
            let value = match &it.expression {
                ChainElement::CallExpression(call) => this.chain_call(call, &done),
                other => this.chain_member(other.as_member_expression().expect("the rest are members"), &done),
            };
            this.push(format!("{result}=delete {value};"));
        });
        self.out.push(Node::Block { label: Some(done), lexical: Vec::new(), body });
        result
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
        let value = if Self::is_kept(&value) { value } else { self.keep(&value) };
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
        let (function, receiver) = if let Some(member) = it.callee.without_parentheses().as_member_expression() {
            let object = match member.object() {
                Expression::Super(_) => "this".to_owned(),
                object => {
                    let object = self.chain_link(object, done);
                    let object = self.stop_if_null(object, member.optional(), done);
                    if Self::is_kept(&object) { object } else { self.keep(&object) }
                }
            };
            let base = if matches!(member.object(), Expression::Super(_)) { "super" } else { object.as_str() };
            let function = match member {
                MemberExpression::StaticMemberExpression(it) => format!("{base}.{}", it.property.name),
                MemberExpression::PrivateFieldExpression(it) => format!("{base}.#{}", it.field.name),
                MemberExpression::ComputedMemberExpression(it) => {
                    let key = self.value(&it.expression);
                    format!("{base}[{key}]")
                }
            };
            (self.keep(&function), Some(object))
        } else {
            let function = self.chain_link(&it.callee, done);
            (if Self::is_kept(&function) { function } else { self.keep(&function) }, None)
        };
        let function = self.stop_if_null(function, it.optional, done);
        let site = site(call_position(it.callee.without_parentheses()));
        let list: Vec<Operand<'_, '_>> = it.arguments.iter().map(argument).collect();
        let texts = self.arguments_of_call(&list);
        let text = match receiver {
            Some(receiver) => {
                let mut arguments = vec![function, receiver];
                arguments.extend(texts);
                text!(site, "þc(", arguments.join(","), ")")
            }
            None => text!(marks::called(&function, &site), "(", texts.join(","), ")"),
        };
        if !self.is_tracked(it) {
            return self.keep(&text);
        }
        let value = self.call_value(text);
        self.stands_at(call_position(it.callee.without_parentheses()));
        value
    }
}

/// Where V8 says that a call stands whose callee this is.
fn call_position(callee: &Expression<'_>) -> u32 {
    match callee {
        Expression::StaticMemberExpression(it) => it.property.span.start,
        Expression::Identifier(it) => it.span.start,
        other => other.span().end,
    }
}

fn argument<'e, 'a>(it: &'e Argument<'a>) -> Operand<'e, 'a> {
    match it {
        Argument::SpreadElement(it) => Operand::SpreadArgument(&it.argument),
        other => Operand::Value(other.as_expression().expect("anything else is an expression")),
    }
}

pub fn condition(operator: LogicalOperator, value: &str) -> String {
    match operator {
        LogicalOperator::And => value.to_owned(),
        LogicalOperator::Or => format!("!({value})"),
        LogicalOperator::Coalesce => format!("{value}===void 0||{value}===null"),
    }
}

/// Whether a computed key mentions a private name.
pub fn names_private(key: &PropertyKey<'_>) -> bool {
    struct Finder(bool);
    impl<'a> Visit<'a> for Finder {
        fn visit_private_identifier(&mut self, _: &PrivateIdentifier<'a>) {
            self.0 = true;
        }
    }
    let mut finder = Finder(false);
    if let Some(key) = key.as_expression() {
        finder.visit_expression(key);
    }
    finder.0
}
