//! Test-MigrationServerAvailability's view of a server.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Security;
use imapmig_core::failure::{Case, FailureKind, SignIn};
use imapmig_core::steps::Steps;
use imapmig_imap::availability::test;
use imapmig_testkit::{Account, Personality, Server};
use support::{at, password, plain};

#[test]
fn a_server_is_tested_without_signing_in() {
    let server = Server::new(Personality::dovecot()).start().unwrap();

    test(&plain(&server), None, &Cancel::new(), &Steps::default()).unwrap();

    assert_eq!(server.count("LOGIN") + server.count("AUTHENTICATE"), 0);
}

#[test]
fn a_test_mailbox_is_opened() {
    let server = Server::new(Personality::dovecot())
        .with_account(Account::new("terry.adams", "1091990"))
        .start()
        .unwrap();

    let steps = Steps::default();
    test(&plain(&server), Some(&password("terry.adams", "1091990")), &Cancel::new(), &steps).unwrap();
    assert_eq!(
        steps.all(),
        ["Signing in as terry.adams with a password.", "The sign-in succeeded, and the INBOX can be opened."]
    );

    assert_eq!(server.count("LOGIN"), 1);
    assert_eq!(server.count("EXAMINE"), 1);
}

#[test]
fn a_port_that_speaks_no_tls_is_reported_as_that() {
    let server = Server::new(Personality::generic()).start().unwrap();

    let failure =
        test(&at("127.0.0.1", server.port(), Security::Ssl), None, &Cancel::new(), &Steps::default())
            .unwrap_err();

    assert_eq!(failure.kind, FailureKind::Tls);
}

#[test]
fn a_wrong_password_is_the_message_itself() {
    let running = Server::new(Personality::dovecot()).start().unwrap();
    let server = plain(&running);

    let failure =
        test(&server, Some(&password("nobody", "x")), &Cancel::new(), &Steps::default()).unwrap_err();

    assert!(matches!(*failure.case, Case::SignIn(SignIn::Refused { .. })), "{failure}");
}
