//! The tasks of one worker that have begun and are not running, as other threads see them.

use std::collections::HashMap;

use crate::isolate::{RealmId, program_of};

/// A task that has begun and is not running.
#[derive(Clone, Copy)]
pub struct Parked {
    /// Where it has begun.
    pub realm: RealmId,
    /// Whether it could go on, and does as soon as it is its turn.
    pub is_preempted: bool,
}

/// Tasks that have begun and wait: for a promise, in an operation that blocks, or for their turn.
#[derive(Default)]
pub struct Blocked {
    tasks: HashMap<u64, Parked>,
    /// Tasks that were sent here and have ended, and whose children have not, with their realms.
    left: HashMap<u64, RealmId>,
    /// How many of both each program has.
    programs: HashMap<u32, usize>,
}

impl Blocked {
    /// A task has begun, and waits.
    pub fn insert(&mut self, task: u64, parked: Parked) {
        if self.tasks.insert(task, parked).is_none() {
            self.add(parked.realm);
        }
    }

    /// It is about to end and leaves others behind.
    pub fn leave(&mut self, task: u64, realm: RealmId) {
        if self.left.insert(task, realm).is_none() {
            self.add(realm);
        }
    }

    /// Those are over that it has left behind.
    pub fn forget_left(&mut self, task: u64) {
        if let Some(realm) = self.left.remove(&task) {
            self.subtract(realm);
        }
    }

    fn add(&mut self, realm: RealmId) {
        *self.programs.entry(program_of(realm)).or_default() += 1;
    }

    fn subtract(&mut self, realm: RealmId) {
        let program = program_of(realm);
        if let Some(count) = self.programs.get_mut(&program) {
            *count -= 1;
            if *count == 0 {
                self.programs.remove(&program);
            }
        }
    }

    /// How many could not go on.
    pub fn count(&self) -> usize {
        self.tasks.values().filter(|parked| !parked.is_preempted).count()
    }

    /// It has ended.
    pub fn remove(&mut self, task: u64) {
        if let Some(Parked { realm, .. }) = self.tasks.remove(&task) {
            self.subtract(realm);
        }
    }

    /// What is known of a task.
    pub fn get(&self, task: u64) -> Option<Parked> {
        self.tasks.get(&task).copied()
    }

    /// Where a task has begun, or what it has left behind.
    pub fn realm_of(&self, task: u64) -> Option<RealmId> {
        self.get(task).map(|parked| parked.realm).or_else(|| self.left.get(&task).copied())
    }

    /// Says how a task stands. One that is not here is running, and says how it stands when it is parked.
    pub fn set_preempted(&mut self, task: u64, is_preempted: bool) {
        if let Some(parked) = self.tasks.get_mut(&task) {
            parked.is_preempted = is_preempted;
        }
    }

    /// Whether a program has any, or has any left behind.
    pub fn has_program(&self, program: u32) -> bool {
        self.programs.contains_key(&program)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// All of them, and those that have ended and left others behind.
    pub fn into_tasks(self) -> (impl Iterator<Item = u64>, impl Iterator<Item = u64>) {
        (self.tasks.into_keys(), self.left.into_keys())
    }
}
