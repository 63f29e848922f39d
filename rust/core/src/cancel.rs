//! One switch that asks everything working on something to stop soon.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A request to stop, shared by clones. Adapters look at it at least every half second while they wait.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    own: Arc<AtomicBool>,
    parents: Vec<Arc<AtomicBool>>,
}

impl Cancel {
    /// A switch that nobody has thrown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A switch of its own that is also thrown when this one is.
    #[must_use]
    pub fn child(&self) -> Self {
        let mut parents = self.parents.clone();
        parents.push(Arc::clone(&self.own));
        Self { own: Arc::default(), parents }
    }

    /// Asks to stop.
    pub fn cancel(&self) {
        self.own.store(true, Ordering::Release);
    }

    /// Whether stopping was asked for.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.own.load(Ordering::Acquire) || self.parents.iter().any(|p| p.load(Ordering::Acquire))
    }
}
