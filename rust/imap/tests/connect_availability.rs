//! Test-MigrationServerAvailability's view of a server.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Security;
use imapmig_imap::ImapServer;
use imapmig_imap::availability::{Explanation, explain, test};
use imapmig_testkit::{Account, Personality, Server};
use std::net::TcpListener;
use support::{at, password, plain};

fn explained(server: &ImapServer) -> Explanation {
    explain(server, &test(server, None, &Cancel::new()).unwrap_err())
}

#[test]
fn a_server_is_tested_without_signing_in() {
    let server = Server::new(Personality::dovecot()).start().unwrap();

    test(&plain(&server), None, &Cancel::new()).unwrap();

    assert_eq!(server.count("LOGIN") + server.count("AUTHENTICATE"), 0);
}

#[test]
fn a_test_mailbox_is_opened() {
    let server = Server::new(Personality::dovecot())
        .with_account(Account::new("terry.adams", "1091990"))
        .start()
        .unwrap();

    test(&plain(&server), Some(&password("terry.adams", "1091990")), &Cancel::new()).unwrap();

    assert_eq!(server.count("LOGIN"), 1);
    assert_eq!(server.count("EXAMINE"), 1);
}

#[test]
fn the_chain_of_causes_has_exchanges_names() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();

    let explanation = explained(&at("127.0.0.1", port, Security::Ssl));

    assert!(
        explanation.detail.starts_with(
            "MigrationServerConnectionFailedException: The connection to the server '127.0.0.1' could not be completed.\n ---> "
        ),
        "{}",
        explanation.detail
    );
}

#[test]
fn a_failed_tls_negotiation_is_in_the_chain() {
    let server = Server::new(Personality::generic()).start().unwrap();

    let explanation = explained(&at("127.0.0.1", server.port(), Security::Ssl));

    assert!(explanation.detail.contains("SslStreamFailureException: TLS negotiation failed."));
    assert!(
        explanation.message.starts_with("The connection to the server '127.0.0.1' could not be completed.")
    );
}

#[test]
fn a_wrong_password_is_the_message_itself() {
    let running = Server::new(Personality::dovecot()).start().unwrap();
    let server = plain(&running);

    let failure = test(&server, Some(&password("nobody", "x")), &Cancel::new()).unwrap_err();

    assert!(explain(&server, &failure).message.starts_with("We had trouble signing in to this account."));
}
