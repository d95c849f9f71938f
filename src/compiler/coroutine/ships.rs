//! Functions given to `spawn` that may run on another isolate, and what it takes to make them there.
//!
//! A function is *portable* if nothing that it captures is ever reassigned, and all of that is either a function of the same source
//! which is portable itself, or a value that can be sent; the latter is seen when it is about to be sent. Such a function is given to
//! the kernel together with what it captures:
//!
//! ```text
//! Input    const k = 3; function triple(n) { return n * k; } spawn((x) => triple(x) + k, 30)
//! Output   ... spawn(þship((x) => triple(x) + k,ID,58,()=>[k]), 30)
//! Text     ()=>{
//!                       function triple(n) { return n * k; }
//!          ;var k;return[(
//!                                                                   (x) => triple(x) + k
//!          ),(æ0)=>{k=æ0;}]}
//! ```
//!
//! The text ([`Ship::text`]) is what another isolate compiles. Each function in it begins in a line of its own, at the column at which
//! it stands in the source, so that places are easily told. It has the form of `lib/makers.js`: first the function, then what sets its
//! variables. There are only functions in it, so nothing of the source is evaluated there.

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use oxc::ast::ast::*;
use oxc::semantic::{ScopeId, Scoping, SymbolFlags, SymbolId};
use oxc::span::{GetSpan, Span};

use super::super::realm_names::is_realm_name;
use super::handed::Handed;
use super::module::Shape;
use super::scan::{FunctionId, Scan, Value};
use super::usage::Mentions;

/// The module whose names mean in tasks what the same globals do.
const LIBRARY: &str = "@hertzscript/isolate";

/// Globals of tasks that programs may also give to variables of their own, so that they are not among the realm's names.
const TASK_NAMES: [&str; 21] = [
    "Blob",
    "Cond",
    "Context",
    "ErrGroup",
    "File",
    "Mutex",
    "Once",
    "RWMutex",
    "Semaphore",
    "WaitGroup",
    "after",
    "chan",
    "crypto",
    "inTask",
    "scope",
    "select",
    "sleep",
    "spawn",
    "task",
    "ticker",
    "undefined",
];

fn is_task_name(name: &str) -> bool {
    TASK_NAMES.binary_search(&name).is_ok()
}

/// Names of the object that has the globals.
const GLOBAL: [&str; 3] = ["global", "globalThis", "self"];

/// Letters that may begin a name and that hardly any source has.
const MARKS: [char; 8] = ['æ', 'ð', 'ø', 'ß', 'ª', 'º', 'Ⲁ', 'Ⲃ'];

/// What becomes of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Giving {
    /// It is given to a task.
    Task,
    /// It is given to tasks, maybe several times.
    Tasks,
    /// It may be sent: it stands in an argument of `send` and the like, or is returned, maybe within objects.
    Value,
    /// The same for what is in an object of this name.
    Part,
}

impl Giving {
    /// Whether a task is told of it where it is given to one.
    pub fn is_task(self) -> bool {
        matches!(self, Giving::Task | Giving::Tasks)
    }
}

/// A method of an object literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// The whole property.
    pub property: Span,
    pub key: Span,
}

impl Method {
    /// Nothing if its name is computed, or would mean something else elsewhere.
    fn of(it: &ObjectProperty<'_>) -> Option<Method> {
        let is_method = it.method && it.kind == PropertyKind::Init && !it.computed;
        let is_plain = it.key.static_name().is_some_and(|name| name != "__proto__");
        (is_method && is_plain).then(|| Method { property: it.span, key: it.key.span() })
    }

    /// What reads it from an object that has nothing else.
    pub fn access(self, source: &str) -> String {
        let key = &source[self.key.start as usize..self.key.end as usize];
        let is_name = !key.starts_with(|first: char| first.is_ascii_digit() || "'\".".contains(first));
        if is_name { format!(".{key}") } else { format!("[{key}]") }
    }
}

/// A place where a function leaves the code around it.
#[derive(Debug, Clone)]
pub struct SpawnSite {
    /// The function, or its name.
    pub function: Span,
    /// The variable, if it is a name.
    pub named: Option<SymbolId>,
    pub method: Option<Method>,
    /// The scope around it.
    pub scope: ScopeId,
    pub giving: Giving,
}

