//! A shared switch that asks running work to stop.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What must hold for work to go on.
pub type Condition = Arc<dyn Fn() -> bool + Send + Sync>;

/// A request to stop, shared by clones. Adapters look at it at least every half second while they wait.
#[derive(Clone, Default)]
pub struct Cancel {
    own: Arc<AtomicBool>,
    parents: Vec<Arc<AtomicBool>>,
    conditions: Vec<Condition>,
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancel").field("is_cancelled", &self.is_cancelled()).finish()
    }
}

impl Cancel {
    /// A switch that is not thrown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A switch of its own that is also thrown when this one is.
    #[must_use]
    pub fn child(&self) -> Self {
        let mut parents = self.parents.clone();
        parents.push(Arc::clone(&self.own));
        Self { own: Arc::default(), parents, conditions: self.conditions.clone() }
    }

    /// A switch of its own that is also thrown when this one is, and whenever the condition does not hold.
    #[must_use]
    pub fn child_while(&self, condition: Condition) -> Self {
        let mut child = self.child();
        child.conditions.push(condition);
        child
    }

    /// Requests a stop.
    pub fn cancel(&self) {
        self.own.store(true, Ordering::Release);
    }

    /// Whether stopping was asked for.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.own.load(Ordering::Acquire)
            || self.parents.iter().any(|p| p.load(Ordering::Acquire))
            || self.conditions.iter().any(|holds| !holds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_cancelled_with_its_parent_and_while_its_condition_does_not_hold() {
        let parent = Cancel::new();
        let holds = Arc::new(AtomicBool::new(true));
        let seen = Arc::clone(&holds);
        let child = parent.child_while(Arc::new(move || seen.load(Ordering::Acquire)));
        let grandchild = child.child();

        assert!(!child.is_cancelled() && !grandchild.is_cancelled());
        holds.store(false, Ordering::Release);
        assert!(child.is_cancelled() && grandchild.is_cancelled() && !parent.is_cancelled());
        holds.store(true, Ordering::Release);
        assert!(!child.is_cancelled());
        parent.cancel();
        assert!(grandchild.is_cancelled());
    }
}
