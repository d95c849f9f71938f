//! Offsets in UTF-16 units, in which JavaScript counts.

/// Bytes between two places that are known.
const STRETCH: usize = 1024;

/// The UTF-16 units of a piece of UTF-8. A character counts where it begins.
pub fn utf16_length(bytes: &[u8]) -> u32 {
    // One for each character, and one more for those of four bytes. Sums of bytes, which are as long as those cannot overflow,
    // take a quarter of the time.
    const SUM: usize = u8::MAX as usize / 2;
    let units = |byte: &u8| u8::from(byte & 0xc0 != 0x80) + u8::from(*byte >= 0xf0);
    bytes.chunks(SUM).map(|chunk| u32::from(chunk.iter().map(units).sum::<u8>())).sum()
}

/// Offsets of a source in UTF-16 units.
pub struct Offsets {
    /// The units before each stretch of `STRETCH` bytes; none where every byte is a unit.
    stretches: Vec<u32>,
}

impl Offsets {
    /// Those of a source.
    #[must_use]
    pub fn new(source: &str) -> Offsets {
        if source.is_ascii() {
            return Offsets { stretches: Vec::new() };
        }
        let mut stretches = Vec::new();
        let mut units = 0;
        for stretch in source.as_bytes().chunks(STRETCH) {
            stretches.push(units);
            units += utf16_length(stretch);
        }
        Offsets { stretches }
    }

    /// The units before a place.
    #[must_use]
    pub fn utf16(&self, source: &str, at: u32) -> u32 {
        let at = at as usize;
        let Some(last) = self.stretches.len().checked_sub(1) else { return at as u32 };
        let stretch = (at / STRETCH).min(last);
        self.stretches[stretch] + utf16_length(&source.as_bytes()[stretch * STRETCH..at])
    }
}
