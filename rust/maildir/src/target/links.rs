//! Links where mail is written: followed where an administrator made them, refused where a user could have.
//!
//! Users may own their Maildirs, while this process may write where they cannot. A link of theirs could lead new mail into any folder
//! of the machine. A link of root's or of the account that runs the migration is how a Maildir is moved to another disk.

use imapmig_core::failure::{Disk, Failure, FailureKind, Scope};
use std::path::Path;

/// Fails if this is a link that another account made. What is not there is fine.
pub(super) fn check(path: &Path, scope: Scope) -> Result<(), Failure> {
    if !is_foreign_link(path) {
        return Ok(());
    }
    Err(Failure::new(scope, FailureKind::Local, Disk::ForeignLink(path.to_owned())))
}

#[cfg(unix)]
fn is_foreign_link(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let own = rustix::process::geteuid().as_raw();
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink() && ![0, own].contains(&found.uid()))
}

/// Only administrators make links on Windows, unless a machine is set up for developers.
#[cfg(not(unix))]
fn is_foreign_link(_: &Path) -> bool {
    false
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::super::target_connector;
    use super::super::tests::{ADDRESS, Fixture, MESSAGE, store, stored};
    use imapmig_core::cancel::Cancel;
    use imapmig_core::failure::Failure;
    use imapmig_core::folder::FolderPath;
    use std::fs;
    use std::os::unix::fs::{MetadataExt, lchown, symlink};

    const NOBODY: u32 = 65_534;

    /// Puts a link of this account in the place of a directory of the user, and writes a message to the folder Sent.
    fn written(relative: &str, owner: u32) -> Result<(), Failure> {
        let fixture = Fixture::new();
        let sent = FolderPath::new(["Sent"]);
        let name = fixture.session().create(&sent, None).unwrap();
        let place = if relative.is_empty() { fixture.maildir() } else { fixture.maildir().join(relative) };
        let outside = fixture.root.path().join("outside");
        fs::rename(&place, &outside).unwrap();
        symlink(&outside, &place).unwrap();
        lchown(&place, Some(owner), None).unwrap();

        let mut session = target_connector(fixture.root.path(), ADDRESS)?.connect(&Cancel::new())?;
        session.open(&name)?;
        stored(&store(&mut *session, 1, &[], MESSAGE));
        Ok(())
    }

    #[test]
    fn mail_is_written_through_links_of_an_administrator_and_not_of_a_user() {
        // Only root can make links in the name of others.
        if fs::metadata("/proc/self").map_or(1, |found| found.uid()) != 0 {
            return;
        }
        for place in ["", ".Sent", ".Sent/cur", ".Sent/tmp"] {
            let refused = written(place, NOBODY).unwrap_err().to_string();
            assert!(refused.contains("ForeignLink"), "{place}: {refused}");
            written(place, 0).unwrap();
        }
    }
}
