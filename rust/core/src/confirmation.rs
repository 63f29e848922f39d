//! What an independent second look at both sides found (Confirm-MigrationBatch).
//!
//! Of the ledger it uses only the mapping of the folders, and the items that the migration itself reported.

use crate::folder::FolderPath;
use crate::ids::{BatchId, ConfirmationId};
use crate::message::Uid;
use crate::time::UnixMs;
use crate::user::User;
use serde::{Deserialize, Serialize};

/// How the two sides compare. The worse of two is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ConfirmationResult {
    /// Every message of the source is at the target exactly once, unaltered, and nothing else is in its folders.
    Complete,
    /// The same but for what the migration itself reported, and for what others did at the target.
    CompleteWithExceptions,
    /// Messages are missing, doubled or altered without a word in the migration's report, or a user could not be compared.
    Incomplete,
}

/// What was found about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FindingKind {
    /// The source has it and the target does not.
    Missing,
    /// The target has it more often than the source.
    Doubled,
    /// The target has it with other content, another date, or without flags that it has at the source.
    Altered,
    /// Messages of the folder have flags at the target that they do not have at the source.
    FlagsAdded,
    /// The target has it and the source does not: it was delivered, moved or copied there by others.
    Foreign,
}

/// One thing that differs between both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// The source folder.
    pub folder: FolderPath,
    /// The target folder.
    pub target_folder: FolderPath,
    /// The message's UID at the source, where it is there.
    pub uid: Option<Uid>,
    /// Its UID or file name at the target, where it is there.
    pub target: Option<String>,
    /// From its header.
    pub subject: String,
    /// From its header.
    pub message_id: String,
    /// Its size in bytes: at the source where it is there, else at the target.
    pub size: u64,
    /// Its internal date on the same side.
    pub received: Option<UnixMs>,
    /// What differs, in words.
    pub details: String,
    /// What the migration's own report says about it.
    pub explanation: Option<String>,
}

impl Finding {
    /// Whether it leaves the migration complete: the migration reported it, or others did it at the target.
    #[must_use]
    pub const fn is_exception(&self) -> bool {
        matches!(self.kind, FindingKind::FlagsAdded | FindingKind::Foreign) || self.explanation.is_some()
    }
}

/// The numbers of a comparison. Every source message is counted in exactly one of `matched`, `missing`, `altered` and `exceptions`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConfirmationCounts {
    /// Messages at the source.
    pub source_items: u64,
    /// Messages in the target's folders.
    pub target_items: u64,
    /// Messages that are the same on both sides. Flags that only the target has leave a message the same.
    pub matched: u64,
    /// Messages of the source that are not at the target.
    pub missing: u64,
    /// Messages that the target has too often.
    pub doubled: u64,
    /// Messages that are not the same on both sides.
    pub altered: u64,
    /// Messages that only the target has.
    pub foreign: u64,
    /// Messages that would be missing, doubled or altered, and that the migration itself reported.
    pub exceptions: u64,
    /// Findings of kind [`FindingKind::FlagsAdded`].
    pub flags_added: u64,
}

impl ConfirmationCounts {
    /// Both numbers together.
    #[must_use]
    pub const fn plus(self, other: &Self) -> Self {
        Self {
            source_items: self.source_items + other.source_items,
            target_items: self.target_items + other.target_items,
            matched: self.matched + other.matched,
            missing: self.missing + other.missing,
            doubled: self.doubled + other.doubled,
            altered: self.altered + other.altered,
            foreign: self.foreign + other.foreign,
            exceptions: self.exceptions + other.exceptions,
            flags_added: self.flags_added + other.flags_added,
        }
    }

    /// Counts a finding.
    pub const fn count(&mut self, finding: &Finding) {
        match finding.kind {
            FindingKind::FlagsAdded => self.flags_added += 1,
            FindingKind::Foreign => self.foreign += 1,
            _ if finding.explanation.is_some() => self.exceptions += 1,
            FindingKind::Missing => self.missing += 1,
            FindingKind::Doubled => self.doubled += 1,
            FindingKind::Altered => self.altered += 1,
        }
    }

    /// What these numbers mean.
    #[must_use]
    pub const fn result(&self) -> ConfirmationResult {
        if self.missing + self.doubled + self.altered > 0 {
            ConfirmationResult::Incomplete
        } else if self.exceptions + self.foreign + self.flags_added > 0 {
            ConfirmationResult::CompleteWithExceptions
        } else {
            ConfirmationResult::Complete
        }
    }
}

/// The last confirmation of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// Under which results are written. A new one comes with every request that begins or resumes, and with every change of a
    /// login or endpoint; what is written under an earlier one is refused.
    pub id: ConfirmationId,
    /// Of which batch.
    pub batch: BatchId,
    /// Whether whole contents are compared.
    pub bytes: bool,
    /// When it was requested.
    pub requested: UnixMs,
    /// When it ended; absent while it is under way.
    pub ended: Option<UnixMs>,
    /// Whether it was stopped before its end. It can be resumed.
    pub stopped: bool,
    /// When a login or endpoint was changed after its end for the first time.
    pub outdated: Option<UnixMs>,
}

impl Confirmation {
    /// Whether a worker is to go on with it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.ended.is_none() && !self.stopped
    }
}

/// A user within a confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserConfirmation {
    /// Which user.
    pub user: User,
    /// How many messages of the source were looked at so far.
    pub compared: u64,
    /// When all of its folders were compared, or could not be.
    pub ended: Option<UnixMs>,
    /// Why the user could not be compared.
    pub error: Option<String>,
    /// The numbers of the folders that were compared.
    pub counts: ConfirmationCounts,
}

impl UserConfirmation {
    /// The result; absent before the end.
    #[must_use]
    pub fn result(&self) -> Option<ConfirmationResult> {
        self.ended?;
        Some(if self.error.is_some() { ConfirmationResult::Incomplete } else { self.counts.result() })
    }
}

/// A finding, whose it is, and its place in the list of its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchFinding {
    /// Later findings have greater numbers.
    pub number: i64,
    /// The user's EmailAddress.
    pub user: String,
    /// What was found.
    pub finding: Finding,
}

/// A folder that was compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmedFolder {
    /// Its path at the source.
    pub source: FolderPath,
    /// Its numbers.
    pub counts: ConfirmationCounts,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(change: impl FnOnce(&mut ConfirmationCounts)) -> ConfirmationResult {
        let mut counts = ConfirmationCounts { source_items: 5, matched: 4, ..ConfirmationCounts::default() };
        change(&mut counts);
        counts.result()
    }

    #[test]
    fn only_what_nobody_reported_makes_a_migration_incomplete() {
        assert_eq!(counts(|_| {}), ConfirmationResult::Complete);
        assert_eq!(counts(|c| c.exceptions = 1), ConfirmationResult::CompleteWithExceptions);
        assert_eq!(counts(|c| c.foreign = 1), ConfirmationResult::CompleteWithExceptions);
        assert_eq!(counts(|c| c.flags_added = 1), ConfirmationResult::CompleteWithExceptions);
        let wrong: [fn(&mut ConfirmationCounts); 3] =
            [|c| c.missing = 1, |c| c.doubled = 1, |c| c.altered = 1];
        for wrong in wrong {
            assert_eq!(counts(wrong), ConfirmationResult::Incomplete);
        }
    }

    #[test]
    fn the_worst_result_is_the_greatest() {
        assert!(ConfirmationResult::Complete < ConfirmationResult::CompleteWithExceptions);
        assert!(ConfirmationResult::CompleteWithExceptions < ConfirmationResult::Incomplete);
    }
}
