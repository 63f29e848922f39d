//! Renames and removals that allow for other programs that have a file open for a moment.
//!
//! On Windows a virus scanner, an indexer or a backup opens a new file as soon as it is there, and until it has done, the file can be
//! neither renamed nor removed (ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION). They take milliseconds; the attempts go on for about
//! a second. Elsewhere an open file stands in nobody's way, and the first answer counts.

use std::io;
use std::path::Path;
use std::time::Duration;

/// The pauses between attempts: about a second in all.
const PAUSES: [u64; 8] = [5, 10, 20, 50, 100, 200, 300, 300];

/// Renames a file, replacing what has the new name.
///
/// # Errors
/// As [`std::fs::rename`].
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    patiently(|| std::fs::rename(from, to))
}

/// Removes a file.
///
/// # Errors
/// As [`std::fs::remove_file`].
pub fn remove(path: &Path) -> io::Result<()> {
    patiently(|| std::fs::remove_file(path))
}

fn patiently<T>(attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    retry(attempt, is_busy, std::thread::sleep)
}

/// Whether the error means that another program has the file open.
fn is_busy(error: &io::Error) -> bool {
    const ACCESS_DENIED: i32 = 5;
    const SHARING_VIOLATION: i32 = 32;
    cfg!(windows) && matches!(error.raw_os_error(), Some(ACCESS_DENIED | SHARING_VIOLATION))
}

fn retry<T>(
    mut attempt: impl FnMut() -> io::Result<T>,
    is_busy: fn(&io::Error) -> bool,
    mut pause: impl FnMut(Duration),
) -> io::Result<T> {
    for pause_ms in PAUSES {
        match attempt() {
            Err(error) if is_busy(&error) => pause(Duration::from_millis(pause_ms)),
            result => return result,
        }
    }
    attempt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(error: &io::Error) -> bool {
        error.kind() == io::ErrorKind::ResourceBusy
    }

    /// What `retry` returned, the number of attempts, and the pauses together, when the file is busy for so many attempts.
    fn tried(busy_for: usize) -> (io::Result<()>, usize, Duration) {
        let (mut attempts, mut waited) = (0, Duration::ZERO);
        let attempt = || {
            attempts += 1;
            if attempts <= busy_for { Err(io::ErrorKind::ResourceBusy.into()) } else { Ok(()) }
        };
        let result = retry(attempt, busy, |pause| waited += pause);
        (result, attempts, waited)
    }

    #[test]
    fn a_file_that_is_busy_for_a_moment_is_tried_again() {
        let (result, attempts, _) = tried(3);

        assert!(result.is_ok());
        assert_eq!(attempts, 4);
    }

    #[test]
    fn a_file_that_stays_busy_is_given_up_after_about_a_second() {
        let (result, _, waited) = tried(usize::MAX);

        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::ResourceBusy);
        assert!((800..1_500).contains(&waited.as_millis()), "{waited:?}");
    }

    #[test]
    fn any_other_error_is_returned_at_once() {
        let mut attempts = 0;

        let error = retry(
            || -> io::Result<()> {
                attempts += 1;
                Err(io::ErrorKind::NotFound.into())
            },
            busy,
            |_| (),
        )
        .unwrap_err();

        assert_eq!((error.kind(), attempts), (io::ErrorKind::NotFound, 1));
    }

    #[cfg(windows)]
    #[test]
    fn a_file_that_another_program_closes_soon_is_renamed_and_removed() {
        use std::os::windows::fs::OpenOptionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        std::fs::write(&from, "x").unwrap();
        let scanner = std::fs::OpenOptions::new().read(true).share_mode(1).open(&from).unwrap();
        assert!(is_busy(&std::fs::rename(&from, &to).unwrap_err()));
        let closes = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            drop(scanner);
        });

        rename(&from, &to).unwrap();

        closes.join().unwrap();
        remove(&to).unwrap();
        assert!(!to.exists());
    }
}
