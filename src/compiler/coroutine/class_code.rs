//! Which fields and static blocks have code that can be suspended, so that it does not run where V8 would run it.
//!
//! A class's elements of one kind run in their order. So from the first one on that can be suspended all of them come later:
//! static ones when the class has been made, an instance's fields when its constructor begins, or when `super()` has returned
//! (`class_fields.rs`). Those before, and all of most classes, stay V8's.

use rustc_hash::FxHashSet as HashSet;

use oxc::ast::ast::*;
use oxc::span::{GetSpan, Span};

use super::expression::names_private;
use super::scan::{FunctionId, Scan, Target};

/// A field or a static block.
#[derive(Debug)]
struct Element {
    start: u32,
    /// Its code, if it has any.
    code: Option<FunctionId>,
    /// Only the class itself can add a private field.
    is_private: bool,
    /// Whether its key is known only when the class is made.
    is_computed: bool,
}

/// The fields and static blocks of a class.
#[derive(Debug)]
pub struct ClassCode {
    span: Span,
    /// The function around the class.
    owner: FunctionId,
    statics: Vec<Element>,
    fields: Vec<Element>,
    /// The constructor, and where its body begins.
    constructor: Option<(FunctionId, u32)>,
    is_derived: bool,
    /// Where it calls `super()`, and in which function.
    supers: Vec<(u32, FunctionId)>,
    /// Whether what is computed of it may be evaluated elsewhere.
    may_move: bool,
    /// Whether two fields of instances have the same name: the later one counts.
    has_twins: bool,
}

/// What of a class comes later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// Where the first static element begins that does.
    pub statics: Option<u32>,
    /// The same for the fields of instances.
    pub fields: Option<u32>,
    /// Whether nobody can see an instance before all of its fields have their values: there is no class above, and no field
    /// mentions `this`. Then the fields may be there early.
    pub is_unseen: bool,
}

impl ClassCode {
    /// What a class runs.
    fn of(it: &Class<'_>, owner: FunctionId, supers: Vec<(u32, FunctionId)>, scan: &Scan) -> ClassCode {
        let mut class = ClassCode {
            span: it.span,
            owner,
            statics: Vec::new(),
            fields: Vec::new(),
            constructor: None,
            is_derived: it.heritage.is_some(),
            supers,
            has_twins: false,
            may_move: !it.body.body.iter().any(|element| element.property_key().is_some_and(names_private)),
        };
        let mut names = HashSet::default();
        for element in &it.body.body {
            let start = element.span().start;
            let code = scan.by_start.get(&start).copied();
            match element {
                ClassElement::PropertyDefinition(it) => {
                    let is_private = matches!(it.key, PropertyKey::PrivateIdentifier(_));
                    if !it.r#static
                        && let Some(name) = it.key.static_name()
                    {
                        class.has_twins |= !names.insert(name);
                    }
                    let list = if it.r#static { &mut class.statics } else { &mut class.fields };
                    list.push(Element {
                        start,
                        code: code.filter(|_| it.value.is_some()),
                        is_private,
                        is_computed: it.computed,
                    });
                }
                ClassElement::StaticBlock(_) => {
                    class.statics.push(Element { start, code, is_private: false, is_computed: false });
                }
                ClassElement::MethodDefinition(it) if it.kind == MethodDefinitionKind::Constructor => {
                    let body = it.value.body.as_ref().map_or(start, |body| body.span.start);
                    class.constructor = scan.by_start.get(&it.value.span.start).map(|id| (*id, body));
                }
                _ => {}
            }
        }
        class
    }

    fn target(list: &[Element]) -> Option<Target> {
        let codes: Vec<FunctionId> = list.iter().filter_map(|element| element.code).collect();
        (!codes.is_empty()).then_some(Target::Initialisers(codes))
    }
}

