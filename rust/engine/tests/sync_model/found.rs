//! What drawn cases showed, by name.

use super::machine::Machine;
use super::mail::{AtSource, Bits};
use super::steps::{AtTarget, Calls, EndsOver, Event, Hints, Manners, Next, Statuses, Step};

const NONE_WRONG: Hints = Hints {
    source_sizes: false,
    target_sizes: false,
    target_dates: false,
    target_next: Next::Right,
    exists: 0,
    source_ends: EndsOver::Nothing,
    target_ends: EndsOver::Nothing,
    statuses: Statuses::Nothing,
    breaking: None,
};
const UNREADABLE: Hints = Hints { target_ends: EndsOver::Headers, ..NONE_WRONG };
const UIDPLUS: Manners = Manners { condstore: false, uidplus: true, hints: NONE_WRONG };

fn deliver(body: u8, bits: Bits) -> Step {
    Step::AtSource(AtSource::Deliver { folder: 0, body, date: 0, bits })
}

/// Runs the steps, then an undisturbed sync; the comparison panics.
fn run(manners: Manners, steps: &[Step]) -> Machine {
    let mut machine = Machine::new(manners);
    steps.iter().for_each(|step| machine.step(step));
    machine.step(&Step::UndisturbedSync);
    machine
}

#[test]
fn equal_messages_do_not_share_one_when_the_target_grows_while_it_is_listed() {
    for call in 0..12 {
        let arrive = Event::AtTarget(AtTarget::Arrive { folder: 0, number: 1 });
        run(
            UIDPLUS,
            &[
                Step::AtTarget(AtTarget::ArriveEqual { folder: 0, body: 0, date: 0 }),
                deliver(0, [false; 3]),
                deliver(0, [false; 3]),
                Step::Sync(vec![(Calls::Target, call, arrive)]),
            ],
        );
    }
}

#[test]
fn true_duplicates_keep_their_own_flags_after_a_kill() {
    for call in 0..20 {
        let duplicates = [deliver(0, [true, false, false]), deliver(0, [false, true, false])];
        let kill = Step::Sync(vec![(Calls::Target, call, Event::Kill { after: true })]);
        run(UIDPLUS, &[&duplicates[..], &[kill]].concat());
    }
}

#[test]
fn a_target_folder_that_goes_away_while_it_is_filled_is_made_again_and_filled() {
    let held = |call| {
        let mut machine = Machine::new(UIDPLUS);
        for body in [0, 2, 5, 6] {
            machine.step(&Step::AtSource(AtSource::Deliver { folder: 2, body, date: 0, bits: [false; 3] }));
        }
        let remove = Event::AtTarget(AtTarget::RemoveFolder { folder: 2 });
        machine.sync_and_count(vec![(Calls::Target, call, remove)], "Work")
    };
    assert!((4..16).map(held).all(|messages| messages == Some(4)));
}

#[test]
fn equal_messages_that_cannot_be_read_at_the_target_do_not_fail_their_folder() {
    let unreadable = Manners { uidplus: false, hints: UNREADABLE, ..UIDPLUS };
    let other = Step::AtSource(AtSource::Deliver { folder: 1, body: 0, date: 0, bits: [false; 3] });
    let equal = || deliver(7, [false; 3]);

    run(
        unreadable,
        &[equal(), equal(), Step::UndisturbedSync, other, Step::AtSource(AtSource::Renumber { folder: 0 })],
    );
}

#[test]
fn an_unverified_copy_that_was_removed_on_both_sides_leaves_nothing_behind() {
    let unreadable = Manners { uidplus: false, hints: UNREADABLE, ..UIDPLUS };
    let remove = Event::AtTarget(AtTarget::Remove { folder: 0, pick: 0 });

    run(
        unreadable,
        &[
            deliver(4, [false; 3]),
            Step::UndisturbedSync,
            Step::Sync(vec![(Calls::Source, 0, remove)]),
            Step::AtSource(AtSource::Expunge { folder: 0, pick: 0 }),
            Step::AtTarget(AtTarget::Arrive { folder: 0, number: 0 }),
        ],
    );
}

