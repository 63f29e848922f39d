//! Confirm-MigrationBatch names exactly what was done to the target after a migration, and what the migration itself reported.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod lines;
mod real;
mod servers;

use std::time::Duration;

use imapmig_testkit::{
    Account, Fault, Mailbox, Message, MessageBuilder, Personality, RunningServer, Server, What, When,
};
use imapmig_tests::migration::{Migration, Row};
use serde_json::Value;

/// What a finding says: kind, folder, subject, and whether it is an exception.
type Found = (String, String, String, bool);

fn found(view: &Value) -> Vec<Found> {
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    let mut all: Vec<_> = view["Findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let exception = one["IsException"] == true;
            (text(one, "Kind"), text(one, "FolderName"), text(one, "Subject"), exception)
        })
        .collect();
    all.sort();
    all
}

fn expected(findings: &[(&str, &str, &str, bool)]) -> Vec<Found> {
    let owned = |(kind, folder, subject, exception): &(&str, &str, &str, bool)| {
        ((*kind).to_owned(), (*folder).to_owned(), (*subject).to_owned(), *exception)
    };
    let mut all: Vec<_> = findings.iter().map(owned).collect();
    all.sort();
    all
}

fn numbers(view: &Value) -> [u64; 7] {
    let names = [
        "SourceItemCount",
        "MatchedItemCount",
        "MissingItemCount",
        "DoubledItemCount",
        "AlteredItemCount",
        "ReportedItemCount",
        "ForeignItemCount",
    ];
    names.map(|name| view[name].as_u64().unwrap())
}

fn message(i: usize) -> MessageBuilder {
    let message = MessageBuilder::new(&format!("message {i}")).date(1_500_000_000 + i as i64 * 60);
    message.flag(["\\Flagged", "\\Seen"][i % 2])
}

/// Two folders with ten messages each, migrated.
fn migrated() -> (RunningServer, RunningServer, Migration) {
    let account =
        ["INBOX", "Projets"].iter().enumerate().fold(Account::new("u", "pw"), |account, (at, name)| {
            let messages = (at * 10..at * 10 + 10).map(|i| message(i).build());
            account.with_mailbox(Mailbox::new(name).with_messages(messages))
        });
    let source = Server::new(Personality::dovecot()).with_account(account).start().unwrap();
    let target = Server::new(Personality::dovecot()).with_account(Account::new("t", "pw")).start().unwrap();
    let migration = Migration::new();
    migration.endpoint("Source", source.port(), &[]);
    migration.endpoint("Target", target.port(), &[]);
    let row = [Row::new("u@contoso.edu", "u", "pw").target("t", "pw")];
    migration.migrate("Batch", "Source", Some("Target"), &row);
    (source, target, migration)
}

/// The UID of a message at the target.
fn uid_of(target: &RunningServer, folder: &str, message: &Message) -> u32 {
    let there = target.messages("t", folder);
    there.iter().find(|one| one.raw == message.raw).unwrap().uid
}

#[test]
fn an_untouched_migration_is_complete_by_headers_and_by_bytes() {
    let (source, target, migration) = migrated();
    target.clear_transcript();

    for more in [&[][..], &["--bytes"]] {
        let (code, view) = migration.confirm("Batch", more);

        assert_eq!((code, view["Result"].as_str()), (Some(0), Some("Complete")), "{view:#}");
        assert_eq!((numbers(&view), found(&view)), ([20, 20, 0, 0, 0, 0, 0], Vec::new()));
        assert_eq!(view["Users"][0]["Result"], "Complete");
    }

    for server in [&source, &target] {
        let changing = ["APPEND", "STORE", "UID STORE", "EXPUNGE", "UID EXPUNGE", "CREATE", "DELETE"];
        let changed: usize = changing.iter().map(|verb| server.count(verb)).sum();
        let of_migration = if std::ptr::eq(server, &target) { 0 } else { changed };
        assert_eq!(changed, of_migration, "a confirmation changes nothing");
    }
    assert_eq!(migration.status("Batch"), "Synced");
}

