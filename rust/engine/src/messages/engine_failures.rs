//! The failures that the engine itself finds: what happened, where, and what to do.

use imapmig_core::failure::{Case, Failure, FailureKind, Retry, Scope};
use imapmig_core::folder::FolderPath;
use imapmig_core::user::{User, UserProgress};
use std::io;
use std::path::Path;

/// The kind of a failed write to the local disk.
fn local_kind(error: &io::Error) -> FailureKind {
    if error.kind() == io::ErrorKind::StorageFull { FailureKind::DiskFull } else { FailureKind::Local }
}

/// A thread that panicked.
pub(crate) fn fault() -> Failure {
    Failure::new(Scope::User, FailureKind::Local, super::common::fault().message)
}

/// The endpoint of a batch was removed.
pub(crate) fn endpoint_gone() -> Failure {
    let message = "the batch's migration endpoint is not there any more";
    Failure::new(Scope::Batch, FailureKind::State, message)
}

/// A stored folder filter that cannot be read.
pub(crate) fn bad_filter(error: &impl ToString) -> Failure {
    Failure::new(Scope::Batch, FailureKind::State, error.to_string())
}

/// No way to sign in at the target.
pub(crate) fn no_target_login(account: &str, endpoint: &str) -> Failure {
    let message =
        format!("there is no way to sign in as \"{account}\" at the migration endpoint \"{endpoint}\"");
    Failure::new(Scope::User, FailureKind::LoginRefused, message).case(Case::NoTargetLogin)
}

/// No application that could get a token.
pub(crate) fn no_application() -> Failure {
    let message = "the migration endpoint has no application to get tokens with";
    Failure::new(Scope::Batch, FailureKind::Token, message).case(Case::NoApplication)
}

/// A Maildir endpoint without its folder.
pub(crate) fn endpoint_without_folder(endpoint: &str) -> Failure {
    let message = format!("the migration endpoint \"{endpoint}\" has no folder; remove it and make it anew");
    Failure::new(Scope::Batch, FailureKind::Local, message)
}

/// A Maildir endpoint whose folder is a file.
pub(crate) fn folder_is_a_file(path: &Path) -> Failure {
    let message = format!("{} is a file; give a folder", path.display());
    Failure::new(Scope::Batch, FailureKind::Local, message)
}

/// A Maildir endpoint whose folder cannot be used.
pub(crate) fn unusable_folder(path: &Path, error: &io::Error) -> Failure {
    let message = format!("the folder {} cannot be used: {error}; make it first", path.display());
    Failure::new(Scope::Batch, FailureKind::Local, message)
}

/// The administrator's certificates cannot be read.
pub(crate) fn unreadable_authorities(path: &Path, error: &io::Error) -> Failure {
    let message = format!("the trusted certificates in {} cannot be read: {error}", path.display());
    Failure::new(Scope::Batch, FailureKind::Local, message)
}

/// A message's original cannot be kept.
pub(crate) fn original_not_kept(path: &Path, error: &io::Error) -> Failure {
    let message = format!("the original of a message cannot be kept as {}: {error}", path.display());
    Failure::new(Scope::Batch, local_kind(error), message)
}

/// Two rows open one mailbox.
pub(crate) fn same_mailbox(user: &User, other: &User) -> Failure {
    let message = format!(
        "The rows of \"{}\" (UserName \"{}\") and \"{}\" (UserName \"{}\") open the same mailbox: the server ignored the user that was asked for, so nothing was copied. Please check the login style that the server expects in UserName, or name each mailbox by UserRoot, and start the batch again. If they are two mailboxes that hold the very same messages, migrate them in batches of their own.",
        user.email_address, user.user_name, other.email_address, other.user_name
    );
    Failure::new(Scope::User, FailureKind::SameMailbox, message)
}

/// Connections end over a folder.
pub(crate) fn folder_ends_connections(failure: &Failure) -> Failure {
    let message = format!("the connection ended every time while the folder was under way: {failure}");
    // Tried again by the next sync, and not before.
    Failure::new(Scope::Mailbox, failure.kind, message).retry(Retry::Never)
}

