//! The message files of one folder as they lie on disk.

use crate::directory::Directory;
use crate::disk;
use crate::filename::SEPARATOR;
use imapmig_core::failure::{Doing, Failure, Scope};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The coarsest resolution of file times among common file systems.
const GRAIN: Duration = Duration::from_millis(50);
/// How often a folder that keeps changing is listed again.
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
    /// Returns the directory of a file of this name.
    pub(crate) fn path(self, folder: &Path, name: impl AsRef<OsStr>) -> PathBuf {
        folder.join(self.name()).join(name.as_ref())
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Cur => "cur",
            Self::New => "new",
        }
    }
}

/// The two directories of a folder, held open.
#[derive(Debug)]
pub(crate) struct Places {
    cur: Directory,
    new: Directory,
}

impl Places {
    /// Opens them below a folder.
    pub(crate) fn of(folder: &Directory) -> Result<Self, Failure> {
        let open = |place: Place| {
            folder.below(Path::new(place.name())).map_err(|e| {
                disk::failure(Scope::Mailbox, Doing::Opening, &place.path(folder.path(), ""), &e)
            })
        };
        Ok(Self { cur: open(Place::Cur)?, new: open(Place::New)? })
    }

    /// Opens them where they are; links are followed.
    pub(crate) fn at(folder: &Path) -> Result<Self, Failure> {
        let open = |place: Place| {
            let path = place.path(folder, "");
            Directory::at(&path).map_err(|e| disk::failure(Scope::Mailbox, Doing::Opening, &path, &e))
        };
        Ok(Self { cur: open(Place::Cur)?, new: open(Place::New)? })
    }

    /// One of them.
    pub(crate) const fn directory(&self, place: Place) -> &Directory {
        match place {
            Place::Cur => &self.cur,
            Place::New => &self.new,
        }
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
    pub(crate) fn of(places: &Places) -> Result<Self, Failure> {
        let changed = |place: Place| {
            let directory = places.directory(place);
            directory.modified().map_err(|e| fail(Doing::Examining, directory, &e))
        };
        Ok(Self { cur: changed(Place::Cur)?, new: changed(Place::New)? })
    }

    /// Returns `true` if a change made now would show in the times.
    fn is_old_enough(self) -> bool {
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
    pub(crate) fn read(places: &Places) -> Result<Self, Failure> {
        // A file that is renamed while its directory is read may be missed or seen twice, so a folder that changed
        // meanwhile is listed again, but only a few times: callers handle a file that no longer exists.
        let mut tries = TRIES;
        loop {
            let before = Stamp::of(places)?;
            let old_enough = before.is_old_enough();
            // Dovecot moves files from new to cur, so none is missed in this order.
            let mut files = names(places, Place::New)?;
            files.append(&mut names(places, Place::Cur)?);
            tries -= 1;
            let unchanged = Stamp::of(places)? == before;
            if unchanged || tries == 0 {
                files.sort_unstable();
                drop_renamed(places, &mut files);
                return Ok(Self { files, stamp: (unchanged && old_enough).then_some(before) });
            }
        }
    }
}

fn names(places: &Places, place: Place) -> Result<Vec<(OsString, Place)>, Failure> {
    let directory = places.directory(place);
    let entries = directory.entries().map_err(|e| fail(Doing::Listing, directory, &e))?;
    // By the Maildir specification a name with a leading dot is not a message.
    let is_message =
        |(name, is_directory): &(OsString, bool)| !is_directory && !name.as_encoded_bytes().starts_with(b".");
    Ok(entries.into_iter().filter(is_message).map(|(name, _)| (name, place)).collect())
}

fn fail(doing: Doing, directory: &Directory, error: &io::Error) -> Failure {
    disk::failure(Scope::Mailbox, doing, directory.path(), error)
}

/// Of files that share a base, those that are no longer there were seen before a rename.
fn drop_renamed(places: &Places, files: &mut Vec<(OsString, Place)>) {
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
            !shared[at - 1] || places.directory(*place).info(name).is_ok()
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
    use std::fs;

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

    /// Sets a directory's time. Windows opens directories only when asked to, and not for reading alone.
    fn set_modified(directory: &Path, time: SystemTime) {
        let mut options = fs::OpenOptions::new();
        #[cfg(unix)]
        options.read(true);
        #[cfg(windows)]
        {
            const FILE_WRITE_ATTRIBUTES: u32 = 0x100;
            const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
            use std::os::windows::fs::OpenOptionsExt;
            options.access_mode(FILE_WRITE_ATTRIBUTES).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
        }
        options.open(directory).unwrap().set_modified(time).unwrap();
    }

    fn places(folder: &tempfile::TempDir) -> Places {
        Places::at(folder.path()).unwrap()
    }

    #[test]
    fn both_directories_are_listed_without_hidden_files_and_directories() {
        let folder = folder(&["new/3", "cur/1", "cur/.hidden", "2"]);
        fs::create_dir(folder.path().join("cur/sub")).unwrap();

        let listing = Listing::read(&places(&folder)).unwrap();

        assert_eq!(listing.files, [("1".into(), Place::Cur), ("3".into(), Place::New)]);
    }

    #[test]
    fn of_names_with_one_base_only_those_that_exist_are_kept() {
        let folder = folder(&["new/1.a"]);
        let mut files = vec![("1.a".into(), Place::New), (format!("1.a{SEPARATOR}2,S").into(), Place::Cur)];

        drop_renamed(&places(&folder), &mut files);

        assert_eq!(files, [("1.a".into(), Place::New)]);
    }

    #[test]
    fn a_listing_just_after_a_change_has_no_stamp_to_rely_on() {
        let folder = folder(&["cur/1"]);
        set_modified(&folder.path().join("cur"), SystemTime::now() + Duration::from_secs(1));

        assert_eq!(Listing::read(&places(&folder)).unwrap().stamp, None);
    }

    #[test]
    fn a_listing_of_a_quiet_folder_has_the_folders_stamp() {
        let folder = folder(&["cur/1"]);
        for place in ["cur", "new"] {
            set_modified(&folder.path().join(place), SystemTime::UNIX_EPOCH);
        }

        let places = places(&folder);
        let listing = Listing::read(&places).unwrap();

        assert_eq!(listing.stamp, Some(Stamp::of(&places).unwrap()));
    }
}
