//! Tables of a source's variables. Their numbers are dense, so a place in a list finds one without a hash.

use std::ops::Index;

use oxc::semantic::SymbolId;

/// Something for some of the variables.
#[derive(Debug)]
pub struct BySymbol<T>(Vec<Option<T>>);

impl<T> Default for BySymbol<T> {
    fn default() -> BySymbol<T> {
        BySymbol(Vec::new())
    }
}

impl<T> BySymbol<T> {
    /// Nothing yet, for a source with so many variables.
    pub fn of(variables: usize) -> BySymbol<T> {
        BySymbol(std::iter::repeat_with(|| None).take(variables).collect())
    }

    pub fn get(&self, symbol: SymbolId) -> Option<&T> {
        self.0.get(symbol.index())?.as_ref()
    }

    pub fn has(&self, symbol: SymbolId) -> bool {
        self.get(symbol).is_some()
    }

    pub fn insert(&mut self, symbol: SymbolId, value: T) {
        self.0[symbol.index()] = Some(value);
    }

    /// What there is for a variable, or what is given.
    pub fn get_or_insert(&mut self, symbol: SymbolId, value: T) -> &mut T {
        self.0[symbol.index()].get_or_insert(value)
    }

    /// All of them, in the order of the variables.
    pub fn iter(&self) -> impl Iterator<Item = (SymbolId, &T)> {
        self.0.iter().enumerate().filter_map(|(index, value)| Some((SymbolId::from_usize(index), value.as_ref()?)))
    }
}

impl<T> BySymbol<Vec<T>> {
    /// Adds to the list of a variable.
    pub fn push(&mut self, symbol: SymbolId, value: T) {
        self.0[symbol.index()].get_or_insert_default().push(value);
    }

    /// The list of a variable.
    pub fn list(&self, symbol: SymbolId) -> &[T] {
        self.get(symbol).map_or(&[], |list| list)
    }
}

impl<T> Index<SymbolId> for BySymbol<T> {
    type Output = T;

    fn index(&self, symbol: SymbolId) -> &T {
        self.get(symbol).expect("the scan knows it of each of these variables")
    }
}

/// Some of the variables.
#[derive(Debug, Default)]
pub struct SymbolSet(Vec<bool>);

impl SymbolSet {
    /// None yet, of so many.
    pub fn of(variables: usize) -> SymbolSet {
        SymbolSet(vec![false; variables])
    }

    pub fn contains(&self, symbol: SymbolId) -> bool {
        self.0.get(symbol.index()).is_some_and(|is_one| *is_one)
    }

    pub fn insert(&mut self, symbol: SymbolId) {
        self.0[symbol.index()] = true;
    }
}

impl Extend<SymbolId> for SymbolSet {
    fn extend<I: IntoIterator<Item = SymbolId>>(&mut self, symbols: I) {
        for symbol in symbols {
            self.insert(symbol);
        }
    }
}
