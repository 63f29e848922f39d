//! Mailbox names as a server has them, as data.

use imapmig_core::mutf7;

/// A function that changes a mailbox name.
#[derive(Debug, Clone, Copy)]
pub struct MadeName(pub fn(&str) -> String);

impl MadeName {
    /// Returns the changed name; INBOX is never changed.
    pub(crate) fn of(self, name: &str) -> String {
        if name == "INBOX" { name.to_owned() } else { (self.0)(name) }
    }
}

/// Under which names a mailbox is found that was created under another name than requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownBy {
    /// Only under its own name.
    ItsName,
    /// Under every name that is changed to its own.
    AnyName,
}

/// Names and their hierarchy.
#[derive(Debug, Clone)]
pub struct Names {
    /// The hierarchy delimiter.
    pub delimiter: char,
    /// The personal namespace's prefix: empty or `INBOX.`
    pub prefix: String,
    /// A namespace of other users' mailboxes, hidden from `LIST "" "*"`: `#shared.`
    pub shared: Option<String>,
    /// `sent` and `Sent` are one mailbox.
    pub case_insensitive: bool,
    /// Names that CREATE refuses.
    pub reserved: Vec<String>,
    /// Characters that CREATE refuses.
    pub forbidden: String,
    /// The longest name in characters that CREATE takes.
    pub max_length: Option<usize>,
    /// Answers `ENABLED UTF8=ACCEPT` and goes on in modified UTF-7; LIST of any other name is `NO [SERVERBUG]` (go-imap).
    pub utf8_in_name_only: bool,
    /// How CREATE changes a name, and under which names the mailbox is found afterwards.
    pub makes: Option<(MadeName, KnownBy)>,
    /// LIST closes the connection instead of listing this mailbox.
    pub fatal: Option<String>,
    /// Mailboxes that every account has: path and special-use attribute.
    pub default_folders: Vec<(String, Option<String>)>,
}

impl Names {
    /// A path with `/` as this server writes it: `INBOX.Projets.Alpha`.
    pub(crate) fn on_server(&self, path: &str) -> String {
        if path.eq_ignore_ascii_case("INBOX") {
            return "INBOX".to_owned();
        }
        let parts: Vec<&str> = path.split('/').collect();
        format!("{}{}", self.prefix, parts.join(&self.delimiter.to_string()))
    }

    /// The path with `/` of a name on this server, without the prefix.
    pub(crate) fn path_of(&self, name: &str) -> String {
        let bare =
            if self.prefix.is_empty() { name } else { name.strip_prefix(&self.prefix).unwrap_or(name) };
        bare.replace(self.delimiter, "/")
    }

    /// INBOX in any case is INBOX, also as the first part of a name.
    pub(crate) fn normal(&self, name: &str) -> String {
        match name.get(..5) {
            Some(head) if head.eq_ignore_ascii_case("INBOX") => {
                let tail = &name[5..];
                if tail.is_empty() || tail.starts_with(self.delimiter) {
                    format!("INBOX{tail}")
                } else {
                    name.to_owned()
                }
            }
            _ => name.to_owned(),
        }
    }

    /// A name from the wire; `None` if it is not properly encoded.
    pub(crate) fn decode(&self, wire: &[u8], utf8: bool) -> Option<String> {
        if utf8 { String::from_utf8(wire.to_vec()).ok() } else { mutf7::decode(wire) }
    }
}
