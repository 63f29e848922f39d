//! Listing and fetching: what arrives, in which pieces, and what is asked again when something does not.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod bulk_support;

use bulk_support::{Bodies, Step, filled, inbox, opened, scanned, scripted_source, uids};
use imapmig_core::failure::{FailureKind, Retry};
use imapmig_core::ports::source::Scan;
use imapmig_testkit::{Fault, FetchOrder, Literal8, MessageBuilder, Personality, RunningServer, What, When};

/// An INBOX of three messages is open.
const THREE: &[u8] = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\nA3 OK open\r\n";

fn check(server: &RunningServer, bodies: &Bodies, count: usize) {
    let there = server.messages("terry.adams", "INBOX");
    assert_eq!(bodies.complete.len(), count);
    for (uid, bytes) in &bodies.complete {
        let kept = there.iter().find(|m| m.uid == *uid).unwrap();
        assert!(*kept.raw == *bytes, "body of {uid}");
    }
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
