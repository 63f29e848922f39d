//! The worker killed (-9) again and again while it migrates: in the end source and target are equal, message by message.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests")]

use std::time::{Duration, Instant};

use imapmig_tests::migration::{EMAILS, Migration, SlowPath, Worker, account, assert_same, people};
use imapmig_tests::{ADMIN, Client, Comparison, Corpus, Dovecot, Snapshot, corpus, require};

/// Repeatable randomness (xorshift); the seed is printed, and taken from `IMAPMIG_TEST_SEED`.
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        let given = std::env::var("IMAPMIG_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
        let seed = given.unwrap_or(u64::from(now)).max(1);
        eprintln!("IMAPMIG_TEST_SEED={seed}");
        Self(seed)
    }

    fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        low + self.0 % (high - low + 1)
    }
}

/// How often the worker is killed; `IMAPMIG_TEST_KILLS=200` for the whole.
fn kills() -> u64 {
    std::env::var("IMAPMIG_TEST_KILLS").ok().and_then(|number| number.parse().ok()).unwrap_or(40)
}

/// Waits until all the bodies that are allowed have come from the source.
fn until_read(road: &SlowPath, worker: &mut Worker) {
    let end = Instant::now() + Duration::from_secs(20);
    while !road.has_passed_all() && Instant::now() < end && !worker.has_ended() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Kills the worker, which was the only one at work.
fn kill(worker: Worker, migration: &Migration) {
    worker.kill();
    assert!(migration.worker_processes().is_empty(), "another worker was at work");
}

/// Kills workers so many times; `remaining` counts what is still to be copied.
fn kill_again_and_again(
    migration: &Migration,
    road: &SlowPath,
    all: u64,
    bytes: u64,
    remaining: &mut dyn FnMut() -> u64,
) {
    let mut chance = Chance::new();
    let mut in_the_middle = 0;
    let whole = remaining();
    let mut more = 1;
    for number in 0..all {
        let left = remaining();
        // What is left, but for a last part that nobody gets to before the end, is spread over the kills that are left.
        let open = left.saturating_sub(whole / 20);
        let each = bytes * open / whole / ((all - number).div_ceil(2) + all / 20 + 1);
        road.allow((each * more).min(bytes * open / whole / 2).cast_signed());
        let mut worker = migration.worker();
        // Half of the moments lie anywhere from the start on; the other half about when messages are stored: some are under way
        // until no more have come for half a second.
        if number % 2 == 0 {
            std::thread::sleep(Duration::from_millis(chance.between(5, 150)));
        } else {
            until_read(road, &mut worker);
            std::thread::sleep(Duration::from_millis(chance.between(400, 600)));
        }
        assert!(!worker.has_ended(), "a worker ended by itself: {}", migration.account("Batch"));
        kill(worker, migration);
        let now = remaining();
        // What was stored and not written down is read first, to be recognised. Who gets nowhere needs more.
        more = match (now < left, number % 2) {
            (true, _) => 1,
            (false, 0) => more,
            (false, _) => (more * 2).min(64),
        };
        in_the_middle += u64::from((1..whole).contains(&now));
    }
    eprintln!(
        "killed {all} times, {in_the_middle} of them with some messages copied and some not; {} left",
        remaining()
    );
    road.allow(i64::MAX);
}

fn count(client: &mut Client) -> u64 {
    let listed = client.list().unwrap();
    let paths = listed.into_iter().filter(imapmig_tests::Listed::is_selectable).map(|listed| listed.path);
    paths.collect::<Vec<_>>().iter().map(|path| client.status(path, "MESSAGES").unwrap()).sum()
}

/// A source with this mail of one user, and what it shows of it.
fn source(mail: &[Corpus]) -> (Dovecot, Snapshot) {
    let source = Dovecot::source().start();
    for corpus in mail {
        source.deliver("terry.adams", corpus);
    }
    let before = account(&source, "terry.adams", "1091990");
    (source, before)
}

/// The user's migration between these ports, started; its worker was killed at once.
fn killed_at_the_start(source: u16, target: u16) -> Migration {
    let migration = Migration::new();
    migration.endpoint("Source", source, &[]);
    migration.administered("Target", target, ADMIN, Some("{EmailAddress}*mailadmin"));
    migration.batch("Batch", "Source", Some("Target"), &people()[..1]);
    migration.start("Batch");
    migration.kill_workers();
    migration
}

fn finish(migration: &Migration) {
    migration.start("Batch");
    migration.wait_until("Batch", &["Synced"]);
}

/// Every message is there as it was, once, and nothing had to be reported.
fn assert_all_there(migration: &Migration, before: &Snapshot, target: &Dovecot, messages: u64) {
    let after = account(target, EMAILS[0], "pw");
    assert_same(before, &after, &Comparison::strict().with_subscriptions());
    let statistics = migration.statistics(EMAILS[0]);
    assert_eq!((statistics.synced(), statistics.skipped(), statistics.total()), (messages, 0, messages));
    assert_eq!(statistics.items(), []);
}

/// A thousand messages from Dovecot to `target`, the worker killed `kills` times.
fn a_thousand_messages(target: &Dovecot, kills: u64) {
    let (source, before) = source(&[corpus::small(1_000)]);
    let road = SlowPath::of_bodies(source.port, u64::from(u32::MAX));
    let migration = killed_at_the_start(road.port(), target.port);
    let bytes: usize = before.mailboxes.values().flatten().map(|message| message.size).sum();

    let mut client = target.login(EMAILS[0], "pw").unwrap();
    let mut remaining = || 1_000_u64.saturating_sub(count(&mut client));
    kill_again_and_again(&migration, &road, kills, bytes as u64, &mut remaining);
    finish(&migration);

    assert_all_there(&migration, &before, target, 1_000);
}

/// What Dovecot announces, but for MULTIAPPEND: each message is stored as soon as it has come.
const ONE_BY_ONE: &str = "IMAP4rev1 SASL-IR ID ENABLE IDLE LITERAL+ NAMESPACE UIDPLUS UNSELECT CHILDREN \
    LIST-EXTENDED LIST-STATUS CONDSTORE ESEARCH BINARY MOVE SPECIAL-USE";

#[test]
fn a_thousand_messages_from_dovecot_to_dovecot_survive_every_kill() {
    require!("dovecot");

    a_thousand_messages(&Dovecot::target().capability(ONE_BY_ONE).start(), kills());
}

#[test]
fn a_thousand_messages_by_multiappend_survive_kills() {
    require!("dovecot");

    a_thousand_messages(&Dovecot::target().start(), kills() / 4);
}

#[test]
fn a_thousand_messages_without_uidplus_survive_kills() {
    require!("dovecot");

    a_thousand_messages(&Dovecot::target().capability(&ONE_BY_ONE.replace("UIDPLUS ", "")).start(), kills());
}

#[test]
fn odd_messages_and_true_duplicates_survive_kills_too() {
    require!("dovecot");
    let target = Dovecot::target().start();
    let (source, before) = source(&std::array::from_fn::<_, 6, _>(|_| corpus::odd_messages()));
    let road = SlowPath::of_bodies(source.port, u64::from(u32::MAX));
    let migration = killed_at_the_start(road.port(), target.port);
    let mut chance = Chance::new();

    for _ in 0..8 {
        road.allow(chance.between(1_000, 400_000).cast_signed());
        let mut worker = migration.worker();
        until_read(&road, &mut worker);
        std::thread::sleep(Duration::from_millis(chance.between(0, 600)));
        kill(worker, &migration);
    }
    road.allow(i64::MAX);
    finish(&migration);

    let after = account(&target, EMAILS[0], "pw");
    let statistics = migration.statistics(EMAILS[0]);
    imapmig_tests::migration::assert_same_but_reported(&before, &after, &statistics);
    assert!(statistics.adds_up(), "{:#}", statistics.view);
    assert_eq!((statistics.total(), statistics.skipped()), (138, 6));
}

/// Kills at full speed, when most is under way: what the server finds in its buffers it still stores.
fn killed_at_full_speed(target: &Dovecot) {
    let (source, before) = source(&[corpus::small(4_000)]);
    let migration = killed_at_the_start(source.port, target.port);
    let mut chance = Chance::new();
    let mut client = target.login(EMAILS[0], "pw").unwrap();

    for _ in 0..kills() / 5 {
        let copied = count(&mut client);
        let worker = migration.worker();
        let end = Instant::now() + Duration::from_secs(5);
        while count(&mut client) == copied && copied < 4_000 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_millis(chance.between(0, 60)));
        kill(worker, &migration);
    }
    finish(&migration);

    assert_all_there(&migration, &before, target, 4_000);
}

