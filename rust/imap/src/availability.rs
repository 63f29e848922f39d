//! Tests a server: reaches it, checks its certificate, talks to it, and signs in where a login is given.

use crate::answers::classify;
use crate::command::Command;
use crate::{ImapServer, Login, connect, greeting};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Action, Failure, Scope};
use imapmig_core::steps::Steps;

/// Tests a server; with a login, that its INBOX can be opened too. Each step is said before it is done, and what came of it.
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
