//! Temporaries that are assigned seldom: what a loop iterates over, and not what the iterator gives.
//!
//! Other variables and temporaries are stored in the frame whenever the function is left. These are stored where a continuation
//! assigns them, so that a generator whose loop yields in each turn does not store what is there already:
//!
//! ```text
//! Input    function* map(source, f) { for (const value of source) yield f(value); }
//!
//! Resuming þq1=þF[9]=þj(þ4); ... for(;;){ ... } ... þF[8]=value;return þleave(þF,þl,þu,þF[1]=þp)
//! ```
//!
//! Direct code has no frame while it runs, and puts them in when it makes one. Their names are those of no other function of the
//! source, since the text of a continuation holds that of functions in it.

use super::function::Lowerer;

const PREFIX: &str = "þq";

impl Lowerer<'_, '_> {
    /// A steady temporary. What takes it gives it back by `release_steady`.
    pub fn steady_temp(&mut self) -> String {
        if self.steady_in_use == self.steady.len() {
            let mut name = String::from(PREFIX);
            join!(&mut name, self.unit.unique());
            self.steady.push(name);
        }
        self.steady_in_use += 1;
        self.steady[self.steady_in_use - 1].clone()
    }

    /// Ends the use of the steady temporaries since `mark`. Nothing is kept alive by them then.
    pub fn release_steady(&mut self, mark: usize) {
        let mut text = String::new();
        for name in &self.steady[mark..self.steady_in_use] {
            join!(&mut text, name, "=");
        }
        text.push_str("void 0;");
        self.push(text);
        self.steady_in_use = mark;
    }
}

/// Whether a source has a text that could be taken for the name of such a temporary.
pub fn clashes(source: &str) -> bool {
    memchr::memmem::find(source.as_bytes(), PREFIX.as_bytes()).is_some()
}

/// The text of a continuation in which assignments of steady temporaries store them in the frame, too, the first one of them at
/// place `first`.
pub fn stored(text: &str, names: &[String], first: usize) -> String {
    let mut result = String::with_capacity(text.len() + text.len() / 16);
    let mut done = 0;
    for at in memchr::memmem::find_iter(text.as_bytes(), PREFIX.as_bytes()) {
        let digits = text[at + PREFIX.len()..].bytes().take_while(u8::is_ascii_digit).count();
        let end = at + PREFIX.len() + digits;
        let rest = &text.as_bytes()[end..];
        if !rest.starts_with(b"=") || rest.starts_with(b"==") {
            continue;
        }
        let Some(index) = names.iter().position(|name| name == &text[at..end]) else { continue };
        result.push_str(&text[done..=end]);
        join!(&mut result, "þF[", first + index, "]=");
        done = end + 1;
    }
    result.push_str(&text[done..]);
    result
}

#[cfg(test)]
mod tests {
    use super::stored;

    #[test]
    fn assignments_alone_are_stored() {
        let names = ["þq1".to_owned(), "þq12".to_owned()];
        let text = "þq1=þq12=void 0;if(þq1==x||þq12===y)þq2=f(þq1,()=>{þq3=1})";
        assert_eq!(stored(text, &names, 6), "þq1=þF[6]=þq12=þF[7]=void 0;if(þq1==x||þq12===y)þq2=f(þq1,()=>{þq3=1})");
        assert_eq!(stored("", &names, 6), "");
    }
}
