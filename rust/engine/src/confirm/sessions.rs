//! A connection to each side, on which one lane compares.

use crate::sync::failure::SyncResult;
use imapmig_core::ports::source::SourceSession;
use imapmig_core::ports::target::TargetSession;
use std::thread;

/// A connection to each side.
pub(super) struct Sessions {
    pub(super) source: Box<dyn SourceSession>,
    pub(super) target: Box<dyn TargetSession>,
}

impl Sessions {
    /// Works on both sides at the same time.
    pub(super) fn both(
        &mut self,
        here: impl FnOnce(&mut dyn SourceSession) -> SyncResult,
        there: impl FnOnce(&mut dyn TargetSession) -> SyncResult + Send,
    ) -> SyncResult {
        let Self { source, target } = self;
        let (here, there) = thread::scope(|scope| {
            let target = &mut **target;
            let there = scope.spawn(move || there(target));
            let here = here(&mut **source);
            (here, there.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        here.and(there)
    }
}
