//! Appends when the connection ends or a message is refused out of turn: what is known, and that the rest stays in order.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod bulk_support;

use bulk_support::{
    Outcomes, Step, append_all, messages, refusal, scripted_target, server, stored, target, target_in,
};
use imapmig_core::failure::{FailureKind, Retry};
use imapmig_core::folder::FolderPath;
use imapmig_core::ports::target::{AppendOutcome, RefusalKind};
use imapmig_testkit::{Fault, Message, Personality, What, When};

/// Appends until the connection ends, and checks what is known against what is there.
fn cut(personality: Personality, when: When, what: What, skip: u64) -> bool {
    let server = server(personality);
    let mut target = target_in(server.port(), "Archive");
    let messages = messages(140);
    server.faults().arm(Fault::new(when.clone(), what.clone()).skip(skip));
    let mut outcomes = Outcomes::new();

    let result = append_all(&mut *target, &messages, &mut outcomes);

    let struck = server.faults().fired() > 0;
    let there = server.messages("terry.adams", "Archive");
    for (key, outcome) in &outcomes {
        let uid = stored(outcome).unwrap();
        let kept = there.iter().find(|m| m.uid == uid);
        let sent = &messages[usize::try_from(*key).unwrap()];
        assert!(kept.is_some_and(|kept| kept.raw == sent.raw), "{when:?}: message {key}");
    }
    match result {
        Ok(()) => assert_eq!(outcomes.len(), 140, "{when:?}"),
        Err(failure) => {
            assert!(struck, "{when:?} {failure}");
            assert_eq!(failure.retry, Retry::Reconnect, "{when:?} {failure}");
            assert_eq!(failure.kind, FailureKind::Disconnected, "{when:?} {failure}");
            // The session says the same from now on.
            assert_eq!(target.append_finish(&mut Vec::new()).unwrap_err().kind, FailureKind::Disconnected);
        }
    }
    struck
}

#[test]
fn a_cut_anywhere_leaves_nothing_wrongly_believed_stored() {
    let personalities = [
        Personality::generic,
        || Personality::generic().without("MULTIAPPEND"),
        || Personality::generic().without("MULTIAPPEND").without("LITERAL+"),
    ];
    let places = [
        (When::InAppendLiteral(0), 3),
        (When::InAppendLiteral(1), 70),
        (When::InAppendLiteral(399), 120),
        (When::BeforeCommit, 0),
        (When::AfterCommit, 0),
        (When::AfterCommit, 1),
        (When::InAppendReply(1), 0),
        (When::InAppendReply(20), 1),
        (When::InCommand("APPEND".to_owned(), 10), 1),
        (When::Received(100_000), 0),
        (When::Received(1_000_001), 0),
        (When::Sent(700), 0),
    ];
    for personality in personalities {
        let mut struck = 0;
        for (when, skip) in &places {
            // A BYE stands at the begin of a line.
            let between = !matches!(when, When::InAppendReply(_) | When::Sent(_));
            let bye = between.then(|| What::Bye("Server shutting down.".to_owned()));
            for what in [What::Cut].into_iter().chain(bye) {
                struck += usize::from(cut(personality(), when.clone(), what, *skip));
            }
        }
        assert!(struck > 12, "{struck}");
    }
}

#[test]
fn an_expired_token_in_the_middle_is_worth_a_reconnect() {
    let server = server(Personality::generic().without("MULTIAPPEND").with_commands_per_token(40));
    let mut target = target(server.port());
    let name = target.create(&FolderPath::new(["Archive"]), None).unwrap();
    target.open(&name).unwrap();
    let mut outcomes = Outcomes::new();

    let failure = append_all(&mut *target, &messages(100), &mut outcomes).unwrap_err();

    assert_eq!((failure.kind, failure.retry), (FailureKind::Disconnected, Retry::Reconnect));
    assert_eq!(outcomes.len(), server.messages("terry.adams", "Archive").len());
}

#[test]
fn a_server_that_refuses_and_leaves_has_said_which_message() {
    let (peer, mut target) = scripted_target(
        "LITERAL+",
        [
            Step::Hear("APPEND \"INBOX\" \"01-Jan-2020 00:00:00 +0000\" {1000000+}"),
            Step::Say(b"A4 NO [TOOBIG] Message size exceeds fixed limit\r\n* BYE [TOOBIG] Message size exceeds fixed limit\r\n"),
        ],
    );
    // Forty hold more than the buffers between the two, so that some meet a connection that has ended.
    let message = Message::from_bytes(vec![b'x'; 1_000_000]).with_internal_date(1_577_836_800);
    let mut outcomes = Outcomes::new();

    let result = append_all(&mut *target, &vec![message; 40], &mut outcomes);

    assert_eq!(result.unwrap_err().retry, Retry::Reconnect);
    assert_eq!(outcomes.len(), 1);
    assert_eq!(refusal(&outcomes[&0]).0, RefusalKind::TooLarge);
    peer.finish();
}

#[test]
fn a_message_refused_before_its_bytes_leaves_the_connection_in_order() {
    // Cyrus says a stray BAD when the line end behind an empty message is taken for a command.
    let (peer, mut target) = scripted_target(
        "LITERAL+ UIDPLUS",
        [
            Step::Hear("APPEND \"INBOX\" \"01-Jan-2020 00:00:00 +0000\" {0}"),
            Step::Say(b"A4 NO Zero-length message literal\r\n* BAD Invalid tag\r\n"),
            Step::Hear("APPEND \"INBOX\" \"01-Jan-2020 00:00:00 +0000\" {5000000}"),
            Step::Say(b"A5 NO [TOOBIG] no\r\n"),
            Step::Hear("APPEND \"INBOX\" \"01-Jan-2020 00:00:00 +0000\" {4+}"),
            Step::Take(6),
            Step::Say(b"* 1 EXISTS\r\nA6 OK [APPENDUID 7 9] stored\r\n"),
        ],
    );
    let mut outcomes = Outcomes::new();
    let messages: Vec<_> = [0, 5_000_000, 4]
        .map(|size| Message::from_bytes(vec![b'x'; size]).with_internal_date(1_577_836_800))
        .into();

    append_all(&mut *target, &messages, &mut outcomes).unwrap();

    assert_eq!(refusal(&outcomes[&0]).0, RefusalKind::Message);
    assert_eq!(refusal(&outcomes[&1]).0, RefusalKind::TooLarge);
    assert_eq!(stored(&outcomes[&2]), Some(9));
    peer.finish();
}

#[test]
fn the_uids_of_another_mailbox_are_not_believed() {
    let (peer, mut target) = scripted_target(
        "LITERAL+ UIDPLUS",
        [
            Step::Hear("APPEND \"INBOX\" \"01-Jan-2020 00:00:00 +0000\" {4+}"),
            Step::Take(6),
            Step::Say(b"A4 OK [APPENDUID 8 9] stored\r\n"),
        ],
    );
    let message = Message::from_bytes("abcd").with_internal_date(1_577_836_800);
    let mut outcomes = Outcomes::new();

    append_all(&mut *target, &[message], &mut outcomes).unwrap();

    assert_eq!(outcomes[&0], AppendOutcome::Stored(None));
    peer.finish();
}
