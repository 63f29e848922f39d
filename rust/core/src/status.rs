//! The states of batches and users, and which state follows from which.
//!
//! Names are Exchange's (MigrationBatchStatus, MigrationUserStatus, MigrationUserStatusSummary); of the members that
//! belong to other migration types only those stand here that a caller may ask for. Pure: knows no clock.

mod transitions;

pub use transitions::{BatchEvent, BatchFacts, UserEvent};

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! named_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every member.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The member's name as Exchange writes it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $name {
            type Err = String;

            /// In any case, as PowerShell compares.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|m| m.name().eq_ignore_ascii_case(text)).ok_or_else(|| {
                    let names: Vec<_> = Self::ALL.iter().map(|m| m.name()).collect();
                    format!("\"{text}\" is none of {}", names.join(", "))
                })
            }
        }
    };
}

named_enum!(
    /// The state of a batch.
    BatchStatus {
        /// Never started.
        Created,
        /// The initial sync is under way.
        Syncing,
        /// Stop was asked for.
        Stopping,
        /// Stopped.
        Stopped,
        /// Every user is completed; there are no further incremental syncs.
        Completed,
        /// Every user failed.
        Failed,
        /// Removal was asked for.
        Removing,
        /// The initial sync is done for all users; incremental syncs go on.
        Synced,
        /// An incremental sync is under way.
        IncrementalSyncing,
        /// The final sync of the users is due or under way.
        Completing,
        /// Some users are completed, the others failed or are stopped.
        CompletedWithErrors,
        /// The initial sync is done; some users failed, the others go on with incremental syncs.
        SyncedWithErrors,
        /// The batch cannot be read.
        Corrupted,
        /// Waits for StartAfter.
        Waiting,
        /// Start was asked for; no worker has taken it up yet.
        Starting,
    }
);

named_enum!(
    /// The state of a user.
    UserStatus {
        /// Waits for a free connection of the endpoint.
        Queued,
        /// The initial sync is under way.
        Syncing,
        /// The initial sync failed.
        Failed,
        /// The initial sync, and every incremental sync since, is done.
        Synced,
        /// The last incremental sync failed.
        IncrementalFailed,
        /// The final sync is due or under way.
        Completing,
        /// The final sync is done; there are no further incremental syncs.
        Completed,
        /// The final sync failed.
        CompletionFailed,
        /// The user cannot be read.
        Corrupted,
        /// Other migration types only.
        Provisioning,
        /// Other migration types only.
        ProvisionUpdating,
        /// Other migration types only.
        CompletionSynced,
        /// The source mailbox is being looked at, before anything is copied.
        Validating,
        /// An incremental sync is under way.
        IncrementalSyncing,
        /// Other migration types only.
        IncrementalSynced,
        /// Other migration types only.
        CompletedWithWarnings,
        /// Stopped before the initial sync was done.
        Stopped,
        /// Stopped after the initial sync was done.
        IncrementalStopped,
        /// Start was asked for.
        Starting,
        /// Stop was asked for.
        Stopping,
        /// Removal was asked for.
        Removing,
    }
);

named_enum!(
    /// The states of users, summed up.
    UserStatusSummary {
        /// Something is being done, or will be without a further request.
        Active,
        /// Failed.
        Failed,
        /// In step with the source.
        Synced,
        /// Other migration types only.
        Completed,
        /// Stopped.
        Stopped,
    }
);

impl UserStatus {
    /// The summary that this state belongs to.
    #[must_use]
    pub const fn summary(self) -> UserStatusSummary {
        match self {
            Self::Queued
            | Self::Syncing
            | Self::Completing
            | Self::Provisioning
            | Self::ProvisionUpdating
            | Self::Validating
            | Self::Starting
            | Self::Stopping
            | Self::Removing => UserStatusSummary::Active,
            Self::Failed | Self::IncrementalFailed | Self::CompletionFailed | Self::Corrupted => {
                UserStatusSummary::Failed
            }
            Self::Synced | Self::IncrementalSyncing | Self::IncrementalSynced | Self::CompletionSynced => {
                UserStatusSummary::Synced
            }
            Self::Completed | Self::CompletedWithWarnings => UserStatusSummary::Completed,
            Self::Stopped | Self::IncrementalStopped => UserStatusSummary::Stopped,
        }
    }

    /// Whether a worker is at work on the user in this state, so that a state found at a worker's start is left over.
    #[must_use]
    pub const fn is_in_progress(self) -> bool {
        matches!(self, Self::Validating | Self::Syncing | Self::IncrementalSyncing | Self::Stopping)
    }

    /// Whether the user will be in step without further commands: it waits for a sync, or is having one.
    #[must_use]
    pub const fn is_on_its_way(self) -> bool {
        matches!(
            self,
            Self::Starting | Self::Queued | Self::Validating | Self::Syncing | Self::IncrementalSyncing
        )
    }

    /// Whether a next sync can become due: an incremental one, or the final one.
    #[must_use]
    pub const fn has_next_sync(self) -> bool {
        matches!(self, Self::Synced | Self::Completing)
    }

