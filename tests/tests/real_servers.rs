//! The real servers start, let in whom the sign-in styles of the runbook name, and give back what was put in.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::{Command, Stdio};

use imapmig_tests::{
    ADMIN, Certificate, Client, ClientError, Comparison, Corpus, Courier, Cyrus, Dovecot, PEOPLE, Server,
    Snapshot, corpus, path, require,
};

/// Puts in a message that names the owner of the mailbox.
fn mark(client: &mut Client, owner: &str) {
    let mut marked = corpus::small_inbox(1);
    marked.mailboxes[0].1[0].bytes = format!("Subject: mailbox of {owner}\r\n\r\nx\r\n").into_bytes();
    client.seed(&marked).unwrap();
}

/// Whose mailbox this is, by the message in it.
fn owner(client: &mut Client, wire_name: &str) -> String {
    client.open("EXAMINE", wire_name).unwrap();
    let first = client.fetch_all().unwrap().remove(0);
    let text = String::from_utf8(first.bytes).unwrap();
    text.lines().next().unwrap().trim_start_matches("Subject: mailbox of ").to_owned()
}

/// What the account holds otherwise than `corpus`.
fn changes(client: &mut Client, corpus: &Corpus) -> Vec<String> {
    let found = Snapshot::of(client).unwrap();
    Comparison::strict().allowing_more_mailboxes().differences(&Snapshot::from(corpus), &found)
}

