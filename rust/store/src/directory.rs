//! The state directory: where it lies, what it holds, and who may read it.
//!
//! On Unix it is 0700 and its files are 0600, and one that others could write is refused, since another user with that right could
//! replace the key or the database. On Windows its access list names the user and SYSTEM, and
//! one that other accounts could write to is refused.

use imapmig_os::access::create_private_dir;
use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The environment variable that names the state directory.
pub const HOME_VARIABLE: &str = "IMAPMIGRATION_HOME";

/// Why a state directory cannot be used.
#[derive(Debug)]
pub enum DirectoryError {
    /// No path was given, and there is no home directory.
    NoHome,
    /// It could not be created or read.
    Unusable {
        /// The directory.
        path: String,
        /// The system's error.
        source: io::Error,
    },
    /// It is a file.
    NoDirectory {
        /// The path.
        path: String,
    },
    /// Its mode lets others write.
    WritableByOthers {
        /// The directory.
        path: String,
        /// Who may write.
        who: String,
        /// The command that takes the permission away.
        remedy: String,
    },
    /// It belongs to another account.
    OwnedByAnother {
        /// The directory.
        path: String,
    },
}

/// For logs: the data as they are. The engine makes the sentence.
impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for DirectoryError {}

/// A state directory that exists and may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDirectory {
    root: PathBuf,
}

impl StateDirectory {
    /// Finds the directory, or creates it: `explicit`, else the one that IMAPMIGRATION_HOME names, else the
    /// platform's place for a program's state.
    ///
    /// # Errors
    /// When it cannot be made, is another user's, or can be written by others.
    pub fn locate(explicit: Option<&Path>) -> Result<Self, DirectoryError> {
        let chosen =
            choose(explicit, &|name| env::var_os(name), owner::is_root()).ok_or(DirectoryError::NoHome)?;
        Self::at(&chosen)
    }

    fn at(chosen: &Path) -> Result<Self, DirectoryError> {
        let unusable = |source| DirectoryError::Unusable { path: chosen.display().to_string(), source };
        let root = std::path::absolute(chosen).map_err(unusable)?;
        create_private_dir(&root).map_err(unusable)?;
        let metadata = fs::metadata(&root).map_err(unusable)?;
        if !metadata.is_dir() {
            return Err(DirectoryError::NoDirectory { path: root.display().to_string() });
        }
        owner::check(&root, &metadata)?;

        let directory = Self { root };
        create_private_dir(&directory.mailboxes()).map_err(unusable)?;
        create_private_dir(&directory.kept()).map_err(unusable)?;
        Ok(directory)
    }

    /// The directory itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.root.join("state.db")
    }

    /// The key that secrets are sealed under.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.root.join("key")
    }

    /// The Maildir store `Local`.
    #[must_use]
    pub fn mailboxes(&self) -> PathBuf {
        self.root.join("mailboxes")
    }

    /// The originals of messages that a target altered.
    #[must_use]
    pub fn kept(&self) -> PathBuf {
        self.root.join("kept")
    }

    /// Locked while a worker runs.
    #[must_use]
    pub fn worker_lock(&self) -> PathBuf {
        self.root.join("worker.lock")
    }

    /// What the worker logs.
    #[must_use]
    pub fn worker_log(&self) -> PathBuf {
        self.root.join("worker.log")
    }

    /// Certificates of authorities to trust besides the system's.
    #[must_use]
    pub fn trusted_authorities(&self) -> PathBuf {
        self.root.join("trusted-ca.pem")
    }
}

/// Creates a file that only its owner may read. Returns `false` if it exists already.
pub(crate) fn create_private(path: &Path) -> io::Result<Option<fs::File>> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(error),
    }
}

/// Which path it is, by what is known of the process.
fn choose(
    explicit: Option<&Path>,
    variable: &dyn Fn(&str) -> Option<OsString>,
    is_root: bool,
) -> Option<PathBuf> {
    let set = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    match explicit {
        Some(path) => Some(path.to_owned()),
        None => set(HOME_VARIABLE).or_else(|| platform_place(&set, is_root)),
    }
}

