//! Bad servers: unreachable, silent, of another kind, with bad certificates, hostile names or odd messages. Each gets one clear
//! error that names the thing and the remedy, and nothing is lost or doubled.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::net::TcpListener;
use std::path::Path;
use std::time::Instant;

use imapmig_testkit::{
    Account, Fault, Mailbox, Message, Personality, RunningServer, Server, What, When, sample,
};
use imapmig_tests::migration::{EMAILS, Migration, assert_same, held, people};
use imapmig_tests::{Certificate, Comparison, Dovecot, require};
use serde_json::Value;

fn samples() -> RunningServer {
    Server::new(Personality::dovecot()).with_accounts(sample::three_mailboxes()).start().unwrap()
}

/// What `test-server` says of a server that cannot be used.
fn trouble(migration: &Migration, host: &str, port: u16, security: &str) -> String {
    let port = port.to_string();
    let arguments =
        ["test-server", "--remote-server", host, "--port", &port, "--security", security, "--json"];
    let answer = migration.run(&arguments);
    assert_eq!(answer.code, Some(6), "{answer:#?}");
    let result: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(result["Result"], "Failed");
    format!("{}\n{}", result["Message"].as_str().unwrap(), result["ErrorDetail"].as_str().unwrap())
}

#[track_caller]
fn names(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "\"{word}\" is not in: {text}");
    }
}

#[test]
fn a_host_name_that_does_not_exist_is_named() {
    let text = trouble(&Migration::new(), "imap.does-not-exist.invalid", 993, "Ssl");

    names(&text, &["imap.does-not-exist.invalid", "name"]);
}

#[test]
fn a_port_that_nothing_listens_at_is_refused() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();

    let text = trouble(&Migration::new(), "127.0.0.1", port, "None");

    names(&text, &["127.0.0.1", "refused", &port.to_string()]);
}

