//! The listing that comes in the round trip of the appends.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod bulk_support;

use bulk_support::{PASSWORD, USER, append, head, message, target};
use imapmig_core::failure::{FailureKind, Retry};
use imapmig_core::folder::FolderPath;
use imapmig_core::message::{Flags, InternalDate, Uid};
use imapmig_core::ports::target::{FolderRequest, TargetMessage, TargetSession};
use imapmig_core::user::TargetId;
use imapmig_testkit::{Account, Fault, Message, Personality, Pipelining, RunningServer, Server, What, When};
use std::time::Duration;

fn messages() -> Vec<Message> {
    (0..5).map(|n| message(n, 2000)).collect()
}

fn server(personality: Personality) -> RunningServer {
    let account = Account::new(USER, PASSWORD);
    Server::new(personality)
        .with_account(account)
        .with_round_trip_time(Duration::from_millis(20))
        .start()
        .unwrap()
}

fn target_in_new_folder(server: &RunningServer) -> Box<dyn TargetSession> {
    let mut target = target(server.port());
    let path = FolderPath::new(["Archive"]);
    let request = FolderRequest { path: &path, special_use: None, existing: None, subscribe: true };
    target.prepare(&request).unwrap();
    server.clear_round_trips();
    server.clear_transcript();
    target
}

fn append_all(target: &mut dyn TargetSession) {
    let mut outcomes = bulk_support::Outcomes::new();
    for (key, message) in messages().iter().enumerate() {
        append(target, &head(key, message), &message.raw, &mut outcomes).unwrap();
    }
    let mut told = Vec::new();
    target.append_finish_all(&mut told).unwrap();
    assert_eq!(told.len() + outcomes.len(), 5);
}

fn listed(target: &mut dyn TargetSession) -> Vec<TargetMessage> {
    let ids: Vec<_> = (1..=5).map(|n| TargetId::Uid(Uid(n))).collect();
    let mut found = Vec::new();
    target.list(&ids, &mut |message| found.push(message)).unwrap();
    found.sort_by_key(|message| message.internal_date);
    found
}

/// What a listing of the messages has to show.
fn expected() -> Vec<TargetMessage> {
    let flags = |m: &Message| Flags::from_wire(m.flags.iter().chain(&m.keywords).map(String::as_str));
    let one = |(n, m): (usize, Message)| TargetMessage {
        id: TargetId::Uid(Uid(n as u32 + 1)),
        size: m.raw.len() as u64,
        internal_date: InternalDate::utc(m.internal_date),
        flags: flags(&m),
    };
    messages().into_iter().enumerate().map(one).collect()
}

#[test]
fn what_was_appended_is_listed_in_the_same_round_trip() {
    for personality in
        [Personality::dovecot(), Personality::generic().without("CONDSTORE").without("QRESYNC")]
    {
        let server = server(personality);
        let mut target = target_in_new_folder(&server);

        append_all(&mut *target);

        assert_eq!(listed(&mut *target), expected());
        assert_eq!(server.round_trips(), 1, "{:?}", server.commands());
        assert_eq!(server.count("UID FETCH"), 1);
    }
}

#[test]
fn a_listing_counts_once_and_not_after_changes() {
    let server = server(Personality::dovecot());
    let mut target = target_in_new_folder(&server);
    append_all(&mut *target);
    let flagged = Flags::from_wire(["\\Flagged"]);
    target.set_flags(&[(TargetId::Uid(Uid(2)), flagged.clone())]).unwrap();

    let after_a_change = listed(&mut *target);
    server.set_flags(USER, "Archive", 3, &["\\Flagged"]);
    let again = listed(&mut *target);

    assert_eq!(after_a_change[1].flags, flagged);
    assert_eq!(again[2].flags, flagged);
}

#[test]
fn a_listing_that_is_refused_or_incomplete_is_made_again() {
    for fault in [
        Fault::new(When::BeforeCommand("UID FETCH".into()), What::Answer("NO not now".into())),
        Fault::new(When::BeforeCommand("UID FETCH".into()), What::Answer("OK nothing to say".into())),
    ] {
        let server = server(Personality::dovecot());
        let mut target = target_in_new_folder(&server);
        server.faults().arm(fault.clone());

        append_all(&mut *target);

        assert_eq!(listed(&mut *target), expected(), "{fault:?}");
        assert_eq!(server.count("UID FETCH"), 2, "{fault:?}");
    }
}

#[test]
fn outcomes_are_kept_when_the_connection_ends_in_the_listing() {
    let server = server(Personality::dovecot());
    let mut target = target_in_new_folder(&server);
    server.faults().arm(Fault::cut(When::BeforeCommand("UID FETCH".into())));
    let mut outcomes = bulk_support::Outcomes::new();
    for (key, message) in messages().iter().enumerate() {
        append(&mut *target, &head(key, message), &message.raw, &mut outcomes).unwrap();
    }
    let mut told = Vec::new();

    let failure = target.append_finish_all(&mut told).unwrap_err();

    assert_eq!(failure.kind, FailureKind::Disconnected);
    assert_eq!(told.len() + outcomes.len(), 5);
}

#[test]
fn a_folder_that_is_replaced_or_removed_meanwhile_ends_the_connection_after_the_outcomes() {
    for replaced in [true, false] {
        let server = server(Personality::dovecot());
        let mut target = target_in_new_folder(&server);
        if !replaced {
            let refusal = What::Answer("NO [NONEXISTENT] gone".into());
            server.faults().arm(Fault::new(When::BeforeCommand("SELECT".into()), refusal));
        } else {
            server.reset_uidvalidity(USER, "Archive");
        }
        let mut outcomes = bulk_support::Outcomes::new();
        for (key, message) in messages().iter().enumerate() {
            append(&mut *target, &head(key, message), &message.raw, &mut outcomes).unwrap();
        }
        let mut told = Vec::new();

        let failure = target.append_finish_all(&mut told).unwrap_err();

        assert_eq!(failure.retry, Retry::Reconnect, "{failure}");
        assert_eq!(told.len() + outcomes.len(), 5);
    }
}

#[test]
fn a_server_that_may_lose_early_commands_is_sent_none() {
    let strict = Personality { pipelining: Pipelining::Discarded, ..Personality::generic() };
    let server = Server::new(strict).with_account(Account::new(USER, PASSWORD)).start().unwrap();
    let mut target = target(server.port());
    let name = target.create(&FolderPath::new(["Archive"]), None).unwrap();
    target.open(&name).unwrap();

    append_all(&mut *target);

    assert_eq!(server.count("UID FETCH"), 0);
    assert_eq!(server.messages(USER, "Archive").len(), 5);
}
