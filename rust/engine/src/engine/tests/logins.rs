//! New logins and passwords for users of a batch.

use super::{Desk, HEADER, batch, csv};
use imapmig_core::api::ApiError;
use imapmig_core::api::batch::{BatchUpdateRequest, BatchView};
use imapmig_core::ports::store::{BatchChange, UserChange};
use imapmig_core::secret::Secret;
use imapmig_core::status::{BatchStatus, UserStatus};
use std::sync::atomic::Ordering;

/// A batch of two, synced with errors: bob's password was wrong.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.endpoint("E");
    desk.create(batch("B", "ann@b.c,u1,p1\nbob@b.c,u2,wrong\n")).unwrap();
    let id = desk.batch("B").batch_guid.parse().unwrap();
    let status = BatchChange { status: Some(BatchStatus::SyncedWithErrors), ..BatchChange::default() };
    desk.rig.context.catalog.change_batch(id, &status).unwrap();
    for (user, status) in [("ann@b.c", UserStatus::Synced), ("bob@b.c", UserStatus::Failed)] {
        let change = UserChange { status: Some(status), ..UserChange::default() };
        desk.rig.context.catalog.change_user(desk.rig.user(user).id, &[], &change).unwrap();
    }
    desk
}

fn change(desk: &Desk, rows: &str) -> Result<BatchView, ApiError> {
    let request = BatchUpdateRequest {
        identity: "B".to_owned(),
        csv_base64: Some(csv(&format!("{HEADER}{rows}"))),
        ..BatchUpdateRequest::default()
    };
    desk.end(desk.engine.batch_update(request))
}

#[test]
fn a_corrected_file_brings_new_passwords_and_the_failed_user_waits_for_a_start() {
    let desk = desk();

    let view = change(&desk, "ann@b.c,u1,p1\nbob@b.c,u2,right\n").unwrap();

    assert_eq!((view.status, view.total_count), (BatchStatus::SyncedWithErrors, 2));
    let secrets = |user| desk.rig.context.catalog.user_secrets(desk.rig.user(user).id).unwrap().password;
    assert_eq!((secrets("ann@b.c"), secrets("bob@b.c")), (Secret::from("p1"), Secret::from("right")));
    assert_eq!(desk.rig.status("bob@b.c"), UserStatus::Failed);
    assert_eq!(desk.rig.status("ann@b.c"), UserStatus::Synced);
}

#[test]
fn a_user_with_another_login_is_migrated_anew_by_a_running_batch() {
    let desk = desk();

    let view = change(&desk, "ann@b.c,u1*admin,p\n").unwrap();

    assert_eq!((view.status, desk.rig.status("ann@b.c")), (BatchStatus::Syncing, UserStatus::Queued));
    assert!(desk.rig.launcher.launched.load(Ordering::SeqCst) >= 1);
}

#[test]
fn rows_of_strangers_are_warnings_and_a_file_of_nobody_else_is_an_error() {
    let desk = desk();

    let view = change(&desk, "eve@b.c,u3,p3\nbob@b.c,u2,right\nnobody,u,p\n").unwrap();
    let error = change(&desk, "eve@b.c,u3,p3\n").unwrap_err();

    let lines: Vec<_> = view.validation_warnings.iter().map(|w| w.row_index).collect();
    assert_eq!(lines, [2, 4]);
    assert!(error.message.contains("\"eve@b.c\" isn't in the migration batch \"B\""), "{}", error.message);
}

#[test]
fn users_are_added_or_changed_but_not_both_at_once() {
    let desk = desk();
    let file = csv(&format!("{HEADER}bob@b.c,u2,right\n"));
    let request = BatchUpdateRequest {
        identity: "B".to_owned(),
        csv_base64: Some(file.clone()),
        add_users_csv_base64: Some(file),
        ..BatchUpdateRequest::default()
    };

    let error = desk.engine.batch_update(request).unwrap_err();

    assert_eq!(error.code, "ArgumentException");
}
