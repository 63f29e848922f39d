//! Servers that cannot be reached, say nothing, or say something that is not IMAP.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Security;
use imapmig_core::failure::{Case, Connecting, Failure, FailureKind, NotConnected, Retry};
use imapmig_testkit::{Account, Fault, Personality, Server, TooMany, What, When};
use std::net::TcpListener;
use std::time::{Duration, Instant};
use support::{Scripted, at, connect, password, plain};

fn refusal(port: u16) -> Failure {
    connect(&at("127.0.0.1", port, Security::None), &password("terry.adams", "1091990")).unwrap_err()
}

#[test]
fn a_port_without_a_server_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();

    let failure = refusal(port);

    assert_eq!(failure.kind, FailureKind::Unreachable);
    let Case::Connecting(Connecting::NotConnected { host, why: NotConnected::Refused(named, _) }) =
        *failure.case
    else {
        panic!("{failure}");
    };
    assert_eq!((host.as_str(), named), ("127.0.0.1", port));
}

#[test]
fn an_unknown_host_name_is_unreachable() {
    let server = at("imap.contoso.invalid", 143, Security::None);

    let failure = connect(&server, &password("terry.adams", "1091990")).unwrap_err();

    assert_eq!(failure.kind, FailureKind::Unreachable);
    let is_unknown = matches!(
        &*failure.case,
        Case::Connecting(Connecting::NotConnected { why: NotConnected::UnknownHost(_), .. })
    );
    assert!(is_unknown, "{failure}");
}

#[test]
fn a_silent_server_times_out_after_fifteen_seconds() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let began = Instant::now();

    let failure = refusal(listener.local_addr().unwrap().port());

    assert_eq!(failure.kind, FailureKind::TimedOut);
    assert_eq!(*failure.case, Connecting::TimedOut { host: "127.0.0.1".to_owned(), seconds: 15 }.into());
    assert!((14..18).contains(&began.elapsed().as_secs()));
}

#[test]
fn a_wait_ends_soon_after_it_is_cancelled() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = at("127.0.0.1", listener.local_addr().unwrap().port(), Security::None);
    let cancel = Cancel::new();
    let other = cancel.clone();
    let began = Instant::now();
    let thread =
        std::thread::spawn(move || imapmig_imap::connect(&server, &password("terry.adams", "1"), &other));
    let _open = listener.accept().unwrap();

    cancel.cancel();

    let failure = thread.join().unwrap().unwrap_err();
    assert!(failure.is_cancelled());
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[test]
fn another_protocol_is_not_taken_for_imap() {
    let scripted = Scripted::new("S: 220 smtp.contoso.com ESMTP");

    let failure = refusal(scripted.port);

    assert_eq!(failure.kind, FailureKind::Protocol);
    let (host, port) = ("127.0.0.1".to_owned(), scripted.port);
    assert_eq!(*failure.case, Connecting::NotImap { host, port }.into());
    assert_eq!(failure.server_text.as_deref(), Some("220 smtp.contoso.com ESMTP"));
}

#[test]
fn a_connection_too_many_is_worth_another_try_however_it_is_said() {
    for beyond in [
        TooMany::Close,
        TooMany::Bye("Too many connections".to_owned()),
        TooMany::No("[LIMIT] Maximum number of connections from user+IP exceeded".to_owned()),
    ] {
        let server = Server::new(Personality::generic().with_max_connections(1, beyond.clone()))
            .with_account(Account::new("terry.adams", "1091990"))
            .start()
            .unwrap();
        let _first = connect(&plain(&server), &password("terry.adams", "1091990")).unwrap();

        let failure = connect(&plain(&server), &password("terry.adams", "1091990")).unwrap_err();

        assert_eq!(failure.kind, FailureKind::ConnectionLimit, "{beyond:?}: {failure}");
        assert_eq!(failure.retry, Retry::Reconnect, "{beyond:?}");
    }
}

#[test]
fn a_connection_cut_while_signing_in_is_worth_another_try() {
    let server = Server::new(Personality::generic())
        .with_account(Account::new("terry.adams", "1091990"))
        .with_fault(Fault::cut(When::BeforeCommand("LOGIN".to_owned())))
        .start()
        .unwrap();

    let failure = connect(&plain(&server), &password("terry.adams", "1091990")).unwrap_err();

    assert_eq!((failure.kind, failure.retry), (FailureKind::Disconnected, Retry::Reconnect));
}

#[test]
fn an_endless_line_is_given_up() {
    let server = Server::new(Personality::generic())
        .with_fault(Fault::new(When::Greeting, What::Say("* OK ".repeat(30_000).into())))
        .start()
        .unwrap();

    let failure = connect(&plain(&server), &password("terry.adams", "1091990")).unwrap_err();

    assert_eq!(failure.kind, FailureKind::Protocol);
}
