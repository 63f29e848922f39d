//! How messages are sent to a server: what it offers, and what it may be trusted with.

use crate::capability::{Capabilities, Capability, Literals};
use imapmig_core::message::InternalDate;

/// How messages are sent to one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// Several messages in one command.
    pub(crate) multi: bool,
    /// Which literals need no continuation request.
    pub(crate) literals: Literals,
    /// Literal8 is understood.
    pub(crate) literal8: bool,
    /// The largest message.
    pub(crate) limit: Option<u64>,
    /// Earliest internal date that is stored unchanged.
    pub(crate) earliest: Option<InternalDate>,
}

impl Way {
    /// Returns the fastest way that a server offers and may be trusted with.
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
