//! Records the steps of a server test, for verbose output.

use std::sync::{Arc, Mutex, PoisonError};

/// Collects sentences. Copies collect into the same place.
#[derive(Clone, Debug, Default)]
pub struct Steps(Arc<Mutex<Vec<String>>>);

impl Steps {
    /// Adds a step that was done or is about to be.
    pub fn add(&self, step: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(step.into());
    }

    /// Returns the steps so far.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
