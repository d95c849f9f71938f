//! Which native stacks the kernel has judged already (`kernel/stack-walk.js`).
//!
//! Whether a task can be suspended depends on every function on the stack, down to the scheduler. To look at them through V8's API
//! takes a microsecond and a quarter of one for each. But the same few stacks come up again and again: an actor that receives in a
//! helper function stands at the same place each time. So the kernel's judgement is kept with the *trace* that it was made of, and
//! the next time a look at the machine's frames is enough, some 5 ns each.
//!
//! A trace is what V8 itself would make its list of calls from: the return address of each frame, and in frames of the interpreter
//! the bytecode and the place in it. V8's code and bytecode stay where they are, and what they are, between two full collections
//! of garbage, so until then equal traces are equal stacks; after one everything is forgotten.
//!
//! The layout of V8's frames is no part of its API. It is that of the version whose archive the addon is linked with
//! (`src/execution/frame-constants.h`), on x86-64 without compressed pointers. What looks otherwise than expected makes no trace, nor
//! does any other processor: then the kernel looks for itself each time. (V8's flag `--interpreted-frames-native-stack`, for profilers,
//! gives each function an interpreter of its own; with that set, traces would leave out where functions stand.)

use std::cell::{Cell, RefCell};

use rustc_hash::FxHashMap;

use super::stack;

/// More frames than this make no trace.
const LONGEST: usize = 200;

/// So many traces are kept; then all are forgotten. One takes some 200 bytes.
const MOST: usize = 1024;

/// What is known of an isolate's stacks.
#[derive(Default)]
pub struct SeenStacks {
    /// Judgements by trace.
    judged: RefCell<FxHashMap<Box<[usize]>, bool>>,
    /// The trace that `judgement` did not know, for `keep`; empty where there is none.
    last: RefCell<Vec<usize>>,
    /// The return address of all frames of the interpreter; 0 until one was seen.
    interpreter: Cell<usize>,
}

impl SeenStacks {
    /// What was kept of the stack above a native function's frame; `slot` is where V8 has put the function's receiver.
    ///
    /// The first caller in an isolate must be a function that was never called before.
    pub fn judgement(&self, slot: usize) -> Option<bool> {
        let mut last = self.last.borrow_mut();
        last.clear();
        if self.trace(slot, &mut last).is_none() {
            last.clear();
            return None;
        }
        let known = self.judged.borrow().get(last.as_slice()).copied();
        if known.is_some() {
            last.clear();
        }
        known
    }

    /// Keeps the judgement of the stack that was unknown a moment ago.
    pub fn keep(&self, judgement: bool) {
        let last = std::mem::take(&mut *self.last.borrow_mut());
        if last.is_empty() {
            return;
        }
        let mut judged = self.judged.borrow_mut();
        if judged.len() >= MOST {
            judged.clear();
        }
        judged.insert(last.into_boxed_slice(), judgement);
    }

    /// Forgets everything: V8 may have moved or dropped code.
    pub fn forget(&self) {
        self.judged.borrow_mut().clear();
        self.last.borrow_mut().clear();
    }

    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    fn trace(&self, slot: usize, trace: &mut Vec<usize>) -> Option<()> {
        use frame::{
            BYTECODE, CALLER, ENTRY, ENTRY_OF_NEW, KIND, NATIVE, OFFSET, OUTER, RECEIVER, RETURN, WORD, is_interpreted,
        };
        let (first, last) = (slot.checked_sub(RECEIVER)?, stack::top().saturating_sub(2 * WORD));
        let mut fp = first;
        // Where the frame's code stands: the frame above says where it returns to.
        let mut place = 0;
        for _ in 0..LONGEST {
            if fp < first || fp > last || !fp.is_multiple_of(WORD) {
                return None;
            }
            // SAFETY: `fp` lies between the native function's frame and the top of this thread's stack, and two words above it still do. So
            // these words, and the few below that are read further down, are memory of the stack, which is mapped. They are read as
            // numbers: whatever they are, they become no more than a part of the trace.
            let word = |offset: isize| unsafe { (fp.wrapping_add_signed(offset) as *const usize).read() };
            let kind = word(KIND);
            if fp == first && kind != NATIVE {
                return None;
            }
            if kind == ENTRY || kind == ENTRY_OF_NEW {
                // What has entered V8 from within is no code of V8's, so no trace can tell what it was.
                return (word(OUTER) == 0).then_some(());
            }
            // The frames of functions have their context in this place: a tagged pointer.
            if kind & 1 == 1 {
                if self.interpreter.get() == 0 {
                    if !is_interpreted(word(BYTECODE), word(OFFSET)) {
                        return None;
                    }
                    self.interpreter.set(place);
                }
                if place == self.interpreter.get() {
                    trace.extend([word(BYTECODE), word(OFFSET)]);
                }
            }
            place = word(RETURN);
            trace.push(place);
            if word(CALLER) <= fp {
                return None;
            }
            fp = word(CALLER);
        }
        None
    }

    #[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
    fn trace(&self, _: usize, _: &mut Vec<usize>) -> Option<()> {
        None
    }
}

