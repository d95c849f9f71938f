//! How a text uses the names that it mentions.

use oxc::semantic::SymbolId;
use rustc_hash::{FxBuildHasher, FxHashMap as HashMap};

/// How a name is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Its value is used otherwise than by a call.
    pub read: bool,
    /// It is called: `f()`, `new F()` or a tag.
    pub called: bool,
    /// It is assigned.
    pub assigned: bool,
}

impl Usage {
    /// Adds what another text does with the name.
    pub fn add(&mut self, other: Usage) {
        self.read |= other.read;
        self.called |= other.called;
        self.assigned |= other.assigned;
    }
}

/// The names in a function's text.
#[derive(Default)]
pub struct Mentions {
    /// Those that the source declares.
    pub symbols: HashMap<SymbolId, Usage>,
    /// Those that it does not.
    pub free: HashMap<String, Usage>,
}

/// Variables that most functions mention fewer of.
const USUAL: usize = 14;

impl Mentions {
    /// None yet.
    pub fn new() -> Mentions {
        Mentions { symbols: HashMap::with_capacity_and_hasher(USUAL, FxBuildHasher), free: HashMap::default() }
    }

    /// Adds a name.
    pub fn add(&mut self, name: &str, symbol: Option<SymbolId>, usage: Usage) {
        match symbol {
            Some(symbol) => self.symbols.entry(symbol).or_default().add(usage),
            None => match self.free.get_mut(name) {
                Some(known) => known.add(usage),
                None => {
                    self.free.insert(name.to_owned(), usage);
                }
            },
        }
    }

    /// Adds what a function inside of this one mentions.
    pub fn include(&mut self, inner: &Mentions) {
        // More than is needed where both mention the same, but at once.
        self.symbols.reserve(inner.symbols.len());
        self.free.reserve(inner.free.len());
        for (symbol, usage) in &inner.symbols {
            self.symbols.entry(*symbol).or_default().add(*usage);
        }
        for (name, usage) in &inner.free {
            self.add(name, None, *usage);
        }
    }
}
