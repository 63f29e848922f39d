//! The reader against whole dialogues, odd spellings and arbitrary bytes.

use super::fetch::{self, Item, Section};
use super::reader::{Input, Reader, Response};
use imapmig_core::failure::{Conduct, Failure, FailureKind, Scope};
use imapmig_core::message::{Flags, ModSeq, Uid};
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use std::ops::ControlFlow;

/// Bytes that arrive in pieces, then the end.
struct Pieces<'a> {
    left: &'a [u8],
    most: usize,
}

impl Input for Pieces<'_> {
    fn fill(&mut self) -> Result<&[u8], Failure> {
        if self.left.is_empty() {
            return Err(Failure::new(Scope::User, FailureKind::Disconnected, Conduct::Closed));
        }
        Ok(&self.left[..self.left.len().min(self.most)])
    }

    fn consume(&mut self, count: usize) {
        self.left = &self.left[count..];
    }
}

/// What was read: answers, items and bodies, as text.
pub(super) fn read_all(bytes: &[u8], most: usize) -> (Vec<String>, Failure) {
    let mut input = Pieces { left: bytes, most };
    let mut reader = Reader::new();
    let mut told = Vec::new();
    let failure = loop {
        match read_one(&mut reader, &mut input, &mut told) {
            Ok(()) => {}
            Err(failure) => break failure,
        }
    };
    (told, failure)
}

fn read_one(reader: &mut Reader, input: &mut Pieces<'_>, told: &mut Vec<String>) -> Result<(), Failure> {
    let response = reader.next(input)?;
    told.push(format!("{response:?}"));
    if !matches!(response, Response::Fetch(_)) {
        return Ok(());
    }
    while let Some(item) = fetch::item(reader, input)? {
        told.push(format!("{item:?}"));
        if matches!(item, Item::Body { .. }) {
            let mut body = Vec::new();
            let _ = reader.body(input, &mut |chunk| {
                body.extend_from_slice(chunk);
                ControlFlow::Continue(())
            })?;
            told.push(body.escape_ascii().to_string());
        }
    }
    Ok(())
}

pub(super) fn items(text: &str) -> Vec<Item> {
    let mut input = Pieces { left: text.as_bytes(), most: 7 };
    let mut reader = Reader::new();
    assert!(matches!(reader.next(&mut input), Ok(Response::Fetch(_))), "{text}");
    let mut items = Vec::new();
    while let Some(item) = fetch::item(&mut reader, &mut input).unwrap() {
        items.push(item);
    }
    items
}

#[test]
fn items_come_in_any_order() {
    let items = items(
        "* 12 FETCH (MODSEQ (624140003) FLAGS (\\Seen $Forwarded \\Recent) RFC822.SIZE 44827 UID 4827 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")\r\n",
    );

    assert_eq!(items[0], Item::ModSeq(ModSeq(624_140_003)));
    assert_eq!(items[1], Item::Flags(Flags::from_wire(["\\Seen", "$Forwarded"])));
    assert_eq!(items[2], Item::Size(Some(44827)));
    assert_eq!(items[3], Item::Uid(Some(Uid(4827))));
    assert!(matches!(items[4], Item::InternalDate(Some(date)) if date.offset_minutes == -420));
}

#[test]
fn flags_are_read_without_parentheses_and_between_commas() {
    let cases: [(&str, &[&str]); 7] = [
        ("FLAGS (\\Seen $Forwarded a,b)", &["\\Seen", "$Forwarded", "a,b"]),
        ("FLAGS \\Seen", &["\\Seen"]),
        ("FLAGS \\Seen \\Flagged $Junk", &["\\Seen", "\\Flagged", "$Junk"]),
        ("FLAGS (\\Seen,\\Flagged,$Junk)", &["\\Seen", "\\Flagged", "$Junk"]),
        ("FLAGS (\\Seen, \\Flagged)", &["\\Seen", "\\Flagged"]),
        ("FLAGS NIL", &[]),
        ("FLAGS ()", &[]),
    ];
    for (text, flags) in cases {
        let items = items(&format!("* 1 FETCH ({text} UID 7)\r\n"));

        assert_eq!(items[0], Item::Flags(Flags::from_wire(flags.iter().copied())), "{text}");
        assert_eq!(items[1..], [Item::Uid(Some(Uid(7)))], "{text}");
    }
    for unreadable in ["Junk", "7", "\"\\\\Seen\""] {
        let items = items(&format!("* 1 FETCH (FLAGS {unreadable} UID 7)\r\n"));

        assert_eq!(items, [Item::Other, Item::Uid(Some(Uid(7)))], "{unreadable}");
    }
}

