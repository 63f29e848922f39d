//! Targets that make other names of folders than they were asked for, and say OK.

use super::servers::{USER, mail, messages, rig, source_server, target_server};
use imapmig_core::user::SkippedKind;
use imapmig_testkit::{Fault, KnownBy, Mailbox, MessageBuilder, Personality, What, When};

/// A target: what it does, the name that it makes, and names that it changes.
type Target = (&'static str, fn(&str) -> String, &'static [&'static str]);

const TARGETS: [Target; 6] = [
    ("trims blanks", |name| trimmed(name), &["Tail ", " Head", "Clients/ Contoso"]),
    ("folds case", str::to_lowercase, &["Projects", "Alpha/Beta"]),
    ("replaces quotes", |name| name.replace(['"', '\\'], "'"), &["He said \"no\"", "Back\\slash"]),
    ("replaces dots", |name| name.replace(['.', '~'], "_"), &["01.02.2024 Invoice", "~home", "a..b"]),
    (
        "joins blanks",
        |name| name.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "),
        &["Two  blanks"],
    ),
    (
        "cuts names off",
        |name| name.chars().take(20).collect(),
        &["A very long name of a folder, the first", "A very long name of a folder, the second"],
    ),
];

fn trimmed(name: &str) -> String {
    name.split('/').map(str::trim).collect::<Vec<_>>().join("/")
}

#[test]
fn a_folder_that_the_target_makes_under_another_name_is_filled_reported_and_found_again() {
    for (what, make, names) in TARGETS {
        for known_by in [KnownBy::ItsName, KnownBy::AnyName] {
            let mailboxes =
                names.iter().zip(2..).map(|(name, n)| Mailbox::new(name).with_messages(messages(n)));
            let source = source_server(Personality::dovecot(), mailboxes.collect());
            let target = target_server(Personality::dovecot().making(make, known_by));
            let rig = rig(&source, &target);
            let case = format!("{what}, {known_by:?}");

            rig.initial().unwrap_or_else(|failure| panic!("{case}: {failure}"));
            for name in names {
                source.deliver(USER, name, MessageBuilder::new("later").build());
            }
            let done = rig.incremental().unwrap_or_else(|failure| panic!("{case}, again: {failure}"));

            let mut expected: Vec<_> = names.iter().map(|name| mail(&source, name)).collect();
            let paths: Vec<_> = target.snapshot_by_path(USER).into_keys().collect();
            let found = paths.iter().map(|path| mail(&target, path));
            let mut found: Vec<_> = found.filter(|mail| !mail.is_empty()).collect();
            expected.sort();
            found.sort();
            assert!(expected == found, "{case}: {paths:?}");
            let reported = rig.reported();
            assert!(
                reported.iter().all(|(_, _, kind)| *kind == SkippedKind::FolderRenamed),
                "{case}: {reported:?}"
            );
            let mut renamed: Vec<_> = reported.iter().map(|(folder, _, _)| folder.as_str()).collect();
            let mut names = names.to_vec();
            renamed.sort_unstable();
            names.sort_unstable();
            assert_eq!(renamed, names, "{case}");
            assert!(
                !rig.report().iter().any(|line| line.contains("removed or renamed")),
                "{case}: {:#?}",
                rig.report()
            );
            assert_eq!(done.progress.verified_items, done.progress.synced_items, "{case}");
        }
    }
}

#[test]
fn a_target_that_falls_over_a_character_gets_the_folder_under_a_plain_name() {
    let mailboxes = ["R&D", "Sent"].map(|name| Mailbox::new(name).with_messages(messages(3)));
    let source = source_server(Personality::dovecot(), mailboxes.into());
    let target = target_server(Personality::dovecot());
    let oops = What::Answer("NO [SERVERBUG] invalid UTF-7".to_owned());
    target.faults().arm(Fault::new(When::before("CREATE", "&"), oops).always());
    let rig = rig(&source, &target);

    rig.initial().unwrap();

    assert_eq!(mail(&source, "R&D"), mail(&target, "R=26D"));
    assert_eq!(mail(&source, "Sent"), mail(&target, "Sent"));
    assert_eq!(rig.reported(), [("R&D".to_owned(), None, SkippedKind::FolderRenamed)]);
}
