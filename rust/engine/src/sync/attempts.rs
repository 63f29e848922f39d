//! The loop of tries over failures that pass by themselves, by the one policy in [`crate::retry`].
//!
//! What is tried says how far it has come, and shows what is waited for; both syncing and comparing go through here.

use crate::clock;
use crate::retry::Next;
use crate::sync::decide::retry;
use crate::sync::decide::sided_failure::SidedFailure;
use crate::sync::failure::SyncResult;
use crate::sync::sides::Sides;
use imapmig_core::failure::Failure;
use std::time::Duration;

/// Work on both sides of a user that continues where an earlier attempt ended.
pub(crate) trait Resumable {
    /// The result of the finished work.
    type Done;
    /// Changes with everything that need not be done again.
    type Mark: PartialEq;

    fn mark(&self) -> SyncResult<Self::Mark>;

    /// Continues until it is done or something fails.
    fn attempt(&mut self) -> SyncResult<Self::Done>;

    /// Shows that the next attempt comes after this pause, because of a failure.
    fn waiting(&self, _pause: Pause, _failure: &Failure) -> SyncResult {
        Ok(())
    }

    /// The pause is over.
    fn waited(&self) -> SyncResult {
        Ok(())
    }
}

/// How long the next attempt is waited for, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// The server stated it.
    Stated(Duration),
    /// The retry policy says so.
    Backoff(Duration),
}

impl Pause {
    pub(crate) const fn span(self) -> Duration {
        match self {
            Self::Stated(span) | Self::Backoff(span) => span,
        }
    }
}

/// Tries until the work is done or no further try helps.
pub(crate) fn until_done<W: Resumable>(sides: &Sides, work: &mut W) -> SyncResult<W::Done> {
    let mut failures = 0;
    loop {
        let before = work.mark()?;
        let failure = match work.attempt() {
            Ok(done) => return Ok(done),
            Err(failure) => failure,
        };
        if sides.cancel.is_cancelled() {
            return Err(SidedFailure::own(Failure::cancelled()));
        }
        failures = if work.mark()? == before { failures + 1 } else { 1 };
        let pause = match retry::next(&failure, failures, &sides.retries) {
            Next::Stop | Next::GiveUp | Next::UsedUp => return Err(failure),
            Next::StatedPause(span) => {
                // Others who talk to the account wait as well.
                sides.pause(failure.side, span);
                Pause::Stated(span)
            }
            Next::TryAgain(span) => Pause::Backoff(span),
        };
        work.waiting(pause, &failure.failure)?;
        let waited = clock::wait(sides.clock.as_ref(), pause.span(), &sides.cancel);
        work.waited()?;
        waited.map_err(SidedFailure::own)?;
    }
}
