//! The dialogue that every client has: sign in, list, select, fetch, append.

#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_testkit::{Account, Mailbox, MessageBuilder, Personality, RunningServer, Server};
use support::Client;

fn server() -> RunningServer {
    let account = Account::new("terry.adams", "1091990")
        .with_mailbox(Mailbox::new("INBOX").with_messages((1..=3).map(|i| {
            MessageBuilder::new(&format!("Message {i}")).size(500 + i).flag("\\Seen").flag("Wichtig").build()
        })))
        .with_mailbox(Mailbox::new("Projets/Été 2024").special_use("\\Archive"));
    Server::new(Personality::generic()).with_account(account).start().unwrap()
}

#[test]
fn names_travel_in_modified_utf_7_and_missing_parents_are_listed() {
    let server = server();
    let mut client = Client::signed_in(&server, "terry.adams", "1091990");

    let answer = client.run("LIST \"\" \"*\"");

    assert_eq!(
        answer,
        "* LIST (\\HasNoChildren) \"/\" \"INBOX\"\n\
         * LIST (\\Noselect \\HasChildren) \"/\" \"Projets\"\n\
         * LIST (\\HasNoChildren \\Archive) \"/\" \"Projets/&AMk-t&AOk- 2024\"\n\
         t2 OK LIST completed."
    );
}

#[test]
fn fetch_answers_metadata_and_bodies() {
    let server = server();
    let mut client = Client::signed_in(&server, "terry.adams", "1091990");
    let selected = client.run("SELECT INBOX");
    assert!(selected.contains("* 3 EXISTS") && selected.contains("[UIDNEXT 4]"), "{selected}");
    assert!(selected.contains("Wichtig \\*)]"), "{selected}");

    let meta = client.run("UID FETCH 2 (UID FLAGS INTERNALDATE RFC822.SIZE)");
    client.send("b UID FETCH 3 BODY.PEEK[]\r\n");
    let head = client.line();
    let body = client.bytes(503);

    assert_eq!(
        meta.lines().next().unwrap(),
        "* 2 FETCH (UID 2 FLAGS (\\Seen Wichtig) INTERNALDATE \"13-Sep-2020 12:26:40 +0000\" RFC822.SIZE 502)"
    );
    assert_eq!(head, "* 3 FETCH (UID 3 BODY[] {503}");
    assert_eq!(body, *server.messages("terry.adams", "INBOX")[2].raw);
    assert_eq!(client.until("b"), ")\nb OK FETCH completed.");
}

#[test]
fn append_keeps_bytes_flags_and_date() {
    let server = server();
    let mut client = Client::signed_in(&server, "terry.adams", "1091990");

    let answer = client.append(
        "\"Projets/&AMk-t&AOk- 2024\" (\\seen $Forwarded) \"14-Nov-2023 22:13:20 +0000\"",
        b"A: b\r\n\r\n\0x\n",
    );

    let (validity, _) = server.uid_state("terry.adams", "Projets/Été 2024").unwrap();
    assert_eq!(answer, format!("t2 OK [APPENDUID {validity} 1] Append completed."));
    let stored = &server.snapshot("terry.adams")["Projets/Été 2024"][0];
    assert_eq!(*stored.raw, b"A: b\r\n\r\n\0x\n");
    assert_eq!(stored.internal_date, 1_700_000_000);
    assert!(stored.flags.contains("\\Seen") && stored.keywords.contains("$Forwarded"));
}

#[test]
fn pipelined_commands_are_answered_in_order() {
    let server = server();
    let mut client = Client::new(&server);

    client.send(
        "a LOGIN terry.adams {7+}\r\n1091990\r\nb SELECT INBOX\r\nc UID FETCH 1:* UID\r\n\
         d APPEND INBOX {3+}\r\nabc\r\ne APPEND INBOX ~{3+}\r\na\0c\r\nf NOOP\r\n",
    );

    assert!(client.until("a").contains("a OK [CAPABILITY IMAP4rev1"));
    assert!(client.until("b").ends_with("b OK [READ-WRITE] SELECT completed."));
    assert_eq!(client.until("c").lines().count(), 4);
    assert!(client.until("d").starts_with("* 4 EXISTS\nd OK [APPENDUID"));
    assert!(client.until("e").contains("e OK [APPENDUID"));
    assert_eq!(client.until("f"), "f OK NOOP completed.");
    assert_eq!(server.commands()[0], "LOGIN ***");
    assert_eq!(server.count("APPEND"), 2);
}

#[test]
fn multiappend_stores_all_or_nothing() {
    let server = server();
    let mut client = Client::signed_in(&server, "terry.adams", "1091990");

    client.send("a APPEND INBOX (\\Seen) {3+}\r\nabc (\\Draft) {3+}\r\ndef\r\n");
    client.send("b APPEND INBOX {3+}\r\nabc (\\Nonsense) {3+}\r\ndef\r\nc NOOP\r\n");

    assert!(client.until("a").contains(" 4:5] "));
    assert!(client.until("b").starts_with("b BAD "));
    assert!(client.until("c").starts_with("c OK"));
    assert_eq!(server.messages("terry.adams", "INBOX").len(), 5);
}

#[test]
fn missing_mailbox_is_refused_before_the_literal() {
    let server = server();
    let mut client = Client::signed_in(&server, "terry.adams", "1091990");

    let answer = client.append("Nowhere", b"x");
    client.send("b APPEND Nowhere {3+}\r\nabc\r\n");

    assert_eq!(answer, "t2 NO [TRYCREATE] Mailbox doesn't exist");
    assert_eq!(client.until("b"), "b NO [TRYCREATE] Mailbox doesn't exist");
}

#[test]
fn dropping_the_server_ends_its_connections() {
    let server = server();
    let mut client = Client::signed_in(&server, "terry.adams", "1091990");
    assert_eq!(server.connections_open(), 1);

    drop(server);

    assert!(client.rest().is_empty());
}
