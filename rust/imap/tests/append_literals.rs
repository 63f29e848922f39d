//! No line of a message becomes a command: unasked literals are earned by a trial and lost at the first sign of misreading.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod bulk_support;

use bulk_support::{Outcomes, PASSWORD, Step, USER, append_all, at, inbox, refusal, scripted_target, stored};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{FailureKind, Retry};
use imapmig_core::ports::target::{RefusalKind, TargetConnector, TargetSession};
use imapmig_imap::connectors::target_connector;
use imapmig_imap::literals::{LiteralHabits, ServerMemory};
use imapmig_testkit::{Account, Mailbox, Message, Personality, RunningServer, Server};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

const DANGER: &str = "x9 DELETE Victim\r\n";

/// A memory that outlives processes.
#[derive(Default)]
struct Notebook(Mutex<HashMap<String, bool>>);

impl ServerMemory for Notebook {
    fn recall(&self, server: &str) -> Option<bool> {
        self.0.lock().unwrap().get(server).copied()
    }

    fn remember(&self, server: &str, trusted: bool) {
        self.0.lock().unwrap().insert(server.to_owned(), trusted);
    }
}

fn running(personality: Personality) -> RunningServer {
    let account = Account::new(USER, PASSWORD).with_mailbox(Mailbox::new("Victim"));
    Server::new(personality).with_account(account).start().unwrap()
}

fn connector(server: &RunningServer, habits: &LiteralHabits) -> Arc<dyn TargetConnector> {
    let (server, login) = at(server.port());
    target_connector(server, login, habits)
}

fn open(connector: &Arc<dyn TargetConnector>) -> Box<dyn TargetSession> {
    let mut target = connector.connect(&Cancel::new()).unwrap();
    target.open(&inbox()).unwrap();
    target
}

/// A message with a line that is a command, and as many others as make it so long.
fn dangerous(size: usize) -> Message {
    let filler = "<br>\r\n".repeat(size.saturating_sub(DANGER.len()) / 6);
    Message::from_bytes(format!("{DANGER}{filler}").into_bytes()).with_internal_date(1_577_836_800)
}

fn trials(server: &RunningServer) -> usize {
    server.commands().iter().filter(|c| c.starts_with("APPEND \"imapmig-")).count()
}

#[test]
fn a_server_that_misreads_refused_literals_is_found_out_before_any_message() {
    for personality in [Personality::generic(), Personality::generic().without("LITERAL+").with("LITERAL-")] {
        let rules = personality.without("MULTIAPPEND");
        let rules = rules.with_max_size(2000, "BAD Command Error. 10").misreading_refused(0);
        let server = running(rules);
        let memory = Arc::new(Notebook::default());
        let habits = LiteralHabits::new(Arc::clone(&memory) as Arc<dyn ServerMemory>);
        let mut target = open(&connector(&server, &habits));
        let messages = [dangerous(1000), dangerous(3000), dangerous(1000)];
        let mut outcomes = Outcomes::new();

        append_all(&mut *target, &messages, &mut outcomes).unwrap();

        assert_eq!(server.count("DELETE"), 0);
        assert_eq!(refusal(&outcomes[&1]).0, RefusalKind::Message);
        let there = server.messages(USER, "INBOX");
        for key in [0, 2] {
            let uid = stored(&outcomes[&key]).unwrap();
            assert!(there.iter().any(|m| m.uid == uid && m.raw == messages[0].raw));
        }
        assert_eq!(memory.0.lock().unwrap().values().collect::<Vec<_>>(), [&false]);
    }
}

#[test]
fn a_server_is_tried_once_and_remembered_by_later_processes() {
    let server = running(Personality::generic());
    let memory = Arc::new(Notebook::default());

    for _process in 0..2 {
        let habits = LiteralHabits::new(Arc::clone(&memory) as Arc<dyn ServerMemory>);
        for _user in 0..2 {
            let mut target = open(&connector(&server, &habits));
            append_all(&mut *target, &[dangerous(100)], &mut Outcomes::new()).unwrap();
        }
    }

    assert_eq!(trials(&server), 1);
    assert_eq!(server.messages(USER, "INBOX").len(), 4);
    assert!(server.commands().iter().any(|c| c.starts_with("APPEND \"INBOX\"") && c.ends_with("+}")));
}

#[test]
fn a_habit_that_only_long_literals_meet_is_learnt_from_the_first_refusal() {
    let rules = Personality::generic().without("MULTIAPPEND");
    let server = running(rules.with_max_size(40_000, "BAD Command Error. 10").misreading_refused(30_000));
    let memory = Arc::new(Notebook::default());
    let habits = LiteralHabits::new(Arc::clone(&memory) as Arc<dyn ServerMemory>);
    let connector = connector(&server, &habits);
    let harmless = Message::from_bytes("<br>\r\n".repeat(9000)).with_internal_date(1_577_836_800);
    let mut first = open(&connector);

    let failure = append_all(&mut *first, &vec![harmless; 30], &mut Outcomes::new()).unwrap_err();

    assert_eq!((failure.kind, failure.retry), (FailureKind::Protocol, Retry::Reconnect), "{failure}");
    assert_eq!(memory.0.lock().unwrap().values().collect::<Vec<_>>(), [&false]);

    let mut outcomes = Outcomes::new();
    append_all(&mut *open(&connector), &[dangerous(50_000), dangerous(500)], &mut outcomes).unwrap();

    assert_eq!(server.count("DELETE"), 0);
    assert_eq!(refusal(&outcomes[&0]).0, RefusalKind::Message);
    assert!(stored(&outcomes[&1]).is_some());
}

#[test]
fn a_refusal_in_the_middle_of_an_unasked_literal_ends_the_connection_before_the_rest_is_sent() {
    let (peer, mut target) = scripted_target(
        "LITERAL+",
        [
            Step::Hear("APPEND \"INBOX\" \"01-Jan-2020 00:00:00 +0000\" {4000000+}"),
            Step::Say(b"A4 NO no\r\n"),
            Step::TakeLess(4_000_000),
        ],
    );
    let message = Message::from_bytes(vec![b'x'; 4_000_000]).with_internal_date(1_577_836_800);
    let mut outcomes = Outcomes::new();

    let failure = append_all(&mut *target, &[message], &mut outcomes).unwrap_err();

    assert_eq!((failure.kind, failure.retry), (FailureKind::Protocol, Retry::Reconnect), "{failure}");
    assert_eq!(refusal(&outcomes[&0]).0, RefusalKind::Message);
    drop(target);
    peer.finish();
}

#[test]
fn a_server_without_unasked_literals_is_not_tried() {
    let server = running(Personality::generic().without("LITERAL+"));

    let mut target = open(&connector(&server, &LiteralHabits::default()));
    append_all(&mut *target, &[dangerous(100)], &mut Outcomes::new()).unwrap();

    assert_eq!(trials(&server), 0);
}
