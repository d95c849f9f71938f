//! Lowering of loops.

use oxc::ast::ast::*;
use oxc::ast_visit::Visit;
use oxc::span::GetSpan;

use super::disposal::{declaration_kinds, disposes};
use super::function::{Finally, Lowerer, Target};
use super::ir::{Catch, Condition, Keys, Loop, Node, always_calls};
use super::leaves::driven;
use super::marks::{self, site};
use super::statement::{Lexical, bound};

/// To where a loop counts down that may find a better way to its next value (`UNKNOWN` in `src/kernel/loop-ways.js`).
const COUNTED: &str = "-20";

/// The variables of a construct that has something to close however its body ends.
pub struct Closing<'t> {
    /// How the body ended: 0 to its end, 1 by an exception, more by a jump.
    pub kind: &'t str,
    /// The exception, or the value of a `return`.
    pub held: &'t str,
    /// Whether there is something to close, where that is not certain.
    pub condition: Option<&'t str>,
}

impl Lowerer<'_, '_> {
    /// `block`, then `close`, then what the block ended with goes on.
    pub fn closing(
        &mut self,
        parts: &Closing<'_>,
        block: impl FnOnce(&mut Self) -> Vec<Node>,
        close: impl FnOnce(&mut Self),
    ) -> Vec<Node> {
        let Closing { kind, held, condition } = *parts;
        let label = format!("þf{}", self.unit.unique());
        self.finallies.push(Finally {
            label: label.clone(),
            kind: kind.to_owned(),
            value: held.to_owned(),
            routes: Vec::new(),
            is_overridden: false,
        });
        let mut block = block(self);
        let done = self.finallies.pop().expect("pushed above");
        if done.is_overridden {
            block.push(Node::Text(format!("{kind}=0;")));
        }
        let close = self.nested(close);
        let mut nodes = vec![
            Node::Text(format!("{kind}=0;")),
            Node::Block {
                label: Some(label.clone()),
                lexical: Vec::new(),
                body: vec![Node::Catch(Box::new(Catch {
                    label: format!("{label}c"),
                    block,
                    caught: format!("{kind}=1;{held}=þx;"),
                    body: Vec::new(),
                }))],
            },
        ];
        match condition {
            Some(condition) => nodes.push(Node::If { condition: condition.to_owned(), yes: close, no: Vec::new() }),
            None => nodes.extend(close),
        }
        nodes.push(Node::Text(self.dispatch(&done)));
        nodes
    }

    /// `GetIterator(value, sync)`, up to what the method has returned, which goes to `result`. `method` is free afterwards.
    pub fn call_iterator(&mut self, value: &str, iterator: &str, method: &str, result: &str) {
        self.push(text!(iterator, "=", value, ";", method, "=", iterator, "[þi];þa(", iterator, ",", method, ");"));
        self.call_into(&text!("þy(", method, ",", iterator, ")"), result);
    }

    /// `IteratorClose`: an exception of the body wins over one of `return`.
    pub fn close_iterator(&mut self, iterator: &str, scratch: &str, kind: &str) {
        self.push(text!(scratch, "=þz(", iterator, ",", kind, ");"));
        let block = self.nested(|this| {
            this.call_into(&text!("þy(", scratch, ",", iterator, ")"), scratch);
            this.push(text!("if(", kind, "!==1)þj(", scratch, ");"));
        });
        let guarded = Node::Catch(Box::new(Catch {
            label: format!("þf{}", self.unit.unique()),
            block,
            caught: text!("if(", kind, "!==1||þx===þK)throw þx;"),
            body: Vec::new(),
        }));
        self.out.push(Node::If { condition: text!(scratch, "!==void 0"), yes: vec![guarded], no: Vec::new() });
    }