    /// Whether the initial sync is done.
    #[must_use]
    pub const fn initial_sync_done(self) -> bool {
        matches!(
            self,
            Self::Synced
                | Self::IncrementalSyncing
                | Self::IncrementalFailed
                | Self::IncrementalStopped
                | Self::Completing
                | Self::Completed
                | Self::CompletionFailed
        )
    }
}

/// How many users of a batch are in which state; the numbers add up to `total`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserCounts {
    /// All users.
    pub total: u32,
    /// Waiting for a connection, or not started.
    pub pending: u32,
    /// In the initial sync.
    pub active: u32,
    /// In step with the source, also while an incremental sync runs or after one failed.
    pub synced: u32,
    /// Of `synced`: an incremental sync is under way.
    pub incremental: u32,
    /// Of `synced`: the final sync is due or under way.
    pub completing: u32,
    /// Of `synced`: the final sync is done.
    pub completed: u32,
    /// The initial sync failed.
    pub failed: u32,
    /// Of `synced`: the last incremental sync failed.
    pub incremental_failed: u32,
    /// Stopped.
    pub stopped: u32,
}

impl UserCounts {
    /// Whether a start has something to do: users that wait, or have failed.
    #[must_use]
    pub const fn is_unfinished(&self) -> bool {
        self.pending + self.failed + self.incremental_failed > 0
    }

    /// Counts `number` more users in `status`.
    pub fn add(&mut self, status: UserStatus, number: u32) {
        self.total += number;
        match status {
            UserStatus::Queued | UserStatus::Starting => self.pending += number,
            UserStatus::Stopped | UserStatus::IncrementalStopped => self.stopped += number,
            UserStatus::Failed | UserStatus::Corrupted | UserStatus::CompletionFailed => {
                self.failed += number
            }
            UserStatus::IncrementalFailed => {
                self.synced += number;
                self.incremental_failed += number;
            }
            UserStatus::IncrementalSyncing => {
                self.synced += number;
                self.incremental += number;
            }
            UserStatus::Completing => {
                self.synced += number;
                self.completing += number;
            }
            UserStatus::Completed | UserStatus::CompletedWithWarnings => {
                self.synced += number;
                self.completed += number;
            }
            UserStatus::Synced | UserStatus::IncrementalSynced | UserStatus::CompletionSynced => {
                self.synced += number;
            }
            _ => self.active += number,
        }
    }
}

impl BatchStatus {
    /// The state of a started batch, from its users.
    #[must_use]
    pub const fn of_users(counts: &UserCounts) -> Self {
        if counts.pending + counts.active > 0 {
            Self::Syncing
        } else if counts.completing > 0 {
            Self::Completing
        } else if counts.incremental > 0 {
            Self::IncrementalSyncing
        } else if counts.total > 0 && counts.stopped + counts.failed == counts.total && counts.stopped > 0 {
            Self::Stopped
        } else if counts.total > 0 && counts.failed == counts.total {
            Self::Failed
        } else if counts.completed > 0 && counts.completed == counts.total {
            Self::Completed
        } else if counts.completed > 0 && counts.completed + counts.failed + counts.stopped == counts.total {
            Self::CompletedWithErrors
        } else if counts.failed + counts.incremental_failed > 0 {
            Self::SyncedWithErrors
        } else {
            Self::Synced
        }
    }

    /// Whether the worker schedules the batch: it was started, and neither stopped nor failed as a whole since.
    #[must_use]
    pub const fn is_started(self) -> bool {
        matches!(
            self,
            Self::Starting
                | Self::Waiting
                | Self::Syncing
                | Self::Synced
                | Self::IncrementalSyncing
                | Self::SyncedWithErrors
                | Self::Completing
        )
    }

    /// Whether nothing more happens to the batch by itself, apart from incremental syncs; `wait` ends here.
    #[must_use]
    pub const fn is_at_rest(self) -> bool {
        matches!(
            self,
            Self::Created
                | Self::Stopped
                | Self::Synced
                | Self::SyncedWithErrors
                | Self::Failed
                | Self::Completed
                | Self::CompletedWithErrors
                | Self::Corrupted
        )
    }

    /// Whether a worker has something to do, or to wait for.
    #[must_use]
    pub const fn needs_worker(self) -> bool {
        self.is_started() || matches!(self, Self::Stopping | Self::Removing)
    }

    /// The state as people see it: a batch that was never started shows as stopped, as in Exchange Online.
    #[must_use]
    pub const fn shown(self) -> Self {
        match self {
            Self::Created => Self::Stopped,
            status => status,
        }
    }

    /// Whether a caller who asks for batches in the state `asked` means one in this state.
    #[must_use]
    pub fn answers_to(self, asked: Self) -> bool {
        self == asked || self.shown() == asked
    }

    /// Whether the batch's state follows from its users by [`Self::of_users`]; else it waits for a request or a date.
    #[must_use]
    pub const fn follows_users(self) -> bool {
        matches!(
            self,
            Self::Syncing
                | Self::Synced
                | Self::IncrementalSyncing
                | Self::SyncedWithErrors
                | Self::Completing
                | Self::Failed
        )
    }
}

#[cfg(test)]
mod tests;
