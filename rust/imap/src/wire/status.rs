//! The response codes of status answers about mailboxes and appends. RFC 3501 section 7.1, RFC 4315, RFC 7162.

use crate::answers::Status;
use crate::wire::sets;
use imapmig_core::message::{Keywords, ModSeq, Uid, UidValidity};

/// A number of a response code that must fit 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// It does.
    Fits(u32),
    /// It is larger, or not a number.
    Wrong,
}

impl Number {
    pub(crate) fn of(number: u64) -> Self {
        u32::try_from(number).map_or(Self::Wrong, Self::Fits)
    }
}

/// What a status reports about the mailbox being opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// UIDVALIDITY
    Validity(UidValidity),
    /// UIDNEXT
    UidNext(Number),
    /// HIGHESTMODSEQ
    HighestModSeq(ModSeq),
    /// PERMANENTFLAGS
    Keywords(Keywords),
    /// MAILBOXID (RFC 8474)
    MailboxId(String),
}

/// Reads the code of a status answer to SELECT or EXAMINE.
pub(crate) fn told(status: &Status) -> Option<Told> {
    let arguments = |word| status.code_arguments(word);
    match status.code_word().as_str() {
        "UIDVALIDITY" => arguments("UIDVALIDITY").map(|n| Told::Validity(validity(n))),
        "UIDNEXT" => arguments("UIDNEXT").map(|n| Told::UidNext(number(n))),
        "HIGHESTMODSEQ" => {
            let value = arguments("HIGHESTMODSEQ")?.trim().parse().ok()?;
            (value > 0).then_some(Told::HighestModSeq(ModSeq(value)))
        }
        "PERMANENTFLAGS" => arguments("PERMANENTFLAGS").map(|list| Told::Keywords(keywords(list))),
        "MAILBOXID" => {
            let id = arguments("MAILBOXID")?.trim().trim_start_matches('(').trim_end_matches(')');
            (!id.is_empty()).then(|| Told::MailboxId(id.to_owned()))
        }
        _ => None,
    }
}

/// Returns the UIDVALIDITY and the UIDs of an APPENDUID, if it names exactly `count` messages.
pub(crate) fn append_uids(status: &Status, count: usize) -> Option<(UidValidity, Vec<Uid>)> {
    let (validity, set) = status.code_arguments("APPENDUID")?.trim().split_once(' ')?;
    let uids = sets::parse_exactly(set.trim(), count)?;
    Some((self::validity(validity), uids))
}

/// A UIDVALIDITY, whatever the server calls it: it is only compared. Numbers of more than 32 bits (dynadot sends 41) and what is no
/// number are folded; none is 0, which means that there are no UIDs.
pub(crate) fn validity(text: &str) -> UidValidity {
    let text = text.trim();
    let number = match number(text) {
        Number::Fits(number) => number,
        // FNV-1a: the same in every version of this program, because it is kept.
        Number::Wrong => text
            .bytes()
            .fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)),
    };
    UidValidity(number.max(1))
}

/// Returns `true` if the server sent only a part and expects another request (RFC 9738).
pub(crate) fn is_partial(status: &Status) -> bool {
    status.code_word() == "MESSAGELIMIT"
}

/// The keywords of a flag list; `\*` means any.
pub(crate) fn keywords(list: &str) -> Keywords {
    let words = || list.split([' ', '(', ')']).filter(|word| !word.is_empty());
    if words().any(|word| word == "\\*") {
        return Keywords::Any;
    }
    Keywords::Only(words().filter(|word| !word.starts_with('\\')).map(str::to_owned).collect())
}

/// Digits that fit 32 bits.
pub(crate) fn number(text: &str) -> Number {
    let text = text.trim();
    let only_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    only_digits.then(|| text.parse().ok()).flatten().map_or(Number::Wrong, Number::Fits)
}

#[cfg(test)]
mod tests {
    use super::{Number, Told, append_uids, told};
    use crate::answers::Status;
    use imapmig_core::message::{Keywords, ModSeq, Uid, UidValidity};

    fn status(line: &str) -> Status {
        Status::parse(line.as_bytes()).unwrap()
    }

    #[test]
    fn select_codes_are_read() {
        let cases = [
            ("OK [UIDVALIDITY 3857529045] UIDs valid", Told::Validity(UidValidity(3_857_529_045))),
            ("OK [UIDVALIDITY 0] UIDs valid", Told::Validity(UidValidity(1))),
            ("OK [UIDNEXT 4392] Predicted next UID", Told::UidNext(Number::Fits(4392))),
            ("ok [highestmodseq 715194045007] x", Told::HighestModSeq(ModSeq(715_194_045_007))),
            ("OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited", Told::Keywords(Keywords::Any)),
            (
                "OK [PERMANENTFLAGS (\\Deleted NonJunk)] Limited",
                Told::Keywords(Keywords::Only(vec!["NonJunk".to_owned()])),
            ),
        ];

        for (line, expected) in cases {
            assert_eq!(told(&status(line)), Some(expected), "{line}");
        }
        assert_eq!(told(&status("OK [NOMODSEQ] none here")), None);
    }

    #[test]
    fn a_uidvalidity_of_any_form_is_told_apart_from_others() {
        let of = |text: &str| match told(&status(&format!("OK [UIDVALIDITY {text}] x"))) {
            Some(Told::Validity(validity)) => validity,
            other => panic!("{other:?}"),
        };

        assert_eq!(of("1455718301477"), of("1455718301477"));
        assert_ne!(of("1455718301477"), of("1455718301478"));
        assert_ne!(of("abc"), of("abd"));
        let appended = append_uids(&status("OK [APPENDUID 1455718301477 3955] done"), 1);
        assert_eq!(appended, Some((of("1455718301477"), vec![Uid(3955)])));
    }

    #[test]
    fn appenduid_tells_one_or_many() {
        let one = append_uids(&status("OK [APPENDUID 38505 3955] APPEND completed"), 1);
        let many = append_uids(&status("OK [APPENDUID 38505 9:10,12] done"), 3);

        assert_eq!(one, Some((UidValidity(38505), vec![Uid(3955)])));
        assert_eq!(many, Some((UidValidity(38505), vec![Uid(9), Uid(10), Uid(12)])));
    }

    #[test]
    fn appenduid_of_another_count_is_as_good_as_none() {
        assert_eq!(append_uids(&status("OK [APPENDUID 38505 1:4294967295] x"), 2), None);
        assert_eq!(append_uids(&status("OK [APPENDUID 38505] x"), 1), None);
    }
}
