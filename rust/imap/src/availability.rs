//! Tests a server: connects, checks its certificate, reads its greeting, and signs in if there is a login.

use crate::answers::classify;
use crate::command::Command;
use crate::{ImapServer, Login, connect, greeting};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Action, Failure, Scope};
use imapmig_core::steps::Steps;

/// Tests a server and, with a login, whether the INBOX can be opened. Each step is recorded before it is taken, with its result.
///
/// # Errors
/// As [`connect`].
pub fn test(
    server: &ImapServer,
    login: Option<&Login>,
    cancel: &Cancel,
    steps: &Steps,
) -> Result<(), Failure> {
    let session = match login {
        Some(login) => {
            steps.add(format!("Signing in {}.", login.described()));
            let mut session = connect(server, login, cancel)?;
            // Exchange accepts a token for a mailbox that it then refuses to open.
            let reply = session.run(&Command::new("EXAMINE INBOX"))?;
            if !reply.status.is_ok() {
                return Err(classify(&reply.status, Action::OpenInbox, session.host(), Scope::User));
            }
            steps.add("The sign-in succeeded, and the INBOX can be opened.");
            session
        }
        None => greeting::open_in_steps(server, cancel, steps)?.0,
    };
    session.leave();
    Ok(())
}
