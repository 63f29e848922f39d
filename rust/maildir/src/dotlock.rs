//! Small files that Dovecot may write too: they are changed under `<file>.lock`, as Dovecot does, and replaced atomically.

use crate::{disk, owner};
use imapmig_core::failure::{Disk, Doing, Failure, FailureKind, Retry, Scope};
use imapmig_os::files;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long to wait for a lock before giving up.
const PATIENCE: Duration = Duration::from_secs(30);
/// A lock of another program that is this old is stale: it was left by a crash. Dovecot uses the same limit.
const STALE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(5);
/// The prefix of this program's locks; the token of the process follows.
const MARK: &str = "imapmig ";

/// Returns the file's bytes; empty if it does not exist.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(disk::failure(Scope::Mailbox, Doing::Reading, path, &error)),
    }
}

/// Passes the file's bytes to `change` and writes what it returns, if anything, while no other program can write.
pub(crate) fn update<T>(
    path: &Path,
    change: impl FnOnce(&[u8]) -> (T, Option<Vec<u8>>),
) -> Result<T, Failure> {
    let lock = Lock::take(path)?;
    let (result, after) = change(&read(path)?);
    if let Some(after) = after {
        replace(path, &after).map_err(|e| disk::failure(Scope::Mailbox, Doing::Writing, path, &e))?;
    }
    drop(lock);
    Ok(result)
}

/// Replaces a file atomically and durably. Callers must hold its lock.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = beside(path, ".imapmig-new");
    let written = (|| {
        match files::remove(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = disk::new_file(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        files::rename(&fresh, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    written?;
    path.parent().map_or(Ok(()), disk::sync_dir)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock(PathBuf);

impl Lock {
    /// Waits for `<path>.lock` and takes it.
    pub(crate) fn take(path: &Path) -> Result<Self, Failure> {
        let lock = beside(path, ".lock");
        let start = Instant::now();
        loop {
            match disk::new_file(&lock) {
                Ok(mut file) => {
                    let held = Self(lock.clone());
                    return match file.write_all(format!("{MARK}{}\n", owner::token()).as_bytes()) {
                        Ok(()) => Ok(held),
                        Err(error) => Err(disk::failure(Scope::Mailbox, Doing::Locking, &lock, &error)),
                    };
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(disk::failure(Scope::Mailbox, Doing::Locking, &lock, &error)),
            }
            if is_abandoned(&lock) {
                break_abandoned(&lock);
            } else if start.elapsed() > PATIENCE {
                let failure = Failure::new(Scope::Mailbox, FailureKind::Local, Disk::LockHeld(lock));
                return Err(failure.retry(Retry::Reconnect));
            } else {
                std::thread::sleep(PAUSE);
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = files::remove(&self.0);
    }
}

/// Removes the lock if it still is abandoned: by now it may be another lane's. One process writes to a state directory, so it
/// is enough that its threads take turns.
fn break_abandoned(lock: &Path) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    if is_abandoned(lock) {
        let _ = files::remove(lock);
    }
}

fn is_abandoned(lock: &Path) -> bool {
    let holder = fs::read_to_string(lock).unwrap_or_default();
    holder.strip_prefix(MARK).is_some_and(|token| owner::is_gone(token.trim()))
        || fs::metadata(lock).is_ok_and(|m| disk::age(&m) > STALE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_from_many_threads_all_arrive() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");

        std::thread::scope(|scope| {
            for n in 0..8u8 {
                let path = &path;
                scope.spawn(move || {
                    for _ in 0..5 {
                        update(path, |before| ((), Some([before, &[n]].concat()))).unwrap();
                    }
                });
            }
        });

        assert_eq!(fs::read(&path).unwrap().len(), 40);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_lock_of_ours_left_by_a_process_that_is_gone_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(folder.path().join("file.lock"), format!("{MARK}{}-0\n", i32::MAX)).unwrap();

        update(&path, |_| ((), Some(b"new".to_vec()))).unwrap();

        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_lock_of_another_program_is_respected_while_it_is_young() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("file.lock");
        fs::write(&lock, "").unwrap();

        assert!(!is_abandoned(&lock));
    }

    #[test]
    fn an_abandoned_lock_is_broken_by_one_thread_and_not_the_next_ones() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..30 {
            let path = folder.path().join(format!("file{round}"));
            fs::write(beside(&path, ".lock"), format!("{MARK}{}-0\n", i32::MAX)).unwrap();
            let start = std::sync::Barrier::new(4);

            std::thread::scope(|scope| {
                for n in 0..4u8 {
                    let (path, start) = (&path, &start);
                    scope.spawn(move || {
                        start.wait();
                        update(path, |before| ((), Some([before, &[n]].concat()))).unwrap();
                    });
                }
            });

            assert_eq!(fs::read(&path).unwrap().len(), 4, "round {round}");
        }
    }
}
