//! An administrator who acts for users, at a server that ignores whom and opens the administrator's own mailbox.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Failure, FailureKind};
use imapmig_imap::Login;
use imapmig_imap::authzid_check::check_authorization;
use imapmig_testkit::{
    Account, Authzid, Fault, Mailbox, MessageBuilder, Personality, RunningServer, Server, What, When,
};
use std::time::Duration;
use support::plain;

fn start(authzid: Authzid) -> RunningServer {
    let inbox = || Mailbox::new("INBOX").uid_validity(7);
    let mut personality = Personality::generic();
    personality.login.authzid = authzid;
    Server::new(personality)
        .with_account(Account::new("terry.adams", "1091990").with_mailbox(inbox()))
        .with_account(Account::new("mailadmin", "P@ssw0rd").admin().with_mailbox(inbox()))
        .start()
        .unwrap()
}

fn check(server: &RunningServer) -> Result<(), Failure> {
    let login = Login::Plain {
        authorization: "terry.adams".to_owned(),
        authentication: "mailadmin".to_owned(),
        password: "P@ssw0rd".into(),
    };
    check_authorization(&plain(server), &login, &Cancel::new())
}

/// Checks a server, at which something happens after the check has looked into the administrator's own mailbox.
fn check_while(server: &RunningServer, happens: impl FnOnce(&RunningServer)) -> Result<(), Failure> {
    server.faults().arm(Fault::new(When::BeforeCommand("STATUS".to_owned()), What::Stall).skip(1));
    std::thread::scope(|scope| {
        let checked = scope.spawn(|| check(server));
        assert!(server.faults().wait_stalled(1, Duration::from_secs(20)));
        happens(server);
        server.faults().release();
        checked.join().unwrap()
    })
}

#[test]
fn a_server_that_ignores_whom_an_administrator_acts_for_is_recognised() {
    let failure = check(&start(Authzid::Ignored)).unwrap_err();

    assert_eq!(failure.kind, FailureKind::SameMailbox, "{failure}");
}

#[test]
fn it_is_recognised_while_mail_arrives_folders_are_made_and_other_checks_come_and_go() {
    let happens: [fn(&RunningServer); 4] = [
        |server| {
            server.deliver("mailadmin", "INBOX", MessageBuilder::new("new").build());
        },
        |server| server.make_mailbox("mailadmin", "Projects"),
        |server| server.make_mailbox("mailadmin", "imapmig-6b1f"),
        |server| {
            server.make_mailbox("mailadmin", "imapmig-6b1f");
            server.make_mailbox("mailadmin", "Sent");
        },
    ];
    for (at, happens) in happens.into_iter().enumerate() {
        let server = start(Authzid::Ignored);

        let failure = check_while(&server, happens).unwrap_err();

        assert_eq!(failure.kind, FailureKind::SameMailbox, "{at}: {failure}");
    }
}

#[test]
fn a_server_that_opens_the_users_mailbox_is_used_whatever_happens_meanwhile() {
    let server = start(Authzid::Honoured);
    server.deliver("terry.adams", "INBOX", MessageBuilder::new("old").build());
    check(&server).unwrap();

    let mail = |server: &RunningServer| {
        for account in ["mailadmin", "terry.adams"] {
            server.deliver(account, "INBOX", MessageBuilder::new("new").build());
        }
    };
    check_while(&server, mail).unwrap();
    check(&start(Authzid::Honoured)).unwrap();
}
