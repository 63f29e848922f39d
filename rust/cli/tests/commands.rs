//! Every command of the program, against a server of the test's own: replies, exit codes, and what goes where.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use imapmig_testkit::{Account, Fault, Personality, RunningServer, Server, What, When, sample};
use imapmig_tests::migration::{EMAILS, Migration, people};
use imapmig_tests::wait_until;
use serde_json::Value;
use std::process::Stdio;
use std::time::{Duration, Instant};

fn server() -> RunningServer {
    Server::new(Personality::dovecot()).with_accounts(sample::three_mailboxes()).start().unwrap()
}

/// A state directory with the endpoint `Source` and the batch `Batch`, which was synced.
fn synced(server: &RunningServer) -> Migration {
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    migration.migrate("Batch", "Source", None, &people());
    migration
}

#[track_caller]
fn has(view: &Value, names: &[&str]) {
    for name in names {
        assert!(view.get(*name).is_some(), "no {name} in {view:#}");
    }
}

#[test]
fn a_server_is_tested_with_exit_code_0_or_6() {
    let server = server();
    let migration = Migration::new();
    let port = server.port().to_string();
    let test = ["test-server", "--remote-server", "127.0.0.1", "--port", &port, "--security"];

    let good = migration.run(&[test.as_slice(), &["None"]].concat());
    let bad = migration.run(&[test.as_slice(), &["Ssl", "--json"]].concat());

    assert_eq!((good.code, good.stdout.as_str(), good.stderr.as_str()), (Some(0), "Success\n", ""));
    assert_eq!(bad.code, Some(6));
    let result: Value = serde_json::from_str(&bad.stdout).unwrap();
    has(&result, &["Result", "Message", "SupportsCutover", "ErrorDetail"]);
    assert_eq!(result["Result"], "Failed");
}

#[test]
fn an_endpoint_is_made_shown_changed_tested_and_removed() {
    let server = server();
    let migration = Migration::new();

    let made = migration.endpoint("Source", server.port(), &["--max-concurrent-migrations", "50"]);
    has(
        &made,
        &["Identity", "Guid", "EndpointType", "RemoteServer", "Port", "Security", "MaxConcurrentMigrations"],
    );
    assert_eq!((&made["EndpointType"], &made["MaxConcurrentMigrations"]), (&"IMAP".into(), &50.into()));

    let changed = migration.json(&["endpoint", "set", "Source", "--max-concurrent-incremental-syncs", "25"]);
    assert_eq!(changed["MaxConcurrentIncrementalSyncs"], 25);
    assert_eq!(migration.json(&["test-server", "--endpoint", "Source"])["Result"], "Success");
    assert!(migration.run(&["endpoint", "get"]).stdout.contains("Source"));
    assert_eq!(
        migration.json(&["endpoint", "get", "--type", "Maildir"])["Endpoints"],
        Value::Array(Vec::new())
    );

    let unasked = migration.run(&["endpoint", "remove", "Source"]);
    assert_eq!(unasked.code, Some(1));
    assert!(unasked.stderr.contains("--yes"), "{unasked:#?}");
    assert!(migration.run(&["endpoint", "remove", "Source", "--yes"]).worked());
    let gone = migration.refused(&["endpoint", "get", "Source"]);
    assert_eq!(
        (gone.code.as_str(), gone.category.as_str()),
        ("ManagementObjectNotFoundException", "ObjectNotFound")
    );
}

#[test]
fn an_endpoint_that_opens_the_administrators_own_mailbox_for_everybody_fails_its_test() {
    let accounts = [Account::new("terry.adams", "1091990"), Account::new("mailadmin", "P@ssw0rd").admin()];
    let test = |personality| {
        let server = Server::new(personality).with_accounts(accounts.clone()).start().unwrap();
        let migration = Migration::new();
        let options = ["--administrator-user-name", "mailadmin", "--administrator-password-file", "-"];
        let port = server.port().to_string();
        let new = ["endpoint", "new", "--name", "Target", "--remote-server", "127.0.0.1", "--port", &port];
        let more = ["--security", "None", "--test-mailbox", "terry.adams", "--skip-verification"];
        let made = migration.run_with_input(&[&new[..], &options, &more].concat(), b"P@ssw0rd\n");
        assert!(made.worked(), "{made:#?}");
        migration.run(&["test-server", "--endpoint", "Target"])
    };

    let (honoured, ignored) = (test(Personality::dovecot()), test(Personality::courier_like()));

    assert_eq!((honoured.code, honoured.stdout.as_str()), (Some(0), "Success\n"), "{honoured:#?}");
    assert_eq!(ignored.code, Some(6));
    assert!(ignored.stdout.contains("ignores whose mail \"mailadmin\" asks for"), "{ignored:#?}");
}

