//! Signing in: passwords, administrators, tokens, limits.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imapmig_testkit::{
    Account, Mailbox, MessageBuilder, Personality, RunningServer, Server, TokenVerdict, TooMany,
};
use support::Client;

fn server(personality: Personality) -> RunningServer {
    let own = |login: &str| {
        Mailbox::new("INBOX").with_message(MessageBuilder::new(&format!("mail of {login}")).build())
    };
    Server::new(personality)
        .with_account(Account::new("terry.adams", "1091990").with_mailbox(own("terry.adams")))
        .with_account(Account::new("ann \"b\" \\ beebe", "2111991"))
        .with_account(Account::new("mailadmin", "P@ssw0rd").admin().with_mailbox(own("mailadmin")))
        .with_account(Account::new("paul@contoso.edu", "x").without_mailbox_permission())
        .with_token("terry.adams", "good")
        .with_token("paul@contoso.edu", "good")
        .start()
        .unwrap()
}

fn opened(client: &mut Client) -> String {
    client.run("SELECT INBOX");
    let answer = client.run("FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]");
    answer.lines().nth(1).unwrap_or_default().to_owned()
}

fn plain(authzid: &str, user: &str, password: &str) -> String {
    STANDARD.encode(format!("{authzid}\0{user}\0{password}"))
}

fn xoauth2(user: &str, token: &str) -> String {
    STANDARD.encode(format!("user={user}\x01auth=Bearer {token}\x01\x01"))
}