/// A function that is given to a task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ship {
    /// Where it begins in the source, or its name does.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// The captured variables whose values are sent along.
    pub names: Vec<String>,
    /// The functions that it needs: begin, end, and the variable if it is no declaration.
    pub functions: Vec<(u32, u32, Option<String>)>,
    /// What it is called, if it is given by its name.
    pub named: Option<String>,
    pub method: Option<Method>,
    /// Whether it is strict code.
    pub is_strict: bool,
    /// Whether it could wait for something: it names an operation of the kernel that does, or is asynchronous.
    pub may_wait: bool,
    /// Why it stays on its isolate; empty if it may leave.
    pub problem: String,
}

/// What another isolate compiles.
#[allow(dead_code, reason = "the build script compiles this file, too")]
pub struct Text {
    pub text: String,
    /// In which line each function begins in the text, and in the source; both from 1.
    pub lines: Vec<(u32, u32)>,
}

impl Ship {
    /// The text that makes the function elsewhere; nothing if the source uses all letters that could mark the text's own names.
    #[allow(dead_code, reason = "the build script compiles this file, too")]
    pub fn text(&self, source: &str) -> Option<Text> {
        let mark = MARKS.into_iter().find(|mark| !source.contains(*mark))?;
        let mut text = String::from("()=>{");
        let mut lines = Vec::new();
        let mut line = 1;
        let mut add = |text: &mut String, start: u32, end: u32| {
            let (start, end) = (start as usize, end as usize);
            let before = &source[..start];
            let column = before.rfind('\n').map_or(0, |at| at + 1);
            line += 1;
            lines.push((line, before.matches('\n').count() as u32 + 1));
            text.push('\n');
            text.extend(before[column..].chars().flat_map(|it| std::iter::repeat_n(' ', it.len_utf16())));
            let function = &source[start..end];
            text.push_str(function);
            text.push('\n');
            line += function.matches('\n').count() as u32 + 1;
        };
        for (start, end, name) in &self.functions {
            if let Some(name) = name {
                put!(text, ";const {name}=");
            }
            add(&mut text, *start, *end);
        }
        if !self.names.is_empty() {
            put!(text, ";var {}", self.names.join(","));
        }
        text.push_str(";return[");
        match (&self.named, self.method) {
            (Some(name), _) => text.push_str(name),
            (None, Some(method)) => {
                text.push_str("({");
                add(&mut text, method.property.start, method.property.end);
                put!(text, "}}){}", method.access(source));
            }
            // No variable that it would be called by.
            (None, None) => {
                text.push('(');
                add(&mut text, self.start, self.end);
                text.push(')');
            }
        }
        let parameters: Vec<String> = (0..self.names.len()).map(|index| format!("{mark}{index}")).collect();
        put!(text, ",({})=>{{", parameters.join(","));
        for (name, parameter) in self.names.iter().zip(&parameters) {
            put!(text, "{name}={parameter};");
        }
        text.push_str("}]}");
        Some(Text { text, lines })
    }
}

/// The functions that leave the code around them.
#[derive(Default)]
pub struct Found {
    /// All, in order, and with them the one that the source makes if it has the form of `lib/makers.js`.
    pub ships: Vec<Ship>,
    /// Of those that may be sent, by where they begin, the scope around them.
    pub values: HashMap<u32, ScopeId>,
}

