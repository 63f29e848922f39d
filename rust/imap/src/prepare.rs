//! Makes a folder ready for mail in one round trip: CREATE, SUBSCRIBE and SELECT are sent together. RFC 3501 section 5.5.

use crate::answers::classify;
use crate::command::Command;
use crate::create;
use crate::folders::{Layout, decoded, list_command};
use crate::pipeline;
use crate::select::{self, Opened};
use crate::session::Session;
use imapmig_core::failure::{Action, Failure, Scope};
use imapmig_core::folder::WireName;
use imapmig_core::ports::target::FolderRequest;

/// A folder that was made ready, and is selected.
pub(crate) struct Prepared {
    pub(crate) wire: WireName,
    pub(crate) opened: Opened,
    pub(crate) not_subscribed: Option<Failure>,
}

/// Creates, subscribes and selects the folder; `None` if it has to be done step by step.
pub(crate) fn together(
    session: &mut Session,
    layout: &Layout,
    folder: &FolderRequest<'_>,
) -> Result<Option<Prepared>, Failure> {
    let wire = folder.existing.cloned().unwrap_or_else(|| layout.wire_of(folder.path, session.utf8));
    let creates = folder.existing.is_none() && !folder.path.is_inbox();
    if creates && folder.special_use.is_some() {
        // CREATE has to tell the use, and to be tried again without.
        return Ok(None);
    }
    let command = |verb: &str| Command::new(verb).mailbox(&wire.0, session.utf8);
    // What is listed under the name shows whether that was really made, and not another one.
    let list = creates.then(|| list_command(&wire.0, session.utf8));
    let commands: Vec<Command> = [("CREATE", creates), ("SUBSCRIBE", folder.subscribe)]
        .into_iter()
        .filter(|(_, wanted)| *wanted)
        .map(|(verb, _)| command(verb))
        .chain(list)
        .chain([command("SELECT")])
        .collect();
    let Some(mut replies) = pipeline::run_all(session, &commands)? else { return Ok(None) };
    let Some(selected) = replies.pop() else { return Ok(None) };
    session.selected = None;
    if !selected.status.is_ok() {
        // The steps find out what is wrong: a missing parent, a name that is refused.
        return Ok(None);
    }
    // A CREATE that was refused does not matter if the folder is there, and not another one that the server takes for it.
    if creates && !replies.pop().is_some_and(|listed| create::shows(&listed, &wire)) {
        return Ok(None);
    }
    let subscribed = if folder.subscribe { replies.pop() } else { None };
    let not_subscribed = match subscribed {
        Some(reply) if !reply.status.is_ok() => {
            let action = Action::Subscribe(decoded(&wire.0, session.utf8));
            let failure = classify(&reply.status, action, session.host(), Scope::Mailbox);
            if failure.scope > Scope::Mailbox {
                return Err(failure);
            }
            Some(failure)
        }
        _ => None,
    };
    let opened = select::opened(session, &wire, &selected)?;
    Ok(Some(Prepared { wire, opened, not_subscribed }))
}
