//! One user from connecting to the last folder, with new connections where the old ones were lost.

use crate::sync::decide::newest::Newest;
use crate::sync::decide::poison::Lessons;
use crate::sync::failure::{Done, OnSide, Side, Trouble};
use crate::sync::folder::{self, FolderTask};
use crate::sync::progress::Progress;
use crate::sync::skipped::of_folder;
use crate::sync::steps::append_pipeline::Lane;
use crate::sync::steps::removed_folders;
use crate::sync::{SyncDone, SyncKind, UserSync};
use imapmig_core::failure::{Failure, FailureKind, Retry, Scope};
use imapmig_core::folder::{Folder, FolderPath, SpecialUse};
use imapmig_core::folder_use::FolderUses;
use imapmig_core::mapping::{self, Mapping};
use imapmig_core::user::{SkippedKind, UserProgress};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A target that fell silent may still store what it was sent; it is given so long before anybody looks what it has.
const SETTLING: Duration = Duration::from_secs(30);

/// What outlives a lost connection.
struct Account<'a> {
    sync: &'a UserSync,
    progress: Progress<'a>,
    lessons: Lessons,
    /// Folders that need no second look in this run, with their numbers.
    done: BTreeMap<FolderPath, UserProgress>,
    failed: BTreeMap<FolderPath, Failure>,
}

/// One try's folders.
struct Folders {
    mappings: Vec<Mapping>,
    /// Whether the source tells subscriptions at all.
    subscriptions: bool,
}

pub(crate) fn run(sync: &UserSync) -> Result<SyncDone, Failure> {
    let mut account = Account {
        sync,
        progress: Progress::new(sync),
        lessons: Lessons::new(sync.lanes),
        done: BTreeMap::new(),
        failed: BTreeMap::new(),
    };
    let result = account.run();
    if result.is_ok() && account.failed.is_empty() {
        account.progress.all_done();
    }
    let saved = account.progress.save(true);
    let folders = result.map_err(|t| t.failure)?;
    saved.map_err(|t| t.failure)?;
    match account.failure_of_folders() {
        Some(failure) => Err(failure),
        None => Ok(SyncDone { progress: account.progress.sum(), folders }),
    }
}

