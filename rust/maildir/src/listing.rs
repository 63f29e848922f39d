//! The message files of one folder as they lie on disk.

use crate::disk;
use crate::filename::SEPARATOR;
use imapmig_core::failure::{Failure, Scope};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// File systems keep times this coarsely at worst.
const GRAIN: Duration = Duration::from_millis(50);
/// How often a folder that changes all the time is listed again.
const TRIES: usize = 4;

/// The directory of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// Mail that a client has seen.
    Cur,
    /// Mail that no client has seen.
    New,
}

impl Place {
    /// Where a file of this name stands.
    pub(crate) fn path(self, folder: &Path, name: impl AsRef<OsStr>) -> PathBuf {
        let place = match self {
            Self::Cur => "cur",
            Self::New => "new",
        };
        folder.join(place).join(name.as_ref())
    }
}

/// When the two directories changed last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    cur: SystemTime,
    new: SystemTime,
}

impl Stamp {
    /// Looks at the directories.
    pub(crate) fn of(folder: &Path) -> Result<Self, Failure> {
        let changed = |place: Place| {
            let path = place.path(folder, "");
            fs::metadata(&path)
                .and_then(|m| m.modified())
                .map_err(|e| disk::failure(Scope::Mailbox, "looking at", &path, &e))
        };
        Ok(Self { cur: changed(Place::Cur)?, new: changed(Place::New)? })
    }

    /// Whether a change right now would show in the times.
    fn is_settled(self) -> bool {
        SystemTime::now().duration_since(self.cur.max(self.new)).is_ok_and(|age| age > GRAIN)
    }
}

/// The files of a folder, and the stamp that stays as it is until they change; without one they may have already.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) files: Vec<(OsString, Place)>,
    pub(crate) stamp: Option<Stamp>,
}

impl Listing {
    /// Lists both directories, sorted by name.
    pub(crate) fn read(folder: &Path) -> Result<Self, Failure> {
        // A file that is renamed while its directory is read may be missed or seen twice, so a folder that changed
        // meanwhile is listed again, but not for ever: whoever opens a file copes with its being gone.
        let mut tries = TRIES;
        loop {
            let before = Stamp::of(folder)?;
            let settled = before.is_settled();
            // Dovecot moves files from new to cur, so in this order none slips through.
            let mut files = names(folder, Place::New)?;
            files.append(&mut names(folder, Place::Cur)?);
            tries -= 1;
            let quiet = Stamp::of(folder)? == before;
            if quiet || tries == 0 {
                files.sort_unstable();
                drop_renamed(folder, &mut files);
                return Ok(Self { files, stamp: (quiet && settled).then_some(before) });
            }
        }
    }
}

fn names(folder: &Path, place: Place) -> Result<Vec<(OsString, Place)>, Failure> {
    let directory = place.path(folder, "");
    let fail = |e: &std::io::Error| disk::failure(Scope::Mailbox, "listing", &directory, e);
    let mut names = Vec::new();
    for entry in fs::read_dir(&directory).map_err(|e| fail(&e))? {
        let entry = entry.map_err(|e| fail(&e))?;
        let name = entry.file_name();
        // What starts with a dot is no message: Maildir's own rule.
        let hidden = name.as_encoded_bytes().starts_with(b".");
        if !hidden && !entry.file_type().is_ok_and(|t| t.is_dir()) {
            names.push((name, place));
        }
    }
    Ok(names)
}

/// Of files that share a base, those that are no longer there were seen before a rename.
fn drop_renamed(folder: &Path, files: &mut Vec<(OsString, Place)>) {
    let mut shared = vec![false; files.len()];
    let mut last_of_base: std::collections::HashMap<&[u8], usize> = std::collections::HashMap::new();
    let mut any = false;
    for (at, (name, _)) in files.iter().enumerate() {
        if let Some(before) = last_of_base.insert(base(name), at) {
            shared[before] = true;
            shared[at] = true;
            any = true;
        }
    }
    if any {
        let mut at = 0;
        files.retain(|(name, place)| {
            at += 1;
            !shared[at - 1] || fs::symlink_metadata(place.path(folder, name)).is_ok()
        });
    }
}

/// The name up to the flags.
pub(crate) fn base(name: &OsStr) -> &[u8] {
    let bytes = name.as_encoded_bytes();
    bytes.split(|b| *b == SEPARATOR as u8).next().unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for place in ["cur", "new"] {
            fs::create_dir(folder.path().join(place)).unwrap();
        }
        for file in files {
            fs::write(folder.path().join(file), "").unwrap();
        }
        folder
    }

    #[test]
    fn both_directories_are_listed_without_hidden_files_and_directories() {
        let folder = folder(&["new/3", "cur/1", "cur/.hidden", "2"]);
        fs::create_dir(folder.path().join("cur/sub")).unwrap();

        let listing = Listing::read(folder.path()).unwrap();

        assert_eq!(listing.files, [("1".into(), Place::Cur), ("3".into(), Place::New)]);
    }

    #[test]
    fn of_names_with_one_base_only_those_that_exist_are_kept() {
        let folder = folder(&["new/1.a"]);
        let mut files = vec![("1.a".into(), Place::New), (format!("1.a{SEPARATOR}2,S").into(), Place::Cur)];

        drop_renamed(folder.path(), &mut files);

        assert_eq!(files, [("1.a".into(), Place::New)]);
    }

    #[test]
    fn a_listing_just_after_a_change_has_no_stamp_to_rely_on() {
        let folder = folder(&["cur/1"]);
        let just_now = fs::FileTimes::new().set_modified(SystemTime::now() + Duration::from_secs(1));
        fs::File::open(folder.path().join("cur")).unwrap().set_times(just_now).unwrap();

        assert_eq!(Listing::read(folder.path()).unwrap().stamp, None);
    }

    #[test]
    fn a_listing_of_a_quiet_folder_has_the_folders_stamp() {
        let folder = folder(&["cur/1"]);
        let long_ago = fs::FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        for place in ["cur", "new"] {
            fs::File::open(folder.path().join(place)).unwrap().set_times(long_ago).unwrap();
        }

        let listing = Listing::read(folder.path()).unwrap();

        assert_eq!(listing.stamp, Some(Stamp::of(folder.path()).unwrap()));
    }
}
