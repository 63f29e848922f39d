//! The demo runs to its end, and what it leaves behind is what its sample server holds.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use imapmig_testkit::{Personality, Server, sample};
use imapmig_tests::Client;
use imapmig_tests::migration::{EMAILS, Migration};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

/// The messages of a Maildir and of all folders below it, with CRLF, sorted.
fn messages(maildir: &Path) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(maildir).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        match name.as_str() {
            "cur" | "new" => {
                let files = std::fs::read_dir(entry.path()).unwrap().flatten();
                found.extend(files.map(|file| with_crlf(&std::fs::read(file.path()).unwrap())));
            }
            "tmp" => assert_eq!(std::fs::read_dir(entry.path()).unwrap().count(), 0, "unfinished files"),
            _ if entry.path().is_dir() => found.extend(messages(&entry.path())),
            _ => {}
        }
    }
    found.sort();
    found
}

fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if *byte == b'\n' && out.last() != Some(&b'\r') {
            out.push(b'\r');
        }
        out.push(*byte);
    }
    out
}

#[test]
fn the_demo_ends_well_and_its_maildirs_hold_exactly_the_samples_messages() {
    let migration = Migration::new();

    let demo = migration.run(&["demo"]);

    assert_eq!(demo.code, Some(0), "{demo:#?}");
    for words in ["Step 1", "Step 6", "PS> New-MigrationBatch", "Status : Stopped", "IMAPMIGRATION_HOME"] {
        assert!(demo.stdout.contains(words), "{words}: {}", demo.stdout);
    }
    let sample =
        Server::new(Personality::dovecot()).with_accounts(sample::three_mailboxes()).start().unwrap();
    for (email, (login, _)) in EMAILS.into_iter().zip(sample::PEOPLE) {
        let stored = sample.snapshot(login).into_values().flatten();
        let mut wanted: Vec<Vec<u8>> = stored.map(|message| message.raw.to_vec()).collect();
        wanted.sort();
        let found = messages(&migration.mailboxes().join(email).join("Maildir"));
        assert!(found == wanted, "{email}: {} files for {} messages", found.len(), wanted.len());
    }
    assert_eq!(migration.json(&["user", "get"])["Users"].as_array().unwrap().len(), 3);
    assert_eq!(migration.status("IMAPBatch1"), "Stopped");
}

#[test]
fn the_sample_server_serves_until_its_input_ends() {
    let migration = Migration::new();
    let mut command = migration.command();
    let mut child =
        command.args(["demo", "--serve"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.trim().rsplit(':').next().unwrap().parse().unwrap();

    let mut client = Client::connect(port).unwrap();
    let (login, password) = sample::PEOPLE[0];
    client.login(login, password).unwrap();
    drop(child.stdin.take());

    assert!(child.wait().unwrap().success());
}

#[test]
fn the_demo_keeps_out_of_a_state_directory_that_is_in_use() {
    let server =
        Server::new(Personality::dovecot()).with_accounts(sample::three_mailboxes()).start().unwrap();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);

    let demo = migration.run(&["demo"]);

    assert_eq!((demo.code, demo.stdout.as_str()), (Some(1), ""));
    assert!(demo.stderr.contains("The demo needs a state directory of its own"), "{}", demo.stderr);
    assert_eq!(migration.json(&["batch", "get"])["Batches"].as_array().unwrap().len(), 0);
}
