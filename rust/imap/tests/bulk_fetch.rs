//! Listing and fetching: what arrives, in which pieces, and what is asked again when something does not.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod bulk_support;

use bulk_support::{Bodies, Step, inbox, message, scripted_source, server, source, uids};
use imapmig_core::failure::{FailureKind, Retry, Scope};
use imapmig_core::message::{DateOrigin, InternalDate, MessageMeta, ModSeq, Uid};
use imapmig_core::ports::source::{Scan, SourceSession};
use imapmig_testkit::{Fault, FetchOrder, Literal8, MessageBuilder, Personality, RunningServer, What, When};
use std::ops::ControlFlow;

/// An INBOX of three messages is open.
const THREE: &[u8] = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\nA3 OK open\r\n";

fn filled(personality: Personality, count: usize, size: usize) -> RunningServer {
    let server = server(personality);
    for number in 0..count {
        server.deliver("terry.adams", "INBOX", message(number, size));
    }
    server
}

fn opened(server: &RunningServer) -> Box<dyn SourceSession> {
    let mut source = source(server.port());
    source.open(&inbox()).unwrap();
    source
}

fn scanned(source: &mut dyn SourceSession, scan: Scan) -> Vec<MessageMeta> {
    let mut metas = Vec::new();
    source
        .scan(scan, &mut |meta| {
            metas.push(meta);
            ControlFlow::Continue(())
        })
        .unwrap();
    metas
}

fn check(server: &RunningServer, bodies: &Bodies, count: usize) {
    let there = server.messages("terry.adams", "INBOX");
    assert_eq!(bodies.complete.len(), count);
    for (uid, bytes) in &bodies.complete {
        let kept = there.iter().find(|m| m.uid == *uid).unwrap();
        assert!(*kept.raw == *bytes, "body of {uid}");
    }
}

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
fn bodies_arrive_whole_whatever_the_server_puts_between_them() {
    let personalities = [
        Personality::generic(),
        Personality::courier_like(),
        Personality::generic().with_literal8(Literal8::Always),
        Personality::generic().with_fetch_order(FetchOrder::Descending),
        Personality::generic().with_unsolicited_every(1),
        Personality::generic().with_size_error(-7),
        Personality::exchange_online(),
    ];
    for mut personality in personalities {
        personality.login.passwords = true;
        let server = filled(personality, 700, 3000);
        let mut source = opened(&server);
        let mut bodies = Bodies::default();

        source.fetch(&uids((1..=700).rev()), &mut bodies).unwrap();

        check(&server, &bodies, 700);
        assert!(bodies.complete[0].0 > 500, "the newest first");
        assert_eq!(server.count("UID FETCH"), 6);
        assert!(server.messages("terry.adams", "INBOX").iter().all(|m| !m.flags.contains("\\Recent")));
    }
}

#[test]
fn a_large_body_comes_in_bounded_pieces() {
    let server = filled(Personality::generic(), 2, 40_000_000);
    let mut source = opened(&server);
    let mut bodies = Bodies::default();

    source.fetch(&uids([1, 2]), &mut bodies).unwrap();

    check(&server, &bodies, 2);
    assert!(bodies.largest_chunk <= 64 * 1024);
}

#[test]
fn vanished_messages_are_left_out_without_an_error() {
    let server = filled(Personality::generic(), 10, 500);
    let mut source = opened(&server);
    server.expunge("terry.adams", "INBOX", &[3, 4]);
    let mut bodies = Bodies::default();

    source.fetch(&uids(1..=10), &mut bodies).unwrap();

    check(&server, &bodies, 8);
}

#[test]
fn a_refused_command_is_asked_again_message_by_message() {
    let server = filled(Personality::generic(), 300, 500);
    let mut source = opened(&server);
    server.faults().arm(Fault::new(
        When::BeforeCommand("FETCH".to_owned()),
        What::Answer("NO something is wrong with one of them".to_owned()),
    ));
    let mut bodies = Bodies::default();

    source.fetch(&uids(1..=300), &mut bodies).unwrap();

    check(&server, &bodies, 300);
    assert_eq!(server.count("UID FETCH"), 3 + 128);
}

#[test]
fn an_unreadable_message_does_not_hide_its_neighbours() {
    let (peer, mut source) = scripted_source(
        THREE,
        [
            Step::Hear("UID FETCH 1:3 (UID BODY.PEEK[])"),
            Step::Say(b"* 1 FETCH (UID 1 BODY[] {3}\r\none)\r\nA4 NO message 2 is damaged\r\n"),
            Step::Hear("UID FETCH 2 (UID BODY.PEEK[])"),
            Step::Hear("UID FETCH 3 (UID BODY.PEEK[])"),
            Step::Say(b"A5 NO damaged\r\n* 3 FETCH (UID 3 BODY[] {5}\r\nthree)\r\nA6 OK\r\n"),
        ],
    );
    let mut bodies = Bodies::default();

    source.fetch(&uids(1..=3), &mut bodies).unwrap();

    assert_eq!(bodies.complete, [(1, b"one".to_vec()), (3, b"three".to_vec())]);
    peer.finish();
}

