//! Counts, names, and which state follows from the users.

use super::*;

#[test]
fn counts_add_up_to_the_total_whatever_the_states() {
    let mut counts = UserCounts::default();

    for status in UserStatus::ALL {
        counts.add(*status, 1);
    }

    let sum = counts.pending + counts.active + counts.synced + counts.failed + counts.stopped;
    assert_eq!((sum, counts.total), (counts.total, u32::try_from(UserStatus::ALL.len()).unwrap()));
}

#[test]
fn a_batch_with_one_failed_user_of_three_is_synced_with_errors() {
    let counts = UserCounts { total: 3, synced: 2, failed: 1, ..UserCounts::default() };

    assert_eq!(BatchStatus::of_users(&counts), BatchStatus::SyncedWithErrors);
}

#[test]
fn a_batch_whose_users_all_failed_has_failed() {
    let counts = UserCounts { total: 2, failed: 2, ..UserCounts::default() };

    assert_eq!(BatchStatus::of_users(&counts), BatchStatus::Failed);
}

#[test]
fn a_batch_is_completed_when_all_its_users_are_and_with_errors_when_some_failed() {
    let counts = |synced, completing, completed, failed| UserCounts {
        total: synced + failed,
        synced,
        completing,
        completed,
        failed,
        ..UserCounts::default()
    };

    assert_eq!(BatchStatus::of_users(&counts(2, 0, 2, 0)), BatchStatus::Completed);
    assert_eq!(BatchStatus::of_users(&counts(2, 0, 2, 1)), BatchStatus::CompletedWithErrors);
    assert_eq!(BatchStatus::of_users(&counts(2, 1, 1, 0)), BatchStatus::Completing);
    assert_eq!(BatchStatus::of_users(&counts(2, 0, 1, 0)), BatchStatus::Synced);
}

#[test]
fn a_batch_that_was_never_started_shows_as_stopped_and_is_found_by_both_names() {
    assert_eq!(BatchStatus::Created.shown(), BatchStatus::Stopped);
    assert!(BatchStatus::Created.answers_to(BatchStatus::Stopped));
    assert!(BatchStatus::Created.answers_to(BatchStatus::Created));
    assert!(!BatchStatus::Stopped.answers_to(BatchStatus::Created));
}

#[test]
fn names_are_read_in_any_case_and_an_unknown_one_lists_the_known() {
    assert_eq!("SYNCEDwithErrors".parse(), Ok(BatchStatus::SyncedWithErrors));
    assert!("Done".parse::<BatchStatus>().unwrap_err().contains("Synced, "));
}
