//! Appends: messages are written to tmp/, made durable together, and only then renamed into cur/.
//!
//! A reader never sees a partial message, a crash leaves only files in tmp/, and an outcome is reported only once contents and name
//! would survive a power failure.

use super::folder::{Folder, TEMPORARY};

use crate::filename::{self, BareLf};
use crate::listing::Place;
use crate::{directory, disk, owner};
use imapmig_core::failure::{Disk, Doing, Failure, FailureKind, Scope};
use imapmig_core::message::{Flags, InternalDate};
use imapmig_core::ports::target::{AppendHead, AppendKey, AppendOutcome};
use imapmig_core::user::TargetId;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// At most this many messages or bytes are made durable together.
const MOST_MESSAGES: usize = 512;
const MOST_BYTES: u64 = 64 << 20;
const BUFFER: usize = 64 << 10;

static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A file in tmp/ that is removed unless it was renamed.
#[derive(Debug)]
struct Temporary {
    path: PathBuf,
    moved: bool,
}

impl Temporary {
    fn make(folder: &Path) -> Result<(Self, File), Failure> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join("tmp").join(format!("{TEMPORARY}{}.{number}", owner::token()));
        let file = disk::new_file(&path).map_err(|e| fail(Doing::Writing, &path, &e))?;
        Ok((Self { path, moved: false }, file))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.moved {
            let _ = imapmig_os::files::remove(&self.path);
        }
    }
}

/// A message that is still being written.
#[derive(Debug)]
pub(super) struct Writing {
    key: AppendKey,
    promised: u64,
    message: Message,
    bare_lf: BareLf,
    // Closed before the file is removed.
    file: BufWriter<File>,
    temporary: Temporary,
}

/// The parts of a message's name.
#[derive(Debug)]
struct Message {
    origin: String,
    date: InternalDate,
    flags: Flags,
    size: u64,
}

/// A message that is complete but not durable yet.
#[derive(Debug)]
struct Pending {
    key: AppendKey,
    message: Message,
    bare_lf: u64,
    temporary: Temporary,
}

/// Messages that become durable together.
#[derive(Debug, Default)]
pub(super) struct Window {
    messages: Vec<Pending>,
    bytes: u64,
}

impl Writing {
    pub(super) fn begin(folder: &Folder, head: &AppendHead) -> Result<Self, Failure> {
        let (temporary, file) = Temporary::make(folder.directory())?;
        let message = Message {
            origin: head.origin.clone(),
            date: head.internal_date,
            flags: head.flags.clone(),
            size: 0,
        };
        Ok(Self {
            key: head.key,
            promised: head.size,
            message,
            temporary,
            file: BufWriter::with_capacity(BUFFER, file),
            bare_lf: BareLf::default(),
        })
    }

    pub(super) fn chunk(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.message.size += bytes.len() as u64;
        self.bare_lf.feed(bytes);
        self.file.write_all(bytes).map_err(|e| fail(Doing::Writing, &self.temporary.path, &e))
    }

    fn end(self) -> Result<Pending, Failure> {
        if self.message.size != self.promised {
            let (announced, sent) = (self.promised, self.message.size);
            return Err(Failure::new(Scope::User, FailureKind::Local, Disk::OtherSize { announced, sent }));
        }
        let path = &self.temporary.path;
        let file = self.file.into_inner().map_err(|e| fail(Doing::Writing, path, e.error()))?;
        disk::set_date(&file, self.message.date).map_err(|e| fail(Doing::SettingDate, path, &e))?;
        Ok(Pending {
            key: self.key,
            message: self.message,
            bare_lf: self.bare_lf.count(),
            temporary: self.temporary,
        })
    }
}

impl Window {
    /// Adds a complete message. Returns `true` if enough messages wait to be made durable.
    pub(super) fn add(&mut self, writing: Writing) -> Result<bool, Failure> {
        let pending = writing.end()?;
        self.bytes += pending.message.size;
        self.messages.push(pending);
        Ok(self.messages.len() >= MOST_MESSAGES || self.bytes >= MOST_BYTES)
    }

    /// Makes all messages durable under their names and reports the outcomes. After an error, messages without an outcome may or may not
    /// have been stored.
    pub(super) fn commit(
        &mut self,
        folder: &Folder,
        outcomes: &mut Vec<(AppendKey, AppendOutcome)>,
    ) -> Result<(), Failure> {
        let messages = std::mem::take(&mut self.messages);
        self.bytes = 0;
        if messages.is_empty() {
            return Ok(());
        }
        let tmp = folder.directory().join("tmp");
        disk::sync_files(&tmp, messages.iter().map(|m| m.temporary.path.as_path()))
            .map_err(|e| fail(Doing::Writing, &tmp, &e))?;
        let mut placed = Vec::with_capacity(messages.len());
        for mut pending in messages {
            placed.push((pending.key, place(folder, &mut pending)?));
        }
        let cur = folder.directory().join("cur");
        disk::sync_dir(&cur).map_err(|e| fail(Doing::Writing, &cur, &e))?;
        outcomes.append(&mut placed);
        Ok(())
    }
}

/// Moves the message to its name, unless a message of the same origin and bytes exists already.
fn place(folder: &Folder, pending: &mut Pending) -> Result<AppendOutcome, Failure> {
    let Message { origin, date, flags, size } = &pending.message;
    let mut state = folder.state();
    let mut attempt = 0;
    let mut rescanned = false;
    loop {
        let stem = filename::stem(*date, origin, attempt);
        if let Some((name, place)) = state.index.of_stem(&stem) {
            let path = place.path(folder.directory(), name);
            match same_bytes(&pending.temporary.path, &path) {
                Ok(true) => {
                    return Ok(AppendOutcome::AlreadyThere(TargetId::File(filename::base(name).to_owned())));
                }
                Ok(false) => attempt += 1,
                // It was renamed or deleted meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound && !rescanned => {
                    state.rescan(folder.directory())?;
                    rescanned = true;
                }
                Err(error) => return Err(fail(Doing::Comparing, &path, &error)),
            }
            continue;
        }
        let base = filename::sized(&stem, *size, pending.bare_lf);
        let name = filename::with_flags(&base, flags, state.table(), "");
        let path = Place::Cur.path(folder.directory(), &name);
        match disk::rename_new(&pending.temporary.path, &path) {
            Ok(()) => {
                pending.temporary.moved = true;
                state.index.insert(&name, Place::Cur);
                return Ok(AppendOutcome::Stored(Some(TargetId::File(base))));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !rescanned => {
                state.rescan(folder.directory())?;
                rescanned = true;
            }
            Err(error) => return Err(fail(Doing::Storing, &path, &error)),
        }
    }
}

fn same_bytes(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (directory::open_file(one)?, directory::open_file(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (vec![0; BUFFER], vec![0; BUFFER]);
    loop {
        let count = one.read(&mut left)?;
        if count == 0 {
            return Ok(true);
        }
        match other.read_exact(&mut right[..count]) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            result => result?,
        }
        if left[..count] != right[..count] {
            return Ok(false);
        }
    }
}

fn fail(doing: Doing, path: &Path, error: &io::Error) -> Failure {
    disk::failure(Scope::User, doing, path, error)
}
