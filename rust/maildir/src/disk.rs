//! Calls to the file system, and what their errors mean for a migration.
//!
//! Durability: file contents by one `syncfs` for a whole window on Linux, else file by file; names by syncing their
//! directory. Knows paths, not messages.

use imapmig_core::failure::{Disk, DiskError, Doing, Failure, FailureKind, Scope};
use imapmig_core::message::InternalDate;
use imapmig_os::files;
use std::fs::{self, File, FileTimes, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Up to this many files it is cheaper to sync each than to sync the whole file system.
const FEW: usize = 4;

/// Returns the failure for a file system error. A full disk concerns the user, everything else what is in `scope`.
pub(crate) fn failure(scope: Scope, doing: Doing, path: &Path, error: &io::Error) -> Failure {
    let (scope, kind, why) = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            (Scope::User, FailureKind::DiskFull, DiskError::NoSpace)
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            (scope, FailureKind::Local, DiskError::Denied(error.to_string()))
        }
        io::ErrorKind::NotFound => (scope, FailureKind::NotFound, DiskError::NotFound),
        _ => (scope, FailureKind::Local, DiskError::Other(error.to_string())),
    };
    Failure::new(scope, kind, Disk::Refused { doing, path: path.to_owned(), why })
}

/// Creates a directory and its missing parents durably, accessible to the owner only. An existing directory is not an error.
pub(crate) fn make_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    above.map_or(Ok(()), make_dir)?;
    #[allow(unused_mut, reason = "only Unix has modes")]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        // Another lane created it first.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        result => result?,
    }
    above.map_or(Ok(()), sync_dir)
}

/// Creates a new file that only the owner may read.
pub(crate) fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes the names that were created, renamed or removed in a directory durable.
pub(crate) fn sync_dir(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    // Other systems cannot open a directory as a file; they rely on the file system's journal.
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Makes the contents of these files, all below `directory`, durable.
pub(crate) fn sync_files<'a>(
    directory: &Path,
    files: impl ExactSizeIterator<Item = &'a Path>,
) -> io::Result<()> {
    if cfg!(any(target_os = "linux", target_os = "android")) && files.len() > FEW {
        return sync_file_system(directory);
    }
    for file in files {
        OpenOptions::new().write(true).open(file)?.sync_all()?;
    }
    Ok(())
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn sync_file_system(directory: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(directory)?)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn sync_file_system(_: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Renames a file to a name that is not taken.
///
/// # Errors
/// `AlreadyExists` if the name is taken.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(()),
            // Old kernels and some network file systems do not support the flag.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(error) => return Err(error.into()),
        }
    }
    match fs::hard_link(from, to) {
        Ok(()) => files::remove(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists || to.exists() => {
            Err(io::ErrorKind::AlreadyExists.into())
        }
        // Hard links are not supported either (SMB). The check above suffices, because no other program uses names like these.
        Err(_) => files::rename(from, to),
    }
}

/// Sets an open file's modification time to the internal date; an unknown date leaves the time of writing.
pub(crate) fn set_date(file: &File, date: InternalDate) -> io::Result<()> {
    if date == InternalDate::UNKNOWN {
        return Ok(());
    }
    let span = Duration::from_secs(date.unix_seconds.unsigned_abs());
    let time =
        if date.unix_seconds >= 0 { UNIX_EPOCH.checked_add(span) } else { UNIX_EPOCH.checked_sub(span) };
    let time = time.unwrap_or(UNIX_EPOCH);
    file.set_times(FileTimes::new().set_modified(time).set_accessed(time))
}

/// Returns a file's modification time as an internal date.
pub(crate) fn date(metadata: &fs::Metadata) -> InternalDate {
    let seconds = match metadata.modified().unwrap_or(UNIX_EPOCH).duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        // A fraction before 1970 belongs to the second below.
        Err(before) => {
            let before = before.duration();
            let whole = i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
            -whole - i64::from(before.subsec_nanos() > 0)
        }
    };
    InternalDate::utc(seconds)
}

/// Returns how long ago a file was last changed or renamed; zero if that lies in the future by this clock.
pub(crate) fn age(metadata: &fs::Metadata) -> Duration {
    #[cfg(unix)]
    let touched = {
        let seconds = std::os::unix::fs::MetadataExt::ctime(metadata);
        UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    };
    // The modified time may be an internal date. The creation time may be that of an earlier file of the same name, which Windows
    // hands on for 15 seconds; such a name belongs to a lock, and its modified time is true.
    #[cfg(not(unix))]
    let touched = [metadata.created(), metadata.modified()].into_iter().flatten().max().unwrap_or(UNIX_EPOCH);
    SystemTime::now().duration_since(touched).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn a_rename_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::write(&from, "new").unwrap();
        fs::write(&to, "old").unwrap();

        let error = rename_new(&from, &to).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&to).unwrap(), b"old");

        fs::remove_file(&to).unwrap();
        rename_new(&from, &to).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"new");
        assert!(!from.exists());
    }

    #[test]
    fn dates_on_either_side_of_1970_come_back() {
        for seconds in [0, 1, 1_700_000_000, 4_733_510_400, -1, -315_619_200] {
            let file = tempfile::tempfile().unwrap();

            set_date(&file, InternalDate { unix_seconds: seconds, offset_minutes: 120 }).unwrap();

            assert_eq!(date(&file.metadata().unwrap()), InternalDate::utc(seconds));
        }
    }

    #[test]
    fn a_file_with_an_old_internal_date_is_young() {
        let folder = tempfile::tempdir().unwrap();
        let file = new_file(&folder.path().join("file")).unwrap();

        set_date(&file, InternalDate::utc(1_000_000_000)).unwrap();

        assert!(age(&file.metadata().unwrap()) < Duration::from_mins(10));
    }

    #[test]
    fn a_date_beyond_all_files_is_no_reason_to_fail() {
        let file = tempfile::tempfile().unwrap();

        for seconds in [i64::MIN, i64::MAX] {
            set_date(&file, InternalDate::utc(seconds)).unwrap();
            let _some_date = date(&file.metadata().unwrap());
        }
    }

    #[test]
    fn many_files_are_synced_as_well_as_few() {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<_> = (0..FEW + 2).map(|n| folder.path().join(n.to_string())).collect();
        for path in &paths {
            fs::write(path, "x").unwrap();
        }

        sync_files(folder.path(), paths.iter().map(PathBuf::as_path)).unwrap();
        sync_files(folder.path(), paths[..1].iter().map(PathBuf::as_path)).unwrap();
    }
}
