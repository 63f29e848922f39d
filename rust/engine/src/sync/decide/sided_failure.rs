//! A failure together with the side it happened on, so that a stated pause goes to the right server.

use imapmig_core::failure::{self, Failure, Place, Retry, Scope};

/// Where something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::failure::{Conduct, FailureKind};
    use proptest::prelude::*;

    fn sided(side: Side, scope: Scope, kind: FailureKind) -> SidedFailure {
        SidedFailure { side, failure: Failure::new(scope, kind, Conduct::Closed) }
    }

    #[test]
    fn a_failures_side_becomes_its_place_unless_a_more_exact_one_is_known() {
        let exact = Place { side: failure::Side::Source, server: Some("x:993".to_owned()), login: None };
        let known = sided(Side::Target, Scope::User, FailureKind::Refused);
        let known = SidedFailure { failure: known.failure.at(&exact), ..known };

        let placed = sided(Side::Target, Scope::User, FailureKind::Refused).placed();

        assert_eq!(placed.place.map(|place| place.side), Some(failure::Side::Target));
        assert_eq!(known.placed().place.as_deref(), Some(&exact));
        assert_eq!(sided(Side::Own, Scope::User, FailureKind::State).placed().place, None);
    }

    proptest! {
        #[test]
        fn a_folders_own_failure_is_never_taken_for_a_lost_connection(scope in 0..4, kind in 0..3) {
            let scope = [Scope::Message, Scope::Mailbox, Scope::User, Scope::Batch][scope as usize];
            let kind = [FailureKind::Disconnected, FailureKind::Refused, FailureKind::NotFound][kind as usize];
            let failure = sided(Side::Source, scope, kind);

            prop_assert!(!(failure.concerns_only_the_folder() && failure.is_lost_connection()));
            let is_lost = kind == FailureKind::Disconnected && scope > Scope::Mailbox;
            prop_assert_eq!(failure.is_lost_connection(), is_lost);
        }
    }
}
