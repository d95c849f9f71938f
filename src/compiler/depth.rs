//! A stack for compiling.
//!
//! oxc and the coroutine compiler call themselves once or more for each level of nesting, and a pool thread's stack is
//! small, so source text alone could end the process. Compiling therefore gets a stack of its own where it may need one.
//! Its pages cost nothing until they are touched.
//!
//! How much is enough follows from what was measured: a level of nesting takes at most [`PER_BYTE`] bytes of stack for
//! each byte of source that it takes (worst of all are `((((` and `[[[[`; a class in a class takes more stack, and much
//! more text). That bound holds for any text, and where it is affordable nothing else is looked at. Longer sources, most
//! of which are bundles that nest no deeper than short ones, are bounded by the nesting that [`deepest`] finds.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Bytes of stack for each byte of source, at most: 1576 were measured.
const PER_BYTE: usize = 1800;

/// Bytes that every compilation needs.
const BASE: usize = 256 << 10;

/// The bound by length is used up to this size.
const PLENTY: usize = 256 << 20;

/// Sources that might need more are refused.
const LIMIT: usize = 512 << 20;

/// What a bracket or an arrow function adds to the estimate: much more than it needs (5 KB), so that nesting of which V8
/// itself would not parse a half is refused before anybody spends time on it.
const BRACKET: usize = 64 << 10;

/// What an operator adds, or a word that follows a word: 950 bytes were measured.
const OPERATOR: usize = 1 << 10;

/// What [`with_stack`] says of a source that it refuses.
pub const TOO_DEEP: &str = "the source is nested too deeply to be compiled";

/// Whether a source is nested so deeply that [`with_stack`] refuses it.
pub fn is_too_deep(source: &str) -> bool {
    most(source) > LIMIT && deepest(source) > LIMIT
}

/// Does something that compiles `source`, on a stack that is large enough for it.
///
/// # Errors
/// A message, where the source is nested too deeply, the system has no memory for a stack, or the compiler gives up.
pub fn with_stack<T>(source: &str, compile: impl FnOnce() -> T) -> Result<T, String> {
    let by_length = BASE.saturating_add(source.len().saturating_mul(PER_BYTE));
    let mut size = by_length.min(PLENTY);
    if by_length > PLENTY || most(source) > LIMIT {
        let by_nesting = deepest(source);
        if by_nesting > LIMIT {
            return Err(TOO_DEEP.to_owned());
        }
        size = size.max(BASE + by_nesting.min(by_length));
    }
    // A panic, also of `stacker` where the system gives no memory, must not pass V8's frames.
    catch_unwind(AssertUnwindSafe(|| stacker::maybe_grow(size, size, compile))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        format!("the compiler failed on this source: {}", text.unwrap_or("for no known reason"))
    })
}

/// What [`deepest`] says of a source, at most, which takes a fraction of the time to find out: as if no bracket were closed,
/// and all else were operators that are counted twice.
fn most(source: &str) -> usize {
    let brackets = count(source, |byte| matches!(byte, b'(' | b'[' | b'{' | b'>')).saturating_mul(BRACKET);
    let sum = |others: usize| brackets.saturating_add(others.saturating_mul(2 * OPERATOR));
    // For most sources the brackets say enough.
    let bound = sum(source.len());
    if bound <= LIMIT { bound } else { sum(count(source, |byte| !is_word(byte))) }
}

/// Whether a byte is one of a word's.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | matches!(byte, b'_' | b'$' | 0x80..)
}

/// How many bytes of a source are of some kind. Sums of bytes, which are as long as those cannot overflow, are what processors add fastest.
fn count(source: &str, is: impl Fn(u8) -> bool) -> usize {
    let chunks = source.as_bytes().chunks(u8::MAX as usize);
    chunks.map(|chunk| usize::from(chunk.iter().map(|byte| u8::from(is(*byte))).sum::<u8>())).sum()
}

