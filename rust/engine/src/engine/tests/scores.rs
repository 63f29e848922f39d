//! The score of a batch and its users.

use super::{Desk, batch};
use imapmig_core::api::user::UserStatisticsRequest;
use imapmig_core::ports::store::UserChange;
use imapmig_core::status::UserStatus;
use imapmig_core::time::UnixMs;
use imapmig_core::user::UserProgress;

fn change(desk: &Desk, user: &str, change: &UserChange) {
    let id = desk.rig.user(user).id;
    assert!(desk.rig.context.catalog.change_user(id, &[], change).unwrap());
}

#[test]
fn a_batch_is_not_perfect_while_one_of_its_users_has_no_score() {
    let desk = Desk::new();
    desk.endpoint("E");
    desk.create(batch("B1", "ann@b.c,u1,p\nbob@b.c,u2,p\n")).unwrap();
    let progress = UserProgress {
        total_items: 8,
        synced_items: 8,
        verified_items: 8,
        compared_items: 3,
        ..UserProgress::default()
    };
    let synced = UserChange {
        progress: Some(progress),
        status: Some(UserStatus::Synced),
        last_synced: Some(UnixMs(1)),
        ..UserChange::default()
    };
    let failed = UserChange { status: Some(UserStatus::Failed), ..UserChange::default() };
    let score = |desk: &Desk| desk.batch("B1").data_consistency_score;
    change(&desk, "ann@b.c", &synced);
    change(&desk, "bob@b.c", &failed);

    let one_failed = score(&desk);
    change(&desk, "bob@b.c", &UserChange { progress: None, ..synced });
    let both = score(&desk);
    let syncing = UserChange { status: Some(UserStatus::IncrementalSyncing), ..UserChange::default() };
    change(&desk, "bob@b.c", &syncing);
    let one_at_work = score(&desk);
    let request =
        UserStatisticsRequest { identity: "ann@b.c".to_owned(), ..UserStatisticsRequest::default() };
    let ann = desk.engine.user_statistics(request).unwrap();

    assert_eq!((one_failed, both.as_deref(), one_at_work), (None, Some("Perfect"), None));
    assert_eq!(ann.user.data_consistency_score.as_deref(), Some("Perfect"));
    assert_eq!((ann.verified_item_count, ann.compared_item_count, ann.not_verified_item_count), (8, 3, 0));
}

#[test]
fn a_user_has_no_score_before_its_first_sync_while_one_runs_and_after_one_that_failed() {
    let desk = Desk::new();
    desk.endpoint("E");
    desk.create(batch("B1", "ann@b.c,u1,p\n")).unwrap();
    let progress =
        UserProgress { total_items: 8, synced_items: 8, verified_items: 8, ..UserProgress::default() };
    let score = |status: UserStatus, last_synced: Option<UnixMs>| {
        let numbers = UserChange {
            progress: Some(progress),
            status: Some(status),
            last_synced,
            ..UserChange::default()
        };
        change(&desk, "ann@b.c", &numbers);
        let request =
            UserStatisticsRequest { identity: "ann@b.c".to_owned(), ..UserStatisticsRequest::default() };
        desk.engine.user_statistics(request).unwrap().user.data_consistency_score
    };

    for status in [UserStatus::Queued, UserStatus::Syncing, UserStatus::Failed, UserStatus::Stopped] {
        assert_eq!(score(status, None), None, "{status:?}");
    }
    for status in [UserStatus::IncrementalSyncing, UserStatus::IncrementalFailed, UserStatus::Completing] {
        assert_eq!(score(status, Some(UnixMs(1))), None, "{status:?}");
    }
    for status in [UserStatus::Synced, UserStatus::Completed] {
        assert_eq!(score(status, None).as_deref(), Some("Perfect"), "{status:?}");
    }
}