#[test]
fn a_body_is_a_literal_a_literal8_a_quoted_string_or_nil() {
    let cases = [
        ("BODY[] {5}\r\na\r\n)b", Some(5), "a\\r\\n)b"),
        ("BODY.PEEK[] {5+}\r\na\r\n)b", Some(5), "a\\r\\n)b"),
        ("BODY[] ~{5}\r\na\0b\r\n", Some(5), "a\\x00b\\r\\n"),
        ("BODY[] \"a\\\"b\\\\\"", Some(4), "a\\\"b\\\\"),
        ("BODY[] \"\"", Some(0), ""),
        ("BODY[] {0}\r\n", Some(0), ""),
        ("BODY[] NIL", None, ""),
    ];

    for (text, size, content) in cases {
        for most in [1, 3, 100] {
            let (told, _) =
                read_all(format!("* 1 FETCH (UID 7 {text} FLAGS ())\r\nA1 OK x\r\n").as_bytes(), most);

            let body = format!("{:?}", Item::Body { section: Section::Whole, size });
            assert_eq!(told[2], body, "{text}");
            assert_eq!(told[3], content, "{text}");
            assert!(told[4].starts_with("Flags"), "{text}");
            assert!(told[5].starts_with("Tagged"), "{text}");
        }
    }
}

#[test]
fn a_section_is_told_apart_from_another() {
    let cases = [
        ("BODY[HEADER]", Section::Header),
        ("BODY[HEADER.FIELDS (\"DATE\" FROM)]", Section::Header),
        ("body[header.fields ({4}\r\nDATE)]", Section::Header),
        ("BODY[]<0>", Section::Whole),
        ("BODY[]<7>", Section::Other),
        ("RFC822", Section::Whole),
        ("RFC822.HEADER", Section::Header),
        ("BODY[1.2.TEXT]", Section::Other),
        ("BINARY[]", Section::Other),
    ];

    for (text, section) in cases {
        let items = items(&format!("* 1 FETCH ({text} {{2}}\r\nab UID 3)\r\n"));

        assert_eq!(items, [Item::Body { section, size: Some(2) }, Item::Uid(Some(Uid(3)))], "{text}");
    }
}

#[test]
fn unknown_items_are_skipped_whatever_they_hold() {
    let items = items(
        "* 1 FETCH (X-GM-LABELS (\"\\\\Sent\" {3}\r\na)b NIL ()) ENVELOPE (NIL (({2}\r\n)) NIL))) X-NEW ~{1}\r\n( BODYSTRUCTURE ((\"a\" 1) \"b\") UID 9)\r\n",
    );

    assert_eq!(items.last(), Some(&Item::Uid(Some(Uid(9)))));
    assert_eq!(items.len(), 5);
}

#[test]
fn a_uid_of_zero_or_more_than_32_bits_is_none_and_loses_nothing_else() {
    for uid in ["0", "4294967296", "99999999999999999999999999", "-1", "x"] {
        let items = items(&format!("* 1 FETCH (UID {uid} RFC822.SIZE 3)\r\n"));

        assert_eq!(items, [Item::Uid(None), Item::Size(Some(3))], "{uid}");
    }
}

#[test]
fn what_is_not_read_of_an_answer_is_skipped() {
    let bytes = b"* 1 FETCH (UID 1 BODY[] {10}\r\nA1 OK no\r\n)\r\n* LIST () \"/\" {4}\r\na\"\r\n\r\n* 3 EXISTS\r\nA1 OK done\r\n";
    let mut input = Pieces { left: bytes, most: 5 };
    let mut reader = Reader::new();

    let mut told = Vec::new();
    while let Ok(response) = reader.next(&mut input) {
        told.push(response);
    }

    assert_eq!(told.len(), 4);
    assert_eq!(told[..3], [Response::Fetch(1), Response::Other, Response::Exists(3)]);
    assert!(matches!(&told[3], Response::Tagged { tag, status } if tag == "A1" && status.is_ok()));
}

#[test]
fn free_text_announces_no_literal() {
    let (told, _) = read_all(
        b"* OK [ALERT] read \"this {12}\r\n+ go {3}\r\n* BAD Invalid tag\r\nA1 NO no {5}\r\n* 1 RECENT\r\n",
        100,
    );

    assert_eq!(told.len(), 5);
    assert_eq!(told[1], "Continue");
    assert_eq!(told[4], "Other");
}

