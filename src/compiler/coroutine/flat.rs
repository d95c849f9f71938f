//! Calls that need no look at the flag, since what they call cannot be suspended and ends soon.
//!
//! ```text
//! Input    const at = (i, j) => i * n + j;   for (...) sum += m[at(i, j)] * Math.sqrt(j);
//! Output   ... sum += m[at(i, j)] * Math.sqrt(j); if(þf[0]) ...          (one look a turn, none after the calls)
//! ```
//!
//! A function is *flat* if it has no loop and calls only flat functions, and not many. What a method call calls is guessed: if
//! all methods of that name in the source are flat, so is the call. A wrong guess costs nothing but promptness: to the stack
//! walk such a call is a native frame, under which preemption waits.

use rustc_hash::FxHashMap as HashMap;

use super::scan::{FunctionId, Scan, Target, Value};

/// How many calls a flat call may make in all.
const MOST_CALLS: u32 = 32;

/// Objects of built-in functions that call none of the program's, and do not block but for `Atomics.wait`.
const NAMESPACES: [&str; 2] = ["Math", "Atomics"];

/// Static methods that call none of the program's.
const STATICS: [(&str, &str); 14] = [
    ("Number", "isInteger"),
    ("Number", "isSafeInteger"),
    ("Number", "isFinite"),
    ("Number", "isNaN"),
    ("Number", "parseInt"),
    ("Number", "parseFloat"),
    ("Array", "isArray"),
    ("String", "fromCharCode"),
    ("String", "fromCodePoint"),
    ("Object", "is"),
    ("Object", "hasOwn"),
    ("Date", "now"),
    ("performance", "now"),
    ("Symbol", "for"),
];

/// Methods that only built-ins are likely to have.
const METHODS: [&str; 3] = ["charCodeAt", "codePointAt", "hasOwnProperty"];

/// Methods that built-ins have, too, and that call the program's functions or suspend.
const CALLING: [&str; 38] = [
    "apply",
    "bind",
    "call",
    "catch",
    "close",
    "every",
    "filter",
    "finally",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "flatMap",
    "forEach",
    "from",
    "join",
    "lock",
    "map",
    "next",
    "reduce",
    "reduceRight",
    "recv",
    "replace",
    "replaceAll",
    "return",
    "send",
    "some",
    "sort",
    "then",
    "throw",
    "toJSON",
    "toSorted",
    "toString",
    "union",
    "valueOf",
    "wait",
    "acquire",
    "select",
];

const FUNCTIONS: [&str; 8] = ["isNaN", "isFinite", "parseInt", "parseFloat", "Number", "Boolean", "Symbol", "BigInt"];

/// Classes that call none of the program's functions if they get no arguments.
const COLLECTIONS: [&str; 5] = ["Map", "Set", "WeakMap", "WeakSet", "Array"];

const CLASSES: [&str; 17] = [
    "Error",
    "TypeError",
    "RangeError",
    "SyntaxError",
    "ReferenceError",
    "EvalError",
    "URIError",
    "Float64Array",
    "Float32Array",
    "Int32Array",
    "Int16Array",
    "Int8Array",
    "Uint32Array",
    "Uint16Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "ArrayBuffer",
];

/// Functions of the kernel that compiled modules of the kernel call, none of which calls a user's function other than
/// natively (a getter, a trap of a proxy).
const KERNEL: [&str; 62] = [
    "add",
    "arraySpecies",
    "awaitFor",
    "awaitPromise",
    "awaitStep",
    "awaitValue",
    "awaken",
    "canonicalKey",
    "create",
    "createDataProperty",
    "createDataPropertyOrThrow",
    "createResolvingFunctions",
    "defineProperty",
    "deleteProperty",
    "describe",
    "enqueueJob",
    "getMethod",
    "getOwnPropertyDescriptor",
    "getPrototypeOf",
    "giveStep",
    "hold",
    "holdGate",
    "isAwaitedPromise",
    "isConstructor",
    "isGiven",
    "isObject",
    "isPromise",
    "isStep",
    "lengthOfArrayLike",
    "letGo",
    "letGoGate",
    "newArray",
    "newPromise",
    "newStep",
    "notCallable",
    "ownKeys",
    "promiseOf",
    "promiseResult",
    "promiseState",
    "put",
    "react",
    "recordOf",
    "rejectPromise",
    "requireCallable",
    "requireCoercible",
    "requireObject",
    "resolvePromise",
    "resolveWithResult",
    "setPrototypeOf",
    "settleStep",
    "sortBuffer",
    "speciesConstructor",
    "store",
    "takeFrame",
    "taken",
    "toIntegerOrInfinity",
    "toLength",
    "toObject",
    "toPropertyKey",
    "undivided",
    "update",
    "withdrawStep",
];

/// Whether a global function (or class, with `new`) of this name calls no function of the program.
pub fn is_builtin(name: &str, constructs: bool) -> bool {
    if constructs { CLASSES.contains(&name) } else { FUNCTIONS.contains(&name) || CLASSES[..7].contains(&name) }
}

