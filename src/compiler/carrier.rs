//! Sources with halves of surrogate pairs, which JavaScript's strings may have and Rust's may not.
//!
//! For each such half a private-use character that the source does not have is put in its place while the source is
//! compiled, and taken out again when V8 gets the result. Both are one UTF-16 unit long, so positions stay what they were,
//! and neither is part of a name or of the language's syntax.

/// Halves of pairs, of which there are 2048.
const HALVES: std::ops::RangeInclusive<u16> = 0xd800..=0xdfff;

/// Where private-use characters may stand for them.
const BLOCKS: [u16; 3] = [0xe100, 0xe900, 0xf100];

/// What stands for halves of surrogate pairs in a source.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Carrier(Option<u16>);

impl Carrier {
    /// Reads a source. `None` where it has such halves and there is no character left to stand for them.
    pub fn read(units: &[u16]) -> Option<(String, Carrier)> {
        if let Ok(source) = String::from_utf16(units) {
            return Some((source, Carrier(None)));
        }
        let is_free = |block: &u16| !units.iter().any(|unit| (*block..*block + 0x800).contains(unit));
        let block = BLOCKS.into_iter().find(is_free)?;
        let read = |unit: Result<char, std::char::DecodeUtf16Error>| {
            unit.unwrap_or_else(|half| {
                let unit = half.unpaired_surrogate() - HALVES.start() + block;
                char::from_u32(u32::from(unit)).expect("a block has no surrogates")
            })
        };
        Some((char::decode_utf16(units.iter().copied()).map(read).collect(), Carrier(Some(block))))
    }

    /// The text as V8 is to have it, where that is not `text` itself.
    pub fn units(self, text: &str) -> Option<Vec<u16>> {
        let block = self.0?;
        let write =
            |unit: u16| if (block..block + 0x800).contains(&unit) { unit - block + HALVES.start() } else { unit };
        Some(text.encode_utf16().map(write).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_pairs_come_back_as_they_were() {
        let plain: Vec<u16> = "a\u{1f600}\u{e100}".encode_utf16().collect();
        assert_eq!(Carrier::read(&plain).unwrap().1.units("a"), None);
        for other in [0x61, 0xe100, 0xe900] {
            let units = [0x27, 0xd800, other, 0xdfff, 0xd83d, 0xde00, 0x27];
            let (source, carrier) = Carrier::read(&units).unwrap();
            assert_eq!(source.encode_utf16().count(), units.len());
            assert_eq!(carrier.units(&source).unwrap(), units);
        }
        assert_eq!(Carrier::read(&[0xd800, 0xe100, 0xe900, 0xf100]), None);
    }
}