#[test]
fn a_message_that_the_source_cannot_deliver_costs_only_itself_beside_mail_that_is_compared_first() {
    let hints = Hints { source_ends: EndsOver::Bodies, target_next: Next::One, ..NONE_WRONG };

    run(
        Manners { hints, ..UIDPLUS },
        &[Step::AtTarget(AtTarget::Arrive { folder: 0, number: 0 }), deliver(7, [false; 3])],
    );
}

#[test]
fn a_copy_that_cannot_be_listed_is_stored_once_although_servers_change_its_line_ends() {
    let hints = Hints { target_ends: EndsOver::Listing, ..NONE_WRONG };
    let mut machine = Machine::new(Manners { hints, ..UIDPLUS });
    machine.step(&deliver(4, [false; 3]));
    machine.step(&deliver(0, [false; 3]));

    assert_eq!(machine.sync_and_count(Vec::new(), "INBOX"), Some(2));
    machine.step(&Step::UndisturbedSync);
}

#[test]
fn the_last_sync_opens_folders_that_are_reported_as_unchanged() {
    let hints = Hints { statuses: Statuses::Stale, ..NONE_WRONG };

    run(
        Manners { condstore: true, hints, ..UIDPLUS },
        &[deliver(0, [false; 3]), Step::UndisturbedSync, Step::Sync(Vec::new()), deliver(2, [false; 3])],
    );
}

#[test]
fn equal_messages_whose_bodies_cannot_be_read_are_found_although_the_target_shows_other_dates() {
    let hints = Hints { target_ends: EndsOver::Bodies, target_dates: true, ..NONE_WRONG };
    let mut machine = Machine::new(Manners { uidplus: false, hints, ..UIDPLUS });
    machine.step(&deliver(7, [false; 3]));
    machine.step(&deliver(7, [false; 3]));

    assert_eq!(machine.sync_and_count(Vec::new(), "INBOX"), Some(2));
}

#[test]
fn a_message_that_cannot_be_listed_is_counted_although_another_one_is_gone() {
    let hints = Hints { source_ends: EndsOver::Listing, ..NONE_WRONG };
    let expunge = Step::AtSource(AtSource::Expunge { folder: 0, pick: 0 });

    run(
        Manners { condstore: true, hints, ..UIDPLUS },
        &[
            deliver(0, [false; 3]),
            deliver(2, [false; 3]),
            Step::UndisturbedSync,
            expunge,
            deliver(4, [false; 3]),
        ],
    );
}

#[test]
fn a_copy_whose_body_the_target_cannot_deliver_is_not_verified_beside_mail_of_its_user() {
    let hints = Hints { target_ends: EndsOver::Bodies, target_dates: true, source_sizes: true, ..NONE_WRONG };

    run(
        Manners { uidplus: false, hints, ..UIDPLUS },
        &[deliver(7, [false; 3]), Step::AtTarget(AtTarget::Arrive { folder: 0, number: 0 })],
    );
}

#[test]
fn a_folder_that_ends_connections_is_passed_over_once_the_other_one_has_passed() {
    let hints = Hints {
        target_ends: EndsOver::Bodies,
        statuses: Statuses::Right,
        breaking: Some(Calls::Source),
        ..NONE_WRONG
    };

    run(
        Manners { uidplus: false, hints, ..UIDPLUS },
        &[
            deliver(4, [false; 3]),
            Step::AtSource(AtSource::Deliver { folder: 2, body: 0, date: 0, bits: [false; 3] }),
            Step::Sync(vec![(Calls::Target, 4, Event::StoredLate { calls: 1 })]),
            Step::AtTarget(AtTarget::Remove { folder: 0, pick: 0 }),
        ],
    );
}
