//! Mailboxes, names and flags, and what other sessions and the test itself change meanwhile.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_testkit::{
    Account, Mailbox, Message, MessageBuilder, Personality, RunningServer, Server, sample,
};
use support::Client;

fn start(mailboxes: Vec<Mailbox>) -> RunningServer {
    let account = mailboxes.into_iter().fold(Account::new("u", "p"), Account::with_mailbox);
    Server::new(Personality::generic()).with_account(account).start().unwrap()
}

fn client(server: &RunningServer) -> Client {
    Client::signed_in(server, "u", "p")
}

#[test]
fn list_extended_returns_subscriptions_special_use_and_status() {
    let server = start(vec![Mailbox::new("Sent").special_use("\\Sent"), Mailbox::new("Old").unsubscribed()]);
    let mut client = client(&server);

    let list = client.run("LIST \"\" (\"%\") RETURN (SUBSCRIBED SPECIAL-USE STATUS (MESSAGES UIDNEXT))");

    assert_eq!(
        list,
        "* LIST (\\HasNoChildren \\Subscribed) \"/\" \"INBOX\"\n* STATUS \"INBOX\" (MESSAGES 0 UIDNEXT 1)\n\
         * LIST (\\HasNoChildren) \"/\" \"Old\"\n* STATUS \"Old\" (MESSAGES 0 UIDNEXT 1)\n\
         * LIST (\\HasNoChildren \\Sent \\Subscribed) \"/\" \"Sent\"\n* STATUS \"Sent\" (MESSAGES 0 UIDNEXT 1)\n\
         t2 OK LIST completed."
    );
    assert!(!client.run("LIST (SUBSCRIBED) \"\" \"*\"").contains("Old"));
    assert!(client.run("LIST (SPECIAL-USE) \"\" \"*\"").starts_with("* LIST (\\HasNoChildren \\Sent)"));
    assert_eq!(client.run("LSUB \"\" \"%\"").lines().count(), 3);
    assert!(client.run("LIST \"\" \"\"").contains("\"/\" \"\""));
}

#[test]
fn percent_stops_at_the_delimiter() {
    let server = start(vec![Mailbox::new("a/b/c"), Mailbox::new("ab")]);
    let mut client = client(&server);

    assert_eq!(client.run("LIST \"\" \"a%\"").matches("LIST (").count(), 2);
    assert_eq!(client.run("LIST \"a/\" \"%\"").matches("LIST (").count(), 1);
    assert_eq!(client.run("LIST \"\" \"*c\"").matches("LIST (").count(), 1);
    assert_eq!(client.run("LIST \"\" inbox").matches("\"INBOX\"").count(), 1);
}

#[test]
fn mailboxes_are_created_renamed_subscribed_and_deleted() {
    let server = start(Vec::new());
    let mut client = client(&server);

    assert!(client.run("CREATE \"Post/Gesendet\" (USE (\\Sent))").contains("OK"));
    assert_eq!(client.run("CREATE Other (USE (\\Sent))"), "t3 NO [USEATTR] SPECIAL-USE flag conflict");
    assert!(client.run("SUBSCRIBE Post/Gesendet").contains("OK"));
    assert!(client.run("SUBSCRIBE Missing").contains("NO"));
    assert!(client.run("RENAME Post/Gesendet &ZeVnLIqe-").contains("OK"));
    assert_eq!(server.special_use("u", "日本語").as_deref(), Some("\\Sent"));
    assert_eq!(server.subscriptions("u"), ["INBOX", "Post/Gesendet"]);
    assert!(client.run("DELETE &ZeVnLIqe-").contains("OK"));
    assert!(!server.has_mailbox("u", "日本語"));
    assert!(client.run("CREATE inbox").contains("ALREADYEXISTS"));
}

#[test]
fn utf8_accept_turns_names_into_utf_8() {
    let server = start(vec![Mailbox::new("Größe")]);
    let mut client = client(&server);

    client.run("ENABLE UTF8=ACCEPT");

    assert!(client.run("LIST \"\" *").contains("\"Größe\""));
    assert!(client.run("SELECT \"Größe\"").contains("OK"));
}

#[test]
fn hostile_names_reach_the_client_as_they_are() {
    let long = "x".repeat(300);
    let server = start(vec![
        Mailbox::wire(b"../../etc"),
        Mailbox::wire(b"a\0b"),
        Mailbox::wire(long.as_bytes()),
        Mailbox::wire(b"broken &name"),
    ]);
    let mut client = client(&server);

    client.send("l LIST \"\" *\r\n");
    let list = client.until("l");

    for part in ["\"../../etc\"", "{3}\na\0b", long.as_str(), "\"broken &name\""] {
        assert!(list.contains(part), "{part}");
    }
    assert!(client.run("SELECT \"broken &name\"").contains("OK"));
    client.send("s SELECT {3+}\r\na\0b\r\n");
    assert!(client.until("s").contains("s OK"));
}

