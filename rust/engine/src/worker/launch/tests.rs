//! When a worker is launched, and when not.

use super::{Launch, Launcher, bring_back, ensure, is_alive, lease};
use crate::testing::Rig;
use crate::worker::lease::WorkerLock;
use imapmig_core::batch::RequestKind;
use imapmig_core::cancel::Cancel;
use imapmig_core::ids::WorkerId;
use imapmig_core::ports::store::BatchChange;
use imapmig_core::time::UnixMs;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

fn lease(rig: &Rig) {
    let now = rig.context.now();
    assert!(rig.context.requests.lease(WorkerId::new(), "process 1", now, UnixMs(i64::MIN)).unwrap());
}

#[test]
fn a_worker_is_alive_with_a_fresh_heartbeat_and_the_lock() {
    let rig = Rig::new();
    let nobody = is_alive(&rig.context).unwrap();
    let held = WorkerLock::take(&rig.context.directory, &Cancel::new()).unwrap().unwrap();
    let starting = is_alive(&rig.context).unwrap();
    lease(&rig);
    let running = is_alive(&rig.context).unwrap();
    rig.clock.advance(11_000);
    let silent = is_alive(&rig.context).unwrap();
    drop(held);

    assert_eq!((nobody, starting, running, silent), (false, false, true, false));
}

#[test]
fn a_killed_worker_is_known_by_its_free_lock_although_its_heartbeat_is_fresh() {
    let rig = Rig::new();
    lease(&rig);

    ensure(&rig.context).unwrap();

    assert_eq!(rig.launcher.launched.load(Ordering::SeqCst), 1);
}

#[test]
fn whoever_only_looks_starts_no_worker_beside_one_that_is_starting_and_one_where_there_is_none() {
    let rig = Rig::new();
    let source = rig.endpoint("E", 20, 10);
    let batch = rig.batch("B", source, &["ann@x.org"]);
    let change = BatchChange::default();
    rig.context.requests.request(batch, &[RequestKind::Start], &change, rig.context.now()).unwrap();
    let launched = || rig.launcher.launched.load(Ordering::SeqCst);

    let starting = WorkerLock::take(&rig.context.directory, &Cancel::new()).unwrap().unwrap();
    bring_back(&rig.context);
    let beside = launched();
    drop(starting);
    bring_back(&rig.context);

    assert_eq!((beside, launched()), (0, 1));
}

#[test]
fn looking_at_the_lock_is_seen_by_nobody_else_who_looks() {
    let rig = Rig::new();
    let file = fs::File::create(rig.context.directory.worker_lock()).unwrap();
    fs4::FileExt::try_lock_shared(&file).unwrap();

    assert!(!lease::is_held(&rig.context.directory).unwrap());
}

#[test]
fn only_one_worker_gets_the_lock() {
    let rig = Rig::new();
    let held = WorkerLock::take(&rig.context.directory, &Cancel::new()).unwrap();
    let cancelled = Cancel::new();
    cancelled.cancel();

    let second = WorkerLock::take(&rig.context.directory, &cancelled).unwrap();

    assert!(held.is_some() && second.is_none());
    assert!(lease::is_held(&rig.context.directory).unwrap());
    drop(held);
    assert!(!lease::is_held(&rig.context.directory).unwrap());
}

#[test]
fn a_missing_executable_is_named_with_the_remedy() {
    let rig = Rig::new();
    let launcher = Launcher::new(&rig.context.directory, Some(PathBuf::from("/nowhere/imapmig")));

    let error = launcher.launch(true).unwrap_err();

    assert_eq!(error.code, "WorkerNotFoundException");
    assert!(
        error.message.contains("/nowhere/imapmig") && error.message.contains("IMAPMIGRATION_WORKER"),
        "{}",
        error.message
    );
}

#[cfg(unix)]
mod with_a_script {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::time::{Duration, Instant};

    /// An executable that writes down how it was called, then waits for its standard input to end.
    fn script(rig: &Rig) -> PathBuf {
        let path = rig.context.directory.root().join("worker.sh");
        let called = rig.context.directory.root().join("called");
        let text =
            format!("#!/bin/sh\necho \"$@\" >> '{}'\necho told\n{}\n", called.display(), "exec sleep 1");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        path
    }

    fn called(rig: &Rig) -> String {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let text = fs::read_to_string(rig.context.directory.root().join("called")).unwrap_or_default();
            let told = fs::read_to_string(rig.context.directory.worker_log()).unwrap_or_default();
            if text.ends_with('\n') && !told.is_empty() {
                return text;
            }
            assert!(Instant::now() < deadline, "the worker was not started");
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_worker_is_started_once_with_its_state_directory_and_its_words_go_to_the_log() {
        let rig = Rig::new();
        let launcher = Launcher::new(&rig.context.directory, Some(script(&rig)));

        launcher.launch(true).unwrap();
        launcher.launch(true).unwrap();

        let expected = format!("worker --state-directory {}\n", rig.context.directory.root().display());
        assert_eq!(called(&rig), expected);
        assert_eq!(fs::read_to_string(rig.context.directory.worker_log()).unwrap(), "told\n");
    }
}
