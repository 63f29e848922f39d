//! Lines that break, messages that break them, workers that are killed, and folders side by side.

use super::{expected, found, message, migrated, numbers, uid_of};
use imapmig_testkit::{Account, Fault, Mailbox, Personality, RunningServer, Server, TooMany, What, When};
use imapmig_tests::migration::{Migration, Row};
use std::time::Duration;

#[test]
fn a_killed_worker_goes_on_behind_the_folders_that_were_compared() {
    let (source, _target, migration) = migrated();
    // Ten bodies of the first folder, some of the second.
    source.faults().arm(Fault::new(When::InFetchLiteral(10), What::Stall).skip(12));
    migration.json(&["batch", "confirm", "Batch", "--bytes"]);
    assert!(source.faults().wait_stalled(1, Duration::from_secs(30)));

    migration.kill_workers();
    source.faults().release();
    source.clear_transcript();
    let (code, view) = migration.confirm("Batch", &["--bytes"]);

    assert_eq!((code, numbers(&view)), (Some(0), [20, 20, 0, 0, 0, 0, 0]), "{view:#}");
    let opened = |folder: &str| {
        source.commands().iter().filter(|line| line.starts_with("EXAMINE") && line.contains(folder)).count()
    };
    assert_eq!((opened("INBOX"), opened("Projets")), (0, 1), "{:?}", source.commands());
}

#[test]
fn a_line_that_breaks_again_and_again_is_read_over_to_the_end() {
    let (source, target, migration) = migrated();
    for server in [&source, &target] {
        server.faults().arm(Fault::cut(When::Sent(9_000)).always());
    }
    source.deliver_copies("u", "INBOX", &message(7).build(), 60);
    target.deliver_copies("t", "INBOX", &message(7).build(), 60);

    let (code, view) = migration.confirm("Batch", &["--bytes"]);

    assert_eq!((code, numbers(&view)), (Some(0), [80, 80, 0, 0, 0, 0, 0]), "{view:#}");
    assert!(source.faults().fired() > 1 && target.faults().fired() > 1, "the lines broke");
}

/// Many small folders, migrated from a server with this personality.
fn many_folders(personality: Personality) -> (RunningServer, RunningServer, Migration) {
    let account = (0..48).fold(Account::new("u", "pw"), |account, at| {
        let messages = (at * 5..at * 5 + 5).map(|i| message(i).build());
        account.with_mailbox(Mailbox::new(&format!("folder {at}")).with_messages(messages))
    });
    let source = Server::new(personality).with_account(account).start().unwrap();
    let target = Server::new(Personality::dovecot()).with_account(Account::new("t", "pw")).start().unwrap();
    let migration = Migration::new();
    migration.endpoint("Source", source.port(), &[]);
    migration.endpoint("Target", target.port(), &[]);
    let row = [Row::new("u@contoso.edu", "u", "pw").target("t", "pw")];
    migration.migrate("Batch", "Source", Some("Target"), &row);
    (source, target, migration)
}

#[test]
fn folders_are_compared_side_by_side() {
    let (source, target, migration) = many_folders(Personality::dovecot());
    target.deliver("t", "folder 7", message(7 * 5).build());
    source.faults().arm(Fault::new(When::BeforeCommand("EXAMINE".into()), What::Stall).times(3));

    migration.json(&["batch", "confirm", "Batch"]);
    assert!(source.faults().wait_stalled(3, Duration::from_secs(30)), "three folders at the same time");
    source.faults().release();
    let (code, view) = migration.confirm("Batch", &[]);

    assert_eq!(code, Some(8), "{view:#}");
    assert_eq!(found(&view), expected(&[("Doubled", "folder 7", "message 35", false)]));
    assert_eq!((numbers(&view), &view["ComparedItemCount"]), ([240, 240, 0, 1, 0, 0, 0], &240.into()));
}

