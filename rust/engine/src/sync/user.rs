//! One user from connecting to the last folder, with new connections where the old ones were lost.

use crate::messages::{engine_failures, failures, items, reports};
use crate::sync::attempts::{self, Pause, Resumable};
use crate::sync::both;
use crate::sync::decide::growth;
use crate::sync::decide::newest::Newest;
use crate::sync::decide::poison::PoisonTracker;
use crate::sync::decide::poison_folders::PoisonFolders;
use crate::sync::decide::sided_failure::{Side, SidedFailure};
use crate::sync::decide::target_claims::TargetClaims;
use crate::sync::failure::SyncResult;
use crate::sync::lanes::LanePool;
use crate::sync::lock::lock;
use crate::sync::progress::Progress;
use crate::sync::readings::Kept;
use crate::sync::second_names::SecondNames;
use crate::sync::sessions::Lane;
use crate::sync::steps::overview::{self, FolderState};
use crate::sync::steps::{removed_folders, scan};
use crate::sync::work::{FolderTask, Stop};
use crate::sync::{SyncDone, SyncKind, UserSync, executor};
use imapmig_core::failure::{Failure, FailureKind};
use imapmig_core::folder::{FolderPath, SpecialUse};
use imapmig_core::mapping::{self, Choice, Mapping};
use imapmig_core::ports::source::{PassedOver, SourceSession as _};
use imapmig_core::ports::target::TargetSession;
use imapmig_core::user::{Checkpoint, SkippedItem, SkippedKind, Suspect, UserProgress};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Maximum number of other users' folders named in the report.
const FOREIGN_NAMED: usize = 20;

/// What outlives a lost connection.
struct Account<'a> {
    sync: &'a UserSync,
    progress: Progress<'a>,
    poison: Mutex<PoisonTracker>,
    poison_folders: Mutex<PoisonFolders>,
    /// A connection ended while folders were looked at from outside, which is done without from then on.
    overview_ends_connections: AtomicBool,
    folders: Mutex<Ended>,
    /// Names at the target for source folders whose own name was refused or is taken.
    second_names: SecondNames,
    /// Which target folder is whose.
    claims: Mutex<TargetClaims>,
    /// What was read to be compared.
    readings: Kept,
}

/// Folders that need no second look in this run.
#[derive(Default)]
struct Ended {
    /// Those that are done, with their numbers.
    done: BTreeMap<FolderPath, UserProgress>,
    failed: BTreeMap<FolderPath, Failure>,
    /// Those that were gone at either side when their turn came, or went away meanwhile.
    gone: BTreeSet<FolderPath>,
    /// The folders are to be listed once more.
    look_again: bool,
}

impl Ended {
    fn has(&self, path: &FolderPath) -> bool {
        self.done.contains_key(path) || self.failed.contains_key(path)
    }
}

/// One try's folders.
struct Folders {
    mappings: Vec<Mapping>,
    /// Whether the source reports subscriptions at all.
    subscriptions: bool,
    /// What earlier syncs wrote, by source folder.
    known: BTreeMap<FolderPath, Checkpoint>,
}

pub(crate) fn run(sync: &UserSync) -> Result<SyncDone, Failure> {
    let mut account = Account {
        sync,
        progress: Progress::new(sync),
        poison: Mutex::default(),
        poison_folders: Mutex::default(),
        overview_ends_connections: AtomicBool::new(false),
        folders: Mutex::default(),
        second_names: SecondNames::default(),
        claims: Mutex::default(),
        readings: Kept::default(),
    };
    if sync.kind != SyncKind::Initial {
        sync.diary.forget_given_up(sync.sides.user.id).map_err(|error| SidedFailure::from(error).failure)?;
    }
    lock(&account.poison).load(retry_suspects(sync)?);
    let result = attempts::until_done(&sync.sides, &mut account);
    if result.is_ok() && lock(&account.folders).failed.is_empty() {
        account.progress.all_done();
    }
    let saved = account.progress.save(true);
    let folders = result.map_err(SidedFailure::placed)?;
    saved.map_err(|t| t.failure)?;
    match account.failure_of_folders() {
        Some(failure) => Err(failure),
        None => Ok(SyncDone { progress: account.progress.sum(), folders }),
    }
}

