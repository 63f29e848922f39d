//! A look at an account, to find out whether two logins open the same mail.
//!
//! Some servers ignore the user that an administrator asks for and open the administrator's own mailbox; what was asked for and
//! what was opened is told apart by the INBOX itself.

use imapmig_core::cancel::Cancel;
use imapmig_core::failure::Failure;
use imapmig_core::folder::FolderPath;
use imapmig_core::message::{InternalDate, Uid, UidValidity};
use imapmig_core::ports::source::{Scan, SourceConnector};
use std::ops::ControlFlow;

/// How many of the first messages are looked at.
const FIRST: u32 = 10;

/// What identifies an account's INBOX (its first folder, where it has no INBOX).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountProbe {
    /// The folder that was looked at.
    pub folder: FolderPath,
    /// Its UIDVALIDITY.
    pub validity: UidValidity,
    /// Its next UID, where the server tells.
    pub uid_next: Option<Uid>,
    /// How many messages it holds.
    pub exists: u32,
    /// Its first messages: UID, size, internal date.
    pub first: Vec<(Uid, u64, InternalDate)>,
    /// The digests of their headers: mailboxes made by a script in one second, each with the same welcome, differ in whom it
    /// welcomes.
    pub headers: Vec<(Uid, [u8; 32])>,
}

impl AccountProbe {
    /// Whether both certainly are the same mailbox. Empty mailboxes prove nothing: many were made in the same second.
    #[must_use]
    pub fn proves_sameness(&self, other: &Self) -> bool {
        !self.first.is_empty() && self == other
    }
}

/// Looks at the account; `None` when it has no folder at all.
///
/// # Errors
/// What connecting, signing in and reading give.
pub fn probe(source: &dyn SourceConnector, cancel: &Cancel) -> Result<Option<AccountProbe>, Failure> {
    let mut session = source.connect(cancel)?;
    let folders = session.folders()?;
    let first = folders.iter().filter(|f| f.selectable).min_by_key(|f| (!f.path.is_inbox(), &f.path));
    let Some(folder) = first else { return Ok(None) };
    let open = session.open(&folder.wire)?;
    let uids = session.first_uids(FIRST)?;
    let mut first = Vec::new();
    if !uids.is_empty() {
        session.scan(Scan::All, &mut |meta| {
            if uids.contains(&meta.uid) {
                first.push((meta.uid, meta.size, meta.internal_date));
            }
            if first.len() == uids.len() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
    }
    first.sort_unstable();
    let mut headers = Vec::new();
    if !first.is_empty() {
        let uids: Vec<_> = first.iter().map(|(uid, ..)| *uid).collect();
        session.headers(&uids, &mut |uid, header| headers.push((uid, *blake3::hash(header).as_bytes())))?;
        headers.sort_unstable();
    }
    Ok(Some(AccountProbe {
        folder: folder.path.clone(),
        validity: open.validity,
        uid_next: open.uid_next,
        exists: open.exists,
        first,
        headers,
    }))
}
