//! Confirms one user: every folder that is migrated, one after the other, with new connections where the old ones were lost.

use super::UserConfirm;
use super::findings::{Reported, not_compared};
use super::folder::{self, Partly, Sessions};
use crate::clock;
use crate::retry::Next;
use crate::sync::decide::retry;
use crate::sync::decide::sided_failure::{Side, SidedFailure};
use crate::sync::failure::{OnSide, SyncResult};
use imapmig_core::failure::Failure;
use imapmig_core::folder::{Folder, FolderPath, SpecialUse};
use imapmig_core::folder_use::FolderUses;
use imapmig_core::mapping::{self, Mapping};
use imapmig_core::message::UidValidity;
use imapmig_core::time::UnixMs;
use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;
use std::time::Duration;

/// How often the number of compared messages is written.
const EVERY: Duration = Duration::from_secs(1);

/// A folder at which so many attempts failed in a row is passed over. A message that breaks the connection is found earlier.
const GIVE_UP_FOLDER_AFTER: u32 = 6;

/// What is compared.
struct Plan {
    mappings: Vec<Mapping>,
    /// The UIDVALIDITY that the migration's report refers to, by source folder.
    known: BTreeMap<FolderPath, UidValidity>,
    /// Lines of the source's listing that cannot be read.
    unreadable: Vec<String>,
}

/// Compares a user's mail on both sides. What was compared in an earlier call of the same confirmation is not read again.
///
/// # Errors
/// Stopped, no way in, or retries used up. The next call goes on where this one ended.
pub fn confirm_user(confirm: &UserConfirm) -> Result<(), Failure> {
    let mut failures = 0;
    let mut current = Current::default();
    loop {
        let before = progress(confirm, &current)?;
        let Err(sided) = attempt(confirm, &mut current) else { return Ok(()) };
        if confirm.cancel.is_cancelled() {
            return Err(Failure::cancelled());
        }
        let forward = progress(confirm, &current)? != before;
        failures = if forward { 1 } else { failures + 1 };
        current.failed = if forward { 0 } else { current.failed + u32::from(current.entered) };
        current.last = Some(sided.failure.clone());
        match retry::next(&sided, failures, &confirm.retries) {
            Next::Stop | Next::GiveUp | Next::UsedUp => return Err(sided.placed()),
            Next::StatedPause(span) => {
                let keys = match sided.side {
                    Side::Target => &confirm.target_keys,
                    Side::Source | Side::Own => &confirm.source_keys,
                };
                if let Some(account) = keys.last() {
                    confirm.throttles.pause_for(account, span);
                }
                clock::wait(confirm.clock.as_ref(), span, &confirm.cancel)?;
            }
            Next::TryAgain(pause) => clock::wait(confirm.clock.as_ref(), pause, &confirm.cancel)?,
        }
    }
}

/// The folder that is being compared.
#[derive(Default)]
struct Current {
    folder: Option<FolderPath>,
    partly: Partly,
    /// Whether this attempt came as far as the folder.
    entered: bool,
    /// How many attempts in a row failed at it without progress, and the last failure.
    failed: u32,
    last: Option<Failure>,
}

impl Current {
    /// Returns what was read of the folder so far, or the failure because of which it is passed over: those of its attempts that
    /// broke the connection, again and again, while signing in went well.
    fn at(&mut self, folder: &FolderPath) -> Result<&mut Partly, Failure> {
        if self.folder.as_ref() != Some(folder) {
            *self = Self { folder: Some(folder.clone()), ..Self::default() };
        }
        self.entered = true;
        match self.last.take() {
            Some(failure) if self.failed >= GIVE_UP_FOLDER_AFTER => Err(failure),
            last => {
                self.last = last;
                Ok(&mut self.partly)
            }
        }
    }
}

/// Changes with everything that need not be done again.
fn progress(confirm: &UserConfirm, current: &Current) -> Result<(usize, u64), Failure> {
    let done = folders_done(confirm).map_err(SidedFailure::placed)?.len();
    Ok((done, current.partly.progress()))
}

fn folders_done(confirm: &UserConfirm) -> SyncResult<HashSet<FolderPath>> {
    let done = confirm.store.confirmed_folders(confirm.user.id)?;
    Ok(done.into_iter().map(|folder| folder.source).collect())
}

