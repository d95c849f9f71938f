//! Promises of code in plain form that were rejected without a handler. Most get one at once, others in any order, and there can be many.

use std::collections::BTreeMap;
use std::num::NonZeroI32;

use rustc_hash::FxHashMap;

use super::runtime::RealmId;

/// A promise that was rejected and that nobody handles yet.
pub struct Rejection {
    /// Where that happened.
    pub realm: RealmId,
    /// The promise.
    pub promise: v8::Global<v8::Promise>,
    /// What it was rejected with.
    pub reason: v8::Global<v8::Value>,
}

/// Rejections in order, which are found by their promises.
#[derive(Default)]
pub struct Rejections {
    list: BTreeMap<u64, Rejection>,
    next: u64,
    /// Where those with an identity hash stand in the list.
    places: FxHashMap<NonZeroI32, Vec<u64>>,
}

impl Rejections {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds one, with its promise's identity hash.
    pub fn add(&mut self, hash: NonZeroI32, rejection: Rejection) {
        self.places.entry(hash).or_default().push(self.next);
        self.list.insert(self.next, rejection);
        self.next += 1;
    }

    /// The promise has got a handler.
    pub fn remove(&mut self, hash: NonZeroI32, promise: &v8::Global<v8::Promise>) {
        let Some(places) = self.places.get_mut(&hash) else { return };
        let Some(index) = places.iter().position(|place| self.list[place].promise == *promise) else { return };
        self.list.remove(&places.swap_remove(index));
        if places.is_empty() {
            self.places.remove(&hash);
        }
    }

    /// All of them, the oldest first.
    pub fn into_list(self) -> impl Iterator<Item = Rejection> {
        self.list.into_values()
    }
}