/// How deeply a source is nested, as the bytes of stack that this may take.
///
/// A level ends where its bracket closes. Within brackets, operators and words add up until the statement or the element
/// ends; what goes on across `;` and `,` (`else`, and `<`, which in TypeScript and JSX may be a bracket) until the
/// brackets close. Strings, comments and templates are left out; regular expressions are taken for what they look like.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of character reads best in one place")]
fn deepest(source: &str) -> usize {
    let bytes = source.as_bytes();
    // Of each open bracket: what was reached before it, what stays across `;`, and whether it is a template's `${`.
    let mut open: Vec<(usize, usize, bool)> = Vec::new();
    let (mut now, mut kept, mut base) = (0_usize, 0_usize, 0_usize);
    let mut most = 0;
    let mut after_word = false;
    let mut at = 0;
    // Whether the text is that of a template, which `}` of a `${` goes back to.
    let mut in_template = false;
    let mut templates = 0_usize;
    while at < bytes.len() {
        let byte = bytes[at];
        at += 1;
        if in_template {
            match byte {
                b'\\' => at += 1,
                b'`' => in_template = false,
                b'$' if bytes.get(at) == Some(&b'{') => {
                    at += 1;
                    open.push((now, kept, true));
                    templates += 1;
                    now += BRACKET;
                    (base, kept, in_template, after_word) = (now, 0, false, false);
                }
                _ => {}
            }
            most = most.max(now);
            continue;
        }
        match byte {
            word if is_word(word) => {
                let start = at - 1;
                while bytes.get(at).is_some_and(|byte| is_word(*byte)) {
                    at += 1;
                }
                if after_word {
                    now += OPERATOR;
                }
                if &bytes[start..at] == b"else" {
                    kept += OPERATOR;
                }
                after_word = true;
                most = most.max(now);
                continue;
            }
            b'/' if bytes.get(at) == Some(&b'/') => {
                at += bytes[at..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - at);
                continue;
            }
            b'/' if bytes.get(at) == Some(&b'*') => {
                let end = bytes[at + 1..].windows(2).position(|pair| pair == b"*/");
                at = end.map_or(bytes.len(), |end| at + 1 + end + 2);
                continue;
            }
            b'"' | b'\'' => {
                while let Some(b) = bytes.get(at)
                    && *b != byte
                    && *b != b'\n'
                {
                    at += if *b == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'`' => {
                now += OPERATOR;
                in_template = true;
            }
            b'(' | b'[' | b'{' => {
                open.push((now, kept, false));
                now += BRACKET;
                (base, kept) = (now, 0);
            }
            b')' | b']' | b'}' => {
                if let Some((before, outer, is_template)) = open.pop() {
                    now = before + OPERATOR;
                    kept = outer;
                    base = open.last().map_or(0, |(before, ..)| before + BRACKET);
                    if is_template && templates > 0 {
                        templates -= 1;
                        in_template = true;
                    }
                }
            }
            b';' | b',' => now = base + kept,
            b'=' if bytes.get(at) == Some(&b'>') => {
                at += 1;
                now += BRACKET;
            }
            b'<' => {
                now += OPERATOR;
                // JSX and generic types nest in the same way as brackets, and are closed by what may be an operator.
                kept += OPERATOR;
            }
            b' ' | b'\t' | b'\r' => continue,
            b'\n' => {
                // A new line on which a word follows a word or a bracket begins a statement, or goes on with an operator
                // that is counted from here.
                let ended =
                    after_word || matches!(bytes[..at - 1].iter().rev().find(|b| **b > b' '), Some(b')' | b']' | b'}'));
                if ended && bytes[at..].iter().find(|b| **b > b' ').is_some_and(u8::is_ascii_alphabetic) {
                    now = base + kept;
                    after_word = false;
                }
                continue;
            }
            _ => now += OPERATOR,
        }
        after_word = false;
        most = most.max(now);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_seen_and_length_is_not() {
        let nested = |before: &str, after: &str| deepest(&format!("{}1{}", before.repeat(1000), after.repeat(1000)));
        for (before, after) in [("(", ")"), ("[", "]"), ("f({a:", "})"), ("a=>", ""), ("`${", "}`"), ("{\n", "\n}")] {
            assert!(nested(before, after) >= 1000 * BRACKET, "{before}");
        }
        for (before, after) in
            [("1+", ""), ("!", ""), ("typeof ", ""), ("if(0);else ", ""), ("a?b:", ""), ("", ".a()"), ("A<B,", ">")]
        {
            assert!(nested(before, after) >= 1000 * OPERATOR, "{before}{after}");
            for count in [100, 10_000] {
                let source = format!("{}1{}", before.repeat(count), after.repeat(count));
                assert!(deepest(&source) <= most(&source), "{before}{after}");
            }
        }
        for flat in [
            "f(1);\n",
            "f(a, b)\n",
            "[1, 2],",
            "const a = `${b}`;",
            "'((((';",
            "// ((((\n",
            "/* (( */",
            "function f() {}\n",
        ] {
            assert!(deepest(&flat.repeat(10_000)) < 4 * BRACKET, "{flat}");
            assert!(deepest(&flat.repeat(10_000)) <= most(&flat.repeat(10_000)), "{flat}");
        }
    }

    #[test]
    fn text_of_any_shape_is_compiled_or_refused() {
        let shapes = [
            ("(", ")"),
            ("[", "]"),
            ("x={a:", "}"),
            ("f(", ")"),
            ("{", "}"),
            ("(class{a(){", "}})"),
            ("`${", "}`"),
            ("else if(0);", ""),
            ("1+", ""),
            ("", ".a()"),
            ("a=>", ""),
            ("!", ""),
            ("typeof ", ""),
            ("a?", ":b"),
            ("/(/;(", ")"),
        ];
        for (before, after) in shapes {
            for count in [3_000, 100_000] {
                let source = format!("{}1{}", before.repeat(count), after.repeat(count));
                let parsed = with_stack(&source, || {
                    let allocator = oxc::allocator::Allocator::default();
                    let parsed = oxc::parser::Parser::new(&allocator, &source, oxc::span::SourceType::cjs()).parse();
                    oxc::semantic::SemanticBuilder::new().build(&parsed.program).semantic.nodes().len()
                });
                assert!(parsed.is_ok() || parsed == Err(TOO_DEEP.to_owned()), "{before}");
            }
        }
    }

    #[test]
    fn a_compiler_that_panics_is_an_error() {
        let failed = with_stack("", || panic!("on purpose")).map(|()| 0);
        assert!(failed.unwrap_err().contains("on purpose"));
    }
}