#[test]
fn login_takes_atoms_quoted_strings_and_literals() {
    let server = server(Personality::generic());

    assert!(Client::new(&server).run("LOGIN terry.adams 1091990").contains("t1 OK "));
    assert!(Client::new(&server).run(r#"LOGIN "ann \"b\" \\ beebe" "2111991""#).contains("t1 OK "));
    let mut client = Client::new(&server);
    client.send("a LOGIN {15}\r\n");
    assert_eq!(client.line(), "+ OK");
    client.send("ann \"b\" \\ beebe {7}\r\n");
    assert_eq!(client.line(), "+ OK");
    client.send("2111991\r\n");
    assert!(client.until("a").starts_with("a OK"));
}

#[test]
fn administrators_open_other_accounts_in_every_documented_style() {
    let server = server(Personality::dovecot());
    for login in [
        "contoso-students/mailadmin/terry.adams",
        "terry.adams*mailadmin",
        "#terry.adams@contoso.edu#mailadmin#",
    ] {
        let mut client = Client::signed_in(&server, login, "P@ssw0rd");

        assert_eq!(opened(&mut client), "Subject: mail of terry.adams", "{login}");
    }
    let mut client = Client::new(&server);
    client.run(&format!("AUTHENTICATE PLAIN {}", plain("terry.adams", "mailadmin", "P@ssw0rd")));
    assert_eq!(opened(&mut client), "Subject: mail of terry.adams");
}

#[test]
fn wrong_passwords_and_users_that_are_no_administrators_are_refused() {
    let server = server(Personality::generic());
    let mut client = Client::new(&server);

    let failed = "NO [AUTHENTICATIONFAILED] Authentication failed.";
    assert_eq!(client.run("LOGIN terry.adams wrong"), format!("t1 {failed}"));
    assert_eq!(client.run("LOGIN mailadmin*terry.adams 1091990"), format!("t2 {failed}"));
    let as_other = plain("mailadmin", "terry.adams", "1091990");
    assert_eq!(client.run(&format!("AUTHENTICATE PLAIN {as_other}")), format!("t3 {failed}"));
    assert!(server.commands().iter().all(|c| !c.contains("1091990")));
}

#[test]
fn courier_ignores_the_authorization_identity_and_opens_the_administrators_own_account() {
    let server = server(Personality::courier_like());
    let mut client = Client::new(&server);

    client.send("a AUTHENTICATE PLAIN\r\n");
    assert_eq!(client.line(), "+");
    client.send(format!("{}\r\n", plain("terry.adams", "mailadmin", "P@ssw0rd")));

    assert_eq!(client.until("a"), "a OK LOGIN Ok.");
    assert_eq!(opened(&mut client), "Subject: mail of mailadmin");
}

#[test]
fn courier_swallows_what_is_sent_right_behind_login() {
    let server = server(Personality::courier_like());
    let mut client = Client::new(&server);

    client.send("a LOGIN terry.adams 1091990\r\nb SELECT INBOX\r\n");

    assert_eq!(client.line(), "a OK LOGIN Ok.");
    assert_eq!(client.run("NOOP"), "t1 OK NOOP completed.");
    assert_eq!(server.count("SELECT"), 0);
}

#[test]
fn authenticate_login_asks_twice() {
    let server = server(Personality::generic());
    let mut client = Client::new(&server);

    client.send("a AUTHENTICATE LOGIN\r\n");
    assert_eq!(client.line(), "+ VXNlcm5hbWU6");
    client.send(format!("{}\r\n", STANDARD.encode("terry.adams")));
    assert_eq!(client.line(), "+ UGFzc3dvcmQ6");
    client.send(format!("{}\r\n", STANDARD.encode("1091990")));

    assert!(client.until("a").starts_with("a OK"));
}

#[test]
fn exchange_takes_tokens_and_no_passwords() {
    let server = server(Personality::exchange_online());
    let mut client = Client::new(&server);

    assert_eq!(client.run("LOGIN terry.adams 1091990"), "t1 NO LOGIN failed.");
    let answer = client.run(&format!("AUTHENTICATE XOAUTH2 {}", xoauth2("terry.adams", "good")));

    assert_eq!(answer, "t2 OK AUTHENTICATE completed.");
    let capability = client.run("CAPABILITY");
    assert_eq!(
        capability.lines().next().unwrap(),
        "* CAPABILITY IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CLIENTACCESSRULES \
         CLIENTNETWORKPRESENCELOCATION BACKENDAUTHENTICATE CHILDREN IDLE NAMESPACE LITERAL+"
    );
    assert!(server.commands().contains(&"AUTHENTICATE XOAUTH2 ***".to_owned()));
}

#[test]
fn refused_tokens_get_a_challenge_first() {
    let server = server(Personality::exchange_online());
    let mut client = Client::new(&server);

    client.send(format!("a AUTHENTICATE XOAUTH2 {}\r\n", xoauth2("terry.adams", "expired")));
    let challenge = client.line();
    client.send("\r\n");

    let json = STANDARD.decode(challenge.strip_prefix("+ ").unwrap()).unwrap();
    assert_eq!(json, br#"{"status":"401","schemes":"bearer","scope":"mail"}"#);
    assert_eq!(client.until("a"), "a NO AUTHENTICATE failed.");
    client.send("b AUTHENTICATE XOAUTH2\r\n");
    assert_eq!(client.line(), "+");
    client.send(format!("{}\r\n", xoauth2("terry.adams", "good")));
    assert_eq!(client.until("b"), "b OK AUTHENTICATE completed.");
}

#[test]
fn missing_mailbox_permission_shows_at_the_first_mailbox_command() {
    let server = server(Personality::exchange_online());
    let mut client = Client::new(&server);

    assert!(
        client.run(&format!("AUTHENTICATE XOAUTH2 {}", xoauth2("paul@contoso.edu", "good"))).contains("OK")
    );

    let refused = "BAD User is authenticated but not connected.";
    assert_eq!(client.run("SELECT INBOX"), format!("t2 {refused}"));
    assert_eq!(client.run("LIST \"\" \"*\""), format!("t3 {refused}"));
    client.send("a APPEND INBOX {3+}\r\nabc\r\n");
    assert_eq!(client.until("a"), format!("a {refused}"));
}

#[test]
fn tokens_can_be_judged_by_a_function_and_revoked() {
    let personality = Personality::exchange_online().with_tokens(|user, token| match (user, token) {
        ("terry.adams", "function") => TokenVerdict::Accept,
        ("terry.adams", "stranger") => TokenVerdict::NotConnected,
        _ => TokenVerdict::Reject,
    });
    let server = server(personality);
    server.revoke_token("good");
    let sign_in = |token: &str| {
        let mut client = Client::new(&server);
        client
            .send(format!("a AUTHENTICATE XOAUTH2 {}\r\nb SELECT INBOX\r\n", xoauth2("terry.adams", token)));
        (client.line(), client)
    };

    assert!(sign_in("good").0.starts_with("+ "));
    assert_eq!(sign_in("function").0, "a OK AUTHENTICATE completed.");
    let (answer, mut client) = sign_in("stranger");
    assert_eq!(answer, "a OK AUTHENTICATE completed.");
    assert_eq!(client.line(), "b BAD User is authenticated but not connected.");
}

#[test]
fn sessions_expire_when_told_and_after_a_number_of_commands() {
    let server = server(Personality::generic().with_commands_per_token(2));
    let mut told = Client::signed_in(&server, "terry.adams", "1091990");
    let mut counted = Client::signed_in(&server, "terry.adams", "1091990");

    counted.run("NOOP");
    counted.run("NOOP");
    counted.send("a NOOP\r\n");
    server.expire_sessions();
    told.send("a NOOP\r\n");

    let bye = b"* BYE Session invalidated - AccessTokenExpired\r\n";
    assert_eq!(counted.rest(), bye);
    assert_eq!(told.rest(), bye);
}

#[test]
fn connections_too_many_are_turned_away_in_the_chosen_way() {
    let closing = server(Personality::generic().with_max_connections(1, TooMany::Close));
    let bye = server(Personality::generic().with_max_connections(1, TooMany::Bye("Too many".into())));
    let no = server(Personality::generic().with_max_connections(1, TooMany::No("[LIMIT] Too many".into())));
    let _first = (Client::new(&closing), Client::new(&bye));
    let _signed_in = Client::signed_in(&no, "terry.adams", "1091990");

    assert!(Client::silent(&closing).rest().is_empty());
    assert_eq!(Client::silent(&bye).rest(), b"* BYE Too many\r\n");
    assert_eq!(Client::new(&no).run("LOGIN terry.adams 1091990"), "t1 NO [LIMIT] Too many");
}

#[test]
fn ten_errors_end_the_connection() {
    let server = server(Personality::exchange_online());
    let mut client = Client::new(&server);

    for _ in 0..9 {
        client.run("NONSENSE");
    }
    client.send("x NONSENSE\r\n");

    assert_eq!(client.rest(), b"x BAD Command Error. 12\r\n* BYE Connection is closed. 13\r\n");
}