pub fn find(source: &str, program: &Program<'_>, scan: &Scan, scoping: &Scoping, shape: Option<&Shape>) -> Found {
    let maker = Maker::of(program);
    let exported = exported_functions(scan, scoping, shape);
    if scan.spawn_sites.is_empty() && maker.is_none() && exported.is_empty() {
        return Found::default();
    }
    let imports = memchr::memmem::find_iter(source.as_bytes(), "import")
        .filter(|at| source[at + "import".len()..].trim_start().starts_with(['(', '.']))
        .map(|at| at as u32)
        .collect();
    let finder = Finder { scan, scoping, shape, setter: maker.as_ref().map(|maker| maker.setter), imports };
    let mut ships = Vec::new();
    let mut values = HashMap::default();
    let is_makers = |span: Span| maker.as_ref().is_some_and(|it| it.setter == span || it.main == Some(span));
    let mut sites: Vec<SpawnSite> = scan.spawn_sites.iter().chain(&scan.returned).cloned().chain(exported).collect();
    let mut handed = None;
    let mut opened = HashSet::default();
    let is_function = |symbol| matches!(scan.functions_of.get(symbol), Some(Value::Function(id)) if *id != 0);
    // What a variable holds that may be a list or an object that was written down before, or comes from elsewhere.
    let mut open = |symbol: SymbolId, sites: &mut Vec<SpawnSite>| {
        if opened.insert(symbol) {
            sites.extend(scan.literals.get(&symbol).into_iter().flatten().cloned());
            sites.extend(handed.get_or_insert_with(|| Handed::of(program, scoping)).held_by(symbol));
        }
    };
    while let Some(site) = sites.pop() {
        if let Some(symbol) = site.named.filter(|symbol| !is_function(*symbol)) {
            open(symbol, &mut sites);
            if !site.giving.is_task() {
                continue;
            }
        }
        if site.giving == Giving::Part {
            continue;
        }
        if site.giving == Giving::Value
            && (is_makers(site.function) || values.insert(site.function.start, site.scope).is_some())
        {
            continue;
        }
        let mut ship = Ship { start: site.function.start, end: site.function.end, ..Ship::default() };
        match finder.fill(&site, &mut ship) {
            Ok(leaves) => leaves.into_iter().for_each(|symbol| open(symbol, &mut sites)),
            Err(problem) => ship = Ship { start: ship.start, end: ship.end, problem, ..Ship::default() },
        }
        ships.push(ship);
    }
    if let Some(Maker { main: Some(main), .. }) = maker {
        let mut ship = Ship { start: main.start, end: main.end, ..Ship::default() };
        if let Err(problem) = finder.check_main(main) {
            ship.problem = problem;
        }
        ships.push(ship);
    }
    ships.sort_by_key(|ship| ship.start);
    ships.dedup_by_key(|ship| ship.start);
    // What is given to a task is told of there.
    for site in scan.spawn_sites.iter().filter(|site| site.giving.is_task()) {
        values.remove(&site.function.start);
    }
    Found { ships, values }
}

/// The functions that a module exports: others may send them, or capture them in what they send.
fn exported_functions(scan: &Scan, scoping: &Scoping, shape: Option<&Shape>) -> Vec<SpawnSite> {
    let Some(shape) = shape else { return Vec::new() };
    let mut sites = Vec::new();
    for (_, local) in shape.exports.iter().filter(|(_, local)| local != shape.default) {
        let Some(symbol) = scoping.get_root_binding(local.as_str().into()) else { continue };
        let Some(Value::Function(id)) = scan.functions_of.get(symbol) else { continue };
        // What is reassigned is another function later.
        if *id == 0 || scan.writes.get(symbol).is_some_and(|list| !list.is_empty()) {
            continue;
        }
        let facts = &scan.functions[*id];
        let (function, scope) = (Span::new(facts.start, facts.end), scoping.root_scope_id());
        sites.push(SpawnSite { function, named: None, method: None, scope, giving: Giving::Value });
    }
    sites
}

/// A source of the form of `lib/makers.js`.
struct Maker {
    /// What sets the function's variables: before that they have no value.
    setter: Span,
    /// The function.
    main: Option<Span>,
}

impl Maker {
    fn of(program: &Program<'_>) -> Option<Maker> {
        let [Statement::ExpressionStatement(statement)] = &program.body[..] else { return None };
        let Expression::ArrowFunctionExpression(maker) = statement.expression.without_parentheses() else {
            return None;
        };
        let ArrowFunctionBody::FunctionBody(body) = &maker.body else { return None };
        let Some(Statement::ReturnStatement(end)) = body.statements.last() else { return None };
        let Some(Expression::ArrayExpression(list)) = &end.argument else { return None };
        let [function, ArrayExpressionElement::ArrowFunctionExpression(setter)] = &list.elements[..] else {
            return None;
        };
        let main = match function.as_expression().map(Expression::without_parentheses) {
            Some(Expression::ArrowFunctionExpression(it)) => Some(it.span),
            Some(Expression::FunctionExpression(it)) => Some(it.span),
            _ => None,
        };
        Some(Maker { setter: setter.span, main })
    }
}

