//! What the engine needs of the world, as traits. Adapters implement them; the engine knows nothing else of adapters.

pub mod source;
pub mod store;
pub mod target;

use crate::time::UnixMs;

/// The wall clock.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> UnixMs;
}
