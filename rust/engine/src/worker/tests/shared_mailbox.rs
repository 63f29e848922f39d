//! Rows that open the same mailbox.

use super::{Stage, lost, refused};
use crate::testing::{mailbox, row};
use imapmig_core::batch::{BatchOptions, RequestKind};
use imapmig_core::ports::store::{BatchChange, UserFilter};
use imapmig_core::status::{BatchStatus, UserStatus};

fn looks(stage: &Stage, address: &str, validity: u32) {
    stage.work.inner.lock().unwrap().probes.insert(address.to_owned(), mailbox(validity, 3));
}

#[test]
fn rows_that_open_one_mailbox_fail_before_anything_is_copied_and_the_rest_goes_on() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let rows = ["ann@x.org", "bob@x.org", "eve@x.org"].map(|user| row(user, "the administrator's"));
    let batch = stage.rig.batch_of("B", source, None, &rows);
    looks(&stage, "ann@x.org", 7);
    looks(&stage, "bob@x.org", 7);
    looks(&stage, "eve@x.org", 8);

    stage.request(RequestKind::Start, batch);
    stage.until_idle();

    let users = stage.rig.context.catalog.users(&UserFilter::default()).unwrap();
    let statuses: Vec<_> = users.iter().map(|user| user.status).collect();
    assert_eq!(statuses, [UserStatus::Failed, UserStatus::Failed, UserStatus::Synced]);
    let began: Vec<_> = stage.began().into_iter().map(|(user, _)| user).collect();
    assert_eq!(began, ["eve@x.org"]);
    let error = users[0].error.clone().unwrap();
    assert!(error.starts_with("UserDuplicateMailboxException: "), "{error}");
    assert!(
        error.contains("\"ann@x.org\"") && error.contains("\"bob@x.org\"") && error.contains("UserRoot"),
        "{error}"
    );
    assert_eq!(stage.rig.batch_status(batch), BatchStatus::SyncedWithErrors);
}

#[test]
fn an_analysis_reports_rows_that_open_one_mailbox() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let rows = ["ann@x.org", "bob@x.org", "eve@x.org"].map(|user| row(user, "the administrator's"));
    let batch = stage.rig.batch_of("B", source, None, &rows);
    let options = BatchOptions { analyze: true, ..stage.rig.find_batch(batch).unwrap().options };
    let change = BatchChange { options: Some(options), ..BatchChange::default() };
    stage.rig.context.catalog.change_batch(batch, &change).unwrap();
    looks(&stage, "ann@x.org", 7);
    looks(&stage, "bob@x.org", 7);
    looks(&stage, "eve@x.org", 8);

    stage.request(RequestKind::Start, batch);
    stage.until_idle();

    let users = stage.rig.context.catalog.users(&UserFilter::default()).unwrap();
    let statuses: Vec<_> = users.iter().map(|user| user.status).collect();
    assert_eq!(statuses, [UserStatus::Failed, UserStatus::Failed, UserStatus::Stopped]);
    assert!(users[0].error.as_ref().unwrap().starts_with("UserDuplicateMailboxException: "));
    let found = stage.rig.find_batch(batch).unwrap();
    assert_eq!((found.status, stage.began().len()), (BatchStatus::Stopped, 0));
    assert!(found.message.unwrap().contains("1 of 3 users"));
}

#[test]
fn users_with_passwords_of_their_own_are_not_probed() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch("B", source, &["ann@x.org", "bob@x.org"]);

    stage.request(RequestKind::Start, batch);
    stage.until_idle();

    assert!(stage.work.inner.lock().unwrap().probed.is_empty());
}

#[test]
fn a_row_added_to_a_running_batch_is_compared_with_those_that_were_copied() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let batch = stage.rig.batch_of("B", source, None, &[row("ann@x.org", "the administrator's")]);
    looks(&stage, "ann@x.org", 7);
    looks(&stage, "bob@x.org", 7);
    stage.request(RequestKind::Start, batch);
    stage.until_idle();

    let late = [row("bob@x.org", "the administrator's")];
    stage.rig.context.catalog.add_users(batch, &late, stage.rig.context.now()).unwrap();
    stage.rig.clock.advance(1_000);
    stage.until_idle();

    assert_eq!(stage.rig.status("bob@x.org"), UserStatus::Failed);
    assert_eq!(stage.rig.status("ann@x.org"), UserStatus::Synced);
}

#[test]
fn a_mailbox_that_cannot_be_seen_fails_its_row_only() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let rows = ["ann@x.org", "bob@x.org"].map(|user| row(user, "the administrator's"));
    let batch = stage.rig.batch_of("B", source, None, &rows);
    looks(&stage, "ann@x.org", 7);
    looks(&stage, "bob@x.org", 8);
    stage.work.inner.lock().unwrap().unseen.insert("bob@x.org".to_owned(), refused());

    stage.request(RequestKind::Start, batch);
    stage.until_idle();

    assert_eq!(stage.rig.status("ann@x.org"), UserStatus::Synced);
    assert_eq!(stage.rig.status("bob@x.org"), UserStatus::Failed);
}

#[test]
fn a_mailbox_that_cannot_be_seen_yet_holds_up_nobody_and_is_compared_later() {
    let mut stage = Stage::new();
    let source = stage.rig.endpoint("E", 20, 10);
    let rows = ["ann@x.org", "bob@x.org"].map(|user| row(user, "the administrator's"));
    let batch = stage.rig.batch_of("B", source, None, &rows);
    looks(&stage, "ann@x.org", 7);
    looks(&stage, "bob@x.org", 7);
    stage.work.inner.lock().unwrap().unseen.insert("bob@x.org".to_owned(), lost());

    stage.request(RequestKind::Start, batch);
    stage.until_idle();
    let meanwhile = (stage.rig.status("ann@x.org"), stage.rig.status("bob@x.org"));
    stage.rig.clock.advance(2_000);
    stage.until_idle();

    assert_eq!(meanwhile, (UserStatus::Synced, UserStatus::Queued));
    assert_eq!(stage.rig.status("bob@x.org"), UserStatus::Failed);
    assert_eq!(stage.began().len(), 1);
}
