//! The tables, state by state and event by event. A dot is a state that stays, a dash an event that is refused.

use super::*;

fn batch(name: &str) -> BatchStatus {
    name.parse().unwrap()
}

fn user(name: &str) -> UserStatus {
    name.parse().unwrap()
}

/// Reads a table whose first line names the events and whose other lines each name a state and its successors.
fn check<S: Copy + PartialEq + std::fmt::Debug, E: Copy + std::fmt::Debug>(
    table: &str,
    (states, state_of): (&[S], fn(&str) -> S),
    events: &[E],
    next: impl Fn(S, E) -> Option<S>,
) {
    let mut lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
    let header: Vec<String> = lines.next().unwrap().split_whitespace().map(str::to_owned).collect();
    let named: Vec<String> = events.iter().map(|event| format!("{event:?}")).collect();
    assert_eq!(header, named, "the table names every event");
    let mut seen = Vec::new();
    for line in lines {
        let mut words = line.split_whitespace();
        let state = state_of(words.next().unwrap());
        seen.push(state);
        for event in events {
            let expected = match words.next().unwrap_or_else(|| panic!("{line}: too short")) {
                "." => Some(state),
                "-" => None,
                name => Some(state_of(name)),
            };
            assert_eq!(next(state, *event), expected, "{state:?} on {event:?}");
        }
        assert_eq!(words.next(), None, "{line}: too long");
    }
    let missing: Vec<_> = states.iter().filter(|state| !seen.contains(state)).collect();
    assert!(missing.is_empty(), "the table names every state: {missing:?}");
}

#[test]
fn every_event_of_a_batch_in_every_state() {
    let facts = BatchFacts {
        counts: UserCounts { total: 2, synced: 1, failed: 1, ..UserCounts::default() },
        repeats: true,
        ..BatchFacts::default()
    };
    let table = "
        StartRequested StopRequested SyncRequested RemoveRequested CompleteRequested UsersRequeued UserStartRequested StartPostponed Begun UsersChanged WorkEnded
        Created             Starting - -                  Removing -          .       -       . . . .
        Syncing             .        Stopping .           Removing .          .       .       Waiting SyncedWithErrors SyncedWithErrors .
        Stopping            .        .        -           Removing -          .       .       . . . Stopped
        Stopped             Starting -        -           Removing -          .       Syncing . . . .
        Completed           Starting -        -           Removing .          .       Syncing . . . .
        Failed              Starting -        -           Removing -          .       Syncing . SyncedWithErrors SyncedWithErrors .
        Removing            -        -        -           .        -          -       -       . . . .
        Synced              Syncing  Stopping IncrementalSyncing Removing Completing Syncing Syncing Waiting SyncedWithErrors SyncedWithErrors .
        IncrementalSyncing  Syncing  Stopping .           Removing Completing Syncing Syncing Waiting SyncedWithErrors SyncedWithErrors .
        Completing          .        Stopping .           Removing .          .       .       Waiting SyncedWithErrors SyncedWithErrors .
        CompletedWithErrors Starting -        -           Removing .          .       Syncing . . . .
        SyncedWithErrors    Syncing  Stopping IncrementalSyncing Removing Completing Syncing Syncing Waiting . . .
        Corrupted           -        -        -           Removing -          .       -       . . . .
        Waiting             .        Stopping .           Removing .          .       -       . SyncedWithErrors . .
        Starting            .        Stopping .           Removing .          .       .       Waiting SyncedWithErrors . .
    ";

    check(table, (BatchStatus::ALL, batch), BatchEvent::ALL, |state, event| state.on(event, &facts));
}

