//! Messages as IMAP describes them: UIDs, flags, keywords, internal date, size. RFC 3501, RFC 7162.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A message's unique identifier within one UIDVALIDITY of a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Uid(pub u32);

/// The UIDVALIDITY of a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UidValidity(pub u32);

/// How the messages of a folder at the target are identified, and how long that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetValidity {
    /// By UIDs, under this UIDVALIDITY.
    Uids(UidValidity),
    /// By names of files, which stand for one message forever (Maildir).
    Names,
    /// Not at all: the user removed the folder.
    Removed,
}

/// A mod-sequence (RFC 7162, 63 bits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ModSeq(pub u64);

/// The system flags that a client may set. `\Recent` is the server's own and never travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SystemFlag {
    /// `\Seen`
    Seen,
    /// `\Answered`
    Answered,
    /// `\Flagged`
    Flagged,
    /// `\Deleted`
    Deleted,
    /// `\Draft`
    Draft,
}

impl SystemFlag {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Seen, Self::Answered, Self::Flagged, Self::Deleted, Self::Draft];

    /// The flag as it stands on the wire, with its backslash.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Seen => "\\Seen",
            Self::Answered => "\\Answered",
            Self::Flagged => "\\Flagged",
            Self::Deleted => "\\Deleted",
            Self::Draft => "\\Draft",
        }
    }
}

/// Which keywords a mailbox takes (PERMANENTFLAGS).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keywords {
    /// Any (`\*`).
    Any,
    /// These only.
    Only(Vec<String>),
}

/// The flags and keywords of one message, without order and without `\Recent`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flags {
    system: u8,
    /// Sorted, no two alike but for case.
    keywords: Vec<Box<str>>,
}

impl Flags {
    /// Reads flags from their wire form; what starts with a backslash and is no known system flag is left out.
    #[must_use]
    pub fn from_wire<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut flags = Self::default();
        for name in names {
            match SystemFlag::ALL.into_iter().find(|f| f.wire().eq_ignore_ascii_case(name)) {
                Some(flag) => flags.set(flag),
                None if name.starts_with('\\') || name.is_empty() => {}
                None => flags.add_keyword(name),
            }
        }
        flags
    }

    /// The wire forms, system flags first.
    pub fn wire(&self) -> impl Iterator<Item = &str> {
        let system = SystemFlag::ALL.into_iter().filter(|f| self.has(*f)).map(|f| f.wire());
        system.chain(self.keywords())
    }

    /// Sets a system flag.
    pub fn set(&mut self, flag: SystemFlag) {
        self.system |= 1 << flag as u8;
    }

    /// Whether a system flag is set.
    #[must_use]
    pub fn has(&self, flag: SystemFlag) -> bool {
        self.system & (1 << flag as u8) != 0
    }

    /// Adds a keyword, unless it is there already (keywords are the same in any case, RFC 9051 section 2.3.2).
    pub fn add_keyword(&mut self, keyword: &str) {
        if !self.keywords.iter().any(|k| k.eq_ignore_ascii_case(keyword)) {
            let at = self.keywords.partition_point(|k| &**k < keyword);
            self.keywords.insert(at, keyword.into());
        }
    }

    /// The keywords, sorted.
    pub fn keywords(&self) -> impl Iterator<Item = &str> {
        self.keywords.iter().map(|k| &**k)
    }

    /// Whether there is neither flag nor keyword.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.system == 0 && self.keywords.is_empty()
    }

    /// These flags with only those keywords that `keep` says yes to.
    #[must_use]
    pub fn filter_keywords(&self, mut keep: impl FnMut(&str) -> bool) -> Self {
        let keywords = self.keywords.iter().filter(|k| keep(k)).cloned().collect();
        Self { system: self.system, keywords }
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for flag in self.wire() {
            write!(f, "{separator}{flag}")?;
            separator = " ";
        }
        Ok(())
    }
}

/// When the server received a message (INTERNALDATE), with the time zone that the server sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InternalDate {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub unix_seconds: i64,
    /// Minutes east of UTC.
    pub offset_minutes: i16,
}

impl InternalDate {
    /// No date at all. A message with it is appended without one, so that the target notes when it came.
    pub const UNKNOWN: Self = Self { unix_seconds: 0, offset_minutes: i16::MIN };

    /// An instant in UTC.
    #[must_use]
    pub const fn utc(unix_seconds: i64) -> Self {
        Self { unix_seconds, offset_minutes: 0 }
    }
}

/// Where the internal date of a message comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateOrigin {
    /// The server sent it.
    #[default]
    Told,
    /// The server sent none that can be read, so it is that of the topmost Received field or of the Date field.
    Header,
    /// Neither the server nor the header has one; it is [`InternalDate::UNKNOWN`].
    Unknown,
}

/// What is known of a source message before its body is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageMeta {
    /// Its UID at the source.
    pub uid: Uid,
    /// RFC822.SIZE as the server says; some servers are wrong, so it is a hint.
    pub size: u64,
    /// INTERNALDATE, or what stands for it; see `date`.
    pub internal_date: InternalDate,
    /// Where `internal_date` comes from.
    pub date: DateOrigin,
    /// Flags and keywords.
    pub flags: Flags,
    /// Whether the server sent flags that can be read; without them `flags` is empty.
    pub flags_known: bool,
    /// Its mod-sequence where the server has CONDSTORE.
    pub modseq: Option<ModSeq>,
}

/// The content digest of a message: BLAKE3 over its bytes, cut to 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 16]);

impl Digest {
    /// The digest that a finished hasher gives.
    #[must_use]
    pub fn finish(hasher: &blake3::Hasher) -> Self {
        let mut short = [0; 16];
        short.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(short)
    }

    /// The digest of bytes that are all at hand.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::finish(blake3::Hasher::new().update(bytes))
    }
}
