//! Where the state directory lies, and which are refused.

use crate::support::Place;
use imapmig_store::{DirectoryError, SqliteStore, StateDirectory};
use std::fs;

#[cfg(unix)]
mod unix {
    use super::{DirectoryError, Place, StateDirectory, fs};
    use crate::support::added_batch;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn only_its_owner_can_read_a_state_directory_and_its_files() {
        let place = Place::new();

        let store = place.open();
        added_batch(&store, "one", &["a@x.example"]);

        for directory in [place.directory.root(), &place.directory.mailboxes(), &place.directory.kept()] {
            assert_eq!(mode(directory), 0o700, "{}", directory.display());
        }
        let files: Vec<_> = fs::read_dir(place.directory.root())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .collect();
        assert!(files.len() >= 4, "database, log, shared memory and key: {files:?}");
        for file in files {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }

    #[test]
    fn a_directory_that_others_can_write_is_refused() {
        for writable in [0o770, 0o707, 0o722] {
            let place = Place::new();
            fs::set_permissions(place.directory.root(), fs::Permissions::from_mode(writable)).unwrap();

            let refused = StateDirectory::locate(Some(place.directory.root()));

            assert!(matches!(refused, Err(DirectoryError::WritableByOthers { .. })));
        }
    }

    #[test]
    fn a_directory_of_another_user_is_refused() {
        let place = Place::new();
        if !rustix::process::geteuid().is_root() {
            eprintln!("not run: only root can give a directory away");
            return;
        }
        std::os::unix::fs::chown(place.directory.root(), Some(12_345), None).unwrap();

        let refused = StateDirectory::locate(Some(place.directory.root()));

        assert!(matches!(refused, Err(DirectoryError::OwnedByAnother { .. })));
    }

    #[test]
    fn a_link_to_a_directory_is_judged_by_the_directory() {
        let place = Place::new();
        let link = place.directory.root().join("link");
        let open = place.directory.root().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
        symlink(&open, &link).unwrap();

        let refused = StateDirectory::locate(Some(&link));

        assert!(matches!(refused, Err(DirectoryError::WritableByOthers { .. })));
    }

    #[test]
    fn a_directory_that_cannot_be_made_says_why() {
        let refused = StateDirectory::locate(Some(Path::new("/dev/null/state"))).unwrap_err();

        assert!(
            matches!(&refused, DirectoryError::Unusable { path, .. } if path == "/dev/null/state"),
            "{refused:?}"
        );
    }
}

#[test]
fn a_file_in_the_place_of_the_directory_is_refused() {
    let place = Place::new();
    let file = place.directory.root().join("file");
    fs::write(&file, "").unwrap();

    let refused = StateDirectory::locate(Some(&file));

    assert!(matches!(refused, Err(DirectoryError::NoDirectory { .. } | DirectoryError::Unusable { .. })));
}

#[test]
fn a_directory_that_is_there_is_taken_as_it_is() {
    let place = Place::new();
    drop(place.open());

    let again = StateDirectory::locate(Some(place.directory.root())).unwrap();

    assert_eq!(again, place.directory);
    SqliteStore::open(&again).unwrap();
}
