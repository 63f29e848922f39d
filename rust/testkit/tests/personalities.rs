//! The habits of well-known servers.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_testkit::{
    Account, Changes, FetchOrder, Keywords, Literal8, Mailbox, MessageBuilder, Personality, RunningServer,
    Server,
};
use support::Client;

fn start(personality: Personality, mailboxes: Vec<Mailbox>) -> RunningServer {
    let account = mailboxes.into_iter().fold(Account::new("u", "p"), Account::with_mailbox);
    Server::new(personality).with_account(account).with_token("u", "p").start().unwrap()
}

fn client(server: &RunningServer) -> Client {
    Client::signed_in(server, "u", "p")
}

/// A client of a server that takes tokens alone.
fn token_client(server: &RunningServer) -> Client {
    use base64::Engine;
    let mut client = Client::new(server);
    let response = base64::engine::general_purpose::STANDARD.encode("user=u\x01auth=Bearer p\x01\x01");
    assert!(client.run(&format!("AUTHENTICATE XOAUTH2 {response}")).contains("OK"));
    client
}

#[test]
fn quirk_courier_select_without_uidnext() {
    let server = start(Personality::courier_like(), Vec::new());
    let mut client = client(&server);

    assert!(!client.run("SELECT INBOX").contains("UIDNEXT"));
    assert_eq!(client.run("STATUS INBOX (UIDNEXT)").lines().next(), Some("* STATUS \"INBOX\" (UIDNEXT 1)"));
}

