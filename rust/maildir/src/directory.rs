//! A directory that is held open, so that nothing outside it is read through it.
//!
//! Users own their Maildirs and can put anything there at any time, while this process may read more than they can. So
//! no link is followed below a tree, whatever is exchanged for a link meanwhile, and nothing but a regular file is
//! opened: a FIFO without a writer would block for ever, a device could do anything.
//!
//! A hard link is a regular file, and Dovecot and others make them when they copy a message. One is not opened if the file belongs to
//! another user and the directory's owner may not read it: systems that let users link any file (Linux with
//! `fs.protected_hardlinks=0`, FreeBSD) would give it to them through this process. Once its other names are gone it cannot be told
//! from a message that an administrator put there.

use imapmig_core::message::InternalDate;
use std::ffi::{OsStr, OsString};
#[cfg(not(unix))]
use std::fs;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// Dovecot's lists of half a million messages have a tenth of this.
const LARGEST_LIST: u64 = 256 << 20;

/// An open directory.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    #[cfg(unix)]
    handle: std::os::fd::OwnedFd,
}

/// What a name stands for, links not followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileInfo {
    is_file: bool,
    pub(crate) len: u64,
    pub(crate) date: InternalDate,
}

impl Directory {
    /// Opens a directory by its path; links are followed.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        #[cfg(unix)]
        {
            let handle = rustix::fs::open(path, unix::DIRECTORY, rustix::fs::Mode::empty())?;
            Ok(Self { path: path.to_owned(), handle })
        }
        #[cfg(not(unix))]
        {
            fs::metadata(path)?.is_dir().then(|| Self { path: path.to_owned() }).ok_or_else(no_directory)
        }
    }

    /// Opens a directory below this one.
    ///
    /// # Errors
    /// `InvalidInput` if a part of the path is a link, or none of its own.
    pub(crate) fn below(&self, relative: &Path) -> io::Result<Self> {
        let mut found = self.again()?;
        for part in relative.components() {
            let Component::Normal(name) = part else { return Err(no_directory()) };
            found = found.child(name)?;
        }
        Ok(found)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Everything in it, and whether it is a directory.
    pub(crate) fn entries(&self) -> io::Result<Vec<(OsString, bool)>> {
        #[cfg(unix)]
        return unix::entries(&self.handle);
        #[cfg(not(unix))]
        fs::read_dir(&self.path)?
            .map(|entry| entry.map(|e| (e.file_name(), e.file_type().is_ok_and(|t| t.is_dir()))))
            .collect()
    }

    /// When something was created, renamed or removed in it last.
    pub(crate) fn modified(&self) -> io::Result<SystemTime> {
        #[cfg(unix)]
        return File::from(self.handle.try_clone()?).metadata()?.modified();
        #[cfg(not(unix))]
        fs::metadata(&self.path)?.modified()
    }

    /// Looks at what has this name.
    pub(crate) fn info(&self, name: &OsStr) -> io::Result<FileInfo> {
        #[cfg(unix)]
        return unix::info(&self.handle, name);
        #[cfg(not(unix))]
        {
            let found = fs::symlink_metadata(self.path.join(name))?;
            Ok(FileInfo { is_file: found.is_file(), len: found.len(), date: crate::disk::date(&found) })
        }
    }

    /// Opens a regular file.
    ///
    /// # Errors
    /// `InvalidInput` if the name stands for anything else, also for a link to a file.
    pub(crate) fn open(&self, name: &OsStr) -> io::Result<File> {
        // A device is not even opened.
        if !self.info(name)?.is_file {
            return Err(no_file());
        }
        #[cfg(unix)]
        let file = unix::open(&self.handle, name)?;
        #[cfg(not(unix))]
        let file = File::open(self.path.join(name))?;
        // What was looked at may have been exchanged meanwhile.
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(no_file());
        }
        #[cfg(unix)]
        {
            let access = unix::Access::of(&metadata);
            if access.names > 1 && !unix::may_be_shown(&access, &unix::Access::of_directory(&self.handle)?) {
                return Err(no_own_file());
            }
        }
        Ok(file)
    }

    /// The bytes of a small file; none where it is missing.
    pub(crate) fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let file = match self.open(OsStr::new(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            result => result?,
        };
        let mut bytes = Vec::new();
        let read = file.take(LARGEST_LIST + 1).read_to_end(&mut bytes)?;
        if read as u64 > LARGEST_LIST { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
    }

    fn again(&self) -> io::Result<Self> {
        Ok(Self {
            path: self.path.clone(),
            #[cfg(unix)]
            handle: self.handle.try_clone()?,
        })
    }

    fn child(&self, name: &OsStr) -> io::Result<Self> {
        let path = self.path.join(name);
        #[cfg(unix)]
        return Ok(Self { handle: unix::child(&self.handle, name)?, path });
        #[cfg(not(unix))]
        {
            fs::symlink_metadata(&path)?.is_dir().then_some(Self { path }).ok_or_else(no_directory)
        }
    }
}

