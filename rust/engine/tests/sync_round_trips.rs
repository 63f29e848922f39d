//! How often a sync waits for a server: a budget that does not grow with the number of folders.

#![allow(clippy::unwrap_used, reason = "tests")]

#[allow(dead_code, reason = "no users are counted")]
#[path = "../src/testing/intercepted_store.rs"]
mod intercepted_store;
mod sync_support;

use imapmig_core::endpoint::Security;
use imapmig_core::ids::WorkerId;
use imapmig_core::ports::store::{Ports, Requests as _, Store, StoreResult};
use imapmig_core::secret::Secret;
use imapmig_engine::sync::{SyncKind, UserSync, run_user};
use imapmig_imap::connectors::{source_connector, target_connector};
use imapmig_imap::literals::{LiteralHabits, ServerMemory};
use imapmig_imap::{ImapServer, Login};
use imapmig_store::SqliteStore;
use imapmig_testkit::{Account, Mailbox, MessageBuilder, Personality, Pipelining, RunningServer, Server};
use intercepted_store::{Intercepted, Interceptor, Users};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use sync_support::Rig;

const USER: &str = "terry";
const LANES: usize = 4;
/// How long the servers hold their answers back, so that what is sent meanwhile counts as pipelined.
const ROUND_TRIP: Duration = Duration::from_millis(20);

/// Servers that have shown before that they drop the literals of refused commands.
struct Earned;

impl ServerMemory for Earned {
    fn recall(&self, _server: &str) -> Option<bool> {
        Some(true)
    }

    fn remember(&self, _server: &str, _trusted: bool) {}
}

fn started(personality: Personality, folders: usize, round_trip: Duration) -> RunningServer {
    let message = |folder: usize, n: usize| {
        let date = 1_600_000_000 + i64::try_from(folder * 10 + n).unwrap();
        MessageBuilder::new(&format!("{folder} {n}"))
            .message_id(Some(&format!("<{folder}.{n}@contoso.edu>")))
            .date(date)
            .internal_date(date)
            .flag("\\Seen")
            .build()
    };
    let mailbox = |folder: usize| {
        let messages = (0..3).map(|n| message(folder, n));
        messages.fold(Mailbox::new(&name(folder)), Mailbox::with_message)
    };
    let account = (0..folders).map(mailbox).fold(Account::new(USER, "pw"), Account::with_mailbox);
    Server::new(personality).with_account(account).with_round_trip_time(round_trip).start().unwrap()
}

fn name(folder: usize) -> String {
    format!("Folder{folder:03}")
}

fn rig(source: &RunningServer, target: &RunningServer) -> Rig {
    let at = |server: &RunningServer| ImapServer {
        host: server.host(),
        port: server.port(),
        security: Security::None,
        accept_untrusted_certificates: false,
        extra_ca_pem: None,
    };
    let login = || Login::Password { user_name: USER.to_owned(), password: Secret::from("pw") };
    let habits = LiteralHabits::new(Arc::new(Earned));
    let mut rig = Rig::between(
        source_connector(at(source), login(), None),
        target_connector(at(target), login(), &habits),
    );
    rig.lanes = LANES;
    rig
}

/// Bytes, date and flags of a folder's messages, sorted.
fn mail(server: &RunningServer, folder: usize) -> Vec<(Vec<u8>, i64, Vec<String>)> {
    let messages = server.messages(USER, &name(folder)).into_iter();
    let mut mail: Vec<_> = messages
        .map(|m| {
            let flags = m.flags.iter().filter(|flag| *flag != "\\Recent").cloned().collect();
            (m.raw.to_vec(), m.internal_date, flags)
        })
        .collect();
    mail.sort();
    mail
}

fn assert_same_mail(source: &RunningServer, target: &RunningServer, folders: usize) {
    for folder in 0..folders {
        let there = mail(target, folder);
        assert_eq!(there.len(), 3, "folder {folder}");
        assert_eq!(there, mail(source, folder), "folder {folder}");
    }
}

fn busiest(server: &RunningServer) -> u64 {
    server.round_trips_by_connection().into_values().max().unwrap_or_default()
}

#[test]
fn a_first_copy_of_small_folders_costs_one_round_trip_each_to_the_source_and_two_to_the_target() {
    const FOLDERS: usize = 60;
    /// What a connection costs before its first folder, and what is done once.
    const OPENING: usize = 8;
    let source = started(Personality::dovecot(), FOLDERS, ROUND_TRIP);
    let target = started(Personality::dovecot(), 0, ROUND_TRIP);

    rig(&source, &target).initial().unwrap();

    assert_same_mail(&source, &target, FOLDERS);
    let most = |each: usize| (each * FOLDERS + OPENING * LANES) as u64;
    let (here, there) = (source.round_trips(), target.round_trips());
    assert!(
        here <= most(1) && there <= most(2),
        "source {here}, target {there}, budgets {} and {}",
        most(1),
        most(2)
    );
    let busiest_may = (2 * FOLDERS / LANES + 20) as u64;
    let (here, there) = (busiest(&source), busiest(&target));
    assert!(here <= busiest_may && there <= busiest_may, "{here}, {there}, budget {busiest_may}");
}

#[test]
fn a_small_mailbox_is_copied_over_one_connection_to_each_side() {
    let source = started(Personality::dovecot(), 6, ROUND_TRIP);
    let target = started(Personality::dovecot(), 0, ROUND_TRIP);

    rig(&source, &target).initial().unwrap();

    assert_same_mail(&source, &target, 6);
    assert_eq!((source.connections_accepted(), target.connections_accepted()), (1, 1));
}

