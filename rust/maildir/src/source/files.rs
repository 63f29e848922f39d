//! The messages of the open source folder: maps UIDs to files, also when another program renames them meanwhile.

use super::uids::Uids;
use crate::directory::Directory;
use crate::keywords::{self, KeywordTable};
use crate::listing::{self, Listing, Place, Places, Stamp};
use crate::{disk, filename};
use imapmig_core::failure::{Doing, Failure, Scope};
use imapmig_core::message::{DateOrigin, Flags, MessageMeta, SystemFlag, Uid};
use imapmig_core::ports::source::OpenSource;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::Path;

/// The keyword that Maildir's letter `P` stands for.
const FORWARDED: &str = "$Forwarded";

/// The files of a folder, by UID.
#[derive(Debug)]
pub(super) struct Files {
    folder: Directory,
    places: Places,
    keywords: KeywordTable,
    stamp: Option<Stamp>,
    /// Ascending.
    files: Vec<(Uid, OsString, Place)>,
}

impl Files {
    pub(super) fn open(folder: Directory, index: &Path) -> Result<(Self, OpenSource), Failure> {
        let places = Places::of(&folder)?;
        let Listing { files, stamp } = Listing::read(&places)?;
        let keys = keys(&files);
        let keys: Vec<&[u8]> = keys.iter().map(|key| &**key).collect();
        // Only a hint: an unreadable list counts as missing.
        let uidlist = || folder.read("dovecot-uidlist").unwrap_or_default();
        let (validity, next, uids) = Uids::number(index, uidlist, &keys)?;
        let mut files: Vec<_> =
            uids.into_iter().zip(files).map(|(uid, (name, place))| (uid, name, place)).collect();
        files.sort_unstable_by_key(|(uid, ..)| *uid);
        let open = OpenSource {
            validity,
            exists: u32::try_from(files.len()).unwrap_or(u32::MAX),
            uid_next: Some(next),
            highest_modseq: None,
            id: Some(folder.path().display().to_string()),
        };
        let keywords = folder.read(keywords::FILE).map_err(|e| {
            disk::failure(Scope::Mailbox, Doing::Reading, &folder.path().join(keywords::FILE), &e)
        })?;
        let keywords = KeywordTable::parse(&keywords);
        Ok((Self { folder, places, keywords, stamp, files }, open))
    }

    pub(super) fn uids(&self) -> Vec<Uid> {
        self.files.iter().map(|(uid, ..)| *uid).collect()
    }

    pub(super) fn failure(&self, error: &io::Error) -> Failure {
        disk::failure(Scope::Mailbox, Doing::ReadingMessage, self.folder.path(), error)
    }

    /// Returns a message's metadata; `None` if it no longer exists.
    pub(super) fn meta(&mut self, uid: Uid) -> Result<Option<MessageMeta>, Failure> {
        let Some((info, at)) = self.try_file(uid, Directory::info)? else { return Ok(None) };
        let (_, name, place) = &self.files[at];
        let name = name.to_string_lossy();
        // A file with local line ends is larger as a message; what another program counted is a good hint.
        let size = info.len;
        let size = filename::wire_size(filename::base(&name))
            .filter(|w| (size..=2 * size).contains(w))
            .unwrap_or(size);
        Ok(Some(MessageMeta {
            uid,
            size,
            internal_date: info.date,
            flags: self.flags(&name, *place),
            date: DateOrigin::Told,
            flags_known: true,
            modseq: None,
        }))
    }

    /// Opens a message's file; `None` if it no longer exists, may not be read, or is not a regular file of the user's.
    pub(super) fn file(&mut self, uid: Uid) -> Result<Option<File>, Failure> {
        let opened = self.try_file(uid, |directory, name| match directory.open(name) {
            Err(error) if is_no_message(&error) => Ok(None),
            result => result.map(Some),
        })?;
        Ok(opened.and_then(|(file, _)| file))
    }

    fn flags(&self, name: &str, place: Place) -> Flags {
        let mut flags = filename::flags(name, &self.keywords);
        if filename::is_passed(name) {
            flags.add_keyword(FORWARDED);
        }
        match place {
            Place::Cur => flags,
            Place::New => Flags::from_wire(flags.wire().filter(|flag| *flag != SystemFlag::Seen.wire())),
        }
    }

    /// Runs `act` on the message's file, and once more at its new name if it was renamed meanwhile.
    fn try_file<T>(
        &mut self,
        uid: Uid,
        mut act: impl FnMut(&Directory, &OsStr) -> io::Result<T>,
    ) -> Result<Option<(T, usize)>, Failure> {
        for again in [false, true] {
            if again && !self.find_moved()? {
                return Ok(None);
            }
            let Ok(at) = self.files.binary_search_by_key(&uid, |(uid, ..)| *uid) else { return Ok(None) };
            let (_, name, place) = &self.files[at];
            match act(self.places.directory(*place), name) {
                Ok(done) => return Ok(Some((done, at))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(self.failure(&error)),
            }
        }
        Ok(None)
    }

    /// Lists the folder again, unless nothing has changed there, and takes over new names; no new messages.
    fn find_moved(&mut self) -> Result<bool, Failure> {
        if self.stamp.is_some() && self.stamp == Some(Stamp::of(&self.places)?) {
            return Ok(false);
        }
        let Listing { files, stamp } = Listing::read(&self.places)?;
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

/// Returns `true` if the message exists and can never be read. It is reported, and the others are migrated.
fn is_no_message(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput)
}

/// Returns the key of each file: its base, or its whole name if an earlier file has the same base.
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