fn refusal(outcome: Result<impl Sized, ClientError>) -> String {
    match outcome {
        Err(ClientError::Refused { answer, .. }) => answer,
        Err(other) => panic!("not a refusal: {other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[test]
fn every_sign_in_style_of_the_runbook_opens_the_right_mailbox_at_dovecot() {
    require!("dovecot");
    let server = Dovecot::source().start();
    let (admin, admin_password) = ADMIN;

    for (name, password) in PEOPLE {
        mark(&mut server.login(name, password).unwrap(), name);

        for style in [
            format!("contoso-students/{admin}/{name}"),
            format!("{name}*{admin}"),
            format!("#{name}@contoso-students.edu#{admin}#"),
        ] {
            let mut proxy = server.login(&style, admin_password).unwrap();
            assert_eq!(owner(&mut proxy, "INBOX"), name, "{style}");
        }
        let mut proxy = server.connect();
        proxy.authenticate_plain(name, admin, admin_password).unwrap();
        assert_eq!(owner(&mut proxy, "INBOX"), name);
    }
}

#[test]
fn wrong_passwords_and_unknown_people_are_refused_by_dovecot() {
    require!("dovecot");
    let server = Dovecot::source().start();

    for (user, password) in [
        ("terry.adams", "wrong"),
        ("terry.adams", ADMIN.1),
        ("terry.adams*mailadmin", "1091990"),
        ("contoso-students/mailadmin/nobody", ADMIN.1),
    ] {
        assert!(refusal(server.login(user, password)).contains("[AUTHENTICATIONFAILED]"), "{user}");
    }
    assert!(refusal(server.login("nobody*mailadmin", ADMIN.1)).contains("[AUTHORIZATIONFAILED]"));
}

#[test]
fn a_seeded_account_comes_back_equal_from_dovecot() {
    require!("dovecot", "corpus");
    let (source, target) = (Dovecot::source().start(), Dovecot::target().start());
    let corpus = corpus::spam_assassin(300);
    let mut from = source.login("terry.adams", "1091990").unwrap();
    let mut to = target.login("terrya@contoso.edu", "pw").unwrap();

    from.seed(&corpus).unwrap();
    to.seed(&corpus).unwrap();

    let (before, after) = (Snapshot::of(&mut from).unwrap(), Snapshot::of(&mut to).unwrap());
    assert_eq!(before.messages(), 300);
    assert_eq!(Comparison::strict().with_subscriptions().differences(&before, &after), Vec::<String>::new());
}

#[test]
fn odd_messages_and_folders_are_delivered_to_dovecot_as_they_are() {
    require!("dovecot");
    let server = Dovecot::source().start();
    let (messages, folders) = (corpus::odd_messages(), corpus::odd_folders());

    server.deliver("ann.beebe", &messages);
    server.login("paul.cannon", "3281986").unwrap().seed(&folders).unwrap();

    assert_eq!(changes(&mut server.login("ann.beebe", "2111991").unwrap(), &messages), Vec::<String>::new());
    assert_eq!(changes(&mut server.login("paul.cannon", "3281986").unwrap(), &folders), Vec::<String>::new());
}

#[test]
fn maildirs_are_served_with_flags_keywords_dates_and_subscriptions() {
    require!("dovecot");
    let origin = Dovecot::target().start();
    let corpus = corpus::small(40);
    origin.deliver("terrya@contoso.edu", &corpus);

    let server = Dovecot::serving_maildirs(&origin.folder().join("mail")).start();

    let served = Snapshot::of(&mut server.login("terrya@contoso.edu", "pw").unwrap()).unwrap();
    let wanted = Snapshot::from(&corpus);
    assert_eq!(Comparison::strict().with_subscriptions().differences(&wanted, &served), Vec::<String>::new());

    origin.deliver("terrya@contoso.edu", &corpus::small_inbox(1));
    server.serve_anew();
    let again = Snapshot::of(&mut server.login("terrya@contoso.edu", "pw").unwrap()).unwrap();
    assert_eq!(again.messages(), 41);
}

#[test]
fn dovecot_takes_the_options_a_test_asks_for() {
    require!("dovecot");
    let server = Dovecot::target().namespace("INBOX.", '.').max_per_user_ip(1).max_message("2K").start();
    let corpus = corpus::small(6);
    let mut client = server.login("a@contoso.edu", "pw").unwrap();

    client.seed(&corpus).unwrap();

    assert_eq!(client.wire_name(&path("Projets/Été")).unwrap(), "INBOX.Projets.&AMk-t&AOk-");
    assert_eq!(changes(&mut client, &corpus), Vec::<String>::new());
    let too_many = refusal(server.login("a@contoso.edu", "pw"));
    assert!(too_many.contains("Maximum number of connections"), "{too_many}"); // [UNAVAILABLE] in 2.3.19, [LIMIT] later
    let mut large = corpus::small_inbox(1);
    large.mailboxes[0].1[0].bytes.extend([b'x'; 3000]);
    assert!(refusal(client.seed(&large)).contains("[LIMIT]"));
}

#[test]
fn dovecot_takes_the_tokens_it_was_told_and_no_others() {
    require!("dovecot");
    let server = Dovecot::oauth().start();
    let sign_in = |user: &str, token: &str| server.connect().authenticate_xoauth2(user, token);
    server.accept_token("of-terry", "terrya@contoso.edu");
    server.fail_on_token("trouble");

    sign_in("terrya@contoso.edu", "of-terry").unwrap();
    assert!(refusal(sign_in("annb@contoso.edu", "of-terry")).contains("[AUTHENTICATIONFAILED]"));
    assert!(refusal(sign_in("annb@contoso.edu", "trouble")).contains("[UNAVAILABLE]"));

    server.forget_tokens();
    assert!(refusal(sign_in("terrya@contoso.edu", "of-terry")).contains("[AUTHENTICATIONFAILED]"));
}

#[test]
fn an_applications_token_opens_every_mailbox_of_dovecot() {
    require!("dovecot", "application-tokens");
    let server = Dovecot::oauth().start();
    server.accept_token("of-the-application", "*");

    for user in ["terrya@contoso.edu", "annb@contoso.edu"] {
        server.connect().authenticate_xoauth2(user, "of-the-application").unwrap();
    }
}

#[test]
fn each_certificate_is_good_or_bad_as_it_says() {
    require!("dovecot", "openssl");
    // Verify return codes of OpenSSL: ok, expired, host name mismatch, self-signed.
    for (certificate, code) in [
        (Certificate::Good, 0),
        (Certificate::Expired, 10),
        (Certificate::WrongHost, 62),
        (Certificate::SelfSigned, 18),
    ] {
        let server = Dovecot::source().certificate(certificate).start();

        assert_eq!(verify_code(&server), code, "{certificate:?}");
    }
}

fn verify_code(server: &Server) -> u32 {
    let answer = Command::new("openssl")
        .args(["s_client", "-verify_hostname", "localhost", "-CAfile"])
        .arg(&server.ca)
        .args(["-connect", &format!("{}:{}", server.host, server.tls_port)])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    let code = text.split("Verify return code: ").nth(1).unwrap_or_else(|| panic!("{text}"));
    code.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn courier_shows_everybodys_folders_to_the_administrator() {
    require!("courier");
    let server = Courier::shared_folders().start();
    let corpus = corpus::small(20);
    for (name, password) in PEOPLE {
        server.login(name, password).unwrap().seed(&corpus).unwrap();
    }

    let mut admin = server.login(ADMIN.0, ADMIN.1).unwrap();

    for (name, _) in PEOPLE {
        let shared = Snapshot::below(&mut admin, &Courier::shared_name(name), '.').unwrap();
        assert_eq!(
            Comparison::strict().differences(&Snapshot::from(&corpus), &shared),
            Vec::<String>::new(),
            "{name}"
        );
    }
}

#[test]
fn courier_ignores_whom_an_administrator_acts_for() {
    require!("courier");
    let server = Courier::shared_folders().start();
    mark(&mut server.login("terry.adams", "1091990").unwrap(), "terry.adams");
    mark(&mut server.login(ADMIN.0, ADMIN.1).unwrap(), "mailadmin");

    let mut proxy = server.connect();
    proxy.authenticate_plain("terry.adams", ADMIN.0, ADMIN.1).unwrap();

    assert_eq!(owner(&mut proxy, "INBOX"), "mailadmin");
}

#[test]
fn a_seeded_account_comes_back_equal_from_cyrus_in_each_namespace() {
    require!("cyrus");
    for (alternative, unix, first_name) in [
        (true, true, "Projets"),
        (false, true, "INBOX/Projets"),
        (true, false, "Projets"),
        (false, false, "INBOX.Projets"),
    ] {
        let server = Cyrus::variant(alternative, unix).start();
        let corpus = corpus::small(20);
        let mut client = server.login("terry", "1091990").unwrap();

        client.seed(&corpus).unwrap();

        assert_eq!(client.wire_name(&path("Projets")).unwrap(), first_name);
        assert_eq!(changes(&mut client, &corpus), Vec::<String>::new(), "{alternative} {unix}");
    }
}

#[test]
fn cyrus_opens_the_mailbox_of_whom_the_administrator_acts_for() {
    require!("cyrus");
    let server = Cyrus::variant(true, true).start();

    for (name, password) in PEOPLE {
        mark(&mut server.login(name, password).unwrap(), name);
        let mut proxy = server.connect();
        proxy.authenticate_plain(name, ADMIN.0, ADMIN.1).unwrap();
        assert_eq!(owner(&mut proxy, "INBOX"), name);
    }
    assert!(server.connect().authenticate_plain("terry.adams", "ann.beebe", "2111991").is_err());
}