    /// `for await`; `kernel/async-iterator.js` tells what its parts do.
    pub fn for_await(&mut self, labels: Vec<String>, it: &ForOfStatement<'_>) {
        let iteration = self.temp();
        let result = self.temp();
        let kind = self.temp();
        let held = self.temp();
        self.close_head(&it.left);
        let value = self.value(&it.right);
        self.call_into(&format!("þB({value})"), &iteration);
        let (leave, next) = self.enter_loop(labels);
        let declared = self.blocks.len();
        let test = self.nested(|this| {
            this.call_into(&format!("þN({iteration})"), &result);
            this.await_into(result.clone(), Some(&result));
            this.push(format!("if(þE({iteration},{result}))break {leave};"));
        });
        self.targets.last_mut().expect("the loop's own").next_depth += 1;
        let inner = next.clone();
        let body = self.closing(
            &Closing { kind: &kind, held: &held, condition: Some(&format!("{kind}!==0")) },
            |this| {
                let block = this.turn(&it.left, &format!("{iteration}.value"), &it.body, false);
                vec![Node::Block { label: Some(inner), lexical: Vec::new(), body: block }]
            },
            |this| {
                this.push(format!("{iteration}.threw={kind}===1;"));
                this.call_into(&format!("þO({iteration})"), &result);
                let close = this.nested(|this| {
                    let value = format!("{iteration}.value");
                    let block = this.nested(|this| this.await_into(value, Some(&result)));
                    this.out.push(Node::Catch(Box::new(Catch {
                        label: format!("þf{}", this.unit.unique()),
                        block,
                        caught: format!("if(þx===þK)throw þx;þX({iteration},þx);"),
                        body: Vec::new(),
                    })));
                    this.push(format!("þC({iteration},{result});"));
                });
                this.out.push(Node::If { condition: result.clone(), yes: close, no: Vec::new() });
            },
        );
        let update = self.nested(|this| this.reset_since(declared));
        // It always comes from the point before it is used.
        self.needs_no_place(&result);
        self.targets.pop();
        self.out.push(Node::Loop(Box::new(Loop {
            leave,
            next: format!("{next}o"),
            lexical: Vec::new(),
            test,
            condition: None,
            test_after: false,
            body,
            update,
            keys: None,
        })));
    }

    /// A lowered loop. `labels` are the user's.
    fn enter_loop(&mut self, labels: Vec<String>) -> (String, String) {
        let number = self.unit.unique();
        let (leave, next) = (format!("þb{number}"), format!("þc{number}"));
        self.targets.push(Target {
            labels,
            is_loop: true,
            is_breakable: true,
            leave: leave.clone(),
            next: Some(next.clone()),
            depth: self.finallies.len(),
            next_depth: self.finallies.len(),
        });
        (leave, next)
    }

    fn poll(&mut self) {
        let point = self.next_point();
        self.out.push(Node::Poll { point, condition: Condition::Wanted });
    }