impl Account<'_> {
    /// Tries until it is done, or hopeless.
    fn run(&mut self) -> Done<u64> {
        let rule = self.sync.retries;
        let mut failures = 0;
        loop {
            let before = self.progress.steps();
            let Err(trouble) = self.attempt() else {
                return Ok((self.done.len() + self.failed.len()) as u64);
            };
            if self.sync.cancel.is_cancelled() {
                return Err(Trouble::own(Failure::cancelled()));
            }
            failures = if self.progress.steps() == before { failures + 1 } else { 1 };
            match trouble.failure.retry {
                Retry::Never => return Err(trouble),
                Retry::After(span) if !span.is_zero() => {
                    self.progress.pause(trouble.side, span);
                    self.progress.report(&format!(
                        "A pause of {} seconds: {}",
                        span.as_secs(),
                        trouble.failure
                    ))?;
                    self.progress.wait_before_retry(span, &trouble.failure)?;
                }
                Retry::After(_) | Retry::Reconnect if failures > rule.attempts => return Err(trouble),
                Retry::After(_) | Retry::Reconnect => {
                    let mut pause = pause_after(failures, rule.first_pause, rule.longest_pause);
                    if trouble.side == Side::Target && trouble.failure.kind == FailureKind::TimedOut {
                        pause = pause.max(SETTLING);
                    }
                    self.progress.report(&format!("Trying again after: {}", trouble.failure))?;
                    self.progress.wait_before_retry(pause, &trouble.failure)?;
                }
            }
        }
    }

    fn attempt(&mut self) -> Done {
        self.progress.wait_for(Side::Source)?;
        self.progress.wait_for(Side::Target)?;
        let mut lanes = vec![Lane::connect(self.sync)?];
        let folders = self.folders(&mut lanes[0])?;
        removed_folders::note(self.sync, &self.progress, &mut lanes[0], &folders.mappings)?;
        let newest = self.begin(&mut lanes[0], &folders.mappings)?;
        for (number, mapping) in folders.mappings.iter().enumerate() {
            let path = &mapping.source.path;
            if self.done.contains_key(path) || self.failed.contains_key(path) {
                continue;
            }
            if self.sync.cancel.is_cancelled() {
                return Err(Trouble::own(Failure::cancelled()));
            }
            let task = FolderTask {
                sync: self.sync,
                progress: &self.progress,
                lessons: &self.lessons,
                number,
                mapping,
                subscribe: mapping.source.subscribed || !folders.subscriptions,
                newest: newest.as_ref(),
            };
            match folder::run(&task, &mut lanes) {
                Ok(()) => {
                    self.done.insert(path.clone(), self.progress.folder(number));
                }
                Err(trouble) if trouble.is_the_folder_s() => self.give_up(mapping, trouble, &mut lanes)?,
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(())
    }

    /// Which folders are synced, and where each goes.
    fn folders(&self, lane: &mut Lane) -> Done<Folders> {
        let sources = lane.source.folders().at_source()?;
        let targets = lane.target.folders().at_target()?;
        let checkpoints = self.sync.store.checkpoints(self.sync.user.id)?;
        let known: BTreeMap<_, _> = checkpoints.into_iter().map(|c| (c.source, c.target)).collect();
        let uses = FolderUses::of(&sources);
        let use_of = |path: &FolderPath| uses.of_path(path);
        let taken: Vec<Folder> = sources
            .into_iter()
            .filter(|f| f.selectable && self.sync.filter.takes(&f.path, &use_of))
            .collect();
        let mut views = BTreeSet::new();
        let mut mappings = mapping::map(&taken, &targets, lane.target.profile(), &known);
        // Every flagged message lies in another folder too. With "all mail" that is not so: what was archived may lie only there.
        mappings.retain(|m| {
            let view = m.special_use == Some(SpecialUse::Flagged)
                && !self.sync.filter.asks_for(&m.source.path, &use_of);
            if view {
                views.insert(m.source.path.to_string());
            }
            !view
        });
        if self.sync.kind == SyncKind::Initial {
            for view in views {
                self.progress.report(&format!(
                    "\"{view}\" shows messages of other folders once more and is left out; include it by name to migrate it"
                ))?;
            }
            for all in mappings.iter().filter(|m| m.special_use == Some(SpecialUse::All)) {
                self.progress.report(&format!(
                    "\"{}\" shows every message once more and is migrated, because archived messages may lie only there; \
                     -ExcludeFolders \"#AllItems#\" leaves it out",
                    all.source.path
                ))?;
            }
        }
        for mapping in mappings.iter().filter(|m| !known.contains_key(&m.source.path)) {
            self.tell_of_another_name(mapping)?;
        }
        let subscriptions = mappings.iter().any(|m| m.source.subscribed && !m.source.path.is_inbox());
        Ok(Folders { mappings, subscriptions })
    }

    /// Reports a folder that the target cannot hold under its name. One that goes to the target's own folder for the same use, or
    /// with the folder above it, is where everybody looks for it, so that a line in the report will do.
    fn tell_of_another_name(&self, mapping: &Mapping) -> Done {
        let Some(reason) = &mapping.renamed else { return Ok(()) };
        let (source, target) = (&mapping.source.path, &mapping.target);
        if mapping.special_use.is_some() || source.segments().last() == target.segments().last() {
            return self.progress.report(reason);
        }
        let item = of_folder(source, SkippedKind::FolderRenamed, reason.clone());
        Ok(self.sync.store.add_skipped(self.sync.user.id, &[item])?)
    }

    /// Counts what is there, so that there are numbers from the start; and finds the newest where there are too many.
    fn begin(&self, lane: &mut Lane, mappings: &[Mapping]) -> Done<Option<Newest>> {
        let mut numbers = Vec::with_capacity(mappings.len());
        let mut open = Vec::new();
        let mut count = 0;
        for (number, mapping) in mappings.iter().enumerate() {
            let path = &mapping.source.path;
            let done = self.done.get(path);
            let mut progress = done.copied().unwrap_or_default();
            if self.sync.kind == SyncKind::Initial && !self.failed.contains_key(&mapping.source.path) {
                // A folder that cannot be opened fails when its turn comes.
                match lane.source.open(&mapping.source.wire) {
                    Ok(opened) => {
                        progress.total_items = progress.total_items.max(u64::from(opened.exists));
                        count += u64::from(opened.exists);
                        open.push((number, mapping.source.wire.clone()));
                    }
                    Err(failure) if failure.scope <= Scope::Mailbox => {}
                    Err(failure) => return Err(failure).at_source(),
                }
            }
            numbers.push(progress);
        }
        self.progress.begin(numbers)?;
        if count > self.sync.limits.max_items {
            return Newest::of(lane, &open, self.sync.limits.max_items);
        }
        Ok(None)
    }

    /// Leaves a folder that failed, and goes on with the others on a connection that is certainly in no middle of anything.
    fn give_up(&mut self, mapping: &Mapping, trouble: Trouble, lanes: &mut Vec<Lane>) -> Done {
        let reason = trouble.failure.to_string();
        self.progress.report(&format!("\"{}\" could not be migrated: {reason}", mapping.source.path))?;
        let item = folder::failed(mapping, reason);
        self.sync.store.add_skipped(self.sync.user.id, &[item])?;
        self.failed.insert(mapping.source.path.clone(), trouble.failure);
        lanes.clear();
        lanes.push(Lane::connect(self.sync)?);
        Ok(())
    }

    fn failure_of_folders(&self) -> Option<Failure> {
        let (path, first) = self.failed.first_key_value()?;
        let text = format!(
            "{} of {} folders of {} could not be migrated; the first is \"{path}\": {}",
            self.failed.len(),
            self.failed.len() + self.done.len(),
            self.sync.user.email_address,
            first.message
        );
        let mut failure = Failure::new(Scope::User, first.kind, text).retry(first.retry);
        failure.server_text.clone_from(&first.server_text);
        Some(failure)
    }
}

/// Twice as long after each failure.
fn pause_after(failures: u32, first: Duration, longest: Duration) -> Duration {
    let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    first.saturating_mul(doubled).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pause = |n| pause_after(n, Duration::from_secs(1), Duration::from_secs(60)).as_secs();

        assert_eq!([1, 2, 3, 7, 40].map(pause), [1, 2, 4, 60, 60]);
    }
}
