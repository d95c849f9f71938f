//! What is known of each function before it runs, as data for others: `transpile` shows it, and whoever places tasks or
//! ships closures decides by it.

use oxc::semantic::{Scoping, SymbolId};
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use super::scan::{FunctionFacts, FunctionId, Scan, Target, Value};
use super::usage::Usage;

/// A variable that a function uses and does not declare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Its name.
    pub name: String,
    /// Whether anything may assign it after its declaration.
    pub reassigned: bool,
    /// What the function does with it.
    pub usage: Usage,
}

/// A name that a function uses and nobody declares: a global, or a variable of the code that the source was taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Global {
    /// The name.
    pub name: String,
    /// What the function does with it.
    pub usage: Usage,
}

/// What is known of a function. Nested functions count as part of the ones around them for `captures` and `globals` alone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct FunctionAnalysis {
    /// Its name, as far as the source says where it stands.
    pub name: String,
    /// Where it begins and ends in the source (UTF-8 offsets).
    pub start: u32,
    /// The end.
    pub end: u32,
    /// Whether a task can be suspended inside of it.
    pub suspends: bool,
    /// Whether a call of it may call it again, directly or through others that are known.
    pub recursive: bool,
    /// Whether it is known to change nothing but its own variables, and to call only such functions.
    pub pure: bool,
    /// Whether it could run elsewhere, as far as its text says: nothing that it captures is ever reassigned, and it has no
    /// `this` or `super` of the code around it. What it captures must be portable, too.
    pub portable: bool,
    /// Whether names are looked up at run time (direct `eval`, `with`), so that it may use others than those below.
    pub dynamic: bool,
    /// What else it takes from the code around it: `this`, `arguments`, `super`, `new.target`, private names (`#x`).
    pub lexical: Vec<String>,
    /// What it captures, by name.
    pub captures: Vec<Capture>,
    /// Names that are declared nowhere, so they mean globals.
    pub globals: Vec<Global>,
}

impl FunctionFacts {
    /// What it takes from the code around it that is no variable.
    fn lexical(&self) -> Vec<String> {
        let words = [
            ("this", self.is_arrow && self.uses_this && !self.uses_super),
            ("arguments", self.is_arrow && self.uses_arguments),
            ("super", self.uses_super),
            ("new.target", self.is_arrow && self.uses_new_target),
        ];
        let words = words.into_iter().filter(|(_, uses)| *uses).map(|(word, _)| word.to_owned());
        words.chain(self.privates.iter().map(|name| format!("#{name}"))).collect()
    }
}

impl Scan {
    /// The functions of the source, in order; the program itself is not among them.
    pub fn analysis(&self, scoping: &Scoping) -> Vec<FunctionAnalysis> {
        let by_function = self.captured_by();
        let called = self.called_by();
        let mut pure = HashMap::default();
        (1..self.functions.len())
            .map(|id| {
                let facts = &self.functions[id];
                let symbols = by_function.get(&id);
                let capture = |symbol: &SymbolId| Capture {
                    name: scoping.symbol_name(*symbol).to_owned(),
                    reassigned: self.is_reassigned(*symbol, scoping),
                    usage: self.mentions[id].symbols.get(symbol).copied().unwrap_or_default(),
                };
                let mut captures: Vec<Capture> = symbols.into_iter().flatten().map(capture).collect();
                captures.sort_by(|a, b| a.name.cmp(&b.name));
                let free = self.mentions[id].free.iter().filter(|(name, _)| *name != "arguments");
                let mut globals: Vec<Global> =
                    free.map(|(name, usage)| Global { name: name.clone(), usage: *usage }).collect();
                globals.sort_by(|a, b| a.name.cmp(&b.name));
                let lexical = facts.lexical();
                FunctionAnalysis {
                    name: facts.name.clone(),
                    start: facts.start,
                    end: facts.end,
                    suspends: facts.is_split()
                        || !(facts.is_dynamic || (facts.calls.is_empty() && facts.loops.is_empty())),
                    recursive: reaches(id, id, &called, &mut HashSet::default()),
                    pure: self.is_pure(id, &mut pure),
                    portable: !facts.is_dynamic
                        && lexical.is_empty()
                        && captures.iter().all(|capture| !capture.reassigned),
                    dynamic: facts.is_dynamic,
                    lexical,
                    captures,
                    globals,
                }
            })
            .collect()
    }

    /// Whether a variable may have another value than the one of its declaration.
    fn is_reassigned(&self, symbol: SymbolId, scoping: &Scoping) -> bool {
        if scoping.symbol_flags(symbol).is_const_variable() {
            return false;
        }
        let owner = &self.functions[self.owner[symbol]];
        self.writes.has(symbol)
            || self.repeated.contains(&symbol)
            || !scoping.symbol_redeclarations(symbol).is_empty()
            // What is evaluated may assign every variable that it sees.
            || owner.is_dynamic
            || (self.parameters.contains(symbol) && owner.uses_arguments && !owner.is_strict)
    }

    /// For each function the variables of others that it, or a function in it, uses.
    fn captured_by(&self) -> HashMap<FunctionId, HashSet<SymbolId>> {
        let mut captured: HashMap<FunctionId, HashSet<SymbolId>> = HashMap::default();
        for (symbol, uses) in self.uses.iter() {
            let Some(owner) = self.owner.get(symbol) else { continue };
            for (user, _) in uses {
                let mut function = *user;
                while function != *owner && function != 0 {
                    captured.entry(function).or_default().insert(symbol);
                    function = self.functions[function].parent;
                }
            }
        }
        captured
    }

    /// For each function the known functions that its own code mentions.
    fn called_by(&self) -> HashMap<FunctionId, HashSet<FunctionId>> {
        let mut called: HashMap<FunctionId, HashSet<FunctionId>> = HashMap::default();
        for (symbol, uses) in self.uses.iter() {
            if let Some(Value::Function(callee)) = self.functions_of.get(symbol) {
                for (user, _) in uses {
                    called.entry(*user).or_default().insert(*callee);
                }
            }
        }
        called
    }

    fn is_pure(&self, id: FunctionId, known: &mut HashMap<FunctionId, bool>) -> bool {
        if let Some(pure) = known.get(&id) {
            return *pure;
        }
        // A function that calls itself is pure if the rest of it is.
        known.insert(id, true);
        let facts = &self.functions[id];
        let pure = !facts.has_effects
            && !facts.is_dynamic
            && !facts.is_split()
            && facts.all_calls.iter().all(|span| match self.targets.get(span) {
                Some(Target::Builtin { pure }) => *pure,
                Some(Target::Variable(symbol, false)) if !self.writes.has(*symbol) => {
                    matches!(self.functions_of.get(*symbol), Some(Value::Function(callee)) if self.is_pure(*callee, known))
                }
                _ => false,
            });
        known.insert(id, pure);
        pure
    }
}

fn reaches(
    from: FunctionId,
    to: FunctionId,
    called: &HashMap<FunctionId, HashSet<FunctionId>>,
    seen: &mut HashSet<FunctionId>,
) -> bool {
    called
        .get(&from)
        .into_iter()
        .flatten()
        .any(|next| *next == to || (seen.insert(*next) && reaches(*next, to, called, seen)))
}
