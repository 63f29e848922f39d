//! The trial that shows whether a server discards the non-synchronizing literal of a command that it refuses. See `literals`.

use crate::bulk::Bulk;
use crate::capability::Literals;
use crate::folders::Layout;
use crate::literals::LiteralHabit;
use crate::wire::reader::{Response, protocol};
use imapmig_core::failure::{Conduct, Failure, FailureKind};
use imapmig_core::folder::FolderPath;
use uuid::Uuid;

/// The line that the trial's literal consists of. A server that runs it as a command answers to `zz`.
const LINE: &str = "zz NOOP\r\n";
/// Longest literal of a trial. Some servers handle short literals only.
const LONGEST_TRIAL: u64 = 16 * 1024;
/// The longest literal that LITERAL- allows.
const LONGEST_SMALL: u64 = 4096;
/// Appends to a mailbox that does not exist, and returns `true` if the server discarded the literal as it must. If not, the
/// connection is closed.
///
/// # Errors
/// Cancellation. Any other end of the connection counts against the server.
pub(crate) fn try_out(habit: &LiteralHabit, bulk: &mut Bulk, layout: &Layout) -> Result<bool, Failure> {
    match trial(bulk, layout) {
        Ok(()) => {
            habit.learn(true);
            Ok(true)
        }
        Err(failure) if failure.is_cancelled() => Err(failure),
        Err(failure) => {
            tracing::debug!(%failure, server = %habit.server, "no unasked literals");
            if failure.kind == FailureKind::Protocol {
                habit.learn(false);
            } else {
                habit.lost();
            }
            bulk.close_at_once(failure);
            Ok(false)
        }
    }
}

/// Sends the trial and a NOOP. Any further answer is one to a line of the literal that was run as a command.
fn trial(bulk: &mut Bulk, layout: &Layout) -> Result<(), Failure> {
    let session = bulk.session();
    let capabilities = &session.capabilities;
    let allowed = match capabilities.literals() {
        Literals::Small => LONGEST_SMALL,
        Literals::All | Literals::Synchronizing => LONGEST_TRIAL,
    };
    let most = capabilities.append_limit().unwrap_or(allowed).min(allowed);
    let lines = usize::try_from(most).unwrap_or(0) / LINE.len();
    let literal = LINE.repeat(lines.max(1));
    let path = FolderPath::new([format!("imapmig-{}", Uuid::new_v4())]);
    let name = layout.wire_of(&path, session.utf8);
    let name = String::from_utf8_lossy(&name.0).into_owned();
    let append = bulk.send(&format!("APPEND \"{name}\" {{{}+}}\r\n{literal}", literal.len()))?;
    bulk.send("NOOP")?;
    let mut stored = false;
    while bulk.in_flight() > 0 {
        match bulk.next()? {
            Response::Tagged { tag, status } => stored |= tag == append && status.is_ok(),
            Response::Continue => {
                return Err(protocol(Conduct::AskedForLiteral));
            }
            _ => {}
        }
    }
    if stored {
        // The server created the mailbox itself. Its name is random, so removing it is safe.
        bulk.run(&format!("DELETE \"{name}\""))?;
    }
    Ok(())
}
