//! Removing single messages: with UIDPLUS, and without it where nothing else can go too.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod bulk_support;

use bulk_support::{Outcomes, Scripted, Step, USER, append_all, inbox, message, server, target};
use imapmig_core::failure::Failure;
use imapmig_core::message::Uid;
use imapmig_core::ports::target::{Removal, TargetSession};
use imapmig_core::user::TargetId;
use imapmig_testkit::{Fault, Personality, RunningServer, What, When};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

fn ids(numbers: impl IntoIterator<Item = u32>) -> Vec<TargetId> {
    numbers.into_iter().map(|n| TargetId::Uid(Uid(n))).collect()
}

/// A server with four messages in INBOX, which is open.
fn four(uidplus: bool) -> (RunningServer, Box<dyn TargetSession>) {
    let personality = Personality::generic();
    let server = server(if uidplus { personality } else { personality.without("UIDPLUS") });
    let mut target = target(server.port());
    target.open(&inbox()).unwrap();
    let messages: Vec<_> = (0..4).map(|n| message(n, 500)).collect();
    append_all(&mut *target, &messages, &mut Outcomes::new()).unwrap();
    server.clear_transcript();
    (server, target)
}

/// What is left in INBOX, and what of it is marked as deleted.
fn left(server: &RunningServer) -> (Vec<u32>, Vec<u32>) {
    let messages = server.messages(USER, "INBOX");
    let marked = messages.iter().filter(|m| m.flags.contains("\\Deleted"));
    (messages.iter().map(|m| m.uid).collect(), marked.map(|m| m.uid).collect())
}

fn is_left(removal: &Removal, why: &str) -> bool {
    matches!(removal, Removal::Left(text) if text.contains(why))
}

#[test]
fn with_uidplus_what_the_user_marked_stays() {
    let (server, mut target) = four(true);
    server.set_flags(USER, "INBOX", 1, &["\\Deleted"]);

    let removal = target.remove(&ids([2, 4])).unwrap();

    assert_eq!((removal, left(&server)), (Removal::Removed, (vec![1, 3], vec![1])));
    assert_eq!(server.count("EXPUNGE"), 0);
}

#[test]
fn without_uidplus_exactly_these_go_where_nothing_else_is_marked() {
    let (server, mut target) = four(false);

    let removal = target.remove(&ids([4, 2])).unwrap();

    assert_eq!((removal, left(&server)), (Removal::Removed, (vec![1, 3], vec![])));
    let verbs: Vec<_> = server.transcript().into_iter().map(|r| r.verb).collect();
    let at = verbs.iter().position(|v| v == "EXPUNGE").unwrap();
    assert_eq!(
        verbs[at - 3..at],
        ["UID STORE", "NOOP", "UID SEARCH"],
        "nothing comes between the look and EXPUNGE"
    );
}

#[test]
fn without_uidplus_nothing_is_even_marked_where_the_user_marked_another() {
    let (server, mut target) = four(false);
    server.set_flags(USER, "INBOX", 1, &["\\Deleted"]);

    let removal = target.remove(&ids([2])).unwrap();

    assert!(is_left(&removal, "1 other messages"), "{removal:?}");
    assert_eq!(left(&server), (vec![1, 2, 3, 4], vec![1]));
    assert_eq!((server.count("UID STORE"), server.count("EXPUNGE")), (0, 0));
}

#[test]
fn what_another_program_marks_in_between_is_seen_and_our_mark_is_taken_off() {
    let (server, mut target) = four(false);
    server.faults().arm(Fault::new(When::BeforeCommand("STORE".to_owned()), What::Stall));
    let removing = std::thread::spawn(move || target.remove(&ids([2])));
    assert!(server.faults().wait_stalled(1, SOON));
    server.set_flags(USER, "INBOX", 3, &["\\Deleted"]);
    server.faults().release();

    let removal = removing.join().unwrap().unwrap();

    assert!(is_left(&removal, "1 other messages"), "{removal:?}");
    assert_eq!(left(&server), (vec![1, 2, 3, 4], vec![3]));
    assert_eq!(server.count("EXPUNGE"), 0);
}

