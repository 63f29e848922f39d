//! Listing: what is described, and what is asked for again when a server described only a part.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod bulk_support;

use bulk_support::{Bodies, Step, filled, inbox, message, opened, scanned, scripted_source, source, uids};
use imapmig_core::failure::{FailureKind, Scope};
use imapmig_core::message::{DateOrigin, InternalDate, ModSeq, Uid};
use imapmig_core::ports::source::Scan;
use imapmig_testkit::Personality;
use std::ops::ControlFlow;

#[test]
fn a_scan_tells_what_the_server_knows() {
    let server = filled(Personality::generic(), 5, 1000);
    let mut source = source(server.port());

    let open = source.open(&inbox()).unwrap();
    let metas = scanned(&mut *source, Scan::All);

    assert_eq!((open.exists, open.uid_next), (5, Some(Uid(6))));
    assert!(open.highest_modseq.is_some());
    let there = server.messages("terry.adams", "INBOX");
    for (meta, kept) in metas.iter().zip(&there) {
        assert_eq!(meta.uid, Uid(kept.uid));
        assert_eq!(meta.size, kept.raw.len() as u64);
        assert_eq!(meta.internal_date, InternalDate::utc(kept.internal_date));
        assert_eq!(meta.modseq, Some(ModSeq(kept.modseq)));
        let flags: Vec<String> = meta.flags.wire().map(str::to_owned).collect();
        assert_eq!(flags, kept.flags.iter().chain(&kept.keywords).cloned().collect::<Vec<_>>());
    }
    assert_eq!(metas.len(), 5);
}

#[test]
fn the_ends_of_a_mailbox_are_told_alone() {
    let server = filled(Personality::generic(), 9, 500);
    let mut source = opened(&server);
    let mut told = Vec::new();

    source.ends(2, &mut |meta| told.push(meta.uid)).unwrap();

    assert_eq!(told, uids([1, 2, 8, 9]));
}

#[test]
fn an_empty_mailbox_asks_nothing() {
    let server = filled(Personality::generic(), 0, 0);
    let mut source = opened(&server);

    assert!(scanned(&mut *source, Scan::All).is_empty());
    source.ends(5, &mut |meta| panic!("{meta:?}")).unwrap();
    source.fetch(&[], &mut Bodies::default()).unwrap();

    assert_eq!(server.count("FETCH") + server.count("UID FETCH"), 0);
}

#[test]
fn with_condstore_only_what_changed_is_told() {
    let server = filled(Personality::generic(), 20, 500);
    let mut source = source(server.port());
    let before = source.open(&inbox()).unwrap().highest_modseq.unwrap();
    server.set_flags("terry.adams", "INBOX", 7, &["\\Answered"]);
    server.deliver("terry.adams", "INBOX", message(20, 500));

    source.open(&inbox()).unwrap();
    let changed = scanned(&mut *source, Scan::ChangedSince(before));

    assert_eq!(changed.iter().map(|m| m.uid.0).collect::<Vec<_>>(), [7, 21]);
}

#[test]
fn quirk_courier_select_without_uidnext() {
    let server = filled(Personality::courier_like(), 3, 500);
    let mut source = source(server.port());

    let open = source.open(&inbox()).unwrap();

    assert_eq!((open.uid_next, open.highest_modseq), (Some(Uid(4)), None));
}

#[test]
fn a_scan_that_the_server_cut_short_is_completed() {
    let (peer, mut source) = scripted_source(
        b"* 4 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 9] x\r\nA3 OK open\r\n",
        [
            Step::Hear("FETCH 1:4 (UID FLAGS INTERNALDATE RFC822.SIZE)"),
            Step::Say(b"* 4 FETCH (UID 8 FLAGS () RFC822.SIZE 3 INTERNALDATE \" 1-Jan-2020 00:00:00 +0100\")\r\n* 2 FETCH (FLAGS (\\Seen) UID 4)\r\nA4 OK [MESSAGELIMIT 1 8] partial\r\n"),
            Step::Hear("FETCH 1,3 (UID FLAGS INTERNALDATE RFC822.SIZE)"),
            Step::Say(b"A5 NO message 3 is damaged\r\n"),
            Step::Hear("FETCH 1,3 (UID FLAGS)"),
            Step::Say(b"* 3 FETCH (UID 6 FLAGS Seen)\r\nA6 OK\r\n"),
            Step::Hear("FETCH 1 (UID FLAGS)"),
            Step::Say(b"A7 OK\r\n"),
            Step::Hear("FETCH 3 (UID FLAGS)"),
            Step::Say(b"A8 NO damaged\r\n"),
            Step::Hear("FETCH 2:3 (UID INTERNALDATE)"),
            Step::Say(b"* 2 FETCH (UID 4 INTERNALDATE \"01-Jan-2020 00:00:00 +0000\")\r\nA9 NO damaged\r\n"),
            Step::Hear("FETCH 2:3 (UID RFC822.SIZE)"),
            Step::Say(b"* 2 FETCH (UID 4 RFC822.SIZE 9)\r\nA10 NO damaged\r\n"),
            Step::Hear("UID FETCH 6 (UID BODY.PEEK[HEADER])"),
            Step::Say(b"A11 NO damaged\r\n"),
            Step::Hear("UID FETCH 6 (UID BODY.PEEK[HEADER])"),
            Step::Say(b"A12 NO damaged\r\n"),
        ],
    );

    let metas = scanned(&mut *source, Scan::All);

    let told: Vec<_> = metas.iter().map(|m| (m.uid.0, m.size, m.date)).collect();
    assert_eq!(told, [(8, 3, DateOrigin::Told), (4, 9, DateOrigin::Told), (6, 0, DateOrigin::Unknown)]);
    peer.finish();
}

