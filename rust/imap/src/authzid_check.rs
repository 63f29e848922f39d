//! Checks whether a server opened the administrator's own mailbox instead of the requested user's.
//!
//! Courier answers OK to AUTHENTICATE PLAIN and ignores the authorization identity (RFC 4616), so that every user's mail would be
//! appended to one mailbox. The check compares the session with one signed in as the administrator.

use crate::command::Command;
use crate::folders::Layout;
use crate::session::Session;
use crate::{ImapServer, Login, connect};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Failure, FailureKind, Scope, SignIn};
use imapmig_core::folder::FolderPath;
use std::collections::BTreeSet;
use uuid::Uuid;

/// How the names of folders begin that a check makes, and removes.
const MADE: &str = "imapmig-";

/// What tells one account from another: the numbers of its INBOX, and its folders.
#[derive(PartialEq, Eq)]
struct Contents {
    inbox: Vec<Vec<u8>>,
    folders: BTreeSet<FolderPath>,
}

/// Fails if the server ignores the authorization identity of `login`. Other logins name whose mail they open.
///
/// # Errors
/// `SameMailbox`, or any failure of the two sessions.
pub fn check_authorization(server: &ImapServer, login: &Login, cancel: &Cancel) -> Result<(), Failure> {
    let Login::Plain { authorization, authentication, password } = login else { return Ok(()) };
    if authorization.eq_ignore_ascii_case(authentication) {
        return Ok(());
    }
    let own = Login::Password { user_name: authentication.clone(), password: password.clone() };
    let mut own = match connect(server, &own, cancel) {
        Ok(session) => session,
        // An administrator without a mailbox cannot have it opened by mistake.
        Err(failure) if matches!(failure.kind, FailureKind::LoginRefused | FailureKind::PermissionDenied) => {
            return Ok(());
        }
        Err(failure) => return Err(failure),
    };
    let mut acting = connect(server, login, cancel)?;
    let same = are_one(&mut own, &mut acting)?;
    own.leave();
    acting.leave();
    if !same {
        return Ok(());
    }
    let case = SignIn::AdministratorOpensOwnMailbox {
        host: server.host.clone(),
        administrator: authentication.clone(),
        user: authorization.clone(),
    };
    Err(Failure::new(Scope::User, FailureKind::SameMailbox, case))
}

fn are_one(own: &mut Session, acting: &mut Session) -> Result<bool, Failure> {
    let layout = Layout::learn(acting)?;
    let (Some(here), Some(there)) = (contents(own)?, contents(acting)?) else { return Ok(false) };
    // A mailbox that is in use, by the mail of other users for example, does not look the same twice: only what differs from one that
    // has not changed meanwhile is another.
    if here != there && contents(own)?.is_none_or(|again| again == here) {
        return Ok(false);
    }
    // Two mailboxes made in the same second look alike too: a folder made in one and seen in the other decides.
    let path = FolderPath::new([format!("{MADE}{}", Uuid::new_v4())]);
    let name = layout.wire_of(&path, acting.utf8);
    let made = acting.run(&Command::new("CREATE").mailbox(&name.0, acting.utf8))?;
    if !made.status.is_ok() {
        // Nothing can be written there, so nothing can be written by mistake.
        return Ok(false);
    }
    let seen = Layout::learn(own).and_then(|layout| layout.all_folders(own));
    acting.run(&Command::new("DELETE").mailbox(&name.0, acting.utf8))?;
    Ok(seen?.into_iter().any(|folder| folder.path == path))
}

fn contents(session: &mut Session) -> Result<Option<Contents>, Failure> {
    let status = session.run(&Command::new("STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY)"))?;
    if !status.status.is_ok() {
        return Ok(None);
    }
    let layout = Layout::learn(session)?;
    let all = layout.all_folders(session)?.into_iter().map(|folder| folder.path);
    // Those of checks for other users come and go.
    let folders = all.filter(|path| !path.segments().iter().any(|name| name.starts_with(MADE))).collect();
    let inbox = status.untagged.into_iter().filter(|line| line.starts_with(b"STATUS ")).collect();
    Ok(Some(Contents { inbox, folders }))
}
