//! The worker's log: a file in the state directory if it runs in the background, else standard error.
//!
//! The log is rotated when it grows large, and one earlier log is kept. Secrets never reach a line, because they cannot be formatted.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tracing::Level;

/// A larger log is put aside.
const MOST_BYTES: u64 = 5 * 1024 * 1024;

/// Starts the log; a program that has one of its own keeps it.
pub(super) fn start(file: Option<PathBuf>) {
    let lines = tracing_subscriber::fmt().with_max_level(Level::INFO).with_target(false).with_ansi(false);
    let started = match file.map(Log::open) {
        Some(Ok(log)) => lines.with_writer(Mutex::new(log)).try_init(),
        _ => lines.with_writer(io::stderr).try_init(),
    };
    // A program that runs the worker inside itself and has a log of its own gets the lines there.
    let _ = started;
}

/// Opens the log for appending, and puts a large one aside first. While another program has it open, Windows does not allow that;
/// the lines then go on in the large one.
pub(super) fn open(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|metadata| metadata.len() > MOST_BYTES) {
        let _ = fs::rename(path, path.with_extension("log.1"));
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The log while it is written.
struct Log {
    path: PathBuf,
    file: File,
    bytes: u64,
}

impl Log {
    fn open(path: PathBuf) -> io::Result<Self> {
        let file = open(&path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { path, file, bytes })
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.bytes > MOST_BYTES {
            self.file = open(&self.path)?;
            // When it could not be put aside, the next attempt comes after as many bytes again.
            self.bytes = match self.file.metadata()?.len() {
                length if length > MOST_BYTES => 0,
                length => length,
            };
        }
        let written = self.file.write(line)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_log_is_put_aside_and_the_lines_go_on_in_a_new_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("worker.log");
        File::create(&path).unwrap().set_len(MOST_BYTES).unwrap();

        let mut log = Log::open(path.clone()).unwrap();
        log.write_all(b"the last of the old\n").unwrap();
        log.write_all(b"the first of the new\n").unwrap();

        assert_eq!(fs::read_to_string(&path).unwrap(), "the first of the new\n");
        let aside = fs::metadata(directory.path().join("worker.log.1")).unwrap();
        assert_eq!(aside.len(), MOST_BYTES + 20);
    }

    #[test]
    fn a_large_log_that_cannot_be_put_aside_is_appended_to() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("worker.log");
        File::create(&path).unwrap().set_len(MOST_BYTES + 1).unwrap();
        // Neither Windows nor Unix puts a file in the place of a directory.
        fs::create_dir_all(directory.path().join("worker.log.1/full")).unwrap();

        Log::open(path.clone()).unwrap().write_all(b"the line\n").unwrap();

        assert_eq!(fs::metadata(&path).unwrap().len(), MOST_BYTES + 10);
    }
}
