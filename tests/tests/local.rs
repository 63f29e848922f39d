//! From real servers into `Local`: what a second Dovecot then serves is what the source holds.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use imapmig_tests::migration::{EMAILS, Migration, Row, account, assert_same, people};
use imapmig_tests::{ADMIN, Comparison, Courier, Dovecot, PEOPLE, Snapshot, corpus, require};

#[test]
fn real_and_odd_mail_arrives_in_maildirs_byte_for_byte() {
    require!("dovecot", "corpus");
    let source = Dovecot::source().start();
    source.deliver("terry.adams", &corpus::spam_assassin(2_400));
    source.deliver("ann.beebe", &corpus::odd_messages());
    source.login("paul.cannon", "3281986").unwrap().seed(&corpus::odd_folders()).unwrap();
    let migration = Migration::new();
    migration.endpoint("IMAPEndpoint", source.port, &[]);

    let batch = migration.migrate("IMAPBatch1", "IMAPEndpoint", None, &people());

    assert_eq!(batch["Status"], "Synced", "{:#}", migration.users(&batch));
    let target = migration.serve();
    for (email, (name, password)) in EMAILS.into_iter().zip(PEOPLE) {
        let before = account(&source, name, password);
        let after = account(&target, email, "pw");
        assert_same(&before, &after, &Comparison::strict().with_subscriptions());
        let statistics = migration.statistics(email);
        assert_eq!(statistics.total(), before.messages() as u64, "{email}");
        assert_eq!(statistics.synced(), before.messages() as u64, "{email}");
        assert_eq!(statistics.items(), [], "{email}");
    }
}

#[test]
fn every_sign_in_style_of_the_runbook_brings_its_own_users_mail() {
    require!("dovecot");
    let names: Vec<(String, String)> = (0..4).map(|i| (format!("user.{i}"), format!("own-{i}"))).collect();
    let words: Vec<(&str, &str)> =
        names.iter().map(|(name, password)| (name.as_str(), password.as_str())).collect();
    let source = Dovecot::source().accounts(&words).start();
    for (i, (name, _)) in names.iter().enumerate() {
        source.deliver(name, &corpus::small(10 + 4 * i));
    }
    let (admin, password) = ADMIN;
    let rows = [
        Row::new("u0@contoso.edu", "user.0", "own-0"),
        Row::new("u1@contoso.edu", &format!("contoso-students/{admin}/user.1"), password),
        Row::new("u2@contoso.edu", &format!("user.2*{admin}"), password),
        Row::new("u3@contoso.edu", &format!("#user.3@contoso-students.edu#{admin}#"), password),
    ];
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);

    let batch = migration.migrate("Styles", "Source", None, &rows);

    assert_eq!(batch["Status"], "Synced", "{:#}", migration.users(&batch));
    let target = migration.serve();
    for (i, (name, own)) in names.iter().enumerate() {
        let before = account(&source, name, own);
        assert_eq!(before.messages(), 10 + 4 * i);
        let after = account(&target, &format!("u{i}@contoso.edu"), "pw");
        assert_same(&before, &after, &Comparison::strict().with_subscriptions());
    }
}

#[test]
fn tls_and_starttls_are_trusted_by_the_authority_in_the_state_directory() {
    require!("dovecot");
    let source = Dovecot::source().start();
    source.deliver("terry.adams", &corpus::small(5));
    source.deliver("ann.beebe", &corpus::small(7));
    let authority = std::fs::read_to_string(&source.ca).unwrap();
    let migration = Migration::new().trusting(&[&authority]);
    let (plain, tls) = (source.port.to_string(), source.tls_port.to_string());
    for (name, port, security) in [("StartTls", &plain, "Tls"), ("Tls", &tls, "Ssl")] {
        let server = ["--remote-server", "localhost", "--port", port, "--security", security];
        migration.json(&[["endpoint", "new", "--name", name].as_slice(), &server].concat());
    }

    for (batch, endpoint, row) in [("One", "StartTls", &people()[0]), ("Two", "Tls", &people()[1])] {
        assert_eq!(migration.migrate(batch, endpoint, None, std::slice::from_ref(row))["Status"], "Synced");
    }

    let target = migration.serve();
    for (email, (name, password)) in EMAILS.into_iter().zip(PEOPLE).take(2) {
        let before = account(&source, name, password);
        assert_same(&before, &account(&target, email, "pw"), &Comparison::strict());
    }
}

#[test]
fn courier_gives_each_users_mail_by_user_root_to_the_administrator() {
    require!("courier", "dovecot");
    let source = Courier::shared_folders().start();
    for (i, (name, password)) in PEOPLE.into_iter().enumerate() {
        source.login(name, password).unwrap().seed(&corpus::small(30 + i)).unwrap();
    }
    let rows = EMAILS
        .into_iter()
        .zip(PEOPLE)
        .map(|(email, (name, _))| Row::new(email, ADMIN.0, ADMIN.1).root(&format!("/users/{name}")));
    let migration = Migration::new();
    migration.endpoint("Courier", source.port, &[]);

    let batch = migration.migrate("Shared", "Courier", None, &rows.collect::<Vec<_>>());

    assert_eq!(batch["Status"], "Synced", "{:#}", migration.users(&batch));
    let mut admin = source.login(ADMIN.0, ADMIN.1).unwrap();
    let target = migration.serve();
    for (email, (name, _)) in EMAILS.into_iter().zip(PEOPLE) {
        let before = Snapshot::below(&mut admin, &Courier::shared_name(name), '.').unwrap();
        assert!(before.messages() >= 30);
        assert_same(&before, &account(&target, email, "pw"), &Comparison::strict());
    }
}

#[test]
fn courier_with_munged_names_is_found_by_user_root_too() {
    require!("courier", "dovecot");
    let source = Courier::shared_folders().option("MUNGE", "1").start();
    source.login("terry.adams", "1091990").unwrap().seed(&corpus::small(12)).unwrap();
    let migration = Migration::new();
    migration.endpoint("Courier", source.port, &[]);
    let row = Row::new(EMAILS[0], ADMIN.0, ADMIN.1).root("/users/terry.adams");

    let batch = migration.migrate("Munged", "Courier", None, &[row]);

    assert_eq!(batch["Status"], "Synced", "{:#}", migration.users(&batch));
    let before = account(&source, "terry.adams", "1091990");
    assert_same(&before, &migration.served(EMAILS[0]), &Comparison::strict());
}

#[test]
fn folders_are_left_out_and_taken_alone_as_asked() {
    require!("dovecot");
    let source = Dovecot::source().start();
    source.deliver("terry.adams", &corpus::small(30));
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    let row = &people()[..1];

    migration.batch_with(
        "Without",
        "Source",
        None,
        row,
        &["--exclude-folders", "/Projets/*", "--auto-start"],
    );
    migration.wait_until("Without", &["Synced"]);

    let before = account(&source, "terry.adams", "1091990");
    let only_inbox = Comparison::strict().mapping(|path| (path == ["INBOX"]).then(|| path.to_vec()));
    assert_same(&before, &migration.served(EMAILS[0]), &only_inbox);
    let statistics = migration.statistics(EMAILS[0]);
    assert!(statistics.adds_up(), "{:#}", statistics.view);
}
