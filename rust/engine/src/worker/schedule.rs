//! What the worker remembers of a started batch: who waits for an initial sync, whose incremental sync is due, who may copy.
//!
//! Read from the store once and after each Start; the store decides in the end, since a user is taken up only if its state there
//! still fits.

use super::shared_mailbox::Sameness;
use crate::context::Context;
use crate::errors::of_store;
use imapmig_core::api::ApiError;
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::ports::store::UserFilter;
use imapmig_core::status::UserStatus;
use imapmig_core::time::UnixMs;
use imapmig_core::user::User;
use std::collections::{HashMap, HashSet, VecDeque};

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
pub(super) struct Care {
    /// Users that wait for their initial sync, in order of their rows.
    queue: VecDeque<UserId>,
    /// The place of each user's row.
    places: HashMap<UserId, usize>,
    /// Users whose incremental sync is due.
    due: VecDeque<UserId>,
    /// When the next one becomes due.
    next_due: Option<UnixMs>,
    /// Users that are tried again later.
    not_before: HashMap<UserId, UnixMs>,
    /// Rows that might open the same mailbox.
    pub(super) sameness: Sameness,
    /// Requests to sync now that are under way, and since when.
    pub(super) sync_now: Option<(Vec<i64>, UnixMs)>,
}

impl Care {
    /// Reads a batch. `earlier`: what was remembered of it before.
    pub(super) fn load(parts: &Context, batch: BatchId, earlier: Option<Self>) -> Result<Self, ApiError> {
        let users = users(parts, batch, &[])?;
        let fresh: HashSet<UserId> = users
            .iter()
            .filter(|user| matches!(user.status, UserStatus::Queued | UserStatus::Validating))
            .filter(|user| user.started.is_none())
            .map(|user| user.id)
            .collect();
        let mut groups = parts.store.users_with_equal_passwords(batch).map_err(of_store)?;
        let logins: Vec<_> = with_equal_logins(&users).collect();
        groups.extend(logins.iter().cloned());
        let earlier = earlier.unwrap_or_default();
        Ok(Self {
            places: users.iter().enumerate().map(|(place, user)| (user.id, place)).collect(),
            queue: users
                .iter()
                .filter(|user| user.status == UserStatus::Queued)
                .map(|user| user.id)
                .collect(),
            due: VecDeque::new(),
            next_due: users
                .iter()
                .filter_map(|user| match user.status {
                    UserStatus::Synced => user.next_sync,
                    UserStatus::Completing => Some(UnixMs(0)),
                    _ => None,
                })
                .min(),
            not_before: earlier.not_before,
            sameness: Sameness::new(groups, |user| fresh.contains(&user)).with_equal_logins(logins),
            sync_now: earlier.sync_now,
        })
    }

    /// Whether the store tells of as many users in the queue as are known here; others were added to the batch then.
    pub(super) fn knows_all(&self, queued: u32) -> bool {
        u32::try_from(self.queue.len()).is_ok_and(|known| known >= queued)
    }

    /// The first user in the queue that can be taken up now. `free`: no confirmation is at work on the user.
    pub(super) fn next_initial(&self, now: UnixMs, free: impl Fn(UserId) -> bool) -> Option<(UserId, Stage)> {
        let ready = |user: &UserId| self.is_time_for(*user, now) && free(*user);
        self.queue.iter().copied().filter(ready).find_map(|user| {
            if self.sameness.is_to_be_seen(user) {
                Some((user, Stage::Look))
            } else if self.sameness.may_copy(user) {
                Some((user, Stage::Initial))
            } else {
                None
            }
        })
    }

    /// The first user whose incremental sync is due. `free`: no confirmation is at work on the user.
    pub(super) fn next_incremental(&self, free: impl Fn(UserId) -> bool) -> Option<UserId> {
        self.due.iter().copied().find(|user| free(*user))
    }

    /// The user is being taken up, or cannot be.
    pub(super) fn take(&mut self, user: UserId) {
        self.queue.retain(|other| *other != user);
        self.due.retain(|other| *other != user);
        self.not_before.remove(&user);
    }

    /// The user waits for its initial sync again, in the place of its row.
    pub(super) fn put_back(&mut self, user: UserId, not_before: Option<UnixMs>) {
        let place = self.places.get(&user).copied();
        let at = self.queue.partition_point(|other| self.places.get(other).copied() < place);
        self.queue.insert(at, user);
        if let Some(not_before) = not_before {
            self.hold_back(user, not_before);
        }
    }

    /// The user is not taken up before this instant.
    pub(super) fn hold_back(&mut self, user: UserId, not_before: UnixMs) {
        self.not_before.insert(user, not_before);
    }

    /// Nobody is held back any longer; gives those that wait for their initial sync.
    pub(super) fn let_go(&mut self) -> impl Iterator<Item = &UserId> {
        self.not_before.clear();
        self.queue.iter()
    }

    /// The user's next incremental sync is due then.
    pub(super) fn expect(&mut self, at: UnixMs) {
        self.next_due = Some(self.next_due.map_or(at, |next| next.min(at)));
    }

    /// Finds out whose incremental sync is due; tells whether a request to sync now was met.
    pub(super) fn find_due(&mut self, parts: &Context, batch: BatchId) -> Result<bool, ApiError> {
        let now = parts.now();
        let asked = self.sync_now.as_ref().map(|(_, asked)| *asked);
        let requested = asked.is_some();
        if !self.due.is_empty() || !(requested || self.next_due.is_some_and(|next| next <= now)) {
            return Ok(false);
        }
        self.next_due = None;
        for user in users(parts, batch, &[UserStatus::Synced, UserStatus::Completing])? {
            if user.status == UserStatus::Completing {
                match self.not_before.get(&user.id).copied() {
                    Some(at) if at > now => self.expect(at),
                    _ => self.due.push_back(user.id),
                }
                continue;
            }
            let wanted =
                asked.is_some_and(|asked| !synced_since(&user, asked)) && self.is_time_for(user.id, now);
            match user.next_sync {
                Some(next) if next > now && !wanted => self.expect(next),
                None if !wanted => {}
                _ => self.due.push_back(user.id),
            }
        }
        Ok(requested && self.due.is_empty())
    }

    fn is_time_for(&self, user: UserId, now: UnixMs) -> bool {
        self.not_before.get(&user).is_none_or(|at| *at <= now)
    }
}

/// Whether a sync that began at that instant or later was done: one that ended then may have looked before it.
fn synced_since(user: &User, asked: UnixMs) -> bool {
    let done = user.last_synced.is_some_and(|synced| user.started.is_none_or(|began| began <= synced));
    done && user.started.is_some_and(|began| began >= asked)
}

/// The users of a batch in these states; in any when none is named.
pub(super) fn users(parts: &Context, batch: BatchId, statuses: &[UserStatus]) -> Result<Vec<User>, ApiError> {
    let filter = UserFilter { batch: Some(batch), statuses: statuses.to_vec(), ..UserFilter::default() };
    parts.store.users(&filter).map_err(of_store)
}

/// Rows with one login and UserRoot.
fn with_equal_logins(users: &[User]) -> impl Iterator<Item = Vec<UserId>> {
    let mut groups: HashMap<(&str, Option<&str>), Vec<UserId>> = HashMap::new();
    for user in users {
        groups.entry((&user.user_name, user.user_root.as_deref())).or_default().push(user.id);
    }
    groups.into_values().filter(|group| group.len() > 1)
}
