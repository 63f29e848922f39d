//! Round trips are counted, and servers that take one command at a time behave so.

#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use std::time::Duration;

use imapmig_testkit::{Account, Mailbox, MessageBuilder, Personality, Pipelining, RunningServer, Server};
use support::Client;

const ROUND_TRIP: Duration = Duration::from_millis(100);

fn server(personality: Personality) -> RunningServer {
    let account = Account::new("terry.adams", "1091990").with_mailbox(
        Mailbox::new("INBOX").with_messages((1..=3).map(|i| MessageBuilder::new(&format!("{i}")).build())),
    );
    Server::new(personality).with_account(account).with_round_trip_time(ROUND_TRIP).start().unwrap()
}

#[test]
fn a_command_that_waits_for_the_answer_before_it_is_a_round_trip() {
    let server = server(Personality::generic());
    let mut client = Client::signed_in(&server, "terry.adams", "1091990");
    assert_eq!(server.round_trips(), 1, "LOGIN waits for the greeting");

    client.run("SELECT INBOX");
    client.run("UID FETCH 1:* UID");

    assert_eq!(server.round_trips(), 3);
}

#[test]
fn pipelined_commands_share_a_round_trip_however_they_are_written() {
    let server = server(Personality::generic());
    let mut client = Client::signed_in(&server, "terry.adams", "1091990");
    server.clear_round_trips();

    client.send("a SELECT INBOX\r\nb UID FETCH 1:* UID\r\n");
    client.send("c UID FETCH 1:* BODY.PEEK[]\r\n");
    client.send("d APPEND INBOX {3+}\r\n");
    client.send("abc\r\n");
    client.until("d");

    assert_eq!(server.round_trips(), 1);
    assert_eq!(server.messages("terry.adams", "INBOX").len(), 4);
}

#[test]
fn a_synchronizing_literal_is_a_round_trip_of_its_own() {
    let server = server(Personality::generic());
    let mut client = Client::signed_in(&server, "terry.adams", "1091990");
    server.clear_round_trips();

    client.append("INBOX", b"abc");

    assert_eq!(server.round_trips(), 2);
}

#[test]
fn connections_are_counted_apart() {
    let server = server(Personality::generic());
    let mut first = Client::signed_in(&server, "terry.adams", "1091990");
    let mut second = Client::signed_in(&server, "terry.adams", "1091990");

    first.run("SELECT INBOX");
    second.run("NOOP");
    second.run("NOOP");

    let counts: Vec<u64> = server.round_trips_by_connection().into_values().collect();
    assert_eq!(counts, [2, 3]);
    assert_eq!(server.round_trips(), 5);
}

#[test]
fn an_answer_longer_than_the_buffer_counts_once() {
    let server = server(Personality::generic());
    server.deliver("terry.adams", "INBOX", MessageBuilder::new("large").size(300_000).build());
    let mut client = Client::signed_in(&server, "terry.adams", "1091990");
    server.clear_round_trips();

    client.send("a SELECT INBOX\r\nb UID FETCH 4 BODY.PEEK[]\r\nc NOOP\r\n");
    client.until("c");
    client.run("NOOP");

    assert_eq!(server.round_trips(), 2);
}

#[test]
fn a_server_that_reads_nothing_ahead_loses_pipelined_commands() {
    let server = server(Personality::generic().with_pipelining(Pipelining::Discarded));
    let mut client = Client::signed_in(&server, "terry.adams", "1091990");

    client.send("a NOOP\r\nb NOOP\r\nc NOOP\r\n");
    client.until("a");

    assert_eq!(client.run("NOOP"), "t2 OK NOOP completed.");
    assert_eq!(server.count("NOOP"), 2);
}

#[test]
fn a_server_that_takes_one_command_at_a_time_hangs_up_on_pipelined_commands() {
    let server = server(Personality::generic().with_pipelining(Pipelining::Ended("One at a time".into())));
    let mut client = Client::signed_in(&server, "terry.adams", "1091990");
    client.run("NOOP");

    client.send("a SELECT INBOX\r\nb NOOP\r\n");

    assert!(client.until("a").ends_with("a OK [READ-WRITE] SELECT completed."));
    assert_eq!(client.rest(), b"* BYE One at a time\r\n");
}
