//! The messages of the open source folder: which UID is which file, wherever another program moves it meanwhile.

use super::uids::Uids;
use crate::keywords::Keywords;
use crate::listing::{self, Listing, Place, Stamp};
use crate::{disk, filename};
use imapmig_core::failure::{Failure, FailureKind, Scope};
use imapmig_core::message::{DateOrigin, Flags, MessageMeta, SystemFlag, Uid};
use imapmig_core::ports::source::OpenSource;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The keyword that Maildir's letter `P` stands for.
const FORWARDED: &str = "$Forwarded";

/// The files of a folder, by UID.
#[derive(Debug)]
pub(super) struct Files {
    directory: PathBuf,
    keywords: Keywords,
    stamp: Option<Stamp>,
    /// Ascending.
    files: Vec<(Uid, OsString, Place)>,
}

impl Files {
    pub(super) fn open(directory: PathBuf, index: &Path) -> Result<(Self, OpenSource), Failure> {
        if !directory.join("cur").is_dir() {
            let text = format!("the folder {} does not exist", directory.display());
            return Err(Failure::new(Scope::Mailbox, FailureKind::NotFound, text));
        }
        let Listing { files, stamp } = Listing::read(&directory)?;
        let keys = keys(&files);
        let keys: Vec<&[u8]> = keys.iter().map(|key| &**key).collect();
        let (validity, next, uids) = Uids::number(index, &directory.join("dovecot-uidlist"), &keys)?;
        let mut files: Vec<_> =
            uids.into_iter().zip(files).map(|(uid, (name, place))| (uid, name, place)).collect();
        files.sort_unstable_by_key(|(uid, ..)| *uid);
        let open = OpenSource {
            validity,
            exists: u32::try_from(files.len()).unwrap_or(u32::MAX),
            uid_next: Some(next),
            highest_modseq: None,
            id: Some(directory.display().to_string()),
        };
        let keywords = Keywords::read(&directory)?;
        Ok((Self { directory, keywords, stamp, files }, open))
    }

    pub(super) fn uids(&self) -> Vec<Uid> {
        self.files.iter().map(|(uid, ..)| *uid).collect()
    }

    pub(super) fn failure(&self, error: &io::Error) -> Failure {
        disk::failure(Scope::Mailbox, "reading a message in", &self.directory, error)
    }

    /// What is known of a message; `None` when it is gone.
    pub(super) fn meta(&mut self, uid: Uid) -> Result<Option<MessageMeta>, Failure> {
        let Some((metadata, at)) = self.try_path(uid, |path| fs::metadata(path))? else { return Ok(None) };
        let (_, name, place) = &self.files[at];
        let name = name.to_string_lossy();
        // A file with local line ends is larger as a message; what another program counted is a good hint.
        let size = metadata.len();
        let size = filename::wire_size(filename::base(&name))
            .filter(|w| (size..=2 * size).contains(w))
            .unwrap_or(size);
        Ok(Some(MessageMeta {
            uid,
            size,
            internal_date: disk::date(&metadata),
            flags: self.flags(&name, *place),
            date: DateOrigin::Told,
            modseq: None,
        }))
    }

    /// A message's file; `None` when it is gone or may not be read.
    pub(super) fn file(&mut self, uid: Uid) -> Result<Option<File>, Failure> {
        let opened = self.try_path(uid, |path| match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(None),
            result => result.map(Some),
        })?;
        Ok(opened.and_then(|(file, _)| file))
    }

    fn flags(&self, name: &str, place: Place) -> Flags {
        let mut flags = filename::flags(name, self.keywords.table());
        if filename::is_passed(name) {
            flags.add_keyword(FORWARDED);
        }
        match place {
            Place::Cur => flags,
            Place::New => Flags::from_wire(flags.wire().filter(|flag| *flag != SystemFlag::Seen.wire())),
        }
    }

    /// Does something with the message's path, and again where the file stands now if it was moved meanwhile.
    fn try_path<T>(
        &mut self,
        uid: Uid,
        mut act: impl FnMut(&Path) -> io::Result<T>,
    ) -> Result<Option<(T, usize)>, Failure> {
        for again in [false, true] {
            if again && !self.find_moved()? {
                return Ok(None);
            }
            let Ok(at) = self.files.binary_search_by_key(&uid, |(uid, ..)| *uid) else { return Ok(None) };
            let (_, name, place) = &self.files[at];
            match act(&place.path(&self.directory, name)) {
                Ok(done) => return Ok(Some((done, at))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(self.failure(&error)),
            }
        }
        Ok(None)
    }

    /// Lists the folder again, unless nothing has changed there, and takes over new names; no new messages.
    fn find_moved(&mut self) -> Result<bool, Failure> {
        if self.stamp.is_some() && self.stamp == Some(Stamp::of(&self.directory)?) {
            return Ok(false);
        }
        let Listing { files, stamp } = Listing::read(&self.directory)?;
        self.stamp = stamp;
        let of_base: HashMap<_, _> = files.iter().map(|file| (listing::base(&file.0), file)).collect();
        let mut moved = Vec::new();
        for (at, (_, name, place)) in self.files.iter().enumerate() {
            if files.binary_search_by(|(n, p)| (n, p).cmp(&(name, place))).is_err()
                && let Some((name, place)) = of_base.get(listing::base(name))
            {
                moved.push((at, name.clone(), *place));
            }
        }
        for (at, name, place) in moved {
            (self.files[at].1, self.files[at].2) = (name, place);
        }
        Ok(true)
    }
}

/// What each file is known by: its base, or its whole name where an earlier one has that base already.
fn keys(files: &[(OsString, Place)]) -> Vec<Cow<'_, [u8]>> {
    let mut seen = HashSet::new();
    files
        .iter()
        .map(|(name, _)| {
            let base = listing::base(name);
            let key = if seen.insert(base) { base } else { name.as_encoded_bytes() };
            // The list of UIDs has one name a line; a slash is in no file name.
            if key.contains(&b'\n') {
                Cow::Owned(key.iter().map(|b| if *b == b'\n' { b'/' } else { *b }).collect())
            } else {
                Cow::Borrowed(key)
            }
        })
        .collect()
}
