//! How much processor time tasks use that have the option `cpuTime`.
//!
//! A task's time is that of its thread while its own code runs, or that of tasks which it has started on the same isolate. The
//! kernel says when that begins and ends, for such tasks only (`setMeter`); in plain form, where nobody can tell whose code runs,
//! all of the isolate's time counts from the task's beginning on. The clock looks at what runs every few milliseconds.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

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

/// The tasks of one worker that have the option.
#[derive(Default)]
pub struct Meters {
    /// How many there are.
    count: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    left: HashMap<u64, Duration>,
    /// The task whose time runs, and since when.
    running: Option<(u64, Duration)>,
    /// Those in plain form.
    plain: Vec<(u64, Duration)>,
}

impl Meters {
    /// A task begins that may use so much.
    pub fn begin(&self, task: u64, limit: Duration, plain_since: Option<Duration>) {
        // Pairs with the load in `end`, which is made after the task has begun, by the same thread or one that it has told.
        self.count.fetch_add(1, Ordering::Release);
        let mut state = self.state.lock().expect("no holder panics");
        match plain_since {
            Some(now) => state.plain.push((task, now + limit)),
            None => {
                state.left.insert(task, limit);
            }
        }
    }

    /// From now on the time of this task runs, or nobody's (0). Returns the task whose time ran until now, if it is over.
    pub fn switch(&self, task: u64, now: Duration) -> Option<u64> {
        let mut state = self.state.lock().expect("no holder panics");
        let over = self.charge(&mut state, now);
        state.running = (task != 0).then_some((task, now));
        over
    }

    /// A task has settled.
    pub fn end(&self, task: u64) {
        if self.count.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut state = self.state.lock().expect("no holder panics");
        let had = state.left.len() + state.plain.len();
        state.left.remove(&task);
        state.plain.retain(|(other, _)| *other != task);
        self.count.fetch_sub(had - state.left.len() - state.plain.len(), Ordering::Release);
    }

    /// Whether the time of any task in plain form runs.
    pub fn has_plain(&self) -> bool {
        !self.state.lock().expect("no holder panics").plain.is_empty()
    }

    /// Tasks whose time is over, each once.
    pub fn over(&self, now: impl FnOnce() -> Duration) -> Vec<u64> {
        let mut state = self.state.lock().expect("no holder panics");
        if state.running.is_none() && state.plain.is_empty() {
            return Vec::new();
        }
        let now = now();
        let mut over: Vec<u64> = self.charge(&mut state, now).into_iter().collect();
        let had = state.plain.len();
        state.plain.retain(|(task, until)| {
            let is_over = *until <= now;
            if is_over {
                over.push(*task);
            }
            !is_over
        });
        self.count.fetch_sub(had - state.plain.len(), Ordering::Release);
        over
    }

    /// Counts the time up to now. Returns the task if it has no more; it is not metered any longer then.
    fn charge(&self, state: &mut State, now: Duration) -> Option<u64> {
        let (task, since) = state.running.as_mut()?;
        let used = now.saturating_sub(*since);
        *since = now;
        let task = *task;
        let left = state.left.get_mut(&task)?;
        *left = left.saturating_sub(used);
        if !left.is_zero() {
            return None;
        }
        state.left.remove(&task);
        self.count.fetch_sub(1, Ordering::Release);
        Some(task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn only_the_time_between_switches_counts_and_each_task_is_told_once() {
        let meters = Meters::default();
        meters.begin(1, ms(10), None);
        meters.begin(2, ms(5), None);
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
    fn in_plain_form_all_time_of_the_isolate_counts() {
        let meters = Meters::default();
        meters.begin(7, ms(10), Some(ms(50)));
        assert!(meters.over(|| ms(59)).is_empty());
        assert_eq!(meters.over(|| ms(60)), [7]);
        meters.begin(8, ms(10), Some(ms(100)));
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