#[cfg(target_os = "macos")]
fn platform_place(set: &dyn Fn(&'static str) -> Option<PathBuf>, _is_root: bool) -> Option<PathBuf> {
    set("HOME").map(|home| home.join("Library/Application Support/ImapMigration"))
}

#[cfg(windows)]
fn platform_place(set: &dyn Fn(&'static str) -> Option<PathBuf>, _is_root: bool) -> Option<PathBuf> {
    set("LOCALAPPDATA").map(|data| data.join("ImapMigration"))
}

/// The XDG Base Directory Specification says that a relative path in its variables is to be ignored.
#[cfg(not(any(windows, target_os = "macos")))]
fn platform_place(set: &dyn Fn(&'static str) -> Option<PathBuf>, is_root: bool) -> Option<PathBuf> {
    if is_root {
        return Some(PathBuf::from("/var/lib/imapmigration"));
    }
    set("XDG_STATE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| set("HOME").map(|home| home.join(".local/state")))
        .map(|state| state.join("imapmigration"))
}

#[cfg(unix)]
mod owner {
    use super::DirectoryError;
    use std::fs::Metadata;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    const WRITE_FOR_OTHERS: u32 = 0o022;

    pub(super) fn is_root() -> bool {
        rustix::process::geteuid().is_root()
    }

    pub(super) fn check(path: &Path, metadata: &Metadata) -> Result<(), DirectoryError> {
        let own = rustix::process::geteuid();
        if metadata.mode() & WRITE_FOR_OTHERS != 0 {
            return Err(DirectoryError::WritableByOthers {
                path: path.display().to_string(),
                who: "others".to_owned(),
                remedy: "chmod go-w".to_owned(),
            });
        }
        if metadata.uid() != own.as_raw() {
            return Err(DirectoryError::OwnedByAnother { path: path.display().to_string() });
        }
        Ok(())
    }
}

#[cfg(windows)]
mod owner {
    use super::DirectoryError;
    use imapmig_os::access;
    use std::fs::Metadata;
    use std::path::Path;

    pub(super) const fn is_root() -> bool {
        false
    }

    pub(super) fn check(path: &Path, _metadata: &Metadata) -> Result<(), DirectoryError> {
        let text = path.display().to_string();
        let unusable = |source| DirectoryError::Unusable { path: text.clone(), source };
        if let Some(who) = access::foreign_writer(path).map_err(unusable)? {
            let remedy = access::command_to_restrict(path, &who).map_err(unusable)?;
            return Err(DirectoryError::WritableByOthers { who: named(who), path: text, remedy });
        }
        if !access::is_own(path).map_err(unusable)? {
            return Err(DirectoryError::OwnedByAnother { path: text });
        }
        Ok(())
    }

    /// Adds the English name of the groups that own a drive's root or a shared folder.
    fn named(sid: String) -> String {
        match sid.as_str() {
            "S-1-1-0" => "Everyone".to_owned(),
            "S-1-5-11" => "Authenticated Users (S-1-5-11)".to_owned(),
            "S-1-5-32-545" => "Users (S-1-5-32-545)".to_owned(),
            _ => sid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(explicit: Option<&str>, variables: &[(&str, &str)], is_root: bool) -> Option<PathBuf> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        };
        choose(explicit.map(Path::new), &variable, is_root)
    }

    #[test]
    fn a_given_path_comes_before_the_variable() {
        assert_eq!(chosen(Some("/given"), &[(HOME_VARIABLE, "/set")], true), Some("/given".into()));
        assert_eq!(chosen(None, &[(HOME_VARIABLE, "/set")], true), Some("/set".into()));
    }

    #[cfg(not(any(windows, target_os = "macos")))]
    #[test]
    fn without_a_word_it_is_the_place_that_the_platform_has_for_state() {
        let home = ("HOME", "/home/terry");

        assert_eq!(chosen(None, &[home, (HOME_VARIABLE, "")], true), Some("/var/lib/imapmigration".into()));
        assert_eq!(chosen(None, &[home], false), Some("/home/terry/.local/state/imapmigration".into()));
        assert_eq!(chosen(None, &[home, ("XDG_STATE_HOME", "/x")], false), Some("/x/imapmigration".into()));
        assert_eq!(
            chosen(None, &[home, ("XDG_STATE_HOME", "relative")], false),
            Some("/home/terry/.local/state/imapmigration".into())
        );
        assert_eq!(chosen(None, &[], false), None);
    }
}
