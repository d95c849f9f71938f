//! Destructuring, step by step, of patterns in which the function can be suspended.
//!
//! ```text
//! Input    [a, b.c = f()] = list;
//! Output   þ1=list; þ2=þ1[þi]();(check) ... þ6=b; (one step of the iterator) a=þ4; (one step) if(þ4===void 0){þ4=f();(check)} þ6.c=þ4;
//!          ... and the iterator is closed, also where any of it throws
//! ```
//!
//! All other patterns stay as they are.

use oxc::ast::ast::*;
use oxc::span::GetSpan;

use super::expression::Operand;
use super::function::Lowerer;
use super::ir::Node;
use super::loops::Closing;

/// An element of an array pattern.
enum Element<'e, 'a> {
    Hole,
    Binding(&'e BindingPattern<'a>, bool),
    Target(&'e AssignmentTargetMaybeDefault<'a>),
    RestBinding(&'e BindingPattern<'a>, bool),
    RestTarget(&'e AssignmentTarget<'a>),
}

/// The variables of an iterator that a pattern reads.
struct Cursor {
    iterator: String,
    next: String,
    done: String,
    step: String,
}

impl Lowerer<'_, '_> {
    /// Gives the variables of a binding pattern their first values.
    pub fn bind_steps(&mut self, pattern: &BindingPattern<'_>, value: &str, is_var: bool) {
        match pattern {
            BindingPattern::BindingIdentifier(_) => self.bind(pattern, value, is_var),
            BindingPattern::AssignmentPattern(it) => {
                if let BindingPattern::BindingIdentifier(id) = &it.left {
                    self.name_value(&it.right, &id.name);
                }
                let value = self.or_default(value, &it.right);
                self.bind(&it.left, &value, is_var);
            }
            BindingPattern::ObjectPattern(it) => {
                let object = self.coercible(value);
                let mut keys = Vec::new();
                for property in &it.properties {
                    let mark = self.temps;
                    let access = self.property(&object, &property.key, property.computed, &mut keys);
                    let value = self.keep_value(&access);
                    self.bind(&property.value, &value, is_var);
                    if it.rest.is_none() {
                        self.release(mark, true);
                    }
                }
                if let Some(rest) = &it.rest {
                    self.bind(&rest.argument, &format!("þrest({object},[{}])", keys.join(",")), is_var);
                }
            }
            BindingPattern::ArrayPattern(it) => {
                let mut elements: Vec<Element<'_, '_>> = it
                    .elements
                    .iter()
                    .map(|element| element.as_ref().map_or(Element::Hole, |it| Element::Binding(it, is_var)))
                    .collect();
                elements.extend(it.rest.iter().map(|rest| Element::RestBinding(&rest.argument, is_var)));
                self.array_steps(value, &elements);
            }
        }
    }

    /// Assigns to the targets of a pattern.
    pub fn assign_pattern(&mut self, target: &AssignmentTarget<'_>, value: &str) {
        match target {
            AssignmentTarget::ObjectAssignmentTarget(it) => {
                let object = self.coercible(value);
                let mut keys = Vec::new();
                for property in &it.properties {
                    let mark = self.temps;
                    match property {
                        AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(it) => {
                            let name = &it.binding.name;
                            keys.push(format!("\"{name}\""));
                            let mut value = self.keep_value(&text!(object, ".", name));
                            if let Some(init) = &it.init {
                                self.name_value(init, name);
                                value = self.or_default(&value, init);
                            }
                            let left = self.reference_text(&it.binding);
                            self.push(text!(left, "=", value, ";"));
                        }
                        AssignmentTargetProperty::AssignmentTargetPropertyProperty(property) => {
                            let access = self.property(&object, &property.name, property.computed, &mut keys);
                            let left = self.early_target(&property.binding);
                            let value = self.keep_value(&access);
                            self.assign_element(&property.binding, left, &value);
                        }
                    }
                    if it.rest.is_none() {
                        self.release(mark, true);
                    }
                }
                if let Some(rest) = &it.rest {
                    // It can be no pattern, and its parts come first.
                    let target = rest.target.as_simple_assignment_target().expect("the rest is no pattern");
                    let left = self.simple_target(target);
                    self.push(format!("{left}=þrest({object},[{}]);", keys.join(",")));
                }
            }
            AssignmentTarget::ArrayAssignmentTarget(it) => {
                let mut elements: Vec<Element<'_, '_>> =
                    it.elements.iter().map(|element| element.as_ref().map_or(Element::Hole, Element::Target)).collect();
                elements.extend(it.rest.iter().map(|rest| Element::RestTarget(&rest.target)));
                self.array_steps(value, &elements);
            }
            other => {
                let target = other.as_simple_assignment_target().expect("the rest are simple");
                let left = self.simple_target(target);
                self.push(text!(left, "=", value, ";"));
            }
        }
    }

    fn keep_value(&mut self, text: &str) -> String {
        let temp = self.temp();
        self.push(text!(temp, "=", text, ";"));
        temp
    }

    /// The object of a pattern, which may not be `undefined` or `null`.
    fn coercible(&mut self, value: &str) -> String {
        self.keep_value(&format!("þcoercible({value})"))
    }

