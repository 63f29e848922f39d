//! Finds rows that open the same mailbox at the source, before anything of them is copied.
//!
//! Some servers ignore the user that an administrator asks for and open the administrator's own mailbox. Rows that could be
//! concerned, because they share a password or a login, form a group; every member is probed before one of them copies.
//! Pure: takes what probes have seen, and decides which users may copy.

use crate::sync::decide::same_mailbox::AccountProbe;
use imapmig_core::ids::UserId;
use imapmig_core::message::UidValidity;
use std::collections::{HashMap, HashSet};

/// The groups of a batch, and what probes saw of their members.
#[derive(Debug, Default)]
pub(super) struct SharedMailboxes {
    group_of: HashMap<UserId, usize>,
    groups: Vec<Group>,
    /// Rows with one login each.
    twins: HashMap<UserId, Vec<UserId>>,
    /// Groups all of whose members were probed since [`SharedMailboxes::take_freed`].
    freed: Vec<usize>,
}

#[derive(Debug, Default)]
struct Group {
    members: Vec<UserId>,
    /// Those to be probed before any member copies.
    awaited: HashSet<UserId>,
    /// Those that were probed in an earlier run, and have copied since.
    elders: HashSet<UserId>,
    /// What was seen, by the UIDVALIDITY of the inbox: those of another one are other mailboxes.
    seen: HashMap<Option<UidValidity>, Vec<(UserId, AccountProbe)>>,
    probed: HashSet<UserId>,
    elder_was_probed: bool,
}

impl Group {
    /// Those that may be the same mailbox.
    fn alike(&self, mark: Option<UidValidity>) -> impl Iterator<Item = &(UserId, AccountProbe)> {
        let (one, unmarked, all) = match mark {
            Some(_) => (self.seen.get(&mark), self.seen.get(&None), None),
            None => (None, None, Some(self.seen.values())),
        };
        one.into_iter().chain(unmarked).chain(all.into_iter().flatten()).flatten()
    }
}

impl SharedMailboxes {
    /// Groups that overlap become one. `awaited`: has copied nothing yet and is to be migrated.
    pub(super) fn new(
        groups: impl IntoIterator<Item = Vec<UserId>>,
        awaited: impl Fn(UserId) -> bool,
    ) -> Self {
        let mut shared = Self::default();
        for members in groups {
            shared.join(members);
        }
        for group in &mut shared.groups {
            (group.awaited, group.elders) =
                group.members.iter().copied().partition(|member| awaited(*member));
        }
        shared
    }

    /// Rows of one login open the same mailbox, most likely; each of these groups lies within one of those given before.
    pub(super) fn with_equal_logins(mut self, groups: impl IntoIterator<Item = Vec<UserId>>) -> Self {
        for group in groups {
            self.twins.extend(group.iter().map(|member| (*member, group.clone())));
        }
        self
    }

    /// Whether the user is to be probed next.
    pub(super) fn is_to_be_probed(&self, user: UserId) -> bool {
        self.group_of.get(&user).is_some_and(|group| {
            let group = &self.groups[*group];
            !group.probed.contains(&user) && !group.elders.contains(&user)
        })
    }

    /// The group that has to be probed before the user may copy; none when it may.
    pub(super) fn waits_for(&self, user: UserId) -> Option<usize> {
        let number = *self.group_of.get(&user)?;
        let group = &self.groups[number];
        let may_copy =
            group.elders.contains(&user) || (group.probed.contains(&user) && group.awaited.is_empty());
        (!may_copy).then_some(number)
    }

    /// The groups for which no user waits any longer, each once.
    pub(super) fn take_freed(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.freed)
    }

    /// A member that copied in an earlier run and was not probed in this one: one with the user's own login, else any; it stands
    /// for all of those.
    pub(super) fn elder(&self, user: UserId) -> Option<UserId> {
        let group = &self.groups[*self.group_of.get(&user)?];
        let twins = self.twins.get(&user).into_iter().flatten();
        let unprobed = |twin: &&UserId| group.elders.contains(twin) && !group.probed.contains(twin);
        if let Some(twin) = twins.copied().find(|twin| *twin != user && unprobed(&twin)) {
            return Some(twin);
        }
        if group.elder_was_probed {
            return None;
        }
        group.members.iter().copied().find(|member| *member != user && group.elders.contains(member))
    }

    /// Notes what was seen of a user's mailbox, and returns the users whose mailbox it certainly is too.
    pub(super) fn saw(&mut self, user: UserId, probe: Option<AccountProbe>) -> Vec<UserId> {
        self.pass_over(user);
        let Some(group) = self.group(user) else { return Vec::new() };
        group.probed.insert(user);
        group.elder_was_probed |= group.elders.contains(&user);
        let Some(probe) = probe else { return Vec::new() };
        let mark = probe.folders.iter().find(|folder| folder.path.is_inbox()).map(|inbox| inbox.validity);
        let same = group.alike(mark).filter(|(_, other)| probe.proves_same_mailbox(other));
        let same = same.map(|(other, _)| *other).collect();
        group.seen.entry(mark).or_default().push((user, probe));
        same
    }

    /// The others do not wait for this user any longer: it has failed, was stopped, or is tried again later.
    pub(super) fn pass_over(&mut self, user: UserId) {
        let Some(number) = self.group_of.get(&user).copied() else { return };
        let group = &mut self.groups[number];
        if group.awaited.remove(&user) && group.awaited.is_empty() {
            self.freed.push(number);
        }
    }

    fn group(&mut self, user: UserId) -> Option<&mut Group> {
        let group = *self.group_of.get(&user)?;
        self.groups.get_mut(group)
    }

    fn join(&mut self, members: Vec<UserId>) {
        let known: Vec<usize> = {
            let mut known: Vec<_> = members.iter().filter_map(|m| self.group_of.get(m).copied()).collect();
            known.sort_unstable();
            known.dedup();
            known
        };
        let into = known.first().copied().unwrap_or_else(|| {
            self.groups.push(Group::default());
            self.groups.len() - 1
        });
        let mut joined: Vec<UserId> = Vec::new();
        for other in known.into_iter().skip(1) {
            joined.append(&mut self.groups[other].members);
        }
        joined.extend(members);
        for member in joined {
            if self.group_of.insert(member, into) != Some(into) {
                self.groups[into].members.push(member);
            }
        }
    }
}

#[cfg(test)]
mod tests;
