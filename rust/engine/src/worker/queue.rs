//! The users of a batch that wait for their initial sync, in the order of their rows.
//!
//! Pure. A user is ready, held back until an instant, or blocked until its group was looked at. The next one is found without
//! passing over the others, however many there are: each user moves once when what it waits for has come.

use imapmig_core::ids::UserId;
use imapmig_core::time::UnixMs;
use std::collections::{BTreeMap, HashMap};

/// The place of a user's row in its batch.
type Place = usize;

/// Where a waiting user stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Ready,
    Held(UnixMs),
    Blocked(usize),
}

/// What can be done with a user that is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<T> {
    /// It is taken up.
    Take(T),
    /// It waits until this group is unblocked.
    Wait(usize),
    /// It is passed over this time only.
    Pass,
}

/// Users in the order of their rows.
#[derive(Debug, Default)]
pub(super) struct Queue {
    places: HashMap<UserId, Place>,
    standings: HashMap<UserId, Standing>,
    ready: BTreeMap<Place, UserId>,
    held: BTreeMap<(UnixMs, Place), UserId>,
    blocked: HashMap<usize, BTreeMap<Place, UserId>>,
}

impl Queue {
    /// An empty queue of a batch with these users.
    pub(super) fn of(users: impl IntoIterator<Item = UserId>) -> Self {
        let places = users.into_iter().enumerate().map(|(place, user)| (user, place)).collect();
        Self { places, ..Self::default() }
    }

    /// How many users wait.
    pub(super) fn len(&self) -> usize {
        self.standings.len()
    }

    /// The place of the user's row; one that is new comes last.
    pub(super) fn place(&mut self, user: UserId) -> Place {
        let last = self.places.len();
        *self.places.entry(user).or_insert(last)
    }

    /// Holds the user back until this instant.
    pub(super) fn add(&mut self, user: UserId, not_before: Option<UnixMs>) {
        self.remove(user);
        self.stand(user, not_before.map_or(Standing::Ready, Standing::Held));
    }

    /// The user waits no longer.
    pub(super) fn remove(&mut self, user: UserId) {
        let Some(standing) = self.standings.remove(&user) else { return };
        let place = self.place(user);
        match standing {
            Standing::Ready => {
                self.ready.remove(&place);
            }
            Standing::Held(until) => {
                self.held.remove(&(until, place));
            }
            Standing::Blocked(group) => {
                if let Some(blocked) = self.blocked.get_mut(&group) {
                    blocked.remove(&place);
                }
            }
        }
    }

    /// No user is held back any longer. Returns those that wait.
    pub(super) fn let_go(&mut self) -> Vec<UserId> {
        let held: Vec<_> = std::mem::take(&mut self.held).into_values().collect();
        for user in held {
            self.stand(user, Standing::Ready);
        }
        self.standings.keys().copied().collect()
    }

    /// Until when the user is held back.
    pub(super) fn held_until(&self, user: UserId) -> Option<UnixMs> {
        match self.standings.get(&user)? {
            Standing::Held(until) => Some(*until),
            Standing::Ready | Standing::Blocked(_) => None,
        }
    }

    /// The users of this group wait for it no longer.
    pub(super) fn unblock(&mut self, group: usize) {
        for user in self.blocked.remove(&group).unwrap_or_default().into_values() {
            self.stand(user, Standing::Ready);
        }
    }

    /// The first user that can be taken up; it stays in the queue.
    pub(super) fn next<T>(&mut self, now: UnixMs, step: impl Fn(UserId) -> Step<T>) -> Option<(UserId, T)> {
        while let Some(entry) = self.held.first_entry().filter(|entry| entry.key().0 <= now) {
            let user = entry.remove();
            self.stand(user, Standing::Ready);
        }
        let mut from = 0;
        while let Some((place, user)) = self.ready.range(from..).next() {
            let (place, user) = (*place, *user);
            from = place + 1;
            match step(user) {
                Step::Take(what) => return Some((user, what)),
                Step::Wait(group) => {
                    self.remove(user);
                    self.stand(user, Standing::Blocked(group));
                }
                Step::Pass => {}
            }
        }
        None
    }