    /// `value === undefined ? default : value`
    fn or_default(&mut self, value: &str, default: &Expression<'_>) -> String {
        let temp = self.keep_value(value);
        let yes = self.branch(default, &temp);
        self.out.push(Node::If { condition: format!("{temp}===void 0"), yes, no: Vec::new() });
        temp
    }

    /// The text that reads a property; its key is evaluated now.
    fn property(&mut self, object: &str, key: &PropertyKey<'_>, computed: bool, keys: &mut Vec<String>) -> String {
        match key {
            PropertyKey::StaticIdentifier(it) if !computed => {
                keys.push(format!("\"{}\"", it.name));
                text!(object, ".", it.name)
            }
            key => {
                let expression = key.as_expression().expect("a pattern's key is a name or an expression");
                let text = self.operands(&[Operand::Key(expression)]).remove(0);
                let literal = matches!(expression, Expression::StringLiteral(_) | Expression::NumericLiteral(_));
                let text = if literal { text } else { self.keep_value(&format!("þe({text})")) };
                keys.push(text.clone());
                text!(object, "[", text, "]")
            }
        }
    }

    /// A target whose parts are evaluated before the value is read; patterns are not.
    fn early_target(&mut self, target: &AssignmentTargetMaybeDefault<'_>) -> Option<String> {
        let target = match target {
            AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(it) => &it.binding,
            other => other.as_assignment_target().expect("the rest are targets"),
        };
        target.as_simple_assignment_target().map(|target| self.simple_target(target))
    }

    fn assign_element(&mut self, element: &AssignmentTargetMaybeDefault<'_>, left: Option<String>, value: &str) {
        let (target, value) = match element {
            AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(it) => {
                if let AssignmentTarget::AssignmentTargetIdentifier(name) = &it.binding {
                    self.name_value(&it.init, &name.name);
                }
                (&it.binding, self.or_default(value, &it.init))
            }
            other => (other.as_assignment_target().expect("the rest are targets"), value.to_owned()),
        };
        match left {
            Some(left) => self.push(text!(left, "=", value, ";")),
            None => self.assign_pattern(target, &value),
        }
    }

    fn array_steps(&mut self, value: &str, elements: &[Element<'_, '_>]) {
        let cursor = Cursor { iterator: self.temp(), next: self.temp(), done: self.temp(), step: self.temp() };
        let (kind, held) = (self.temp(), self.temp());
        let Cursor { iterator, next, done, step } = &cursor;
        self.call_iterator(value, iterator, next, step);
        self.push(format!("{iterator}=þj({step});{next}={iterator}.next;{done}=false;"));
        let nodes = self.closing(
            &Closing { kind: &kind, held: &held, condition: Some(&format!("!{done}")) },
            |this| this.nested(|this| elements.iter().for_each(|element| this.array_element(&cursor, element))),
            |this| this.close_iterator(iterator, step, &kind),
        );
        self.out.extend(nodes);
    }

    fn array_element(&mut self, cursor: &Cursor, element: &Element<'_, '_>) {
        let mark = self.temps;
        match element {
            Element::Hole => self.advance(cursor),
            Element::Binding(pattern, is_var) => {
                self.advance(cursor);
                self.bind(pattern, &cursor.step, *is_var);
            }
            Element::Target(target) => {
                let left = self.early_target(target);
                self.advance(cursor);
                self.assign_element(target, left, &cursor.step);
            }
            Element::RestBinding(pattern, is_var) => {
                let list = self.rest_of(cursor);
                self.bind(pattern, &list, *is_var);
            }
            Element::RestTarget(target) => {
                let left = target.as_simple_assignment_target().map(|target| self.simple_target(target));
                let list = self.rest_of(cursor);
                match left {
                    Some(left) => self.push(format!("{left}={list};")),
                    None => self.assign_pattern(target, &list),
                }
            }
        }
        self.release(mark, true);
    }

    /// One step of the iterator. While it is under way the iterator counts as done: it is not closed where it throws.
    fn advance(&mut self, cursor: &Cursor) {
        let Cursor { iterator, next, done, step } = cursor;
        let yes = self.nested(|this| {
            this.push(format!("{done}=true;"));
            this.call_into(&format!("þy({next},{iterator})"), step);
            this.push(format!("if(þj({step}).done){step}=void 0;else{{{step}={step}.value;{done}=false;}}"));
        });
        let no = vec![Node::Text(format!("{step}=void 0;"))];
        self.out.push(Node::If { condition: format!("!{done}"), yes, no });
    }

    fn rest_of(&mut self, cursor: &Cursor) -> String {
        let list = self.keep_value("[]");
        let number = self.unit.unique();
        let leave = format!("þb{number}");
        let body = self.nested(|this| {
            this.advance(cursor);
            this.push(format!("if({})break {leave};þadd({list},{});", cursor.done, cursor.step));
        });
        self.repeat(number, leave, body);
        list
    }

    fn reference_text(&mut self, name: &IdentifierReference<'_>) -> String {
        use oxc::ast_visit::Visit;
        self.splice(name.span(), |splicer| splicer.visit_identifier_reference(name))
    }
}
