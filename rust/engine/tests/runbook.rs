//! The documented runbook against a real socket, with a worker on a thread of this process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use imapmig_core::api::batch::{BatchCreateRequest, BatchListRequest, BatchUpdateRequest, BatchView};
use imapmig_core::api::endpoint::{EndpointCreateRequest, EndpointView};
use imapmig_core::api::operation::{OperationStarted, OperationWaitRequest};
use imapmig_core::api::server::{ServerTestRequest, ServerTestResult, TestResult};
use imapmig_core::api::user::{UserListRequest, UserStatisticsRequest, UserStatisticsView};
use imapmig_core::api::{ApiError, IdentityRequest};
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Security;
use imapmig_core::secret::Secret;
use imapmig_core::status::{BatchStatus, UserStatus};
use imapmig_engine::Engine;
use imapmig_engine::context::Context;
use imapmig_engine::context::Launch;
use imapmig_engine::worker::{self, WorkerEnd, WorkerOptions};
use imapmig_testkit::{
    Account, Fault, Mailbox, MessageBuilder, Personality, RunningServer, Server, What, When,
};
use serde::de::DeserializeOwned;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Starts the worker on a thread.
struct OnThread {
    options: WorkerOptions,
    cancel: Cancel,
    worker: Mutex<Option<JoinHandle<Result<WorkerEnd, ApiError>>>>,
}

impl Launch for OnThread {
    fn launch(&self, _insist: bool) -> Result<(), ApiError> {
        let mut worker = self.worker.lock().unwrap();
        if worker.as_ref().is_none_or(JoinHandle::is_finished) {
            let (options, cancel) = (self.options.clone(), self.cancel.clone());
            *worker = Some(thread::spawn(move || worker::run(&options, &cancel)));
        }
        Ok(())
    }
}

impl OnThread {
    fn end(&self) -> WorkerEnd {
        self.worker.lock().unwrap().take().expect("a worker runs").join().unwrap().unwrap()
    }
}

/// An administrator at a console.
struct Console {
    engine: Engine,
    launcher: Arc<OnThread>,
    directory: TempDir,
}

impl Console {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().display().to_string();
        let launcher = Arc::new(OnThread {
            options: WorkerOptions { state_directory: Some(state), stay: false },
            cancel: Cancel::new(),
            worker: Mutex::default(),
        });
        let context = imapmig_engine::open::open(Some(directory.path()), None).unwrap();
        let engine = Engine::with(Context { launcher: launcher.clone(), ..context });
        Self { engine, launcher, directory }
    }

    fn end<T: DeserializeOwned>(&self, started: Result<OperationStarted, ApiError>) -> Result<T, ApiError> {
        let operation_id = started?.operation_id;
        loop {
            let request = OperationWaitRequest { operation_id, timeout_ms: 200 };
            let state = self.engine.operation_wait(request).unwrap();
            if state.done {
                return state
                    .error
                    .map_or_else(|| Ok(serde_json::from_value(state.result.unwrap()).unwrap()), Err);
            }
        }
    }

    fn test(&self, port: u16, security: Security) -> ServerTestResult {
        let request = ServerTestRequest {
            remote_server: Some("127.0.0.1".to_owned()),
            port: Some(port),
            security: Some(security),
            ..ServerTestRequest::default()
        };
        self.end(self.engine.server_test(request)).unwrap()
    }

    fn endpoint(&self, name: &str, server: &RunningServer) -> EndpointView {
        let request = EndpointCreateRequest {
            name: name.to_owned(),
            remote_server: Some(server.host()),
            port: Some(server.port()),
            security: Some(Security::None),
            ..EndpointCreateRequest::default()
        };
        self.end(self.engine.endpoint_create(request)).unwrap()
    }

    fn start(&self, name: &str, rows: &str) -> BatchView {
        let csv = format!("EmailAddress,UserName,Password\n{rows}");
        let request = BatchCreateRequest {
            name: name.to_owned(),
            csv_base64: Secret::new(STANDARD.encode(csv)),
            source_endpoint: Some("Source".to_owned()),
            auto_start: true,
            ..BatchCreateRequest::default()
        };
        self.end(self.engine.batch_create(request)).unwrap()
    }

    fn batch(&self, name: &str) -> Result<BatchView, ApiError> {
        let request = BatchListRequest { identity: Some(name.to_owned()), ..BatchListRequest::default() };
        Ok(self.engine.batch_list(request)?.batches.remove(0))
    }

    fn statistics(&self, identity: &str) -> UserStatisticsView {
        let request =
            UserStatisticsRequest { identity: identity.to_owned(), ..UserStatisticsRequest::default() };
        self.engine.user_statistics(request).unwrap()
    }

    fn until(&self, what: &str, so: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !so() {
            assert!(Instant::now() < deadline, "never came true: {what}; {:?}", self.batch("Batch"));
            thread::park_timeout(Duration::from_millis(20));
        }
    }

    fn until_status(&self, name: &str, status: BatchStatus) {
        self.until(status.name(), || self.batch(name).is_ok_and(|batch| batch.status == status));
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.launcher.cancel.cancel();
        if let Some(worker) = self.launcher.worker.lock().unwrap().take() {
            let _ = worker.join();
        }
    }
}

