//! Folders: their names, apart from how any server spells them, and what a server reports of one that is not open.
//!
//! A [`FolderPath`] is what people see: Unicode segments from the top, without delimiter, namespace prefix or
//! UserRoot. A [`WireName`] is what one server calls it, byte for byte, and is never interpreted outside its adapter.

use crate::message::{ModSeq, Uid, UidValidity};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The mailbox name exactly as the server lists it (IMAP: modified UTF-7 or UTF-8, unquoted; Maildir: its directory).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WireName(pub Vec<u8>);

impl fmt::Debug for WireName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WireName({})", self.0.escape_ascii())
    }
}

/// A folder's place in the hierarchy. INBOX is always the single segment `INBOX`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FolderPath(Vec<String>);

impl FolderPath {
    /// A path of these segments. A first segment that is INBOX in any case becomes `INBOX` (RFC 3501 section 5.1).
    #[must_use]
    pub fn new(segments: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut segments: Vec<String> = segments.into_iter().map(Into::into).collect();
        if let Some(first) = segments.first_mut()
            && first.eq_ignore_ascii_case("INBOX")
        {
            "INBOX".clone_into(first);
        }
        Self(segments)
    }

    /// The INBOX.
    #[must_use]
    pub fn inbox() -> Self {
        Self(vec!["INBOX".to_owned()])
    }

    /// Whether this is the INBOX itself.
    #[must_use]
    pub fn is_inbox(&self) -> bool {
        self.0.len() == 1 && self.0[0] == "INBOX"
    }

    /// The segments from the top.
    #[must_use]
    pub fn segments(&self) -> &[String] {
        &self.0
    }

    /// The path above, unless this is at the top.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        (self.0.len() > 1).then(|| Self(self.0[..self.0.len() - 1].to_vec()))
    }

    /// The path one level below this one.
    #[must_use]
    pub fn child(&self, segment: impl Into<String>) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment.into());
        Self(segments)
    }
}

/// Written with `/` between the segments, for people and reports; not for parsing.
impl fmt::Display for FolderPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

/// What a folder is used for (RFC 6154).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SpecialUse {
    /// All messages; a view that repeats what other folders hold.
    All,
    /// Archived messages.
    Archive,
    /// Drafts.
    Drafts,
    /// Flagged messages; a view.
    Flagged,
    /// Junk.
    Junk,
    /// Sent messages.
    Sent,
    /// Deleted messages.
    Trash,
}

impl SpecialUse {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::All, Self::Archive, Self::Drafts, Self::Flagged, Self::Junk, Self::Sent, Self::Trash];

    /// The attribute on the wire.
    #[must_use]
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::All => "\\All",
            Self::Archive => "\\Archive",
            Self::Drafts => "\\Drafts",
            Self::Flagged => "\\Flagged",
            Self::Junk => "\\Junk",
            Self::Sent => "\\Sent",
            Self::Trash => "\\Trash",
        }
    }
}

/// A folder as one side lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The server's name for it.
    pub wire: WireName,
    /// Its place for people; at a source, below the UserRoot.
    pub path: FolderPath,
    /// Its use, where the server says so by an attribute.
    pub special_use: Option<SpecialUse>,
    /// False for `\Noselect` and `\NonExistent` parents.
    pub selectable: bool,
    /// Whether it is subscribed.
    pub subscribed: bool,
}

/// What a server reports about a folder without opening it (STATUS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderStatus {
    /// Its UIDVALIDITY.
    pub validity: UidValidity,
    /// The next UID.
    pub uid_next: Uid,
    /// How many messages it holds.
    pub messages: u32,
    /// Its HIGHESTMODSEQ where the server has CONDSTORE.
    pub highest_modseq: Option<ModSeq>,
    /// How many bytes its messages have, where the server says so without opening it (RFC 8438).
    pub bytes: Option<u64>,
}
