//! The kernel's sources as V8 sees them: strings whose characters lie in the binary, once for all isolates. The startup
//! snapshot refers to them by their place in a list. So an isolate neither copies nor keeps them: they were nearly half of
//! the snapshot.
//!
//! The build script, which makes the snapshot, and the addon, which loads it, both use this file.

/// A source that V8 reads where it lies. `text` is Latin-1.
pub const fn external(text: &'static [u8]) -> v8::OneByteConst {
    // SAFETY: V8 itself reads such a string as Latin-1. Only the crate's `as_str` and what builds on it need ASCII, and
    // nobody calls that: the strings go to V8 and into the list of references, nowhere else.
    unsafe { v8::String::create_external_onebyte_const_unchecked(text) }
}

/// What a snapshot's references mean: of the same sources in the same order where it is made and where it is loaded.
pub fn references(sources: impl Iterator<Item = &'static v8::OneByteConst>) -> Vec<v8::ExternalReference> {
    let reference =
        |source: &v8::OneByteConst| v8::ExternalReference { pointer: std::ptr::from_ref(source).cast_mut().cast() };
    // The end is marked here, since V8 reads up to it and the crate would copy the list to add it.
    let end = v8::ExternalReference { pointer: std::ptr::null_mut() };
    sources.map(reference).chain(std::iter::once(end)).collect()
}