#[test]
fn an_initial_sync_opens_each_source_folder_once() {
    const FOLDERS: usize = 12;
    let source = started(Personality::dovecot(), FOLDERS, Duration::ZERO);
    let target = started(Personality::dovecot(), 0, Duration::ZERO);

    rig(&source, &target).initial().unwrap();

    assert_same_mail(&source, &target, FOLDERS);
    let opens = |command: &String| command.starts_with("SELECT") || command.starts_with("EXAMINE");
    let mut opened: Vec<_> = source.commands().into_iter().filter(opens).collect();
    let number = opened.len();
    opened.sort();
    opened.dedup();
    assert_eq!(number, opened.len(), "some were opened twice: {opened:?}");
    // The account has an INBOX too.
    assert!((FOLDERS..=FOLDERS + 1).contains(&number), "{opened:?}");
}

#[test]
fn a_target_folder_is_opened_once_and_once_more_only_in_the_round_trip_of_its_appends() {
    const FOLDERS: usize = 12;
    let source = started(Personality::dovecot(), FOLDERS, Duration::ZERO);
    let target = started(Personality::dovecot(), 0, Duration::ZERO);

    rig(&source, &target).initial().unwrap();

    assert_same_mail(&source, &target, FOLDERS);
    let commands = target.commands();
    let is_open = |command: &str| command.starts_with("SELECT") || command.starts_with("EXAMINE");
    let mut opened: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, command) in commands.iter().enumerate().filter(|(_, command)| is_open(command)) {
        let times = opened.entry(command).or_default();
        *times += 1;
        // The second one stands between the last append and the listing of what was appended; see `a_listing_along_is_complete`.
        let (before, after) = (&commands[at - 1], commands.get(at + 1));
        let is_along =
            before.starts_with("APPEND") && after.is_some_and(|next| next.starts_with("UID FETCH"));
        assert_eq!(*times == 2, is_along, "{before} / {command} / {after:?}");
    }
    assert!(opened.values().all(|times| *times <= 2), "{opened:?}");
}

/// A store that counts how often each method is called.
struct Methods {
    inner: Arc<SqliteStore>,
    called: Mutex<BTreeMap<&'static str, usize>>,
}

impl Interceptor for Methods {
    fn call<T: Users>(
        &self,
        method: &'static str,
        run: impl FnOnce(&dyn Store) -> StoreResult<T>,
    ) -> StoreResult<T> {
        *self.called.lock().unwrap().entry(method).or_default() += 1;
        run(self.inner.as_ref())
    }

    fn fenced(&self, worker: WorkerId) -> Ports {
        self.inner.fenced(worker)
    }
}

#[test]
fn a_folder_reads_its_ledger_once_whatever_became_of_its_messages() {
    const FOLDERS: usize = 5;
    let source = started(Personality::dovecot(), FOLDERS, Duration::ZERO);
    let target = started(Personality::dovecot(), 0, Duration::ZERO);
    let rig = rig(&source, &target);
    let methods = Methods { inner: Arc::clone(&rig.store), called: Mutex::default() };
    let store = Arc::new(Intercepted(methods));
    let run = |kind| {
        let (ledger, diary, users) = (store.clone(), store.clone(), store.clone());
        run_user(&UserSync { ledger, diary, users, ..rig.sync_of(kind) }).unwrap();
        let called = std::mem::take(&mut *store.called.lock().unwrap());
        called.get("ledger").copied().unwrap_or_default()
    };

    let initial = run(SyncKind::Initial);
    source.set_flags(USER, &name(2), 1, &["\\Flagged"]);
    let of_one = run(SyncKind::Incremental);
    let of_none = run(SyncKind::Incremental);

    assert_same_mail(&source, &target, FOLDERS);
    // The account has an INBOX too, which is empty.
    assert!((FOLDERS..=FOLDERS + 1).contains(&initial), "{initial} ledgers were read");
    assert_eq!((of_one, of_none), (1, 0));
}

#[test]
fn a_run_with_nothing_new_costs_twelve_round_trips_however_many_folders_there_are() {
    for folders in [3, 60] {
        let source = started(Personality::dovecot(), folders, ROUND_TRIP);
        let target = started(Personality::dovecot(), 0, ROUND_TRIP);
        let rig = rig(&source, &target);
        rig.initial().unwrap();
        source.clear_round_trips();
        target.clear_round_trips();

        let done = rig.incremental().unwrap();

        let round_trips = (source.round_trips(), target.round_trips());
        assert!(round_trips.0 + round_trips.1 <= 12, "{folders} folders: {round_trips:?}");
        assert_eq!(done.progress.synced_items, 3 * folders as u64);
    }
}

#[test]
fn a_flag_that_changed_is_carried_though_all_other_folders_are_passed_over() {
    let source = started(Personality::dovecot(), 5, Duration::ZERO);
    let target = started(Personality::dovecot(), 0, Duration::ZERO);
    let rig = rig(&source, &target);
    rig.initial().unwrap();
    source.set_flags(USER, &name(2), 1, &["\\Flagged"]);

    rig.incremental().unwrap();

    assert_same_mail(&source, &target, 5);
}

#[test]
fn servers_that_lose_what_is_sent_early_are_asked_for_one_thing_at_a_time() {
    for pipelining in [Pipelining::Discarded, Pipelining::Ended("Too many commands".to_owned())] {
        let strict = || Personality { pipelining: pipelining.clone(), ..Personality::generic() };
        let source = started(strict(), 4, Duration::ZERO);
        let target = started(strict(), 0, Duration::ZERO);

        rig(&source, &target).initial().unwrap();

        assert_same_mail(&source, &target, 4);
    }
}