/// V8's frames: offsets in bytes from the frame pointer, and the kinds that frames bear which are no function's.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod frame {
    pub const WORD: usize = 8;
    /// The caller's frame pointer, and where the frame returns to.
    pub const CALLER: isize = 0;
    pub const RETURN: isize = 8;
    /// The context of a function's frame; the kind of others.
    pub const KIND: isize = -8;
    /// In frames of the interpreter, the bytecode and the place in it.
    pub const BYTECODE: isize = -32;
    pub const OFFSET: isize = -40;
    /// In the frame by which V8 was entered, that of the native function which has done so, if V8 has called that.
    pub const OUTER: isize = -64;
    /// Of a native function's receiver: above the frame pointer, the return address and four words of V8's.
    pub const RECEIVER: usize = 48;
    /// Kinds: the entry into V8 by a call and by `new`, and a native function that V8 has called.
    pub const ENTRY: usize = 1 << 1;
    pub const ENTRY_OF_NEW: usize = 2 << 1;
    pub const NATIVE: usize = 18 << 1;

    /// Whether two words can be bytecode and a place in it: a tagged pointer and a small integer, which V8 keeps in the upper half.
    pub const fn is_interpreted(bytecode: usize, offset: usize) -> bool {
        bytecode & 7 == 1 && offset.trailing_zeros() >= 32 && offset >> 32 > 0 && offset >> 32 < 1 << 30
    }
}

#[cfg(all(test, target_arch = "x86_64", target_os = "linux"))]
mod tests {
    use super::frame::{BYTECODE, CALLER, ENTRY, KIND, NATIVE, OFFSET, OUTER, RECEIVER, RETURN, WORD};
    use super::*;

    /// A stack as V8 leaves it: a native function, called by an interpreted one, called by the entry into V8.
    struct Stack {
        words: [usize; 64],
    }

    impl Stack {
        const NATIVE_AT: usize = 10;
        const FUNCTION_AT: usize = 30;
        const ENTRY_AT: usize = 50;

        fn new(offset: usize, outer: usize) -> Box<Stack> {
            let mut stack = Box::new(Stack { words: [0; 64] });
            let base = stack.words.as_ptr() as usize;
            let mut set = |at: usize, offset: isize, word: usize| {
                stack.words[at.wrapping_add_signed(offset / WORD.cast_signed())] = word;
            };
            set(Stack::NATIVE_AT, KIND, NATIVE);
            set(Stack::NATIVE_AT, RETURN, 0x1000);
            set(Stack::NATIVE_AT, CALLER, base + Stack::FUNCTION_AT * WORD);
            set(Stack::FUNCTION_AT, KIND, 0x7001);
            set(Stack::FUNCTION_AT, BYTECODE, 0x9001);
            set(Stack::FUNCTION_AT, OFFSET, offset << 32);
            set(Stack::FUNCTION_AT, RETURN, 0x2000);
            set(Stack::FUNCTION_AT, CALLER, base + Stack::ENTRY_AT * WORD);
            set(Stack::ENTRY_AT, KIND, ENTRY);
            set(Stack::ENTRY_AT, OUTER, outer);
            stack
        }

        /// Where V8 would have put the native function's receiver.
        fn slot(&self) -> usize {
            self.words.as_ptr() as usize + Stack::NATIVE_AT * WORD + RECEIVER
        }
    }

    /// What is known of it; its words lie below the top of what the thread calls its stack.
    fn judgement(seen: &SeenStacks, stack: &Stack) -> Option<bool> {
        stack::pretend(std::ptr::from_ref(stack) as usize + size_of::<Stack>());
        seen.judgement(stack.slot())
    }

    #[test]
    fn a_stack_is_judged_once() {
        let seen = SeenStacks::default();
        assert_eq!(judgement(&seen, &Stack::new(5, 0)), None);
        seen.keep(true);
        assert_eq!(judgement(&seen, &Stack::new(5, 0)), Some(true));
    }

    #[test]
    fn another_place_in_the_same_bytecode_is_another_stack() {
        let seen = SeenStacks::default();
        assert_eq!(judgement(&seen, &Stack::new(5, 0)), None);
        seen.keep(true);
        assert_eq!(judgement(&seen, &Stack::new(6, 0)), None);
        seen.keep(false);
        assert_eq!(judgement(&seen, &Stack::new(6, 0)), Some(false));
        assert_eq!(judgement(&seen, &Stack::new(5, 0)), Some(true));
    }

    #[test]
    fn a_collection_forgets_judgements_and_what_waits_for_one() {
        let seen = SeenStacks::default();
        assert_eq!(judgement(&seen, &Stack::new(5, 0)), None);
        seen.keep(true);
        assert_eq!(judgement(&seen, &Stack::new(6, 0)), None);
        seen.forget();
        seen.keep(true);
        assert_eq!(judgement(&seen, &Stack::new(5, 0)), None);
        assert_eq!(judgement(&seen, &Stack::new(6, 0)), None);
    }

    #[test]
    fn what_native_code_has_called_is_never_known() {
        let seen = SeenStacks::default();
        for _ in 0..2 {
            assert_eq!(judgement(&seen, &Stack::new(5, 0x5000)), None);
            seen.keep(true);
        }
    }

    #[test]
    fn frames_beyond_the_stack_are_not_read() {
        let seen = SeenStacks::default();
        let mut stack = Stack::new(5, 0);
        stack.words[Stack::FUNCTION_AT] = usize::MAX & !7;
        for _ in 0..2 {
            assert_eq!(judgement(&seen, &stack), None);
            seen.keep(true);
        }
    }
}
