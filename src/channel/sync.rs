//! The synchronisation that the shared core uses. `models/` puts loom's in its place.

pub use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
pub use std::sync::{Arc, Mutex, MutexGuard};
