//! Lowering of statements.

use std::borrow::Cow;

use oxc::ast::ast::*;
use oxc::ast_visit::Visit;
use oxc::semantic::SymbolId;
use oxc::span::GetSpan;
use oxc_ecmascript::BoundNames;

use super::disposal;
use super::function::{Finally, Jump, Lowerer, Split, Target, as_property};
use super::ir::{Catch, Node, Switch};
use super::loops::Closing;
use super::said::unnamed;

pub type Lexical = Vec<(String, String)>;

impl Lowerer<'_, '_> {
    /// Lowers a list whose declarations are known.
    pub fn statements(&mut self, list: &[Statement<'_>]) {
        for statement in list {
            self.statement(statement);
        }
    }

    /// Declares what stands at the top of a function's body; returns the function declarations, which come first.
    pub fn declare_body(&mut self, list: &[Statement<'_>]) -> String {
        let mut functions = String::new();
        // All names first: the functions' texts depend on them.
        for (symbol, name) in lexical_names(list) {
            if !self.is_declared(&name) {
                self.declare_function_scoped(symbol, &name);
            }
        }
        self.mark_early(list);
        for (index, statement) in list.iter().enumerate() {
            if let Statement::FunctionDeclaration(it) = statement
                && let Some(id) = &it.id
            {
                self.declare_function_scoped(id.symbol_id(), &id.name);
                let text = self.top_declaration(list, index, it);
                functions.push_str(&self.unit.keep_apart(text));
                functions.push('\n');
            }
        }
        functions
    }

    /// Declares the lexical variables of a block in which the function can be suspended.
    fn declare_block(&mut self, list: &[Statement<'_>]) -> Lexical {
        let mut names: Vec<(SymbolId, String)> = Vec::new();
        for statement in list {
            if let Statement::FunctionDeclaration(it) = statement
                && let Some(id) = &it.id
            {
                self.declare_outer(it);
                // Sloppy code may declare it twice.
                if !names.iter().any(|(symbol, _)| *symbol == id.symbol_id()) {
                    names.push((id.symbol_id(), id.name.to_string()));
                }
            }
            lexical(statement, &mut names);
        }
        names.iter().filter_map(|(symbol, name)| self.declare_block_scoped(*symbol, name)).collect()
    }

    /// Variables that closures may use too early hold a mark until their declaration.
    fn mark_early(&mut self, list: &[Statement<'_>]) {
        for (symbol, name) in lexical_names(list) {
            // Constants have V8's own dead zone.
            if !self.unit.scan.made_early.contains(symbol) || self.constants.contains(&symbol) {
                continue;
            }
            let own = self.unit.naming.borrow().get(symbol).map(|naming| naming.own.clone());
            let cell = own.as_deref().and_then(|own| own.strip_suffix(".v"));
            match cell {
                // The closures that exist already hold the cell.
                Some(cell) => {
                    self.marked.insert(symbol);
                    self.push(format!("{name}={cell}={{v:þT}};"));
                }
                None if self.unit.scan.early.contains(symbol) || self.unit.scan.exported.contains(&symbol) => {
                    self.marked.insert(symbol);
                    self.push(format!("{name}=þT;"));
                }
                None => {}
            }
        }
    }

    /// Function declarations of a block are made where the block begins.
    fn hoist_functions(&mut self, list: &[Statement<'_>]) {
        for statement in list {
            if let Statement::FunctionDeclaration(it) = statement
                && let Some(id) = &it.id
            {
                let value = self.function_value(it);
                self.initialise(id.symbol_id(), &id.name, &value);
            }
        }
    }

    /// The value of a function declaration.
    pub fn function_value(&mut self, it: &Function<'_>) -> String {
        if let Some(value) = self.declared_async(it) {
            return value;
        }
        let text = self.splice(it.span, |splicer| splicer.visit_function(it, oxc::semantic::ScopeFlags::Function));
        // An expression of its own would have its own binding of the name.
        let head = text.find('(').unwrap_or(0);
        let loses_async = self.unit.scan.functions[self.unit.scan.by_start[&it.span.start]].loses_async();
        let star = if it.generator && !loses_async { "*" } else { "" };
        let asynchronous = if it.r#async && !loses_async { "async " } else { "" };
        let name = it.id.as_ref().map_or("", |id| id.name.as_str());
        let (before, after) = as_property(name);
        text!(before, asynchronous, "function", star, &text[head..], after)
    }

    /// `name = value` where the variable is declared.
    fn initialise(&mut self, symbol: SymbolId, name: &str, value: &str) {
        if self.constants.contains(&symbol) {
            return self.push(text!("const ", name, "=", value, ";"));
        }
        let naming = self.unit.naming.borrow().get(symbol).map(|naming| (naming.own.clone(), naming.inner.clone()));
        let captured = self.unit.scan.captured.contains(symbol);
        if Self::is_kept(value) && self.is_own(symbol) {
            return self.give(&self.own_name(symbol), value, true);
        }
        let text = match naming {
            None => text!(name, "=", value, ";"),
            Some((own, _)) if !captured => text!(own, "=", named(name, value, &own), ";"),
            Some((own, _)) => match own.strip_suffix(".v") {
                Some(_) if self.marked.contains(&symbol) => text!(own, "=", named(name, value, "v"), ";"),
                Some(cell) => text!(name, "=", cell, "={v:", named(name, value, "v"), "};"),
                None => text!(name, "=", own, "=", named(name, value, &own), ";"),
            },
        };
        self.push(text);
    }

    /// A list that is a block of its own.
    fn block(&mut self, list: &[Statement<'_>], label: Option<String>) -> Node {
        let lexical = self.declare_block(list);
        let body = self.nested(|this| {
            this.mark_early(list);
            this.hoist_functions(list);
            this.disposing(disposal::kinds(list), |this| this.statements(list));
        });
        Node::Block { label, lexical, body }
    }

    /// A statement as a list of its own; a declaration there is a block's.
    pub fn body(&mut self, statement: &Statement<'_>) -> Vec<Node> {
        self.nested(|this| this.statement(statement))
    }

    pub fn statement(&mut self, statement: &Statement<'_>) {
        let mark = self.temps;
        let outer = std::mem::replace(&mut self.here, statement.span().start);
        self.lower_statement(statement);
        self.here = outer;
        let leaves = matches!(
            statement,
            Statement::ReturnStatement(_)
                | Statement::ThrowStatement(_)
                | Statement::BreakStatement(_)
                | Statement::ContinueStatement(_)
        );
        self.release(mark, !leaves);
    }

    fn lower_statement(&mut self, statement: &Statement<'_>) {
        let labels = std::mem::take(&mut self.labels);
        match statement {
            Statement::EmptyStatement(_) => return,
            Statement::FunctionDeclaration(it) => return self.pass_declaration(it),
            Statement::VariableDeclaration(it) => return self.declaration(it),
            Statement::ClassDeclaration(it) => {
                let text = self.class_text(it);
                if let Some(id) = &it.id {
                    self.initialise(id.symbol_id(), &id.name, &text!("(", text, ")"));
                }
                return;
            }
            _ => {}
        }
        if !self.suspends(statement.span()) && labels.is_empty() {
            let text = self.statement_text(statement);
            return self.push(text);
        }
        if let Some(completion) = self.completion.filter(|_| has_value(statement)) {
            let text = text!(completion, "=void 0;");
            self.push(text);
        }
        match statement {
            Statement::BlockStatement(it) => {
                if labels.is_empty() {
                    let node = self.block(&it.body, None);
                    self.out.push(node);
                } else {
                    self.labelled(labels, |this| {
                        let node = this.block(&it.body, None);
                        this.out.push(node);
                    });
                }
            }
            Statement::ExpressionStatement(it) => match self.completion {
                Some(completion) => {
                    let value = self.value(&it.expression);
                    self.push(text!(completion, "=", value, ";"));
                }
                None => self.effect(&it.expression),
            },
            Statement::IfStatement(it) => {
                let condition = self.value(&it.test);
                let yes = self.body(&it.consequent);
                let no = it.alternate.as_ref().map_or_else(Vec::new, |alternate| self.body(alternate));
                let node = Node::If { condition, yes, no };
                if labels.is_empty() {
                    self.out.push(node);
                } else {
                    self.labelled(labels, |this| this.out.push(node));
                }
            }
            Statement::ReturnStatement(it) => {
                if let Some(argument) = &it.argument {
                    self.return_expression(argument);
                } else {
                    let text = self.return_text(None);
                    self.push(text);
                }
            }
            Statement::ThrowStatement(it) => {
                let value = self.value(&it.argument);
                self.push(text!("throw ", value, ";"));
            }
            Statement::LabeledStatement(it) => {
                let mut labels = labels;
                labels.push(it.label.name.to_string());
                if matches!(
                    it.body,
                    Statement::LabeledStatement(_)
                        | Statement::ForStatement(_)
                        | Statement::ForInStatement(_)
                        | Statement::ForOfStatement(_)
                        | Statement::WhileStatement(_)
                        | Statement::DoWhileStatement(_)
                        | Statement::SwitchStatement(_)
                ) {
                    self.labels = labels;
                    self.statement(&it.body);
                } else {
                    self.labelled(labels, |this| this.statement(&it.body));
                }
            }
            Statement::WhileStatement(it) => {
                self.loop_statement(labels, Vec::new(), Some(&it.test), false, &it.body, None);
            }
            Statement::DoWhileStatement(it) => {
                self.loop_statement(labels, Vec::new(), Some(&it.test), true, &it.body, None);
            }
            Statement::ForStatement(it) => self.for_statement(labels, it),
            Statement::ForInStatement(it) => self.for_in(labels, it),
            Statement::ForOfStatement(it) if it.r#await => self.for_await(labels, it),
            Statement::ForOfStatement(it) => self.for_of(labels, it),
            Statement::SwitchStatement(it) => self.switch(labels, it),
            Statement::TryStatement(it) => {
                if labels.is_empty() {
                    self.try_statement(it);
                } else {
                    self.labelled(labels, |this| this.try_statement(it));
                }
            }
            _ => {
                let text = self.statement_text(statement);
                if labels.is_empty() {
                    self.push(text);
                } else {
                    self.labelled(labels, |this| this.push(text));
                }
            }
        }
    }

    /// A labelled statement that is no loop.
    fn labelled(&mut self, labels: Vec<String>, body: impl FnOnce(&mut Self)) {
        let leave = format!("þb{}", self.unit.unique());
        let depth = self.finallies.len();
        self.targets.push(Target {
            labels,
            is_loop: false,
            is_breakable: false,
            leave: leave.clone(),
            next: None,
            depth,
            next_depth: 0,
        });
        let body = self.nested(body);
        self.targets.pop();
        self.out.push(Node::Block { label: Some(leave), lexical: Vec::new(), body });
    }

    pub fn return_expression(&mut self, argument: &Expression<'_>) {
        let facts = &self.unit.scan.functions[self.id];
        if self.split == Split::AsyncGenerator {
            let value = self.awaited(argument, true);
            let text = self.return_text(Some(&value));
            return self.push(text);
        }
        // Where it was called with `new`, what it gives is not what the call in its tail gives.
        let may_construct = facts.is_constructor
            || (facts.uses_this && !facts.is_arrow && !facts.is_method && !facts.is_async && !facts.is_generator);
        // Strict code has calls in tail position; in sloppy code the stack would be looked at for nothing (`PrepareForTailCall`).
        if facts.is_strict && self.plain_return() && self.guarded == 0 && !may_construct && self.has_tail_call(argument)
        {
            return self.tail_calls(argument);
        }
        if !self.suspends(argument.span()) && self.plain_return() {
            let text = self.text(argument);
            return self.push(text!("return ", text, ";"));
        }
        let value = self.value(argument);
        let text = self.return_text(Some(&value));
        self.push(text);
    }

    /// Whether a call that may suspend stands in tail position (`HasCallInTailPosition`).
    fn has_tail_call(&self, argument: &Expression<'_>) -> bool {
        match argument.without_parentheses() {
            Expression::CallExpression(call) => self.is_tracked(call),
            Expression::ConditionalExpression(it) => {
                self.has_tail_call(&it.consequent) || self.has_tail_call(&it.alternate)
            }
            Expression::LogicalExpression(it) => self.has_tail_call(&it.right),
            Expression::SequenceExpression(it) => it.expressions.last().is_some_and(|last| self.has_tail_call(last)),
            _ => false,
        }
    }

    /// Returns what an expression with calls in tail position gives. The callee's frame stands for this one, so nothing is left
    /// of it.
    ///
    /// Input: `return a ? f() : b && g();`
    /// Output: `if(a){return f();}else{t=b;if(t){return g();}return t;}`
    fn tail_calls(&mut self, argument: &Expression<'_>) {
        let mark = self.temps;
        match argument.without_parentheses() {
            Expression::CallExpression(call) if self.is_tracked(call) => {
                let (text, _) = self.call_text(call);
                self.makes_tail_calls = true;
                self.push(text!("return ", text, ";"));
            }
            Expression::ConditionalExpression(it) => {
                let condition = self.value(&it.test);
                let yes = self.nested(|this| this.return_expression(&it.consequent));
                let no = self.nested(|this| this.return_expression(&it.alternate));
                self.out.push(Node::If { condition, yes, no });
            }
            Expression::LogicalExpression(it) => {
                let left = self.value(&it.left);
                let left = self.keep(&left);
                let condition = super::expression::condition(it.operator, &left);
                let yes = self.nested(|this| this.return_expression(&it.right));
                self.out.push(Node::If { condition, yes, no: Vec::new() });
                self.push(text!("return ", left, ";"));
            }
            Expression::SequenceExpression(it) => {
                let (last, first) = it.expressions.split_last().expect("a sequence has two at least");
                for expression in first {
                    self.effect(expression);
                }
                self.return_expression(last);
            }
            _ => unreachable!("`has_tail_call` knows no other"),
        }
        self.release(mark, true);
    }

    pub fn declaration(&mut self, it: &VariableDeclaration<'_>) {
        if it.kind == VariableDeclarationKind::Var {
            for declarator in &it.declarations {
                self.declare_vars(&declarator.id);
            }
        }
        for declarator in &it.declarations {
            let mark = self.temps;
            let Some(init) = &declarator.init else {
                if it.kind != VariableDeclarationKind::Var
                    && let BindingPattern::BindingIdentifier(id) = &declarator.id
                {
                    self.initialise(id.symbol_id(), &id.name, "void 0");
                }
                continue;
            };
            if let BindingPattern::BindingIdentifier(id) = &declarator.id {
                self.name_value(init, &id.name);
            }
            let mut value = self.value(init);
            if disposal::disposes(it) {
                if let BindingPattern::BindingIdentifier(id) = &declarator.id {
                    value = named(&id.name, &value, "").into_owned();
                }
                value = self.used(it, &value);
            }
            self.bind(&declarator.id, &value, it.kind == VariableDeclarationKind::Var);
            self.release(mark, true);
        }
    }

    /// Notes the name that an anonymous function or class gets from where it stands.
    pub fn name_value(&mut self, value: &Expression<'_>, name: &str) {
        if is_anonymous_definition(value) {
            self.names_of.insert(value.without_parentheses().span().start, name.to_owned());
        }
    }

    /// The same for the value of an object's property.
    pub fn name_property(&mut self, it: &ObjectProperty<'_>) {
        self.name_key(&it.key, it.computed, &it.value);
    }

    /// The same for a value with its key.
    pub fn name_key(&mut self, key: &PropertyKey<'_>, computed: bool, value: &Expression<'_>) {
        match key {
            PropertyKey::StaticIdentifier(key) if !computed => self.name_value(value, &key.name),
            PropertyKey::StringLiteral(_) | PropertyKey::NumericLiteral(_) if !computed => {
                let span = key.span();
                let key = &self.unit.source[span.start as usize..span.end as usize];
                self.name_value(value, key);
            }
            _ => self.name_value(value, ""),
        }
    }

    /// Gives a pattern's variables their first values.
    pub fn bind(&mut self, pattern: &BindingPattern<'_>, value: &str, is_var: bool) {
        if let BindingPattern::BindingIdentifier(id) = pattern {
            if is_var {
                let own = self.own_name(id.symbol_id());
                let is_unseen = self.leaves_by_throwing() && self.is_own(id.symbol_id());
                return self.give(&own, value, is_unseen);
            }
            return self.initialise(id.symbol_id(), &id.name, value);
        }
        // A default belongs to the pattern around it, so it cannot stand alone.
        if self.calls(pattern.span()) || matches!(pattern, BindingPattern::AssignmentPattern(_)) {
            return self.bind_steps(pattern, value, is_var);
        }
        let mut mirrored = Vec::new();
        pattern.bound_names(&mut |id| {
            if self.marked.contains(&id.symbol_id()) {
                return;
            }
            if let Some(naming) = self.unit.naming.borrow().get(id.symbol_id())
                && self.unit.scan.captured.contains(id.symbol_id())
                && naming.owner == self.id
            {
                mirrored.push((id.name.to_string(), naming.own.clone()));
            }
        });
        for (name, own) in &mirrored {
            if let Some(cell) = own.strip_suffix(".v") {
                // Where closures exist already, so does the cell.
                self.push(format!("{name}={cell}={{v:void 0}};"));
            }
        }
        let target = self.pattern_text(pattern);
        // V8 says what could not be destructured.
        let said =
            if matches!(pattern, BindingPattern::ObjectPattern(_)) { unnamed(value) } else { Cow::Borrowed(value) };
        self.push(text!("(", target, "=", &*said, ");"));
        for (name, own) in &mirrored {
            if own.strip_suffix(".v").is_none() {
                self.push(text!(name, "=", own, ";"));
            }
        }
    }

    /// What follows a lowered `finally`: the completion that it interrupted goes on.
    pub fn dispatch(&mut self, done: &Finally) -> String {
        let Finally { kind, value, routes, .. } = done;
        let mut text = format!("if({kind}!==0){{if({kind}===1)throw {value};");
        for (index, route) in routes.iter().enumerate() {
            let number = index + 2;
            let jump = match route {
                Jump::Return => self.return_text(Some(value)),
                other => self.jump(other).unwrap_or_default(),
            };
            put!(text, "if({kind}==={number}){{{jump}}}");
        }
        text.push('}');
        text
    }

    fn switch(&mut self, labels: Vec<String>, it: &SwitchStatement<'_>) {
        let value = self.value(&it.discriminant);
        let discriminant = self.temp();
        let selector = self.temp();
        self.push(text!(discriminant, "=", value, ";"));
        let mut lexical = Vec::new();
        for case in &it.cases {
            lexical.extend(self.declare_block(&case.consequent));
        }
        let number = self.unit.unique();
        let leave = format!("þb{number}");
        // Tests that can be suspended are made before, one after the other.
        let suspends = it.cases.iter().any(|case| case.test.as_ref().is_some_and(|test| self.suspends(test.span())));
        let mut tests: Vec<Option<String>> = Vec::new();
        let subject = if suspends {
            let done = format!("þb{}", self.unit.unique());
            let default = it.cases.iter().position(|case| case.test.is_none());
            let last = default.map_or_else(|| "-1".to_owned(), |index| index.to_string());
            let body = self.nested(|this| {
                for (index, case) in it.cases.iter().enumerate() {
                    if let Some(test) = &case.test {
                        let mark = this.temps;
                        let test = this.value(test);
                        this.push(format!("if({discriminant}===({test})){{{selector}={index};break {done};}}"));
                        this.release(mark, true);
                    }
                }
                this.push(format!("{selector}={last};"));
            });
            self.out.push(Node::Block { label: Some(done), lexical: Vec::new(), body });
            tests.extend((0..it.cases.len()).map(|index| Some(index.to_string())));
            selector.clone()
        } else {
            for case in &it.cases {
                let test = case.test.as_ref().map(|test| self.text(test));
                tests.push(test);
            }
            discriminant
        };
        self.targets.push(Target {
            labels,
            is_loop: false,
            is_breakable: true,
            leave: leave.clone(),
            next: None,
            depth: self.finallies.len(),
            next_depth: 0,
        });
        let marks = self.nested(|this| it.cases.iter().for_each(|case| this.mark_early(&case.consequent)));
        let mut cases = Vec::new();
        for (case, test) in it.cases.iter().zip(tests) {
            let body = self.nested(|this| this.statements(&case.consequent));
            cases.push((test, body));
        }
        // Functions declared in any case exist from the start.
        let functions = self.nested(|this| it.cases.iter().for_each(|case| this.hoist_functions(&case.consequent)));

        self.targets.pop();
        let switch = Node::Switch(Box::new(Switch { leave, selector, value: subject, cases }));
        let mut body = marks;
        body.extend(functions);
        body.push(switch);
        self.out.push(Node::Block { label: None, lexical, body });
    }

    fn try_statement(&mut self, it: &TryStatement<'_>) {
        let Some(finalizer) = &it.finalizer else {
            return self.try_catch(&it.block, it.handler.as_ref().expect("a try has one or the other"));
        };
        let kind = self.temp();
        let value = self.temp();
        let nodes = self.closing(
            &Closing { kind: &kind, held: &value, condition: None },
            |this| {
                this.nested(|this| {
                    if let Some(handler) = &it.handler {
                        this.try_catch(&it.block, handler);
                    } else {
                        let node = this.block(&it.block.body, None);
                        this.out.push(node);
                    }
                })
            },
            |this| {
                // The value of a finalizer counts only where that jumps.
                let held = this.completion.map(|completion| (this.temp(), completion));
                if let Some((held, completion)) = &held {
                    this.push(text!(held, "=", completion, ";", completion, "=void 0;"));
                }
                let node = this.block(&finalizer.body, None);
                this.out.push(node);
                if let Some((held, completion)) = held {
                    this.push(text!(completion, "=", held, ";"));
                }
            },
        );
        self.out.extend(nodes);
    }

    fn try_catch(&mut self, block: &BlockStatement<'_>, handler: &CatchClause<'_>) {
        let caught = self.temp();
        let label = format!("þt{}", self.unit.unique());
        self.guarded += 1;
        let block = vec![self.block(&block.body, None)];
        self.guarded -= 1;
        let mut lexical = Vec::new();
        if let Some(param) = &handler.param {
            let mut names = Vec::new();
            param.pattern.bound_names(&mut |id| names.push((id.symbol_id(), id.name.to_string())));
            lexical = names.iter().filter_map(|(symbol, name)| self.declare_block_scoped(*symbol, name)).collect();
        }
        let body = self.nested(|this| {
            let inner = this.nested(|this| {
                if let Some(param) = &handler.param {
                    this.bind(&param.pattern, &caught, false);
                }
                let node = this.block(&handler.body.body, None);
                this.out.push(node);
            });
            this.out.push(Node::Block { label: None, lexical, body: inner });
        });
        self.out.push(Node::Catch(Box::new(Catch {
            label,
            block,
            caught: text!("if(þx===þK)throw þx;", caught, "=þx;"),
            body,
        })));
    }
}

pub fn bound(declarations: &[VariableDeclarator<'_>], names: &mut Vec<(SymbolId, String)>) {
    for declarator in declarations {
        declarator.id.bound_names(&mut |id| names.push((id.symbol_id(), id.name.to_string())));
    }
}

/// Adds the `let`s and `const`s that a statement declares, or the class.
pub fn lexical(statement: &Statement<'_>, names: &mut Vec<(SymbolId, String)>) {
    match statement {
        Statement::VariableDeclaration(it) if it.kind != VariableDeclarationKind::Var => bound(&it.declarations, names),
        Statement::ClassDeclaration(it) => {
            names.extend(it.id.iter().map(|id| (id.symbol_id(), id.name.to_string())));
        }
        _ => {}
    }
}

/// Those of a list.
fn lexical_names(list: &[Statement<'_>]) -> Vec<(SymbolId, String)> {
    let mut names = Vec::new();
    for statement in list {
        lexical(statement, &mut names);
    }
    names
}

/// Whether a statement gives a script a value, `undefined` at least, even where a jump leaves it at once (`UpdateEmpty`).
pub fn has_value(statement: &Statement<'_>) -> bool {
    matches!(
        statement,
        Statement::IfStatement(_)
            | Statement::ForStatement(_)
            | Statement::ForInStatement(_)
            | Statement::ForOfStatement(_)
            | Statement::WhileStatement(_)
            | Statement::DoWhileStatement(_)
            | Statement::SwitchStatement(_)
            | Statement::TryStatement(_)
            | Statement::WithStatement(_)
    )
}

/// Functions and classes without a name are named by the variable; where the variable is called otherwise in compiled
/// code, a property of the right name gives it.
fn named<'v>(name: &str, value: &'v str, target: &str) -> Cow<'v, str> {
    if target == name || !is_anonymous(value) {
        return Cow::Borrowed(value);
    }
    let (before, after) = as_property(name);
    Cow::Owned(text!(before, value, after))
}

/// Whether a value gets its name from where it stands (`IsAnonymousFunctionDefinition`).
pub fn is_anonymous_definition(value: &Expression<'_>) -> bool {
    match value.without_parentheses() {
        Expression::FunctionExpression(it) => it.id.is_none(),
        Expression::ClassExpression(it) => it.id.is_none(),
        Expression::ArrowFunctionExpression(_) => true,
        _ => false,
    }
}

fn is_anonymous(value: &str) -> bool {
    let mut begin = value;
    loop {
        let next = super::marks::unmarked(begin).trim_start();
        if next.len() == begin.len() {
            break;
        }
        begin = next;
    }
    ["function", "class", "async", "("].iter().any(|start| begin.starts_with(start)) || value.contains("=>")
}