#[test]
fn the_end_inside_a_literal_is_a_lost_connection() {
    let (told, failure) = read_all(b"* 1 FETCH (UID 1 BODY[] {9}\r\nhalf", 100);

    assert_eq!(failure.kind, FailureKind::Disconnected);
    assert!(told.last().unwrap().starts_with("Body"));
}

#[test]
fn what_is_no_imap_is_refused_and_shown() {
    let endless = "x".repeat(super::reader::MAX_TEXT + 1);
    let texts = [
        "HTTP/1.1 400 Bad Request",
        "",
        "* ",
        "*",
        "A1",
        "A1 FINE",
        "* 1 FETCH 7",
        "* 4294967296 EXISTS",
        &endless,
    ];

    for text in texts {
        let (_, failure) = read_all(format!("{text}\r\n").repeat(3).as_bytes(), 4096);

        assert_eq!((failure.kind, failure.scope), (FailureKind::Protocol, Scope::User), "{text:.40}");
        assert!(failure.to_string().len() < 500);
    }
}

#[test]
fn a_literal_larger_than_any_mail_is_not_read() {
    let mut reader = Reader::new();
    let mut input = Pieces { left: b"* 1 FETCH (UID 1 BODY[] {4294967295}\r\nabc", most: 7 };
    assert_eq!(reader.next(&mut input).unwrap(), Response::Fetch(1));

    assert_eq!(fetch::item(&mut reader, &mut input).unwrap(), Some(Item::Uid(Some(Uid(1)))));
    assert_eq!(fetch::item(&mut reader, &mut input).unwrap_err().kind, FailureKind::Protocol);
}

#[test]
fn one_line_between_answers_that_nobody_understands_is_skipped() {
    let (told, _) = read_all(b"* 3 EXISTS\r\n\r\nDEBUG: hello\r\n* 4 EXISTS\r\nwhat?\r\nA1 OK done\r\n", 7);

    assert_eq!(told.len(), 3, "{told:?}");
}

#[test]
fn what_stands_behind_a_body_that_was_longer_than_announced_is_not_skipped() {
    let body = b"* 1 FETCH (UID 1 BODY[] {4}\r\nabcd)\r\nthe rest of the body\r\n)\r\nA1 OK done\r\n";

    let (_, failure) = read_all(body, 100);

    assert_eq!(failure.kind, FailureKind::Protocol);
}

#[test]
fn a_literal_beyond_32_bits_is_refused() {
    let (_, failure) = read_all(b"* 1 FETCH (BODY[] {4294967296}\r\nx", 100);

    assert_eq!(failure.kind, FailureKind::Protocol);
}

fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop_oneof![
        prop::sample::select(vec![
            "* 1 FETCH (",
            "UID 5 ",
            "BODY[] ",
            "{3}\r\n",
            "~{1}\r\n",
            "abc",
            ")",
            "(",
            "\r\n",
            "\"",
            "\\",
            "FLAGS (",
            "* ",
            "A1 OK ",
            "+ ",
            "NIL",
            "INTERNALDATE \"",
            "[",
            "]",
            "BODY[HEADER.FIELDS (",
            "MODSEQ (",
            "<0>",
            "{99999999999}\r\n",
            "* BYE ",
            "[APPENDUID 1 1:9]",
            "* VANISHED ",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(fragment, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn whatever_comes_the_reader_ends_without_a_panic(bytes in fragments(), most in 1_usize..50) {
        let (_, failure) = read_all(&bytes, most);

        prop_assert!(matches!(failure.kind, FailureKind::Disconnected | FailureKind::Protocol));
    }

    #[test]
    fn how_the_bytes_are_cut_makes_no_difference(bytes in fragments(), most in 1_usize..50) {
        prop_assert_eq!(read_all(&bytes, most), read_all(&bytes, usize::MAX));
    }

    #[test]
    fn a_body_arrives_as_it_was_sent(body: Vec<u8>, uid in 1_u32.., most in 1_usize..50) {
        let mut bytes = format!("* 3 FETCH (UID {uid} BODY[] {{{}}}\r\n", body.len()).into_bytes();
        bytes.extend_from_slice(&body);
        bytes.extend_from_slice(b")\r\nA7 OK done\r\n");

        let (told, _) = read_all(&bytes, most);

        prop_assert_eq!(&told[1], &format!("Uid(Some(Uid({uid})))"));
        prop_assert_eq!(&told[3], &body.escape_ascii().to_string());
        prop_assert!(told[4].starts_with("Tagged"));
    }
}