fn named(identity: &str) -> IdentityRequest {
    IdentityRequest { identity: Some(identity.to_owned()) }
}

fn messages_below(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.file_name().to_str() {
            Some("cur" | "new") => std::fs::read_dir(entry.path()).map_or(0, Iterator::count),
            _ => messages_below(&entry.path()),
        })
        .sum()
}

fn account(login: &str, messages: usize) -> Account {
    let inbox = Mailbox::new("INBOX")
        .with_messages((0..messages).map(|n| MessageBuilder::new(&format!("Message {n}")).build()));
    let nested = Mailbox::new("Projects/Été 2024").with_message(MessageBuilder::new("Nested").build());
    Account::new(login, "secret").with_mailbox(inbox).with_mailbox(nested)
}

fn server(accounts: impl IntoIterator<Item = Account>) -> RunningServer {
    Server::new(Personality::dovecot()).with_accounts(accounts).start().unwrap()
}

#[test]
fn the_runbook_moves_mail_and_keeps_it_in_step() {
    let source = server([account("ann", 5), account("bob", 3)]);
    let console = Console::new();

    assert_eq!(console.test(source.port(), Security::None).result, TestResult::Success);
    console.endpoint("Source", &source);
    console.start("Batch", "ann@x.org,ann,secret\nbob@x.org,bob,secret\n");
    console.until_status("Batch", BatchStatus::Synced);

    let batch = console.batch("Batch").unwrap();
    assert_eq!((batch.total_count, batch.synced_count, batch.failed_count), (2, 2, 0));
    assert_eq!((batch.total_items, batch.synced_items, batch.skipped_items), (10, 10, 0));
    assert_eq!(batch.data_consistency_score.as_deref(), Some("Perfect"));
    let ann = console.statistics("ann@x.org");
    assert_eq!((ann.user.status, ann.percentage_complete), (UserStatus::Synced, 100));
    assert_eq!(messages_below(Path::new(&ann.target_path.unwrap())), 6);

    source.deliver("ann", "INBOX", MessageBuilder::new("New").build());
    let sync_now =
        BatchUpdateRequest { identity: "Batch".to_owned(), sync_now: true, ..BatchUpdateRequest::default() };
    let _: BatchView = console.end(console.engine.batch_update(sync_now)).unwrap();
    console.until("the new message is there", || console.statistics("ann@x.org").user.synced_item_count == 7);

    console.engine.batch_remove(named("Batch")).unwrap();
    console.until("removed", || console.batch("Batch").is_err());
    assert_eq!(console.launcher.end(), WorkerEnd::NothingLeft);
    console.engine.endpoint_remove(named("Source")).unwrap();
    assert_eq!(messages_below(&console.directory.path().join("mailboxes")), 11);
}

#[test]
fn a_wrong_password_fails_its_user_only_and_a_second_start_heals_it() {
    let source = server([account("ann", 2), account("bob", 2)]);
    let console = Console::new();
    console.endpoint("Source", &source);
    console.start("Batch", "ann@x.org,ann,secret\nbob@x.org,bob,secret\neve@x.org,eve,hunter2\n");

    console.until_status("Batch", BatchStatus::SyncedWithErrors);
    let request = UserListRequest { status: Some(UserStatus::Failed), ..UserListRequest::default() };
    let failed = console.engine.user_list(request).unwrap().users;
    let statistics = console.statistics("eve@x.org");
    source.add_account(Account::new("eve", "hunter2").with_mailbox(Mailbox::new("INBOX")));
    console.engine.batch_start(named("Batch")).unwrap();
    console.until_status("Batch", BatchStatus::Synced);
    let healed = console.statistics("eve@x.org");

    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].identity, "eve@x.org");
    let summary = failed[0].error_summary.clone().unwrap();
    assert!(summary.starts_with("We had trouble signing in to this account."), "{summary}");
    assert!(summary.contains("(source 127.0.0.1:") && summary.ends_with(", as eve)"), "{summary}");
    assert_eq!(statistics.error_code.as_deref(), Some("LoginRefused"));
    assert_eq!(statistics.error_type.as_deref(), Some("AuthenticationErrorException"));
    assert_eq!(statistics.error_side.as_deref(), Some("Source"));
    assert!(
        statistics.error_unix_ms.is_some() && statistics.error_unix_ms == statistics.last_failure_unix_ms
    );
    assert_eq!((healed.error_code, healed.last_failure_unix_ms), (None, statistics.last_failure_unix_ms));
    assert!(healed.initial_seeding_completed_unix_ms.is_some());
    assert!(!format!("{failed:?}").contains("hunter2"));
}

