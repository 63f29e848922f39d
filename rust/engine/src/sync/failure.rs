//! Results of work on an account, whose failures carry the side they happened on.

use crate::errors::failure_of_store;
use crate::messages::failures::plain;
use crate::sync::decide::sided_failure::{Side, SidedFailure};
use imapmig_core::failure::Failure;
use imapmig_core::ports::store::StoreError;

impl From<StoreError> for SidedFailure {
    fn from(error: StoreError) -> Self {
        Self::own(failure_of_store(error))
    }
}

/// The result of work on an account.
pub(crate) type SyncResult<T = ()> = Result<T, SidedFailure>;

/// Attaches the side on which a port's call failed.
pub(crate) trait OnSide<T> {
    fn at_source(self) -> SyncResult<T>;
    fn at_target(self) -> SyncResult<T>;
}

impl<T> OnSide<T> for Result<T, Failure> {
    fn at_source(self) -> SyncResult<T> {
        self.map_err(|failure| SidedFailure { side: Side::Source, failure })
    }

    fn at_target(self) -> SyncResult<T> {
        self.map_err(|failure| SidedFailure { side: Side::Target, failure })
    }
}

/// The side that failed and the words of its failure, for what is remembered of a message that breaks connections.
pub(crate) fn last_words(failure: &SidedFailure) -> (Side, String) {
    (failure.side, plain(&failure.failure))
}