#[test]
fn every_event_of_a_user_in_every_state() {
    let table = "
        StartRequested Started StopRequested RemoveRequested CompleteRequested Stopped ProbeBegan SyncBegan ProbeDone SyncDone SyncDoneWhileStopping PutBack GivenUp
        Queued             .        .      Stopping Removing .          Stopped Validating Syncing - - - - Failed
        Syncing            .        .      Stopping Removing .          Stopped - - - Synced IncrementalStopped Queued Failed
        Failed             Starting Queued .        Removing .          .       - - - - - - -
        Synced             .        .      .        Removing Completing IncrementalStopped - IncrementalSyncing - - - - IncrementalFailed
        IncrementalFailed  .        Synced .        Removing Completing .       - - - - - - -
        Completing         .        .      .        Removing .          IncrementalStopped - . - Completed IncrementalStopped . CompletionFailed
        Completed          .        .      .        Removing .          .       - - - - - - -
        CompletionFailed   .    Completing .        Removing .          .       - - - - - - -
        Corrupted          .        .      .        Removing .          .       - - - - - - -
        Provisioning       .        .      .        Removing .          .       - - - - - - -
        ProvisionUpdating  .        .      .        Removing .          .       - - - - - - -
        CompletionSynced   .        .      .        Removing .          .       - - - - - - -
        Validating         .        .      Stopping Removing .          Stopped - - Queued - - Queued Failed
        IncrementalSyncing .        .      .        Removing .          IncrementalStopped - - - Synced IncrementalStopped Synced IncrementalFailed
        IncrementalSynced  .        .      .        Removing .          .       - - - - - - -
        CompletedWithWarnings .     .      .        Removing .          .       - - - - - - -
        Stopped            Starting Queued .        Removing .          .       - - - - - - -
        IncrementalStopped .        Synced .        Removing .          .       - - - - - - -
        Starting           .        Queued Stopping Removing .          Stopped - - - - - - -
        Stopping           .        Queued .        Removing .          Stopped - - - Synced IncrementalStopped Queued Failed
        Removing           .        .      .        .        .          .       - - - - - - -
    ";

    check(table, (UserStatus::ALL, user), UserEvent::ALL, UserStatus::on);
}

#[test]
fn a_start_leaves_a_batch_in_step_where_nothing_is_unfinished() {
    let facts = BatchFacts {
        counts: UserCounts { total: 1, synced: 1, ..UserCounts::default() },
        ..BatchFacts::default()
    };

    assert_eq!(BatchStatus::Synced.on(BatchEvent::StartRequested, &facts), Some(BatchStatus::Synced));
}

#[test]
fn a_requested_sync_keeps_a_batch_from_rest_until_it_is_done() {
    let counts = UserCounts { total: 1, synced: 1, ..UserCounts::default() };
    let pending = BatchFacts { counts, sync_pending: true, repeats: true, ..BatchFacts::default() };
    let done = BatchFacts { sync_pending: false, ..pending };

    let after = |facts| BatchStatus::IncrementalSyncing.on(BatchEvent::UsersChanged, facts);
    assert_eq!(after(&pending), Some(BatchStatus::IncrementalSyncing));
    assert_eq!(after(&done), Some(BatchStatus::Synced));
}

#[test]
fn a_start_that_was_requested_while_the_batch_stopped_follows_the_stop() {
    let facts = BatchFacts { start_pending: true, ..BatchFacts::default() };

    assert_eq!(BatchStatus::Stopping.on(BatchEvent::WorkEnded, &facts), Some(BatchStatus::Starting));
}

#[test]
fn without_incremental_syncs_a_synced_batch_is_stopped() {
    let facts = BatchFacts {
        counts: UserCounts { total: 1, synced: 1, ..UserCounts::default() },
        ..BatchFacts::default()
    };

    assert_eq!(BatchStatus::Syncing.on(BatchEvent::UsersChanged, &facts), Some(BatchStatus::Stopped));
}

#[test]
fn a_batch_in_step_completes_once_complete_after_has_come_and_rests_when_all_are_completed() {
    let completing = BatchFacts {
        counts: UserCounts { total: 2, synced: 2, completed: 1, ..UserCounts::default() },
        repeats: true,
        completes: true,
        ..BatchFacts::default()
    };
    let counts = UserCounts { completed: 2, ..completing.counts };

    let after = |facts| BatchStatus::Synced.on(BatchEvent::UsersChanged, facts);
    assert_eq!(after(&completing), Some(BatchStatus::Completing));
    assert_eq!(after(&BatchFacts { counts, ..completing }), Some(BatchStatus::Completed));
}

#[test]
fn every_batch_state_is_at_rest_or_needs_a_worker_but_not_both() {
    for status in BatchStatus::ALL {
        let idle_but_scheduled = matches!(status, BatchStatus::Synced | BatchStatus::SyncedWithErrors);
        assert!(status.is_at_rest() != status.needs_worker() || idle_but_scheduled, "{status}");
    }
}
