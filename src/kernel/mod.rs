//! The kernel: JavaScript that has already run in the startup snapshot (`snapshot.rs`, which only the build script uses),
//! and what the addon needs to load it.

pub mod references;
