//! The `imap-codec` crate as an oracle: what it prints is read here with the same meaning, and what is printed here it parses.

use super::fetch::{Item, Section};
use super::sets;
use super::tests::{items, read_all};
use crate::append::message_head;
use crate::command::{Command as Ours, Piece};
use crate::listing::Listed;
use crate::statuses::StatusAnswer;
use imap_codec::decode::Decoder;
use imap_codec::encode::Encoder;
use imap_codec::imap_types::command::{Command, CommandBody};
use imap_codec::imap_types::core::{Atom, IString, NString, QuotedChar};
use imap_codec::imap_types::extensions::binary::LiteralOrLiteral8;
use imap_codec::imap_types::fetch::MessageDataItem;
use imap_codec::imap_types::flag::{Flag, FlagFetch, FlagNameAttribute};
use imap_codec::imap_types::mailbox::Mailbox;
use imap_codec::imap_types::response::{Data, Response};
use imap_codec::imap_types::sequence::{SeqOrUid, Sequence, SequenceSet};
use imap_codec::imap_types::status::StatusDataItem;
use imap_codec::{CommandCodec, ResponseCodec};
use imapmig_core::message::{Flags, InternalDate, ModSeq, Uid};
use imapmig_core::ports::target::{AppendHead, AppendKey};
use proptest::prelude::*;
use std::num::{NonZeroU32, NonZeroU64};

/// An untagged answer as the oracle prints it, without `* `.
fn answer(data: Data<'_>) -> Vec<u8> {
    let printed = ResponseCodec::default().encode(&Response::Data(data)).dump();
    printed[2..].to_vec()
}

/// A command as it goes over the wire once the server has asked for each literal.
fn printed(command: &Ours) -> Vec<u8> {
    let mut bytes = b"A1 ".to_vec();
    for piece in &command.0 {
        match piece {
            Piece::Text(text) => bytes.extend_from_slice(text),
            Piece::Literal(literal) => {
                bytes.extend_from_slice(format!("{{{}}}\r\n", literal.len()).as_bytes());
                bytes.extend_from_slice(literal);
            }
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

fn parsed(bytes: &[u8]) -> Command<'static> {
    let (rest, command) = CommandCodec::default()
        .decode_static(bytes)
        .unwrap_or_else(|error| panic!("{error:?}: {}", bytes.escape_ascii()));
    assert!(rest.is_empty(), "{}", rest.escape_ascii());
    command
}

fn name_of(mailbox: &Mailbox<'_>) -> Vec<u8> {
    match mailbox {
        Mailbox::Inbox => b"INBOX".to_vec(),
        Mailbox::Other(other) => other.as_ref().to_vec(),
    }
}

/// What a mailbox name may be made of: anything but NUL.
fn names() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        3 => prop::sample::select(b"abIN \"\\()[]{}%*&/.\r\n~".to_vec()),
        1 => 1_u8..,
    ];
    prop::collection::vec(part, 1..20)
}

fn flags() -> impl Strategy<Value = Vec<String>> {
    let keyword = prop::sample::select(vec!["\\Seen", "\\Flagged", "\\Deleted", "$Forwarded", "Junk", "x-1"]);
    prop::collection::vec(keyword.prop_map(str::to_owned), 0..5)
}

fn flag(word: &str) -> Flag<'static> {
    let atom = |word: &str| Atom::try_from(word.to_owned()).unwrap();
    match word.strip_prefix('\\') {
        Some(system) => Flag::system(atom(system)),
        None => Flag::keyword(atom(word)),
    }
}

fn id(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number.max(1)).unwrap()
}