#[test]
fn a_server_that_says_nothing_is_given_up_after_15_seconds() {
    let server = Server::new(Personality::generic())
        .with_fault(Fault::new(When::Greeting, What::Stall))
        .start()
        .unwrap();
    let began = Instant::now();

    let text = trouble(&Migration::new(), "127.0.0.1", server.port(), "None");

    names(&text, &["127.0.0.1", "timed out after 00:00:15"]);
    assert!((14..20).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[test]
fn a_server_of_another_protocol_is_no_imap_server() {
    let greeting = What::Answer("220 mail.contoso.com ESMTP".to_owned());
    let server =
        Server::new(Personality::generic()).with_fault(Fault::new(When::Greeting, greeting)).start().unwrap();

    let text = trouble(&Migration::new(), "127.0.0.1", server.port(), "None");

    names(&text, &["127.0.0.1", "220 mail.contoso.com ESMTP"]);
}

#[test]
fn tls_on_a_plain_port_and_the_reverse_are_told_apart() {
    require!("dovecot");
    let server = Dovecot::source().start();
    let migration = Migration::new();

    let tls_on_plain = trouble(&migration, "127.0.0.1", server.port, "Ssl");
    let plain_on_tls = trouble(&migration, "127.0.0.1", server.tls_port, "None");

    names(&tls_on_plain, &["TLS"]);
    names(&plain_on_tls, &["Ssl"]);
}

#[test]
fn starttls_that_is_not_offered_is_not_done_without() {
    let server = samples();

    let text = trouble(&Migration::new(), "127.0.0.1", server.port(), "Tls");

    names(&text, &["STARTTLS"]);
}

#[test]
fn each_bad_certificate_is_named_and_taken_only_when_asked_to() {
    require!("dovecot");
    for (certificate, word) in [
        (Certificate::Expired, "expired"),
        (Certificate::SelfSigned, "self"),
        (Certificate::WrongHost, "localhost"),
    ] {
        let server = Dovecot::source().certificate(certificate).start();
        let authority = std::fs::read_to_string(&server.ca).unwrap();
        let migration = Migration::new().trusting(&[&authority]);

        let text = trouble(&migration, "localhost", server.tls_port, "Ssl");

        assert!(text.to_lowercase().contains(word), "{certificate:?}: {text}");
        names(&text, &["certificate", "--accept-untrusted-certificates"]);
        let port = server.tls_port.to_string();
        let asked = [
            "test-server",
            "--remote-server",
            "localhost",
            "--port",
            &port,
            "--accept-untrusted-certificates",
        ];
        assert_eq!(migration.json(&asked)["Result"], "Success", "{certificate:?}");
    }
}

#[test]
fn hostile_mailbox_names_stay_inside_the_mailbox() {
    let message = |text: &str| Message::from_bytes(format!("Subject: {text}\r\n\r\nx\r\n").into_bytes());
    let long = "n".repeat(300);
    let hostile: [&[u8]; 5] = [b"../../etc/passwd", b"/etc/cron.d", b".hidden", b"a\\..\\b", long.as_bytes()];
    let account =
        hostile.iter().enumerate().fold(Account::new("terry.adams", "1091990"), |account, (i, name)| {
            account.with_mailbox(Mailbox::wire(name).with_message(message(&format!("hostile {i}"))))
        });
    let account = account.with_mailbox(Mailbox::new("INBOX").with_message(message("inbox")));
    let server =
        Server::new(Personality::generic().with_hierarchy('|', "")).with_account(account).start().unwrap();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);

    migration.migrate("Batch", "Source", None, &people()[..1]);

    let maildir = migration.mailboxes().join(EMAILS[0]).join("Maildir");
    let beside: Vec<_> =
        std::fs::read_dir(migration.mailboxes()).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(beside, [EMAILS[0]]);
    let messages = count_files(&maildir);
    assert_eq!(messages, 6, "{}", migration.account("Batch"));
    let statistics = migration.statistics(EMAILS[0]);
    assert!(statistics.adds_up());
}

/// Messages in a Maildir and the folders in it.
fn count_files(maildir: &Path) -> usize {
    let entries = std::fs::read_dir(maildir).unwrap().flatten();
    entries
        .map(|entry| match entry.file_name().to_str() {
            Some("cur" | "new") => std::fs::read_dir(entry.path()).unwrap().count(),
            Some("tmp") => 0,
            _ if entry.path().is_dir() => count_files(&entry.path()),
            _ => 0,
        })
        .sum()
}

#[test]
fn odd_messages_go_into_maildirs_as_they_are() {
    require!("dovecot");
    let odd = [
        Message::from_bytes(b"no header at all\r\n".to_vec()),
        Message::from_bytes(b"\r\nonly a body\r\n".to_vec()),
        Message::from_bytes(Vec::new()),
        Message::from_bytes(b"Subject: no end\r\n\r\nlast".to_vec()),
    ];
    let inbox = Mailbox::new("INBOX").with_messages(odd);
    let account_ = Account::new("terry.adams", "1091990").with_mailbox(inbox);
    let server = Server::new(Personality::generic()).with_account(account_).start().unwrap();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);

    migration.migrate("Batch", "Source", None, &people()[..1]);

    assert_same(&held(&server, "terry.adams"), &migration.served(EMAILS[0]), &Comparison::strict());

    // Dovecot shows NUL as 0x80, so that such a message is looked at in its file.
    server.deliver("terry.adams", "INBOX", Message::from_bytes(b"Subject: nul\r\n\r\na\0b\r\n".to_vec()));
    migration.sync_now("Batch");
    let files =
        std::fs::read_dir(migration.mailboxes().join(EMAILS[0]).join("Maildir/cur")).unwrap().flatten();
    let whole = files.filter(|file| std::fs::read(file.path()).unwrap().windows(3).any(|at| at == b"a\0b"));
    assert_eq!(whole.count(), 1);
}

#[test]
fn a_connection_dropped_in_the_middle_of_a_literal_loses_nothing() {
    let server = samples();
    for skip in [0, 3, 9] {
        server.faults().arm(Fault::cut(When::InFetchLiteral(700)).skip(skip).for_account("terry.adams"));
    }
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);

    migration.migrate("Batch", "Source", None, &people()[..1]);

    let statistics = migration.statistics(EMAILS[0]);
    assert_eq!(statistics.synced(), server.message_count("terry.adams") as u64);
    assert_eq!(
        count_files(&migration.mailboxes().join(EMAILS[0]).join("Maildir")),
        server.message_count("terry.adams")
    );
}
