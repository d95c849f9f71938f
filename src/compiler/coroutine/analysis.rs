//! What is known of each function before it runs, as data for others: `transpile` shows it, and whoever places tasks or
//! ships closures decides by it.

use std::collections::{BTreeMap, BTreeSet};

use oxc::semantic::{Scoping, SymbolId};
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use super::scan::{FunctionId, Scan, Target, Value};

/// A variable that a function uses and does not declare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Its name.
    pub name: String,
    /// Whether anything assigns it after its declaration.
    pub reassigned: bool,
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
    /// What it captures, by name.
    pub captures: Vec<Capture>,
    /// Names that are declared nowhere, so they mean globals.
    pub globals: Vec<String>,
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
                let captures: BTreeMap<&str, bool> = symbols
                    .into_iter()
                    .flatten()
                    .map(|symbol| (scoping.symbol_name(*symbol), self.writes.contains_key(symbol)))
                    .collect();
                let lexical = facts.is_arrow && (facts.uses_this || facts.uses_arguments || facts.uses_new_target);
                FunctionAnalysis {
                    name: facts.name.clone(),
                    start: facts.start,
                    end: facts.end,
                    suspends: facts.is_split() || !facts.calls.is_empty() || !facts.loops.is_empty(),
                    recursive: reaches(id, id, &called, &mut HashSet::default()),
                    pure: self.is_pure(id, &mut pure),
                    portable: !facts.is_dynamic
                        && !lexical
                        && !facts.uses_super
                        && captures.values().all(|reassigned| !reassigned),
                    captures: captures
                        .into_iter()
                        .map(|(name, reassigned)| Capture { name: name.to_owned(), reassigned })
                        .collect(),
                    globals: self.mentions[id]
                        .free
                        .iter()
                        .filter(|name| *name != "arguments")
                        .cloned()
                        .collect::<BTreeSet<_>>()
                        .into_iter()
                        .collect(),
                }
            })
            .collect()
    }

    /// For each function the variables of others that it, or a function in it, uses.
    fn captured_by(&self) -> HashMap<FunctionId, HashSet<SymbolId>> {
        let mut captured: HashMap<FunctionId, HashSet<SymbolId>> = HashMap::default();
        for (symbol, uses) in &self.uses {
            let Some(owner) = self.owner.get(symbol) else { continue };
            for (user, _) in uses {
                let mut function = *user;
                while function != *owner && function != 0 {
                    captured.entry(function).or_default().insert(*symbol);
                    function = self.functions[function].parent;
                }
            }
        }
        captured
    }

    /// For each function the known functions that its own code mentions.
    fn called_by(&self) -> HashMap<FunctionId, HashSet<FunctionId>> {
        let mut called: HashMap<FunctionId, HashSet<FunctionId>> = HashMap::default();
        for (symbol, uses) in &self.uses {
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
                Some(Target::Variable(symbol, false)) if !self.writes.contains_key(symbol) => {
                    matches!(self.functions_of.get(symbol), Some(Value::Function(callee)) if self.is_pure(*callee, known))
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