    pub fn loop_statement(
        &mut self,
        labels: Vec<String>,
        lexical: Lexical,
        test: Option<&Expression<'_>>,
        test_after: bool,
        body: &Statement<'_>,
        update: Option<(&Expression<'_>, Vec<String>)>,
    ) {
        let mut condition = None;
        let mut tests = Vec::new();
        let evaluate = |this: &mut Self, condition: &mut Option<String>| {
            this.nested(|this| {
                if let Some(test) = test {
                    *condition = Some(this.value(test));
                }
            })
        };
        if !test_after {
            tests = evaluate(self, &mut condition);
        }
        let (leave, next) = self.enter_loop(labels);
        let declared = self.blocks.len();
        let body = self.body(body);
        let update = self.nested(|this| {
            this.reset_since(declared);
            if let Some((update, copies)) = update {
                for copy in copies {
                    this.push(copy);
                }
                if lexical.is_empty() {
                    this.effect(update);
                } else {
                    let body = this.nested(|this| this.effect(update));
                    this.out.push(Node::Block { label: None, lexical: lexical.clone(), body });
                }
            }
            if !always_calls(&tests) && !always_calls(&body) && !always_calls(&this.out) {
                this.poll();
            }
        });
        self.targets.pop();
        if test_after {
            tests = evaluate(self, &mut condition);
        }
        self.out.push(Node::Loop(Box::new(Loop {
            leave,
            next,
            lexical,
            test: tests,
            condition,
            test_after,
            body,
            update,
            keys: None,
        })));
    }

    pub fn for_statement(&mut self, labels: Vec<String>, it: &ForStatement<'_>) {
        let kinds = match &it.init {
            Some(ForStatementInit::VariableDeclaration(declaration)) => declaration_kinds(declaration),
            _ => (false, false),
        };
        self.disposing(kinds, |this| this.plain_for(labels, it));
    }

    fn plain_for(&mut self, labels: Vec<String>, it: &ForStatement<'_>) {
        let mut lexical = Vec::new();
        match &it.init {
            Some(ForStatementInit::VariableDeclaration(declaration)) => {
                if declaration.kind != VariableDeclarationKind::Var {
                    let mut names = Vec::new();
                    bound(&declaration.declarations, &mut names);
                    lexical =
                        names.iter().filter_map(|(symbol, name)| self.declare_in_head(*symbol, name, it)).collect();
                }
                if lexical.is_empty() {
                    self.declaration(declaration);
                } else {
                    let body = self.nested(|this| this.declaration(declaration));
                    self.out.push(Node::Block { label: None, lexical: lexical.clone(), body });
                }
            }
            Some(init) => {
                if let Some(expression) = init.as_expression() {
                    self.effect(expression);
                }
            }
            None => {}
        }
        // Each iteration has its own copy of what closures can change.
        let cells: Vec<String> = lexical
            .iter()
            .filter(|(_, mirror)| self.cells.contains(mirror))
            .map(|(_, mirror)| format!("{mirror}={{v:{mirror}.v}};"))
            .collect();
        // Closures of the initialisation see the variables as they were before the first turn.
        if !cells.is_empty() {
            let copies = cells.join("");
            self.push(copies);
        }
        let update = it.update.as_ref().map(|update| (update, cells.clone()));
        let (leave_update, body) = (update, &it.body);
        if it.update.is_none() && !cells.is_empty() {
            // Without an update the copies are made all the same.
            let copies = cells.join("");
            let start = self.out.len();
            self.loop_statement(labels, lexical, it.test.as_ref(), false, body, None);
            if let Some(Node::Loop(node)) = self.out.get_mut(start..).and_then(|list| list.last_mut()) {
                node.update.insert(0, Node::Text(copies));
            }
            return;
        }
        self.loop_statement(labels, lexical, it.test.as_ref(), false, body, leave_update);
    }

    /// The variables of the head are dead for what follows `in` or `of`.
    fn close_head(&mut self, left: &ForStatementLeft<'_>) {
        if let ForStatementLeft::VariableDeclaration(declaration) = left
            && declaration.kind != VariableDeclarationKind::Var
        {
            let mut names = Vec::new();
            bound(&declaration.declarations, &mut names);
            self.unit.moved.borrow_mut().extend(names.iter().map(|(symbol, _)| *symbol));
        }
    }

    /// The head of `for (left in/of ...)`: variables of each iteration, and what gives them `value`.
    fn for_left(&mut self, left: &ForStatementLeft<'_>, value: &str) -> (Lexical, Vec<Node>) {
        match left {
            ForStatementLeft::VariableDeclaration(declaration) => {
                let pattern = &declaration.declarations[0].id;
                let is_var = declaration.kind == VariableDeclarationKind::Var;
                let mut lexical = Vec::new();
                if is_var {
                    self.declare_vars(pattern);
                } else {
                    let mut names = Vec::new();
                    bound(&declaration.declarations, &mut names);
                    lexical =
                        names.iter().filter_map(|(symbol, name)| self.declare_block_scoped(*symbol, name)).collect();
                }
                let used = if disposes(declaration) { self.used(declaration, value) } else { value.to_owned() };
                let nodes = self.nested(|this| this.bind(pattern, &used, is_var));
                (lexical, nodes)
            }
            other => {
                let target = other.as_assignment_target().expect("anything else is a target");
                let nodes = self.nested(|this| {
                    if this.calls(target.span()) {
                        return this.assign_pattern(target, value);
                    }
                    let text = this.splice(target.span(), |splicer| splicer.visit_assignment_target(target));
                    this.push(format!("({text}={value});"));
                });
                (Vec::new(), nodes)
            }
        }
    }

    /// One turn of `for-of`: its variables, a poll if there is to be one, and the body.
    fn turn(&mut self, left: &ForStatementLeft<'_>, value: &str, body: &Statement<'_>, polls: bool) -> Vec<Node> {
        let kinds = match left {
            ForStatementLeft::VariableDeclaration(declaration) => declaration_kinds(declaration),
            _ => (false, false),
        };
        let mut lexical = Vec::new();
        let block = self.nested(|this| {
            this.disposing(kinds, |this| {
                let (names, nodes) = this.for_left(left, value);
                lexical = names;
                this.out.extend(nodes);
                if polls {
                    this.poll();
                }
                let body = this.body(body);
                this.out.extend(body);
            });
        });
        vec![Node::Block { label: None, lexical, body: block }]
    }

    pub fn for_in(&mut self, labels: Vec<String>, it: &ForInStatement<'_>) {
        let names = Keys { object: self.temp(), left: self.temp(), index: self.temp(), key: self.temp() };
        let Keys { object, left: keys, key, .. } = &names;
        self.close_head(&it.left);
        let value = self.value(&it.right);
        self.push(format!("{object}={value};{keys}=void 0;"));
        let (leave, next) = self.enter_loop(labels);
        let declared = self.blocks.len();
        let (lexical, mut body) = self.for_left(&it.left, key);
        body.extend(self.body(&it.body));
        let body = vec![Node::Block { label: None, lexical, body }];
        let update = self.nested(|this| {
            this.reset_since(declared);
            this.poll();
        });
        self.targets.pop();
        self.out.push(Node::Loop(Box::new(Loop {
            leave,
            next,
            lexical: Vec::new(),
            test: Vec::new(),
            condition: None,
            test_after: false,
            body,
            update,
            keys: Some(names),
        })));
    }

    /// Arrays whose iteration nobody has changed are walked by index: the array iterator does just that.
    pub fn for_of(&mut self, labels: Vec<String>, it: &ForOfStatement<'_>) {
        let mark = self.steady_in_use;
        let iterator = self.steady_temp();
        let index = self.temp();
        let next_method = self.steady_temp();
        let step = self.temp();
        let kind = self.temp();
        let held = self.steady_temp();
        // Where V8 says that the iterator is asked for the next value.
        let at = match &it.left {
            ForStatementLeft::VariableDeclaration(it) => it.declarations[0].id.span().start,
            other => other.span().start,
        };
        let site = site(at);
        self.close_head(&it.left);
        let value = self.value(&it.right);
        self.push(text!(iterator, "=", value, ";", next_method, "=", iterator, "[þi];", index, "=0;"));
        let generic = self.nested(|this| {
            this.call_into(&text!("þy(", next_method, ",", iterator, ")"), &step);
            // A frame stands for a generator, whose steps then need no result objects.
            this.push(format!(
                "{iterator}=þj({step});{next_method}=þnext({iterator},{iterator}.next);{index}=þway({next_method});"
            ));
        });
        let condition = text!("!þa(", iterator, ",", next_method, ")");
        // Where V8 has never met an array, this is where its compilers leave arrays out of the loop.
        let array = vec![Node::Text(format!("{index}=þrare.first;"))];
        self.out.push(Node::If { condition, yes: generic, no: array });

        let (leave, next) = self.enter_loop(labels);
        let declared = self.blocks.len();
        let test = self.nested(|this| {
            let fast = vec![Node::Text(format!(
                "if(!({index}<{iterator}.length))break {leave};{step}={iterator}[{index}++];"
            ))];
            // A channel's frame says, as its `next` does, that the call may block.
            let call = |this: &mut Self, call: String| {
                let point = this.next_point();
                this.stands_at(at);
                let callee = Some(next_method.clone().into());
                let call = Box::new(Node::Call { point, call, target: Some(step.clone()), callee });
                this.out.push(Node::Step { call, iterator: iterator.clone() });
            };
            let generator = this.nested(|this| {
                call(this, driven(&next_method, "void 0", "þgave", "þstep", &site));
                this.push(format!("if({next_method}[4]===2)break {leave};"));
            });
            let generic = this.nested(|this| {
                let read = text!(iterator, ".next===", next_method);
                let native = vec![Node::Text(text!(step, "=(", iterator, ".next)", &*marks::placed(at), "();"))];
                let other = this.nested(|this| {
                    this.push(format!(
                        "{index}<-3&&{index}>={COUNTED}&&({index}={index}>{COUNTED}?{index}-1:þdirect({iterator},{next_method}));"
                    ));
                    call(
                        this,
                        format!("{index}===-1&&{read}?({iterator}.next){site}():{site}þy({next_method},{iterator})"),
                    );
                });
                this.out.push(Node::If { condition: text!(index, "===-3&&", read), yes: native, no: other });
                this.push(text!("if(þj(", step, ").done)break ", leave, ";", step, "=", step, ".value;"));
            });
            let condition = format!("{index}===-2");
            let generic = vec![Node::If { condition, yes: generator, no: generic }];
            this.out.push(Node::If { condition: format!("{index}>=0"), yes: fast, no: generic });
        });
        // `continue` stays inside of what closes the iterator, `break` leaves it.
        self.targets.last_mut().expect("the loop's own").next_depth += 1;
        let inner = next.clone();
        let left = step.clone();
        // Then the variable has the value before the loop can be left, and frames need not hold it twice.
        let is_plain = match &it.left {
            ForStatementLeft::VariableDeclaration(declaration) => {
                !disposes(declaration) && matches!(declaration.declarations[0].id, BindingPattern::BindingIdentifier(_))
            }
            _ => false,
        };
        let body = self.closing(
            &Closing { kind: &kind, held: &held, condition: Some(&format!("{kind}!==0&&{index}<0")) },
            |this| {
                // In here, since a task that is killed between two turns has an iterator to close.
                let before = (!is_plain).then(|| Node::Poll { point: this.next_point(), condition: Condition::Wanted });
                let block = this.turn(&it.left, &left, &it.body, is_plain);
                before
                    .into_iter()
                    .chain([Node::Block { label: Some(inner), lexical: Vec::new(), body: block }])
                    .collect()
            },
            |this| this.close_iterator(&iterator, &step, &kind),
        );
        let update = self.nested(|this| this.reset_since(declared));
        if is_plain {
            self.needs_no_place(&step);
        }
        self.targets.pop();
        self.out.push(Node::Loop(Box::new(Loop {
            leave,
            next: format!("{next}o"),
            lexical: Vec::new(),
            test,
            condition: None,
            test_after: false,
            body,
            update,
            keys: None,
        })));
        self.release_steady(mark);
    }
}
