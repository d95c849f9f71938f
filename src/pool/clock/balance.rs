//! Which isolates tasks that could begin anywhere are asked for (`src/kernel/portable.js` sends them).
//!
//! - Where a worker has **nothing to do**, whoever has such tasks gives it its share of those that have waited for `PATIENCE`.
//! - Where **all are busy**, whoever has most to do gives half of what it has more than whoever has least, if these tasks take their time:
//!   once begun, a task stays, so without that the one that began more of them would end last. They go to the queue of that worker alone
//!   (`Pool::ship`).
//!
//! And which worker takes what waits in the pool's queue: see [`Clock::leaves_jobs`].

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use super::{Clock, Entry, number, ready};

/// Where a realm counts the tasks of its own that could begin in another isolate: those that there were, and those that have begun or
/// left since; both may pass the largest number of 31 bits.
const PORTABLE: [usize; 2] = [3, 6];

/// Where it says that it has woken the clock for that, and where the clock says how many such tasks are wanted elsewhere.
const OFFERED: usize = 7;
const WANTED: usize = 14;

/// How long a task that could begin elsewhere waits before it is asked for. Most begin sooner where they are: to send one takes about as
/// long as that of a few hundred small ones.
pub(super) const PATIENCE: Duration = Duration::from_micros(150);

/// How many more tasks must be ready on one isolate than on another for some to be sent there though it is busy.
const IMBALANCE: usize = 3;

/// More tasks than so many that begin from one look of the clock to the next are too small to be sent to who is busy.
const SMALL: i32 = 2;

/// After so many quanta in one turn a worker is not expected to take what others leave to it.
const STUCK: u32 = 2;

/// Tasks that a realm could send away.
#[derive(Clone, Copy)]
pub(super) struct Offer {
    /// Those that there were, and those that have begun or left since, both counted from the realm's beginning.
    all: i32,
    gone: i32,
    /// The realm: the place of its flags.
    realm: usize,
    at: Instant,
}

impl Clock {
    /// So many more workers of the pool's have nothing to do.
    pub fn add_hungry(&self, more: isize) {
        // Advice for the clock; nothing is ordered by it.
        self.hungry.fetch_add(more, Ordering::Relaxed);
    }

    /// Whether a worker has nothing to do, as far as is known.
    pub fn has_hungry(&self) -> bool {
        self.hungry.load(Ordering::Relaxed) > 0
    }

    /// Whether the worker of this entry leaves what waits in the pool's queue to another one, which has fewer tasks that could go on, and goes
    /// on with its own. One that has been in the same turn for `STUCK` quanta does not count: it may be long until it takes anything.
    ///
    /// A task stays where it was taken, and nobody knows how long it will take: without this, those that take long are shared out by
    /// chance, and whoever has more of them ends last. All count that are ready, and not only those that were interrupted: what a worker has
    /// taken may wait there for its first turn. Those do not that could begin elsewhere. Where one in ten of a hundred takes 50 times longer, the busier one of two workers
    /// had 1.13 times its share on average, now 1.03. To take jobs in one quantum of three all the same, for many small tasks beside an
    /// endless one, undoes that for tasks of tasks (1.15); what waits has the other worker to itself, which is soon there.
    pub fn leaves_jobs(&self, entry: &Arc<Entry>) -> bool {
        let mine = entry.left_ready();
        if mine == 0 {
            return false;
        }
        let entries = self.entries.lock().expect("no holder panics");
        let mut others = entries.iter().filter(|other| other.is_shared && !Arc::ptr_eq(other, entry));
        others.any(|other| other.left_ready() < mine && other.is_moving(self.quantum * STUCK))
    }

    /// Asks realms for tasks that wait to begin, where workers have nothing to do, or less than others. Returns whether it is to look again
    /// soon.
    pub(super) fn ask_for_tasks(&self) -> bool {
        // Advice, as all that is read here: whoever sees it late acts late.
        let hungry = i32::try_from(self.hungry.load(Ordering::Relaxed)).unwrap_or(0);
        let entries = self.entries.lock().expect("no holder panics");
        let shared = entries.iter().filter(|entry| entry.is_shared);
        if hungry <= 0 {
            // All are busy. Each worker's share of what waits follows from how much that is, so only the extremes matter.
            let loads: Vec<_> = shared.map(|entry| (entry.load(), entry)).collect();
            let least = loads.iter().map(|(load, _)| *load).min().unwrap_or(0);
            if let Some((load, most)) = loads.into_iter().max_by_key(|(load, _)| *load)
                && load - least >= IMBALANCE
            {
                // A negative number: so many in all.
                most.ask_for_tasks(-i32::try_from((load - least) / 2).unwrap_or(1), self.quantum / 10);
            }
            return false;
        }
        let mut is_asking = false;
        for entry in shared {
            is_asking |= entry.ask_for_tasks(hungry, PATIENCE / 2);
        }
        is_asking
    }
}

