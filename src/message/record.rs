//! The layout of records. All numbers are little endian; `lib/outbox.js` and `lib/inbox.js` are the other side.
//!
//! A submission (host to pool) is a header of 32 bytes, its payload, and the numbers of further sources that the payload
//! names (u32 each), padded to 8:
//!
//! ```text
//! 0 u32 payload bytes   4 u32 isolate (0: any of the pool)   8 f64 task
//! 16 u32 code           20 u32 program                       24 u32 attachments   28 u32 sources
//! ```
//!
//! A record (pool to host) is a header of 24 bytes and its payload, padded to 8:
//!
//! ```text
//! 0 u32 payload bytes   4 u32 kind   8 f64 task   16 u32 attachments   20 u32 unused
//! ```

/// Bytes of a submission's header.
const SUBMISSION_HEADER: usize = 32;
/// Bytes of a record's header.
const RECORD_HEADER: usize = 24;

/// What a record tells the host about its task. `realm.js` and `lib/inbox.js` have the same numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum RecordKind {
    /// The payload is the task's encoded result.
    Result = 0,
    /// The payload is the encoded value that the task threw.
    Thrown = 1,
    /// The pool itself ended the task: a [`FailureCode`] as u32, then a message as UTF-8.
    Failure = 2,
    /// The payload is an encoded error that no code could catch.
    Uncaught = 3,
    /// A private isolate has ended; `task` is its id.
    Disposed = 4,
    /// The payload is the encoded answer to the question where a task stands: a state and a stack.
    Stack = 5,
    /// The same from the pool itself, as UTF-8: the state, and a line for each frame.
    NativeStack = 6,
    /// The task has used its processor time, and is being killed for it.
    Expired = 7,
    /// The tasks are over that a task which was sent has left behind when it ended.
    Gone = 8,
}

impl RecordKind {
    /// The kind with this number, if there is one.
    pub fn from_u32(kind: u32) -> Option<Self> {
        [
            Self::Result,
            Self::Thrown,
            Self::Failure,
            Self::Uncaught,
            Self::Disposed,
            Self::Stack,
            Self::NativeStack,
            Self::Expired,
            Self::Gone,
        ]
        .into_iter()
        .find(|k| *k as u32 == kind)
    }
}

/// Why the pool ended a task; `lib/inbox.js` makes the error.
#[derive(Clone, Copy)]
#[repr(u32)]
pub enum FailureCode {
    /// The pool or the isolate was shut down: `TaskKilledError`.
    Killed = 0,
    /// The isolate ran out of memory: `MemoryLimitError`.
    Memory = 1,
    /// V8 stopped the isolate in one of its own checks: `IsolateCrashedError`.
    Crashed = 2,
}

/// The header of a submission.
pub struct SubmissionHeader {
    /// The private isolate that is meant, or 0 for the pool.
    pub isolate: u32,
    /// Id of the task.
    pub task: u64,
    /// Id of the source to run.
    pub code: u32,
    /// The realm's program: 0 is the host environment, every `run` has its own.
    pub program: u32,
    /// How many of the call's attachments belong to this submission.
    pub attachments: u32,
}

/// One submission as it lies in the host's buffer.
pub struct Submission<'a> {
    /// The fixed part.
    pub header: SubmissionHeader,
    /// The encoded arguments; an array of function and arguments, where the header's source is among those that follow.
    pub payload: &'a [u8],
    /// The sources that the payload names, 4 bytes each.
    codes: &'a [u8],
}

impl Submission<'_> {
    /// Reads the submissions of a buffer one after the other; `None` at its end or where it is cut off.
    pub fn read<'a>(buffer: &mut &'a [u8]) -> Option<Submission<'a>> {
        let (head, rest) = buffer.split_at_checked(SUBMISSION_HEADER)?;
        let word = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().expect("four bytes"));
        let length = word(0) as usize;
        let task = f64::from_le_bytes(head[8..16].try_into().expect("eight bytes"));
        let payload = rest.get(..length)?;
        let end = length.checked_add((word(28) as usize).checked_mul(4)?)?;
        let codes = rest.get(length..end)?;
        *buffer = rest.get(end.next_multiple_of(8)..).unwrap_or_default();
        Some(Submission {
            header: SubmissionHeader {
                isolate: word(4),
                // Task ids are counted up from 1 by the host and stay below 2^53.
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                task: task as u64,
                code: word(16),
                program: word(20),
                attachments: word(24),
            },
            payload,
            codes,
        })
    }

    /// The numbers of the sources that the payload names, besides the header's.
    pub fn codes(&self) -> impl Iterator<Item = u32> + '_ {
        self.codes.chunks_exact(4).map(|bytes| u32::from_le_bytes(bytes.try_into().expect("four bytes")))
    }
}

/// Appends a record to `out`.
pub fn write_record(out: &mut Vec<u8>, kind: RecordKind, task: u64, payload: &[u8], attachments: u32) {
    let length = u32::try_from(payload.len()).expect("the codec keeps messages below 4 GB");
    out.reserve(RECORD_HEADER + payload.len() + 8);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(kind as u32).to_le_bytes());
    // Task ids stay below 2^53.
    #[expect(clippy::cast_precision_loss)]
    out.extend_from_slice(&(task as f64).to_le_bytes());
    out.extend_from_slice(&attachments.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
    out.resize(out.len().next_multiple_of(8), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_padded_to_eight_bytes() {
        let mut out = Vec::new();
        write_record(&mut out, RecordKind::Thrown, 7, b"abc", 2);
        write_record(&mut out, RecordKind::Result, 1 << 40, b"", 0);
        assert_eq!(out.len(), 32 + 24);
        assert_eq!(out[0..8], [3, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(out[8..16], 7f64.to_le_bytes());
        assert_eq!(out[16], 2);
        assert_eq!(&out[24..27], b"abc");
        assert_eq!(out[40..48], 1_099_511_627_776f64.to_le_bytes());
    }

    #[test]
    fn submissions_are_read_in_order_and_a_cut_off_one_is_refused() {
        let mut buffer = Vec::new();
        for (task, payload) in [(1.0f64, &b"hello"[..]), (2.0, b"")] {
            buffer.extend_from_slice(&u32::try_from(payload.len()).unwrap().to_le_bytes());
            buffer.extend_from_slice(&9u32.to_le_bytes());
            buffer.extend_from_slice(&task.to_le_bytes());
            let codes: &[u32] = if payload.is_empty() { &[] } else { &[9, 8] };
            for word in [4u32, 5, 1, u32::try_from(codes.len()).unwrap()] {
                buffer.extend_from_slice(&word.to_le_bytes());
            }
            buffer.extend_from_slice(payload);
            for code in codes {
                buffer.extend_from_slice(&code.to_le_bytes());
            }
            buffer.resize(buffer.len().next_multiple_of(8), 0);
        }
        let mut rest = &buffer[..];
        let first = Submission::read(&mut rest).unwrap();
        assert_eq!((first.header.task, first.header.isolate, first.header.code), (1, 9, 4));
        assert_eq!((first.header.program, first.header.attachments), (5, 1));
        assert_eq!(first.payload, b"hello");
        assert_eq!(first.codes().collect::<Vec<_>>(), [9, 8]);
        let second = Submission::read(&mut rest).unwrap();
        assert_eq!((second.header.task, second.payload.len()), (2, 0));
        assert!(Submission::read(&mut rest).is_none());
        assert!(Submission::read(&mut &buffer[..34]).is_none());
    }
}
