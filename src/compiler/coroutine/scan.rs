//! What the lowering must know of a whole source before it writes the first function: which function owns what, which
//! variables closures share, where calls and loops are, and what keeps a function from being split.

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use oxc::ast::ast::Program;
use oxc::semantic::{ScopeId, Scoping, SymbolId};
use oxc::span::Span;

use super::apply::List;
use super::class_code::{ClassCode, Moved};
use super::dead_zones::ParameterList;
use super::module::Shape;
use super::ships::SpawnSite;
use super::symbols::{BySymbol, SymbolSet};
use super::usage::Mentions;
use super::{binder, reader};

/// Index into [`Scan::functions`]; 0 is the program itself.
pub type FunctionId = usize;

/// One function, or what is called like one: the program, a field's initialiser, a static block.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct FunctionFacts {
    pub parent: FunctionId,
    /// Where the function's node starts.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// A function declaration, which exists from the start of its block.
    pub is_declaration: bool,
    pub is_arrow: bool,
    pub is_generator: bool,
    pub is_async: bool,
    pub is_strict: bool,
    /// A constructor of a class with `extends`.
    pub is_derived: bool,
    /// A constructor of a class.
    pub is_constructor: bool,
    /// A method, getter or setter: it cannot be called with `new`.
    pub is_method: bool,
    pub uses_this: bool,
    pub uses_arguments: bool,
    pub uses_super: bool,
    pub uses_new_target: bool,
    /// Names are looked up at run time (direct `eval`, `with`), so nothing may be renamed or moved.
    pub is_dynamic: bool,
    /// Calls after which the function can be suspended, in order of their start.
    pub calls: Vec<Span>,
    /// All calls, those that cannot suspend it included.
    pub all_calls: Vec<Span>,
    /// Whether it changes more than its own variables, calls apart.
    pub has_effects: bool,
    /// Loops, in order. In async functions also `try` statements with `finally`, which are lowered, too: by a `return` in them the promise
    /// would be settled before it is certain that they return.
    pub loops: Vec<Span>,
    /// What it is called, as far as the source says where it stands.
    pub name: String,
    /// The variable of a function declaration.
    pub symbol: Option<SymbolId>,
    /// Whether its body binds its parameters; see `parameters.rs`.
    pub binds_parameters: bool,
    /// The block that declares it, if one does.
    pub block: Option<Span>,
    /// Its scope.
    pub scope: Option<ScopeId>,
    /// Private names of classes around it.
    pub privates: Vec<String>,
    /// Whether a call of it ends soon and cannot be suspended; see `flat.rs`.
    pub is_flat: bool,
}

impl FunctionFacts {
    /// An async function whose text loses `async`, since the kernel makes its promises.
    pub fn is_driven(&self) -> bool {
        // `super` means something in methods only, so dynamic bodies that use it stay V8's.
        self.is_async && !(self.is_dynamic && self.uses_super)
    }

    /// A generator or async function that is split at its `yield` and `await`.
    pub fn is_split(&self) -> bool {
        (self.is_async || self.is_generator) && !self.is_dynamic
    }
}