impl Entry {
    /// How many tasks wait for a turn, or to begin.
    pub fn load(&self) -> usize {
        let ready = self.running.lock().expect("no holder panics").as_ref().map_or(0, |(_, flags)| ready(flags));
        ready as usize + (self.queued)()
    }

    /// How many tasks it has that could go on, and only here, as of the last time that its code has left V8.
    fn left_ready(&self) -> usize {
        // Advice: who sees it late takes a job that another one would have taken, or leaves one for a slice.
        self.left_ready.load(Ordering::Relaxed)
    }

    /// Its code leaves V8.
    pub(super) fn note_ready(&self, flags: &v8::SharedRef<v8::BackingStore>) {
        // As in `left_ready`.
        self.left_ready.store((ready(flags) as usize).saturating_sub(portable(flags)), Ordering::Relaxed);
    }

    /// Whether what runs, if anything does, has begun its turn not long ago.
    fn is_moving(&self, limit: Duration) -> bool {
        let running = self.running.lock().expect("no holder panics");
        running.as_ref().is_none_or(|(begun, _)| begun.elapsed() < limit)
    }

    /// The same of one worker's realm, if the clock has looked so long ago: for so many workers that have nothing to do, or so many tasks if
    /// `wanted` is negative.
    fn ask_for_tasks(&self, wanted: i32, patience: Duration) -> bool {
        let running = self.running.lock().expect("no holder panics");
        let mut offered = self.offered.lock().expect("no holder panics");
        let Some(data) = running.as_ref().and_then(|(_, flags)| flags.data()) else {
            *offered = None;
            return false;
        };
        let data = data.as_ptr().cast::<i32>();
        // SAFETY: as in `tick`.
        let flag = |index: usize| unsafe { AtomicI32::from_ptr(data.add(index)) };
        let [all, gone] = PORTABLE.map(|index| flag(index).load(Ordering::Relaxed));
        let realm = data as usize;
        if all == gone {
            // Whoever has the next one wakes the clock.
            let is_new = offered.take().is_none();
            if is_new {
                flag(OFFERED).store(0, Ordering::Relaxed);
            }
            return false;
        }
        let now = Instant::now();
        let offer = Offer { all, gone, realm, at: now };
        let Some(seen) = offered.filter(|seen| seen.realm == realm) else {
            *offered = Some(offer);
            return true;
        };
        // Those that were there when the clock looked last have had their time.
        let is_due = gone.wrapping_sub(seen.all) < 0 && now.duration_since(seen.at) >= patience;
        let are_large = wanted > 0 || gone.wrapping_sub(seen.gone) <= SMALL;
        if is_due && are_large && !(self.has_jobs)() {
            flag(WANTED).store(wanted, Ordering::Relaxed);
            flag(0).store(1, Ordering::Relaxed);
        }
        *offered = Some(offer);
        true
    }
}

/// How many tasks a realm has that could begin in another isolate.
fn portable(flags: &v8::SharedRef<v8::BackingStore>) -> usize {
    let [all, gone] = PORTABLE.map(|index| number(flags, index).map_or(0, |count| count.load(Ordering::Relaxed)));
    usize::try_from(all.wrapping_sub(gone)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUANTUM: Duration = Duration::from_millis(50);

    fn entry(clock: &Clock, is_shared: bool, count: usize) -> Arc<Entry> {
        let nobody = (Box::new(|| false), Box::new(|| 0), Box::new(|_| {}), Box::new(|| false));
        let entry = clock.entry(is_shared, nobody.0, nobody.1, nobody.2, nobody.3);
        entry.left_ready.store(count, Ordering::Relaxed);
        entry
    }

    #[test]
    fn jobs_are_left_to_who_has_less_to_do() {
        let clock = Clock::new(QUANTUM);
        let entries = [2, 1, 1, 0].map(|count| entry(&clock, true, count));
        assert_eq!(entries.each_ref().map(|entry| clock.leaves_jobs(entry)), [true, true, true, false]);
        entries[3].left_ready.store(2, Ordering::Relaxed);
        assert_eq!(entries.each_ref().map(|entry| clock.leaves_jobs(entry)), [true, false, false, true]);
    }

    #[test]
    fn nobody_leaves_jobs_to_a_private_isolate_or_one_that_is_gone() {
        let clock = Clock::new(QUANTUM);
        let one = entry(&clock, true, 3);
        entry(&clock, false, 0);
        clock.forget(&entry(&clock, true, 0));
        assert!(!clock.leaves_jobs(&one));
    }
}
