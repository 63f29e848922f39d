//! What lets a client ask for changes only: QRESYNC, ESEARCH, and counts of all mailboxes in one answer.

#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_testkit::{Account, Mailbox, Message, Personality, RunningServer, Server};
use support::Client;

fn server() -> RunningServer {
    let messages = ["a", "b", "c", "d"].map(Message::from_bytes);
    let account = Account::new("u", "p")
        .with_mailbox(Mailbox::new("INBOX").uid_validity(77).with_messages(messages))
        .with_mailbox(Mailbox::new("Archive").with_message(Message::from_bytes("abc")));
    Server::new(Personality::generic()).with_account(account).start().unwrap()
}

fn enabled(server: &RunningServer) -> Client {
    let mut client = Client::signed_in(server, "u", "p");
    assert!(client.run("ENABLE QRESYNC").starts_with("* ENABLED QRESYNC\n"));
    client
}

#[test]
fn select_with_qresync_tells_what_vanished_and_what_changed_since() {
    let server = server();
    let mut client = enabled(&server);
    let selected = client.run("SELECT INBOX");
    assert!(selected.contains("[HIGHESTMODSEQ 5]"), "{selected}");
    client.run("UNSELECT");

    server.expunge("u", "INBOX", &[1, 3]);
    server.set_flags("u", "INBOX", 4, &["\\Seen"]);
    let selected = client.run("SELECT INBOX (QRESYNC (77 5))");

    let told: Vec<&str> =
        selected.lines().filter(|l| l.contains("VANISHED") || l.contains("FETCH")).collect();
    assert_eq!(told, ["* VANISHED (EARLIER) 1,3", "* 2 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (7))"]);
}

#[test]
fn known_uids_narrow_what_is_told_and_another_uidvalidity_tells_nothing() {
    let server = server();
    let mut client = enabled(&server);
    server.expunge("u", "INBOX", &[1, 3]);

    let narrowed = client.run("SELECT INBOX (QRESYNC (77 5 2:3 (1,2 1,2)))");
    let other = client.run("SELECT INBOX (QRESYNC (78 5))");

    assert!(narrowed.contains("* VANISHED (EARLIER) 3\n"), "{narrowed}");
    assert!(other.contains("* OK [CLOSED]") && !other.contains("VANISHED"), "{other}");
}

#[test]
fn a_client_that_did_not_enable_qresync_is_refused_it_and_sees_expunge() {
    let server = server();
    let mut plain = Client::signed_in(&server, "u", "p");
    assert!(plain.run("SELECT INBOX (QRESYNC (77 5))").contains(" BAD "));
    plain.run("SELECT INBOX");
    let mut client = enabled(&server);
    client.run("SELECT INBOX");

    server.expunge("u", "INBOX", &[2, 3]);

    assert!(plain.run("NOOP").starts_with("* 3 EXPUNGE\n* 2 EXPUNGE\n"));
    assert!(client.run("NOOP").starts_with("* VANISHED 2:3\n"));
}

#[test]
fn fetch_tells_what_vanished_where_it_is_asked_to() {
    let server = server();
    server.expunge("u", "INBOX", &[2]);
    let mut client = enabled(&server);
    client.run("SELECT INBOX");

    let answer = client.run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5 VANISHED)");

    assert_eq!(answer, "* VANISHED (EARLIER) 2\nt4 OK FETCH completed.");
}

#[test]
fn esearch_answers_only_what_is_asked_for() {
    let server = server();
    let mut client = enabled(&server);
    server.expunge("u", "INBOX", &[3]);
    client.run("SELECT INBOX");

    let all = client.run("UID SEARCH RETURN () ALL");
    let numbers = client.run("UID SEARCH RETURN (MIN MAX COUNT) UID 2:*");
    let nothing = client.run("UID SEARCH RETURN (ALL COUNT) UID 900 NOT ALL");

    assert_eq!(all, "* ESEARCH (TAG \"t4\") UID ALL 1:2,4\nt4 OK SEARCH completed.");
    assert_eq!(numbers, "* ESEARCH (TAG \"t5\") UID MIN 2 MAX 4 COUNT 2\nt5 OK SEARCH completed.");
    assert!(nothing.starts_with("* ESEARCH (TAG \"t6\") UID COUNT 0\n"), "{nothing}");
}

#[test]
fn list_tells_the_counts_and_sizes_of_all_mailboxes() {
    let server = server();
    let mut client = Client::signed_in(&server, "u", "p");

    let list =
        client.run("LIST \"\" \"*\" RETURN (STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ SIZE))");

    let inbox = "* STATUS \"INBOX\" (MESSAGES 4 UIDNEXT 5 UIDVALIDITY 77 HIGHESTMODSEQ 5 SIZE 4)\n";
    assert!(list.contains(inbox), "{list}");
    assert!(list.contains("* STATUS \"Archive\" (MESSAGES 1 "), "{list}");
}

#[test]
fn a_server_without_these_extensions_understands_none_of_them() {
    let personality = Personality::generic().without("QRESYNC").without("ESEARCH").without("LIST-STATUS");
    let server = Server::new(personality).with_account(Account::new("u", "p")).start().unwrap();
    let mut client = Client::signed_in(&server, "u", "p");

    assert!(client.run("ENABLE QRESYNC").starts_with("* ENABLED\n"));
    assert!(client.run("SELECT INBOX (QRESYNC (77 5))").contains(" BAD "));
    client.run("SELECT INBOX");
    assert!(client.run("UID SEARCH RETURN (ALL) ALL").contains(" BAD "));
    assert!(client.run("LIST \"\" \"*\" RETURN (STATUS (MESSAGES))").contains(" BAD "));
}
