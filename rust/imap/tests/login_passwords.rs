//! Signing in by LOGIN and AUTHENTICATE PLAIN: verbatim names, and what refusals mean.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_core::endpoint::Security;
use imapmig_core::failure::{Case, FailureKind, Retry, SignIn, Unsendable};
use imapmig_core::secret::Secret;
use imapmig_imap::Login;
use imapmig_imap::capability::Capability;
use imapmig_imap::command::Command;
use imapmig_testkit::{Account, Personality, RunningServer, Server};
use support::{Scripted, at, connect, password, plain};

fn start(personality: Personality) -> RunningServer {
    Server::new(personality)
        .with_account(Account::new("terry.adams", "1091990"))
        .with_account(Account::new("mailadmin", "P@ssw0rd").admin())
        .start()
        .unwrap()
}

#[test]
fn names_and_passwords_arrive_verbatim() {
    let names = [
        "contoso-students/mailadmin/terry.adams",
        "terry.adams*mailadmin",
        "#terry.adams@contoso-students.edu#mailadmin#",
        "with blank",
        " outer ",
        "quo\"te",
        "back\\slash\\",
        "m\u{fc}ller \u{1f600}",
        "line\r\nA9 LOGOUT",
        "{5}",
        "NIL",
        "",
    ];
    for personality in [Personality::generic(), Personality::generic().with("LITERAL+")] {
        for name in names {
            let server = Server::new(personality.clone())
                .with_account(Account::new(name, "p\"w\\ \u{e4}\r\nx"))
                .start()
                .unwrap();

            let session = connect(&plain(&server), &password(name, "p\"w\\ \u{e4}\r\nx"));

            assert!(session.is_ok(), "{name:?}: {}", session.unwrap_err());
        }
    }
}

#[test]
fn a_wrong_password_is_a_case_of_its_own_with_the_servers_words() {
    for personality in [
        Personality::generic(),
        Personality::dovecot(),
        Personality::courier_like(),
        Personality::cyrus_like(),
        Personality::gmail_like(),
    ] {
        let name = personality.name.clone();
        let server = start(personality);

        let failure = connect(&plain(&server), &password("terry.adams", "wrong")).unwrap_err();

        assert_eq!((failure.kind, failure.retry), (FailureKind::LoginRefused, Retry::Never), "{name}");
        assert!(matches!(*failure.case, Case::SignIn(SignIn::Refused { .. })), "{name}");
        assert!(failure.server_text.is_some_and(|text| text.starts_with("NO ")), "{name}");
    }
}

#[test]
fn an_administrator_opens_another_accounts_mail_by_authenticate_plain() {
    let server = start(Personality::cyrus_like());
    let login = Login::Plain {
        authorization: "terry.adams".to_owned(),
        authentication: "mailadmin".to_owned(),
        password: Secret::from("P@ssw0rd"),
    };

    connect(&plain(&server), &login).unwrap();

    // dGVycnkuYWRhbXMAbWFpbGFkbWluAFBAc3N3MHJk: authorization, authentication, password
    assert!(server.commands().iter().any(|c| c.starts_with("AUTHENTICATE PLAIN")));
}

#[test]
fn authenticate_plain_is_used_where_login_is_disabled() {
    for sasl_ir in ["SASL-IR", "X-NONE"] {
        let server = start(
            Personality::generic().with("LOGINDISABLED").with("AUTH=PLAIN").without("SASL-IR").with(sasl_ir),
        );

        connect(&plain(&server), &password("terry.adams", "1091990")).unwrap();

        assert_eq!(server.count("LOGIN"), 0);
    }
}

#[test]
fn a_server_that_takes_no_passwords_here_is_explained() {
    let scripted = Scripted::new("S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED STARTTLS] ready");

    let failure =
        connect(&at("127.0.0.1", scripted.port, Security::None), &password("terry.adams", "1091990"))
            .unwrap_err();

    assert_eq!(failure.kind, FailureKind::LoginRefused);
    assert!(matches!(*failure.case, Case::SignIn(SignIn::PasswordNeedsTls { .. })), "{failure}");
}

#[test]
fn a_missing_right_is_not_a_wrong_password() {
    let scripted = Scripted::new(
        "S: * OK [CAPABILITY IMAP4rev1] ready
         C: A1 LOGIN \"terry.adams*mailadmin\" \"P@ssw0rd\"
         S: A1 NO [AUTHORIZATIONFAILED] Authorization failed",
    );

    let failure = connect(
        &at("127.0.0.1", scripted.port, Security::None),
        &password("terry.adams*mailadmin", "P@ssw0rd"),
    )
    .unwrap_err();

    assert_eq!((failure.kind, failure.retry), (FailureKind::PermissionDenied, Retry::Never));
    scripted.finish();
}

#[test]
fn an_unavailable_server_is_worth_another_try() {
    let scripted = Scripted::new(
        "S: * OK [CAPABILITY IMAP4rev1] ready
         C: A1 LOGIN \"terry.adams\" \"1091990\"
         S: A1 NO [UNAVAILABLE] Internal error occurred. Refer to server log for more information.",
    );

    let failure =
        connect(&at("127.0.0.1", scripted.port, Security::None), &password("terry.adams", "1091990"))
            .unwrap_err();

    assert_eq!(failure.retry, Retry::Reconnect);
}

#[test]
fn an_alert_in_another_character_set_disturbs_nothing() {
    let scripted = Scripted::new(
        "S: * OK [CAPABILITY IMAP4rev1] ready
         C: A1 LOGIN \"terry.adams\" \"1091990\"
         S: * OK [ALERT] Filesystem notification \u{fc} {12}
         S: * CAPABILITY IMAP4rev1 UIDPLUS
         S: A1 OK LOGIN Ok.",
    );

    let session =
        connect(&at("127.0.0.1", scripted.port, Security::None), &password("terry.adams", "1091990"))
            .unwrap();

    assert!(session.has(Capability::UidPlus));
    scripted.finish();
}

