//! What scripts and shells hold on to: exit codes, completions, the manual.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use imapmig_testkit::{
    Account, Fault, Mailbox, MessageBuilder, Personality, RunningServer, Server, What, When, sample,
};
use imapmig_tests::migration::{EMAILS, Migration, Row, people};

fn server() -> RunningServer {
    Server::new(Personality::dovecot()).with_accounts(sample::three_mailboxes()).start().unwrap()
}

fn waited(migration: &Migration, seconds: &str) -> Option<i32> {
    migration.run(&["wait", "Batch", "--timeout-seconds", seconds]).code
}

#[test]
fn waiting_ends_with_0_when_everything_arrived_and_with_1_when_it_was_stopped() {
    let server = server();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    migration.batch("Batch", "Source", None, &people());

    migration.start("Batch");
    let done = waited(&migration, "60");
    migration.stop("Batch");
    migration.wait_until("Batch", &["Stopped"]);
    let stopped = waited(&migration, "60");

    assert_eq!((done, stopped), (Some(0), Some(1)));
}

#[test]
fn waiting_ends_with_4_when_a_user_failed() {
    let server = server();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    let mut rows = people();
    rows[0] = Row::new(EMAILS[0], "terry.adams", "wrong");
    migration.batch("Batch", "Source", None, &rows);

    migration.start("Batch");

    assert_eq!(waited(&migration, "60"), Some(4));
}

#[test]
fn waiting_ends_with_7_when_the_time_is_over() {
    let server = server();
    server
        .faults()
        .arm(Fault::new(When::BeforeCommand("UID FETCH".into()), What::Stall).for_account("ann.beebe"));
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    migration.batch("Batch", "Source", None, &people());

    migration.start("Batch");

    assert_eq!(waited(&migration, "1"), Some(7));
    migration.stop("Batch");
}

#[test]
fn waiting_ends_with_0_when_items_were_skipped_and_with_3_when_details_are_asked_for() {
    let large = MessageBuilder::new("large").size(90_000).build();
    let source =
        Account::new("terry.adams", "1091990").with_mailbox(Mailbox::new("INBOX").with_message(large));
    let source = Server::new(Personality::dovecot()).with_account(source).start().unwrap();
    let limited = Personality::dovecot().with_max_size(50_000, "NO [TOOBIG] Too big");
    let target = Server::new(limited).with_account(Account::new("terry", "7051990")).start().unwrap();
    let migration = Migration::new();
    migration.endpoint("Source", source.port(), &[]);
    migration.endpoint("Target", target.port(), &[]);
    let row = Row::new(EMAILS[0], "terry.adams", "1091990").target("terry", "7051990");
    migration.batch("Batch", "Source", Some("Target"), &[row]);

    migration.start("Batch");
    let plain = waited(&migration, "60");
    let detailed = migration.run(&["wait", "Batch", "--detailed-exit-code"]);

    assert_eq!(migration.statistics(EMAILS[0]).skipped(), 1);
    assert_eq!((plain, detailed.code), (Some(0), Some(3)), "{detailed:#?}");
}

#[test]
fn a_batch_without_skipped_items_ends_with_0_also_when_details_are_asked_for() {
    let server = server();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    migration.migrate("Batch", "Source", None, &people());

    assert_eq!(migration.run(&["wait", "Batch", "--detailed-exit-code"]).code, Some(0));
}

#[test]
fn every_code_that_is_no_error_of_a_batch_is_met() {
    let migration = Migration::new();

    assert_eq!(migration.run(&["config", "get"]).code, Some(0));
    assert_eq!(migration.run(&["batch", "remove", "Batch"]).code, Some(1), "not confirmed");
    assert_eq!(migration.run(&["wait", "--frobnicate"]).code, Some(2));
}

#[test]
fn a_server_that_refuses_and_a_name_that_is_not_there_are_told_apart() {
    let server = server();
    let migration = Migration::new();
    let port = server.port().to_string();
    let new = |server: &str, port: &str| {
        let endpoint = ["endpoint", "new", "--name", "Source", "--remote-server", server, "--port", port];
        migration.run(&[endpoint.as_slice(), &["--security", "Ssl"]].concat()).code
    };

    let (no_tls, unreachable) = (new("127.0.0.1", &port), new("127.0.0.1", "1"));

    assert_eq!((no_tls, unreachable), (Some(6), Some(6)));
    for command in [
        &["endpoint", "remove", "Nowhere", "--yes"][..],
        &["batch", "start", "Nowhere"],
        &["wait", "Nowhere"],
    ] {
        assert_eq!(migration.run(command).code, Some(5), "{command:?}");
    }
}

#[test]
fn the_help_lists_the_exit_codes() {
    let help = Migration::new().run(&["--help"]).stdout;

    assert!(help.contains("Exit codes:\n  0  done\n  1  failed"), "{help}");
}

#[test]
fn completions_name_every_command() {
    let migration = Migration::new();

    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = migration.run(&["completions", shell]);
        assert_eq!(script.code, Some(0));
        for word in ["test-server", "endpoint", "batch", "user", "wait", "config", "worker", "completions"] {
            assert!(script.stdout.contains(word), "{shell}: {word}");
        }
        // The state directory would be created by a command that needs it.
        assert!(!migration.home().join("state.db").exists());
    }
}

#[test]
fn the_manual_has_a_page_for_each_command_and_the_exit_codes() {
    let migration = Migration::new();
    let folder = migration.home().join("man");

    assert_eq!(migration.run(&["man", folder.to_str().unwrap()]).code, Some(0));

    for page in ["imapmig.1", "imapmig-batch.1", "imapmig-batch-new.1", "imapmig-wait.1"] {
        let text = std::fs::read_to_string(folder.join(page)).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
    let first = std::fs::read_to_string(folder.join("imapmig.1")).unwrap();
    assert!(first.contains("Exit codes:"), "{first}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_reply_that_does_not_fit_the_disk_is_a_failure_and_a_reader_that_has_seen_enough_is_none() {
    let run = |output: std::process::Stdio| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_imapmig"));
        program.args(["completions", "bash"]).stdout(output).output().unwrap()
    };
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (reader, closed) = std::io::pipe().unwrap();
    drop(reader);

    let cut_off = run(full.into());
    let read_no_further = run(closed.into());

    assert_eq!(cut_off.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&cut_off.stderr).contains("The reply can't be written"), "{cut_off:?}");
    assert_eq!((read_no_further.status.code(), read_no_further.stderr.len()), (Some(0), 0));
}
