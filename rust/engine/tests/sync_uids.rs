//! UIDs are hints too: a next UID that is not stated, known UIDs that stand for other messages, counts that do not fit.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../src/testing/intercepted_store.rs"]
#[allow(dead_code, reason = "unit tests use the rest")]
mod intercepted_store;
mod sync_support;

use imapmig_core::ids::WorkerId;
use imapmig_core::ports::store::{Ports, Requests as _, Store, StoreResult};
use imapmig_engine::sync::{SyncKind, UserSync, run_user};
use imapmig_store::SqliteStore;
use intercepted_store::{Intercepted, Interceptor};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use sync_support::Rig;
use sync_support::account::{Account, Message, message, path};

/// Counts how often the ledger of a mailbox is read, whole or all that is not verified.
struct LedgerReads {
    inner: Arc<SqliteStore>,
    whole: AtomicUsize,
    unverified: AtomicUsize,
}

impl Interceptor for LedgerReads {
    fn call<T: intercepted_store::Users>(
        &self,
        method: &'static str,
        run: impl FnOnce(&dyn Store) -> StoreResult<T>,
    ) -> StoreResult<T> {
        self.whole.fetch_add(usize::from(method == "ledger"), Ordering::SeqCst);
        self.unverified.fetch_add(usize::from(method == "unverified"), Ordering::SeqCst);
        run(self.inner.as_ref())
    }

    fn fenced(&self, worker: WorkerId) -> Ports {
        self.inner.fenced(worker)
    }
}

fn five() -> Account {
    Account::new().with("INBOX", ["a", "b", "c", "d", "e"].map(message))
}

/// Another message under a known UID, as after a restore from a backup.
fn replace(source: &Account, uid: u32, by: Message) {
    let mut state = source.state();
    let mailbox = state.folders.get_mut(&path("INBOX")).unwrap();
    let place = mailbox.messages.iter_mut().find(|m| m.uid == uid).unwrap();
    *place = Message { uid, ..by };
}

fn sorted(account: &Account) -> Vec<String> {
    let mut subjects = account.subjects("INBOX");
    subjects.sort();
    subjects
}

#[test]
fn a_target_that_states_no_uidnext_takes_everything_and_only_once() {
    let (source, target) = (five(), Account::new().having(|t| t.states_no_uidnext = true));
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();
    source.deliver("INBOX", message("f"));
    rig.incremental().unwrap();

    assert_eq!(source.mail("INBOX"), target.mail("INBOX"));
    assert_eq!((target.appends(), rig.reported()), (6, vec![]));
}

#[test]
fn what_a_user_removed_at_a_target_that_states_no_uidnext_is_not_brought_back() {
    for all in [false, true] {
        let (source, target) = (five(), Account::new().having(|t| t.states_no_uidnext = true));
        let rig = Rig::new(&source, &target);
        rig.initial().unwrap();
        let removed = if all { 1..=5 } else { 4..=5 };
        removed.for_each(|uid| target.expunge("INBOX", uid));
        let left = target.subjects("INBOX").len();
        source.deliver("INBOX", message("f"));

        rig.incremental().unwrap();

        assert_eq!((target.appends(), target.subjects("INBOX").len()), (6, left + 1), "all: {all}");
    }
}

#[test]
fn a_folder_removed_at_a_target_that_states_no_uidnext_is_not_filled_again() {
    let source = five().with("Old", [message("o")]);
    let target = Account::new().having(|t| t.states_no_uidnext = true);
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    target.state().folders.remove(&path("Old"));
    (1..=5).for_each(|uid| target.expunge("INBOX", uid));

    rig.incremental().unwrap();

    assert_eq!(target.folder_names(), ["INBOX"]);
}

#[test]
fn a_known_uid_whose_size_changed_is_compared_by_content() {
    let (source, target) = (five(), Account::new());
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    replace(&source, 3, message("another one"));

    rig.incremental().unwrap();

    assert_eq!(sorted(&target), ["a", "another one", "b", "c", "d", "e"]);
}

#[test]
fn a_known_uid_whose_date_alone_changed_is_compared_by_content() {
    for other in [true, false] {
        let (source, target) = (five(), Account::new());
        let rig = Rig::new(&source, &target);
        rig.initial().unwrap();
        // As long as "c" is.
        let by = if other { message("x") } else { message("c") };
        replace(&source, 3, by.at(1_200_000_000));

        rig.incremental().unwrap();

        let expected: &[&str] =
            if other { &["a", "b", "c", "d", "e", "x"] } else { &["a", "b", "c", "d", "e"] };
        assert_eq!(sorted(&target), expected, "other: {other}");
    }
}

#[test]
fn known_uids_that_change_with_condstore_are_noticed_as_well() {
    let source = five().having(|s| s.condstore = true);
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    let modseq = {
        let mut state = source.state();
        state.modseq += 1;
        state.modseq
    };
    replace(&source, 3, Message { modseq, ..message("another one") });

    rig.incremental().unwrap();

    assert_eq!(sorted(&target), ["a", "another one", "b", "c", "d", "e"]);
}

#[test]
fn a_restored_source_that_gives_every_known_uid_to_another_message_brings_all_of_its_mail() {
    let source = Account::new().with("INBOX", ["a", "b", "c"].map(message));
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    for (uid, subject) in [(1, "one"), (2, "two"), (3, "three")] {
        replace(&source, uid, message(subject));
    }

    rig.incremental().unwrap();

    assert_eq!(sorted(&target), ["a", "b", "c", "one", "three", "two"]);
}

#[test]
fn a_source_that_counts_fewer_messages_than_it_describes_loses_none_of_them() {
    let (source, target) = (five(), Account::new());
    source.state().claimed = Some(3);
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap().progress;

    assert_eq!((done.total_items, done.synced_items, rig.reported()), (5, 5, vec![]));
    assert_eq!(source.mail("INBOX"), target.mail("INBOX"));
}

#[test]
fn without_uidplus_the_ledger_is_read_once_however_many_messages_are_looked_for() {
    // They are looked for after every thousand.
    let source = Account::new().with("INBOX", (0..2_500).map(|n| message(&format!("m{n}"))));
    let target = Account::new().having(|t| t.uidplus = false);
    let rig = Rig::new(&source, &target);
    let reads = Arc::new(Intercepted(LedgerReads {
        inner: Arc::clone(&rig.store),
        whole: AtomicUsize::new(0),
        unverified: AtomicUsize::new(0),
    }));

    run_user(&UserSync { ledger: reads.clone(), ..rig.sync_of(SyncKind::Initial) }).unwrap();

    assert_eq!((reads.whole.load(Ordering::SeqCst), reads.unverified.load(Ordering::SeqCst)), (1, 1));
    assert!(source.mail("INBOX") == target.mail("INBOX"), "the mail differs");
}