/// Whether it makes no difference when a field gets its value, as long as nobody sees the object.
pub fn is_literal(value: &Expression<'_>) -> bool {
    match value.without_parentheses() {
        Expression::ArrayExpression(it) => it.elements.is_empty(),
        Expression::ObjectExpression(it) => it.properties.is_empty(),
        Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) => true,
        other => other.is_literal(),
    }
}

/// Where a constructor's body begins: there its object gets its fields.
fn at_begin(body: u32) -> Span {
    Span::new(body, body)
}

/// The word of a call of `super()`, after which the object gets its fields.
fn at_super(start: u32) -> Span {
    Span::new(start, start + "super".len() as u32)
}

impl Scan {
    /// Takes note of a class, and of where what it runs would be called.
    pub fn note_class(&mut self, it: &Class<'_>, owner: FunctionId, supers: Vec<(u32, FunctionId)>) {
        let class = ClassCode::of(it, owner, supers, self);
        if let Some(target) = ClassCode::target(&class.statics) {
            self.targets.insert(it.span, target);
            self.functions[owner].calls.push(it.span);
        }
        if let Some(target) = ClassCode::target(&class.fields) {
            if let Some((constructor, body)) = class.constructor.filter(|_| !class.is_derived) {
                self.targets.insert(at_begin(body), target.clone());
                self.functions[constructor].calls.push(at_begin(body));
            }
            for (call, function) in &class.supers {
                self.targets.insert(at_super(*call), target.clone());
                self.functions[*function].calls.push(at_super(*call));
            }
        }
        if !class.statics.is_empty() || !class.fields.is_empty() {
            self.class_code.push(class);
        }
    }

    /// Finds what of the classes comes later. Flat functions are known.
    pub fn find_moved(&mut self) {
        for class in std::mem::take(&mut self.class_code) {
            let may_move = class.may_move && !self.functions[class.owner].is_dynamic;
            let first = |list: &[Element]| {
                let can_suspend = |element: &Element| element.code.is_some_and(|id| !self.functions[id].is_flat);
                let moved = &list[list.iter().position(can_suspend)?..];
                let is_possible = may_move && !moved.iter().any(|element| element.is_private);
                is_possible.then(|| moved[0].start)
            };
            // The functions that stand for fields of instances have no `super`.
            let uses_super = |element: &Element| element.code.is_some_and(|id| self.functions[id].uses_super);
            let is_plain = |element: &Element| {
                let mentions_this = |id: FunctionId| self.functions[id].uses_this || self.functions[id].is_dynamic;
                !element.is_computed && !element.code.is_some_and(mentions_this)
            };
            let moved = Moved {
                is_unseen: !class.is_derived && !class.has_twins && class.fields.iter().all(is_plain),
                statics: first(&class.statics),
                fields: first(&class.fields).filter(|_| !class.fields.iter().any(uses_super)),
            };
            if moved.statics.is_none() {
                self.functions[class.owner].calls.retain(|span| *span != class.span);
            }
            if moved.fields.is_some() {
                if let Some((constructor, _)) = class.constructor.filter(|_| !class.is_derived) {
                    self.adds_fields.insert(constructor, class.span.start);
                }
                self.supers.extend(class.supers.iter().map(|(call, _)| (*call, class.span.start)));
            } else {
                self.keep_fields(&class);
            }
            if moved.statics.is_some() || moved.fields.is_some() {
                self.moved.insert(class.span.start, moved);
            }
        }
    }

    /// The fields of a class come when V8 adds them, after all.
    pub fn keep_moved_fields(&mut self, constructor: FunctionId, class: u32) {
        self.adds_fields.remove(&constructor);
        if let Some(moved) = self.moved.get_mut(&class) {
            moved.fields = None;
        }
    }

    /// Its constructor calls nothing for the fields of a class.
    fn keep_fields(&mut self, class: &ClassCode) {
        if let Some((constructor, body)) = class.constructor {
            self.functions[constructor].calls.retain(|span| *span != at_begin(body));
        }
        for (call, function) in &class.supers {
            self.functions[*function].calls.retain(|span| *span != at_super(*call));
        }
    }
}
