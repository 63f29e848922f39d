//! The UserRoot: found under each server's spelling, and nothing beside it is seen.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_core::failure::{Case, Failure, FailureKind, Scope, SignIn};
use imapmig_core::folder::FolderPath;
use imapmig_imap::folders::Layout;
use imapmig_imap::userroot;
use imapmig_testkit::{Account, Mailbox, Personality, Server};
use support::{connect, password, plain};

/// The paths and names below a UserRoot.
fn below(personality: Personality, names: &[&str], root: &str) -> Result<Vec<(String, String)>, Failure> {
    let account = names.iter().fold(Account::new("mailadmin", "P@ssw0rd"), |account, name| {
        account.with_mailbox(Mailbox::exact(name))
    });
    let server = Server::new(personality).with_account(account).start().unwrap();
    let mut session = connect(&plain(&server), &password("mailadmin", "P@ssw0rd")).unwrap();
    let layout = Layout::learn(&mut session)?;
    let layout = userroot::find(&mut session, &layout, root)?;
    let mut found: Vec<_> = layout
        .folders(&mut session)?
        .into_iter()
        .map(|f| {
            assert_eq!(layout.wire_of(&f.path, session.utf8), f.wire);
            (f.path.to_string(), String::from_utf8(f.wire.0).unwrap())
        })
        .collect();
    found.sort();
    Ok(found)
}

fn pair(path: &str, name: &str) -> (String, String) {
    (path.to_owned(), name.to_owned())
}

#[test]
fn couriers_shared_mailbox_is_found_in_each_spelling() {
    for user in ["terry adams", "terry\\:adams"] {
        let root = format!("#shared.users.{user}");
        let names = [&root[..], &format!("{root}.Projets.Alpha"), "#shared.users.terry", "Mine"];

        let found = below(Personality::courier_like(), &names, "/users/terry.adams").unwrap();

        assert_eq!(found[0], pair("INBOX", &root));
        assert!(found.contains(&pair("Projets/Alpha", &format!("{root}.Projets.Alpha"))), "{found:?}");
        assert!(found.iter().all(|(_, name)| name.starts_with(&root)), "{found:?}");
    }
}

#[test]
fn couriers_shared_mailbox_is_found_without_a_group() {
    let found = below(Personality::courier_like(), &["#shared.terry adams"], "/users/terry.adams").unwrap();

    assert_eq!(found, [pair("INBOX", "#shared.terry adams")]);
}

#[test]
fn an_ordinary_path_is_a_user_root_too() {
    let names = ["Migrated/terry.adams", "Migrated/terry.adams/\u{c9}t\u{e9}", "Migrated/ann.beebe"];

    let found = below(Personality::generic(), &names, "/Migrated/terry.adams").unwrap();

    assert_eq!(
        found,
        [pair("INBOX", "Migrated/terry.adams"), pair("\u{c9}t\u{e9}", "Migrated/terry.adams/\u{c9}t\u{e9}"),]
    );
}

#[test]
fn a_path_below_the_accounts_own_prefix_is_found() {
    let found = below(Personality::courier_like(), &["INBOX.Old", "INBOX.Old.2019"], "Old").unwrap();

    assert_eq!(found, [pair("2019", "INBOX.Old.2019"), pair("INBOX", "INBOX.Old")]);
}

#[test]
fn a_user_root_that_is_not_there_is_named_with_what_was_tried() {
    let failure =
        below(Personality::courier_like(), &["#shared.users.ann beebe"], "/users/terry.adams").unwrap_err();

    assert_eq!((failure.kind, failure.scope), (FailureKind::NotFound, Scope::User));
    let Case::SignIn(SignIn::UserRootNotFound { user_root, tried, .. }) = *failure.case else {
        panic!("{failure}");
    };
    assert_eq!(user_root, "/users/terry.adams");
    assert!(tried.contains(&"#shared.users.terry.adams".to_owned()), "{tried:?}");
}

#[test]
fn an_empty_user_root_is_the_whole_account() {
    let found = below(Personality::generic(), &["Sent"], "/").unwrap();

    assert_eq!(found, [pair("INBOX", "INBOX"), pair("Sent", "Sent")]);
    assert!(FolderPath::inbox().is_inbox());
}