#[test]
fn nothing_follows_login_before_it_is_answered() {
    let server = start(Personality::courier_like());

    let session = connect(&plain(&server), &password("terry.adams", "1091990"));

    assert!(session.is_ok(), "{}", session.unwrap_err());
}

#[test]
fn a_server_that_repeats_what_it_refuses_does_not_bring_the_password_into_the_report() {
    let greeting = "S: * OK [CAPABILITY IMAP4rev1] ready\n";
    let command = r#"C: A1 LOGIN "terry.adams" "P@ss\"w0rd""#;
    for answer in [
        r#"S: A1 BAD Unknown command: LOGIN "terry.adams" "P@ss\"w0rd""#,
        r#"S: A1 NO no such user and password: terry.adams P@ss"w0rd"#,
        r#"S: * BYE what is P@ss"w0rd?"#,
        r#"S: LOGIN "terry.adams" "P@ss\"w0rd" is unknown"#,
    ] {
        let scripted = Scripted::new([greeting, command, "\n", answer].concat().leak());
        let server = at("127.0.0.1", scripted.port, Security::None);

        let failure = connect(&server, &password("terry.adams", "P@ss\"w0rd")).unwrap_err();

        assert!(!format!("{failure} {failure:?}").contains("w0rd"), "{failure:?}");
        scripted.finish();
    }
}

#[test]
fn the_response_of_authenticate_is_not_repeated_either() {
    let scripted = Scripted::new(
        "S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN SASL-IR] ready
         C: A1 AUTHENTICATE PLAIN AHRlcnJ5LmFkYW1zAFBAc3N3MHJk
         S: A1 BAD AUTHENTICATE PLAIN AHRlcnJ5LmFkYW1zAFBAc3N3MHJk is too long",
    );
    let server = at("127.0.0.1", scripted.port, Security::None);

    let failure = connect(&server, &password("terry.adams", "P@ssw0rd")).unwrap_err();

    assert_eq!(failure.server_text.as_deref(), Some("BAD AUTHENTICATE PLAIN *** is too long"));
    scripted.finish();
}

#[test]
fn a_password_is_hidden_in_every_later_answer_too() {
    for repeated in ["P@ssw0rd-9d", "UEBzc3cwcmQtOWQ", "AHRlcnJ5LmFkYW1zAFBAc3N3MHJkLTlk"] {
        for answer in ["A2 NO [x] cannot open {}", "* BYE seen: {}", "A2 {} unknown"] {
            let script = format!(
                "S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN SASL-IR] ready
                 C: A1 AUTHENTICATE PLAIN AHRlcnJ5LmFkYW1zAFBAc3N3MHJkLTlk
                 S: A1 OK [CAPABILITY IMAP4rev1] in
                 C: A2 EXAMINE \"INBOX\"
                 S: {answer}\nS: {answer}\nS: {answer}\nS: {answer}"
            );
            let scripted = Scripted::new(script.replace("{}", repeated).leak());
            let login = password("terry.adams", "P@ssw0rd-9d");
            let mut session = connect(&at("127.0.0.1", scripted.port, Security::None), &login).unwrap();

            let shown = match session.run(&Command::new("EXAMINE \"INBOX\"")) {
                Ok(reply) => reply.status.words(),
                Err(failure) => failure.to_string(),
            };

            assert!(shown.contains("***") && !shown.contains(repeated), "{shown}");
        }
    }
}

#[test]
fn a_password_that_login_cannot_carry_goes_by_plain() {
    let scripted = Scripted::new(
        "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready
         C: A1 LOGIN \"terry.adams\" {10}
         S: A1 BAD invalid character in LOGIN
         C: A2 AUTHENTICATE PLAIN AHRlcnJ5LmFkYW1zAHLDqWNlcHRpb24=
         S: A2 OK [CAPABILITY IMAP4rev1] in",
    );

    let session =
        connect(&at("127.0.0.1", scripted.port, Security::None), &password("terry.adams", "r\u{e9}ception"));

    assert!(session.is_ok(), "{}", session.unwrap_err());
    scripted.finish();
}

#[test]
fn a_nul_cannot_say_who_signs_in_as_whom() {
    for (authorization, authentication) in [("terry\0mailadmin", "ann"), ("terry", "ann\0x")] {
        let scripted = Scripted::new("S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready");
        let login = Login::Plain {
            authorization: authorization.to_owned(),
            authentication: authentication.to_owned(),
            password: "P@ssw0rd".into(),
        };

        let failure = connect(&at("127.0.0.1", scripted.port, Security::None), &login).unwrap_err();

        assert_eq!((failure.kind, failure.retry), (FailureKind::LoginRefused, Retry::Never));
        assert_eq!(*failure.case, SignIn::Unsendable(Unsendable::Nul).into());
    }
}

#[test]
fn endless_answers_to_login_are_given_up() {
    let script = format!(
        "S: * OK [CAPABILITY IMAP4rev1] ready\nC: A1 LOGIN \"terry.adams\" \"1091990\"\n{}",
        format!("S: * OK {}\n", "x".repeat(60_000)).repeat(300)
    );
    let scripted = Scripted::new(script.leak());
    let server = at("127.0.0.1", scripted.port, Security::None);

    let failure = connect(&server, &password("terry.adams", "1091990")).unwrap_err();

    assert_eq!(failure.kind, FailureKind::Broken, "{failure}");
}

#[test]
fn no_debug_output_shows_a_password() {
    let login = password("terry.adams", "1091990");

    assert!(!format!("{login:?}").contains("1091990"));
}
