//! Full and read-only disks: a small file system of our own, where this machine lets us mount one.

use super::tests::{ADDRESS, Outcomes, append, head, inbox, names};
use super::*;
use std::process::Command;

/// A file system in memory, mounted until dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None`, with the reason printed, where mounting is not allowed.
    fn mount(options: &str) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(directory.path())
            .output();
        match mount {
            Ok(output) if output.status.success() => Some(Self(directory)),
            Ok(output) => {
                println!("skipped: mount said {}", String::from_utf8_lossy(&output.stderr).trim());
                None
            }
            Err(error) => {
                println!("skipped: mount cannot be run: {error}");
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn connect(&self) -> Result<Box<dyn TargetSession>, Failure> {
        target_connector(self.path(), ADDRESS)?.connect(&Cancel::new())
    }

    fn remount(&self, option: &str) {
        let done = Command::new("mount").args(["-o", &format!("remount,{option}")]).arg(self.path()).status();
        assert!(done.unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// Appends messages of 100 kB until one is refused.
fn fill(session: &mut dyn TargetSession, outcomes: &mut Outcomes) -> Failure {
    let bytes = vec![b'x'; 100_000];
    for key in 0..100 {
        let appended = session
            .append_begin(&head(key, bytes.len(), &[]), outcomes)
            .and_then(|()| session.append_chunk(&bytes))
            .and_then(|()| session.append_end(outcomes))
            .and_then(|()| session.append_finish(outcomes));
        if let Err(failure) = appended {
            return failure;
        }
    }
    panic!("the disk never became full");
}

#[test]
fn a_full_disk_stops_the_user_and_leaves_only_whole_messages() {
    let Some(disk) = SmallDisk::mount("size=1m") else { return };
    let mut session = disk.connect().unwrap();
    session.open(&inbox()).unwrap();
    let mut outcomes = Vec::new();

    let failure = fill(&mut *session, &mut outcomes);
    drop(session);

    assert_eq!((failure.scope, failure.kind), (Scope::User, FailureKind::DiskFull));
    let maildir = mailbox_path(disk.path(), ADDRESS).unwrap();
    let stored = names(&maildir.join("cur"));
    assert_eq!(stored.len(), outcomes.len());
    assert!(stored.iter().all(|name| fs::metadata(maildir.join("cur").join(name)).unwrap().len() == 100_000));
    assert_eq!(names(&maildir.join("tmp")), [""; 0]);

    disk.remount("size=4m");
    let mut session = disk.connect().unwrap();
    session.open(&inbox()).unwrap();
    let message = vec![b'x'; 100_000];
    let mut again = append(&mut *session, &head(outcomes.len() as u64, message.len(), &[]), &message);
    session.append_finish(&mut again).unwrap();
    assert!(matches!(again[0].1, AppendOutcome::Stored(_)));
}

#[test]
fn no_room_for_another_file_is_a_full_disk_too() {
    let Some(disk) = SmallDisk::mount("size=4m,nr_inodes=12") else { return };
    let mut session = disk.connect().unwrap();
    session.open(&inbox()).unwrap();

    let failure = fill(&mut *session, &mut Vec::new());

    assert_eq!((failure.scope, failure.kind), (Scope::User, FailureKind::DiskFull));
}

#[test]
fn a_disk_that_may_not_be_written_is_named_with_the_remedy() {
    let Some(disk) = SmallDisk::mount("size=1m") else { return };
    disk.remount("ro");

    let failure = disk.connect().err().unwrap();

    assert_eq!((failure.scope, failure.kind), (Scope::User, FailureKind::Local));
    assert!(failure.to_string().contains(&disk.path().display().to_string()), "{failure}");
}
