//! Which calls spawn: those of what is called `spawn`, of names for it, and of the file's functions that hand a parameter to it.
//!
//! Whose `spawn` it is does not matter. In a bundle nobody can tell, and to prepare a function that is not spawned changes
//! nothing but a little time.

use std::collections::HashSet;

use oxc::ast::AstKind;
use oxc::ast::ast::{BindingPattern, Expression, IdentifierReference};
use oxc::semantic::{AstNode, NodeId, Semantic, SymbolId};

/// Names of names are followed so far.
const DEPTH: u32 = 8;

/// The variable that a name stands for.
pub fn symbol_of(semantic: &Semantic<'_>, name: &IdentifierReference<'_>) -> Option<SymbolId> {
    semantic.scoping().get_reference(name.reference_id()).symbol_id()
}

/// What spawns in a file.
pub struct Spawners<'s, 'a> {
    semantic: &'s Semantic<'a>,
    /// Functions that hand a parameter on.
    wrappers: HashSet<NodeId>,
}

impl<'s, 'a> Spawners<'s, 'a> {
    pub fn find(semantic: &'s Semantic<'a>) -> Self {
        let mut spawners = Spawners { semantic, wrappers: HashSet::new() };
        while spawners.find_wrappers() {}
        spawners
    }

    /// Looks for functions that hand a parameter to a spawner that is known; whether there were more of them.
    fn find_wrappers(&mut self) -> bool {
        let nodes = self.semantic.nodes();
        let before = self.wrappers.len();
        for node in nodes.iter() {
            let AstKind::CallExpression(call) = node.kind() else { continue };
            let Some(Expression::Identifier(first)) = call.arguments.first().and_then(|first| first.as_expression())
            else {
                continue;
            };
            let Some(symbol) = symbol_of(self.semantic, first) else { continue };
            let parameter = self.semantic.scoping().symbol_declaration(symbol);
            if matches!(nodes.kind(parameter), AstKind::FormalParameter(_)) && self.spawns(&call.callee) {
                let mut around = nodes.ancestors(parameter);
                let function = around
                    .find(|node| matches!(node.kind(), AstKind::Function(_) | AstKind::ArrowFunctionExpression(_)));
                self.wrappers.extend(function.map(AstNode::id));
            }
        }
        self.wrappers.len() > before
    }

    /// Whether a callee is a `spawn`: `spawn`, `pool.spawn`, `(0, library.spawn)`, `spawn.with({})`, and variables for these.
    pub fn spawns(&self, callee: &Expression<'_>) -> bool {
        self.is_spawn(callee, DEPTH)
    }

    fn is_spawn(&self, callee: &Expression<'_>, depth: u32) -> bool {
        match callee.without_parentheses() {
            Expression::SequenceExpression(it) => it.expressions.last().is_some_and(|last| self.is_spawn(last, depth)),
            Expression::Identifier(name) => {
                name.name == "spawn"
                    || symbol_of(self.semantic, name).is_some_and(|symbol| self.stands_for(symbol, depth))
            }
            Expression::StaticMemberExpression(it) => it.property.name == "spawn",
            Expression::CallExpression(it) => match it.callee.without_parentheses() {
                Expression::StaticMemberExpression(it) => {
                    it.property.name == "with" && self.is_spawn(&it.object, depth)
                }
                _ => false,
            },
            Expression::ArrowFunctionExpression(it) => self.wrappers.contains(&it.node_id.get()),
            Expression::FunctionExpression(it) => self.wrappers.contains(&it.node_id.get()),
            _ => false,
        }
    }

    /// Whether a variable was given a `spawn`.
    fn stands_for(&self, symbol: SymbolId, depth: u32) -> bool {
        if depth == 0 {
            return false;
        }
        match self.semantic.nodes().kind(self.semantic.scoping().symbol_declaration(symbol)) {
            AstKind::Function(it) => self.wrappers.contains(&it.node_id.get()),
            AstKind::ImportSpecifier(it) => it.imported.name() == "spawn",
            AstKind::VariableDeclarator(it) => match &it.id {
                BindingPattern::BindingIdentifier(_) => {
                    it.init.as_ref().is_some_and(|init| self.is_spawn(init, depth - 1))
                }
                BindingPattern::ObjectPattern(pattern) => pattern.properties.iter().any(|property| {
                    let BindingPattern::BindingIdentifier(name) = &property.value else { return false };
                    name.symbol_id() == symbol && property.key.static_name().is_some_and(|key| key == "spawn")
                }),
                _ => false,
            },
            _ => false,
        }
    }
}