fn retry_suspects(sync: &UserSync) -> Result<Vec<Suspect>, Failure> {
    sync.ledger.retry_suspects(sync.sides.user.id).map_err(|error| SidedFailure::from(error).failure)
}

/// Returns the number of folders that were processed.
impl Resumable for Account<'_> {
    type Done = u64;
    type Mark = u64;

    fn mark(&self) -> SyncResult<u64> {
        Ok(self.progress.steps())
    }

    fn attempt(&mut self) -> SyncResult<u64> {
        loop {
            let result = self.go_through();
            // Before the next try, which may be another worker's.
            let learnt = lock(&self.poison).take_unsaved();
            if !learnt.is_empty() {
                self.sync.ledger.save_suspects(self.sync.sides.user.id, &learnt)?;
            }
            result?;
            let mut folders = lock(&self.folders);
            if !std::mem::take(&mut folders.look_again) {
                return Ok((folders.done.len() + folders.failed.len()) as u64);
            }
        }
    }

    fn waiting(&self, pause: Pause, failure: &Failure) -> SyncResult {
        let line = match pause {
            Pause::Stated(span) => reports::pause(span, failure),
            Pause::Backoff(_) => reports::trying_again(failure),
        };
        self.progress.report(&line)?;
        self.progress.show_retry(pause.span(), failure)
    }

    fn waited(&self) -> SyncResult {
        self.progress.show_waiting(None)
    }
}