proptest! {
    #[test]
    fn folders_are_listed_under_the_names_that_the_oracle_printed(
        name in names(),
        delimiter in prop::option::of(prop::sample::select(vec!['/', '.', '\\', '"', '|'])),
        noselect: bool,
    ) {
        let attribute = FlagNameAttribute::Noselect;
        let line = answer(Data::List {
            items: if noselect { vec![attribute] } else { Vec::new() },
            delimiter: delimiter.map(|c| QuotedChar::try_from(c).unwrap()),
            mailbox: Mailbox::try_from(name.clone()).unwrap(),
        });

        let listed = Listed::parse(&line).unwrap();

        prop_assert_eq!(&listed.name.escape_ascii().to_string(), &name_of(&Mailbox::try_from(name).unwrap()).escape_ascii().to_string());
        prop_assert_eq!(listed.delimiter, delimiter);
        prop_assert_eq!(listed.has("\\Noselect"), noselect);
    }

    #[test]
    fn a_status_has_the_numbers_that_the_oracle_printed(
        name in names(), messages: u32, uid_next: u32, validity: u32, modseq: u64, size: u64,
    ) {
        let (modseq, size) = (modseq >> 1, size >> 1);
        let line = answer(Data::Status {
            mailbox: Mailbox::try_from(name.clone()).unwrap(),
            items: vec![
                StatusDataItem::Messages(messages),
                StatusDataItem::UidNext(id(uid_next)),
                StatusDataItem::HighestModSeq(modseq),
                StatusDataItem::UidValidity(id(validity)),
                StatusDataItem::Size(size),
            ].into(),
        });

        let status = StatusAnswer::parse(&line).unwrap();

        prop_assert_eq!(status.name.to_ascii_lowercase(), name.to_ascii_lowercase());
        prop_assert_eq!(status.number("MESSAGES"), Some(u64::from(messages)));
        prop_assert_eq!(status.number("UIDNEXT"), Some(u64::from(id(uid_next).get())));
        prop_assert_eq!(status.number("UIDVALIDITY"), Some(u64::from(id(validity).get())));
        prop_assert_eq!(status.number("HIGHESTMODSEQ"), Some(modseq));
        prop_assert_eq!(status.number("SIZE"), Some(size));
    }

    #[test]
    fn a_message_has_the_items_that_the_oracle_printed(uid: u32, size: u32, modseq: u64, words in flags()) {
        let modseq = NonZeroU64::new((modseq >> 1).max(1)).unwrap();
        let line = answer(Data::Fetch {
            seq: id(7),
            items: vec![
                MessageDataItem::Flags(words.iter().map(|word| FlagFetch::Flag(flag(word))).collect()),
                MessageDataItem::Rfc822Size(size),
                MessageDataItem::ModSeq(modseq),
                MessageDataItem::Uid(id(uid)),
            ].try_into().unwrap(),
        });

        let read = items(&format!("* {}", String::from_utf8(line).unwrap()));

        prop_assert_eq!(read, [
            Item::Flags(Flags::from_wire(words.iter().map(String::as_str))),
            Item::Size(Some(u64::from(size))),
            Item::ModSeq(ModSeq(modseq.get())),
            Item::Uid(Some(Uid(id(uid).get()))),
        ]);
    }

    #[test]
    fn a_body_has_the_bytes_that_the_oracle_printed(body in prop::collection::vec(1_u8.., 0..60), most in 1_usize..40) {
        let line = answer(Data::Fetch {
            seq: id(1),
            items: vec![
                MessageDataItem::BodyExt {
                    section: None,
                    origin: None,
                    data: NString(Some(IString::try_from(body.clone()).unwrap())),
                },
                MessageDataItem::Uid(id(3)),
            ].try_into().unwrap(),
        });

        let (read, _) = read_all(&[b"* ", &line[..]].concat(), most);

        let head = Item::Body { section: Section::Whole, size: Some(body.len() as u64) };
        prop_assert_eq!(&read[1..], [format!("{head:?}"), body.escape_ascii().to_string(), "Uid(Some(Uid(3)))".to_owned()]);
    }

    #[test]
    fn the_oracle_reads_the_names_that_are_sent(name in names(), utf8: bool) {
        // With UTF8=ACCEPT a name goes in quotes with 8-bit characters, which the oracle does not read.
        let utf8 = utf8 && name.is_ascii();
        let examine = printed(&Ours::new("EXAMINE").mailbox(&name, utf8).text(" (CONDSTORE)"));
        let status = printed(&Ours::new("STATUS").mailbox(&name, utf8).text(" (UIDNEXT HIGHESTMODSEQ)"));

        let CommandBody::Examine { mailbox, parameters } = parsed(&examine).body else { panic!() };
        prop_assert_eq!(name_of(&mailbox).to_ascii_lowercase(), name.to_ascii_lowercase());
        prop_assert_eq!(parameters.len(), 1);
        let CommandBody::Status { mailbox, item_names } = parsed(&status).body else { panic!() };
        prop_assert_eq!(name_of(&mailbox).to_ascii_lowercase(), name.to_ascii_lowercase());
        prop_assert_eq!(item_names.len(), 2);
    }

    #[test]
    fn the_oracle_reads_the_sets_that_are_sent(uids in prop::collection::vec(1_u32..300, 1..60)) {
        let wanted: Vec<Uid> = uids.iter().copied().map(Uid).collect();
        let mut fetched = Vec::new();
        for (set, _) in sets::commands(&wanted, 40) {
            let command = parsed(format!("A1 UID FETCH {set} (UID FLAGS) (CHANGEDSINCE 5)\r\n").as_bytes());
            let CommandBody::Fetch { sequence_set: SequenceSet(parts), uid: true, .. } = command.body else { panic!() };
            for part in parts.as_ref() {
                let (first, last) = match part {
                    Sequence::Single(SeqOrUid::Value(uid)) => (uid.get(), uid.get()),
                    Sequence::Range(SeqOrUid::Value(first), SeqOrUid::Value(last)) => (first.get(), last.get()),
                    other => panic!("{other:?}"),
                };
                fetched.extend(first..=last);
            }
        }

        let sorted = |mut uids: Vec<u32>| { uids.sort_unstable(); uids.dedup(); uids };
        prop_assert_eq!(sorted(fetched), sorted(uids));
    }

    #[test]
    fn the_oracle_reads_the_appends_that_are_sent(
        name in names(), body in prop::collection::vec(1_u8.., 0..60), words in flags(), seconds in 0_i64..4_000_000_000, minutes in -700_i32..700,
    ) {
        let date = InternalDate { unix_seconds: seconds, offset_minutes: minutes as _ };
        let head = AppendHead {
            key: AppendKey(1),
            size: body.len() as u64,
            flags: Flags::from_wire(words.iter().map(String::as_str)),
            internal_date: date,
            literal8: false,
            origin: String::new(),
        };
        let mut bytes = printed(&Ours::new("APPEND").mailbox(&name, false));
        bytes.truncate(bytes.len() - 2);
        bytes.extend_from_slice(message_head(&head, date, false, false).as_bytes());
        bytes.extend_from_slice(&body);
        bytes.extend_from_slice(b"\r\n");

        let CommandBody::Append { mailbox, flags, date, message } = parsed(&bytes).body else { panic!() };

        prop_assert_eq!(name_of(&mailbox).to_ascii_lowercase(), name.to_ascii_lowercase());
        let read: Vec<String> = flags.iter().map(ToString::to_string).collect();
        prop_assert_eq!(Flags::from_wire(read.iter().map(String::as_str)), head.flags);
        prop_assert_eq!(date.unwrap().as_ref().timestamp(), seconds);
        let LiteralOrLiteral8::Literal(literal) = message else { panic!() };
        prop_assert_eq!(literal.data(), &body[..]);
    }
}
