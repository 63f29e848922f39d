//! Which state follows from which: one table for batches, one for users, each total over state and event.
//!
//! `None` means that the event is refused in that state, and nothing changes.

use super::{BatchStatus, UserCounts, UserStatus};

macro_rules! events {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every member.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

events!(
    /// What happens to a batch.
    BatchEvent {
        /// A command requests to start, to resume, or to try failed users again.
        StartRequested,
        /// A command requests to stop.
        StopRequested,
        /// A command requests an incremental sync now.
        SyncRequested,
        /// A command requests to remove the batch.
        RemoveRequested,
        /// CompleteAfter has been set to an instant that has come.
        CompleteRequested,
        /// Users were added, or start over with another login.
        UsersRequeued,
        /// A command requests to start one user.
        UserStartRequested,
        /// The worker takes up a start whose StartAfter has not come.
        StartPostponed,
        /// The worker takes up a start, and has queued the users.
        Begun,
        /// The states of users may have changed.
        UsersChanged,
        /// No user of the batch is at work any more.
        WorkEnded,
    }
);

events!(
    /// What happens to a user.
    UserEvent {
        /// A command requests to start the user alone.
        StartRequested,
        /// A start of the batch or of the user takes effect.
        Started,
        /// A stop was requested, and takes effect when the user's work has ended.
        StopRequested,
        /// The removal of the user was requested.
        RemoveRequested,
        /// The user gets its final sync if it is in step, or failed to stay so.
        CompleteRequested,
        /// A stop takes effect: the user is not at work, or its work has ended.
        Stopped,
        /// The worker probes the source mailbox.
        ProbeBegan,
        /// The worker begins a sync.
        SyncBegan,
        /// The source mailbox was probed.
        ProbeDone,
        /// A sync is done.
        SyncDone,
        /// A sync is done after a stop was requested.
        SyncDoneWhileStopping,
        /// The user's work ended early and is due again: after a transient failure, or because the worker ends.
        PutBack,
        /// The user's work failed for good.
        GivenUp,
    }
);

/// What a batch's next state depends on apart from its present one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchFacts {
    /// The states of its users.
    pub counts: UserCounts,
    /// Whether a start is requested and not yet taken up.
    pub start_pending: bool,
    /// Whether an incremental sync is requested and not yet done.
    pub sync_pending: bool,
    /// Whether incremental syncs follow the initial one.
    pub repeats: bool,
    /// Whether users in step get their final sync now.
    pub completes: bool,
}

impl BatchStatus {
    /// The state after an event.
    #[must_use]
    pub const fn on(self, event: BatchEvent, facts: &BatchFacts) -> Option<Self> {
        Some(match (event, self) {
            (BatchEvent::RemoveRequested, _) => Self::Removing,

            (
                BatchEvent::StartRequested,
                Self::Created | Self::Stopped | Self::Failed | Self::Completed | Self::CompletedWithErrors,
            ) => Self::Starting,
            // A command that waits for the batch must not find it at rest before the worker has seen that there is more to do.
            (
                BatchEvent::StartRequested,
                Self::Synced | Self::SyncedWithErrors | Self::IncrementalSyncing,
            ) if facts.counts.is_unfinished() => Self::Syncing,
            (BatchEvent::StartRequested, Self::Removing | Self::Corrupted) => return None,
            // A batch that is being stopped starts again afterwards.
            (BatchEvent::StartRequested, unchanged) => unchanged,

            (
                BatchEvent::StopRequested,
                Self::Starting
                | Self::Waiting
                | Self::Syncing
                | Self::Synced
                | Self::IncrementalSyncing
                | Self::SyncedWithErrors
                | Self::Completing
                | Self::Stopping,
            ) => Self::Stopping,
            (BatchEvent::StopRequested, _) => return None,

            (BatchEvent::SyncRequested, Self::Synced | Self::SyncedWithErrors) => Self::IncrementalSyncing,
            (
                BatchEvent::SyncRequested,
                Self::Starting | Self::Waiting | Self::Syncing | Self::IncrementalSyncing | Self::Completing,
            ) => self,
            (BatchEvent::SyncRequested, _) => return None,

            (
                BatchEvent::CompleteRequested,
                Self::Synced | Self::SyncedWithErrors | Self::IncrementalSyncing,
            ) => Self::Completing,
            (
                BatchEvent::CompleteRequested,
                Self::Starting
                | Self::Waiting
                | Self::Syncing
                | Self::Completing
                | Self::Completed
                | Self::CompletedWithErrors,
            ) => self,
            (BatchEvent::CompleteRequested, _) => return None,

            (BatchEvent::UsersRequeued, Self::Synced | Self::SyncedWithErrors | Self::IncrementalSyncing) => {
                Self::Syncing
            }
            (BatchEvent::UsersRequeued, Self::Removing) => return None,
            (BatchEvent::UsersRequeued, unchanged) => unchanged,

            (
                BatchEvent::UserStartRequested,
                Self::Synced
                | Self::SyncedWithErrors
                | Self::IncrementalSyncing
                | Self::Failed
                | Self::Stopped
                | Self::Completed
                | Self::CompletedWithErrors,
            ) => Self::Syncing,
            (
                BatchEvent::UserStartRequested,
                Self::Created | Self::Waiting | Self::Removing | Self::Corrupted,
            ) => return None,
            (BatchEvent::UserStartRequested, unchanged) => unchanged,

            (BatchEvent::StartPostponed, status) if status.is_started() => Self::Waiting,
            (BatchEvent::StartPostponed, unchanged) => unchanged,

            (BatchEvent::Begun, Self::Starting | Self::Waiting) => Self::from_facts(facts),
            (BatchEvent::Begun | BatchEvent::UsersChanged, status) if status.follows_users() => {
                Self::from_facts(facts)
            }
            (BatchEvent::Begun | BatchEvent::UsersChanged, unchanged) => unchanged,

            (BatchEvent::WorkEnded, Self::Stopping) if facts.start_pending => Self::Starting,
            (BatchEvent::WorkEnded, Self::Stopping) => Self::Stopped,
            (BatchEvent::WorkEnded, unchanged) => unchanged,
        })
    }

