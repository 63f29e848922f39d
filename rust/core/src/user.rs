//! Users: one CSV row each, with its state and progress.

use crate::failure::{FailureKind, Side};
use crate::folder::FolderPath;
use crate::ids::{BatchId, MailboxId, UserId};
use crate::message::{Digest, Flags, InternalDate, ModSeq, TargetValidity, Uid, UidValidity};
use crate::secret::Secret;
use crate::status::UserStatus;
use crate::time::UnixMs;
use serde::{Deserialize, Serialize};

/// A row that passed the checks, with its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    /// The mailbox at the target.
    pub email_address: String,
    /// The login at the source, verbatim.
    pub user_name: String,
    /// The password at the source.
    pub password: Secret,
    /// Where in the source's hierarchy the user's mail lies, written with `/`.
    pub user_root: Option<String>,
    /// The login at the target, where it is no EmailAddress.
    pub target_user_name: Option<String>,
    /// The password at the target.
    pub target_password: Option<Secret>,
}

/// What a user's two logins need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserSecrets {
    /// The password at the source.
    pub password: Secret,
    /// The password at the target.
    pub target_password: Option<Secret>,
}

/// The numbers of a user. Every source message counted in `total_items` ends in exactly one of the other counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserProgress {
    /// Messages at the source in the folders that are migrated.
    pub total_items: u64,
    /// Their sizes together, as the source says.
    pub total_bytes: u64,
    /// Copied by us, or found already there.
    pub synced_items: u64,
    /// Of these: found already there.
    pub adopted_items: u64,
    /// Left out with a reason.
    pub skipped_items: u64,
    /// Bytes of bodies copied.
    pub bytes_transferred: u64,
    /// Of the messages at the target: [`Level::Listed`] or [`Level::Compared`].
    pub verified_items: u64,
    /// Of these: [`Level::Compared`].
    pub compared_items: u64,
}

impl UserProgress {
    /// Both numbers together.
    #[must_use]
    pub const fn plus(self, other: &Self) -> Self {
        Self {
            total_items: self.total_items + other.total_items,
            total_bytes: self.total_bytes + other.total_bytes,
            synced_items: self.synced_items + other.synced_items,
            adopted_items: self.adopted_items + other.adopted_items,
            skipped_items: self.skipped_items + other.skipped_items,
            bytes_transferred: self.bytes_transferred + other.bytes_transferred,
            verified_items: self.verified_items + other.verified_items,
            compared_items: self.compared_items + other.compared_items,
        }
    }

    /// Counts `number` messages of `bytes` together whose ledger entries are in this state and of this level. An intent is counted
    /// in the totals only.
    pub const fn count(&mut self, state: LedgerState, level: Level, number: u64, bytes: u64) {
        self.total_items += number;
        self.total_bytes += bytes;
        match state {
            LedgerState::Intent => return,
            LedgerState::Skipped => {
                self.skipped_items += number;
                return;
            }
            LedgerState::Adopted => self.adopted_items += number,
            LedgerState::Copied => self.bytes_transferred += bytes,
        }
        self.synced_items += number;
        match level {
            Level::NotVerified => return,
            Level::Listed => {}
            Level::Compared => self.compared_items += number,
        }
        self.verified_items += number;
    }
}

/// A user's last failure. It stays known after the user has recovered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserFailure {
    /// When.
    pub at: UnixMs,
    /// What kind of failure it was.
    pub kind: FailureKind,
    /// At which end, where that is known.
    pub side: Option<Side>,
}

/// A user as the state directory keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its identity.
    pub id: UserId,
    /// Its batch.
    pub batch: BatchId,
    /// The name of its batch.
    pub batch_name: String,
    /// The mailbox at the target.
    pub email_address: String,
    /// The login at the source.
    pub user_name: String,
    /// Where in the source's hierarchy the user's mail lies.
    pub user_root: Option<String>,
    /// The login at the target, where it is no EmailAddress.
    pub target_user_name: Option<String>,
    /// Its state.
    pub status: UserStatus,
    /// The whole error, with the kind of it in front.
    pub error: Option<String>,
    /// The error in one sentence.
    pub error_summary: Option<String>,
    /// Its last failure.
    pub failure: Option<UserFailure>,
    /// What the user is waiting for, e.g. a server's stated pause.
    pub waiting: Option<String>,
    /// Its numbers.
    pub progress: UserProgress,
    /// When it was queued last.
    pub queued: Option<UnixMs>,
    /// When its sync began last.
    pub started: Option<UnixMs>,
    /// When its initial sync was done.
    pub initial_synced: Option<UnixMs>,
    /// When its last sync was done.
    pub last_synced: Option<UnixMs>,
    /// When the next incremental sync is due.
    pub next_sync: Option<UnixMs>,
    /// Time spent queued, milliseconds.
    pub queued_ms: i64,
    /// Time spent at work, milliseconds.
    pub in_progress_ms: i64,
}

/// What a worker schedules a user by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserTurn {
    /// Which user.
    pub id: UserId,
    /// Its state.
    pub status: UserStatus,
    /// Whether a sync of it ever began.
    pub began: bool,
    /// When the next incremental sync is due.
    pub next_sync: Option<UnixMs>,
}

