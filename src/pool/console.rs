//! Lines that tasks print, on their way to the host's console: in order, and never more than the host can take.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// Bytes of text that may wait for the host, or for the reader of what the host writes. A task that prints more waits until
/// the host has got rid of some.
const CAPACITY: usize = 1 << 20;

/// How often a waiting task looks whether its thread is to stop.
const POLL: Duration = Duration::from_millis(20);

/// One call of a console method.
pub struct Line {
    /// Which method, by its index in `lib/console.js`.
    pub method: u32,
    /// The formatted text.
    pub text: String,
}

impl Line {
    /// What it counts: its text and the end of the line.
    fn size(&self) -> usize {
        self.text.len() + 1
    }
}

/// The queue of lines of one pool.
#[derive(Default)]
pub struct Console {
    queue: Mutex<Queue>,
    space: Condvar,
}

#[derive(Default)]
struct Queue {
    lines: VecDeque<Line>,
    /// Bytes of these lines and of those that the host has taken and not yet written.
    bytes: usize,
    /// The latter's part.
    taken: usize,
}

impl Console {
    /// Adds a line. Waits while the queue is full, unless `stopping` says that the thread must end.
    pub fn push(&self, line: Line, stopping: impl Fn() -> bool) {
        let mut queue = self.queue.lock().expect("no holder panics");
        while queue.bytes > 0 && queue.bytes + line.text.len() > CAPACITY {
            if stopping() {
                return;
            }
            queue = self.space.wait_timeout(queue, POLL).expect("no holder panics").0;
        }
        queue.bytes += line.size();
        queue.lines.push_back(line);
    }

    /// Whether something waits.
    pub fn has_lines(&self) -> bool {
        !self.queue.lock().expect("no holder panics").lines.is_empty()
    }

    /// Takes everything that waits. It counts until [`Console::written`] is called, so that a host whose reader is slow
    /// does not collect what nobody reads.
    pub fn take(&self) -> VecDeque<Line> {
        let mut queue = self.queue.lock().expect("no holder panics");
        queue.taken = queue.bytes;
        std::mem::take(&mut queue.lines)
    }

    /// The host has written what it took.
    pub fn written(&self) {
        let mut queue = self.queue.lock().expect("no holder panics");
        queue.bytes -= queue.taken;
        queue.taken = 0;
        self.space.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn line(bytes: usize) -> Line {
        Line { method: 0, text: "x".repeat(bytes) }
    }

    #[test]
    fn a_full_queue_holds_the_writer_until_the_host_has_written() {
        let console = Arc::new(Console::default());
        console.push(line(CAPACITY), || false);
        let passed = Arc::new(AtomicBool::new(false));
        let writer = std::thread::spawn({
            let (console, passed) = (Arc::clone(&console), Arc::clone(&passed));
            move || {
                console.push(line(10), || false);
                passed.store(true, Ordering::SeqCst);
            }
        });
        std::thread::sleep(POLL);
        assert!(!passed.load(Ordering::SeqCst));
        assert_eq!(console.take().len(), 1);
        std::thread::sleep(POLL);
        assert!(!passed.load(Ordering::SeqCst));
        console.written();
        writer.join().unwrap();
        assert_eq!(console.take().len(), 1);
    }

    #[test]
    fn a_thread_that_must_stop_does_not_wait() {
        let console = Console::default();
        console.push(line(CAPACITY), || false);
        console.push(line(10), || true);
        assert_eq!(console.take().len(), 1);
    }
}