/// The result of the scan.
#[derive(Default)]
pub struct Scan {
    pub functions: Vec<FunctionFacts>,
    /// By the start of the function's node.
    pub by_start: HashMap<u32, FunctionId>,
    /// Functions in parentheses, by where they begin. V8 takes that for a sign that they are called at once.
    pub called_at_once: HashSet<u32>,
    /// The function that declares a variable.
    pub owner: BySymbol<FunctionId>,
    /// Variables that a function other than their owner uses.
    pub captured: SymbolSet,
    /// Variables that are assigned after their declaration, with the places.
    pub writes: BySymbol<Vec<u32>>,
    /// For each `let`, `const` and class the end of its declaration: before that it may not be used.
    pub initialised: BySymbol<u32>,
    /// The same for the function itself: the end of the name, and what is evaluated before it has a value.
    pub bound: BySymbol<(u32, Vec<Span>)>,
    /// For each `var` with a first value the end of its declaration.
    pub given: BySymbol<u32>,
    /// Those of them that closures may use before.
    pub late: SymbolSet,
    /// For variables of the heads of `for-in` and `for-of`, what is evaluated before they exist.
    pub heads: HashMap<SymbolId, Span>,
    /// Functions' parameters, until it is known who binds them.
    pub parameter_lists: Vec<ParameterList>,
    /// Functions of blocks that are variables of the function around the block, too; see `blocks.rs`.
    pub outer_variables: HashSet<SymbolId>,
    /// The blocks of functions whose symbol stands for both variables.
    pub blocks_of: HashMap<SymbolId, Span>,
    /// Variables that are declared more than once.
    pub declared_again: SymbolSet,
    /// The span of each declared class, inside of which its name is a binding of its own.
    pub classes: BySymbol<Span>,
    /// Variables that a case of a `switch` declares, which another case may pass by, with that case.
    pub switched: HashMap<SymbolId, Span>,
    /// Variables that are captured by closures that are made before their declaration.
    pub made_early: SymbolSet,
    /// Variables that other modules read.
    pub exported: HashSet<SymbolId>,
    /// Whether other modules may call exported functions before the body runs.
    pub is_called_early: bool,
    /// Those of them that closures may use before their declaration; and those that another case of a `switch` uses.
    pub early: SymbolSet,
    /// Places where the owner or another function reads or writes the variable.
    pub uses: BySymbol<Vec<(FunctionId, u32)>>,
    /// Variables that hold one function, or a class and its constructor, from their declaration on.
    pub functions_of: BySymbol<Value>,
    /// For each name the functions of this source that are methods of that name; none where something else may be, too.
    pub methods: HashMap<String, Option<Vec<FunctionId>>>,
    /// What calls and `new` expressions call, where that is known.
    pub targets: HashMap<Span, Target>,
    /// Variables of parameters, which a sloppy function's `arguments` can assign.
    pub parameters: SymbolSet,
    /// `var`s that a loop may give their first value more than once.
    pub repeated: HashSet<SymbolId>,
    /// Variables of the heads of `for` loops, of which each turn has its own, and where they are advanced.
    pub advanced: HashMap<SymbolId, Span>,
    /// Functions that calls give to tasks, or may send.
    pub spawn_sites: Vec<SpawnSite>,
    /// Functions that others return, maybe within objects.
    pub returned: Vec<SpawnSite>,
    /// Rest parameters.
    pub rests: HashSet<SymbolId>,
    /// Variables, and functions whose `arguments`, are used for more than reading them and calling with them; see `apply.rs`.
    pub shared_lists: HashSet<List>,
    /// Functions in the lists and objects that constants hold.
    pub literals: HashMap<SymbolId, Vec<SpawnSite>>,
    /// Classes, until it is known what of them can be suspended.
    pub class_code: Vec<ClassCode>,
    /// What of a class comes later, by its start.
    pub moved: HashMap<u32, Moved>,
    /// Constructors that have their object's fields added where they begin, with the start of their class.
    pub adds_fields: HashMap<FunctionId, u32>,
    /// The same for calls of `super()`, by their start, which do it when they have returned.
    pub supers: HashMap<u32, u32>,
    /// For each function, what its text mentions, nested functions included.
    pub mentions: Vec<Mentions>,
}

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    Function(FunctionId),
    /// A class without `extends`; its constructor, if it has one.
    Class(Option<FunctionId>),
    /// More than one thing.
    Several,
}

/// What a call calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// What the variable holds.
    Variable(SymbolId, bool),
    /// A method of this name.
    Method(String),
    /// Fields and static blocks of a class.
    Initialisers(Vec<FunctionId>),
    /// A built-in that calls no function of the program.
    Builtin {
        /// Whether it does nothing but compute.
        pure: bool,
    },
}

