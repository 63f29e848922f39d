//! Making and subscribing folders at the target. RFC 3501 sections 6.3.3 and 6.3.6, RFC 6154 section 3.

use crate::answers::{Status, classify};
use crate::command::Command;
use crate::folders::{Layout, decoded, list, list_command};
use crate::session::Session;
use imapmig_core::failure::{Failure, Scope};
use imapmig_core::folder::{FolderPath, SpecialUse, WireName};

/// Makes a folder, and the folders above it where the server does not do that by itself. One that is there is fine.
pub(crate) fn create(
    session: &mut Session,
    layout: &Layout,
    path: &FolderPath,
    special_use: Option<SpecialUse>,
) -> Result<WireName, Failure> {
    let name = layout.wire_of(path, session.utf8);
    if path.is_inbox() {
        return Ok(name);
    }
    let mut refusal = try_create(session, &name, special_use)?;
    if refusal.is_some()
        && let Some(parent) = path.parent().filter(|parent| !parent.is_inbox())
    {
        // A parent that is there but cannot be selected is refused too, and good enough.
        if let Err(failure) = create(session, layout, &parent, None)
            && failure.scope > Scope::Mailbox
        {
            return Err(failure);
        }
        refusal = try_create(session, &name, special_use)?;
    }
    match refusal {
        None => Ok(name),
        Some(status) => {
            let doing = format!("create the folder \"{}\"", decoded(&name.0, session.utf8));
            Err(classify(&status, &doing, session.host(), Scope::Mailbox))
        }
    }
}

/// The refusal, unless the folder is there now.
fn try_create(
    session: &mut Session,
    name: &WireName,
    special_use: Option<SpecialUse>,
) -> Result<Option<Status>, Failure> {
    let command = Command::new("CREATE").mailbox(&name.0, session.utf8);
    let for_use = session.capabilities.words().any(|word| word == "CREATE-SPECIAL-USE");
    if let Some(special_use) = special_use.filter(|_| for_use) {
        let command = command.clone().text(&format!(" (USE ({}))", special_use.attribute()));
        if session.run(&command)?.status.is_ok() {
            return Ok(None);
        }
        // Another folder has this use already, or the server wants none of it: the folder matters more.
    }
    let status = session.run(&command)?.status;
    let there = status.is_ok() || status.code_word() == "ALREADYEXISTS" || is_there(session, name)?;
    Ok((!there).then_some(status))
}

/// Not every server says ALREADYEXISTS.
fn is_there(session: &mut Session, name: &WireName) -> Result<bool, Failure> {
    // A name with a wildcard lists others too.
    let listed = list(session, &list_command(&name.0, session.utf8), "look for a folder")?;
    Ok(listed.iter().any(|l| l.name == name.0 && !l.has("\\NonExistent") && !l.has("\\Noselect")))
}

/// Subscribes a folder.
pub(crate) fn subscribe(session: &mut Session, name: &WireName) -> Result<(), Failure> {
    let command = Command::new("SUBSCRIBE").mailbox(&name.0, session.utf8);
    let doing = format!("subscribe the folder \"{}\"", decoded(&name.0, session.utf8));
    session.run(&command)?.ok(&doing, session.host(), Scope::Mailbox)?;
    Ok(())
}