struct Finder<'s> {
    scan: &'s Scan,
    scoping: &'s Scoping,
    shape: Option<&'s Shape>,
    setter: Option<Span>,
    /// Where `import(...)`, `import.meta` and the like stand, or what looks like it.
    imports: Vec<u32>,
}

type Problem = String;

impl Finder<'_> {
    /// Returns the variables whose values are sent along.
    fn fill(&self, site: &SpawnSite, ship: &mut Ship) -> Result<HashSet<SymbolId>, Problem> {
        let mut leaves = HashSet::default();
        let mut functions = Vec::new();
        if let Some(symbol) = site.named {
            self.add_function(symbol, &mut functions, &mut leaves)?;
            ship.is_strict = self.scan.functions[functions[0].1].is_strict;
        } else {
            let id = self.scan.by_start.get(&site.function.start).copied().ok_or("it is no plain function")?;
            let facts = &self.scan.functions[id];
            ship.is_strict = facts.is_strict;
            ship.method = site.method;
            self.read(id, site.method.is_some(), &mut functions, &mut leaves)?;
        }
        for (symbol, id) in &functions {
            let facts = &self.scan.functions[*id];
            if facts.is_strict != ship.is_strict {
                return Err(format!(
                    "`{}` is {}strict code",
                    self.name(*symbol),
                    if facts.is_strict { "" } else { "not " }
                ));
            }
            let variable = (!facts.is_declaration).then(|| self.name(*symbol).to_owned());
            ship.functions.push((facts.start, facts.end, variable));
        }
        // What is known by one name here must be known by it wherever it is used.
        for symbol in functions.iter().map(|(symbol, _)| symbol).chain(&leaves) {
            let name = self.name(*symbol);
            if self.scoping.find_binding(site.scope, name.into()) != Some(*symbol) {
                return Err(format!("`{name}` is hidden by another variable of that name"));
            }
        }
        let main = self.scan.by_start.get(&ship.start).copied().filter(|_| site.named.is_none());
        for id in main.into_iter().chain(functions.iter().map(|(_, id)| *id)) {
            for name in self.imports_of(id) {
                if self.scoping.find_binding(site.scope, name.into()).is_some() {
                    return Err(format!("`{name}` is hidden by another variable of that name"));
                }
                if !ship.names.iter().any(|known| known == name) {
                    ship.names.push(name.to_owned());
                }
            }
        }
        ship.may_wait = main.into_iter().chain(functions.iter().map(|(_, id)| *id)).any(|id| self.may_wait(id));
        ship.names.extend(leaves.iter().map(|symbol| self.name(*symbol).to_owned()));
        ship.names.sort_unstable();
        ship.named = site.named.map(|symbol| self.name(symbol).to_owned());
        ship.functions.sort_unstable();
        ship.functions.dedup_by_key(|(start, ..)| *start);
        Ok(leaves)
    }

    /// Looks at the function that a maker makes: whether what it captures stays as it is.
    fn check_main(&self, main: Span) -> Result<(), Problem> {
        let id = self.scan.by_start.get(&main.start).copied().ok_or("it is no plain function")?;
        let (mut functions, mut leaves) = (Vec::new(), HashSet::default());
        self.read(id, false, &mut functions, &mut leaves)
    }

    fn name(&self, symbol: SymbolId) -> &str {
        self.scoping.symbol_name(symbol)
    }

    /// Adds a variable that holds a function, and what that captures.
    fn add_function(
        &self,
        symbol: SymbolId,
        functions: &mut Vec<(SymbolId, FunctionId)>,
        leaves: &mut HashSet<SymbolId>,
    ) -> Result<(), Problem> {
        let Some(Value::Function(id)) = self.scan.functions_of.get(symbol) else {
            return Err(format!("`{}` is not known to be a function", self.name(symbol)));
        };
        if functions.iter().any(|(known, _)| *known == symbol) {
            return Ok(());
        }
        self.check_constant(symbol)?;
        functions.push((symbol, *id));
        self.read(*id, false, functions, leaves)
    }

    /// Adds what a function captures.
    fn read(
        &self,
        id: FunctionId,
        may_be_method: bool,
        functions: &mut Vec<(SymbolId, FunctionId)>,
        leaves: &mut HashSet<SymbolId>,
    ) -> Result<(), Problem> {
        let facts = &self.scan.functions[id];
        if facts.is_dynamic {
            return Err("it evaluates code, or uses `with`".to_owned());
        }
        if !facts.privates.is_empty() {
            return Err(format!("it uses the private name `#{}`", facts.privates[0]));
        }
        if facts.is_arrow {
            let outer = [
                (facts.uses_super, "super"),
                (facts.uses_this, "this"),
                (facts.uses_arguments, "arguments"),
                (facts.uses_new_target, "new.target"),
            ];
            if let Some((_, name)) = outer.iter().find(|(uses, _)| *uses) {
                return Err(format!("it captures `{name}`"));
            }
        } else if facts.uses_super || facts.is_constructor || (facts.is_method && !may_be_method) {
            return Err("it is a method".to_owned());
        }
        let next = self.imports.partition_point(|at| *at < facts.start);
        if self.imports.get(next).is_some_and(|at| *at < facts.end) {
            return Err("it uses `import`".to_owned());
        }
        let Mentions { symbols, free } = &self.scan.mentions[id];
        for (name, usage) in free {
            // Whoever names it wants to find there what others have left.
            if GLOBAL.contains(&name.as_str()) {
                return Err(format!("it uses `{name}`, of which each isolate has its own"));
            }
            if self.is_import(name) {
                // Its value goes along.
            } else if self.is_of_library(name) {
                // The library's names mean in tasks what the globals do.
            } else if !is_realm_name(name) && !is_task_name(name) && name != "arguments" {
                return Err(format!("`{name}` is a global that the program has made"));
            }
            if usage.assigned {
                return Err(format!("it assigns the global `{name}`"));
            }
        }
        for symbol in symbols.keys() {
            let declared = self.scoping.symbol_span(*symbol).start;
            if facts.start <= declared && declared < facts.end {
                continue;
            }
            if matches!(self.scan.functions_of.get(*symbol), Some(Value::Function(_))) {
                self.add_function(*symbol, functions, leaves)?;
            } else {
                self.check_constant(*symbol)?;
                leaves.insert(*symbol);
            }
        }
        Ok(())
    }

    fn import(&self, name: &str) -> Option<(&str, Option<&str>)> {
        let shape = self.shape?;
        let (_, request, imported) = shape.imports.iter().find(|(local, ..)| local == name)?;
        Some((&shape.requests[*request].specifier, imported.as_deref()))
    }

    /// Whether a name is the library's own.
    fn is_of_library(&self, name: &str) -> bool {
        self.import(name) == Some((LIBRARY, Some(name)))
    }

    /// Whether a name is imported from another module.
    fn is_import(&self, name: &str) -> bool {
        self.import(name).is_some() && !self.is_of_library(name)
    }

    /// What a function mentions of other modules.
    fn imports_of(&self, id: FunctionId) -> impl Iterator<Item = &str> {
        self.scan.mentions[id].free.keys().map(String::as_str).filter(|name| self.is_import(name))
    }

    /// Whether a function could wait for something, as far as its text tells.
    fn may_wait(&self, id: FunctionId) -> bool {
        let facts = &self.scan.functions[id];
        let names = |name: &String| name == "Promise" || (name != "undefined" && is_task_name(name));
        facts.is_async || facts.is_generator || self.scan.mentions[id].free.keys().any(names)
    }

    /// Whether a variable keeps its first value.
    fn check_constant(&self, symbol: SymbolId) -> Result<(), Problem> {
        let name = self.name(symbol);
        if self.scoping.symbol_flags(symbol).intersects(SymbolFlags::Class) {
            return Err(format!("`{name}` is a class"));
        }
        if self.scan.declared_again.contains(symbol) || self.scan.repeated.contains(&symbol) {
            return Err(format!("`{name}` may get another value"));
        }
        let within = |span: &Span, at: u32| span.start <= at && at < span.end;
        let writes = self.scan.writes.list(symbol);
        let is_first = |at: &u32| {
            self.setter.as_ref().is_some_and(|setter| within(setter, *at)) || self.scan.is_advanced(symbol, *at)
        };
        if writes.iter().all(is_first) { Ok(()) } else { Err(format!("`{name}` is reassigned")) }
    }
}

