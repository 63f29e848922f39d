//! Servers that break at the same place each time: one folder, one command, one message of the target's listing.

use super::servers::{USER, mail, messages, rig, source_server, target_server};
use imapmig_core::failure::FailureKind;
use imapmig_core::user::SkippedKind;
use imapmig_testkit::{Fault, Mailbox, OddAnswer, Personality, RunningServer, What, When};
use std::collections::BTreeSet;

const OTHERS: [&str; 3] = ["INBOX", "Archive", "Sent"];

/// A folder that breaks something, among others.
fn source(personality: Personality) -> RunningServer {
    let bad = Mailbox::new("Bad one").with_messages(messages(10));
    let others = OTHERS.iter().map(|name| Mailbox::new(name).with_messages(messages(3)));
    source_server(personality, others.chain([bad]).collect())
}

fn floods() -> [What; 3] {
    [What::Cut, What::endless("* OK still here"), What::endless("* FLAGS (\\Seen)")]
}

fn assert_others_arrive(source: &RunningServer, target: &RunningServer, what: &str) {
    for name in OTHERS {
        assert_eq!(mail(source, name), mail(target, name), "{name}, {what}");
    }
}

#[test]
fn a_source_folder_that_breaks_every_connection_costs_only_itself() {
    for what in floods() {
        let (source, target) = (source(Personality::dovecot()), target_server(Personality::dovecot()));
        for verb in ["EXAMINE", "STATUS"] {
            source.faults().arm(Fault::new(When::before(verb, "Bad one"), what.clone()).always());
        }
        let rig = rig(&source, &target);

        let failure = rig.initial().unwrap_err();

        assert_others_arrive(&source, &target, &format!("{what:.30?}"));
        assert_eq!(rig.reported(), [("Bad one".to_owned(), None, SkippedKind::FolderFailed)]);
        assert!(failure.to_string().contains("Bad one"), "{failure}");
        assert!(source.faults().fired() <= 8, "{} times, {what:.30?}", source.faults().fired());
    }
}

#[test]
fn a_target_folder_that_breaks_every_connection_costs_only_itself() {
    for (verb, kinds) in [("CREATE", 1), ("SELECT", 2), ("APPEND", 1)] {
        for what in floods().into_iter().take(kinds) {
            let (source, target) = (source(Personality::dovecot()), target_server(Personality::dovecot()));
            target.faults().arm(Fault::new(When::before(verb, "Bad one"), what.clone()).always());
            let rig = rig(&source, &target);

            let done = rig.initial();

            let case = format!("{verb} {what:.30?}");
            assert_others_arrive(&source, &target, &case);
            let failure = done.err().unwrap_or_else(|| panic!("{case}"));
            assert!(failure.to_string().contains("Bad one"), "{failure}, {case}");
            let folders = rig.reported().into_iter().filter(|(_, uid, _)| uid.is_none());
            let expected = [("Bad one".to_owned(), None, SkippedKind::FolderFailed)];
            assert_eq!(folders.collect::<Vec<_>>(), expected, "{case}");
            assert!(target.faults().fired() <= 30, "{} times, {case}", target.faults().fired());
        }
    }
}

#[test]
fn an_account_whose_only_folder_breaks_every_connection_ends_with_that_reason() {
    for what in floods() {
        let inbox = vec![Mailbox::new("INBOX").with_messages(messages(3))];
        let (source, target) =
            (source_server(Personality::dovecot(), inbox), target_server(Personality::dovecot()));
        source.faults().arm(Fault::new(When::before("EXAMINE", ""), what.clone()).always());

        let failure = rig(&source, &target).initial().unwrap_err();

        assert_eq!(failure.kind, FailureKind::Broken, "{failure}, {what:.30?}");
        assert!(failure.to_string().contains("INBOX") || what != What::Cut, "{failure}");
        assert!(source.faults().fired() <= 6, "{} times, {what:.30?}", source.faults().fired());
    }
}

