//! How a server is given messages: what it offers, and what it has earned.

use crate::capability::{Capabilities, Capability, Literals};
use imapmig_core::message::InternalDate;

/// How one server is given messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// Several messages in one command.
    pub(crate) multi: bool,
    /// Which literals need no leave.
    pub(crate) literals: Literals,
    /// Literal8 is understood.
    pub(crate) literal8: bool,
    /// The largest message.
    pub(crate) limit: Option<u64>,
    /// The earliest date that is taken for what it is.
    pub(crate) earliest: Option<InternalDate>,
}

impl Way {
    /// The fastest way that a server offers and has earned.
    pub(crate) fn of(
        capabilities: &Capabilities,
        literals: Literals,
        earliest: Option<InternalDate>,
    ) -> Self {
        Self {
            multi: capabilities.has(Capability::MultiAppend),
            literals,
            literal8: capabilities.has(Capability::Binary),
            limit: capabilities.append_limit(),
            earliest,
        }
    }
}
