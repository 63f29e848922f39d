//! A connection to each side, on which one lane compares.

use imapmig_core::ports::source::SourceSession;
use imapmig_core::ports::target::TargetSession;

/// A connection to each side.
pub(super) struct Sessions {
    pub(super) source: Box<dyn SourceSession>,
    pub(super) target: Box<dyn TargetSession>,
}
