//! Into Exchange Online, as far as it can be had on loopback: tokens by client credentials from an endpoint that checks
//! them, XOAUTH2, the recorded capabilities, folders, limits and texts.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::Command;
use std::time::{Duration, Instant};

use imapmig_testkit::{Account, Mailbox, MessageBuilder, Personality};
use imapmig_tests::migration::{
    Credential, EMAILS, Migration, Row, Tenant, TokenServer, account, assert_same, assert_same_but_reported,
    held, people, whole,
};
use imapmig_tests::{Comparison, Dovecot, corpus, require};

/// A source with a few messages for each of the three.
fn source(messages: usize) -> Dovecot {
    let source = Dovecot::source().start();
    for (name, _) in imapmig_tests::PEOPLE {
        source.deliver(name, &corpus::small(messages));
    }
    source
}

#[test]
fn real_and_odd_mail_reaches_the_tenant_by_a_secret_that_the_endpoint_checks() {
    require!("dovecot", "corpus");
    let source = Dovecot::source().start();
    source.deliver("terry.adams", &corpus::spam_assassin(400));
    source.deliver("ann.beebe", &corpus::odd_messages());
    source.login("paul.cannon", "3281986").unwrap().seed(&corpus::odd_folders()).unwrap();
    let tenant = Tenant::new(Personality::exchange_online());
    tenant.register();
    tenant.migration.endpoint("Source", source.port, &[]);

    let tested = tenant.migration.json(&["test-server", "--endpoint", "Tenant"]);
    tenant.migration.migrate("Batch", "Source", Some("Tenant"), &people());

    assert_eq!(tested["Result"], "Success");
    let requests = tenant.tokens.requests();
    assert!(requests.iter().all(|request| request.objections.is_empty()), "{requests:#?}");
    assert!(requests.len() <= 4, "tokens are cached, and were asked for {} times", requests.len());
    for (email, (name, password)) in EMAILS.into_iter().zip(imapmig_tests::PEOPLE) {
        let statistics = tenant.migration.statistics(email);
        assert_eq!(statistics.text("Status"), "Synced");
        assert!(statistics.adds_up());
        let before = account(&source, name, password);
        assert_same_but_reported(&before, &held(&tenant.exchange, email), &statistics);
    }
}

