//! Timers that outlive their isolates: whoever waits for a channel of `after` or `ticker`, or for a context's deadline, still hears of it.
//!
//! What an isolate leaves behind when it ends comes here, and a thread sees to it while there is any. The pool does not stand still
//! meanwhile, since somebody may be woken. When the pool stops, all is closed that is left: nobody waits in vain.

use std::sync::{Arc, Condvar, Mutex, Weak};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::Pool;
use crate::channel::{Alarm, Message, Sound, put};

/// Nobody says when a channel is gone, so that is looked for.
const LOOK: Duration = Duration::from_secs(1);

/// The timers of dead isolates.
#[derive(Default)]
pub struct Late {
    state: Mutex<State>,
    /// There is another one, or all is to end.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    alarms: Vec<Alarm>,
    /// Whether some were taken out that are about to ring.
    is_ringing: bool,
    /// Whether the thread lives.
    runs: bool,
    is_stopped: bool,
}

impl Late {
    /// Whether a timer may yet wake somebody.
    pub fn any(&self) -> bool {
        let state = self.state.lock().expect("no holder panics");
        state.is_ringing || !state.alarms.is_empty()
    }

    /// An isolate of the pool has ended, and leaves these.
    pub fn inherit(self: &Arc<Self>, alarms: Vec<Alarm>, pool: &Weak<Pool>) {
        let mut state = self.state.lock().expect("no holder panics");
        if state.is_stopped || !(state.runs || self.start(pool)) {
            drop(state);
            close(&alarms);
            return;
        }
        state.runs = true;
        state.alarms.extend(alarms);
        drop(state);
        self.changed.notify_one();
    }

    /// The pool stops.
    pub fn stop(&self) {
        let mut state = self.state.lock().expect("no holder panics");
        state.is_stopped = true;
        let alarms = std::mem::take(&mut state.alarms);
        drop(state);
        close(&alarms);
        self.changed.notify_one();
    }

    /// Whether the system has a thread for it.
    fn start(self: &Arc<Self>, pool: &Weak<Pool>) -> bool {
        let (late, pool) = (Arc::clone(self), Weak::clone(pool));
        let builder = thread::Builder::new().name("hertzscript-late".into()).stack_size(256 * 1024);
        builder.spawn(move || late.run(&pool)).is_ok()
    }

    fn run(&self, pool: &Weak<Pool>) {
        let mut state = self.state.lock().expect("no holder panics");
        loop {
            let now = Instant::now();
            state.alarms.retain(|alarm| alarm.channel.upgrade().is_some_and(|channel| !channel.is_closed()));
            let due: Vec<Alarm> = state.alarms.extract_if(.., |alarm| alarm.due <= now).collect();
            if !due.is_empty() {
                // Meanwhile it counts as there: whoever is woken is awake once it does not any more.
                state.is_ringing = true;
                drop(state);
                let again = due.into_iter().filter_map(ring).collect::<Vec<_>>();
                state = self.state.lock().expect("no holder panics");
                state.is_ringing = false;
                if state.is_stopped {
                    close(&again);
                } else {
                    state.alarms.extend(again);
                }
                continue;
            }
            if state.alarms.is_empty() {
                state.runs = false;
                drop(state);
                // It may stand still from now on, and no thread of its own says so.
                if let Some(pool) = pool.upgrade() {
                    pool.host.wake();
                }
                return;
            }
            let next = state.alarms.iter().map(|alarm| alarm.due.saturating_duration_since(now)).min();
            let pause = next.unwrap_or(LOOK).min(LOOK);
            state = self.changed.wait_timeout(state, pause).expect("no holder panics").0;
        }
    }
}

/// Does what is due; what is left to do later.
fn ring(mut alarm: Alarm) -> Option<Alarm> {
    let channel = alarm.channel.upgrade()?;
    match alarm.sound {
        Sound::Close(at) => {
            // That is a time of the calendar, to which another clock runs.
            if let Ok(rest) = at.duration_since(SystemTime::now())
                && !rest.is_zero()
            {
                alarm.due = Instant::now() + rest;
                return Some(alarm);
            }
            channel.close();
            None
        }
        Sound::Once => {
            put(&channel, time());
            None
        }
        Sound::Every(period) => {
            alarm.due = Instant::now() + period;
            put(&channel, time()).then_some(alarm)
        }
    }
}

/// Milliseconds since 1970, in whole numbers as `Date.now()` gives them.
fn time() -> Message {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Message::Number((since_epoch.as_secs_f64() * 1000.0).floor())
}

fn close(alarms: &[Alarm]) {
    for channel in alarms.iter().filter_map(|alarm| alarm.channel.upgrade()) {
        channel.close();
    }
}