/// Adds the functions that a call gives to a task, and those that it may send, as far as its text tells.
pub fn sites_of(it: &CallExpression<'_>, scoping: &Scoping, sites: &mut Vec<SpawnSite>) {
    let (name, is_member) = match &it.callee {
        Expression::Identifier(name) => (name.name.as_str(), false),
        Expression::StaticMemberExpression(member) if !member.optional => (member.property.name.as_str(), true),
        _ => return,
    };
    let giving = match (name, is_member) {
        ("spawn", _) | ("go" | "tryGo", true) => Giving::Task,
        ("task", false) => Giving::Tasks,
        ("send" | "trySend", true) | ("select", _) => Giving::Value,
        _ => return,
    };
    for (index, argument) in it.arguments.iter().enumerate() {
        let Some(argument) = argument.as_expression() else { return };
        if index > 0 || giving == Giving::Value {
            values_of(argument, scoping, sites);
        } else {
            sites.extend(site_of(argument, giving, scoping));
        }
    }
}

fn site_of(it: &Expression<'_>, giving: Giving, scoping: &Scoping) -> Option<SpawnSite> {
    let (named, scope) = match it {
        Expression::ArrowFunctionExpression(it) => (None, scoping.scope_parent_id(it.scope_id())?),
        Expression::FunctionExpression(it) => (None, scoping.scope_parent_id(it.scope_id())?),
        Expression::Identifier(name) => {
            let reference = scoping.get_reference(name.reference_id());
            (Some(reference.symbol_id()?), reference.scope_id())
        }
        _ => return None,
    };
    Some(SpawnSite { function: it.span(), named, method: None, scope, giving })
}