    /// The state of a batch that has begun.
    const fn from_facts(facts: &BatchFacts) -> Self {
        match Self::of_users(&facts.counts) {
            Self::Synced | Self::SyncedWithErrors | Self::IncrementalSyncing
                if facts.completes && facts.counts.synced > facts.counts.completed =>
            {
                Self::Completing
            }
            Self::Synced | Self::SyncedWithErrors if facts.sync_pending => Self::IncrementalSyncing,
            Self::Synced | Self::SyncedWithErrors if !facts.repeats => Self::Stopped,
            status => status,
        }
    }
}

impl UserStatus {
    /// The state after an event.
    #[must_use]
    pub const fn on(self, event: UserEvent) -> Option<Self> {
        Some(match (event, self) {
            (UserEvent::StartRequested, Self::Failed | Self::Stopped) => Self::Starting,
            (UserEvent::StartRequested, unchanged) => unchanged,

            // What was stopped or failed is tried again; what is at work or in step stays.
            (UserEvent::Started, Self::Stopped | Self::Stopping | Self::Failed | Self::Starting) => {
                Self::Queued
            }
            (UserEvent::Started, Self::IncrementalStopped | Self::IncrementalFailed) => Self::Synced,
            (UserEvent::Started, Self::CompletionFailed) => Self::Completing,
            (UserEvent::Started, unchanged) => unchanged,

            (UserEvent::StopRequested, Self::Starting | Self::Queued | Self::Validating | Self::Syncing) => {
                Self::Stopping
            }
            (UserEvent::StopRequested, unchanged) => unchanged,

            (UserEvent::RemoveRequested, _) => Self::Removing,

            (UserEvent::CompleteRequested, Self::Synced | Self::IncrementalFailed) => Self::Completing,
            (UserEvent::CompleteRequested, unchanged) => unchanged,

            (
                UserEvent::Stopped,
                Self::Queued | Self::Starting | Self::Validating | Self::Syncing | Self::Stopping,
            ) => Self::Stopped,
            (UserEvent::Stopped, Self::Synced | Self::IncrementalSyncing | Self::Completing) => {
                Self::IncrementalStopped
            }
            (UserEvent::Stopped, unchanged) => unchanged,

            (UserEvent::ProbeBegan, Self::Queued) => Self::Validating,
            (UserEvent::SyncBegan, Self::Queued) => Self::Syncing,
            (UserEvent::SyncBegan, Self::Synced) => Self::IncrementalSyncing,
            (UserEvent::SyncBegan, Self::Completing) => Self::Completing,

            // It keeps its place: it has waited since it was queued.
            (UserEvent::ProbeDone, Self::Validating) => Self::Queued,
            (UserEvent::SyncDone, Self::Syncing | Self::IncrementalSyncing | Self::Stopping) => Self::Synced,
            (UserEvent::SyncDone, Self::Completing) => Self::Completed,
            (
                UserEvent::SyncDoneWhileStopping,
                Self::Syncing | Self::IncrementalSyncing | Self::Stopping | Self::Completing,
            ) => Self::IncrementalStopped,

            (UserEvent::PutBack, Self::Validating | Self::Syncing | Self::Stopping) => Self::Queued,
            (UserEvent::PutBack, Self::IncrementalSyncing) => Self::Synced,
            (UserEvent::PutBack, Self::Completing) => Self::Completing,

            (UserEvent::GivenUp, Self::Queued | Self::Validating | Self::Syncing | Self::Stopping) => {
                Self::Failed
            }
            (UserEvent::GivenUp, Self::Synced | Self::IncrementalSyncing) => Self::IncrementalFailed,
            (UserEvent::GivenUp, Self::Completing) => Self::CompletionFailed,

            (
                UserEvent::ProbeBegan
                | UserEvent::SyncBegan
                | UserEvent::ProbeDone
                | UserEvent::SyncDone
                | UserEvent::SyncDoneWhileStopping
                | UserEvent::PutBack
                | UserEvent::GivenUp,
                _,
            ) => return None,
        })
    }
}

#[cfg(test)]
mod diagrams;
#[cfg(test)]
mod tests;
