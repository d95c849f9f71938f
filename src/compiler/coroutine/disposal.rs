//! `using` and `await using`: what a block has to dispose of when it ends (ECMA-262, `DisposeResources`).
//!
//! ```text
//! Input    { using a = open(); work(a); }
//! Output   þ1=þdisposal(); þ2=0; try { a=þuse(þ1,open(),false); work(a); } catch → þ2=1;þ3=þx
//!          while (there is one) { try { call its method; } catch → þ3=þsuppress(þ2,þ3,þx);þ2=1 }    then the block's end goes on
//! ```

use oxc::ast::ast::*;

use super::function::Lowerer;
use super::ir::{Catch, Node};
use super::loops::Closing;

/// Whether a declaration makes its block dispose of something.
pub fn disposes(declaration: &VariableDeclaration<'_>) -> bool {
    matches!(declaration.kind, VariableDeclarationKind::Using | VariableDeclarationKind::AwaitUsing)
}

/// What kinds of `using` a declaration is: any, and with `await`.
pub fn declaration_kinds(declaration: &VariableDeclaration<'_>) -> (bool, bool) {
    (disposes(declaration), declaration.kind == VariableDeclarationKind::AwaitUsing)
}

/// What kinds of `using` stand directly in a list: any, and any with `await`.
pub fn kinds(list: &[Statement<'_>]) -> (bool, bool) {
    let mut found = (false, false);
    for statement in list {
        if let Statement::VariableDeclaration(it) = statement {
            let (any, waits) = declaration_kinds(it);
            found = (found.0 || any, found.1 || waits);
        }
    }
    found
}

impl Lowerer<'_, '_> {
    /// `body`, in which `using` may stand if the first of `kinds` is set, and `await using` if the second is.
    pub fn disposing(&mut self, kinds: (bool, bool), body: impl FnOnce(&mut Self)) {
        if !kinds.0 {
            return body(self);
        }
        let mark = self.temps;
        let stack = self.temp();
        let (kind, held) = (self.temp(), self.temp());
        let entry = self.temp();
        let result = self.temp();
        self.push(format!("{stack}=þdisposal();"));
        self.disposals.push(stack.clone());
        let nodes = self.closing(
            &Closing { kind: &kind, held: &held, condition: None },
            |this| this.nested(body),
            |this| this.dispose(&stack, &kind, &held, &entry, &result, kinds.1),
        );
        self.disposals.pop();
        self.out.extend(nodes);
        self.release(mark, true);
    }

    fn dispose(&mut self, stack: &str, kind: &str, held: &str, entry: &str, result: &str, waits: bool) {
        let number = self.unit.unique();
        let leave = format!("þb{number}");
        let body = self.nested(|this| {
            this.push(format!("if({stack}.list.length===0)break {leave};{entry}=þdisposable({stack});"));
            let block = this.nested(|this| {
                if waits {
                    let condition = format!("!{entry}.isAsync&&{stack}.mustWait&&!{stack}.hasWaited");
                    let yes = this.nested(|this| {
                        this.push(format!("{stack}.mustWait=false;"));
                        this.await_into("void 0".to_owned(), None);
                    });
                    this.out.push(Node::If { condition, yes, no: Vec::new() });
                }
                let yes = this.nested(|this| {
                    this.call_into(&format!("þy({entry}.method,{entry}.value)"), result);
                    if waits {
                        let yes = this.nested(|this| {
                            this.push(format!("{stack}.hasWaited=true;"));
                            this.await_into(format!("{entry}.isSync?void 0:{result}"), None);
                        });
                        this.out.push(Node::If { condition: format!("{entry}.isAsync"), yes, no: Vec::new() });
                    }
                });
                let no = vec![Node::Text(format!("{stack}.mustWait=true;"))];
                this.out.push(Node::If { condition: format!("{entry}.method!==void 0"), yes, no });
            });
            this.out.push(Node::Catch(Box::new(Catch {
                label: format!("þf{}", this.unit.unique()),
                block,
                caught: format!("{held}=þsuppress({kind},{held},þx);{kind}=1;"),
                body: Vec::new(),
            })));
        });
        self.repeat(number, leave, body);
        if waits {
            let yes = self.nested(|this| this.await_into("void 0".to_owned(), None));
            self.out.push(Node::If { condition: format!("{stack}.mustWait&&!{stack}.hasWaited"), yes, no: Vec::new() });
        }
    }

    /// The text that puts a value on the stack of the block around it.
    pub fn used(&self, declaration: &VariableDeclaration<'_>, value: &str) -> String {
        let stack = self.disposals.last().expect("`disposing` is around every `using`");
        format!("þuse({stack},{value},{})", declaration.kind == VariableDeclarationKind::AwaitUsing)
    }
}
