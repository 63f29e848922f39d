//! Who waits for whom, and whose mailboxes are found to be one.

use super::*;
use crate::testing::mailbox;
use proptest::prelude::*;

fn may_copy(shared: &SharedMailboxes, user: UserId) -> bool {
    shared.waits_for(user).is_none()
}

fn mailbox_of(validity: u32, messages: u32) -> Option<AccountProbe> {
    Some(mailbox(validity, messages))
}

#[test]
fn nobody_of_a_group_copies_before_all_were_seen() {
    let (a, b, alone) = (UserId::new(), UserId::new(), UserId::new());
    let mut shared = SharedMailboxes::new([vec![a, b]], |_| true);

    assert!(may_copy(&shared, alone) && !shared.is_to_be_probed(alone));
    assert!(shared.is_to_be_probed(a) && !may_copy(&shared, a));
    assert_eq!(shared.saw(a, mailbox_of(1, 3)), []);
    assert!(!may_copy(&shared, a));
    assert_eq!(shared.saw(b, mailbox_of(2, 3)), []);
    assert!(may_copy(&shared, a) && may_copy(&shared, b));
}

#[test]
fn rows_with_the_same_mailbox_are_told_and_empty_ones_prove_nothing() {
    let users: Vec<_> = (0..4).map(|_| UserId::new()).collect();
    let mut shared = SharedMailboxes::new([users.clone()], |_| true);

    assert_eq!(shared.saw(users[0], mailbox_of(7, 3)), []);
    assert_eq!(shared.saw(users[1], mailbox_of(7, 3)), [users[0]]);
    assert_eq!(shared.saw(users[2], mailbox_of(7, 0)), []);
    assert_eq!(shared.saw(users[3], mailbox_of(7, 0)), []);
}

#[test]
fn a_member_that_cannot_be_seen_does_not_hold_up_the_others() {
    let (a, b) = (UserId::new(), UserId::new());
    let mut shared = SharedMailboxes::new([vec![a, b]], |_| true);

    shared.saw(a, mailbox_of(1, 3));
    shared.pass_over(b);

    assert!(may_copy(&shared, a));
    assert!(shared.is_to_be_probed(b) && !may_copy(&shared, b));
}

#[test]
fn overlapping_groups_are_one() {
    let (a, b, c, d) = (UserId::new(), UserId::new(), UserId::new(), UserId::new());
    let mut shared = SharedMailboxes::new([vec![a, b], vec![c, d], vec![b, c]], |_| true);

    for user in [a, b, c] {
        shared.saw(user, None);
    }

    assert!(!may_copy(&shared, a));
    shared.saw(d, None);
    assert!([a, b, c, d].iter().all(|user| may_copy(&shared, *user)));
}

#[test]
fn a_row_added_later_is_compared_with_one_that_copied_before() {
    let (old, new) = (UserId::new(), UserId::new());
    let mut shared = SharedMailboxes::new([vec![old, new]], |user| user == new);

    assert_eq!(shared.elder(new), Some(old));
    shared.saw(old, mailbox_of(7, 3));
    assert_eq!(shared.saw(new, mailbox_of(7, 3)), [old]);
    assert_eq!(shared.elder(new), None);
}

#[test]
fn of_those_that_copied_before_the_one_with_the_same_login_is_probed() {
    let (other, twin, new) = (UserId::new(), UserId::new(), UserId::new());
    let groups = [vec![other, twin, new], vec![twin, new]];
    let mut shared = SharedMailboxes::new(groups, |user| user == new).with_equal_logins([vec![twin, new]]);

    assert_eq!(shared.elder(new), Some(twin));
    shared.saw(twin, mailbox_of(7, 3));
    assert_eq!(shared.saw(new, mailbox_of(7, 3)), [twin]);
}

proptest! {
    /// Whatever the groups, the order of probes and what they find: a member copies only after all of its group that are to be
    /// probed were, and two users are reported as one mailbox if and only if they are in a group and see the same mailbox.
    #[test]
    fn nobody_copies_early_and_exactly_the_same_mailboxes_are_found(
        groups in prop::collection::vec(prop::collection::vec(0_usize..8, 1..4), 0..5),
        order in Just((0..8).collect::<Vec<usize>>()).prop_shuffle(),
        mailboxes in prop::collection::vec(1_u32..4, 8),
    ) {
        let users: Vec<_> = (0..8).map(|_| UserId::new()).collect();
        let named = groups.iter().map(|group| {
            let mut members: Vec<_> = group.iter().map(|at| users[*at]).collect();
            members.sort_unstable();
            members.dedup();
            members
        });
        let mut shared = SharedMailboxes::new(named, |_| true);
        let mut together: Vec<usize> = (0..8).collect();
        for group in &groups {
            let (into, from): (usize, Vec<_>) = (together[group[0]], group.iter().map(|at| together[*at]).collect());
            together.iter_mut().filter(|of| from.contains(of)).for_each(|of| *of = into);
        }
        let grouped = |at: usize| groups.iter().any(|group| group.contains(&at));

        let mut probed: Vec<usize> = Vec::new();
        for at in order {
            let found = shared.saw(users[at], mailbox_of(mailboxes[at], 3));
            let same = |other: &&usize| {
                grouped(at) && together[**other] == together[at] && mailboxes[**other] == mailboxes[at]
            };
            let mut expected: Vec<_> = probed.iter().filter(same).map(|other| users[*other]).collect();
            let mut found = found;
            expected.sort_unstable();
            found.sort_unstable();
            prop_assert_eq!(found, expected);
            probed.push(at);
            for user in 0..8 {
                let all = (0..8).filter(|other| grouped(*other) && together[*other] == together[user]);
                let free = !grouped(user) || all.clone().all(|other| probed.contains(&other));
                prop_assert_eq!(may_copy(&shared, users[user]), free);
            }
        }
    }
}