#[test]
fn quirk_courier_prefix_and_shared_mailboxes() {
    let server = start(
        Personality::courier_like(),
        vec![
            Mailbox::new("Projets/Alpha"),
            Mailbox::exact("#shared.users.terry adams"),
            Mailbox::exact("#shared.users.terry adams.Sent"),
        ],
    );
    let mut client = client(&server);

    assert_eq!(
        client.run("NAMESPACE").lines().next(),
        Some("* NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"#shared.\" \".\"))")
    );
    let all = client.run("LIST \"\" \"*\"");
    assert!(all.contains("\"INBOX.Projets.Alpha\"") && !all.contains("#shared"), "{all}");
    assert_eq!(
        client.run("LIST \"\" \"#shared.%\"").lines().next(),
        Some("* LIST (\\Noselect \\HasChildren) \".\" \"#shared.users\"")
    );
    assert!(client.run("LIST \"\" \"#shared.users.*\"").contains("\"#shared.users.terry adams.Sent\""));
    assert_eq!(client.run("CREATE Outside"), "t6 NO Invalid mailbox name.");
    assert!(
        client.append("\"#shared.users.terry adams\"", b"x").starts_with("t7 NO Access denied for APPEND")
    );
    assert!(client.run("CREATE INBOX.Inside").contains("OK"));
    assert!(server.has_mailbox("u", "Inside"));
}

#[test]
fn quirk_courier_takes_no_literal_plus() {
    let server = start(Personality::courier_like(), Vec::new());
    let mut client = client(&server);

    client.send("a APPEND INBOX {3+}\r\nabc\r\n");

    assert_eq!(client.line(), "a NO Error in IMAP command received by server.");
    assert!(client.line().starts_with("* NO Error"));
}

#[test]
fn quirk_servers_alter_messages_and_say_ok() {
    let message = b"S: \xe9\r\n\r\na\nb\rc\0d";
    for (personality, kept) in [
        (Personality::dovecot(), &b"S: \xe9\r\n\r\na\r\nb\rc\x80d"[..]),
        (Personality::courier_like(), b"S: \xe9\r\n\r\na\r\nbc\0d\r\n"),
        (Personality::generic(), message),
    ] {
        let server = start(personality, Vec::new());

        assert!(client(&server).append("INBOX", message).contains("OK"));

        assert_eq!(*server.messages("u", "INBOX")[0].raw, kept);
    }
}

#[test]
fn quirk_cyrus_refuses_nul_and_lf_but_keeps_them_in_literal8() {
    let server = start(Personality::cyrus_like(), Vec::new());
    let mut client = client(&server);

    assert_eq!(client.append("INBOX", b"a\nb"), "t2 NO Message contains bare newlines");
    assert_eq!(client.append("INBOX", b"a\0b"), "t3 NO Message contains NUL characters");
    assert!(client.append("INBOX", b"S: \xe9\r\n\r\n\xe9").contains("OK"));
    client.send("a APPEND INBOX ~{4+}\r\na\0\nb\r\n");
    assert!(client.until("a").contains("OK"));

    assert_eq!(*server.messages("u", "INBOX")[0].raw, b"S: X\r\n\r\n\xe9");
    client.run("SELECT INBOX");
    client.send("b FETCH 2 BODY.PEEK[]\r\n");
    assert_eq!(client.line(), "* 2 FETCH (BODY[] ~{4}");
}

#[test]
fn quirk_dovecot_refuses_a_message_of_zero_bytes() {
    let server = start(Personality::dovecot(), Vec::new());

    assert_eq!(client(&server).append("INBOX", b""), "t2 NO Can't save a zero byte message");
}

#[test]
fn exchange_names_are_case_insensitive_localised_and_partly_reserved() {
    let server = start(Personality::exchange_online_german(), Vec::new());
    let mut client = token_client(&server);

    let list = client.run("LIST \"\" \"*\"");
    assert!(list.contains("\"Gesendete Elemente\"") && list.contains("\"Gel&APY-schte Elemente\""), "{list}");
    assert!(!list.contains("\\Sent"), "{list}");
    assert_eq!(client.run("CREATE \"gesendete elemente\""), "t3 NO Folder already exists.");
    assert_eq!(client.run("CREATE files"), "t4 NO CREATE failed.");
    assert!(client.run("SELECT inbox").contains("OK"));
    assert!(client.run("STATUS \"GESENDETE ELEMENTE\" (MESSAGES)").contains("OK"));
}

#[test]
fn exchange_refuses_messages_that_are_too_large_before_and_after_the_literal() {
    let personality = Personality::exchange_online().with_max_size(5, "NO Maximum size exceeded");
    let server = start(personality, Vec::new());
    let mut client = token_client(&server);

    assert_eq!(client.append("INBOX", b"123456"), "t2 NO Maximum size exceeded");
    client.send("a APPEND INBOX {6+}\r\n123456\r\nb APPEND INBOX {5+}\r\n12345\r\n");

    assert_eq!(client.until("a"), "a NO Maximum size exceeded");
    assert!(client.until("b").contains("b OK [APPENDUID"));
}

#[test]
fn keywords_are_dropped_refused_or_kept() {
    let append = "INBOX (\\Seen Wichtig)";
    let refuse = Keywords::Refuse("BAD Command Argument Error. 11".into());
    let server = start(Personality::generic().with_keywords(refuse), Vec::new());
    assert_eq!(client(&server).append(append, b"x"), "t2 BAD Command Argument Error. 11");

    let server = start(Personality::generic().with_keywords(Keywords::Drop), Vec::new());
    let mut one = client(&server);
    one.append(append, b"x");
    assert!(
        one.run("SELECT INBOX").contains("[PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)]")
    );
    one.run("STORE 1 +FLAGS (Spaeter)");
    let kept = &server.messages("u", "INBOX")[0];
    assert!(kept.keywords.is_empty() && kept.flags.contains("\\Seen"));

    let server = start(Personality::generic().dropping_flags(), Vec::new());
    let mut two = client(&server);
    two.append(append, b"x");
    two.run("SELECT INBOX");
    assert!(two.run("UID STORE 1 FLAGS.SILENT (\\Seen Wichtig)").contains("OK"));
    let kept = &server.messages("u", "INBOX")[0];
    assert!(kept.keywords.contains("Wichtig") && kept.flags.contains("\\Seen"));
}

#[test]
fn refusals_and_quota_answer_as_told() {
    let personality = Personality::generic()
        .with_quota(20)
        .refusing(|m| m.raw.contains(&b'!').then(|| "NO [CANNOT] Invalid message".into()));
    let server = start(personality, Vec::new());
    let mut client = client(&server);

    assert_eq!(client.append("INBOX", b"oh!"), "t2 NO [CANNOT] Invalid message");
    assert!(client.append("INBOX", &[b'x'; 20]).contains("OK"));
    assert_eq!(client.append("INBOX", b"x"), "t4 NO [OVERQUOTA] Quota exceeded (mailbox for user is full)");
}

#[test]
fn fetch_lies_reverses_and_interrupts_when_told() {
    let personality = Personality::generic()
        .with_size_error(-7)
        .with_fetch_order(FetchOrder::Descending)
        .with_unsolicited_every(1)
        .with_literal8(Literal8::Always);
    let message = || MessageBuilder::new("m").size(500).build();
    let server =
        start(personality, vec![Mailbox::new("INBOX").with_messages([message(), message(), message()])]);
    let mut client = client(&server);
    client.run("SELECT INBOX");

    assert_eq!(
        client.run("FETCH 1:3 RFC822.SIZE"),
        "* 3 FETCH (RFC822.SIZE 493)\n* 3 EXISTS\n\
         * 2 FETCH (RFC822.SIZE 493)\n* OK [ALERT] Maintenance at 10 pm\n\
         * 1 FETCH (RFC822.SIZE 493)\n* 1 FETCH (FLAGS ())\nt3 OK FETCH completed."
    );
    client.send("a FETCH 1 BODY.PEEK[]<0.10>\r\n");
    assert_eq!(client.line(), "* 1 FETCH (BODY[]<0> ~{10}");
}

#[test]
fn capabilities_taken_away_are_not_understood() {
    let personality = Personality::generic()
        .without("UIDPLUS")
        .without("LITERAL+")
        .without("MULTIAPPEND")
        .without("CONDSTORE");
    let server = start(personality.altering(Changes::NONE), Vec::new());
    let mut client = client(&server);

    assert_eq!(client.append("INBOX", b"x"), "t2 OK Append completed.");
    assert!(!client.run("SELECT INBOX").contains("HIGHESTMODSEQ"));
    assert!(client.run("UID FETCH 1:* FLAGS (CHANGEDSINCE 1)").contains("BAD"));
    assert!(client.run("UID EXPUNGE 1").contains("BAD"));
    client.send("a APPEND INBOX {1+}\r\n");
    assert!(client.line().contains("BAD"));
}

#[test]
fn literal_minus_takes_small_literals_at_once() {
    let server = start(Personality::gmail_like(), Vec::new());
    let mut client = client(&server);
    let large = "x".repeat(4097);

    client.send(format!("a APPEND INBOX {{4096+}}\r\n{}\r\n", &large[1..]));
    assert!(client.until("a").contains("OK"));
    assert!(client.append("INBOX", large.as_bytes()).contains("OK"));
    client.send("b APPEND INBOX {4097+}\r\n");
    assert!(client.until("b").contains("BAD"));
    assert!(client.run("LIST \"\" \"[Gmail]/%\"").contains("(\\HasNoChildren \\All)"));
}