/// The object in which a function is that may be sent.
fn part_of(object: &Expression<'_>, scoping: &Scoping) -> Option<SpawnSite> {
    match object {
        Expression::Identifier(_) => site_of(object, Giving::Part, scoping),
        other => part_of(other.as_member_expression()?.object(), scoping),
    }
}

/// Adds the functions in what may be sent: those that are written, or named, there.
pub fn values_of(it: &Expression<'_>, scoping: &Scoping, sites: &mut Vec<SpawnSite>) {
    match it.without_parentheses() {
        Expression::ArrayExpression(list) => {
            for element in list.elements.iter().filter_map(ArrayExpressionElement::as_expression) {
                values_of(element, scoping, sites);
            }
        }
        Expression::ObjectExpression(object) => {
            for property in &object.properties {
                let ObjectPropertyKind::ObjectProperty(property) = property else { continue };
                if property.kind == PropertyKind::Init && !property.method {
                    values_of(&property.value, scoping, sites);
                } else if let (Some(method), Expression::FunctionExpression(function)) =
                    (Method::of(property), &property.value)
                    && let Some(scope) = scoping.scope_parent_id(function.scope_id())
                {
                    let (function, giving) = (function.span, Giving::Value);
                    sites.push(SpawnSite { function, named: None, method: Some(method), scope, giving });
                }
            }
        }
        Expression::ConditionalExpression(it) => {
            values_of(&it.consequent, scoping, sites);
            values_of(&it.alternate, scoping, sites);
        }
        Expression::LogicalExpression(it) => {
            values_of(&it.left, scoping, sites);
            values_of(&it.right, scoping, sites);
        }
        Expression::StaticMemberExpression(it) => sites.extend(part_of(&it.object, scoping)),
        Expression::ComputedMemberExpression(it) => sites.extend(part_of(&it.object, scoping)),
        other => sites.extend(site_of(other, Giving::Value, scoping)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::compile;
    use super::*;
    use oxc::span::SourceType;

    fn ships(source: &str) -> Vec<Ship> {
        compile(0, source, SourceType::cjs()).unwrap_or_else(|error| panic!("{error:?}")).ships
    }

    fn problem(source: &str) -> String {
        let ships = ships(source);
        assert_eq!(ships.len(), 1, "{ships:?}");
        ships[0].problem.clone()
    }

    #[test]
    fn what_never_changes_goes_along() {
        let source = "const k = 3;\nfunction triple(n) { return n * k; }\n  spawn((x) => triple(x) + k, 30)";
        let ships = ships(source);
        assert_eq!(ships[0].problem, "");
        assert_eq!(ships[0].names, ["k"]);
        let Text { text, lines } = ships[0].text(source).expect("there are letters left");
        let expected = "()=>{\nfunction triple(n) { return n * k; }\n;var k;return[(\n        (x) => triple(x) + k\n),\
                        (æ0)=>{k=æ0;}]}";
        assert_eq!(text, expected);
        assert_eq!(lines, [(2, 2), (4, 3)]);
    }

    #[test]
    fn functions_by_name_and_those_that_call_themselves() {
        let ships = ships("const f = (n) => (n ? g(n - 1) : 0), g = function (n) { return f(n); }; spawn(f, 3)");
        assert_eq!(ships[0].problem, "");
        assert_eq!(ships[0].named.as_deref(), Some("f"));
        assert_eq!(ships[0].functions.len(), 2);
        assert_eq!(problem("function f(n) { return spawn(() => f(n - 1)).join(); }"), "");
        assert!(!self::ships("const f = (n) => n * 2; spawn(() => f(2));")[0].may_wait);
        assert!(self::ships("const f = (n) => sleep(n); spawn(() => f(2));")[0].may_wait);
        assert!(self::ships("spawn(async () => 1);")[0].may_wait);
        assert_eq!(problem("for (let i = 0; i < 3; i++) spawn(() => i);"), "");
        assert_eq!(problem("for (const x of [1]) g.go(() => x);"), "");
    }

    #[test]
    fn what_is_shared_with_the_parent_stays() {
        assert_eq!(problem("let n = 0; spawn(() => n); n = 1;"), "`n` is reassigned");
        assert_eq!(problem("let n = 0; spawn(() => n++);"), "`n` is reassigned");
        assert_eq!(problem("for (let i = 0; i < 3; i++) { spawn(() => i); i++; }"), "`i` is reassigned");
        assert_eq!(problem("while (h()) { var n = h(); spawn(() => n); }"), "`n` may get another value");
        assert_eq!(problem("class C {} spawn(() => new C());"), "`C` is a class");
        assert_eq!(problem("function f() { spawn(() => this.x); }"), "it captures `this`");
        assert_eq!(problem("spawn(() => counter);"), "`counter` is a global that the program has made");
        assert_eq!(problem("spawn(() => globalThis.x);"), "it uses `globalThis`, of which each isolate has its own");
        assert_eq!(problem("spawn(() => import('x'));"), "it uses `import`");
        assert_eq!(
            problem("const k = 1; const f = () => k; { const k = 2; spawn(() => f() + k); }"),
            "`k` is hidden by another variable of that name"
        );
    }

    #[test]
    fn functions_come_through_variables() {
        let starts = |source: &str| ships(source).len();
        assert_eq!(starts("function f(g) { spawn(() => g()); } f(() => 1); h(() => 2);"), 2);
        assert_eq!(starts("class C { constructor(g) { c.send(g); } } new C(() => 1); class D extends C {}"), 1);
        assert_eq!(starts("const t = { a: () => 1, b() {} }; for (const k in t) c.send(t[k]);"), 2);
        assert_eq!(starts("const t = [() => 1]; for (const f of t) h(f);"), 0);
        let source = "c.send({ async *'a b'(x) { yield x; } });";
        let ships = ships(source);
        let text = ships[0].text(source).expect("there are letters left").text;
        assert!(text.contains("\n         async *'a b'(x) { yield x; }\n})['a b']"), "{text}");
        assert_eq!(problem("const o = { __proto__: p, f() { return super.f; } }; c.send(o);"), "it is a method");
    }

    #[test]
    fn makers_set_their_variables_once() {
        let ships = ships("()=>{var f,n;return[(() => spawn(() => f(n))),(_0,_1)=>{f=_0;n=_1;}];}");
        assert!(ships.iter().all(|ship| ship.problem.is_empty()), "{ships:?}");
        assert_eq!(ships.len(), 2);
        assert_eq!(ships[1].names, ["f", "n"]);
    }
}
