//! Making and subscribing folders at the target. RFC 3501 sections 6.3.3 and 6.3.6, RFC 6154 section 3.

use crate::answers::{Status, classify};
use crate::command::Command;
use crate::folders::{Layout, decoded, list_any, list_command};
use crate::listing::{Listed, as_written};
use crate::made_names::{self, KnownNames};
use crate::session::{Reply, Session};
use imapmig_core::failure::{Action, Failure, Scope};
use imapmig_core::folder::{FolderPath, SpecialUse, WireName};

/// Creates a folder, with its parents if the server does not create them itself, and returns its name. An existing folder is not an
/// error.
pub(crate) fn create(
    session: &mut Session,
    layout: &Layout,
    known: &KnownNames,
    path: &FolderPath,
    special_use: Option<SpecialUse>,
) -> Result<WireName, Failure> {
    let name = layout.wire_of(path, session.utf8);
    if path.is_inbox() {
        return Ok(name);
    }
    let parent = path.parent().filter(|parent| !parent.is_inbox());
    let mut made = try_create(session, (layout, known), &name, special_use, parent.is_none())?;
    if made.is_err()
        && let Some(parent) = parent
    {
        // CREATE is refused as well for an existing parent that cannot be selected, which is good enough.
        if let Err(failure) = create(session, layout, known, &parent, None)
            && failure.scope > Scope::Mailbox
        {
            return Err(failure);
        }
        made = try_create(session, (layout, known), &name, special_use, true)?;
    }
    let encoded = layout.wire_of(path, false);
    if made.is_err() && encoded != name {
        // go-imap's server cannot look up an `&` that is not encoded.
        made = try_create(session, (layout, known), &encoded, special_use, false)?;
    }
    made.map_err(|status| {
        let action = Action::CreateFolder(decoded(&name.0, session.utf8));
        classify(&status, action, session.host(), Scope::Mailbox)
    })
}

/// Returns the name that the folder has now, or the refusal. With `last`, no other name will be tried, so the folder that the server
/// regards as this one is searched for.
fn try_create(
    session: &mut Session,
    (layout, known): (&Layout, &KnownNames),
    name: &WireName,
    special_use: Option<SpecialUse>,
    last: bool,
) -> Result<Result<WireName, Status>, Failure> {
    let command = Command::new("CREATE").mailbox(&name.0, session.utf8);
    let for_use = session.capabilities.words().any(|word| word == "CREATE-SPECIAL-USE");
    let mut status = None;
    if let Some(special_use) = special_use.filter(|_| for_use) {
        let command = command.clone().text(&format!(" (USE ({}))", special_use.attribute()));
        // Another folder may have this use already, or the server wants none of it: the folder matters more.
        status = Some(session.run(&command)?.status).filter(Status::is_ok);
    }
    let status = match status {
        Some(status) => status,
        None => session.run(&command)?.status,
    };
    // A server may have made another name of it, and not every server says ALREADYEXISTS of one that is there.
    if is_listed(session, name)? {
        return Ok(Ok(name.clone()));
    }
    let exists = status.code_word() == "ALREADYEXISTS";
    if !last && !status.is_ok() && !exists {
        return Ok(Err(status));
    }
    // Before it is opened: a server that knows no case opens another folder by this name.
    if let Some(found) = made_names::find(session, layout, known, name)? {
        return Ok(Ok(found));
    }
    if status.is_ok() || exists || made_names::validity(session, name)?.is_some() {
        Ok(Ok(name.clone()))
    } else {
        Ok(Err(status))
    }
}

/// Returns `true` if the folder is listed under this name and can be opened.
fn is_listed(session: &mut Session, name: &WireName) -> Result<bool, Failure> {
    // A name with a wildcard lists others too.
    let (listed, _, _) = list_any(session, &list_command(&name.0, session.utf8))?;
    Ok(is_among(&listed, name))
}

/// Returns `true` if the reply to a LIST shows the folder under this name as one that can be opened.
pub(crate) fn shows(reply: &Reply, name: &WireName) -> bool {
    let mut listed: Vec<_> = reply.untagged.iter().filter_map(|line| Listed::parse(line)).collect();
    as_written(&mut listed);
    is_among(&listed, name)
}

fn is_among(listed: &[Listed], name: &WireName) -> bool {
    listed.iter().any(|l| l.name == name.0 && !l.has("\\NonExistent") && !l.has("\\Noselect"))
}

/// Subscribes a folder.
pub(crate) fn subscribe(session: &mut Session, name: &WireName) -> Result<(), Failure> {
    let command = Command::new("SUBSCRIBE").mailbox(&name.0, session.utf8);
    let action = Action::Subscribe(decoded(&name.0, session.utf8));
    session.run(&command)?.ok(action, session.host(), Scope::Mailbox)?;
    Ok(())
}
