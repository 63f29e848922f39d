//! Directories that only their owner may enter, and whether one that is there already is such a directory.
//!
//! On Unix that is mode 0700. On Windows it is an access list with the user and SYSTEM, protected from what the parent directory
//! would hand down; below a drive's root that includes every signed-in user.

use std::io;
use std::path::Path;

/// Creates a directory, and those above it that are missing, for the current user alone. One that is there is left as it is.
///
/// # Errors
/// When one cannot be created.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut builder = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(path)
    }
    #[cfg(windows)]
    {
        if path.is_dir() {
            return Ok(());
        }
        if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
            create_private_dir(above)?;
        }
        match crate::windows::access::create_private_dir(path) {
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            result => result,
        }
    }
}

/// Returns an account other than the current user, the system and its administrators that may write there, if any.
///
/// # Errors
/// When the access list cannot be read.
#[cfg(windows)]
pub fn foreign_writer(path: &Path) -> io::Result<Option<String>> {
    crate::windows::access::foreign_writer(path)
}

/// Returns the command that leaves only the current user and SYSTEM in the access list; in cmd.exe and PowerShell alike.
///
/// # Errors
/// When the current user cannot be found out.
#[cfg(windows)]
pub fn command_to_restrict(path: &Path, writer: &str) -> io::Result<String> {
    let user = crate::windows::access::current_user()?;
    let path = path.display();
    Ok(format!(
        r#"icacls "{path}" /inheritance:r /remove:g "*{writer}" /grant:r "*{user}:(OI)(CI)F" "*S-1-5-18:(OI)(CI)F""#
    ))
}

/// Returns whether the directory belongs to the current user, the system or its administrators.
///
/// # Errors
/// When the owner cannot be read.
#[cfg(windows)]
pub fn is_own(path: &Path) -> io::Result<bool> {
    crate::windows::access::is_own(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_created_with_those_above_and_kept_when_they_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a").join("b");

        create_private_dir(&inner).unwrap();
        std::fs::write(inner.join("file"), "kept").unwrap();
        create_private_dir(&inner).unwrap();

        assert_eq!(std::fs::read(inner.join("file")).unwrap(), b"kept");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_enter_a_directory_that_was_created() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a").join("b");

        create_private_dir(&path).unwrap();

        for path in [path.as_path(), path.parent().unwrap()] {
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[cfg(windows)]
    #[test]
    fn a_directory_that_was_created_has_no_foreign_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own");

        create_private_dir(&path).unwrap();

        assert_eq!(foreign_writer(&path).unwrap(), None);
        assert!(is_own(&path).unwrap());
    }
}