    fn stand(&mut self, user: UserId, standing: Standing) {
        let place = self.place(user);
        match standing {
            Standing::Ready => {
                self.ready.insert(place, user);
            }
            Standing::Held(until) => {
                self.held.insert((until, place), user);
            }
            Standing::Blocked(group) => {
                self.blocked.entry(group).or_default().insert(place, user);
            }
        }
        self.standings.insert(user, standing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cell::Cell;
    use std::collections::HashSet;

    fn users(number: usize) -> Vec<UserId> {
        (0..number).map(|_| UserId::new()).collect()
    }

    fn take(_: UserId) -> Step<()> {
        Step::Take(())
    }

    fn drained(queue: &mut Queue, now: UnixMs) -> Vec<UserId> {
        let mut taken = Vec::new();
        while let Some((user, ())) = queue.next(now, take) {
            queue.remove(user);
            taken.push(user);
        }
        taken
    }

    #[test]
    fn users_come_in_the_order_of_their_rows_whenever_they_were_put_back() {
        let all = users(4);
        let mut queue = Queue::of(all.clone());
        for at in [2, 0, 3, 1] {
            queue.add(all[at], None);
        }

        assert_eq!(drained(&mut queue, UnixMs(0)), all);
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn a_user_that_is_held_back_lets_others_pass_and_has_its_place_again_afterwards() {
        let all = users(3);
        let mut queue = Queue::of(all.clone());
        queue.add(all[0], Some(UnixMs(10)));
        queue.add(all[1], None);
        queue.add(all[2], None);

        assert_eq!(queue.next(UnixMs(9), take).map(|next| next.0), Some(all[1]));
        assert_eq!(queue.held_until(all[0]), Some(UnixMs(10)));
        assert_eq!(queue.next(UnixMs(10), take).map(|next| next.0), Some(all[0]));
        assert_eq!(queue.len(), 3);
    }

    #[test]
    fn blocked_users_are_asked_about_once_until_their_group_is_unblocked() {
        let all = users(1_000);
        let mut queue = Queue::of(all.clone());
        all.iter().for_each(|user| queue.add(*user, None));
        let asked = Cell::new(0);
        let last = all[999];
        let step = |user| {
            asked.set(asked.get() + 1);
            if user == last { Step::Take(()) } else { Step::Wait(7) }
        };

        for _ in 0..100 {
            assert_eq!(queue.next(UnixMs(0), step).map(|next| next.0), Some(last));
        }
        queue.unblock(7);

        assert!(asked.get() < 1_200, "{} users were passed over", asked.get());
        assert_eq!(drained(&mut queue, UnixMs(0)), all);
    }

    proptest! {
        #[test]
        fn whatever_happens_exactly_those_that_were_added_and_not_removed_come_out(
            steps in prop::collection::vec((0_usize..8, 0_u8..5, 0_i64..4), 0..60)
        ) {
            let all = users(8);
            let mut queue = Queue::of(all.clone());
            let mut waiting = HashSet::new();
            for (user, step, at) in steps {
                let user = all[user];
                match step {
                    0 => { queue.add(user, None); waiting.insert(user); }
                    1 => { queue.add(user, Some(UnixMs(at))); waiting.insert(user); }
                    2 => { queue.remove(user); waiting.remove(&user); }
                    3 => {
                        let step = |of| if of == user { Step::<()>::Pass } else { Step::Wait(usize::from(at % 2 == 0)) };
                        prop_assert_eq!(queue.next(UnixMs(at), step), None);
                    }
                    _ => queue.unblock(usize::from(at % 2 == 0)),
                }
                prop_assert_eq!(queue.standings.keys().copied().collect::<HashSet<_>>(), waiting.clone());
            }
            queue.unblock(0);
            queue.unblock(1);

            let in_order: Vec<_> = all.into_iter().filter(|user| waiting.contains(user)).collect();
            prop_assert_eq!(drained(&mut queue, UnixMs(9)), in_order);
        }
    }
}
