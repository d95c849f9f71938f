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
use oxc::semantic::SymbolId;
use oxc::span::{GetSpan, Span};

use super::calls::{argument, call_position};
use super::class_code::Moved;
use super::function::Lowerer;
use super::ir::Node;
use super::marks::site;
use super::said::unnamed;

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
    /// Stores a value for later use.
    pub fn keep(&mut self, value: &str) -> String {
        let temp = self.temp();
        self.push(text!(temp, "=", value, ";"));
        temp
    }

    /// The operand of `await` or `yield`, which is used up when the function is left: no frame has to hold its parts.
    pub fn used_up(&mut self, operand: &Expression<'_>) -> String {
        let mark = self.temps;
        let value = self.value(operand);
        self.release(mark, false);
        value
    }

    /// `target = value`. Where the value comes from a call that has just been pushed, the call gives it to the target itself.
    ///
    /// Input: `let x = f();`
    /// Output: `x=f();if(þG[þG[0]]===void 0){þu=x;þp=1;break þL}`, and not `þ1=f();if(þG[þG[0]]===void 0){þu=þ1;þp=1;break þL}x=þ1;`
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

    /// Whether nothing but this function's own code sees a variable.
    pub fn is_own(&self, symbol: SymbolId) -> bool {
        let scan = self.unit.scan;
        self.id != 0 && scan.owner.get(symbol) == Some(&self.id) && !scan.captured.contains(symbol)
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
                let writes = scan.writes.list(symbol);
                if self.may_change_unseen(symbol) {
                    return false;
                }
                if scan.owner.get(symbol) == Some(&self.id) && !scan.captured.contains(symbol) {
                    let is_dead = scan.is_dead(symbol, it.span.start);
                    return !is_dead && !writes.iter().any(|at| later.start <= *at && *at < later.end);
                }
                writes.is_empty() && !self.unit.scoping.symbol_flags(symbol).is_function() && self.id != 0
            }
            _ => false,
        }
    }

    /// Whether a variable may get a value that `writes` does not tell of, while something is called. Variables of functions that run to
    /// their end are given their first values before anybody else can use them.
    fn may_change_unseen(&self, symbol: SymbolId) -> bool {
        let scan = self.unit.scan;
        let flags = self.unit.scoping.symbol_flags(symbol);
        // Reading it now may throw, and what is called later must not be called then.
        if flags.is_const_variable() || flags.is_class() {
            return scan.early.contains(symbol);
        }
        let Some(owner) = scan.owner.get(symbol).copied() else { return true };
        let facts = &scan.functions[owner];
        // By `globalThis`, or other scripts.
        let is_global = owner == 0 && self.unit.shape.is_none() && !self.unit.is_kernel;
        // By `arguments`.
        let is_mapped = scan.parameters.contains(symbol) && facts.uses_arguments && !facts.is_strict && !facts.is_arrow;
        // By its declaration, later or once more, while this function waits.
        let is_given =
            scan.repeated.contains(&symbol) || scan.declared_again.contains(symbol) || scan.late.contains(symbol);
        is_global || is_mapped || (is_given && owner != self.id) || scan.early.contains(symbol)
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
                        format!("...{}", unnamed(&value))
                    }
                }
                Operand::SpreadArgument(it) => {
                    let value = self.value(it);
                    if before {
                        format!("...{}", self.keep(&format!("þcopy({value})")))
                    } else if self.is_own_list(it) && !self.unit.is_kernel {
                        format!("...þarrays[þi]===þvalues&&þiterators.next===þnextValue?{value}:þrare.spread({value})")
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

    /// A value in a temporary, which it may be already.
    pub fn kept(&mut self, value: String) -> String {
        if Self::is_kept(&value) { value } else { self.keep(&value) }
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
                let mark = self.temps;
                let (text, callee) = self.call_text(it);
                if !self.is_tracked(it) {
                    let value = self.keep(&text);
                    if let Some(cell) = self.constructs(it.span.start) {
                        self.call_effect(format!("{}þconstructed({value},{cell})", site(it.span.start)));
                    }
                    return value;
                }
                self.hand_over(mark);
                let value = self.call_value(text);
                self.stands_at(call_position(it.callee.without_parentheses()));
                self.tell(callee);
                value
            }
            Expression::NewExpression(it) => {
                let mut list = vec![Operand::Value(&it.callee)];
                list.extend(it.arguments.iter().map(argument));
                let mark = self.temps;
                let texts = self.arguments_of_call(&list);
                self.check_new(&texts[0], &it.callee);
                self.hand_over(mark);
                let site = site(it.span.start);
                let value = self.call_value(format!("{site}new ({})({})", texts[0], texts[1..].join(",")));
                self.stands_at(it.span.start);
                value
            }
            Expression::TaggedTemplateExpression(it) => {
                let mark = self.temps;
                let text = self.tagged(it);
                self.hand_over(mark);
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
                // Whatever is suspended inside gives it its value only afterwards.
                self.needs_no_place(&temp);
                temp
            }
            Expression::ConditionalExpression(it) => {
                let temp = self.temp();
                let condition = self.value(&it.test);
                let yes = self.branch(&it.consequent, &temp);
                let no = self.branch(&it.alternate, &temp);
                self.out.push(Node::If { condition, yes, no });
                self.needs_no_place(&temp);
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
    pub fn object_value(&mut self, object: &Expression<'_>) -> String {
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
                let mark = self.temps;
                let (text, callee) = self.call_text(it);
                self.hand_over(mark);
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

    pub fn object_of(&mut self, object: &Expression<'_>) -> String {
        if matches!(object, Expression::Super(_) | Expression::ThisExpression(_)) {
            return self.text(object);
        }
        let value = self.value(object);
        self.kept(value)
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

    pub fn template(it: &TemplateLiteral<'_>, texts: &[String]) -> String {
        let mut text = String::from("`");
        for (index, quasi) in it.quasis.iter().enumerate() {
            text.push_str(&quasi.value.raw);
            if let Some(value) = texts.get(index) {
                put!(text, "${{{value}}}");
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
