//! The schedule of a started batch: who waits for an initial sync, whose incremental sync is due, who may copy.
//!
//! Read from the store once and after each Start; the store decides in the end, since a user is taken up only if its state there
//! still fits.

use super::queue::{Queue, Step};
use super::shared_mailbox::SharedMailboxes;
use crate::context::Context;
use crate::errors::of_store;
use imapmig_core::api::ApiError;
use imapmig_core::confirmation::Confirmation;
use imapmig_core::ids::{BatchId, ConfirmationId, UserId};
use imapmig_core::ports::store::UserFilter;
use imapmig_core::status::UserStatus;
use imapmig_core::time::UnixMs;
use imapmig_core::user::User;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

/// What is done next to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// Its mailbox is looked at; nothing is copied.
    Look,
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
    /// Reads a batch. `earlier`: what was remembered of it before.
    pub(super) fn load(context: &Context, batch: BatchId, earlier: Option<Self>) -> Result<Self, ApiError> {
        let users = users(context, batch, &[])?;
        let fresh: HashSet<UserId> = users
            .iter()
            .filter(|user| matches!(user.status, UserStatus::Queued | UserStatus::Validating))
            .filter(|user| user.started.is_none())
            .map(|user| user.id)
            .collect();
        let mut groups = context.store.users_with_equal_passwords(batch).map_err(of_store)?;
        let logins: Vec<_> = with_equal_logins(&users).collect();
        groups.extend(logins.iter().cloned());
        let earlier = earlier.unwrap_or_default();
        let mut queue = Queue::of(users.iter().map(|user| user.id));
        for user in users.iter().filter(|user| user.status == UserStatus::Queued) {
            queue.add(user.id, earlier.queue.held_until(user.id));
        }
        Ok(Self {
            queue,
            due: BTreeMap::new(),
            next_due: users
                .iter()
                .filter(|user| user.status.has_next_sync())
                .filter_map(|u| u.next_sync)
                .min(),
            shared_mailboxes: SharedMailboxes::new(groups, |user| fresh.contains(&user))
                .with_equal_logins(logins),
            sync_now: earlier.sync_now,
        })
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
            } else if shared.is_to_be_seen(user) {
                Step::Take(Stage::Look)
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

    /// Finds out whose incremental or final sync is due; returns whether a request to sync now was met.
    pub(super) fn find_due(&mut self, context: &Context, batch: BatchId) -> Result<bool, ApiError> {
        let now = context.now();
        let requested = !self.sync_now.is_empty();
        if !self.due.is_empty() || !(requested || self.next_due.is_some_and(|next| next <= now)) {
            return Ok(false);
        }
        let (due, next_due) = context.store.due_users(batch, now).map_err(of_store)?;
        self.next_due = next_due;
        for user in due {
            self.due.insert(self.queue.place(user), user);
        }
        Ok(requested && self.due.is_empty())
    }
}

/// A confirmation under way.
#[derive(Debug)]
pub(super) struct Confirming {
    pub(super) confirmation: Confirmation,
    /// Users that are not compared yet, in order of their rows.
    pub(super) queue: VecDeque<UserId>,
}

/// The users of a batch in these states; in any when none is named.
pub(super) fn users(
    context: &Context,
    batch: BatchId,
    statuses: &[UserStatus],
) -> Result<Vec<User>, ApiError> {
    let filter = UserFilter { batch: Some(batch), statuses: statuses.to_vec(), ..UserFilter::default() };
    context.store.users(&filter).map_err(of_store)
}

/// Rows with one login and UserRoot.
fn with_equal_logins(users: &[User]) -> impl Iterator<Item = Vec<UserId>> {
    let mut groups: HashMap<(&str, Option<&str>), Vec<UserId>> = HashMap::new();
    for user in users {
        groups.entry((&user.user_name, user.user_root.as_deref())).or_default().push(user.id);
    }
    groups.into_values().filter(|group| group.len() > 1)
}