#[test]
fn what_a_partial_answer_left_out_is_asked_for_once_more() {
    let (peer, mut source) = scripted_source(
        THREE,
        [
            Step::Hear("UID FETCH 1:3 (UID BODY.PEEK[])"),
            Step::Say(b"* 3 FETCH (UID 3 BODY[] {1}\r\nc)\r\nA4 OK [MESSAGELIMIT 1 3] partial\r\n"),
            Step::Hear("UID FETCH 1:2 (UID BODY.PEEK[])"),
            Step::Say(b"* 2 FETCH (BODY[] \"b\" UID 2)\r\n* 2 FETCH (BODY[] NIL UID 2)\r\n* 1 FETCH (UID 1 BODY[] \"a\")\r\nA5 OK\r\n"),
            Step::Hear("UID FETCH 2 (UID BODY.PEEK[])"),
            Step::Say(b"* 2 FETCH (BODY[] \"b\" FLAGS (\\Seen) UID 2)\r\nA6 OK\r\n"),
        ],
    );
    let mut bodies = Bodies::default();

    source.fetch(&uids(1..=3), &mut bodies).unwrap();

    assert_eq!(bodies.complete.iter().map(|(uid, _)| *uid).collect::<Vec<_>>(), [3, 1, 2]);
    peer.finish();
}

#[test]
fn a_body_under_a_wrong_uid_is_never_taken_for_complete() {
    let (peer, mut source) = scripted_source(
        THREE,
        [
            Step::Hear("UID FETCH 2 (UID BODY.PEEK[])"),
            Step::Say(b"* 3 FETCH (BODY[] {1}\r\nc UID 3)\r\nA4 OK\r\n"),
        ],
    );
    let mut bodies = Bodies::default();

    let failure = source.fetch(&uids([2]), &mut bodies).unwrap_err();

    assert_eq!(failure.kind, FailureKind::Protocol);
    assert!(bodies.complete.is_empty());
    peer.finish();
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
            Step::Say(b"* 3 FETCH (UID 6 FLAGS NIL)\r\nA6 OK\r\n"),
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
fn a_uid_beyond_32_bits_costs_the_mailbox_and_not_the_session() {
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

#[test]
fn a_uid_that_two_messages_share_is_told_as_it_comes_and_fetched_once() {
    let server = filled(Personality::generic(), 3, 500);
    server.set_uid("terry.adams", "INBOX", 3, 2);
    let mut source = opened(&server);
    let mut bodies = Bodies::default();

    let metas = scanned(&mut *source, Scan::All);
    source.fetch(&uids([1, 2]), &mut bodies).unwrap();

    assert_eq!(metas.iter().map(|m| m.uid.0).collect::<Vec<_>>(), [1, 2, 2]);
    assert_eq!(bodies.complete.len(), 2);
}

#[test]
fn a_cut_anywhere_is_a_lost_connection_and_no_body_is_taken_for_complete() {
    let places = [
        When::InFetchLiteral(0),
        When::InFetchLiteral(1),
        When::InFetchLiteral(2999),
        When::InFetchLiteral(3000),
        When::InReply("FETCH".to_owned(), 1),
        When::InReply("FETCH".to_owned(), 10),
        When::InReply("FETCH".to_owned(), 30),
        When::Sent(150_000),
        When::BeforeCommand("FETCH".to_owned()),
    ];
    for when in places {
        for skip in [0, 1] {
            let server = filled(Personality::generic(), 300, 3000);
            let mut source = opened(&server);
            server.faults().arm(Fault::cut(when.clone()).skip(skip));
            let mut bodies = Bodies::default();

            let result = source.fetch(&uids(1..=300), &mut bodies);

            if server.faults().fired() == 0 {
                continue;
            }
            let failure = result.unwrap_err();
            assert_eq!(
                (failure.kind, failure.retry),
                (FailureKind::Disconnected, Retry::Reconnect),
                "{when:?}"
            );
            let count = bodies.complete.len();
            check(&server, &bodies, count);
            assert!(count < 300, "{when:?}");
            assert_eq!(source.open(&inbox()).unwrap_err().kind, FailureKind::Disconnected);
        }
    }
}

#[test]
fn throttling_in_the_middle_is_told_with_its_pause() {
    let mut personality = Personality::exchange_online();
    personality.login.passwords = true;
    let server = filled(personality, 300, 500);
    let mut source = opened(&server);
    server.faults().arm(Fault::new(
        When::BeforeCommand("FETCH".to_owned()),
        What::Throttle(std::time::Duration::from_secs(100)),
    ));

    let failure = source.fetch(&uids(1..=300), &mut Bodies::default()).unwrap_err();

    assert_eq!(failure.kind, FailureKind::Throttled);
    assert!(matches!(failure.retry, Retry::After(pause) if pause.as_secs() >= 99), "{:?}", failure.retry);
}

#[test]
fn a_sink_that_wants_no_more_ends_the_session() {
    let server = filled(Personality::generic(), 300, 500);
    let mut source = opened(&server);
    let mut bodies = Bodies { stop_after: Some(5), ..Bodies::default() };

    source.fetch(&uids(1..=300), &mut bodies).unwrap();

    assert_eq!(bodies.complete.len(), 5);
    assert_eq!(source.open(&inbox()).unwrap_err().kind, FailureKind::Disconnected);
}

#[test]
fn headers_come_without_bodies() {
    let server = filled(Personality::generic(), 0, 0);
    server.deliver("terry.adams", "INBOX", MessageBuilder::new("Hello").body("x".repeat(1_000_000)).build());
    let mut source = opened(&server);
    let mut headers = Vec::new();

    source.headers(&uids([1]), &mut |uid, header| headers.push((uid.0, header.to_vec()))).unwrap();

    let text = String::from_utf8(headers[0].1.clone()).unwrap();
    assert!(text.contains("Subject: Hello\r\n") && text.ends_with("\r\n\r\n"), "{text}");
    assert_eq!(headers.len(), 1);
}
