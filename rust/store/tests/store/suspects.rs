//! Messages that broke connections, and those that are left out for a reason that may pass.

use crate::support::{Place, added_mailbox, added_user, entries, intent};
use imapmig_core::failure::Side;
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{MailboxId, UserId};
use imapmig_core::message::{ModSeq, TargetValidity, Uid, UidValidity};
use imapmig_core::ports::store::{Diary, Ledger, LedgerResult};
use imapmig_core::user::{LedgerState, Level, Suspect, SuspectId, TargetId};
use imapmig_store::SqliteStore;

fn suspect(uid: u32, left_out: bool) -> Suspect {
    let last = Some((Side::Target, format!("gone at {uid}")));
    let id = SuspectId::Source(Uid(uid));
    Suspect { folder: FolderPath::inbox(), id, together: 2, alone: 1, last, left_out }
}

fn at_target(uid: u32) -> Suspect {
    Suspect { id: SuspectId::Target(Uid(uid)), ..suspect(uid, false) }
}

fn ends(store: &SqliteStore, mailbox: MailboxId, ends: &[(u32, LedgerState)]) {
    let intents: Vec<_> = ends.iter().map(|(uid, _)| intent(*uid)).collect();
    store.add_intents(mailbox, &intents, Uid(1)).unwrap();
    let result = |(uid, state): &(u32, LedgerState)| LedgerResult {
        uid: Uid(*uid),
        state: *state,
        target: (*state == LedgerState::Copied).then_some(TargetId::Uid(Uid(uid + 100))),
        digest: None,
    };
    store.record(mailbox, &ends.iter().map(result).collect::<Vec<_>>(), &[]).unwrap();
}

fn with_inbox(test: impl FnOnce(&SqliteStore, UserId, MailboxId)) {
    let place = Place::new();
    let store = place.open();
    let user = added_user(&store);
    let mailbox = added_mailbox(&store, user, "INBOX");
    test(&store, user, mailbox);
}

#[test]
fn what_is_left_out_for_now_is_taken_out_of_the_ledger_and_the_rest_stays() {
    with_inbox(|store, user, mailbox| {
        let (copied, skipped) = (LedgerState::Copied, LedgerState::Skipped);
        ends(store, mailbox, &[(1, skipped), (2, skipped), (3, copied), (4, skipped)]);
        let checkpoint = store.checkpoints(user).unwrap().remove(0);
        let synced = imapmig_core::user::Checkpoint { source_modseq: Some(ModSeq(9)), ..checkpoint };
        store.save_checkpoint(&synced).unwrap();
        store.raise_levels(mailbox, &[(Uid(3)..=Uid(3), Level::Listed)]).unwrap();
        let suspects = [suspect(1, true), suspect(2, false), suspect(3, true), suspect(9, false)];
        store.save_suspects(user, &suspects).unwrap();

        let returned = store.retry_suspects(user).unwrap();

        // 3 was copied and verified since; 4 is left out for good.
        assert_eq!(returned, [suspect(1, true), suspect(2, false), suspect(9, false)]);
        let left: Vec<_> = entries(store, mailbox).iter().map(|e| (e.uid.0, e.state)).collect();
        assert_eq!(left, [(2, skipped), (3, copied), (4, skipped)]);
        assert_eq!(store.checkpoints(user).unwrap()[0].source_modseq, None);
    });
}

#[test]
fn a_copy_that_cannot_be_verified_is_remembered_until_it_is() {
    with_inbox(|store, user, mailbox| {
        ends(store, mailbox, &[(1, LedgerState::Copied), (2, LedgerState::Copied)]);
        let checkpoint = store.checkpoints(user).unwrap().remove(0);
        let synced = imapmig_core::user::Checkpoint { source_modseq: Some(ModSeq(9)), ..checkpoint };
        store.save_checkpoint(&synced).unwrap();
        store.raise_levels(mailbox, &[(Uid(2)..=Uid(2), Level::Listed)]).unwrap();
        store.save_suspects(user, &[suspect(1, true), suspect(2, true)]).unwrap();
        store.remove_refuted_items(mailbox).unwrap();

        let before = store.retry_suspects(user).unwrap();
        store.raise_levels(mailbox, &[(Uid(1)..=Uid(1), Level::Compared)]).unwrap();
        let after = store.retry_suspects(user).unwrap();

        assert_eq!((before, after), (vec![suspect(1, true)], vec![]));
        // It was copied, so that nothing has to be planned again.
        assert_eq!(store.checkpoints(user).unwrap()[0].source_modseq, Some(ModSeq(9)));
        assert_eq!(entries(store, mailbox).len(), 2);
    });
}

#[test]
fn without_anything_to_try_again_nothing_is_written() {
    with_inbox(|store, user, mailbox| {
        ends(store, mailbox, &[(1, LedgerState::Skipped)]);
        let before = imapmig_core::ports::store::Requests::version(store).unwrap();

        let returned = store.retry_suspects(user).unwrap();

        assert_eq!(returned, []);
        assert_eq!(imapmig_core::ports::store::Requests::version(store).unwrap(), before);
        assert_eq!(entries(store, mailbox).len(), 1);
    });
}

#[test]
fn suspects_end_with_their_messages_their_uidvalidity_and_a_new_start() {
    with_inbox(|store, user, mailbox| {
        ends(store, mailbox, &[(1, LedgerState::Copied), (2, LedgerState::Skipped)]);
        store.raise_levels(mailbox, &[(Uid(1)..=Uid(1), Level::Listed)]).unwrap();
        let both = [suspect(1, false), suspect(2, false)];
        store.save_suspects(user, &both).unwrap();

        store.remove_refuted_items(mailbox).unwrap();
        let ended = store.retry_suspects(user).unwrap();
        store.reset_mailbox(mailbox, UidValidity(7), TargetValidity::Uids(UidValidity(8))).unwrap();
        let reset = store.retry_suspects(user).unwrap();
        store.save_suspects(user, &both).unwrap();
        store.forget_skipped(user, None).unwrap();
        let started_anew = store.retry_suspects(user).unwrap();

        assert_eq!((ended, reset, started_anew), (vec![suspect(2, false)], Vec::new(), Vec::new()));
    });
}

#[test]
fn messages_of_the_target_are_known_until_the_mailbox_is_complete() {
    with_inbox(|store, user, mailbox| {
        store.save_suspects(user, &[suspect(5, false), at_target(5), at_target(4)]).unwrap();
        let more = Suspect { alone: 3, ..at_target(4) };
        store.save_suspects(user, std::slice::from_ref(&more)).unwrap();

        let before = store.retry_suspects(user).unwrap();
        store.remove_refuted_items(mailbox).unwrap();
        let after = store.retry_suspects(user).unwrap();

        assert_eq!(before, [suspect(5, false), more, at_target(5)]);
        assert_eq!(after, []);
    });
}

#[test]
fn messages_of_a_target_folder_that_is_another_one_now_are_forgotten() {
    with_inbox(|store, user, mailbox| {
        let forget: [&dyn Fn(); 3] = [
            &|| store.forget_targets(mailbox).unwrap(),
            &|| store.reset_mailbox(mailbox, UidValidity(1), TargetValidity::Uids(UidValidity(2))).unwrap(),
            &|| store.forget_skipped(user, Some(&FolderPath::inbox())).unwrap(),
        ];
        for forget in forget {
            store.save_suspects(user, &[at_target(4)]).unwrap();
            forget();
            assert_eq!(store.retry_suspects(user).unwrap(), []);
        }
    });
}
