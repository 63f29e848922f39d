//! Making and subscribing folders at the target. RFC 3501 sections 6.3.3 and 6.3.6, RFC 6154 section 3.

use crate::answers::{Status, classify};
use crate::command::Command;
use crate::folders::{Layout, decoded, list_any, list_command};
use crate::session::Session;
use imapmig_core::failure::{Failure, Scope};
use imapmig_core::folder::{FolderPath, SpecialUse, WireName};
use unicode_normalization::UnicodeNormalization;

/// Makes a folder, and the folders above it where the server does not do that by itself, and returns its name. One that is
/// there is fine.
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
    let parent = path.parent().filter(|parent| !parent.is_inbox());
    let mut made = try_create(session, layout, &name, special_use, parent.is_none())?;
    if made.is_err()
        && let Some(parent) = parent
    {
        // A parent that is there but cannot be selected is refused too, and good enough.
        if let Err(failure) = create(session, layout, &parent, None)
            && failure.scope > Scope::Mailbox
        {
            return Err(failure);
        }
        made = try_create(session, layout, &name, special_use, true)?;
    }
    let encoded = layout.wire_of(path, false);
    if made.is_err() && encoded != name {
        // go-imap's server cannot look up an `&` that is not encoded.
        made = try_create(session, layout, &encoded, special_use, false)?;
    }
    made.map_err(|status| {
        let doing = format!("create the folder \"{}\"", decoded(&name.0, session.utf8));
        classify(&status, &doing, session.host(), Scope::Mailbox)
    })
}

/// The name that the folder has now, or the refusal. `last` is whether nothing else will be tried with this name, so that a folder
/// is looked for that the server takes for it.
fn try_create(
    session: &mut Session,
    layout: &Layout,
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
    if status.is_ok() && is_kept_everywhere(&name.0) {
        return Ok(Ok(name.clone()));
    }
    // A server may have made another name of it, and not every server says ALREADYEXISTS of one that is there.
    if is_listed(session, name)? {
        return Ok(Ok(name.clone()));
    }
    let exists = status.code_word() == "ALREADYEXISTS";
    if !last && !status.is_ok() && !exists {
        return Ok(Err(status));
    }
    // Before it is opened: a server that knows no case opens another folder by this name.
    if let Some(found) = alike(session, layout, name)? {
        return Ok(Ok(found));
    }
    if status.is_ok() || exists || can_be_opened(session, name)? {
        Ok(Ok(name.clone()))
    } else {
        Ok(Err(status))
    }
}

/// Whether no server makes another name of this one: letters, digits and the like, and no blanks at an end.
fn is_kept_everywhere(name: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'-' | b'_' | b'.' | b'/');
    name.iter().all(plain)
        && !name.windows(2).any(|pair| pair.contains(&b' ') && pair.contains(&b'/') || pair == b" .")
        && !name.ends_with(b" ")
        && !name.starts_with(b" ")
}

/// Whether the folder is listed under this name and can be opened.
pub(crate) fn is_listed(session: &mut Session, name: &WireName) -> Result<bool, Failure> {
    // A name with a wildcard lists others too.
    let (listed, _, _) = list_any(session, &list_command(&name.0, session.utf8))?;
    Ok(listed.iter().any(|l| l.name == name.0 && !l.has("\\NonExistent") && !l.has("\\Noselect")))
}

/// Whether the server knows the folder by this name, listed or not.
fn can_be_opened(session: &mut Session, name: &WireName) -> Result<bool, Failure> {
    let command = Command::new("STATUS").mailbox(&name.0, session.utf8).text(" (UIDVALIDITY)");
    let reply = session.run(&command)?;
    Ok(reply.status.is_ok() && reply.untagged.iter().any(|line| line.starts_with(b"STATUS ")))
}

/// The listed folder that the server takes for this one: normalised (NFC), without blanks at the ends, in another case.
fn alike(session: &mut Session, layout: &Layout, name: &WireName) -> Result<Option<WireName>, Failure> {
    let Some(wanted) = layout.path_of(&name.0, session.utf8) else { return Ok(None) };
    let (listed, _, _) = list_any(session, &list_command(b"*", session.utf8))?;
    let utf8 = session.utf8;
    let found = listed
        .into_iter()
        .filter(|l| !l.has("\\NonExistent") && !l.has("\\Noselect"))
        .find(|l| layout.path_of(&l.name, utf8).is_some_and(|path| folded(&path) == folded(&wanted)));
    Ok(found.map(|l| WireName(l.name)))
}

fn folded(path: &FolderPath) -> Vec<String> {
    let fold = |segment: &String| segment.nfc().collect::<String>().trim().to_lowercase();
    path.segments().iter().map(fold).collect()
}

/// Subscribes a folder.
pub(crate) fn subscribe(session: &mut Session, name: &WireName) -> Result<(), Failure> {
    let command = Command::new("SUBSCRIBE").mailbox(&name.0, session.utf8);
    let doing = format!("subscribe the folder \"{}\"", decoded(&name.0, session.utf8));
    session.run(&command)?.ok(&doing, session.host(), Scope::Mailbox)?;
    Ok(())
}
