//! Folders that the user removes or renames at the target between two syncs.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod sync_support;

use sync_support::Rig;
use sync_support::account::{Account, message, path};

/// An account with INBOX and Work, copied.
fn copied() -> (Account, Account, Rig) {
    let three = |folder: &str| (1..=3).map(|n| message(&format!("{folder} {n}"))).collect::<Vec<_>>();
    let source = Account::new().with("INBOX", three("in")).with("Work", three("work"));
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    (source, target, rig)
}

fn rename(target: &Account, from: &str, to: &str) {
    let mut state = target.state();
    let folder = state.folders.remove(&path(from)).unwrap();
    state.folders.insert(path(to), folder);
}

#[test]
fn a_folder_that_was_renamed_is_not_filled_again() {
    let (source, target, rig) = copied();
    rename(&target, "Work", "Done");
    source.set_flags("Work", 1, "\\Seen");

    let done = [rig.incremental().unwrap(), rig.incremental().unwrap()];

    assert_eq!(target.folder_names(), ["Done", "INBOX"]);
    assert_eq!((target.appends(), target.mail("Done").len()), (6, 3));
    for done in done {
        assert_eq!((done.progress.synced_items, done.progress.total_items), (6, 6));
    }
    let told = rig.report().into_iter().filter(|line| line.contains("removed or renamed at the target"));
    assert_eq!(told.count(), 1);
}

#[test]
fn one_that_only_stays_as_the_parent_of_others_was_removed_too() {
    let (_, target, rig) = copied();
    {
        let mut state = target.state();
        let work = state.folders.get_mut(&path("Work")).unwrap();
        work.selectable = false;
        work.messages.clear();
    }

    let done = rig.incremental().unwrap();

    assert_eq!((target.appends(), done.progress.synced_items), (6, 6));
}

#[test]
fn new_mail_goes_to_a_folder_of_the_old_name() {
    let (source, target, rig) = copied();
    rename(&target, "Work", "Done");
    rig.incremental().unwrap();
    source.deliver("Work", message("news"));

    rig.incremental().unwrap();
    source.deliver("Work", message("more news"));
    source.set_flags("Work", 2, "\\Answered");
    source.set_flags("Work", 4, "\\Flagged");
    rig.incremental().unwrap();

    assert_eq!(target.subjects("Work"), ["news", "more news"]);
    // Nothing that is said of the earlier messages touches the new folder's, which have the same UIDs.
    let flags: Vec<_> =
        target.state().folders[&path("Work")].messages.iter().map(|m| m.flags.to_string()).collect();
    assert_eq!(flags, ["\\Flagged", ""]);
    assert_eq!(target.appends(), 8);
}

#[test]
fn new_mail_after_the_removal_is_all_that_the_first_sync_after_it_brings() {
    let (source, target, rig) = copied();
    target.state().folders.remove(&path("Work"));
    source.deliver("Work", message("news"));

    let done = rig.incremental().unwrap();

    assert_eq!(target.subjects("Work"), ["news"]);
    assert_eq!((done.progress.synced_items, done.progress.total_items), (7, 7));
}

#[test]
fn an_account_that_was_made_anew_is_filled_again() {
    for same_validity in [false, true] {
        let (source, target, rig) = copied();
        target.state().folders.clear();
        target.clone().with("INBOX", []);
        let inbox = path("INBOX");
        target.state().folders.get_mut(&inbox).unwrap().validity += u32::from(!same_validity);

        rig.incremental().unwrap();

        assert_eq!(target.mail("Work"), source.mail("Work"), "same UIDVALIDITY: {same_validity}");
    }
}

#[test]
fn a_batch_made_anew_fills_it_again() {
    let (source, target, rig) = copied();
    target.state().folders.remove(&path("Work"));
    rig.incremental().unwrap();

    rig.made_anew().initial().unwrap();

    assert_eq!(target.mail("Work"), source.mail("Work"));
}
