//! Source folders whose names the target does not tell apart: each gets a folder of its own.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sync_support;

use imapmig_core::user::SkippedKind;
use sync_support::Rig;
use sync_support::account::{Account, message};

/// The folders at the target and their subjects.
fn held(target: &Account) -> Vec<(String, Vec<String>)> {
    let held = |name: String| {
        let subjects = target.subjects(&name);
        (name, subjects)
    };
    target.folder_names().into_iter().map(held).collect()
}

fn folders(expected: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let folder = |(name, subjects): &(&str, &[&str])| {
        ((*name).to_owned(), subjects.iter().map(|s| (*s).to_owned()).collect())
    };
    expected.iter().map(folder).collect()
}

#[test]
fn folders_that_the_target_does_not_tell_apart_do_not_share_one() {
    for lanes in [1, 3] {
        let source = Account::new().with("List", [message("a")]).with("list", [message("a"), message("b")]);
        let target = Account::new().having(|t| t.folds_names = true);
        let mut rig = Rig::new(&source, &target);
        rig.lanes = lanes;

        let done = rig.initial().unwrap().progress;
        source.deliver("list", message("c"));
        rig.incremental().unwrap();

        let mut subjects: Vec<_> = held(&target)
            .into_iter()
            .map(|(_, mut subjects)| {
                subjects.sort();
                subjects
            })
            .collect();
        subjects.sort();
        assert_eq!(subjects, [vec![], vec!["a".to_owned()], ["a", "b", "c"].map(str::to_owned).to_vec()]);
        assert_eq!((done.total_items, done.synced_items, done.verified_items), (3, 3, 3));
        let reported: Vec<_> = rig.items().into_iter().map(|item| item.kind).collect();
        assert_eq!(reported, [SkippedKind::FolderRenamed]);
    }
}

#[test]
fn a_folder_that_comes_later_leaves_the_first_one_s_alone() {
    let source = Account::new().with("Plans ", [message("a")]);
    let target = Account::new().having(|t| t.folds_names = true);
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    let source = source.with("Plans", ["a", "b"].map(message));

    rig.incremental().unwrap();
    rig.incremental().unwrap();

    assert_eq!(held(&target), folders(&[("INBOX", &[]), ("Plans ", &["a"]), ("Plans (2)", &["b", "a"])]));
    drop(source);
}

#[test]
fn folders_that_only_look_alike_keep_their_names() {
    let source = Account::new().with("List", [message("a")]).with("list", [message("b")]);
    let target = Account::new();
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(held(&target), folders(&[("INBOX", &[]), ("List", &["a"]), ("list", &["b"])]));
    assert_eq!(rig.reported(), []);
}