#[test]
fn deliveries_flags_and_removals_are_told_at_noop() {
    let server = start(Vec::new());
    let first = server.deliver("u", "INBOX", MessageBuilder::new("one").build());
    let mut client = client(&server);
    client.run("SELECT INBOX");

    server.set_flags("u", "INBOX", first, &["\\Flagged", "Wichtig"]);
    server.deliver("u", "INBOX", MessageBuilder::new("two").build());
    assert_eq!(
        client.run("NOOP"),
        "* 1 FETCH (UID 1 FLAGS (\\Flagged Wichtig))\n* 2 EXISTS\nt3 OK NOOP completed."
    );
    server.expunge("u", "INBOX", &[first]);
    assert_eq!(client.run("FETCH 1:2 UID"), "* 2 FETCH (UID 2)\nt4 OK FETCH completed.");
    assert_eq!(client.run("NOOP"), "* 1 EXPUNGE\nt5 OK NOOP completed.");
}

#[test]
fn changed_since_shows_what_changed() {
    let server = start(vec![
        Mailbox::new("INBOX").with_messages([Message::from_bytes("a"), Message::from_bytes("b")]),
    ]);
    let mut client = client(&server);
    let selected = client.run("SELECT INBOX (CONDSTORE)");
    assert!(selected.contains("[HIGHESTMODSEQ 3]"), "{selected}");

    server.set_flags("u", "INBOX", 1, &["\\Seen"]);

    assert!(
        client
            .run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 3)")
            .starts_with("* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (4))\n")
    );
    let stored = client.run("UID STORE 1:2 (UNCHANGEDSINCE 3) +FLAGS (\\Deleted)");
    assert!(stored.contains("* 2 FETCH (UID 2 FLAGS (\\Deleted) MODSEQ (5))"), "{stored}");
    assert!(stored.contains("OK [MODIFIED 1]"), "{stored}");
}

#[test]
fn search_finds_by_header_date_and_uid() {
    let server = start(vec![Mailbox::new("INBOX").with_messages([
        MessageBuilder::new("alpha").message_id(Some("<one@contoso.edu>")).date(86_400).build(),
        MessageBuilder::new("beta").message_id(None).date(400_000).flag("\\Seen").build(),
    ])]);
    let mut client = client(&server);
    client.run("SELECT INBOX");

    for (keys, found) in [
        ("ALL", " 1 2"),
        ("HEADER Message-ID \"<ONE@contoso\"", " 1"),
        ("SINCE 3-Jan-1970", " 2"),
        ("BEFORE 3-Jan-1970 UNSEEN", " 1"),
        ("UID 2:* NOT DELETED", " 2"),
        ("OR SUBJECT alpha SEEN", " 1 2"),
        ("HEADER Message-ID \"\" (SEEN)", ""),
    ] {
        let answer = client.run(&format!("UID SEARCH {keys}"));
        assert_eq!(answer.lines().next().unwrap(), format!("* SEARCH{found}"), "{keys}");
    }
}

#[test]
fn copy_move_and_expunge_name_their_uids() {
    let server = start(vec![
        Mailbox::new("INBOX").with_messages([Message::from_bytes("a"), Message::from_bytes("b")]),
        Mailbox::new("Archive").uid_validity(77).first_uid(10),
    ]);
    let mut client = client(&server);
    client.run("SELECT INBOX");

    assert!(client.run("UID COPY 1:2 Archive").contains("OK [COPYUID 77 1:2 10:11]"));
    let moved = client.run("UID MOVE 1 Archive");
    assert!(moved.contains("* OK [COPYUID 77 1 12]") && moved.contains("* 1 EXPUNGE"), "{moved}");
    client.run("UID STORE 2 +FLAGS.SILENT (\\Deleted)");
    assert_eq!(client.run("UID EXPUNGE 2"), "* 1 EXPUNGE\nt6 OK EXPUNGE completed.");
    assert_eq!((server.messages("u", "INBOX").len(), server.messages("u", "Archive").len()), (0, 3));
}

#[test]
fn uidvalidity_can_be_reset_and_uids_doubled() {
    let server = start(vec![Mailbox::new("INBOX").first_uid(7).with_messages([
        Message::from_bytes("a"),
        Message::from_bytes("b"),
        Message::from_bytes("c"),
    ])]);
    let (old, _) = server.uid_state("u", "INBOX").unwrap();

    let new = server.reset_uidvalidity("u", "INBOX");
    server.set_uid("u", "INBOX", 2, 1);

    assert!(new > old);
    let mut client = client(&server);
    assert!(client.run("SELECT INBOX").contains(&format!("[UIDVALIDITY {new}]")));
    assert_eq!(client.run("UID FETCH 1:* FLAGS").matches("UID 1 ").count(), 2);
}

#[test]
fn many_copies_share_their_bytes() {
    let server = start(Vec::new());
    server.deliver_copies("u", "Big", &MessageBuilder::new("m").size(4000).build(), 20_000);
    let mut client = client(&server);
    client.run("SELECT Big");

    let answer = client.run("UID FETCH 19000:* (FLAGS RFC822.SIZE)");

    assert_eq!(answer.lines().count(), 1002);
    assert_eq!(server.message_count("u"), 20_000);
}

#[test]
fn sample_mailboxes_are_served() {
    let server =
        Server::new(Personality::dovecot()).with_accounts(sample::three_mailboxes()).start().unwrap();

    for (login, password) in sample::PEOPLE {
        let mut client = Client::signed_in(&server, login, password);
        let list = client.run("LIST \"\" *");
        assert!(list.contains("&ZeVnLIqe-") && list.contains("Invoices &- Orders"), "{list}");
    }
    assert_eq!(server.snapshot("terry.adams")["Größe"].len(), 7);
}
