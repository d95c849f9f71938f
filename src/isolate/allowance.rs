//! How much processor time a task of the host's may use, together with the tasks that it starts, wherever these run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What is left of a task's processor time. It goes along with the tasks that are sent to other isolates.
#[derive(Debug)]
pub struct Allowance {
    task: u64,
    /// Nanoseconds; 0 once it is used up, or the task has ended.
    left: AtomicU64,
}

impl Allowance {
    /// That of the host's task with this number.
    pub fn new(task: u64, limit: Duration) -> Allowance {
        Allowance { task, left: AtomicU64::new(nanos(limit)) }
    }

    /// Whose it is.
    pub fn task(&self) -> u64 {
        self.task
    }

    /// Takes what was used. Of all that ever call this, one is told that it has taken the last.
    pub fn charge(&self, used: Duration) -> bool {
        let used = nanos(used);
        // Only the number itself must be right: nothing else is ordered by it, here and below.
        let before =
            self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(used)));
        before.is_ok_and(|before| before > 0 && before <= used)
    }

    /// The task has ended: those that it has left behind use nobody's.
    pub fn close(&self) {
        self.left.store(0, Ordering::Relaxed);
    }

    /// Whether there is nothing more to count.
    pub fn is_over(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }
}

/// Centuries, at most.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn of_many_that_use_it_up_one_is_told() {
        for _ in 0..200 {
            let allowance = Arc::new(Allowance::new(1, Duration::from_micros(1)));
            let threads = [0, 1, 2].map(|_| {
                let allowance = Arc::clone(&allowance);
                std::thread::spawn(move || (0..600).filter(|_| allowance.charge(Duration::from_nanos(1))).count())
            });
            let told: usize = threads.into_iter().map(|thread| thread.join().expect("no thread panics")).sum();
            assert_eq!(told, 1);
            assert!(allowance.is_over());
        }
    }

    #[test]
    fn nobody_is_told_once_the_task_has_ended() {
        let allowance = Allowance::new(1, Duration::from_millis(10));
        assert!(!allowance.charge(Duration::from_millis(9)));
        allowance.close();
        assert!(!allowance.charge(Duration::from_millis(9)));
        assert!(allowance.is_over());
    }
}
