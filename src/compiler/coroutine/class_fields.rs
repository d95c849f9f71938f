//! Fields and static blocks whose code can suspend the function around the class, or the constructor.
//!
//! V8 runs them under a native frame. So from the first one on that can be suspended (`class_code.rs`) they become functions,
//! which a static block tells the kernel; the function around the class has them called when the class is there:
//!
//! ```text
//! Input    class A { static a = 1; static b = f(this.a); static { g(); } m() {} }
//! Output   þ1=(class A { static a = 1; static{þfields(this,["b",þkey=>{return f(this.a)},void 0,þkey=>{g();...}])} ; m() {} });
//!          þinitialise(þmade());(check) A=þ1;
//! ```
//!
//! As arrow functions of a static block they have the `this`, `super` and `new.target` that initialisers have, and see the private
//! names. A field's value is defined by the kernel. Functions without a name get that of the field: `({[þkey]:() => 1})[þkey]`.
//!
//! The functions for instances' fields are made by a static block, too, and kept for the constructor. Before a class without
//! `extends` does anything else, not even bind its parameters, and after each `super()`, it has them called:
//!
//! ```text
//! Input    class B { x = f(this); constructor(y) { g(y); } }
//! Output   (þcell1=>class B { static{þcell1.fields=["x",function(þkey){return f(this)},class extends þpresent{"x"=þcell1.value}]} ;
//!            constructor(y) { þconstructed(this,þcell1);(check) g(y); ... } })({})
//! ```
//!
//! Where nobody can see the object before that is done, its fields are there from the beginning, which costs a third:
//!
//! ```text
//! Input    class C { x = f(); y = 1 }
//! Output   (þcell1=>class C { static{þcell1.fields=["x",function(þkey){return f()},(þo,þv)=>{þo["x"]=þv}]} constructor() {...}
//!            x=void 0; y = 1 })({})
//! ```
//!
//! A computed key is evaluated in its turn among the others. A static method stands there for the field, until all keys are known:
//!
//! ```text
//! Input    static [key()] = f();
//! Output   static{delete this[þplace]} static [(þcell1.k0=þe(key()),þplace)](){}
//! ```
//!
//! A private field can be added by the class alone, so a class stays as it is where one would have to come later; and so do the fields
//! of instances where one mentions `super`.

use oxc::ast::ast::*;
use oxc::ast_visit::Visit;
use oxc::span::{GetSpan, Span};

use super::class_code::{Moved, is_literal};
use super::function::{Body, Known, Lowerer, as_property};
use super::marks::{named, site};
use super::splice::Splicer;
use super::statement::is_anonymous_definition;
use super::unit::Unit;

impl Lowerer<'_, '_> {
    /// A class as a value, whose static elements are initialised before anything goes on. `text` makes the class itself.
    pub fn initialised_class(&mut self, it: &Class<'_>, text: String) -> String {
        let text = match self.names_of.get(&it.span.start).filter(|_| it.id.is_none()) {
            Some(name) => {
                let (before, after) = as_property(name);
                format!("{before}{text}{after}")
            }
            // The temporary shall not name it.
            None if it.id.is_none() => format!("(0,{text})"),
            None => text,
        };
        let value = self.keep(&format!("({text})"));
        self.call_effect(format!("{}þinitialise(þmade())", site(it.span.start)));
        self.stands_at(it.span.start);
        value
    }

    /// What of a class comes later, where a statement of this function makes it.
    pub fn moves(&self, it: &Class<'_>) -> Moved {
        let moved = self.unit.scan.moved.get(&it.span.start).copied().unwrap_or_default();
        // A name that is computed is known only where the class stands.
        let has_known_name = it.id.is_some() || self.names_of.get(&it.span.start).is_none_or(|name| !name.is_empty());
        if has_known_name { moved } else { Moved::default() }
    }

    /// What holds the fields that an object gets after a call of `super()`.
    pub fn constructs(&self, super_call: u32) -> Option<String> {
        let class = self.unit.scan.supers.get(&super_call).filter(|class| self.unit.has_fields(**class))?;
        Some(format!("þcell{class}"))
    }

