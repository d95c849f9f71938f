//! How much processor time tasks use that have the option `cpuTime`.
//!
//! A task's time is that of the threads on which its own code runs, or that of tasks which it has started, wherever they are: these take
//! its allowance along. The kernel says whose time begins and ends, for such tasks only (`setMeter`), by the number of the host's task; in
//! plain form, where nobody can tell whose code runs, all of the isolate's time counts from the task's beginning on. The clock looks at what
//! runs every few milliseconds.
//!
//! **How exact that is.** Each worker takes what it has used from the one allowance at each look of the clock (`TICKS` in `clock.rs`: 2 ms at
//! most) and at each change of whose time runs. So when the last is taken, each of the other workers that run such tasks has used one interval
//! more at most; and all of them go on until the kill has reached their tasks, which takes as long as any kill.
//!
//! What a task that was sent leaves behind when it ends is charged, and killed, as that which ends where it was started. What the host's
//! task leaves behind goes on after it without a limit.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Pool;
use crate::isolate::Allowance;

/// A thread's processor time, for who asks from any thread.
#[derive(Clone, Copy)]
pub struct ThreadClock {
    #[cfg(all(unix, not(target_vendor = "apple")))]
    id: libc::clockid_t,
    #[cfg(not(all(unix, not(target_vendor = "apple"))))]
    begun: std::time::Instant,
}

impl ThreadClock {
    /// That of the calling thread.
    pub fn current() -> ThreadClock {
        #[cfg(all(unix, not(target_vendor = "apple")))]
        {
            let mut id = 0;
            // SAFETY: writes one number to where `id` is.
            unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &raw mut id) };
            ThreadClock { id }
        }
        // No such clock can be asked from another thread: then time on the wall stands for it.
        #[cfg(not(all(unix, not(target_vendor = "apple"))))]
        ThreadClock { begun: std::time::Instant::now() }
    }

    /// What the thread has used; nothing once it has ended.
    pub fn now(self) -> Duration {
        #[cfg(all(unix, not(target_vendor = "apple")))]
        {
            let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            // SAFETY: writes one `timespec` to where `time` is; a clock that is gone is an error.
            if unsafe { libc::clock_gettime(self.id, &raw mut time) } != 0 {
                return Duration::ZERO;
            }
            let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
            Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
        }
        #[cfg(not(all(unix, not(target_vendor = "apple"))))]
        self.begun.elapsed()
    }
}

/// So many allowances a worker keeps before it looks which of them are over.
const ROOM: usize = 64;

/// The tasks on one worker whose time is counted.
#[derive(Default)]
pub struct Meters {
    /// How many allowances there are.
    count: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By the host's task. Those of tasks that began on other workers stay until there is no more room.
    allowances: HashMap<u64, Arc<Allowance>>,
    room: usize,
    /// What is being used, and since when.
    running: Option<(Arc<Allowance>, Duration)>,
    /// Those of tasks in plain form, and since when each was not charged.
    plain: Vec<(Arc<Allowance>, Duration)>,
}

impl Meters {
    /// A task begins that uses this; in plain form, from now on.
    pub fn begin(&self, allowance: &Arc<Allowance>, plain_since: Option<Duration>) {
        let mut state = self.state.lock().expect("no holder panics");
        let allowance = Arc::clone(allowance);
        if let Some(now) = plain_since {
            state.plain.push((allowance, now));
        } else {
            if state.allowances.len() >= state.room {
                state.allowances.retain(|_, other| !other.is_over());
                state.room = (state.allowances.len() * 2).max(ROOM);
            }
            state.allowances.insert(allowance.task(), allowance);
        }
        self.count(&state);
    }

    /// From now on the time of this task of the host's runs, or nobody's (0). Returns the one whose time ran until now, if that is used up.
    pub fn switch(&self, task: u64, now: Duration) -> Option<u64> {
        let mut state = self.state.lock().expect("no holder panics");
        let over = charge(state.running.as_mut(), now);
        state.running = state.allowances.get(&task).map(|allowance| (Arc::clone(allowance), now));
        over
    }

    /// What a task of the host's may use, as far as that is known here and is not over.
    pub fn allowance(&self, task: u64) -> Option<Arc<Allowance>> {
        let state = self.state.lock().expect("no holder panics");
        state.allowances.get(&task).filter(|allowance| !allowance.is_over()).cloned()
    }

    /// A task has settled. If it is the host's, its allowance is over.
    pub fn end(&self, task: u64) {
        // Pairs with the store in `count`, which is made before the task runs, by the same thread or one that it has told.
        if self.count.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut state = self.state.lock().expect("no holder panics");
        if let Some(allowance) = state.allowances.remove(&task) {
            allowance.close();
        }
        state.plain.retain(|(allowance, _)| allowance.task() != task);
        self.count(&state);
    }

    /// Whether the time of any task in plain form runs.
    pub fn has_plain(&self) -> bool {
        !self.state.lock().expect("no holder panics").plain.is_empty()
    }