#[test]
fn what_the_server_stores_after_the_worker_was_killed_is_not_stored_again() {
    require!("dovecot");

    killed_at_full_speed(&Dovecot::target().capability(ONE_BY_ONE).start());
}

#[test]
fn what_the_server_stores_by_multiappend_after_the_worker_was_killed_is_not_stored_again() {
    require!("dovecot");

    killed_at_full_speed(&Dovecot::target().start());
}

/// Kills while much lies on a slow line to the target, which delivers it long after the worker has died.
fn killed_on_a_slow_line(target: &Dovecot) {
    let (source, before) = source(&[corpus::small(500)]);
    let road = SlowPath::to(target.port, 40_000);
    let migration = killed_at_the_start(source.port, road.port());
    let mut chance = Chance::new();

    for _ in 0..5 {
        let sent = road.sent();
        let worker = migration.worker();
        let end = Instant::now() + Duration::from_secs(15);
        while road.sent() < sent + chance.between(4_000, 40_000) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        kill(worker, &migration);
    }
    road.set_bytes_a_second(u64::from(u32::MAX));
    finish(&migration);

    assert_all_there(&migration, &before, target, 500);
}

#[test]
fn what_arrives_late_on_a_slow_line_is_not_there_twice() {
    require!("dovecot");

    killed_on_a_slow_line(&Dovecot::target().capability(ONE_BY_ONE).start());
}

#[test]
fn what_arrives_late_by_multiappend_on_a_slow_line_is_not_there_twice() {
    require!("dovecot");

    killed_on_a_slow_line(&Dovecot::target().start());
}

#[test]
fn what_arrives_late_without_uidplus_on_a_slow_line_is_not_there_twice() {
    require!("dovecot");

    killed_on_a_slow_line(&Dovecot::target().capability(&ONE_BY_ONE.replace("UIDPLUS ", "")).start());
}