/// How far one source mailbox has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its number.
    pub id: MailboxId,
    /// Whose it is.
    pub user: UserId,
    /// The source folder, below the UserRoot.
    pub source: FolderPath,
    /// The source's UIDVALIDITY that the ledger's UIDs belong to.
    pub source_validity: UidValidity,
    /// The target folder, as mapped.
    pub target: FolderPath,
    /// The target's UIDVALIDITY that the ledger's target UIDs belong to; 0 for Maildir.
    pub target_validity: TargetValidity,
    /// Every target message with a UID below this is either in the ledger or known to be none of ours.
    pub target_known_below: Uid,
    /// The source's HIGHESTMODSEQ after the last sync that was done.
    pub source_modseq: Option<ModSeq>,
    /// Whether the first sync of this mailbox is done.
    pub complete: bool,
}

/// Where a message stands at the target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetId {
    /// By its UID.
    Uid(Uid),
    /// By its Maildir file name up to the flags.
    File(String),
}

/// What has become of a source message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LedgerState {
    /// An append is about to be sent, or was and its answer is unknown.
    Intent,
    /// Copied.
    Copied,
    /// Found at the target.
    Adopted,
    /// Left out; a skipped item says why.
    Skipped,
}

/// How far a message at the target was verified after it was stored or found there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It was not seen there since.
    #[default]
    NotVerified,
    /// Its UID, size, date and flags were listed, and what differs is a reported item.
    Listed,
    /// Listed; and its bytes were read and compared with those of the source.
    Compared,
}

/// One source message in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Its UID at the source.
    pub uid: Uid,
    /// What has become of it.
    pub state: LedgerState,
    /// Where it stands at the target, once known.
    pub target: Option<TargetId>,
    /// Its size in bytes.
    pub size: u64,
    /// Its internal date.
    pub internal_date: InternalDate,
    /// The digest of its bytes, once they were seen.
    pub digest: Option<Digest>,
    /// The flags and keywords that the target was given last.
    pub flags: Flags,
    /// How far it was verified at the target.
    pub level: Level,
}

/// Which message a [`Suspect`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SuspectId {
    /// One of the source, or its copy, by its UID at the source.
    Source(Uid),
    /// One of the target that is no message's copy as far as is known, by its UID there.
    Target(Uid),
}

/// What is known of a message that was under way when a connection broke, or that is left out for a reason that may pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// Its folder at the source.
    pub folder: FolderPath,
    /// Which message it is.
    pub id: SuspectId,
    /// How often it was under way among others.
    pub together: u32,
    /// How often it was under way alone.
    pub alone: u32,
    /// The side that broke last while it was alone, and the failure in words.
    pub last: Option<(Side, String)>,
    /// It is left out, and every later sync tries it again.
    pub left_out: bool,
}

/// Why a message was left out, or what about it differs at the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SkippedKind {
    /// Larger than the limit of the documents or of the target.
    LargeItem,
    /// Older than the newest 500,000.
    ItemLimit,
    /// The target refused it.
    Refused,
    /// The source could not deliver it.
    SourceUnreadable,
    /// The target took it and does not show it.
    Missing,
    /// Copied, but the target changed its bytes; the original is kept. Not counted as skipped.
    Altered,
    /// Copied, but the target cannot hold a keyword or flag, or the source shows none that can be read. Not counted as skipped.
    FlagsReduced,
    /// Copied messages of a folder have flags at the target that they do not have at the source. Not counted as skipped.
    FlagsAdded,
    /// Copied, but the target shows another internal date. Not counted as skipped.
    DateChanged,
    /// Copied, and stored once more by what a dead connection had sent; the second copy cannot be taken away safely now.
    /// Not counted as skipped.
    Doubled,
    /// It is at the target and could not be compared with the source: one side ends the connection over it, or does not deliver it.
    /// About a folder: messages at the target that cannot be read. Not counted as skipped.
    NotVerified,
    /// A whole folder could not be migrated.
    FolderFailed,
    /// A folder got another name at the target. Not counted as skipped.
    FolderRenamed,
    /// The quota of the mailbox at the target has less room than the source's messages need; found by an analysis. Not counted as
    /// skipped.
    Quota,
}

impl SkippedKind {
    /// Whether the message is missing at the target.
    #[must_use]
    pub const fn is_left_out(self) -> bool {
        matches!(
            self,
            Self::LargeItem | Self::ItemLimit | Self::Refused | Self::SourceUnreadable | Self::Missing
        )
    }
}

/// One reported item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedItem {
    /// The source folder.
    pub folder: FolderPath,
    /// The message's UID at the source; absent for a folder.
    pub uid: Option<Uid>,
    /// Why.
    pub kind: SkippedKind,
    /// Its size in bytes.
    pub size: u64,
    /// From its header; the flags, for [`SkippedKind::FlagsAdded`].
    pub subject: String,
    /// From its header.
    pub sender: String,
    /// From its header.
    pub recipient: String,
    /// From its Date field.
    pub date_sent: Option<UnixMs>,
    /// Its internal date.
    pub date_received: Option<UnixMs>,
    /// The reason in words, with the server's literal answer.
    pub reason: String,
    /// The original kept in the state directory, relative to it.
    pub kept_file: Option<String>,
}

impl SkippedItem {
    /// An item about a whole folder.
    #[must_use]
    pub fn of_folder(folder: &FolderPath, kind: SkippedKind, reason: String) -> Self {
        Self {
            folder: folder.clone(),
            uid: None,
            kind,
            size: 0,
            subject: String::new(),
            sender: String::new(),
            recipient: String::new(),
            date_sent: None,
            date_received: None,
            reason,
            kept_file: None,
        }
    }
}
