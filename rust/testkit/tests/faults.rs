//! Faults: each strikes at its byte, once, and leaves the store as a real server would.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use std::time::Duration;

use imapmig_testkit::{
    Account, Fault, Mailbox, MessageBuilder, Personality, RunningServer, Server, What, When,
};
use support::Client;

const APPEND: &str = "a APPEND INBOX {10+}\r\n0123456789\r\n";

fn server() -> RunningServer {
    let inbox =
        Mailbox::new("INBOX").with_messages((0..3).map(|_| MessageBuilder::new("m").size(1000).build()));
    let account = Account::new("terry.adams", "1091990").with_mailbox(inbox);
    Server::new(Personality::generic()).with_account(account).start().unwrap()
}

fn signed_in(server: &RunningServer) -> Client {
    Client::signed_in(server, "terry.adams", "1091990")
}

fn stored(server: &RunningServer) -> usize {
    server.message_count("terry.adams")
}

#[test]
fn append_is_cut_at_every_place_and_stored_only_after_the_commit() {
    let append = || "APPEND".to_owned();
    for (when, kept) in [
        (When::InCommand(append(), 1), 3),
        (When::InCommand(append(), 12), 3),
        (When::InAppendLiteral(0), 3),
        (When::InAppendLiteral(4), 3),
        (When::InCommand(append(), 27), 3),
        (When::InAppendLiteral(10), 3),
        (When::BeforeCommit, 3),
        (When::AfterCommit, 4),
        (When::InAppendReply(0), 4),
    ] {
        let server = server();
        let mut client = signed_in(&server);
        server.faults().arm(Fault::cut(when.clone()));

        client.send(APPEND);

        assert_eq!(client.rest(), b"", "{when:?}");
        assert_eq!(stored(&server), kept, "{when:?}");
        assert_eq!((server.faults().fired(), server.faults().pending()), (1, 0));
        let mut again = signed_in(&server);
        again.send(APPEND);
        assert!(again.until("a").contains("a OK [APPENDUID"), "{when:?}");
    }
}

#[test]
fn answers_are_cut_after_exactly_so_many_bytes() {
    let server = server();
    let mut client = signed_in(&server);
    server.faults().arm(Fault::cut(When::InAppendReply(9)));
    client.send(APPEND);
    assert_eq!(client.rest(), b"a OK [APP");

    let mut client = signed_in(&server);
    server.faults().arm(Fault::cut(When::InReply("NOOP".into(), 6)));
    client.send("b CAPABILITY\r\nc NOOP\r\n");
    client.until("b");
    assert_eq!(client.rest(), b"c OK N");
}

#[test]
fn fetch_literal_is_cut_in_the_chosen_message() {
    let server = server();
    let mut client = signed_in(&server);
    client.run("SELECT INBOX");
    server.faults().arm(Fault::cut(When::InFetchLiteral(200)).skip(1));

    client.send("a UID FETCH 1:* BODY.PEEK[]\r\n");
    let received = client.rest();

    let first = b"* 1 FETCH (UID 1 BODY[] {1000}\r\n".len() + 1000 + b")\r\n".len();
    let second = b"* 2 FETCH (UID 2 BODY[] {1000}\r\n".len() + 200;
    assert_eq!(received.len(), first + second);
}

#[test]
fn cuts_count_bytes_of_the_connection() {
    let server = server();
    server.faults().arm(Fault::cut(When::Sent(4)));
    assert_eq!(Client::silent(&server).rest(), b"* OK");

    server.faults().arm(Fault::cut(When::Received(5)));
    let mut client = Client::new(&server);
    client.send("a NOOP\r\n");
    assert!(client.rest().is_empty());
}

#[test]
fn a_reset_is_an_error_for_the_client() {
    use std::io::{Read, Write};
    let server = server();
    server.faults().arm(Fault::new(When::BeforeCommand("NOOP".into()), What::Reset));
    let mut client = std::net::TcpStream::connect(server.addr()).unwrap();

    client.write_all(b"a NOOP\r\n").unwrap();
    let mut buffer = Vec::new();
    let ended = client.read_to_end(&mut buffer);

    assert!(ended.is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionReset));
}

