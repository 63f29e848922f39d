//! Who is to blame for broken connections, and who is not.

use super::*;
use imapmig_core::user::TargetId;
use proptest::prelude::*;

fn gone() -> (Side, String) {
    (Side::Target, "gone".to_owned())
}

fn dead(poison: &mut PoisonTracker, uid: u32) {
    for _ in 0..ALONE {
        poison.alone(&FolderPath::inbox(), Uid(uid), gone());
    }
}

#[test]
fn deaths_are_counted_over_the_lives_of_workers() {
    let mut given_up = 0;
    let mut suspects = Vec::new();
    for _ in 0..ALONE {
        let mut poison = PoisonTracker::default();
        poison.load(suspects);
        poison.alone(&FolderPath::inbox(), Uid(1), gone());
        suspects = poison.take_unsaved();
        given_up += usize::from(poison.give_up(&FolderPath::inbox(), Uid(1)).is_some());
        assert!(poison.take_unsaved().is_empty());
    }

    assert_eq!(given_up, 1);
    assert_eq!(suspects[0].last, Some((failure::Side::Target, "gone".to_owned())));
}

#[test]
fn what_was_given_up_before_is_given_up_after_one_more_death_however_many_there_are() {
    let mut before = PoisonTracker::default();
    (1..=5).for_each(|uid| dead(&mut before, uid));
    let suspects = (1..=5).map(|uid| before.leave_out(&FolderPath::inbox(), Uid(uid))).collect();
    let mut poison = PoisonTracker::default();
    poison.load(suspects);

    let inbox = FolderPath::inbox();
    let at_first: Vec<_> = (1..=5).map(|uid| poison.give_up(&inbox, Uid(uid)).is_some()).collect();
    (1..=5).for_each(|uid| assert!(poison.alone(&inbox, Uid(uid), gone())));
    let after_one: Vec<_> = (1..=5).map(|uid| poison.give_up(&inbox, Uid(uid)).is_some()).collect();

    assert_eq!((at_first, after_one), (vec![false; 5], vec![true; 5]));
    assert!(poison.goes_alone(&inbox, Uid(1)));
}

#[test]
fn a_message_goes_alone_after_two_broken_connections() {
    let mut poison = PoisonTracker::default();

    poison.under_way(&FolderPath::inbox(), [Uid(1), Uid(2)].into_iter());
    poison.under_way(&FolderPath::inbox(), [Uid(2)].into_iter());

    let alone = [1, 2].map(|uid| poison.goes_alone(&FolderPath::inbox(), Uid(uid)));
    assert_eq!(alone, [false, true]);
}

#[test]
fn the_header_of_a_message_that_breaks_the_source_is_not_read_for_its_report() {
    let mut poison = PoisonTracker::default();

    poison.alone(&FolderPath::inbox(), Uid(1), (Side::Source, "gone".to_owned()));
    dead(&mut poison, 2);
    poison.headers_broke(&FolderPath::inbox(), &[Uid(3)]);

    let read = [1, 2, 3, 4].map(|uid| poison.may_read_header(&FolderPath::inbox(), Uid(uid)));
    assert_eq!(read, [false, true, false, true]);
}

#[test]
fn a_message_put_off_again_and_again_is_refused_when_others_are_stored() {
    let mut poison = PoisonTracker::default();
    let put_off = |poison: &mut PoisonTracker| {
        (0..PUT_OFF).map(|_| poison.put_off(&FolderPath::inbox(), Uid(1))).last()
    };

    assert_eq!(put_off(&mut poison), Some(Patience::Over));
    poison.stored();
    assert_eq!(put_off(&mut poison), Some(Patience::Refused));
    poison.leave_out(&FolderPath::inbox(), Uid(1));
    let mut next = PoisonTracker::default();
    next.load(vec![poison.suspect(FolderPath::inbox(), SuspectId::Source(Uid(1)))]);
    assert_eq!(next.put_off(&FolderPath::inbox(), Uid(1)), Patience::Refused);
}

#[test]
fn a_server_that_dies_over_everything_that_is_read_is_not_the_messages_fault() {
    let mut poison = PoisonTracker::default();
    let inbox = FolderPath::inbox();
    let dies = |poison: &mut PoisonTracker, uid: u32| {
        let whose = Whose::Target(TargetKey::of(&TargetId::Uid(Uid(uid))));
        let nearer =
            (0..ALONE).map(|_| poison.unread(&FolderPath::inbox(), whose, gone())).collect::<Vec<_>>();
        assert_eq!(nearer[..2], [true, true]);
        (nearer[2], poison.why_unreadable(&inbox, whose).is_some())
    };

    let ends: Vec<_> = (0..=UNREADABLE).map(|uid| dies(&mut poison, uid)).collect();
    poison.was_read(Side::Source);
    let after_the_other_side = dies(&mut poison, 11);
    poison.was_read(Side::Target);

    assert!(ends[..10].iter().all(|end| *end == (true, true)));
    assert_eq!((ends[10], after_the_other_side), ((false, false), (false, false)));
    assert!((20..40).all(|uid| dies(&mut poison, uid) == (true, true)));
    // The next worker knows those that are at the target alone.
    let mut next = PoisonTracker::default();
    next.load(poison.take_unsaved());
    let target = |uid| Whose::Target(TargetKey::of(&TargetId::Uid(Uid(uid))));
    assert!((20..40).all(|uid| next.why_unreadable(&inbox, target(uid)).is_some()));
    assert!(next.why_unreadable(&inbox, Uid(20)).is_none());
}

#[test]
fn a_server_that_dies_over_everything_is_not_the_messages_fault() {
    let mut poison = PoisonTracker::default();
    (1..=5).for_each(|uid| dead(&mut poison, uid));

    let given_up = |poison: &mut PoisonTracker, uid| poison.give_up(&FolderPath::inbox(), Uid(uid)).is_some();
    assert_eq!([1, 2, 3, 4].map(|uid| given_up(&mut poison, uid)), [true, true, true, false]);
    poison.stored();
    assert!(given_up(&mut poison, 5));
}

proptest! {
    #[test]
    fn no_more_are_given_up_in_a_row_than_a_server_in_order_would_break_on(
        stored_before in proptest::collection::vec(any::<bool>(), 1..40),
    ) {
        let mut poison = PoisonTracker::default();
        let mut in_a_row = 0;

        for (uid, stored) in (1..).zip(stored_before) {
            if stored {
                poison.stored();
                in_a_row = 0;
            }
            dead(&mut poison, uid);
            let is_given_up = poison.give_up(&FolderPath::inbox(), Uid(uid)).is_some();
            in_a_row += 1;
            prop_assert_eq!(is_given_up, in_a_row <= IN_A_ROW);
        }
    }
}

#[test]
fn each_end_that_brings_a_message_nearer_to_being_unreadable_counts_for_its_folder() {
    let mut poison = PoisonTracker::default();
    let whose = Whose::Source(Uid(1));

    let ends: Vec<_> = (0..5)
        .map(|_| {
            poison.unread(&FolderPath::inbox(), whose, gone());
            poison.reading_ends(&FolderPath::inbox())
        })
        .collect();

    assert_eq!(ends, [1, 2, 3, 3, 3]);
    assert_eq!(poison.reading_ends(&FolderPath::new(["Other"])), 0);
}