    /// Has an object's fields added where the constructor of a class without `extends` begins.
    pub fn begin_constructor(&mut self) {
        let Some(class) = self.unit.scan.adds_fields.get(&self.id).filter(|class| self.unit.has_fields(**class)) else {
            return;
        };
        self.call_effect(format!("{}þconstructed(this,þcell{class})", site(self.here)));
    }

    /// The code of an initialiser or a static block as a function's body.
    fn initialiser(mut self, body: &Body<'_, '_>, is_static: bool) -> String {
        self.hoists = true;
        self.wrapped = is_static;
        let entry = self.next_point();
        let head = match body {
            Body::Expression(value) if is_anonymous_definition(value) => {
                self.names_of.insert(value.without_parentheses().span().start, String::new());
                let text = self.value(value);
                self.push(format!("return ({{[þkey]:{text}}})[þkey];"));
                String::new()
            }
            other => self.statements_of(other),
        };
        self.end(entry, "return;");
        self.assemble(&[], &head, &Known::default(), "")
    }
}

impl Unit<'_> {
    /// Whether the fields of a class's instances come later.
    fn has_fields(&self, class: u32) -> bool {
        self.fielded.borrow().contains(&class)
    }

    /// The constructor of a class that has none, whose instances get fields later.
    fn constructor(&self, it: &Class<'_>) -> String {
        let start = it.span.start;
        let holder = cell_of(it);
        let name = it.id.as_ref().map_or("", |id| id.name.as_str());
        let table = {
            let mut points = self.points.borrow_mut();
            points.push(vec![start; 2]);
            points.len() - 1
        };
        let (begin, end) = named(name, table);
        let call = format!("{}þconstructed(this,{holder});if({})return ", site(start), super::ir::BY_REALM.called);
        if it.heritage.is_some() {
            return format!(
                "constructor(...þargs){{super(...þrested(þargs));{call}þs(void 0,{begin}(þF,þv,þm)=>{{þx(þm,þv);return this}}{end},1,void 0,null)}}"
            );
        }
        format!("constructor(){{{call}þn(void 0,{begin}function(þF,þv,þm){{þx(þm,þv)}}{end},1,this,new.target)}}")
    }
}