/// The same for a class that is called with `new` and no arguments.
pub fn is_collection(name: &str) -> bool {
    COLLECTIONS.contains(&name)
}

/// The same for a method of a global object, or of anything.
pub fn is_builtin_method(object: Option<&str>, name: &str) -> bool {
    METHODS.contains(&name)
        || object
            .is_some_and(|object| (NAMESPACES.contains(&object) && name != "wait") || STATICS.contains(&(object, name)))
}

/// Whether a method of this name may be a built-in that calls the program's functions, or one that blocks.
pub fn may_be_builtin(name: &str) -> bool {
    CALLING.contains(&name)
}

/// Whether the kernel's own code means a flat function by this name. What `primordials.js` took from the language begins
/// with a capital.
pub fn is_flat_in_kernel(name: &str) -> bool {
    let is_users = ["C", "S", "Species", "Constructor"].contains(&name);
    (name.starts_with(|first: char| first.is_ascii_uppercase()) && !is_users) || KERNEL.contains(&name)
}

/// What calling a variable calls.
enum Callee {
    Unknown,
    /// A class without constructor.
    Nothing,
    Function(FunctionId),
}

impl Scan {
    /// Finds the flat functions, and takes the calls of them out of the list of calls that can suspend.
    pub fn find_flat(&mut self) {
        let mut costs: HashMap<FunctionId, Option<u32>> = HashMap::default();
        for id in 0..self.functions.len() {
            self.cost(id, &mut costs);
        }
        for id in 0..self.functions.len() {
            let calls = std::mem::take(&mut self.functions[id].calls);
            let kept = calls.into_iter().filter(|span| !self.is_flat_call(self.targets.get(span), &costs)).collect();
            self.functions[id].calls = kept;
            self.functions[id].is_flat = costs[&id].is_some();
        }
    }

    fn is_flat_call(&self, target: Option<&Target>, costs: &HashMap<FunctionId, Option<u32>>) -> bool {
        match target {
            None => false,
            Some(Target::Builtin { .. }) => true,
            Some(Target::Method(name)) => self.methods_of(name).all(|id| costs[&id].is_some()),
            Some(Target::Initialisers(list)) => list.iter().all(|id| costs[id].is_some()),
            Some(Target::Variable(symbol, constructs)) => match self.called(*symbol, *constructs) {
                Callee::Unknown => false,
                Callee::Nothing => true,
                Callee::Function(id) => costs[&id].is_some(),
            },
        }
    }

    /// The methods of a name that this source has.
    fn methods_of(&self, name: &str) -> impl Iterator<Item = FunctionId> {
        self.methods.get(name).into_iter().flatten().flatten().copied()
    }

    /// What calling a variable calls.
    fn called(&self, symbol: oxc::semantic::SymbolId, constructs: bool) -> Callee {
        if self.writes.has(symbol) {
            return Callee::Unknown;
        }
        match self.functions_of.get(symbol) {
            // With `new`, a function is told by its frame that it is a constructor, so it may not be left out.
            Some(Value::Function(id)) if !constructs => Callee::Function(*id),
            Some(Value::Class(constructor)) if constructs => constructor.map_or(Callee::Nothing, Callee::Function),
            _ => Callee::Unknown,
        }
    }

    /// Whether what a variable holds is a flat function, once these are known.
    pub fn is_flat_variable(&self, symbol: oxc::semantic::SymbolId) -> bool {
        matches!(self.called(symbol, false), Callee::Function(id) if self.functions[id].is_flat)
    }

    /// How many calls a call of the function makes, itself included, if it is flat.
    fn cost(&self, id: FunctionId, costs: &mut HashMap<FunctionId, Option<u32>>) -> Option<u32> {
        if let Some(cost) = costs.get(&id) {
            return *cost;
        }
        // Who calls itself is not flat.
        costs.insert(id, None);
        let facts = &self.functions[id];
        if id == 0 || facts.is_async || facts.is_generator || facts.is_dynamic || !facts.loops.is_empty() {
            return None;
        }
        let mut total = 1u32;
        for span in &facts.calls {
            match self.targets.get(span)? {
                Target::Builtin { .. } => {}
                Target::Method(name) => {
                    for callee in self.methods_of(name).collect::<Vec<_>>() {
                        total += self.cost(callee, costs)?;
                    }
                }
                Target::Initialisers(list) => {
                    for callee in list.clone() {
                        total += self.cost(callee, costs)?;
                    }
                }
                Target::Variable(symbol, constructs) => match self.called(*symbol, *constructs) {
                    Callee::Unknown => return None,
                    Callee::Nothing => {}
                    Callee::Function(callee) => total += self.cost(callee, costs)?,
                },
            }
            total += 1;
            if total > MOST_CALLS {
                return None;
            }
        }
        costs.insert(id, Some(total));
        Some(total)
    }
}
