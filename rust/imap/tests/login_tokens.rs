//! Signing in by XOAUTH2, as Exchange Online wants it.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Failure, FailureKind, Retry, SignIn, Unsendable};
use imapmig_core::secret::Secret;
use imapmig_core::steps::Steps;
use imapmig_imap::{Login, Tokens, availability};
use imapmig_testkit::{Account, Personality, RunningServer, Server};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{connect, plain};

/// Hands out these tokens; the next one whenever one was refused.
struct Fixed(Vec<&'static str>, AtomicUsize);

impl Fixed {
    fn new(tokens: &[&'static str]) -> Arc<Self> {
        Arc::new(Self(tokens.to_vec(), AtomicUsize::new(0)))
    }
}

impl Tokens for Fixed {
    fn token(&self, _: &Cancel) -> Result<Secret, Failure> {
        let nth = self.1.load(Ordering::SeqCst).min(self.0.len() - 1);
        Ok(Secret::from(self.0[nth]))
    }

    fn invalidate(&self, _: &Secret) {
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

fn login(tokens: &Arc<Fixed>) -> Login {
    Login::OAuth { user_name: "terrya@contoso.edu".to_owned(), tokens: Arc::<Fixed>::clone(tokens) }
}

fn start(personality: Personality) -> RunningServer {
    Server::new(personality)
        .with_account(Account::new("terrya@contoso.edu", ""))
        .with_token("terrya@contoso.edu", "good")
        .start()
        .unwrap()
}

#[test]
fn a_good_token_signs_in_with_and_without_an_initial_response() {
    for personality in
        [Personality::exchange_online(), Personality::generic().without("SASL-IR").with("AUTH=XOAUTH2")]
    {
        let server = start(personality);

        let session = connect(&plain(&server), &login(&Fixed::new(&["good"])));

        assert!(session.is_ok(), "{}", session.unwrap_err());
    }
}

#[test]
fn a_token_that_was_revoked_is_replaced_once() {
    let server = start(Personality::exchange_online());
    let tokens = Fixed::new(&["revoked", "good"]);

    connect(&plain(&server), &login(&tokens)).unwrap();

    assert_eq!(server.count("AUTHENTICATE"), 2);
}

#[test]
fn a_good_token_that_is_refused_is_a_case_of_its_own() {
    let server = start(Personality::exchange_online());

    let failure = connect(&plain(&server), &login(&Fixed::new(&["a", "b"]))).unwrap_err();

    assert_eq!((failure.kind, failure.retry), (FailureKind::LoginRefused, Retry::Never));
    let (host, user_name) = ("127.0.0.1".to_owned(), "terrya@contoso.edu".to_owned());
    assert_eq!(*failure.case, SignIn::TokenRefused { host, user_name }.into());
    assert!(failure.server_text.unwrap().contains("\"status\":\"401\""));
}

#[test]
fn a_mailbox_without_permission_is_found_by_the_test() {
    let server = Server::new(Personality::exchange_online())
        .with_account(Account::new("terrya@contoso.edu", "").without_mailbox_permission())
        .with_token("terrya@contoso.edu", "good")
        .start()
        .unwrap();

    let login = login(&Fixed::new(&["good"]));
    let failure =
        availability::test(&plain(&server), Some(&login), &Cancel::new(), &Steps::default()).unwrap_err();

    assert_eq!((failure.kind, failure.retry), (FailureKind::PermissionDenied, Retry::Never));
    assert_eq!(*failure.case, SignIn::MailboxNotPermitted.into());
}

#[test]
fn a_user_name_cannot_bring_a_token_of_its_own() {
    let server = start(Personality::exchange_online());
    let tokens = Fixed::new(&["bad"]);
    let user_name = "terrya@contoso.edu\x01auth=Bearer good\x01\x01".to_owned();

    let failure = connect(&plain(&server), &Login::OAuth { user_name, tokens }).unwrap_err();

    assert_eq!(*failure.case, SignIn::Unsendable(Unsendable::ControlCharacter).into());
    assert_eq!(server.count("AUTHENTICATE"), 0);
}

#[test]
fn no_token_is_shown() {
    let server = start(Personality::exchange_online());

    let failure = connect(&plain(&server), &login(&Fixed::new(&["s3cr3t", "s3cr3t"]))).unwrap_err();

    assert!(!format!("{failure} {failure:?}").contains("s3cr3t"));
}