/// Names the folder that was under way when the connection ended again and again.
pub(crate) fn during_folder(mut failure: Failure, path: &FolderPath, times: u32) -> Failure {
    failure.message =
        format!("{} ({times} times while the folder \"{path}\" was under way)", failure.message);
    failure.kind = FailureKind::Broken;
    failure
}

/// One folder of the target has two names.
pub(crate) fn one_folder_twice(other: &FolderPath, path: &FolderPath) -> Failure {
    let message = format!("the target opens the folder of \"{other}\" under the name \"{path}\" too");
    Failure::new(Scope::Mailbox, FailureKind::Refused, message).retry(Retry::Never)
}

/// The open source folder was replaced.
pub(crate) fn source_folder_replaced() -> Failure {
    let message = "the source folder was replaced by another one while it was read";
    Failure::new(Scope::User, FailureKind::Protocol, message)
}

/// The open target folder was replaced.
pub(crate) fn target_folder_replaced() -> Failure {
    let message = "the target folder was replaced by another one while it was written";
    Failure::new(Scope::User, FailureKind::Protocol, message)
}

/// The counts of a folder contradict its ledger: those that are synced, skipped and undecided there.
pub(crate) fn counts_differ(folder: &FolderPath, n: &UserProgress, ledger: [u64; 3]) -> Failure {
    let [synced, skipped, undecided] = ledger;
    let message = format!(
        "the counts of \"{folder}\" do not add up: of {} messages {} are at the target and {} were left out, and the ledger holds {synced}, {skipped} and {undecided} undecided; the folder is looked at again at the next sync",
        n.total_items, n.synced_items, n.skipped_items
    );
    Failure::new(Scope::Mailbox, FailureKind::State, message)
}

/// Some folders failed.
pub(crate) fn folders_failed(
    user: &User,
    failed: usize,
    all: usize,
    path: &FolderPath,
    first: &Failure,
) -> Failure {
    let message = format!(
        "{failed} of {all} folders of {} could not be migrated; the first is \"{path}\": {}",
        user.email_address, first.message
    );
    let failure = Failure::new(Scope::User, first.kind, message).retry(first.retry);
    Failure { server_text: first.server_text.clone(), ..failure }
}

/// The target asked to slow down for too long.
pub(crate) fn stores_nothing_now(answer: &str) -> Failure {
    let message = "the target stores nothing at the moment and does not say until when";
    Failure::new(Scope::User, FailureKind::Throttled, message).said(answer)
}

/// A folder stopped because of another one's failure.
pub(crate) fn interrupted(user: &User) -> Failure {
    let message = format!("another connection of {} failed", user.email_address);
    Failure::new(Scope::User, FailureKind::Disconnected, message)
}

/// An append without an answer.
pub(crate) fn no_answer(folder: &FolderPath) -> Failure {
    let message = format!("the target gave no answer to a message for \"{folder}\"");
    Failure::new(Scope::User, FailureKind::Protocol, message)
}

/// The target mailbox is full.
pub(crate) fn target_full(user: &User) -> Failure {
    let message = format!(
        "the target mailbox of {} is full; give it more room, then start the batch again",
        user.email_address
    );
    Failure::new(Scope::User, FailureKind::QuotaExceeded, message)
}

/// Nothing may be written into a target folder.
pub(crate) fn writing_not_permitted(user: &User, folder: &FolderPath) -> Failure {
    let message = format!("the target does not permit writing into \"{folder}\" of {}", user.email_address);
    Failure::new(Scope::Mailbox, FailureKind::PermissionDenied, message)
}

/// The target refuses every message alike.
pub(crate) fn takes_nothing(user: &User, answer: &str) -> Failure {
    let message = format!(
        "the target takes no message of {}; ask its administrator, then start the batch again",
        user.email_address
    );
    Failure::new(Scope::User, FailureKind::Refused, message).said(answer)
}

/// The source announced another size than it sent.
pub(crate) fn other_size_than_announced(announced: u64, sent: u64) -> Failure {
    let message = format!("the source announced {announced} bytes and sent {sent}");
    Failure::new(Scope::User, FailureKind::Protocol, message)
}

/// A fetch that may have ended in the middle of an answer.
pub(crate) fn fetch_broken_off() -> Failure {
    Failure::new(Scope::User, FailureKind::Disconnected, "the fetch was broken off")
}
