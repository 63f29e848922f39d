//! What clients asked, for assertions; passwords and tokens are left out.

use std::time::Instant;

/// A command that the server received.
#[derive(Debug, Clone)]
pub struct Received {
    /// The connection, counted from 1.
    pub connection: u64,
    /// Whose account the connection is signed in to.
    pub account: Option<String>,
    /// When the command's first line was read.
    pub at: Instant,
    /// The tag.
    pub tag: String,
    /// The verb in capitals: `UID FETCH`.
    pub verb: String,
    /// The command without its tag; a literal shows as its mark, a secret as `***`.
    pub line: String,
}

/// The line as it may be shown.
pub(crate) fn redact(verb: &str, line: &str) -> String {
    let kept = match verb {
        "LOGIN" => 1,
        "AUTHENTICATE" => 2,
        _ => return line.to_owned(),
    };
    let words: Vec<&str> = line.split(' ').collect();
    if words.len() <= kept {
        return line.to_owned();
    }
    format!("{} ***", words[..kept].join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_kept() {
        assert_eq!(redact("LOGIN", "LOGIN terry.adams 1091990"), "LOGIN ***");
        assert_eq!(redact("AUTHENTICATE", "AUTHENTICATE PLAIN AGEAYg=="), "AUTHENTICATE PLAIN ***");
        assert_eq!(redact("SELECT", "SELECT INBOX"), "SELECT INBOX");
    }
}