#[test]
fn every_kind_of_tampering_is_named_and_nothing_else() {
    let (_source, target, migration) = migrated();
    let at = |i: usize| uid_of(&target, "INBOX", &message(i).build());
    let [removed, altered, reflagged, one, other] = [0, 2, 4, 5, 6].map(at);
    target.expunge("t", "INBOX", &[removed]);
    target.deliver("t", "INBOX", message(1).build());
    let mut bytes = message(2).build().raw.to_vec();
    let last = bytes.len() - 3;
    bytes[last] = b'#';
    target.replace_bytes("t", "INBOX", altered, bytes);
    target.set_flags("t", "INBOX", reflagged, &[]);
    target.replace_bytes("t", "INBOX", one, message(6).build().raw.to_vec());
    target.replace_bytes("t", "INBOX", other, message(5).build().raw.to_vec());
    target.deliver("t", "Projets", message(99).build());
    let mut all = vec![
        ("Missing", "INBOX", "message 0", false),
        ("Doubled", "INBOX", "message 1", false),
        ("Altered", "INBOX", "message 4", false),
        ("Altered", "INBOX", "message 5", false),
        ("Altered", "INBOX", "message 6", false),
        ("Foreign", "Projets", "message 99", true),
        // With its place message 5 took a flag of message 6's, and the other way round.
        ("FlagsAdded", "INBOX", "", true),
        ("FlagsAdded", "INBOX", "", true),
    ];

    let (code, by_headers) = migration.confirm("Batch", &[]);
    assert_eq!((code, by_headers["Result"].as_str()), (Some(8), Some("Incomplete")));
    assert_eq!(found(&by_headers), expected(&all));
    assert_eq!(numbers(&by_headers), [20, 16, 1, 1, 3, 0, 1]);

    let (code, by_bytes) = migration.confirm("Batch", &["--bytes"]);
    all.push(("Altered", "INBOX", "message 2", false));
    assert_eq!((code, found(&by_bytes)), (Some(8), expected(&all)));
    let details = by_bytes["Findings"].as_array().unwrap().iter().find(|one| one["Subject"] == "message 2");
    assert!(details.unwrap()["Details"].as_str().unwrap().contains("content differs"), "{by_bytes:#}");
}

#[test]
fn what_users_do_at_the_target_leaves_a_migration_complete() {
    let (_source, target, migration) = migrated();
    target.deliver("t", "INBOX", message(50).build());
    let read = uid_of(&target, "INBOX", &message(2).build());
    target.set_flags("t", "INBOX", read, &["\\Flagged", "\\Seen"]);

    let (code, view) = migration.confirm("Batch", &[]);

    let all = [("Foreign", "INBOX", "message 50", true), ("FlagsAdded", "INBOX", "", true)];
    assert_eq!((code, view["Result"].as_str()), (Some(0), Some("CompleteWithExceptions")));
    assert_eq!(found(&view), expected(&all));
    assert_eq!(migration.confirm("Batch", &["--detailed-exit-code"]).0, Some(3));
}

#[test]
fn a_batch_that_is_not_at_rest_or_was_never_started_is_not_confirmed() {
    let (source, _target, migration) = migrated();
    let row = [Row::new("x@contoso.edu", "u", "pw")];
    migration.batch("Created", "Source", None, &row);

    let never = migration.refused(&["batch", "confirm", "Created"]);
    assert_eq!(never.code, "MigrationBatchCannotBeConfirmedException");
    assert!(never.message.contains("imapmig batch start"), "{}", never.message);
    assert_eq!(
        migration.refused(&["batch", "confirmation", "Created"]).code,
        "MigrationBatchNotConfirmedException"
    );

    source.faults().arm(Fault::new(When::BeforeCommand("EXAMINE".into()), What::Stall));
    migration.start("Created");
    assert!(source.faults().wait_stalled(1, Duration::from_secs(30)));
    let busy = migration.refused(&["batch", "confirm", "Created"]);
    source.faults().release();
    assert_eq!(busy.code, "MigrationBatchCannotBeConfirmedException");
    assert!(busy.message.contains("Syncing"), "{}", busy.message);
}
