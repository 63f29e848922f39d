//! Accounts read back, at a server or in the migrated Maildirs.

use imapmig_testkit::RunningServer;

use super::Migration;
use crate::client::Fetched;
use crate::{Client, Comparison, Dovecot, Entry, PEOPLE, Server, Snapshot};

/// The EmailAddresses of [`PEOPLE`].
pub const EMAILS: [&str; 3] = ["terrya@contoso.edu", "annb@contoso.edu", "paulc@contoso.edu"];

/// The rows of the runbook: each of [`PEOPLE`] with name and password.
pub fn people() -> Vec<super::Row> {
    EMAILS
        .iter()
        .zip(PEOPLE)
        .map(|(email, (name, password))| super::Row::new(email, name, password))
        .collect()
}

/// All that an account of this server holds.
///
/// # Panics
///
/// If it cannot be read.
pub fn account(server: &Server, user: &str, password: &str) -> Snapshot {
    let client = server.login(user, password);
    whole(&mut client.unwrap_or_else(|error| panic!("{user}: {error}")))
}

/// All that the account of this connection holds.
///
/// # Panics
///
/// If it cannot be read.
pub fn whole(client: &mut Client) -> Snapshot {
    Snapshot::of(client).unwrap_or_else(|error| panic!("{error}"))
}

/// All that an account of the test server holds, by paths without its prefix and delimiter.
pub fn held(server: &RunningServer, login: &str) -> Snapshot {
    let mailboxes = server.snapshot_by_path(login).into_iter().map(|(path, messages)| {
        let entries = messages.into_iter().map(|message| {
            Entry::from(Fetched {
                uid: message.uid,
                flags: message.flags.into_iter().chain(message.keywords).collect(),
                date: message.internal_date,
                bytes: message.raw.to_vec(),
            })
        });
        (crate::path(&path), entries.collect())
    });
    Snapshot { mailboxes: mailboxes.collect(), ..Snapshot::default() }
}

/// Fails if the target differs from the source in anything that counts.
///
/// # Panics
///
/// If it does, with every difference.
#[track_caller]
pub fn assert_same(source: &Snapshot, target: &Snapshot, comparison: &Comparison) {
    let differences = comparison.differences(source, target);
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

impl Migration {
    /// What a second Dovecot shows of the mail in `Local`.
    pub fn serve(&self) -> Dovecot {
        Dovecot::serving_maildirs(&self.mailboxes()).start()
    }

    /// What a second Dovecot shows of a user's mail in `Local`.
    pub fn served(&self, email: &str) -> Snapshot {
        account(&self.serve(), email, "pw")
    }
}
