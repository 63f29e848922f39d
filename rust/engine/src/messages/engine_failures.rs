//! The failures that the engine itself finds: how much each costs, and what happened.

use imapmig_core::failure::{Failure, FailureKind, Retry, Row, Scope, Side, SignIn, Token, Work};
use imapmig_core::folder::FolderPath;
use imapmig_core::folder_filter::FilterError;
use imapmig_core::user::{User, UserProgress};
use std::io;
use std::path::Path;

/// The kind of a failed write to the local disk.
fn local_kind(error: &io::Error) -> FailureKind {
    if error.kind() == io::ErrorKind::StorageFull { FailureKind::DiskFull } else { FailureKind::Local }
}

/// A thread that panicked.
pub(crate) fn fault() -> Failure {
    Failure::new(Scope::User, FailureKind::Local, Work::Fault)
}

/// The endpoint of a batch was removed.
pub(crate) fn endpoint_gone() -> Failure {
    Failure::new(Scope::Batch, FailureKind::State, Work::EndpointGone)
}

/// A stored folder filter that cannot be read.
pub(crate) fn bad_filter(error: FilterError) -> Failure {
    Failure::new(Scope::Batch, FailureKind::State, Work::FolderFilter(error))
}

/// No way to sign in at the target.
pub(crate) fn no_target_login(account: &str, endpoint: &str) -> Failure {
    let case = SignIn::NoTargetLogin { account: account.to_owned(), endpoint: endpoint.to_owned() };
    Failure::new(Scope::User, FailureKind::LoginRefused, case)
}

/// No application that could get a token.
pub(crate) fn no_application() -> Failure {
    Failure::new(Scope::Batch, FailureKind::Token, Token::NoApplication)
}

/// A Maildir endpoint without its folder.
pub(crate) fn endpoint_without_folder(endpoint: &str) -> Failure {
    Failure::new(Scope::Batch, FailureKind::Local, Work::EndpointWithoutFolder(endpoint.to_owned()))
}

/// A Maildir endpoint whose folder is a file.
pub(crate) fn folder_is_a_file(path: &Path) -> Failure {
    Failure::new(Scope::Batch, FailureKind::Local, Work::FolderIsFile(path.to_owned()))
}

/// A Maildir endpoint whose folder cannot be used.
pub(crate) fn unusable_folder(path: &Path, error: &io::Error) -> Failure {
    let case = Work::FolderUnusable(path.to_owned(), error.to_string());
    Failure::new(Scope::Batch, FailureKind::Local, case)
}

/// The administrator's certificates cannot be read.
pub(crate) fn unreadable_authorities(path: &Path, error: &io::Error) -> Failure {
    let case = Work::AuthoritiesUnreadable(path.to_owned(), error.to_string());
    Failure::new(Scope::Batch, FailureKind::Local, case)
}

/// A message's original cannot be kept.
pub(crate) fn original_not_kept(path: &Path, error: &io::Error) -> Failure {
    let case = Work::OriginalNotKept(path.to_owned(), error.to_string());
    Failure::new(Scope::Batch, local_kind(error), case)
}

/// Two rows open one mailbox.
pub(crate) fn same_mailbox(user: &User, other: &User) -> Failure {
    let row =
        |user: &User| Row { email_address: user.email_address.clone(), user_name: user.user_name.clone() };
    let case = Work::SameMailbox(Box::new([row(user), row(other)]));
    Failure::new(Scope::User, FailureKind::SameMailbox, case)
}

/// Connections end over a folder.
pub(crate) fn folder_ends_connections(failure: &Failure) -> Failure {
    let case = Work::FolderEndsConnections(Box::new(failure.clone()));
    // Tried again by the next sync, and not before.
    Failure::new(Scope::Mailbox, failure.kind, case).retry(Retry::Never)
}

/// Names the folder that was under way when the connection ended again and again.
pub(crate) fn during_folder(failure: Failure, path: &FolderPath, times: u32) -> Failure {
    let case = Work::DuringFolder { case: failure.case.clone(), folder: path.to_string(), times };
    failure.known_as(FailureKind::Broken, case)
}

/// One folder of the target has two names.
pub(crate) fn one_folder_twice(other: &FolderPath, path: &FolderPath) -> Failure {
    let case = Work::OneFolderTwice { other: other.to_string(), folder: path.to_string() };
    Failure::new(Scope::Mailbox, FailureKind::Refused, case).retry(Retry::Never)
}

/// The folder that was open at this end was replaced.
pub(crate) fn folder_replaced(side: Side) -> Failure {
    Failure::new(Scope::User, FailureKind::Protocol, Work::FolderReplaced(side))
}

/// The counts of a folder contradict its ledger: those that are synced, skipped and undecided there.
pub(crate) fn counts_differ(folder: &FolderPath, n: &UserProgress, ledger: [u64; 3]) -> Failure {
    let counted = [n.total_items, n.synced_items, n.skipped_items];
    let case = Work::CountsDiffer { folder: folder.to_string(), counted, ledger };
    Failure::new(Scope::Mailbox, FailureKind::State, case)
}

/// Some folders failed.
pub(crate) fn folders_failed(
    user: &User,
    failed: usize,
    all: usize,
    path: &FolderPath,
    first: &Failure,
) -> Failure {
    let case = Work::FoldersFailed {
        failed,
        all,
        user: user.email_address.clone(),
        folder: path.to_string(),
        first: first.case.clone(),
    };
    let failure = Failure::new(Scope::User, first.kind, case).retry(first.retry);
    Failure { server_text: first.server_text.clone(), ..failure }
}

/// The target asked to slow down for too long.
pub(crate) fn stores_nothing_now(answer: &str) -> Failure {
    Failure::new(Scope::User, FailureKind::Throttled, Work::StoresNothingNow).said(answer)
}

/// A folder stopped because of another one's failure.
pub(crate) fn interrupted(user: &User) -> Failure {
    Failure::new(Scope::User, FailureKind::Disconnected, Work::Interrupted(user.email_address.clone()))
}

/// An append without an answer.
pub(crate) fn no_answer(folder: &FolderPath) -> Failure {
    Failure::new(Scope::User, FailureKind::Protocol, Work::NoAnswer(folder.to_string()))
}

/// The target mailbox is full.
pub(crate) fn target_full(user: &User) -> Failure {
    Failure::new(Scope::User, FailureKind::QuotaExceeded, Work::TargetFull(user.email_address.clone()))
}

/// Nothing may be written into a target folder.
pub(crate) fn writing_not_permitted(user: &User, folder: &FolderPath) -> Failure {
    let case = Work::WritingNotPermitted { user: user.email_address.clone(), folder: folder.to_string() };
    Failure::new(Scope::Mailbox, FailureKind::PermissionDenied, case)
}

/// The target refuses every message alike.
pub(crate) fn takes_nothing(user: &User, answer: &str) -> Failure {
    let case = Work::TakesNothing(user.email_address.clone());
    Failure::new(Scope::User, FailureKind::Refused, case).said(answer)
}

/// The source announced another size than it sent.
pub(crate) fn other_size_than_announced(announced: u64, sent: u64) -> Failure {
    Failure::new(Scope::User, FailureKind::Protocol, Work::OtherSize { announced, sent })
}

/// A fetch that may have ended in the middle of an answer.
pub(crate) fn fetch_broken_off() -> Failure {
    Failure::new(Scope::User, FailureKind::Disconnected, Work::FetchBrokenOff)
}