#[test]
fn what_was_marked_before_a_crash_is_unmarked_where_it_cannot_go() {
    let (server, mut target) = four(false);
    server.set_flags(USER, "INBOX", 1, &["\\Deleted"]);
    server.set_flags(USER, "INBOX", 2, &["\\Deleted"]);

    let removal = target.remove(&ids([2])).unwrap();

    assert!(is_left(&removal, "1 other messages"), "{removal:?}");
    assert_eq!(left(&server), (vec![1, 2, 3, 4], vec![1]));
}

#[test]
fn a_refused_expunge_leaves_no_mark() {
    for uidplus in [true, false] {
        let (server, mut target) = four(uidplus);
        let refusal = What::Answer("NO [NOPERM] Permission denied".to_owned());
        server.faults().arm(Fault::new(When::BeforeCommand("EXPUNGE".to_owned()), refusal));

        let removal = target.remove(&ids([2])).unwrap();

        assert!(is_left(&removal, "Permission denied"), "{removal:?}");
        assert_eq!(left(&server), (vec![1, 2, 3, 4], vec![]), "UIDPLUS {uidplus}");
    }
}

#[test]
fn a_server_that_expunges_nothing_is_found_out() {
    let (server, mut target) = four(false);
    let claim = What::Answer("OK Done".to_owned());
    server.faults().arm(Fault::new(When::BeforeCommand("EXPUNGE".to_owned()), claim));

    let removal = target.remove(&ids([2])).unwrap();

    assert!(is_left(&removal, "did not remove"), "{removal:?}");
    assert_eq!(left(&server), (vec![1, 2, 3, 4], vec![]));
}

#[test]
fn a_search_that_does_not_even_find_our_own_marks_says_nothing_of_others() {
    let (server, mut target) = four(false);
    server.set_flags(USER, "INBOX", 1, &["\\Deleted"]);
    let silence = What::Answer("OK Done".to_owned());
    server.faults().arm(Fault::new(When::BeforeCommand("SEARCH".to_owned()), silence).times(2));

    let removal = target.remove(&ids([2])).unwrap();

    assert!(is_left(&removal, "does not tell"), "{removal:?}");
    assert_eq!(left(&server), (vec![1, 2, 3, 4], vec![1]));
}

#[test]
fn a_connection_that_breaks_in_the_middle_may_leave_a_mark_and_no_more() {
    let (server, mut target) = four(false);
    server.faults().arm(Fault::cut(When::BeforeCommand("EXPUNGE".to_owned())));

    let broken: Failure = target.remove(&ids([2])).unwrap_err();

    assert!(broken.retry != imapmig_core::failure::Retry::Never, "{broken}");
    assert_eq!(left(&server), (vec![1, 2, 3, 4], vec![2]));
    let mut again = bulk_support::target(server.port());
    again.open(&inbox()).unwrap();
    assert_eq!(again.remove(&ids([2])).unwrap(), Removal::Removed);
    assert_eq!(left(&server), (vec![1, 3, 4], vec![]));
}

#[test]
fn a_search_may_be_answered_in_pieces_and_with_a_modification_sequence() {
    let peer = Scripted::new(
        "",
        vec![
            Step::Hear("NOOP"),
            Step::Say(b"A3 OK\r\n"),
            Step::Hear("NOOP"),
            Step::Say(b"A4 OK\r\n"),
            Step::Hear("UID SEARCH DELETED"),
            Step::Say(b"* SEARCH 7\r\n* 9 EXISTS\r\n* search 8 (MODSEQ 917)\r\n* SEARCH\r\nA5 OK\r\n"),
            Step::Hear("UID STORE 7 -FLAGS.SILENT (\\Deleted)"),
            Step::Say(b"A6 OK\r\n"),
        ],
    );
    let mut target = target(peer.port);

    let removal = target.remove(&ids([7])).unwrap();

    assert!(is_left(&removal, "1 other messages"), "{removal:?}");
    peer.finish();
}