/// Opens a regular file by its path, as [`Directory::open`] does.
pub(crate) fn open_file(path: &Path) -> io::Result<File> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Err(no_file()) };
    Directory::at(parent)?.open(name)
}

fn no_directory() -> io::Error {
    let text = "it is a link or no directory; only what lies in the Maildir itself is read";
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

fn no_file() -> io::Error {
    let text = "it is a link, a FIFO, a socket or a device; only regular files are read";
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

#[cfg(unix)]
fn no_own_file() -> io::Error {
    let text = "it is a hard link to a file of another user, which the owner of the folder may not read";
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

#[cfg(unix)]
mod unix {
    use super::{FileInfo, no_directory, no_file};
    use imapmig_core::message::InternalDate;
    use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat};
    use rustix::io::Errno;
    use std::ffi::{OsStr, OsString};
    use std::fs::{File, Metadata};
    use std::io;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStringExt;
    use std::os::unix::fs::MetadataExt;

    pub(super) const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

    /// Who may read a file or directory, and how many names it has.
    #[derive(Clone, Copy, Debug)]
    pub(super) struct Access {
        pub(super) owner: u32,
        pub(super) group: u32,
        pub(super) mode: u32,
        pub(super) names: u64,
    }

    impl Access {
        pub(super) fn of(found: &Metadata) -> Self {
            Self { owner: found.uid(), group: found.gid(), mode: found.mode(), names: found.nlink() }
        }

        pub(super) fn of_directory(directory: &OwnedFd) -> io::Result<Self> {
            Ok(Self::of(&File::from(directory.try_clone()?).metadata()?))
        }
    }

    /// Returns `false` for a hard link to a file that the directory's owner may not read.
    pub(super) fn may_be_shown(file: &Access, directory: &Access) -> bool {
        let others = file.mode & 0o004 != 0;
        let group = file.mode & 0o040 != 0 && file.group == directory.group;
        file.names == 1 || file.owner == directory.owner || directory.owner == 0 || others || group
    }

    pub(super) fn child(parent: &OwnedFd, name: &OsStr) -> io::Result<OwnedFd> {
        match openat(parent, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty()) {
            // FreeBSD says EMLINK.
            Err(Errno::LOOP | Errno::NOTDIR | Errno::MLINK) => Err(no_directory()),
            result => Ok(result?),
        }
    }

    pub(super) fn open(directory: &OwnedFd, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        match openat(directory, name, flags, Mode::empty()) {
            Err(Errno::LOOP | Errno::MLINK | Errno::NXIO) => Err(no_file()),
            result => Ok(File::from(result?)),
        }
    }

    pub(super) fn info(directory: &OwnedFd, name: &OsStr) -> io::Result<FileInfo> {
        let found = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
        // The types differ from system to system.
        #[allow(clippy::useless_conversion, clippy::unnecessary_fallible_conversions, reason = "not on all")]
        Ok(FileInfo {
            is_file: FileType::from_raw_mode(found.st_mode) == FileType::RegularFile,
            len: u64::try_from(found.st_size).unwrap_or(0),
            // The nanoseconds always count upwards, so this is the second below also before 1970.
            date: InternalDate::utc(i64::from(found.st_mtime)),
        })
    }

    pub(super) fn entries(directory: &OwnedFd) -> io::Result<Vec<(OsString, bool)>> {
        let mut entries = Vec::new();
        for entry in Dir::read_from(directory)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if !matches!(name, b"." | b"..") {
                let name = OsString::from_vec(name.to_vec());
                let is_directory = match entry.file_type() {
                    // Some file systems leave it open.
                    FileType::Unknown => statat(directory, &name, AtFlags::SYMLINK_NOFOLLOW)
                        .is_ok_and(|found| FileType::from_raw_mode(found.st_mode) == FileType::Directory),
                    kind => kind == FileType::Directory,
                };
                entries.push((name, is_directory));
            }
        }
        Ok(entries)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    fn kind<T: std::fmt::Debug>(result: io::Result<T>) -> io::ErrorKind {
        result.expect_err("it must not be opened").kind()
    }

    #[test]
    fn links_fifos_sockets_and_devices_are_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "text").unwrap();
        symlink(at("file"), at("link")).unwrap();
        symlink("/nowhere", at("dangling")).unwrap();
        symlink("/dev/zero", at("device")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            at("fifo"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o644),
            0,
        )
        .unwrap();
        let _listening = UnixListener::bind(at("socket")).unwrap();
        let directory = Directory::at(folder.path()).unwrap();

        for name in ["link", "dangling", "device", "fifo", "socket"] {
            assert_eq!(kind(directory.open(OsStr::new(name))), io::ErrorKind::InvalidInput, "{name}");
            assert_eq!(kind(open_file(&at(name))), io::ErrorKind::InvalidInput, "{name}");
        }
        assert_eq!(kind(directory.open(OsStr::new("missing"))), io::ErrorKind::NotFound);
        assert_eq!(directory.read("file").unwrap(), b"text");
        assert_eq!(directory.read("missing").unwrap(), b"");
    }

    #[test]
    fn a_hard_link_to_what_the_owner_of_the_folder_may_not_read_is_not_shown() {
        use super::unix::{Access, may_be_shown};
        let folder = Access { owner: 1001, group: 100, mode: 0o700, names: 2 };
        let file = |owner, group, mode, names| Access { owner, group, mode, names };

        let hidden = [file(0, 0, 0o600, 2), file(0, 42, 0o640, 2), file(1002, 100, 0o600, 2)];
        let shown = [
            // Copies that Dovecot made, of its own and in a folder that is shared by a group.
            file(1001, 100, 0o600, 2),
            file(1002, 100, 0o640, 3),
            file(0, 0, 0o644, 2),
            // Put there by an administrator.
            file(0, 0, 0o600, 1),
        ];

        assert!(hidden.iter().all(|file| !may_be_shown(file, &folder)));
        assert!(shown.iter().all(|file| may_be_shown(file, &folder)));
        assert!(may_be_shown(&hidden[0], &Access { owner: 0, ..folder }));
    }

    #[test]
    fn no_link_leads_to_a_directory_below() {
        let (tree, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir_all(tree.path().join("a/b")).unwrap();
        fs::create_dir(outside.path().join("b")).unwrap();
        symlink(outside.path(), tree.path().join("link")).unwrap();
        let directory = Directory::at(tree.path()).unwrap();

        assert!(directory.below(Path::new("a/b")).is_ok());
        for path in ["link", "link/b", "a/..", "/"] {
            assert_eq!(kind(directory.below(Path::new(path))), io::ErrorKind::InvalidInput, "{path}");
        }
    }

    #[test]
    fn a_directory_that_is_exchanged_for_a_link_is_still_the_one_that_was_opened() {
        let (tree, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(tree.path().join("cur")).unwrap();
        fs::write(tree.path().join("cur/mail"), "own").unwrap();
        fs::write(outside.path().join("mail"), "secret").unwrap();
        let directory = Directory::at(tree.path()).unwrap().below(Path::new("cur")).unwrap();

        fs::rename(tree.path().join("cur"), tree.path().join("old")).unwrap();
        symlink(outside.path(), tree.path().join("cur")).unwrap();

        assert_eq!(directory.read("mail").unwrap(), b"own");
        let names: Vec<_> = directory.entries().unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["mail"]);
    }
}
