//! What a server says it can do. RFC 3501 section 7.2.1.

use std::collections::BTreeSet;

/// The words of a CAPABILITY answer, in upper case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(BTreeSet<String>);

impl std::fmt::Display for Capabilities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<_> = self.0.iter().map(String::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

/// Which literals may be sent without a continuation request (RFC 7888).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literals {
    /// None.
    Synchronizing,
    /// Those of at most 4096 bytes (LITERAL-).
    Small,
    /// All (LITERAL+).
    All,
}

/// A capability that this crate makes use of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the word on the wire")]
pub enum Capability {
    Binary,
    Condstore,
    Enable,
    Id,
    ListExtended,
    LoginDisabled,
    MultiAppend,
    Namespace,
    Quota,
    SaslIr,
    SpecialUse,
    StartTls,
    StatusSize,
    UidPlus,
    Utf8Accept,
}

impl Capability {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Binary => "BINARY",
            Self::Condstore => "CONDSTORE",
            Self::Enable => "ENABLE",
            Self::Id => "ID",
            Self::ListExtended => "LIST-EXTENDED",
            Self::LoginDisabled => "LOGINDISABLED",
            Self::MultiAppend => "MULTIAPPEND",
            Self::Namespace => "NAMESPACE",
            Self::Quota => "QUOTA",
            Self::SaslIr => "SASL-IR",
            Self::SpecialUse => "SPECIAL-USE",
            Self::StartTls => "STARTTLS",
            Self::StatusSize => "STATUS=SIZE",
            Self::UidPlus => "UIDPLUS",
            Self::Utf8Accept => "UTF8=ACCEPT",
        }
    }
}

impl Capabilities {
    /// Reads the words behind `CAPABILITY`, however they are spaced and cased.
    #[must_use]
    pub fn parse(words: &str) -> Self {
        Self(words.split_ascii_whitespace().map(str::to_ascii_uppercase).collect())
    }

    /// Returns `true` if the server offers this.
    #[must_use]
    pub fn has(&self, capability: Capability) -> bool {
        self.0.contains(capability.word())
            // QRESYNC comes with CONDSTORE, RFC 7162 section 3.2.3.
            || (capability == Capability::Condstore && self.0.contains("QRESYNC"))
    }

    /// Removes a capability that the server announces but does not implement.
    pub(crate) fn forget(&mut self, capability: Capability) {
        self.0.remove(capability.word());
        if capability == Capability::Condstore {
            self.0.remove("QRESYNC");
        }
    }

    /// Returns `true` if the server offers AUTHENTICATE with this mechanism (in upper case).
    #[must_use]
    pub fn auth(&self, mechanism: &str) -> bool {
        self.0.contains(&format!("AUTH={mechanism}"))
    }

    /// How literals may be sent.
    #[must_use]
    pub fn literals(&self) -> Literals {
        if self.0.contains("LITERAL+") {
            Literals::All
        } else if self.0.contains("LITERAL-") || self.0.contains("IMAP4REV2") {
            Literals::Small
        } else {
            Literals::Synchronizing
        }
    }

    /// Returns the size of the largest message that APPEND accepts, if announced (RFC 7889).
    #[must_use]
    pub fn append_limit(&self) -> Option<u64> {
        self.0.iter().find_map(|word| word.strip_prefix("APPENDLIMIT=")?.parse().ok())
    }

    /// Returns `true` if no capability is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words, sorted.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::{Capabilities, Capability, Literals};

    #[test]
    fn words_are_read_in_any_case_and_spacing() {
        let capabilities = Capabilities::parse("imap4rev1  Literal+ AUTH=Plain APPENDLIMIT=1000 ");

        assert_eq!(capabilities.literals(), Literals::All);
        assert!(capabilities.auth("PLAIN"));
        assert_eq!(capabilities.append_limit(), Some(1000));
    }

    #[test]
    fn qresync_brings_condstore() {
        assert!(Capabilities::parse("QRESYNC").has(Capability::Condstore));
    }
}