impl Account<'_> {
    /// Goes through the folders that have not ended in this run.
    fn go_through(&self) -> SyncResult {
        self.progress.wait_for(Side::Source)?;
        self.progress.wait_for(Side::Target)?;
        let began = self.sync.sides.clock.now();
        let mut lane = Lane::connect(&self.sync.sides)?;
        let opening = self.sync.sides.clock.now().since(began);
        let folders = self.folders(&mut lane)?;
        let newest = self.begin(&mut lane, &folders)?;
        let stop = Stop::default();
        let mut waiting: VecDeque<_> = self
            .open_folders(&folders)
            .map(|(number, mapping)| FolderTask {
                sync: self.sync,
                progress: &self.progress,
                poison: &self.poison,
                poison_folders: &self.poison_folders,
                claims: &self.claims,
                readings: &self.readings,
                stop: &stop,
                number,
                mapping,
                load: growth::load(self.progress.folder(number).total_items),
                subscribe: mapping.source.subscribed || !folders.subscriptions,
                newest: newest.as_ref(),
                known: folders.known.get(&mapping.source.path),
            })
            .collect();
        if waiting.is_empty() {
            return Ok(());
        }
        waiting.make_contiguous().sort_by_cached_key(|task| {
            let path = &task.mapping.source.path;
            let suspicion = lock(&self.poison_folders).suspicion(path);
            (suspicion, lock(&self.poison).blamed(path), !path.is_inbox())
        });
        let parallel = lane.target.profile().parallel;
        let pool = LanePool::new(self.sync, &self.progress, &stop, waiting, opening, parallel);
        executor::run(self.sync, pool, lane, &|task, result| self.ended(task, result))
    }

    /// The folders that have not ended in this run, with their places among all.
    fn open_folders<'f>(&self, folders: &'f Folders) -> impl Iterator<Item = (usize, &'f Mapping)> {
        let ended = lock(&self.folders);
        let open = |mapping: &Mapping| !ended.has(&mapping.source.path);
        let open: Vec<_> = folders.mappings.iter().enumerate().filter(|(_, m)| open(m)).collect();
        open.into_iter()
    }

    /// Records how a folder ended. A failed one is reported.
    fn ended(&self, task: &FolderTask<'_>, result: Result<(), SidedFailure>) -> SyncResult {
        let path = &task.mapping.source.path;
        let Err(failure) = result else {
            let numbers = self.progress.folder(task.number);
            lock(&self.folders).done.insert(path.clone(), numbers);
            return Ok(());
        };
        let reason = failures::words(&failure.failure);
        if failure.failure.kind == FailureKind::NotFound && lock(&self.folders).gone.insert(path.clone()) {
            // Renamed or deleted by a user: gone from the next listing, or made again at the target and filled.
            lock(&self.folders).look_again = true;
            return self.progress.report(&reports::folder_gone(path, &reason));
        }
        let (shares, has_opened) = {
            let claims = lock(&self.claims);
            (claims.is_refused(path), claims.has(path, &task.mapping.target))
        };
        // What is refused in a folder that is open is not its name.
        if (shares || !has_opened) && self.second_names.give_next(task.mapping, &failure, shares) {
            lock(&self.folders).look_again = true;
            return self.progress.report(&reports::folder_renamed(path, &reason));
        }
        let (failure, reason) = match self.second_names.all_refused(path) {
            Some(first) => {
                self.sync.diary.remove_folder_item(
                    self.sync.sides.user.id,
                    path,
                    SkippedKind::FolderRenamed,
                )?;
                let reason = failures::words(&first.failure);
                (first, reason)
            }
            None => (failure, reason),
        };
        self.progress.report(&reports::folder_failed(path, &reason))?;
        let item = SkippedItem::of_folder(path, SkippedKind::FolderFailed, reason);
        self.sync.diary.add_skipped(self.sync.sides.user.id, &[item])?;
        lock(&self.folders).failed.insert(path.clone(), failure.failure);
        Ok(())
    }

    /// Which folders are synced, and where each goes.
    fn folders(&self, lane: &mut Lane) -> SyncResult<Folders> {
        let (sources, targets) = both::folders(&mut lane.source, &mut lane.target)?;
        self.report_passed_over(&lane.source.passed_over())?;
        let checkpoints = self.sync.ledger.checkpoints(self.sync.sides.user.id)?;
        let known: BTreeMap<_, _> = checkpoints.iter().map(|c| (&c.source, c)).collect();
        let second_names = self.second_names.now();
        let kept = known.iter().filter(|(source, _)| !second_names.contains_key(**source));
        let places = kept.map(|(source, c)| (*source, &c.target)).chain(&second_names);
        let (profile, filter) = (lane.target.profile(), &self.sync.sides.filter);
        let Choice { mappings, views } = mapping::choose(sources, &targets, profile, filter, places);
        for (mapping, wire) in mappings.iter().chain(&views).filter_map(|m| Some((m, m.existing.as_ref()?))) {
            let source = &mapping.source.path;
            let checkpoint = known.get(source).filter(|c| c.target == mapping.target);
            let validity = checkpoint.map(|c| c.target_validity);
            lock(&self.claims).take(source, &mapping.target, wire, validity);
        }
        if self.sync.kind == SyncKind::Initial {
            let views: BTreeSet<_> = views.iter().map(|view| view.source.path.to_string()).collect();
            for view in views {
                self.progress.report(&reports::view_left_out(&view))?;
            }
            for all in mappings.iter().filter(|m| m.special_use == Some(SpecialUse::All)) {
                self.progress.report(&reports::all_mail(&all.source.path))?;
            }
        }
        for mapping in mappings.iter().filter(|m| !known.contains_key(&m.source.path)) {
            self.report_another_name(mapping)?;
        }
        let subscriptions = mappings.iter().any(|m| m.source.subscribed && !m.source.path.is_inbox());
        removed_folders::note(self.sync, &self.progress, lane, &mappings)?;
        let checkpoints = self.sync.ledger.checkpoints(self.sync.sides.user.id)?;
        let known = checkpoints.into_iter().map(|c| (c.source.clone(), c)).collect();
        Ok(Folders { mappings, subscriptions, known })
    }

    /// Reports what the source listed and cannot be migrated, and what is left out by rule.
    fn report_passed_over(&self, passed_over: &PassedOver) -> SyncResult {
        let unreadable: Vec<_> = passed_over
            .unreadable
            .iter()
            .map(|what| {
                let reason = items::unreadable_folder();
                SkippedItem::of_folder(&FolderPath::new([what]), SkippedKind::FolderFailed, reason)
            })
            .collect();
        if !unreadable.is_empty() {
            self.sync.diary.add_skipped(self.sync.sides.user.id, &unreadable)?;
        }
        if self.sync.kind == SyncKind::Initial && !passed_over.foreign.is_empty() {
            let named = &passed_over.foreign[..passed_over.foreign.len().min(FOREIGN_NAMED)];
            let more = passed_over.foreign.len() - named.len();
            self.progress.report(&reports::foreign_folders(named, more))?;
        }
        Ok(())
    }

    /// Reports a folder that the target cannot hold under its name: as an item, or where users look for it, as a line in the report.
    fn report_another_name(&self, mapping: &Mapping) -> SyncResult {
        let Some(reason) = &mapping.renamed else { return Ok(()) };
        if mapping.other_name().is_none() {
            return self.progress.report(reason);
        }
        let item = SkippedItem::of_folder(&mapping.source.path, SkippedKind::FolderRenamed, reason.clone());
        Ok(self.sync.diary.add_skipped(self.sync.sides.user.id, &[item])?)
    }

    /// Counts what is there, so that there are numbers from the start; ends the folders that need nothing; and finds the newest
    /// messages where there are too many.
    fn begin(&self, lane: &mut Lane, folders: &Folders) -> SyncResult<Option<Newest>> {
        let open: Vec<_> = self.open_folders(folders).collect();
        let states = if self.overview_ends_connections.load(Ordering::Acquire) {
            vec![FolderState::default(); open.len()]
        } else {
            let states = overview::states(lane, &open, &folders.known, self.sync.kind);
            if states.as_ref().is_err_and(SidedFailure::is_lost_connection) {
                self.overview_ends_connections.store(true, Ordering::Release);
            }
            states?
        };
        // What is undecided or in doubt is looked at, whatever the servers say.
        let finished: BTreeMap<_, _> = if states.iter().any(|state| state.unchanged) {
            self.sync.ledger.finished(self.sync.sides.user.id)?.into_iter().collect()
        } else {
            BTreeMap::new()
        };
        let mut numbers = vec![UserProgress::default(); folders.mappings.len()];
        for (number, mapping) in folders.mappings.iter().enumerate() {
            numbers[number] = lock(&self.folders).done.get(&mapping.source.path).copied().unwrap_or_default();
        }
        let mut count: u64 = numbers.iter().map(|n| n.total_items).sum();
        for ((number, mapping), state) in open.iter().zip(&states) {
            let path = &mapping.source.path;
            if let (true, Some(known)) = (state.unchanged, folders.known.get(path))
                && let Some(unchanged) = finished.get(&known.id)
                // A source that counts more than it ever described is asked again.
                && state.messages.is_none_or(|messages| u64::from(messages) <= unchanged.total_items)
            {
                numbers[*number] = *unchanged;
                count += unchanged.total_items;
                lock(&self.folders).done.insert(path.clone(), *unchanged);
                lock(&self.poison_folders).passed();
                self.progress.step();
            } else if let Some(messages) = state.messages {
                numbers[*number].total_items = u64::from(messages);
                numbers[*number].total_bytes = state.bytes.unwrap_or_default();
                count += u64::from(messages);
            }
        }
        self.progress.begin(numbers)?;
        if self.sync.kind != SyncKind::Initial || count <= self.sync.limits.max_items {
            return Ok(None);
        }
        let folders = open.iter().map(|(number, mapping)| (*number, &mapping.source.wire));
        Ok(Newest::among(scan::ages(lane, folders)?, self.sync.limits.max_items))
    }

    fn failure_of_folders(&self) -> Option<Failure> {
        let folders = lock(&self.folders);
        let (path, first) = folders.failed.first_key_value()?;
        let all = folders.failed.len() + folders.done.len();
        let user = &self.sync.sides.user;
        Some(engine_failures::folders_failed(user, folders.failed.len(), all, path, first))
    }
}
