//! What neither oxc nor V8 compiles of TypeScript, with what is to be said of it and where.

use oxc::ast::ast::{
    AccessorProperty, AccessorPropertyType, Declaration, IdentifierReference, Statement, TSClassImplements,
    TSInterfaceDeclaration, TSModuleBlock, TSNamespaceDeclaration, TSType,
};
use oxc::ast_visit::{Visit, walk};
use oxc::semantic::{ScopeId, Scoping};
use oxc::span::Span;
use oxc_ecmascript::BoundNames;
use rustc_hash::FxHashMap as HashMap;

/// Where the namespace stands whose blocks are merged, and its name, with those of the namespaces around.
type Path = (ScopeId, Vec<String>);

pub struct Unsupported<'s> {
    scoping: &'s Scoping,
    /// A message, and the offset in the source.
    pub found: Option<(String, usize)>,
    /// The namespace in whose block the visit is.
    path: Option<Path>,
    /// The blocks around, the innermost last.
    open: Vec<(Path, Span)>,
    /// What the blocks export that were before, by their namespace.
    exported: HashMap<Path, Vec<String>>,
}

impl<'s> Unsupported<'s> {
    pub fn new(scoping: &'s Scoping) -> Unsupported<'s> {
        Unsupported { scoping, found: None, path: None, open: Vec::new(), exported: HashMap::default() }
    }

    fn find(&mut self, message: impl Into<String>, span: Span) {
        self.found.get_or_insert((message.into(), span.start as usize));
    }
}

/// The names of values that a statement of a namespace's block exports.
fn exported_names(statement: &Statement<'_>, names: &mut Vec<String>) {
    let Statement::ExportDeclaration(export) = statement else { return };
    match &export.declaration {
        Declaration::VariableDeclaration(it) => it.bound_names(&mut |id| names.push(id.name.to_string())),
        Declaration::FunctionDeclaration(it) => names.extend(it.id.iter().map(|id| id.name.to_string())),
        Declaration::ClassDeclaration(it) => names.extend(it.id.iter().map(|id| id.name.to_string())),
        Declaration::TSEnumDeclaration(it) => names.push(it.id.name.to_string()),
        Declaration::TSNamespaceDeclaration(it) => names.push(it.id.name.to_string()),
        _ => {}
    }
}

impl<'a> Visit<'a> for Unsupported<'_> {
    fn visit_ts_namespace_declaration(&mut self, it: &TSNamespaceDeclaration<'a>) {
        if it.declare {
            return;
        }
        let outer = self.path.clone();
        let scope = || self.scoping.symbol_scope_id(it.id.symbol_id());
        let (scope, mut names) = outer.clone().unwrap_or_else(|| (scope(), Vec::new()));
        names.push(it.id.name.to_string());
        self.path = Some((scope, names));
        walk::walk_ts_namespace_declaration(self, it);
        self.path = outer;
    }

    fn visit_ts_module_block(&mut self, block: &TSModuleBlock<'a>) {
        // oxc copies the value of a namespace's variable once, where TypeScript's compiler has everybody use the property.
        for statement in &block.body {
            if let Statement::ExportDeclaration(export) = statement
                && let Declaration::VariableDeclaration(declaration) = &export.declaration
            {
                declaration.bound_names(&mut |id| {
                    if self.scoping.symbol_is_mutated(id.symbol_id()) {
                        let message = "a namespace's exported variable that is assigned later is not supported: export a function that returns it, or a const object";
                        self.find(message, id.span);
                    }
                });
            }
        }
        let Some(path) = self.path.clone() else { return walk::walk_ts_module_block(self, block) };
        self.open.push((path.clone(), block.span));
        walk::walk_ts_module_block(self, block);
        self.open.pop();
        let names = self.exported.entry(path).or_default();
        for statement in &block.body {
            exported_names(statement, names);
        }
    }

    /// oxc has the blocks of a namespace know nothing of each other, and so the name would mean something else.
    fn visit_identifier_reference(&mut self, it: &IdentifierReference<'a>) {
        let symbol = self.scoping.get_reference(it.reference_id()).symbol_id();
        let declared = symbol.map(|symbol| self.scoping.symbol_span(symbol).start);
        for (path, block) in self.open.iter().rev() {
            if declared.is_some_and(|start| block.start <= start && start < block.end) {
                return;
            }
            if self.exported.get(path).is_some_and(|names| names.iter().any(|name| name.as_str() == it.name.as_str())) {
                let namespace = path.1.last().map_or("", String::as_str);
                let name = it.name;
                let message =
                    format!("'{name}' is exported by another block of the namespace: write {namespace}.{name}");
                self.find(message, it.span);
                return;
            }
        }
    }

    fn visit_accessor_property(&mut self, property: &AccessorProperty<'a>) {
        // Abstract ones leave nothing behind.
        if property.r#type == AccessorPropertyType::AccessorProperty {
            self.find("`accessor` fields are not supported: write a getter and a setter", property.span);
        }
    }

    // Types leave nothing behind, either.

    fn visit_ts_type(&mut self, _: &TSType<'a>) {}

    fn visit_ts_class_implements(&mut self, _: &TSClassImplements<'a>) {}

    fn visit_ts_interface_declaration(&mut self, _: &TSInterfaceDeclaration<'a>) {}
}
