//! How far each mailbox is synced, the outcome of each of its messages, and what a server may still store late.

use super::StoreResult;
use crate::ids::{MailboxId, UserId};
use crate::message::{TargetValidity, Uid, UidValidity};
use crate::time::UnixMs;
use crate::user::{Checkpoint, LedgerEntry, LedgerState, Level, Suspect, TargetId, UserProgress};
use std::ops::{ControlFlow, RangeInclusive};

/// What is to become of a ledger entry after its append was answered, or after it was found or skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerResult {
    /// Its UID at the source.
    pub uid: Uid,
    /// What has become of it.
    pub state: LedgerState,
    /// Where it stands at the target.
    pub target: Option<TargetId>,
    /// The digest of its bytes, when they were seen.
    pub digest: Option<crate::message::Digest>,
}

/// What a server may still store of what a dead connection had sent, although it was sent again since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateDuplicates {
    /// The messages that were sent more than once, by their UIDs at the source, in order.
    pub sent_again: Vec<Uid>,
    /// Where the target was unknown before the first of them was sent again.
    pub from: Uid,
    /// When the last of them was sent again.
    pub since: UnixMs,
    /// Second copies at the target that are being taken back, by their UIDs; they may be marked as deleted by us.
    pub second_copies: Vec<Uid>,
}

/// How far each mailbox is synced, the outcome of each of its messages, and what a server may still store late.
#[allow(missing_docs, reason = "each name and its types say what it does; the errors are StoreError's")]
pub trait Ledger: Send + Sync {
    // Mailbox checkpoints.
    fn checkpoints(&self, user: UserId) -> StoreResult<Vec<Checkpoint>>;
    /// Adds the checkpoint (its `id` is ignored), or returns the one that exists for that user and source folder.
    fn checkpoint(&self, new: &Checkpoint) -> StoreResult<Checkpoint>;
    fn save_checkpoint(&self, checkpoint: &Checkpoint) -> StoreResult<()>;
    /// Forgets the ledger of a mailbox, because UIDs of a new UIDVALIDITY mean other messages; skipped items of it too.
    fn reset_mailbox(
        &self,
        mailbox: MailboxId,
        source: UidValidity,
        target: TargetValidity,
    ) -> StoreResult<()>;

    /// Forgets where the messages of a mailbox stand at the target, because its folder is not there any more; that they were
    /// copied stays known. The folder becomes [`TargetValidity::Removed`].
    fn forget_targets(&self, mailbox: MailboxId) -> StoreResult<()>;

    // The ledger.
    /// Durable before it returns, also against a loss of power. An entry already there is replaced unless Copied or Adopted.
    fn add_intents(
        &self,
        mailbox: MailboxId,
        entries: &[LedgerEntry],
        target_known_below: Uid,
    ) -> StoreResult<()>;
    /// Records results; `Intent` entries become what they say, entries not there (adopted, skipped) are added from `entries`.
    /// All of them are not verified from then on.
    fn record(
        &self,
        mailbox: MailboxId,
        results: &[LedgerResult],
        entries: &[LedgerEntry],
    ) -> StoreResult<()>;
    /// Removes intents of messages that were certainly not stored, so that they can be planned again.
    fn drop_intents(&self, mailbox: MailboxId, uids: &[Uid]) -> StoreResult<()>;
    /// Passes all entries to `each`, in order of UID: there may be too many for memory.
    fn ledger(
        &self,
        mailbox: MailboxId,
        each: &mut dyn FnMut(LedgerEntry) -> ControlFlow<()>,
    ) -> StoreResult<()>;
    /// Raises the levels of what is at the target in these ranges of source UIDs; none is lowered.
    fn raise_levels(&self, mailbox: MailboxId, levels: &[(RangeInclusive<Uid>, Level)]) -> StoreResult<()>;
    /// Those entries in order of UID that are at the target and not verified yet; what is verified is not read.
    fn unverified(
        &self,
        mailbox: MailboxId,
        each: &mut dyn FnMut(LedgerEntry) -> ControlFlow<()>,
    ) -> StoreResult<()>;
    /// How many entries are in each state and on each level.
    fn ledger_numbers(&self, mailbox: MailboxId) -> StoreResult<Vec<(LedgerState, Level, u64)>>;
    /// The numbers of those mailboxes of the user in whose ledger nothing is undecided or in doubt, and everything that is known
    /// to be at the target is verified.
    fn finished(&self, user: UserId) -> StoreResult<Vec<(MailboxId, UserProgress)>>;
    fn set_ledger_flags(&self, mailbox: MailboxId, flags: &[(Uid, crate::message::Flags)])
    -> StoreResult<()>;

    // What a server may store late. A reset mailbox has none.
    /// Notes that these messages are sent again; durable before it returns, also against a loss of power.
    fn note_sent_again(
        &self,
        mailbox: MailboxId,
        messages: &[Uid],
        from: Uid,
        now: UnixMs,
    ) -> StoreResult<()>;
    fn late_duplicates(&self, mailbox: MailboxId) -> StoreResult<LateDuplicates>;
    /// Replaces the second copies that are being taken back; durable as well.
    fn set_second_copies(&self, mailbox: MailboxId, second_copies: &[Uid]) -> StoreResult<()>;
    /// Forgets the messages that were last sent again before that time.
    fn forget_sent_again(&self, mailbox: MailboxId, before: UnixMs) -> StoreResult<()>;

    // Messages that broke connections, and those that are left out for a reason that may pass. A reset mailbox has none.
    /// Writes these in place of what was known of them.
    fn save_suspects(&self, user: UserId, suspects: &[Suspect]) -> StoreResult<()>;
    /// Removes the entries of those that are left out from the ledger, so that they are planned again (their items stay until they are
    /// copied), and returns all of the user's.
    fn retry_suspects(&self, user: UserId) -> StoreResult<Vec<Suspect>>;
}
