//! What a user's numbers show while its mail is being copied.

use super::servers::{USER, messages, rig, source_server, target_server};
use imapmig_core::ports::Clock;
use imapmig_core::ports::store::{Catalog, UserFilter};
use imapmig_core::time::UnixMs;
use imapmig_core::user::UserProgress;
use imapmig_store::SqliteStore;
use imapmig_testkit::{Mailbox, Personality, RunningServer};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

/// A clock that notes the user's numbers whenever it is read, as long as the target has no message.
struct Watch {
    now: AtomicI64,
    store: Arc<SqliteStore>,
    target: Arc<RunningServer>,
    seen: Arc<Mutex<Vec<UserProgress>>>,
}

impl Clock for Watch {
    fn now(&self) -> UnixMs {
        if self.target.messages(USER, "INBOX").is_empty() {
            let user = self.store.users(&UserFilter::default()).unwrap().remove(0);
            self.seen.lock().unwrap().push(user.progress);
        }
        UnixMs(self.now.fetch_add(5_000, Ordering::SeqCst))
    }
}

/// The numbers of one sync before its first message arrived.
fn before_the_copy(personality: Personality) -> (UserProgress, UserProgress) {
    let folders =
        ["INBOX", "Projects", "Projects/Old"].map(|path| Mailbox::new(path).with_messages(messages(40)));
    let source = source_server(personality, folders.into());
    let target = Arc::new(target_server(Personality::dovecot()));
    let mut rig = rig(&source, &target);
    rig.lanes = 1;
    let seen = Arc::new(Mutex::new(Vec::new()));
    rig.clock = Arc::new(Watch {
        now: AtomicI64::new(1_800_000_000_000),
        store: Arc::clone(&rig.store),
        target: Arc::clone(&target),
        seen: Arc::clone(&seen),
    });

    let done = rig.initial().unwrap().progress;

    let last = *seen.lock().unwrap().last().unwrap();
    (last, done)
}

#[test]
fn how_many_bytes_all_folders_have_is_known_before_the_first_message_is_copied() {
    let (before, done) = before_the_copy(Personality::dovecot());

    assert_eq!((before.synced_items, before.total_items), (0, 120));
    assert_eq!(before.total_bytes, done.total_bytes);
}

#[test]
fn a_source_that_does_not_tell_sizes_is_counted_as_its_folders_are_listed() {
    let (before, done) = before_the_copy(Personality::courier_like());

    assert_eq!((before.total_items, done.synced_items), (120, 120));
    assert_eq!(done.bytes_transferred, done.total_bytes);
}
