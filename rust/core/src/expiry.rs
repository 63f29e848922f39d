//! When a batch expires that nobody acts on any more. Exchange Online: "Manage migration batches".

use crate::batch::Batch;
use crate::status::BatchStatus;
use crate::time::UnixMs;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a synced batch goes on with its incremental syncs.
pub const SYNCED_FOR: Duration = DAY.saturating_mul(60);
/// How long a batch is kept that is stopped, failed or was never started.
pub const STOPPED_FOR: Duration = DAY.saturating_mul(90);
/// How long a completed batch is kept.
pub const COMPLETED_FOR: Duration = DAY.saturating_mul(60);

/// What happens to a batch that expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It is stopped.
    Stop,
    /// It is removed with its users and their history; the migrated mail stays.
    Removal,
}

/// Returns how long a batch stays in this state after its last activity, and what happens then; `None` for no end.
const fn lifetime(status: BatchStatus) -> Option<(Duration, Expiry)> {
    match status {
        BatchStatus::Synced | BatchStatus::SyncedWithErrors | BatchStatus::IncrementalSyncing => {
            Some((SYNCED_FOR, Expiry::Stop))
        }
        BatchStatus::Created | BatchStatus::Stopped | BatchStatus::Failed => {
            Some((STOPPED_FOR, Expiry::Removal))
        }
        BatchStatus::Completed | BatchStatus::CompletedWithErrors => Some((COMPLETED_FOR, Expiry::Removal)),
        BatchStatus::Starting
        | BatchStatus::Waiting
        | BatchStatus::Syncing
        | BatchStatus::Completing
        | BatchStatus::Stopping
        | BatchStatus::Removing
        | BatchStatus::Corrupted => None,
    }
}

/// Returns `true` if a batch's lifetime begins anew with this change of its state. Incremental syncs do not prolong it.
#[must_use]
pub const fn renews_lifetime(before: BatchStatus, after: BatchStatus) -> bool {
    const fn keeps_in_step(status: BatchStatus) -> bool {
        matches!(lifetime(status), Some((_, Expiry::Stop)))
    }
    !(keeps_in_step(before) && keeps_in_step(after))
}

/// Returns when a batch expires unless an administrator acts on it before, and what happens then.
#[must_use]
pub fn of(batch: &Batch) -> Option<(UnixMs, Expiry)> {
    // A batch that is to be completed later is not forgotten.
    let from = batch.options.complete_after.map_or(batch.active, |after| after.max(batch.active));
    lifetime(batch.status).map(|(lifetime, expiry)| (from.after(lifetime), expiry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_synced_batch_is_stopped_and_one_at_rest_removed() {
        let days = |status: BatchStatus| lifetime(status).map(|(time, what)| (time.as_secs() / 86_400, what));

        for status in BatchStatus::ALL {
            let expected = match status {
                BatchStatus::Synced | BatchStatus::SyncedWithErrors | BatchStatus::IncrementalSyncing => {
                    Some((60, Expiry::Stop))
                }
                BatchStatus::Created | BatchStatus::Stopped | BatchStatus::Failed => {
                    Some((90, Expiry::Removal))
                }
                BatchStatus::Completed | BatchStatus::CompletedWithErrors => Some((60, Expiry::Removal)),
                _ => None,
            };
            assert_eq!(days(*status), expected, "{status}");
        }
    }

    #[test]
    fn incremental_syncs_prolong_nothing_and_every_other_change_does() {
        use BatchStatus::{Completed, IncrementalSyncing, Stopped, Synced, SyncedWithErrors, Syncing};

        for (before, after) in
            [(Synced, IncrementalSyncing), (IncrementalSyncing, SyncedWithErrors), (SyncedWithErrors, Synced)]
        {
            assert!(!renews_lifetime(before, after), "{before} to {after}");
        }
        for (before, after) in
            [(Syncing, Synced), (Synced, Stopped), (IncrementalSyncing, Completed), (Stopped, Syncing)]
        {
            assert!(renews_lifetime(before, after), "{before} to {after}");
        }
    }
}