impl Scan {
    /// Scans a parsed program whose scopes are known. `is_kernel`: whether the source is the kernel's own.
    pub fn new(program: &Program<'_>, scoping: &Scoping, is_kernel: bool, shape: Option<&Shape>) -> Scan {
        let scan = binder::bind(program, Scan::empty(scoping), shape.is_some_and(|shape| shape.is_async));
        let imported = shape.map(Shape::imported).unwrap_or_default();
        let mut scan = reader::read(program, scan, scoping, is_kernel, &imported);
        scan.gather_mentions();
        scan.find_flat();
        scan.find_block_functions(scoping);
        for (_, local) in shape.map(|shape| &shape.exports[..]).unwrap_or_default() {
            // Whoever reads an export does it through a closure.
            let symbol = scoping.get_root_binding(local.as_str().into());
            scan.captured.extend(symbol);
            scan.exported.extend(symbol);
        }
        scan.is_called_early = shape.is_some_and(Shape::may_be_in_cycle);
        for function in &mut scan.functions {
            function.calls.sort_unstable_by_key(|span| (span.start, span.end));
            function.loops.sort_unstable_by_key(|span| (span.start, span.end));
        }
        // Whoever encloses dynamic code is dynamic too: the code may name any of its variables.
        for id in (0..scan.functions.len()).rev() {
            if scan.functions[id].is_dynamic && id != 0 {
                let parent = scan.functions[id].parent;
                scan.functions[parent].is_dynamic = true;
            }
        }
        scan.find_moved();
        scan.find_bound_parameters(scoping);
        scan.find_early();
        scan
    }

    /// A scan with room for what most sources have, so that the large tables do not grow step by step.
    fn empty(scoping: &Scoping) -> Scan {
        let (variables, functions) = (scoping.symbols_len(), scoping.scopes_len() / 2);
        let mut scan = Scan {
            owner: BySymbol::of(variables),
            uses: BySymbol::of(variables),
            writes: BySymbol::of(variables),
            initialised: BySymbol::of(variables),
            bound: BySymbol::of(variables),
            given: BySymbol::of(variables),
            late: SymbolSet::of(variables),
            functions_of: BySymbol::of(variables),
            classes: BySymbol::of(variables),
            captured: SymbolSet::of(variables),
            parameters: SymbolSet::of(variables),
            early: SymbolSet::of(variables),
            made_early: SymbolSet::of(variables),
            declared_again: SymbolSet::of(variables),
            ..Scan::default()
        };
        scan.functions.reserve(functions);
        scan.mentions.reserve(functions);
        scan.by_start.reserve(functions);
        scan.targets.reserve(scoping.references_len() / 4);
        scan
    }

    /// Adds what functions mention to those around them, whose numbers are lower.
    fn gather_mentions(&mut self) {
        for id in (1..self.functions.len()).rev() {
            let (outer, inner) = self.mentions.split_at_mut(id);
            outer[self.functions[id].parent].include(&inner[0]);
        }
    }

    /// What each name in a function's text means, nested functions included; `None` where the source does not declare it.
    pub fn meanings<'n>(&'n self, id: FunctionId, scoping: &'n Scoping) -> HashMap<&'n str, HashSet<Option<SymbolId>>> {
        let mut all: HashMap<&str, HashSet<Option<SymbolId>>> = HashMap::default();
        let Mentions { symbols, free } = &self.mentions[id];
        for symbol in symbols.keys() {
            all.entry(scoping.symbol_name(*symbol)).or_default().insert(Some(*symbol));
        }
        for name in free.keys() {
            all.entry(name).or_default().insert(None);
        }
        all
    }

