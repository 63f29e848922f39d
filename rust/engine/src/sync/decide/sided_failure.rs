//! A failure together with the side it happened on, so that a stated pause goes to the right server.

use imapmig_core::failure::{self, Failure, Place, Retry, Scope};

/// Where something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Reading mail.
    Source,
    /// Writing mail.
    Target,
    /// The state directory, or a request to stop.
    Own,
}

/// A failure and its side.
#[derive(Clone, Debug)]
pub(crate) struct SidedFailure {
    pub(crate) side: Side,
    pub(crate) failure: Failure,
}

impl SidedFailure {
    pub(crate) fn own(failure: Failure) -> Self {
        Self { side: Side::Own, failure }
    }

    pub(crate) fn target(failure: Failure) -> Self {
        Self { side: Side::Target, failure }
    }

    /// The failure with its side as the place, unless a more exact one is known.
    pub(crate) fn placed(self) -> Failure {
        let side = match self.side {
            Side::Source => failure::Side::Source,
            Side::Target => failure::Side::Target,
            Side::Own => return self.failure,
        };
        self.failure.at(&Place { side, server: None, login: None })
    }

    /// Whether only the folder has to be given up and the connections are still good.
    pub(crate) fn concerns_only_the_folder(&self) -> bool {
        self.failure.scope <= Scope::Mailbox
    }

    /// Whether the connection is gone and another one may do.
    pub(crate) fn is_lost_connection(&self) -> bool {
        self.failure.retry == Retry::Reconnect && self.failure.scope > Scope::Mailbox
    }
}
