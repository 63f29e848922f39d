//! Commands that a session can do without: ID, `ENABLE UTF8=ACCEPT` and NAMESPACE. RFC 2971, RFC 5161, RFC 6855, RFC 2342.
//!
//! An announcement is only a hint. Some servers refuse ENABLE; go-imap's server accepts it and keeps names in modified UTF-7. A command
//! that ends the connection is left out after the second time. So the listing decides how names are read and written.

use crate::folders::{Layout, list_any, list_command};
use crate::login;
use crate::session::Session;
use imapmig_core::failure::{Failure, Retry};
use imapmig_core::mutf7;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Number of connections that may end over these commands before they are left out.
const ENDS: u32 = 2;

/// What one account's connections have shown so far.
#[derive(Debug, Default)]
pub(crate) struct OptionalCommands {
    ends: AtomicU32,
    /// The same for NAMESPACE, which comes later.
    namespace_ends: AtomicU32,
    /// Whether names are UTF-8 after ENABLE; absent until a listing has shown it.
    utf8: OnceLock<bool>,
}

impl OptionalCommands {
    /// Sends the optional commands. Returns `false` if the server only claims to use UTF-8, so that another connection has to do
    /// without.
    pub(crate) fn run(&self, session: &mut Session) -> Result<bool, Failure> {
        if self.ends.load(Ordering::Acquire) >= ENDS {
            return Ok(true);
        }
        let result = self.send(session);
        count(&self.ends, &result);
        result
    }

    /// Learns the hierarchy by NAMESPACE, or by what is listed.
    pub(crate) fn layout(&self, session: &mut Session) -> Result<Layout, Failure> {
        if self.namespace_ends.load(Ordering::Acquire) >= ENDS {
            return Layout::of_listing(session);
        }
        let result = Layout::learn(session);
        count(&self.namespace_ends, &result);
        result
    }

    fn send(&self, session: &mut Session) -> Result<bool, Failure> {
        login::introduce(session)?;
        if self.utf8.get() == Some(&false) {
            return Ok(true);
        }
        login::enable_utf8(session)?;
        if !session.utf8 || self.utf8.get().is_some() {
            return Ok(true);
        }
        let shown = names_are_utf8(session)?;
        Ok(*self.utf8.get_or_init(|| shown))
    }
}

/// Counts a connection that ended; one that did not starts the count anew.
fn count<T>(ends: &AtomicU32, result: &Result<T, Failure>) {
    match result {
        Ok(_) => ends.store(0, Ordering::Release),
        Err(failure) if failure.retry == Retry::Reconnect => {
            ends.fetch_add(1, Ordering::AcqRel);
        }
        Err(_) => {}
    }
}

/// Returns whether no listed name looks like modified UTF-7. A right server with such a name is used without UTF-8 then, where every
/// name has one meaning.
fn names_are_utf8(session: &mut Session) -> Result<bool, Failure> {
    let (listed, _, status) = list_any(session, &list_command(b"*", session.utf8))?;
    Ok(status.is_ok() && !listed.iter().any(|entry| is_encoded(&entry.name)))
}

fn is_encoded(name: &[u8]) -> bool {
    mutf7::decode(name).is_some_and(|text| text.as_bytes() != name)
}

#[cfg(test)]
mod tests {
    use super::is_encoded;

    #[test]
    fn only_what_modified_utf_7_reads_otherwise_is_encoded() {
        let names = ["Gr&APYA3w-e", "R&-D", "R&D", "a & b - c", "Gr\u{f6}\u{df}e", "Sent"];

        assert_eq!(names.map(|name| is_encoded(name.as_bytes())), [true, true, false, false, false, false]);
    }
}