    /// Tasks of the host's whose time is used up, each once.
    pub fn over(&self, now: impl FnOnce() -> Duration) -> Vec<u64> {
        let mut state = self.state.lock().expect("no holder panics");
        if state.running.is_none() && state.plain.is_empty() {
            return Vec::new();
        }
        let now = now();
        let State { running, plain, .. } = &mut *state;
        let all = running.iter_mut().chain(plain.iter_mut());
        let over = all.filter_map(|one| charge(Some(one), now)).collect();
        plain.retain(|(allowance, _)| !allowance.is_over());
        self.count(&state);
        over
    }

    fn count(&self, state: &State) {
        // Pairs with the load in `end`.
        self.count.store(state.allowances.len() + state.plain.len(), Ordering::Release);
    }
}

/// Counts the time up to now. Returns the task whose last was taken by that.
fn charge(running: Option<&mut (Arc<Allowance>, Duration)>, now: Duration) -> Option<u64> {
    let (allowance, since) = running?;
    let used = now.saturating_sub(*since);
    *since = now;
    allowance.charge(used).then(|| allowance.task())
}

impl Pool {
    /// Kills a task of the host's that has used its processor time, on whichever worker it has begun: those that it has sent hear of it
    /// from there. One that has ended meanwhile has nothing more to lose.
    pub fn expire(&self, task: u64) {
        if let Some(worker) = self.worker_of(task) {
            worker.expire(task);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn allowance(task: u64, limit: u64) -> Arc<Allowance> {
        Arc::new(Allowance::new(task, ms(limit)))
    }

    #[test]
    fn only_the_time_between_switches_counts_and_each_task_is_told_once() {
        let meters = Meters::default();
        meters.begin(&allowance(1, 10), None);
        meters.begin(&allowance(2, 5), None);
        assert_eq!(meters.switch(1, ms(100)), None);
        assert_eq!(meters.switch(0, ms(106)), None);
        assert!(meters.over(|| ms(500)).is_empty());
        assert_eq!(meters.switch(2, ms(1000)), None);
        assert_eq!(meters.switch(1, ms(1004)), None);
        assert!(meters.over(|| ms(1007)).is_empty());
        assert_eq!(meters.over(|| ms(1008)), [1]);
        assert!(meters.over(|| ms(2000)).is_empty());
        assert_eq!(meters.switch(2, ms(2000)), None);
        assert_eq!(meters.switch(0, ms(2001)), Some(2));
    }

    #[test]
    fn workers_share_what_a_task_may_use_and_one_of_them_tells() {
        let [first, second] = [Meters::default(), Meters::default()];
        first.begin(&allowance(1, 10), None);
        let sent = first.allowance(1).expect("it was begun here");
        second.begin(&sent, None);
        second.begin(&sent, None);
        assert_eq!(first.switch(1, ms(100)), None);
        assert_eq!(second.switch(1, ms(500)), None);
        assert!(first.over(|| ms(104)).is_empty());
        // The end of a task that was sent ends nothing.
        second.end(crate::pool::children::FIRST);
        assert_eq!(second.over(|| ms(507)), [1]);
        assert!(first.over(|| ms(120)).is_empty());
        assert!(first.allowance(1).is_none());
    }

    #[test]
    fn what_is_left_behind_uses_nobodys() {
        let [first, second] = [Meters::default(), Meters::default()];
        first.begin(&allowance(1, 10), None);
        second.begin(&first.allowance(1).expect("it was begun here"), None);
        second.switch(1, ms(500));
        first.end(1);
        assert!(second.over(|| ms(900)).is_empty());
        assert!(second.allowance(1).is_none());
    }

    #[test]
    fn what_is_over_is_forgotten_in_time() {
        let [first, second] = [Meters::default(), Meters::default()];
        for task in 1..=1000 {
            let allowance = allowance(task, 10);
            first.begin(&allowance, None);
            second.begin(&allowance, None);
            first.end(task);
        }
        assert!(second.state.lock().expect("no holder panics").allowances.len() <= ROOM);
    }

    #[test]
    fn in_plain_form_all_time_of_the_isolate_counts() {
        let meters = Meters::default();
        meters.begin(&allowance(7, 10), Some(ms(50)));
        assert!(meters.over(|| ms(59)).is_empty());
        assert_eq!(meters.over(|| ms(60)), [7]);
        assert!(meters.over(|| ms(61)).is_empty());
        meters.begin(&allowance(8, 10), Some(ms(100)));
        meters.end(8);
        assert!(meters.over(|| ms(200)).is_empty());
    }

    #[test]
    fn a_thread_that_sleeps_uses_no_time() {
        let clock = ThreadClock::current();
        let before = clock.now();
        std::thread::sleep(ms(30));
        let slept = clock.now().saturating_sub(before);
        while clock.now().saturating_sub(before) < ms(3) {
            std::hint::spin_loop();
        }
        assert!(slept < ms(20), "{slept:?}");
    }
}