    /// A closure that is made before a variable has its value may be called before, too.
    ///
    /// Function declarations are made where their block begins; they count only if something before the end of the
    /// variable's declaration can reach them.
    fn find_early(&mut self) {
        let mut made = Vec::new();
        let mut early = Vec::new();
        for (symbol, end) in self.initialised.iter() {
            let owner = self.owner[symbol];
            let class = self.classes.get(symbol);
            let uses = self.uses.list(symbol);
            if uses.iter().any(|(user, at)| *user == owner && self.may_pass_by(symbol, *at)) {
                early.push(symbol);
            }
            let makers = uses
                .iter()
                .filter(|(user, at)| *user != owner && class.is_none_or(|span| *at < span.start || span.end <= *at))
                .map(|(user, _)| self.outermost(*user, owner));
            for user in makers {
                let facts = &self.functions[user];
                if facts.is_declaration || facts.start < *end {
                    made.push(symbol);
                }
                if self.switched.contains_key(&symbol) || self.runs_before(user, owner, *end, &mut Vec::new()) {
                    early.push(symbol);
                }
            }
        }
        let mut late = Vec::new();
        for (symbol, end) in self.given.iter().filter(|(symbol, _)| self.captured.contains(*symbol)) {
            let owner = self.owner[symbol];
            let mut users = self.uses.list(symbol).iter().map(|(user, _)| *user).filter(|user| *user != owner);
            if users.any(|user| self.runs_before(self.outermost(user, owner), owner, *end, &mut Vec::new())) {
                late.push(symbol);
            }
        }
        self.late.extend(late);
        self.made_early.extend(made);
        self.made_early.extend(self.exported.iter().copied());
        self.made_early.extend(early.iter().copied());
        self.early.extend(early);
    }

    /// Whether the case of a `switch` that declares a variable may have been passed by here, in another case.
    pub fn may_pass_by(&self, symbol: SymbolId, at: u32) -> bool {
        self.switched.get(&symbol).is_some_and(|case| at < case.start || case.end <= at)
    }

    /// Whether the update of a `for` loop assigns a variable of its head here: each turn has one of its own, which that advances before
    /// the turn begins.
    pub fn is_advanced(&self, symbol: SymbolId, at: u32) -> bool {
        self.advanced.get(&symbol).is_some_and(|span| span.start <= at && at < span.end)
    }

    /// The function between a function and the owner of a variable, seen from the owner: its making counts.
    fn outermost(&self, user: FunctionId, owner: FunctionId) -> FunctionId {
        let mut outermost = user;
        while self.functions[outermost].parent != owner && outermost != 0 {
            outermost = self.functions[outermost].parent;
        }
        outermost
    }

    /// Whether a function of the owner's could be called before the owner has passed a place.
    fn runs_before(&self, function: FunctionId, owner: FunctionId, place: u32, seen: &mut Vec<FunctionId>) -> bool {
        let facts = &self.functions[function];
        if !facts.is_declaration {
            return facts.start < place;
        }
        if seen.contains(&function) {
            return false;
        }
        seen.push(function);
        let Some(symbol) = facts.symbol else { return true };
        if self.is_called_early && self.exported.contains(&symbol) {
            return true;
        }
        let uses = self.uses.list(symbol);
        uses.iter().any(|(user, at)| {
            if *user == owner {
                return *at < place;
            }
            self.runs_before(self.outermost(*user, owner), owner, place, seen)
        })
    }

    /// Whether the function can be suspended somewhere in this stretch of its own code.
    pub fn suspends(&self, function: FunctionId, span: Span) -> bool {
        let facts = &self.functions[function];
        let within = |list: &[Span]| {
            let from = list.partition_point(|inner| inner.start < span.start);
            list[from..].iter().take_while(|inner| inner.start < span.end).any(|inner| inner.end <= span.end)
        };
        within(&facts.calls) || within(&facts.loops)
    }

    /// Whether a call in this stretch can suspend the function.
    pub fn calls(&self, function: FunctionId, span: Span) -> bool {
        let list = &self.functions[function].calls;
        let from = list.partition_point(|inner| inner.start < span.start);
        list[from..].iter().take_while(|inner| inner.start < span.end).any(|inner| inner.end <= span.end)
    }
}