#[test]
fn a_server_that_grants_two_connections_is_compared_over_them() {
    let refusal = TooMany::No("[LIMIT] too many connections".to_owned());
    let (_source, _target, migration) = many_folders(Personality::dovecot().with_max_connections(2, refusal));

    let (code, view) = migration.confirm("Batch", &["--bytes"]);

    assert_eq!((code, numbers(&view)), (Some(0), [240, 240, 0, 0, 0, 0, 0]), "{view:#}");
}

#[test]
fn a_worker_that_is_killed_again_and_again_names_the_same_in_the_end() {
    let (source, target, migration) = many_folders(Personality::dovecot());
    let removed = uid_of(&target, "folder 3", &message(15).build());
    target.expunge("t", "folder 3", &[removed]);
    target.deliver("t", "folder 40", message(200).build());

    for body in [3, 40, 90, 20] {
        source.faults().arm(Fault::new(When::InFetchLiteral(10), What::Stall).skip(body));
        migration.json(&["batch", "confirm", "Batch", "--bytes"]);
        assert!(source.faults().wait_stalled(1, Duration::from_secs(30)), "at body {body}");
        migration.kill_workers();
        source.faults().release();
    }
    let (code, view) = migration.confirm("Batch", &["--bytes"]);

    let all = [("Missing", "folder 3", "message 15", false), ("Doubled", "folder 40", "message 200", false)];
    assert_eq!((code, found(&view)), (Some(8), expected(&all)), "{view:#}");
    assert_eq!((numbers(&view), &view["ComparedItemCount"]), ([240, 239, 1, 1, 0, 0, 0], &240.into()));
}

/// `message 2` with a body so long that a fault can strike within it and nowhere else.
fn long(filler: &str) -> Vec<u8> {
    let mut bytes = message(2).build().raw.to_vec();
    bytes.extend(format!("{}\r\n", filler.repeat(70)).repeat(100).into_bytes());
    bytes
}

#[test]
fn a_message_that_breaks_the_connection_while_contents_are_settled_is_an_entry_of_its_own() {
    let (source, target, migration) = migrated();
    // One header and two sizes: what is claimed is settled by reading both messages.
    target.replace_bytes("t", "INBOX", uid_of(&target, "INBOX", &message(2).build()), long("x"));
    let same = message(4).build().raw.to_vec();
    target.replace_bytes(
        "t",
        "INBOX",
        uid_of(&target, "INBOX", &message(4).build()),
        [same, b"y".to_vec()].concat(),
    );
    target.faults().arm(Fault::cut(When::InReply("FETCH".into(), 6_000)).always());

    for more in [&[][..], &["--bytes"]] {
        let (code, view) = migration.confirm("Batch", more);

        let all = [("Altered", "INBOX", "message 2", false), ("Altered", "INBOX", "message 4", false)];
        assert_eq!((code, found(&view)), (Some(8), expected(&all)), "{more:?}: {view:#}");
        assert_eq!(numbers(&view), [20, 18, 0, 0, 2, 0, 0]);
        let details = view["Findings"][0]["Details"].as_str().unwrap();
        assert!(details.contains("the target does not deliver the message"), "{details}");
    }
    assert_eq!(source.faults().fired(), 0);
}

#[test]
fn a_body_that_breaks_the_connection_to_the_source_is_named_by_its_header() {
    let (source, target, migration) = migrated();
    for (server, user) in [(&source, "u"), (&target, "t")] {
        let there = server.messages(user, "INBOX");
        let uid = there.iter().find(|one| one.raw == message(2).build().raw).unwrap().uid;
        server.replace_bytes(user, "INBOX", uid, long("x"));
    }
    source.faults().arm(Fault::cut(When::InReply("FETCH".into(), 6_000)).always());

    let (code, view) = migration.confirm("Batch", &["--bytes"]);

    assert_eq!(
        (code, found(&view)),
        (Some(8), expected(&[("Altered", "INBOX", "message 2", false)])),
        "{view:#}"
    );
    assert_eq!(numbers(&view), [20, 19, 0, 0, 1, 0, 0]);
}