#[test]
fn a_batch_is_made_started_waited_for_changed_stopped_and_removed() {
    let server = server();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    let made = migration.batch("Batch", "Source", None, &people()[..2]);
    has(
        &made,
        &[
            "Identity",
            "BatchGuid",
            "Status",
            "TotalCount",
            "SourceEndpoint",
            "TargetEndpoint",
            "ValidationWarnings",
        ],
    );
    assert_eq!((&made["Status"], &made["TotalCount"]), (&"Stopped".into(), &2.into()));

    migration.start("Batch");
    let waited = migration.run(&["wait", "Batch", "--timeout-seconds", "60", "--json"]);
    let synced: Value = serde_json::from_str(&waited.stdout).unwrap();
    assert_eq!((waited.code, &synced["Status"]), (Some(0), &"Synced".into()));

    let more = migration.write_file(
        "more.csv",
        b"EmailAddress,UserName,Password\r\npaulc@contoso.edu,paul.cannon,3281986\r\n",
    );
    let more = ["batch", "set", "Batch", "--add-users-csv-file", more.to_str().unwrap()];
    assert_eq!(migration.json(&more)["TotalCount"], 3);

    migration.start("Batch");
    migration.wait_until("Batch", &["Synced"]);
    migration.stop("Batch");
    migration.wait_until("Batch", &["Stopped"]);
    assert_eq!(migration.run(&["wait", "Batch"]).code, Some(1));
    migration.remove("Batch");
    assert_eq!(migration.json(&["batch", "get"])["Batches"], Value::Array(Vec::new()));
    assert!(migration.mailboxes().join(EMAILS[2]).join("Maildir/cur").is_dir(), "migrated mail stays");
}

#[test]
fn users_are_shown_with_their_numbers_and_counts_add_up() {
    let server = server();
    let migration = synced(&server);

    let users = migration.json(&["user", "get", "--batch-id", "Batch", "--status", "Synced"]);
    let one = migration.statistics(EMAILS[0]);
    let table = migration.run(&["user", "statistics", EMAILS[0]]);

    let users = users["Users"].as_array().unwrap();
    assert_eq!(users.len(), 3);
    has(
        &users[0],
        &["Identity", "Guid", "BatchId", "Status", "StatusSummary", "SyncedItemCount", "SkippedItemCount"],
    );
    has(
        &one.view,
        &["PercentageComplete", "EstimatedTotalTransferBytes", "BytesTransferred", "Report", "TargetPath"],
    );
    assert!(one.adds_up());
    assert_eq!(one.total(), server.message_count("terry.adams") as u64);
    assert!(table.stdout.contains(EMAILS[0]) && table.stdout.contains("Synced"), "{table:#?}");
    let batch = migration.batch_view("Batch");
    let sum: u64 = EMAILS.iter().map(|email| migration.statistics(email).synced()).sum();
    assert_eq!(batch["SyncedItems"], sum);
}

#[test]
fn settings_are_shown_and_changed() {
    let server = server();
    let migration = Migration::new();
    migration.endpoint("Elsewhere", server.port(), &[]);

    let before = migration.json(&["config", "get"]);
    migration.json(&["config", "set", "--target-endpoint", "Elsewhere", "--max-number-of-batches", "7"]);
    let after = migration.json(&["config", "get"]);

    has(
        &before,
        &[
            "TargetEndpoint",
            "MaxNumberOfBatches",
            "MaxConcurrentMigrations",
            "StateDirectory",
            "EndpointCount",
        ],
    );
    assert_eq!(before["TargetEndpoint"], "Local");
    assert_eq!((&after["TargetEndpoint"], &after["MaxNumberOfBatches"]), (&"Elsewhere".into(), &7.into()));
    let refused = migration.refused(&["config", "set", "--target-endpoint", "Nowhere"]);
    assert!(refused.message.contains("Nowhere"), "{refused:?}");
}