#[test]
fn stalls_last_until_released() {
    let server = server();
    server.faults().arm(Fault::new(When::Greeting, What::Stall));
    let mut client = Client::silent(&server);
    assert!(server.faults().wait_stalled(1, Duration::from_secs(10)));

    server.faults().release();

    assert!(client.line().starts_with("* OK"));
}

#[test]
fn a_stalled_server_still_stops() {
    let server = server();
    server.faults().arm(Fault::new(When::Greeting, What::Stall));
    let mut client = Client::silent(&server);

    drop(server);

    assert!(client.rest().is_empty());
}

#[test]
fn greetings_can_be_garbage_and_bytes_can_be_put_in() {
    let server = server();
    server.faults().arm(Fault::new(When::Greeting, What::Answer("220 smtp.contoso.com ESMTP".into())));
    assert_eq!(Client::silent(&server).line(), "220 smtp.contoso.com ESMTP");

    let mut client = signed_in(&server);
    server
        .faults()
        .arm(Fault::new(When::BeforeCommand("NOOP".into()), What::Say(b"* BAD stray\r\n".to_vec())));
    assert_eq!(client.run("NOOP"), "* BAD stray\nt2 OK NOOP completed.");
}

#[test]
fn commands_are_answered_instead_of_carried_out() {
    let server = server();
    let mut client = signed_in(&server);
    let refusal = What::Answer("NO [UNAVAILABLE] Try later".into());
    server.faults().arm(Fault::new(When::BeforeCommand("APPEND".into()), refusal).skip(1).times(2));

    client.send(APPEND.repeat(4));

    assert!(client.until("a").contains("a OK"));
    assert_eq!(client.until("a"), "a NO [UNAVAILABLE] Try later");
    assert_eq!(client.until("a"), "a NO [UNAVAILABLE] Try later");
    assert!(client.until("a").contains("a OK"));
    assert_eq!(stored(&server), 5);
}

#[test]
fn throttling_lasts_for_its_time_and_for_all_connections_of_the_account() {
    let server = server();
    let mut client = signed_in(&server);
    server.faults().arm(Fault::new(When::BeforeCommit, What::Throttle(Duration::from_secs(3600))));

    client.send(APPEND);

    let answer = client.until("a");
    assert_eq!(answer, "a NO Request is throttled. Suggested Backoff Time: 3600000 milliseconds");
    assert!(
        signed_in(&server).run("SELECT INBOX").contains("Request is throttled. Suggested Backoff Time: 35")
    );
    assert_eq!((stored(&server), server.throttled_answers()), (3, 1));
    server.throttle("terry.adams", Duration::ZERO);
    client.send(APPEND);
    assert!(client.until("a").contains("a OK"));
}

#[test]
fn throttled_multiappend_is_refused_as_a_whole() {
    let mut personality = Personality::generic();
    personality.texts.throttled =
        "BAD Request is throttled. Suggested Backoff Time: {ms} milliseconds".into();
    let server =
        Server::new(personality).with_account(Account::new("terry.adams", "1091990")).start().unwrap();
    let mut client = signed_in(&server);
    server.throttle("terry.adams", Duration::from_secs(3600));

    client.send("a APPEND INBOX {1+}\r\nx {1+}\r\ny\r\n");
    client.send("b APPEND INBOX {1}\r\n");

    assert!(client.until("a").starts_with("a BAD Request is throttled. Suggested Backoff Time: 35"));
    assert!(client.until("b").starts_with("b BAD Request is throttled."));
}

#[test]
fn faults_of_one_account_spare_the_others() {
    let server = server();
    let mut client = signed_in(&server);
    server.faults().arm(Fault::cut(When::BeforeCommit).for_account("ann.beebe"));

    client.send(APPEND);

    assert!(client.until("a").contains("a OK"));
    assert_eq!(server.faults().pending(), 1);
}