#[test]
fn what_several_answers_tell_of_one_message_is_put_together() {
    let (peer, mut source) = scripted_source(
        b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 9] x\r\nA3 OK open\r\n",
        [
            Step::Hear("FETCH 1:3 (UID FLAGS INTERNALDATE RFC822.SIZE)"),
            Step::Say(b"* 1 FETCH (UID 4 FLAGS ())\r\n* 2 FETCH (UID 5)\r\n* 1 FETCH (RFC822.SIZE 3 INTERNALDATE \"01-Jan-2020 00:00:00 +0000\")\r\n* 2 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (RFC822.SIZE 18446744073709551615)\r\n* 3 FETCH (UID 6 FLAGS (\\Seen) INTERNALDATE \"01-Jan-2020 00:00:01 +0000\")\r\n* 2 FETCH (INTERNALDATE \"01-Jan-2020 00:00:00 +0000\")\r\n* 1 FETCH (FLAGS (\\Flagged))\r\nA4 OK\r\n"),
            Step::Hear("FETCH 3 (UID RFC822.SIZE)"),
            Step::Say(b"* 3 FETCH (UID 6 RFC822.SIZE 8)\r\nA5 OK\r\n"),
        ],
    );

    let metas = scanned(&mut *source, Scan::All);

    let told: Vec<_> =
        metas.iter().map(|m| (m.uid.0, m.size, m.internal_date.unix_seconds, m.flags.to_string())).collect();
    let seen = || "\\Seen".to_owned();
    let largest = i64::MAX.cast_unsigned();
    let date = 1_577_836_800;
    assert_eq!(told, [(4, 3, date, String::new()), (5, largest, date, seen()), (6, 8, date + 1, seen())]);
    peer.finish();
}

#[test]
fn a_date_that_the_server_does_not_tell_is_that_of_the_header() {
    let (peer, mut source) = scripted_source(
        b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 9] x\r\nA3 OK open\r\n",
        [
            Step::Hear("FETCH 1:3 (UID FLAGS INTERNALDATE RFC822.SIZE)"),
            Step::Say(b"* 1 FETCH (UID 4 FLAGS () RFC822.SIZE 3 INTERNALDATE \"00-Jan-0000 00:00:00 +0000\")\r\n* 2 FETCH (UID 5 FLAGS () RFC822.SIZE 3 INTERNALDATE NIL)\r\n* 3 FETCH (UID 6 FLAGS () RFC822.SIZE 3 INTERNALDATE \"06-May-19 06:00:05 +0000\")\r\nA4 OK\r\n"),
            Step::Hear("FETCH 2 (UID INTERNALDATE)"),
            Step::Say(b"A5 OK\r\n"),
            Step::Hear("UID FETCH 4:5 (UID BODY.PEEK[HEADER])"),
            Step::Say(b"* 1 FETCH (UID 4 BODY[HEADER] {40}\r\nDate: Mon, 6 May 2019 08:00:06 +0200\r\n\r\n)\r\n* 2 FETCH (UID 5 BODY[HEADER] {14}\r\nSubject: x\r\n\r\n)\r\nA6 OK\r\n"),
        ],
    );

    let metas = scanned(&mut *source, Scan::All);

    let told: Vec<_> = metas.iter().map(|m| (m.uid.0, m.internal_date, m.date)).collect();
    let told_date = InternalDate::utc(1_557_122_405);
    let header_date = InternalDate { unix_seconds: 1_557_122_406, offset_minutes: 120 };
    let expected = [
        (6, told_date, DateOrigin::Told),
        (4, header_date, DateOrigin::Header),
        (5, InternalDate::UNKNOWN, DateOrigin::Unknown),
    ];
    assert_eq!(told, expected);
    peer.finish();
}

#[test]
fn uids_that_are_none_cost_the_mailbox_and_not_the_session() {
    let (peer, mut source) = scripted_source(
        b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 9] x\r\nA3 OK open\r\n",
        [
            Step::Hear("FETCH 1:2 (UID FLAGS INTERNALDATE RFC822.SIZE)"),
            Step::Say(b"* 1 FETCH (UID 99999999999 FLAGS () RFC822.SIZE 3 INTERNALDATE \"01-Jan-2020 00:00:00 +0000\")\r\n* 2 FETCH (UID 0 FLAGS () RFC822.SIZE 3)\r\nA4 OK\r\n"),
            Step::Hear("EXAMINE \"Other\""),
            Step::Say(b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 9] x\r\nA5 OK open\r\n"),
        ],
    );

    let failure = source.scan(Scan::All, &mut |_| ControlFlow::Continue(())).unwrap_err();

    assert_eq!((failure.scope, failure.kind), (Scope::Mailbox, FailureKind::Protocol));
    source.open(&imapmig_core::folder::WireName(b"Other".to_vec())).unwrap();
    peer.finish();
}