#[test]
fn errors_go_to_standard_error_alone() {
    let migration = Migration::new();

    let plain = migration.run(&["batch", "get", "Unknown"]);
    let json = migration.run(&["batch", "get", "Unknown", "--json"]);
    let wrong = migration.run(&["batch", "frobnicate"]);

    assert_eq!((plain.code, plain.stdout.as_str()), (Some(5), ""));
    assert_eq!(plain.stderr, "imapmig: The migration batch \"Unknown\" can't be found.\n");
    assert_eq!((json.code, json.stdout.as_str()), (Some(5), ""));
    let error: Value = serde_json::from_str(&json.stderr).unwrap();
    has(&error, &["Code", "Category", "Message", "Retryable", "Target"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(2), ""));
}

#[test]
fn passwords_are_read_from_standard_input_and_shown_nowhere() {
    let server = server();
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    let csv = b"EmailAddress,UserName,Password\r\nterrya@contoso.edu,terry.adams,wrong-5ecret\r\n";

    let arguments =
        ["batch", "new", "--name", "Batch", "--csv-file", "-", "--source-endpoint", "Source", "--auto-start"];
    let made = migration.run_with_input(&arguments, csv);
    assert!(made.worked(), "{made:#?}");
    migration.wait_until("Batch", &["Failed"]);

    let said = migration.account("Batch") + &made.stdout + &made.stderr;
    assert!(!said.contains("wrong-5ecret"), "{said}");
    for entry in std::fs::read_dir(migration.home()).unwrap().flatten().filter(|entry| entry.path().is_file())
    {
        let bytes = std::fs::read(entry.path()).unwrap();
        assert!(!bytes.windows(12).any(|at| at == b"wrong-5ecret"), "{}", entry.path().display());
    }
}

#[test]
fn a_worker_ends_by_itself_when_nothing_is_left_and_stays_when_told_to() {
    let migration = Migration::new();
    let mut short = migration.worker();
    assert!(wait_until(Duration::from_secs(20), || short.has_ended()), "it is still there");

    let mut staying = migration.command().args(["worker", "--stay"]).stderr(Stdio::null()).spawn().unwrap();
    let shows_itself = || !migration.json(&["config", "get"])["Worker"].is_null();
    assert!(wait_until(Duration::from_secs(20), shows_itself), "the worker is not shown");
    let second = migration.run(&["worker"]);
    assert_eq!(second.code, Some(0));
    assert!(second.stderr.contains("another worker"), "{second:#?}");
    assert!(staying.try_wait().unwrap().is_none());
    #[cfg(unix)]
    {
        let asked = std::process::Command::new("kill").arg(staying.id().to_string()).status().unwrap();
        assert!(asked.success());
        assert!(staying.wait().unwrap().success(), "SIGTERM is a request to end");
    }
    // A process without a console gets no such request there.
    #[cfg(windows)]
    staying.kill().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_that_crashes_leaves_no_core_dump_with_passwords() {
    let migration = Migration::new();
    let mut worker = migration.command().args(["worker", "--stay"]).stderr(Stdio::null()).spawn().unwrap();
    let shows_itself = || !migration.json(&["config", "get"])["Worker"].is_null();
    assert!(wait_until(Duration::from_secs(20), shows_itself), "the worker is not shown");

    let limits = std::fs::read_to_string(format!("/proc/{}/limits", worker.id())).unwrap();
    worker.kill().unwrap();
    worker.wait().unwrap();

    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
}

#[test]
fn the_work_goes_on_after_the_command_has_ended_and_stops_when_asked() {
    let server = server();
    server
        .faults()
        .arm(Fault::new(When::BeforeCommand("UID FETCH".into()), What::Stall).for_account("ann.beebe"));
    let migration = Migration::new();
    migration.endpoint("Source", server.port(), &[]);
    migration.batch_with("Batch", "Source", None, &people(), &["--auto-start"]);

    migration.wait_for_user(EMAILS[0], Duration::from_secs(30), |user| user["Status"] == "Synced");
    assert_eq!(migration.status("Batch"), "Syncing");
    let asked = Instant::now();
    migration.stop("Batch");
    migration.wait_for("Batch", Duration::from_secs(30), |batch| batch["Status"] == "Stopped");

    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}