#[test]
fn a_batch_that_hangs_in_the_middle_of_a_message_stops_within_five_seconds_and_loses_nothing() {
    let source = Server::new(Personality::dovecot())
        .with_account(account("ann", 20))
        .with_fault(Fault::new(When::InFetchLiteral(100), What::Stall))
        .start()
        .unwrap();
    let console = Console::new();
    console.endpoint("Source", &source);
    console.start("Batch", "ann@x.org,ann,secret\n");
    console.until("it hangs", || source.commands().iter().any(|command| command.contains("BODY")));

    let asked = Instant::now();
    console.engine.batch_stop(named("Batch")).unwrap();
    console.until_status("Batch", BatchStatus::Stopped);
    let took = asked.elapsed();
    console.engine.batch_start(named("Batch")).unwrap();
    console.until_status("Batch", BatchStatus::Synced);

    assert!(took < Duration::from_secs(5), "{took:?}");
    let ann = console.statistics("ann@x.org");
    assert_eq!(ann.user.synced_item_count, 21);
    assert_eq!(messages_below(Path::new(&ann.target_path.unwrap())), 21);
}

#[test]
fn a_second_worker_leaves_the_first_alone() {
    let source = server([account("ann", 2)]);
    let console = Console::new();
    console.endpoint("Source", &source);
    console.start("Batch", "ann@x.org,ann,secret\n");
    console.until_status("Batch", BatchStatus::Synced);

    let second = worker::run(&console.launcher.options, &Cancel::new()).unwrap();

    assert_eq!(second, WorkerEnd::AlreadyRunning);
    assert!(!console.launcher.worker.lock().unwrap().as_ref().unwrap().is_finished());
}

#[test]
fn servers_that_cannot_be_used_are_told_apart() {
    let source = server([account("ann", 0)]);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let console = Console::new();

    let refused = console.test(closed, Security::None);
    let plain = console.test(source.port(), Security::Ssl);

    assert_eq!((refused.result, plain.result), (TestResult::Failed, TestResult::Failed));
    assert!(
        refused.message.contains("The connection to the server '127.0.0.1' could not be completed."),
        "{}",
        refused.message
    );
    assert!(
        refused.error_detail.starts_with("MigrationServerConnectionFailedException: "),
        "{}",
        refused.error_detail
    );
    assert!(plain.error_detail.contains("TLS negotiation failed."), "{}", plain.error_detail);
}

#[test]
fn an_analysis_counts_what_there_is_and_copies_nothing_until_the_batch_is_started() {
    let console = Console::new();
    let server = server([account("ann", 3), account("bob", 1)]);
    console.endpoint("Source", &server);
    let csv = "EmailAddress,UserName,Password\nann@x.org,ann,secret\nbob@x.org,bob,wrong\n";
    let request = BatchCreateRequest {
        name: "Batch".to_owned(),
        csv_base64: Secret::new(STANDARD.encode(csv)),
        source_endpoint: Some("Source".to_owned()),
        analyze: true,
        ..BatchCreateRequest::default()
    };
    let mailboxes = console.directory.path().join("mailboxes");

    let _: BatchView = console.end(console.engine.batch_create(request)).unwrap();
    console.until_status("Batch", BatchStatus::Stopped);
    let (analyzed, ann) = (console.batch("Batch").unwrap(), console.statistics("ann@x.org"));
    let copied = messages_below(&mailboxes);
    console.engine.batch_start(named("Batch")).unwrap();
    console.until_status("Batch", BatchStatus::SyncedWithErrors);

    let message = analyzed.message.unwrap();
    assert!(message.starts_with("The analysis is done: 1 of 2 users with 4 messages"), "{message}");
    assert_eq!((ann.user.status, ann.total_items_in_source_mailbox_count), (UserStatus::Stopped, 4));
    assert!(ann.estimated_total_transfer_bytes > 0);
    assert_eq!((analyzed.failed_count, copied), (1, 0));
    assert_eq!(console.statistics("ann@x.org").user.synced_item_count, 4);
    assert_eq!(messages_below(&mailboxes), 4);
}
