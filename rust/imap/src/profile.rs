//! What a target server can hold, judged from its capabilities. RFC 3501 section 5.1, RFC 7889.
//!
//! Pure. Servers announce few of their limits, so those recognised by their own capabilities have theirs listed here. The
//! limits are hints that save round trips; those of other servers are learnt from their refusals.

use crate::capability::{Capabilities, Capability};
use imapmig_core::message::InternalDate;
use imapmig_core::ports::target::TargetProfile;

/// The servers whose limits are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Exchange,
    Cyrus,
    Courier,
    Dovecot,
    Other,
}

impl Kind {
    /// Judges by words that only this server announces.
    pub(crate) fn of(capabilities: &Capabilities) -> Self {
        let has = |wanted: &str| capabilities.words().any(|word| word == wanted);
        if has("CLIENTACCESSRULES") || has("BACKENDAUTHENTICATE") || has("CLIENTNETWORKPRESENCELOCATION") {
            Self::Exchange
        } else if has("ANNOTATE-EXPERIMENT-1")
            || has("X-CREATEDMODSEQ")
            || has("LIST-MYRIGHTS") && has("MAILBOX-REFERRALS")
        {
            Self::Cyrus
        } else if has("ACL2=UNION") || has("XMAGICTRASH") || has("XCOURIEROUTBOX=INBOX.OUTBOX") {
            Self::Courier
        } else if has("SNIPPET=FUZZY") || has("PREVIEW=FUZZY") || has("THREAD=REFS") && has("CONTEXT=SEARCH")
        {
            Self::Dovecot
        } else {
            Self::Other
        }
    }

    /// Earliest internal date that is stored. Courier refuses earlier ones, Cyrus does not understand them, and both replace the
    /// first second of 1970 by the time of arrival.
    pub(crate) fn earliest_date(self) -> Option<InternalDate> {
        matches!(self, Self::Courier | Self::Cyrus).then_some(InternalDate::utc(1))
    }
}

/// The profile of a server.
pub(crate) fn profile(capabilities: &Capabilities, delimiter: Option<char>) -> TargetProfile {
    let kind = Kind::of(capabilities);
    TargetProfile {
        delimiter,
        case_insensitive: kind == Kind::Exchange,
        reserved: if kind == Kind::Exchange { vec!["Files".to_owned()] } else { Vec::new() },
        forbidden: forbidden(kind, delimiter),
        max_name_bytes: match kind {
            // The whole name, or each level, is a directory: at most 255 bytes on usual file systems.
            Kind::Courier | Kind::Dovecot | Kind::Other => 250,
            Kind::Exchange => 1000,
            Kind::Cyrus => 400,
        },
        max_depth: match kind {
            Kind::Exchange => 300,
            Kind::Courier | Kind::Cyrus | Kind::Dovecot | Kind::Other => 50,
        },
        append_limit: capabilities.append_limit(),
        // Courier refuses them, or takes them in UTF-8 and then ends the connection of every client that lists in modified UTF-7.
        wide_characters: kind != Kind::Courier,
        trims_blanks: kind == Kind::Exchange,
        literal8: capabilities.has(Capability::Binary),
        parallel: true,
    }
}

fn forbidden(kind: Kind, delimiter: Option<char>) -> Vec<char> {
    let mut forbidden: Vec<char> = match kind {
        // `%` and `*` cannot be listed by name anywhere; Cyrus alone refuses the first and takes the second.
        Kind::Cyrus => vec!['^', '%', '"', '\\'],
        Kind::Courier => vec!['/'],
        Kind::Exchange => vec!['\\'],
        Kind::Dovecot | Kind::Other => Vec::new(),
    };
    if kind == Kind::Dovecot && delimiter == Some('.') {
        // Dovecot's Maildir++ keeps names as directories.
        forbidden.push('/');
    }
    forbidden
}

#[cfg(test)]
mod tests {
    use super::{Kind, profile};
    use crate::capability::Capabilities;

    const EXCHANGE: &str = "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CLIENTACCESSRULES CLIENTNETWORKPRESENCELOCATION BACKENDAUTHENTICATE CHILDREN IDLE NAMESPACE LITERAL+";
    const COURIER: &str = "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE ACL ACL2=UNION STARTTLS ENABLE UTF8=ACCEPT";
    const CYRUS: &str = "IMAP4rev1 LITERAL+ ID ENABLE ACL ANNOTATE-EXPERIMENT-1 BINARY CATENATE CHILDREN MAILBOX-REFERRALS MULTIAPPEND APPENDLIMIT=1000";
    const DOVECOT: &str =
        "IMAP4rev1 SASL-IR LITERAL+ THREAD=REFS CONTEXT=SEARCH SNIPPET=FUZZY PREVIEW=FUZZY SPECIAL-USE";

    #[test]
    fn servers_are_known_by_their_capabilities() {
        let cases = [
            (EXCHANGE, Kind::Exchange),
            (COURIER, Kind::Courier),
            (CYRUS, Kind::Cyrus),
            (DOVECOT, Kind::Dovecot),
            ("IMAP4rev1 UIDPLUS", Kind::Other),
        ];

        for (words, kind) in cases {
            assert_eq!(Kind::of(&Capabilities::parse(words)), kind);
        }
    }

    #[test]
    fn exchange_tells_names_apart_by_more_than_case_and_keeps_files_for_itself() {
        let profile = profile(&Capabilities::parse(EXCHANGE), Some('/'));

        assert!(profile.case_insensitive && profile.trims_blanks);
        assert_eq!(profile.reserved, ["Files"]);
        assert_eq!(profile.max_depth, 300);
    }

    #[test]
    fn cyrus_refuses_some_characters_and_tells_its_limit() {
        let profile = profile(&Capabilities::parse(CYRUS), Some('/'));

        assert!(['^', '%', '"', '\\'].iter().all(|c| profile.forbidden.contains(c)));
        assert_eq!(profile.append_limit, Some(1000));
    }
}
