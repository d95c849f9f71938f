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
    /// How many each program has.
    programs: HashMap<u32, usize>,
}

impl Blocked {
    /// A task has begun, and waits.
    pub fn insert(&mut self, task: u64, parked: Parked) {
        if self.tasks.insert(task, parked).is_none() {
            *self.programs.entry(program_of(parked.realm)).or_default() += 1;
        }
    }

    /// How many could not go on.
    pub fn count(&self) -> usize {
        self.tasks.values().filter(|parked| !parked.is_preempted).count()
    }

    /// It has ended.
    pub fn remove(&mut self, task: u64) {
        if let Some(Parked { realm, .. }) = self.tasks.remove(&task)
            && let program = program_of(realm)
            && let Some(count) = self.programs.get_mut(&program)
        {
            *count -= 1;
            if *count == 0 {
                self.programs.remove(&program);
            }
        }
    }

    /// What is known of a task.
    pub fn get(&self, task: u64) -> Option<Parked> {
        self.tasks.get(&task).copied()
    }

    /// Says how a task stands. One that is not here is running, and says how it stands when it is parked.
    pub fn set_preempted(&mut self, task: u64, is_preempted: bool) {
        if let Some(parked) = self.tasks.get_mut(&task) {
            parked.is_preempted = is_preempted;
        }
    }

    /// Whether a program has any.
    pub fn has_program(&self, program: u32) -> bool {
        self.programs.contains_key(&program)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// All of them.
    pub fn into_tasks(self) -> impl Iterator<Item = u64> {
        self.tasks.into_keys()
    }
}
