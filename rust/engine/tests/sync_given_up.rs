//! Messages that were given up, and what later syncs do about them.

mod sync_support;

use imapmig_core::ports::target::RefusalKind;
use imapmig_core::user::SkippedKind;
use sync_support::Rig;
use sync_support::account::{Account, Message, message, subject};

fn five() -> Vec<Message> {
    (0..5).map(|n| message(&format!("m{n}")).at(1_000 + n)).collect()
}

#[test]
fn a_message_refused_for_a_reason_that_has_passed_arrives_with_the_next_sync() {
    let full = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let refuses = std::sync::Arc::clone(&full);
    let source = Account::new().having(|s| s.condstore = true).with("INBOX", five());
    let target = Account::new().having(|t| {
        t.judge = Some(Box::new(move |bytes, _| {
            (subject(bytes) == "m2" && refuses.load(std::sync::atomic::Ordering::SeqCst))
                .then_some((RefusalKind::Message, "NO [SERVERBUG] Internal error"))
        }));
    });
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    rig.incremental().unwrap();
    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(3), SkippedKind::Refused)]);

    full.store(false, std::sync::atomic::Ordering::SeqCst);
    let done = rig.incremental().unwrap();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert_eq!((done.progress.synced_items, done.progress.skipped_items), (5, 0));
    assert_eq!(rig.items(), []);
}
