//! The status of many folders without opening them, requested in one batch. RFC 3501 section 6.3.10, RFC 7162, RFC 8438.

use crate::capability::Capability;
use crate::command::Command;
use crate::folders::canonical;
use crate::pipeline;
use crate::session::{Reply, Session};
use crate::wire::token::{self, Token, Tokens};
use imapmig_core::failure::Failure;
use imapmig_core::folder::{FolderStatus, WireName};
use imapmig_core::message::{ModSeq, Uid, UidValidity};

/// How many folders are requested before the first answer is read.
const AT_ONCE: usize = 1000;

/// Returns the statuses of these folders in order, with their sizes if wanted; `None` where the server reports nothing usable.
pub(crate) fn statuses(
    session: &mut Session,
    names: &[&WireName],
    with_sizes: bool,
) -> Result<Vec<Option<FolderStatus>>, Failure> {
    let modseq = if session.has(Capability::Condstore) { " HIGHESTMODSEQ" } else { "" };
    let size = if with_sizes && session.has(Capability::StatusSize) { " SIZE" } else { "" };
    let items = format!(" (UIDVALIDITY UIDNEXT MESSAGES{modseq}{size})");
    let command = |name: &WireName| Command::new("STATUS").mailbox(&name.0, session.utf8).text(&items);
    // A folder whose name needs a literal is examined later, when it is opened.
    let (places, commands): (Vec<usize>, Vec<Command>) = names
        .iter()
        .map(|name| command(name))
        .enumerate()
        .filter(|(_, command)| command.plain().is_some())
        .unzip();
    let mut statuses = vec![None; names.len()];
    for (places, commands) in places.chunks(AT_ONCE).zip(commands.chunks(AT_ONCE)) {
        let replies = match pipeline::run_all(session, commands)? {
            Some(replies) => replies,
            None => commands.iter().map(|c| session.run(c)).collect::<Result<_, _>>()?,
        };
        for (at, reply) in places.iter().zip(replies) {
            statuses[*at] = read(names[*at], &reply);
        }
    }
    Ok(statuses)
}

/// Reads the one STATUS answer of a reply, if it is about this folder.
fn read(name: &WireName, reply: &Reply) -> Option<FolderStatus> {
    let mut answers = reply.untagged.iter().filter_map(|line| StatusAnswer::parse(line));
    let (answer, None, true) = (answers.next()?, answers.next(), reply.status.is_ok()) else { return None };
    answer.is_about(&name.0).then(|| answer.folder_status()).flatten()
}

/// One STATUS answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatusAnswer {
    pub(crate) name: Vec<u8>,
    items: Vec<(Vec<u8>, u64)>,
}

impl StatusAnswer {
    /// Reads what follows `* `; `None` if it is something else. A name without quotes goes on to the list of items, blanks and all.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let (word, text) = line.split_at_checked(7)?;
        if !word.eq_ignore_ascii_case(b"STATUS ") {
            return None;
        }
        let text = text.trim_ascii();
        let mut tokens = Tokens::new(text);
        let name = match tokens.next()? {
            Token::Text(name) => name,
            Token::Atom(_) => {
                let open = text.iter().rposition(|b| *b == b'(')?;
                tokens = Tokens::new(&text[open..]);
                text[..open].trim_ascii_end().to_vec()
            }
            Token::Open | Token::Close => return None,
        };
        tokens.take_open().then_some(())?;
        let mut items = Vec::new();
        while let Some(Token::Atom(item)) = tokens.next() {
            let Some(Token::Atom(value)) = tokens.next() else { return None };
            items.extend(token::number(&value).map(|value| (item.to_ascii_uppercase(), value)));
        }
        Some(Self { name, items })
    }

    /// Returns the value of an item.
    pub(crate) fn number(&self, item: &str) -> Option<u64> {
        self.items.iter().find(|(name, _)| name == item.as_bytes()).map(|(_, value)| *value)
    }

    fn is_about(&self, name: &[u8]) -> bool {
        canonical(self.name.clone()) == canonical(name.to_vec())
    }

    /// Returns the folder's numbers, if those that identify its messages can be used.
    fn folder_status(&self) -> Option<FolderStatus> {
        let small = |item: &str| self.number(item).and_then(|n| u32::try_from(n).ok());
        Some(FolderStatus {
            validity: UidValidity(small("UIDVALIDITY").filter(|n| *n > 0)?),
            uid_next: Uid(small("UIDNEXT").filter(|n| *n > 0)?),
            messages: small("MESSAGES")?,
            highest_modseq: self.number("HIGHESTMODSEQ").filter(|n| *n > 0).map(ModSeq),
            bytes: self.number("SIZE"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::Status;
    use proptest::prelude::*;

    fn reply(lines: &[&[u8]], status: &str) -> Reply {
        let status = Status::parse(status.as_bytes()).unwrap();
        Reply { untagged: lines.iter().map(|line| line.to_vec()).collect(), status }
    }

    fn name(name: &str) -> WireName {
        WireName(name.as_bytes().to_vec())
    }

    #[test]
    fn a_status_is_read_whatever_form_the_name_has() {
        let expected = FolderStatus {
            validity: UidValidity(7),
            uid_next: Uid(30),
            messages: 12,
            highest_modseq: Some(ModSeq(99)),
            bytes: Some(5_000_000_000),
        };
        let items = "(MESSAGES 12 UIDNEXT 30 UIDVALIDITY 7 HIGHESTMODSEQ 99 SIZE 5000000000)\r\n";

        for (sent, wanted) in [
            ("STATUS a ", "a"),
            ("status \"a (b\\\"c\" ", "a (b\"c"),
            ("STATUS {3}\r\na(b ", "a(b"),
            ("STATUS inbox ", "INBOX"),
        ] {
            let line = format!("{sent}{items}");
            assert_eq!(read(&name(wanted), &reply(&[line.as_bytes()], "OK done")), Some(expected), "{sent}");
        }
    }

    #[test]
    fn what_is_said_about_another_folder_or_twice_or_refused_is_not_taken() {
        let line: &[u8] = b"STATUS b (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 3)\r\n";

        assert_eq!(read(&name("a"), &reply(&[line], "OK done")), None);
        assert_eq!(read(&name("b"), &reply(&[line, line], "OK done")), None);
        assert_eq!(read(&name("b"), &reply(&[line], "NO no")), None);
        assert!(read(&name("b"), &reply(&[line], "OK done")).is_some());
    }

    #[test]
    fn numbers_that_are_missing_or_zero_or_too_large_are_no_status() {
        for items in [
            "(MESSAGES 1 UIDNEXT 2)",
            "(MESSAGES 1 UIDNEXT 0 UIDVALIDITY 3)",
            "(MESSAGES 99999999999 UIDNEXT 2 UIDVALIDITY 3)",
        ] {
            let line = format!("STATUS b {items}\r\n");
            assert_eq!(read(&name("b"), &reply(&[line.as_bytes()], "OK done")), None, "{items}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let line = [b"STATUS ", &bytes[..]].concat();

            let _ = read(&name("b"), &reply(&[&line], "OK done"));
        }
    }
}