fn attempt(confirm: &UserConfirm, current: &mut Current) -> SyncResult {
    current.entered = false;
    for keys in [&confirm.source_keys, &confirm.target_keys] {
        confirm.throttles.wait(keys, &confirm.cancel, &mut |_| {}).map_err(SidedFailure::own)?;
    }
    let mut sessions = connect(confirm)?;
    let plan = plan(confirm, &mut sessions)?;
    let done = confirm.store.confirmed_folders(confirm.user.id)?;
    let mut compared: u64 = done.iter().map(|folder| folder.counts.source_items).sum();
    let done: HashSet<FolderPath> = done.into_iter().map(|folder| folder.source).collect();
    let reported = Reported::of(confirm.store.skipped(confirm.user.id, None)?);
    for what in &plan.unreadable {
        let path = FolderPath::new([what]);
        if !done.contains(&path) {
            let details =
                "the source lists it in a way that cannot be read, so that its mail was not compared";
            folder::whole(confirm, not_compared(&path, &path, details.to_owned()))?;
        }
    }
    for mapping in plan.mappings.iter().filter(|mapping| !done.contains(&mapping.source.path)) {
        let meter = Meter::new(confirm, compared);
        let known = plan.known.get(&mapping.source.path).copied();
        let each = |messages| meter.read(messages);
        let counts = match current.at(&mapping.source.path) {
            Ok(partly) => folder::run(confirm, &mut sessions, mapping, known, &reported, &each, partly)?,
            Err(failure) => folder::could_not(confirm, mapping, &failure)?,
        };
        compared += counts.source_items;
        confirm.store.note_compared(confirm.confirmation, confirm.user.id, compared)?;
    }
    Ok(())
}

fn connect(confirm: &UserConfirm) -> SyncResult<Sessions> {
    let (source, target) = thread::scope(|scope| {
        let target = scope.spawn(|| confirm.target.connect(&confirm.cancel));
        let source = confirm.source.connect(&confirm.cancel);
        (source, target.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    Ok(Sessions { source: source.at_source()?, target: target.at_target()? })
}

/// Which folders are compared, and with which: as a sync would choose them now.
fn plan(confirm: &UserConfirm, sessions: &mut Sessions) -> SyncResult<Plan> {
    let sources = sessions.source.folders().at_source()?;
    let targets = sessions.target.folders().at_target()?;
    let checkpoints = confirm.store.checkpoints(confirm.user.id)?;
    let known = checkpoints.iter().map(|one| (one.source.clone(), one.source_validity)).collect();
    let places: std::collections::BTreeMap<_, _> =
        checkpoints.into_iter().map(|one| (one.source, one.target)).collect();
    let uses = FolderUses::of(&sources);
    let use_of = |path: &FolderPath| uses.of_path(path);
    let taken: Vec<Folder> = sources
        .into_iter()
        .filter(|folder| folder.selectable && confirm.filter.takes(&folder.path, &use_of))
        .collect();
    let mut mappings = mapping::map(&taken, &targets, sessions.target.profile(), &places);
    // A view of messages that lie in other folders is migrated only by name.
    mappings.retain(|mapping| {
        mapping.special_use != Some(SpecialUse::Flagged)
            || confirm.filter.asks_for(&mapping.source.path, &use_of)
    });
    Ok(Plan { mappings, known, unreadable: sessions.source.passed_over().unreadable })
}

/// Counts the messages that were read, and writes the number about once a second.
struct Meter<'a> {
    confirm: &'a UserConfirm,
    state: Mutex<(u64, UnixMs)>,
}

impl<'a> Meter<'a> {
    fn new(confirm: &'a UserConfirm, compared: u64) -> Self {
        Self { confirm, state: Mutex::new((compared, confirm.clock.now())) }
    }

    fn read(&self, messages: u64) -> SyncResult {
        let now = self.confirm.clock.now();
        let compared = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.0 += messages;
            if state.1.after(EVERY) > now {
                return Ok(());
            }
            state.1 = now;
            state.0
        };
        Ok(self.confirm.store.note_compared(self.confirm.confirmation, self.confirm.user.id, compared)?)
    }
}
