//! The schedule of a started batch: who waits for an initial sync, whose incremental sync is due, who may copy.
//!
//! Pure: made from what `schedules` reads of the store once and after each Start. The store decides in the end, since a user is
//! taken up only if its state there still fits.

use super::queue::{Queue, Step};
use super::shared_mailbox::SharedMailboxes;
use imapmig_core::ids::{ConfirmationId, UserId};
use imapmig_core::status::UserStatus;
use imapmig_core::time::UnixMs;
use imapmig_core::user::UserTurn;
use std::collections::{BTreeMap, HashSet};

/// What is done next to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// Its mailbox is probed; nothing is copied.
    Probe,
    /// Its initial sync.
    Initial,
    /// An incremental sync.
    Incremental,
    /// Both sides are compared; nothing is copied and no status changes.
    Confirm {
        /// For which confirmation.
        of: ConfirmationId,
        /// Whole contents are compared.
        bytes: bool,
    },
}

impl Stage {
    /// Whether it is a comparison, which a user's status does not show.
    pub(super) const fn is_confirmation(self) -> bool {
        matches!(self, Self::Confirm { .. })
    }
}

/// What a batch's schedule is made from, as the store has it.
#[derive(Clone, Debug, Default)]
pub(super) struct BatchUsers {
    /// All users, in the order of their rows.
    pub(super) turns: Vec<UserTurn>,
    /// Groups of users with one source password.
    pub(super) equal_passwords: Vec<Vec<UserId>>,
    /// Groups of users with one UserName and UserRoot.
    pub(super) equal_logins: Vec<Vec<UserId>>,
}

/// A started batch.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// Users that wait for their initial sync.
    queue: Queue,
    /// Users whose incremental or final sync is due, by the places of their rows.
    due: BTreeMap<usize, UserId>,
    /// When the next one becomes due.
    next_due: Option<UnixMs>,
    /// Rows that might open the same mailbox.
    pub(super) shared_mailboxes: SharedMailboxes,
    /// Requests to sync now that are under way.
    pub(super) sync_now: Vec<i64>,
}

impl Schedule {
    /// The schedule of these users. `earlier`: what was remembered of the batch before.
    pub(super) fn new(users: BatchUsers, earlier: Option<Self>) -> Self {
        let BatchUsers { turns, equal_passwords, equal_logins } = users;
        let fresh: HashSet<UserId> = turns
            .iter()
            .filter(|user| matches!(user.status, UserStatus::Queued | UserStatus::Validating) && !user.began)
            .map(|user| user.id)
            .collect();
        let groups = equal_passwords.into_iter().chain(equal_logins.iter().cloned());
        let shared_mailboxes = SharedMailboxes::new(groups, |user| fresh.contains(&user));
        let earlier = earlier.unwrap_or_default();
        let mut queue = Queue::of(turns.iter().map(|user| user.id));
        for user in turns.iter().filter(|user| user.status == UserStatus::Queued) {
            queue.add(user.id, earlier.queue.held_until(user.id));
        }
        Self {
            queue,
            due: BTreeMap::new(),
            next_due: turns
                .iter()
                .filter(|user| user.status.has_next_sync())
                .filter_map(|user| user.next_sync)
                .min(),
            shared_mailboxes: shared_mailboxes.with_equal_logins(equal_logins),
            sync_now: earlier.sync_now,
        }
    }

    /// Returns `true` if the store counts as many queued users as are known here; otherwise users were added to the batch.
    pub(super) fn knows_all(&self, queued: u32) -> bool {
        u32::try_from(self.queue.len()).is_ok_and(|known| known >= queued)
    }

    /// The first user in the queue that can be taken up now. `free`: no confirmation is at work on the user.
    pub(super) fn next_initial(
        &mut self,
        now: UnixMs,
        free: impl Fn(UserId) -> bool,
    ) -> Option<(UserId, Stage)> {
        for group in self.shared_mailboxes.take_freed() {
            self.queue.unblock(group);
        }
        let shared = &self.shared_mailboxes;
        self.queue.next(now, |user| {
            if !free(user) {
                Step::Pass
            } else if shared.is_to_be_probed(user) {
                Step::Take(Stage::Probe)
            } else {
                shared.waits_for(user).map_or(Step::Take(Stage::Initial), Step::Wait)
            }
        })
    }

    /// The first user whose incremental sync is due. `free`: no confirmation is at work on the user.
    pub(super) fn next_incremental(&self, free: impl Fn(UserId) -> bool) -> Option<UserId> {
        self.due.values().copied().find(|user| free(*user))
    }

    /// The user is being taken up, or cannot be.
    pub(super) fn take(&mut self, user: UserId) {
        self.queue.remove(user);
        self.due.remove(&self.queue.place(user));
    }

    /// The user waits for its initial sync again, in the place of its row.
    pub(super) fn put_back(&mut self, user: UserId, not_before: Option<UnixMs>) {
        self.queue.add(user, not_before);
    }

    /// Ends all pauses, and returns the users that wait for their initial sync.
    pub(super) fn let_go(&mut self) -> Vec<UserId> {
        self.queue.let_go()
    }

    /// The user's next incremental sync is due then.
    pub(super) fn expect(&mut self, at: UnixMs) {
        self.next_due = Some(self.next_due.map_or(at, |next| next.min(at)));
    }

    /// Whether the store may know of users whose incremental or final sync is due and that are not in the schedule yet.
    pub(super) fn may_have_due(&self, now: UnixMs) -> bool {
        self.due.is_empty() && (!self.sync_now.is_empty() || self.next_due.is_some_and(|next| next <= now))
    }

    /// Takes in the users that are due, and when the next one becomes due. Returns `true` if a request to sync now is met by that:
    /// no user is due any more.
    pub(super) fn add_due(&mut self, due: Vec<UserId>, next_due: Option<UnixMs>) -> bool {
        self.next_due = next_due;
        for user in due {
            self.due.insert(self.queue.place(user), user);
        }
        !self.sync_now.is_empty() && self.due.is_empty()
    }
}

#[cfg(test)]
mod tests;