impl Splicer<'_, '_, '_> {
    /// A class of which elements come later.
    pub fn visit_moved(&mut self, it: &Class<'_>, moved: Moved, is_lowered: bool) {
        let cell = cell_of(it);
        let start = it.body.span.start + 1;
        let (mut statics, mut fields) = (Vec::new(), Vec::new());
        let mut place = None;
        let mut keys = 0;
        if moved.fields.is_some() {
            self.lowerer.unit.fielded.borrow_mut().insert(it.span.start);
        }
        for element in &it.body.body {
            let span = element.span();
            let is_moved = |first: Option<u32>| first.is_some_and(|first| first <= span.start);
            match element {
                ClassElement::PropertyDefinition(field) if !field.r#static && is_moved(moved.fields) => {
                    match &field.value {
                        value if moved.is_unseen && value.as_ref().is_none_or(is_literal) => {
                            self.visit_class_element(element);
                        }
                        Some(value) if moved.is_unseen => {
                            // The field is there with no value from the beginning.
                            self.edits.push((field.key.span().end, span.end, "=void 0;".to_owned()));
                            let (key, value) = (self.key(field), self.code(span, &Body::Expression(value), false));
                            fields.push(format!("{key},{value},(þo,þv)=>{{þo[{key}]=þv}}"));
                        }
                        value => {
                            let key = self.key_of(field, &cell, &mut keys);
                            let value = self.value_of(span, value.as_ref(), false);
                            let name = if key.starts_with('þ') { format!("[{key}]") } else { key.clone() };
                            fields.push(format!("{key},{value},class extends þpresent{{{name}={cell}.value}}"));
                        }
                    }
                }
                ClassElement::PropertyDefinition(field) if field.r#static && is_moved(moved.statics) => {
                    let key = self.key_of(field, &cell, &mut keys);
                    statics.push(format!("{key},{}", self.value_of(span, field.value.as_ref(), true)));
                    place.get_or_insert(span.end);
                }
                ClassElement::StaticBlock(block) if is_moved(moved.statics) => {
                    statics.push(format!("void 0,{}", self.code(span, &Body::Statements(&block.body), true)));
                    self.edits.push((span.start, span.end, ";".to_owned()));
                    place.get_or_insert(span.end);
                }
                _ => self.visit_class_element(element),
            }
        }
        let mut head = String::new();
        if keys > 0 {
            head.push_str("static{delete this[þplace]}");
        }
        if !fields.is_empty() {
            put!(head, "static{{{cell}.isUnseen={};{cell}.fields=[{}]}}", moved.is_unseen, fields.join(","));
            let has_constructor = it.body.body.iter().any(|element| {
                matches!(element, ClassElement::MethodDefinition(it) if it.kind == MethodDefinitionKind::Constructor)
            });
            if !has_constructor {
                head.push_str(&self.lowerer.unit.constructor(it));
            }
        }
        self.edits.push((start, start, head));
        if let Some(place) = place {
            self.edits.push((place, place, format!("static{{þfields(this,[{}])}}", statics.join(","))));
        }
        if keys > 0 || !fields.is_empty() {
            self.with_cell(it, &cell, is_lowered);
        }
    }

    /// Gives a class a variable that nobody else sees.
    fn with_cell(&mut self, it: &Class<'_>, cell: &str, is_lowered: bool) {
        let (before, after) = match self.lowerer.names_of.get(&it.span.start).filter(|_| it.id.is_none()) {
            Some(name) => as_property(name),
            None => (String::new(), String::new()),
        };
        let mut before = format!("({cell}=>{before}");
        let mut after = format!("{after})({{__proto__:null}})");
        if let Some(id) = it.id.as_ref().filter(|_| it.is_declaration() && !is_lowered) {
            before = format!("let {}={before}", id.name);
            after.push(';');
        }
        self.edits.insert(0, (it.span.start, it.span.start, before));
        self.edits.push((it.span.end, it.span.end, after));
    }

    /// The text of a field's key; takes the field out of the class, but not the evaluation of the key.
    fn key_of(&mut self, field: &PropertyDefinition<'_>, cell: &str, keys: &mut u32) -> String {
        let span = field.span;
        let key = field.key.span();
        if let Some(expression) = field.key.as_expression().filter(|_| field.computed) {
            let index = *keys;
            *keys += 1;
            self.edits.push((span.start, key.start, format!("static [({cell}.k{index}=þe(")));
            self.visit_expression(expression);
            self.edits.push((key.end, span.end, "),þplace)](){}".to_owned()));
            return format!("{cell}.k{index}");
        }
        self.edits.push((span.start, span.end, ";".to_owned()));
        self.key(field)
    }

    /// The text of a key that is not computed, as a value.
    fn key(&self, field: &PropertyDefinition<'_>) -> String {
        match &field.key {
            PropertyKey::StaticIdentifier(name) => format!("\"{}\"", name.name),
            other => other.span().source_text(self.lowerer.unit.source).to_owned(),
        }
    }

    /// The text of a function that gives a field's value.
    fn value_of(&mut self, span: Span, value: Option<&Expression<'_>>, is_static: bool) -> String {
        value.map_or_else(|| "void 0".to_owned(), |value| self.code(span, &Body::Expression(value), is_static))
    }

    fn code(&mut self, span: Span, body: &Body<'_, '_>, is_static: bool) -> String {
        let unit = self.lowerer.unit;
        let text = Lowerer::new(unit, unit.scan.by_start[&span.start]).initialiser(body, is_static);
        if is_static { format!("þkey=>{text}") } else { format!("function(þkey){text}") }
    }
}

/// What holds the keys and the code of a class's fields.
fn cell_of(it: &Class<'_>) -> String {
    format!("þcell{}", it.span.start)
}
