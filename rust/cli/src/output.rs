//! Writing to the terminal: replies to standard output, everything else to standard error.

use crate::failed::Failed;
use imapmig_core::failure::printable;
use serde::Serialize;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// How replies are shown.
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// Shows a reply: as JSON, or as the text that `table` makes of it.
    pub(crate) fn show<T: Serialize>(&self, reply: &T, table: impl FnOnce(&T) -> String) {
        if self.json {
            line(&serde_json::to_string_pretty(reply).unwrap_or_default());
        } else {
            let text = table(reply);
            if !text.is_empty() {
                line(&text);
            }
        }
    }
}

/// Whether a reply could not be written, as on a full disk.
static IS_CUT_OFF: AtomicBool = AtomicBool::new(false);

/// Writes a line. A reader that has seen enough (`| head`) does not make the command fail; a full disk does.
pub(crate) fn line(text: &str) {
    let Err(error) = writeln!(std::io::stdout().lock(), "{text}") else { return };
    if error.kind() != ErrorKind::BrokenPipe && !IS_CUT_OFF.swap(true, Ordering::Relaxed) {
        note(&format!("imapmig: The reply can't be written: {error}."));
    }
}

/// Returns `true` if every reply reached standard output, or a reader that had seen enough.
pub(crate) fn is_whole() -> bool {
    !IS_CUT_OFF.load(Ordering::Relaxed)
}

/// Writes a line that is not part of the reply.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Writes an error.
pub(crate) fn error(failed: &Failed) {
    if failed.json {
        note(&serde_json::to_string_pretty(&failed.error).unwrap_or_default());
    } else {
        let text = failed.to_string();
        let lines: Vec<_> = text.lines().map(|line| printable(line.to_owned())).collect();
        note(&format!("imapmig: {}", lines.join("\n")));
    }
}

/// Asks before something is stopped or removed. Without a terminal the answer is no.
pub(crate) fn confirmed(yes: bool, question: &str) -> bool {
    if yes {
        return true;
    }
    if !std::io::stdin().is_terminal() {
        note(&format!("{question} There is no terminal to ask on; use --yes."));
        return false;
    }
    let _ = write!(std::io::stderr().lock(), "{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok()
        && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}