#[test]
fn a_listing_of_folders_without_end_ends_the_sync_with_that_reason() {
    for line in ["* OK still here", "* LIST () \"/\" x"] {
        let (source, target) = (source(Personality::dovecot()), target_server(Personality::dovecot()));
        source.faults().arm(Fault::new(When::before("LIST", ""), What::endless(line)).always());

        let mut rig = rig(&source, &target);
        rig.retries.attempts = 1;

        let failure = rig.initial().unwrap_err();

        assert_eq!(failure.kind, FailureKind::Broken, "{failure}, {line}");
        assert!(source.faults().fired() <= 2, "{} times, {line}", source.faults().fired());
    }
}

/// Which message of the source has the UID 9 at the target.
fn uid_of_the_ninth(source: &RunningServer, target: &RunningServer) -> Option<u32> {
    let ninth = target.messages("terry", "INBOX").into_iter().find(|message| message.uid == 9)?;
    let here = source.messages("terry", "INBOX");
    here.iter()
        .find(|message| *message.raw == *ninth.raw && message.internal_date == ninth.internal_date)
        .map(|m| m.uid)
}

#[test]
fn a_message_of_the_target_that_breaks_its_listing_costs_only_itself() {
    let odd = [
        OddAnswer::MetadataEnds,
        OddAnswer::Metadata(b"* 2 FETCH (FLAGS (\\Seen UID 2\r\n".to_vec()),
        OddAnswer::Metadata(b"* 2 FETCH (UID 2 ENVELOPE {4294967295}\r\n".to_vec()),
    ];
    for odd in odd {
        // One that was there before, and one that is copied.
        for uids in [&[2][..], &[2, 9]] {
            let mut personality = Personality::dovecot();
            personality.fetch.odd = uids.iter().map(|uid| (*uid, odd.clone())).collect();
            let inbox = vec![Mailbox::new("INBOX").with_messages(messages(20))];
            let (source, target) = (source_server(Personality::dovecot(), inbox), target_server(personality));
            for message in messages(24).split_off(20) {
                target.deliver("terry", "INBOX", message);
            }
            let rig = rig(&source, &target);

            let done = rig.initial().unwrap_or_else(|failure| panic!("{odd:?}, {uids:?}: {failure}"));

            let there = mail(&target, "INBOX");
            assert_eq!(there.len(), 24, "{odd:?}, {uids:?}");
            assert!(mail(&source, "INBOX").iter().all(|message| there.contains(message)), "{odd:?}");
            assert_eq!(done.progress.synced_items, 20, "{odd:?}, {uids:?}");
            let of_ours = uids.contains(&9).then(|| uid_of_the_ninth(&source, &target));
            let expected: BTreeSet<_> = [None, of_ours].map(|uid| uid.flatten()).into_iter().collect();
            let reported = rig.reported();
            assert!(reported.iter().all(|(_, _, kind)| *kind == SkippedKind::NotVerified), "{reported:?}");
            assert_eq!(reported.iter().map(|(_, uid, _)| *uid).collect::<BTreeSet<_>>(), expected, "{odd:?}");
            assert!(rig.items().iter().any(|item| item.reason.contains("UID 2")), "{:#?}", rig.items());
        }
    }
}

#[test]
fn flags_that_change_are_carried_around_a_copy_that_cannot_be_listed() {
    let mut personality = Personality::dovecot();
    personality.fetch.odd = [(2, OddAnswer::MetadataEnds)].into();
    let inbox = vec![Mailbox::new("INBOX").with_messages(messages(5))];
    let (source, target) = (source_server(Personality::dovecot(), inbox), target_server(personality));
    let rig = rig(&source, &target);
    rig.initial().unwrap();

    for message in source.messages(USER, "INBOX") {
        source.set_flags(USER, "INBOX", message.uid, &["\\Flagged"]);
    }
    rig.incremental().unwrap();

    let flags = |uid| target.messages(USER, "INBOX").into_iter().find(|m| m.uid == uid).unwrap().flags;
    for uid in [1, 3, 4, 5] {
        assert!(flags(uid).contains("\\Flagged"), "{uid}");
    }
}