#[test]
fn a_certificate_signs_assertions_that_the_endpoint_verifies() {
    require!("dovecot", "openssl");
    let source = source(20);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let openssl = |arguments: &[&str]| {
        assert!(Command::new("openssl").args(arguments).output().unwrap().status.success())
    };
    let (key, certificate, both, pfx) =
        (at("key.pem"), at("certificate.pem"), at("both.pem"), at("both.pfx"));
    let subject = ["-subj", "/CN=ImapMigration", "-days", "2", "-keyout", &key, "-out", &certificate];
    openssl(&[["req", "-x509", "-newkey", "rsa:2048", "-nodes"].as_slice(), &subject].concat());
    let pair = std::fs::read_to_string(&certificate).unwrap() + &std::fs::read_to_string(&key).unwrap();
    std::fs::write(&both, pair).unwrap();
    openssl(&[
        "pkcs12",
        "-export",
        "-in",
        &certificate,
        "-inkey",
        &key,
        "-out",
        &pfx,
        "-passout",
        "pass:of the file",
    ]);

    for (file, password) in [(both, None), (pfx, Some("of the file"))] {
        let tenant =
            Tenant::with(Personality::exchange_online(), Credential::Certificate(certificate.clone().into()));
        let mut arguments = tenant.arguments(["--certificate-file", &file]);
        if let Some(password) = password {
            let file = tenant.migration.write_file("certificate.password", password.as_bytes());
            arguments.extend(["--certificate-password-file".to_owned(), file.to_str().unwrap().to_owned()]);
        }
        tenant.migration.json(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        tenant.migration.endpoint("Source", source.port, &[]);

        tenant.migration.migrate("Batch", "Source", Some("Tenant"), &people()[..1]);

        let requests = tenant.tokens.requests();
        assert!(!requests.is_empty());
        assert!(requests.iter().all(|request| request.objections.is_empty()), "{requests:#?}");
        assert_eq!(tenant.migration.statistics(EMAILS[0]).synced(), 20);
    }
}

#[test]
fn a_wrong_secret_is_named_and_appears_nowhere() {
    let tenant = Tenant::new(Personality::exchange_online());
    let file = tenant.migration.write_file("secret", b"expired-or-mistyped");
    let arguments = tenant.arguments(["--client-secret-file", file.to_str().unwrap()]);

    let refusal = tenant.migration.refused(&arguments.iter().map(String::as_str).collect::<Vec<_>>());

    assert_eq!(refusal.category, "AuthenticationError");
    assert!(
        refusal.message.contains("AADSTS7000215") && refusal.message.contains("secret"),
        "{}",
        refusal.message
    );
    assert!(!refusal.message.contains("expired-or-mistyped"), "{}", refusal.message);
}

#[test]
fn each_missing_grant_is_named_in_plain_words() {
    let tenant = Tenant::new(Personality::exchange_online());
    let file = tenant.migration.write_file("secret", Tenant::SECRET.as_bytes());
    let arguments = tenant.arguments(["--client-secret-file", file.to_str().unwrap()]);
    let refused =
        || tenant.migration.refused(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).message;

    for (status, error, description, named) in [
        (400, "invalid_request", "AADSTS90002: Tenant 'x' not found.", "tenant"),
        (
            401,
            "invalid_client",
            "AADSTS7000222: The provided client secret keys for app 'x' are expired.",
            "expired",
        ),
        (
            400,
            "unauthorized_client",
            "AADSTS700016: Application with identifier 'x' was not found in the directory.",
            "application",
        ),
    ] {
        tenant.tokens.refuse_with(Some((status, error, description)));
        let message = refused();
        assert!(message.to_lowercase().contains(named), "{named}: {message}");
        assert!(message.contains("AADSTS"), "the authority's own words are kept: {message}");
    }
    tenant.tokens.refuse_with(None);
    tenant.exchange.set_mailbox_permission(EMAILS[0], false);
    let message = refused();
    assert!(message.contains("Add-MailboxPermission"), "{message}");
}

#[test]
fn a_session_whose_token_expires_in_the_middle_goes_on_unnoticed() {
    require!("dovecot");
    let source = source(200);
    let tenant = Tenant::new(Personality::exchange_online().with_commands_per_token(60));
    tenant.register();
    tenant.migration.endpoint("Source", source.port, &[]);

    let batch = tenant.migration.migrate("Batch", "Source", Some("Tenant"), &people());

    assert_eq!(batch["Status"], "Synced");
    for (email, (name, password)) in EMAILS.into_iter().zip(imapmig_tests::PEOPLE) {
        let statistics = tenant.migration.statistics(email);
        assert_eq!((statistics.text("Error"), statistics.synced()), (String::new(), 200));
        assert_same_but_reported(
            &account(&source, name, password),
            &held(&tenant.exchange, email),
            &statistics,
        );
    }
}

#[test]
fn a_stated_backoff_is_obeyed_by_all_connections_and_shown() {
    require!("dovecot");
    let source = source(120);
    let tenant = Tenant::new(Personality::exchange_online());
    tenant.register();
    tenant.migration.endpoint("Source", source.port, &[]);
    let pause = Duration::from_secs(4);
    tenant.exchange.throttle(EMAILS[0], pause);
    let began = Instant::now();

    let row = &people()[..1];
    tenant.migration.batch_with("Batch", "Source", Some("Tenant"), row, &["--auto-start"]);
    let waiting = tenant
        .migration
        .wait_for_user(EMAILS[0], Duration::from_secs(20), |user| user["Waiting"].is_string());
    tenant.migration.wait_until("Batch", &["Synced"]);

    assert!(began.elapsed() >= pause);
    let shown = waiting["Waiting"].as_str().unwrap();
    assert!(shown.contains("pause") || shown.contains("wait"), "{shown}");
    // Whoever was told keeps still until the time is over.
    assert!(tenant.exchange.throttled_answers() <= 4, "{} answers", tenant.exchange.throttled_answers());
    let statistics = tenant.migration.statistics(EMAILS[0]);
    assert_eq!((statistics.text("Error"), statistics.text("Waiting")), (String::new(), String::new()));
    assert_same_but_reported(
        &account(&source, "terry.adams", "1091990"),
        &held(&tenant.exchange, EMAILS[0]),
        &statistics,
    );
}

#[test]
fn special_folders_go_to_the_mailboxs_own_in_its_language() {
    let source = imapmig_testkit::Server::new(Personality::generic())
        .with_account(["Sent", "Drafts", "Trash", "Junk", "Archive"].iter().fold(
            Account::new("terry.adams", "1091990"),
            |account, name| {
                let message = MessageBuilder::new(&format!("from {name}")).build();
                let mailbox = Mailbox::new(name).with_message(message);
                account.with_mailbox(mailbox.special_use(&format!("\\{name}")))
            },
        ))
        .start()
        .unwrap();
    let tenant = Tenant::new(Personality::exchange_online_german());
    tenant.register();
    tenant.migration.endpoint("Source", source.port(), &[]);

    tenant.migration.migrate("Batch", "Source", Some("Tenant"), &people()[..1]);

    for (own, name) in [
        ("Gesendete Elemente", "Sent"),
        ("Entwürfe", "Drafts"),
        ("Gelöschte Elemente", "Trash"),
        ("Junk-E-Mail", "Junk"),
        ("Archiv", "Archive"),
    ] {
        assert_eq!(tenant.exchange.messages(EMAILS[0], own).len(), 1, "{own}");
        assert!(!tenant.exchange.has_mailbox(EMAILS[0], name), "{name}");
    }
}

#[test]
fn a_dovecot_that_takes_the_tokens_gets_the_mail_over_xoauth2() {
    require!("dovecot", "application-tokens");
    let (source, target) = (source(60), Dovecot::oauth().start());
    let ca = imapmig_testkit::tls::TestCa::new().unwrap();
    let (chain, key) = ca.server_pem(imapmig_testkit::tls::Certificate::Valid).unwrap();
    let tokens = TokenServer::start(&chain, &key, Credential::Secret(Tenant::SECRET.to_owned()));
    (1..20).for_each(|number| target.accept_token(&tokens.token(number), "*"));
    let authority = std::fs::read_to_string(&target.ca).unwrap();
    let migration = Migration::new().trusting(&[&ca.pem(), &authority]);
    let secret = migration.write_file("secret", Tenant::SECRET.as_bytes());
    let port = target.tls_port.to_string();
    let server = ["endpoint", "new", "--name", "Target", "--remote-server", "localhost", "--port", &port];
    let application = ["--tenant-id", TokenServer::TENANT, "--application-id", TokenServer::APPLICATION];
    let issuer = tokens.authority();
    let proof = ["--authority", &issuer, "--client-secret-file", secret.to_str().unwrap()];
    let how = ["--authentication", "OAuth", "--test-mailbox", EMAILS[0]];
    migration.json(&[server.as_slice(), &application, &proof, &how].concat());
    migration.endpoint("Source", source.port, &[]);

    migration.migrate("Batch", "Source", Some("Target"), &people());

    let requests = tokens.requests();
    assert!(requests.iter().all(|request| request.objections.is_empty()), "{requests:#?}");
    for (email, (name, password)) in EMAILS.into_iter().zip(imapmig_tests::PEOPLE) {
        let mut client = target.connect();
        client.authenticate_xoauth2(email, &tokens.token(1)).unwrap();
        assert_same(&account(&source, name, password), &whole(&mut client), &Comparison::strict());
    }

    // The tokens that were given out so far are no good any more; the next one is.
    target.forget_tokens();
    (tokens.requests().len() + 1..20).for_each(|number| target.accept_token(&tokens.token(number), "*"));
    source.deliver("terry.adams", &corpus::small_inbox(1));
    migration.sync_now("Batch");

    assert_eq!(migration.statistics(EMAILS[0]).synced(), 61);

    // The same endpoint as a source: the application's token opens each mailbox, and the rows need no password.
    migration.remove("Batch");
    // Two only: the third one's mailbox is the very image of the second's, made in the same second.
    let emails = &EMAILS[..2];
    let rows: Vec<_> = emails.iter().map(|email| Row::new(email, email, "")).collect();
    migration.migrate("Back", "Target", None, &rows);

    for email in emails {
        let mut client = target.connect();
        client.authenticate_xoauth2(email, &tokens.token(tokens.requests().len())).unwrap();
        assert_same(&whole(&mut client), &migration.served(email), &Comparison::strict());
    }
}
