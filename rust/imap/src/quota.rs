//! How much more mail the quota of a mailbox admits. RFC 9208, and RFC 2087 before it.

use crate::capability::Capability;
use crate::command::Command;
use crate::session::Session;
use crate::wire::token::{self, Token, Tokens};
use imapmig_core::failure::Failure;
use imapmig_core::ports::target::Room;

/// The room that all quota roots of INBOX leave together; a server that refuses the command reports none.
pub(crate) fn room(session: &mut Session) -> Result<Room, Failure> {
    if !session.has(Capability::Quota) {
        return Ok(Room::default());
    }
    let reply = session.run(&Command::new("GETQUOTAROOT").mailbox(b"INBOX", session.utf8))?;
    if !reply.status.is_ok() {
        return Ok(Room::default());
    }
    let rooms = reply.untagged.iter().filter_map(|line| parse(line));
    Ok(rooms.fold(Room::default(), |all, one| Room {
        bytes: smaller(all.bytes, one.bytes),
        messages: smaller(all.messages, one.messages),
    }))
}

fn smaller(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    [one, other].into_iter().flatten().min()
}

/// Reads what follows `* ` of a QUOTA answer; `None` if it is something else. STORAGE counts units of 1024 octets.
fn parse(line: &[u8]) -> Option<Room> {
    let (word, text) = line.split_at_checked(6)?;
    if !word.eq_ignore_ascii_case(b"QUOTA ") {
        return None;
    }
    let mut tokens = Tokens::new(text.trim_ascii());
    // The name of the quota root.
    if !matches!(tokens.next()?, Token::Text(_) | Token::Atom(_)) || !tokens.take_open() {
        return None;
    }
    let mut room = Room::default();
    while let Some(Token::Atom(resource)) = tokens.next() {
        let (Some(Token::Atom(used)), Some(Token::Atom(limit))) = (tokens.next(), tokens.next()) else {
            break;
        };
        let (Some(used), Some(limit)) = (token::number(&used), token::number(&limit)) else { continue };
        let left = limit.saturating_sub(used);
        match resource.to_ascii_uppercase().as_slice() {
            b"STORAGE" => room.bytes = smaller(room.bytes, Some(left.saturating_mul(1024))),
            b"MESSAGE" => room.messages = smaller(room.messages, Some(left)),
            _ => {}
        }
    }
    Some(room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn storage_and_messages_are_read_whatever_form_the_root_has() {
        let room = Room { bytes: Some(502 * 1024), messages: Some(90) };

        for root in ["\"\"", "\"User quota\"", "user.ann", "{4}\r\n(a b"] {
            let line = format!("quota {root} (STORAGE 10 512 MESSAGE 10 100 MAILBOX 1 5)\r\n");
            assert_eq!(parse(line.as_bytes()), Some(room), "{root}");
        }
    }

    #[test]
    fn a_quota_that_is_exceeded_leaves_no_room_and_one_without_limits_any() {
        assert_eq!(parse(b"QUOTA \"\" (STORAGE 600 512)").unwrap().bytes, Some(0));
        assert_eq!(parse(b"QUOTA \"\" ()"), Some(Room::default()));
        assert_eq!(parse(b"QUOTAROOT INBOX \"\""), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = parse(&[b"QUOTA ", &bytes[..]].concat());
        }

        #[test]
        fn what_a_server_writes_is_read(used in 0u64..1 << 40, limit in 0u64..1 << 40) {
            let line = format!("QUOTA \"a\" (STORAGE {used} {limit})");

            let expected = limit.saturating_sub(used) * 1024;
            prop_assert_eq!(parse(line.as_bytes()).unwrap().bytes, Some(expected));
        }
    }
}
