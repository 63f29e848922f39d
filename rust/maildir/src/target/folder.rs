//! One folder at the target, shared by all lanes of this process that write into it.
//!
//! All of them see one index and one table of keywords: two lanes never write the same origin twice, nor give a letter two
//! meanings.

use super::index::Index;
use super::links;
use crate::directory;
use crate::dotlock::Lock;
use crate::filename;
use crate::keywords::{KeywordTable, Keywords};
use crate::listing::Place;
use crate::{disk, owner};
use imapmig_core::failure::{Disk, Doing, Failure, FailureKind, Scope};
use imapmig_core::message::Flags;
use imapmig_core::user::TargetId;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// What our files in tmp/ begin with; the token of the process and a number follow.
pub(super) const TEMPORARY: &str = "imapmig.";
/// Maildir's rule: what is this old in tmp/ belongs to nobody.
const ABANDONED: Duration = Duration::from_secs(36 * 60 * 60);

/// One folder's place among those that are open; locked while it is being read, so that lanes wait for one another there.
type Slot = Arc<Mutex<Weak<Folder>>>;

/// Folders that are open in this process.
static OPEN: LazyLock<Mutex<HashMap<PathBuf, Slot>>> = LazyLock::new(Mutex::default);

/// A folder that at least one session has open.
#[derive(Debug)]
pub(crate) struct Folder {
    directory: PathBuf,
    state: Mutex<State>,
}

/// What is known of the folder.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) index: Index,
    pub(crate) keywords: Keywords,
}

impl Folder {
    /// Opens a folder, or joins those that have it open. The first one reads the directory and removes what a crash left.
    pub(crate) fn open(directory: PathBuf) -> Result<Arc<Self>, Failure> {
        let slot = slot(&directory);
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = slot.upgrade() {
            return Ok(folder);
        }
        if !directory.join("cur").is_dir() {
            let case = Disk::FolderGone(directory);
            return Err(Failure::new(Scope::Mailbox, FailureKind::NotFound, case));
        }
        make(&directory)?;
        remove_abandoned(&directory.join("tmp"));
        let state = State { index: Index::scan(&directory)?, keywords: Keywords::read(&directory)? };
        let folder = Arc::new(Self { directory, state: Mutex::new(state) });
        *slot = Arc::downgrade(&folder);
        Ok(folder)
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// What is known, for as long as the guard lives to this lane alone.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known, brought up to what lies on disk.
    pub(crate) fn fresh(&self) -> Result<MutexGuard<'_, State>, Failure> {
        let mut state = self.state();
        if !state.index.is_fresh(&self.directory)? {
            state.rescan(&self.directory)?;
        }
        Ok(state)
    }

    /// The table of keywords after these have got letters, as far as there are some.
    pub(crate) fn assign(&self, flags: &Flags) -> Result<(), Failure> {
        if flags.keywords().next().is_none() {
            return Ok(());
        }
        self.state().keywords.assign(flags.keywords())
    }

    /// Opens the file of a message; `None` if it is gone.
    pub(crate) fn file(&self, id: &TargetId) -> Result<Option<File>, Failure> {
        let TargetId::File(base) = id else { return Ok(None) };
        let mut state = self.state();
        for rescanned in [false, true] {
            if rescanned {
                drop(state);
                state = self.fresh()?;
            }
            let Some((name, place)) = state.index.of_base(base) else { continue };
            let path = place.path(&self.directory, name);
            match directory::open_file(&path) {
                Ok(file) => return Ok(Some(file)),
                // A link or a FIFO is no message, whatever its name.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => return Ok(None),
                // Another program gave it other flags meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(disk::failure(Scope::Mailbox, Doing::Reading, &path, &error)),
            }
        }
        Ok(None)
    }

    /// Renames messages so that they have these flags; those that are gone are passed over.
    pub(crate) fn set_flags(&self, changes: &[(TargetId, Flags)]) -> Result<(), Failure> {
        let mut state = self.state();
        let State { keywords, .. } = &mut *state;
        keywords.assign(changes.iter().flat_map(|(_, flags)| flags.keywords()))?;
        // Dovecot lists a folder under this lock, and takes a file that is renamed meanwhile for expunged.
        let uidlist = self.directory.join("dovecot-uidlist");
        let _lock = if uidlist.exists() { Some(Lock::take(&uidlist)?) } else { None };
        let mut missing = Vec::new();
        for change in changes {
            if !state.rename(&self.directory, change)? {
                missing.push(change);
            }
        }
        if !missing.is_empty() {
            state.rescan(&self.directory)?;
            for change in missing {
                state.rename(&self.directory, change)?;
            }
        }
        let cur = self.directory.join("cur");
        disk::sync_dir(&cur).map_err(|e| disk::failure(Scope::Mailbox, Doing::Writing, &cur, &e))
    }
}

impl State {
    /// Reads the directory and the keywords again.
    pub(crate) fn rescan(&mut self, directory: &Path) -> Result<(), Failure> {
        self.keywords = Keywords::read(directory)?;
        self.index = Index::scan(directory)?;
        Ok(())
    }

    pub(crate) const fn table(&self) -> &KeywordTable {
        self.keywords.table()
    }

    /// False if the message is not where the index says.
    fn rename(&mut self, directory: &Path, (id, flags): &(TargetId, Flags)) -> Result<bool, Failure> {
        let TargetId::File(base) = id else { return Ok(true) };
        let Some((before, place)) = self.index.of_base(base) else { return Ok(false) };
        let before = before.to_owned();
        let after = filename::with_flags(base, flags, self.table(), &before);
        if after == before && place == Place::Cur {
            return Ok(true);
        }
        let from = place.path(directory, &before);
        match disk::rename_new(&from, &Place::Cur.path(directory, &after)) {
            Ok(()) => {
                self.index.remove(&before);
                self.index.insert(&after, Place::Cur);
                Ok(true)
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists) => {
                Ok(false)
            }
            Err(error) => Err(disk::failure(Scope::Mailbox, Doing::SettingFlags, &from, &error)),
        }
    }
}

fn slot(directory: &Path) -> Slot {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    // Nobody holds it, and nobody is about to fill it.
    open.retain(|_, slot| {
        Arc::strong_count(slot) > 1 || slot.lock().unwrap_or_else(PoisonError::into_inner).strong_count() > 0
    });
    Arc::clone(open.entry(directory.to_owned()).or_default())
}

/// Makes a folder's directories as far as they are missing.
pub(crate) fn make(directory: &Path) -> Result<(), Failure> {
    links::check(directory, Scope::Mailbox)?;
    let parts = ["tmp", "new", "cur"].map(|name| directory.join(name));
    parts.iter().try_for_each(|part| links::check(part, Scope::Mailbox))?;
    let made = parts.iter().try_for_each(|part| disk::make_dir(part));
    made.map_err(|e| disk::failure(Scope::Mailbox, Doing::MakingFolder, directory, &e))
}

/// Removes our files that a process left which has ended. What cannot be removed does no harm: no reader looks there.
fn remove_abandoned(tmp: &Path) {
    for entry in fs::read_dir(tmp).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(TEMPORARY)) else { continue };
        let token = rest.split('.').next().unwrap_or_default();
        if owner::is_gone(token) || entry.metadata().is_ok_and(|m| disk::age(&m) > ABANDONED) {
            let _ = imapmig_os::files::remove(&entry.path());
        }
    }
}
