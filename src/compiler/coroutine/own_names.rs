//! The names of compiled code: a thorn, by which hardly a program's names begin, and then ASCII. Where a program has one of them, both would
//! mean the same variable.

use oxc::semantic::Scoping;

/// What all of them begin with.
const OWN: char = 'þ';

/// Those that are words; the others are a letter, or none, and a number, or none. In order.
const WORDS: [&str; 62] = [
    "add",
    "args",
    "arrays",
    "asyncGenerator",
    "await",
    "cell",
    "cf",
    "coercible",
    "constant",
    "constructed",
    "copy",
    "cv",
    "delegate",
    "direct",
    "disposable",
    "disposal",
    "dynamicAsync",
    "dynamicGenerator",
    "fields",
    "flags",
    "gate",
    "gave",
    "generator",
    "given",
    "import",
    "initialise",
    "inner",
    "iterators",
    "keep",
    "key",
    "leave",
    "list",
    "made",
    "meta",
    "method",
    "next",
    "nextValue",
    "noThrow",
    "notNew",
    "ours",
    "out",
    "pass",
    "passed",
    "place",
    "present",
    "rare",
    "reject",
    "resolve",
    "rest",
    "rested",
    "saved",
    "seen",
    "ship",
    "spread",
    "step",
    "stepped",
    "suppress",
    "theirs",
    "use",
    "values",
    "way",
    "yield",
];

/// Whether a name could be one of compiled code.
fn is_own(name: &str) -> bool {
    let Some(rest) = name.strip_prefix(OWN) else { return false };
    let numbered = rest.strip_prefix(|first: char| first.is_ascii_alphabetic()).unwrap_or(rest);
    let after = numbered.trim_start_matches(|digit: char| digit.is_ascii_digit());
    after.is_empty()
        || (after.starts_with('_') && rest.starts_with(|first: char| first.is_ascii_digit()))
        || WORDS.binary_search(&rest.trim_end_matches(|digit: char| digit.is_ascii_digit())).is_ok()
}

/// Refuses a source that has such a name, of a variable of its own or of others. Properties and labels may be called so.
///
/// # Errors
/// A message, and the place of the name.
pub fn check(source: &str, scoping: &Scoping) -> Result<(), (String, u32)> {
    if memchr::memmem::find(source.as_bytes(), OWN.encode_utf8(&mut [0; 4]).as_bytes()).is_none() {
        return Ok(());
    }
    let declared = scoping.symbol_ids().map(|symbol| scoping.symbol_name(symbol));
    let free = scoping.root_unresolved_references().keys().map(std::ops::Deref::deref);
    let Some(name) = declared.chain(free).find(|name| is_own(name)) else { return Ok(()) };
    let offset = source.find(name).unwrap_or(0) as u32;
    Err((
        format!("`{name}` is a name of compiled code: call the variable otherwise, or choose the form 'plain'"),
        offset,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in the compiler's own sources.
    fn names_in(text: &str) -> impl Iterator<Item = &str> {
        text.match_indices(OWN).map(|(at, _)| {
            let rest = &text[at + OWN.len_utf8()..];
            let end = rest.find(|it: char| !(it.is_ascii_alphanumeric() || it == '_')).unwrap_or(rest.len());
            &text[at..at + OWN.len_utf8() + end]
        })
    }

    #[test]
    fn no_name_of_compiled_code_is_missing() {
        let mut count = 0;
        for folder in ["src/compiler", "src/compiler/coroutine", "src/kernel"] {
            for file in std::fs::read_dir(folder).expect("tests run in the package's folder") {
                let path = file.expect("it can be read").path();
                let Ok(text) = std::fs::read_to_string(&path) else { continue };
                if path.ends_with("own_names.rs") {
                    continue;
                }
                for name in names_in(&text).filter(|name| *name != "þ") {
                    assert!(is_own(name), "{name} in {}", path.display());
                    count += 1;
                }
            }
        }
        assert!(count > 500, "{count}");
    }

    #[test]
    fn other_names_are_the_programs() {
        assert!(WORDS.is_sorted());
        assert!(["þing", "þegar", "þú", "thing", "_þ", "þ_", "þlist_of"].iter().all(|name| !is_own(name)));
        assert!(["þ1", "þp", "þm12", "þ3_x", "þlist"].iter().all(|name| is_own(name)));
    }
}
