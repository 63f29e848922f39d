//! Kills (-9) while true duplicates with different flags are copied between servers of every kind: nothing is lost, doubled or
//! altered, and no twin ends with the other's flags or date.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests")]

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use imapmig_tests::migration::{
    EMAILS, Migration, Row, SlowPath, account, assert_same_but_reported, count, kill_at_full_speed, kills,
};
use imapmig_tests::{Courier, Cyrus, Dovecot, Server, Snapshot, corpus, require};

/// Pairs of true duplicates.
const PAIRS: usize = 700;
const ALL: u64 = 2 * PAIRS as u64;
/// How long a worker may take until it has brought something; one that has used up its part before never does.
const PATIENCE: Duration = Duration::from_secs(2);

/// Puts the twins in by APPEND, as every server takes them, and gives what it shows.
fn filled(server: &Server, user: &str, password: &str) -> Snapshot {
    server.login(user, password).unwrap().seed(&corpus::twins(PAIRS)).unwrap();
    let before = account(server, user, password);
    assert_eq!(before.messages(), 2 * PAIRS);
    before
}

/// A migration of `row` from an endpoint that `source` makes, killed again and again by `kills`, and then brought to its end.
fn killed(
    source: impl FnOnce(&Migration),
    target: Option<u16>,
    row: Row,
    kills: impl FnOnce(&Migration),
) -> Migration {
    let migration = Migration::new();
    source(&migration);
    if let Some(port) = target {
        migration.endpoint("Target", port, &["--skip-verification"]);
    }
    migration.batch("Batch", "Source", target.map(|_| "Target"), &[row]);
    migration.start("Batch");
    migration.kill_workers();

    kills(&migration);

    migration.start("Batch");
    migration.wait_until("Batch", &["Synced", "SyncedWithErrors"]);
    migration
}

fn assert_all_there(migration: &Migration, before: &Snapshot, after: &Snapshot) {
    let statistics = migration.statistics(EMAILS[0]);
    assert_same_but_reported(before, after, &statistics);
    assert_eq!((statistics.synced(), statistics.total()), (ALL, ALL));
}

fn assert_struck(in_the_middle: u64, times: u64) {
    eprintln!("{in_the_middle} of {times} kills struck in the middle of the copy");
    assert!(in_the_middle >= 2, "only {in_the_middle} of {times} kills struck in the middle of the copy");
}

/// A path to the source that lets each worker read a part only.
fn road(source: &Server) -> SlowPath {
    SlowPath::of_bodies(source.port, u64::from(u32::MAX))
}

/// Kills workers, each of which may read a part of the mail only; all of them together not all of it. `copied` counts what is there.
fn kill_on_the_road(
    migration: &Migration,
    road: &SlowPath,
    before: &Snapshot,
    copied: &mut dyn FnMut() -> u64,
) {
    let bytes: usize = before.mailboxes.values().flatten().map(|message| message.size).sum();
    let times = kills() / 5;
    let part = (bytes as u64 / (times + 4)).cast_signed();
    let (latest, mut earlier, mut more) = (Cell::new(0), None, 1);
    // What was sent and not written down is read first, to be recognised. Who gets nowhere needs more.
    let mut begin = || {
        more = if earlier == Some(latest.get()) { more * 2 } else { 1 };
        earlier = Some(latest.get());
        road.allow(part * more);
    };
    let mut copied = || {
        latest.set(copied());
        latest.get()
    };
    let in_the_middle = kill_at_full_speed(migration, times, ALL, PATIENCE, &mut begin, &mut copied);
    road.allow(i64::MAX);
    assert_struck(in_the_middle, times);
}

/// Between two servers, each with its account.
fn between(source: (&Server, &str, &str), target: (&Server, &str, &str)) {
    let before = filled(source.0, source.1, source.2);
    let mut client = target.0.login(target.1, target.2).unwrap();
    let row = Row::new(EMAILS[0], source.1, source.2).target(target.1, target.2);
    let road = road(source.0);

    let migration = killed(
        |migration| drop(migration.endpoint("Source", road.port(), &[])),
        Some(target.0.port),
        row,
        |migration| kill_on_the_road(migration, &road, &before, &mut || count(&mut client)),
    );

    assert_all_there(&migration, &before, &account(target.0, target.1, target.2));
}

const TERRY: (&str, &str) = ("terry.adams", "1091990");

#[test]
fn twins_between_dovecots_with_mdbox_survive_kills() {
    require!("dovecot");
    let (source, target) =
        (Dovecot::source().store("mdbox").start(), Dovecot::target().store("mdbox").start());

    between((&source, TERRY.0, TERRY.1), (&target, EMAILS[0], "pw"));
}

#[test]
fn twins_from_dovecot_to_cyrus_survive_kills() {
    require!("dovecot", "cyrus");
    let (source, target) = (Dovecot::source().start(), Cyrus::variant(true, true).start());

    between((&source, TERRY.0, TERRY.1), (&target, "terry", TERRY.1));
}

#[test]
fn twins_from_cyrus_to_dovecot_survive_kills() {
    require!("dovecot", "cyrus");
    let (source, target) = (Cyrus::variant(true, true).start(), Dovecot::target().start());

    between((&source, "terry", TERRY.1), (&target, EMAILS[0], "pw"));
}

#[test]
fn twins_from_dovecot_to_courier_survive_kills() {
    require!("dovecot", "courier");
    let (source, target) = (Dovecot::source().start(), Courier::shared_folders().start());

    between((&source, TERRY.0, TERRY.1), (&target, TERRY.0, TERRY.1));
}

#[test]
fn twins_from_courier_to_dovecot_survive_kills() {
    require!("dovecot", "courier");
    let (source, target) = (Courier::shared_folders().start(), Dovecot::target().start());

    between((&source, TERRY.0, TERRY.1), (&target, EMAILS[0], "pw"));
}

#[test]
fn twins_into_local_maildirs_survive_kills() {
    require!("dovecot");
    let source = Dovecot::source().start();
    let before = filled(&source, TERRY.0, TERRY.1);
    let road = road(&source);

    let migration = killed(
        |migration| drop(migration.endpoint("Source", road.port(), &[])),
        None,
        Row::new(EMAILS[0], TERRY.0, TERRY.1),
        |migration| {
            let maildir = migration.mailboxes().join(EMAILS[0]).join("Maildir");
            kill_on_the_road(migration, &road, &before, &mut || files(&maildir));
        },
    );

    assert_all_there(&migration, &before, &migration.served(EMAILS[0]));
}

#[test]
fn twins_out_of_maildirs_survive_kills() {
    require!("dovecot");
    let source = Dovecot::source().start();
    let before = filled(&source, TERRY.0, TERRY.1);
    let target = Dovecot::target().start();
    let mut client = target.login(EMAILS[0], "pw").unwrap();
    let mail = source.folder().join("mail");
    // Files are read in a moment, so the way to the target is slow.
    let road = SlowPath::to(target.port, 60_000);

    let migration = killed(
        |migration| {
            let path = mail.to_str().unwrap();
            migration.json(&["endpoint", "new", "--name", "Source", "--type", "Maildir", "--path", path]);
        },
        Some(road.port()),
        Row::new(EMAILS[0], TERRY.0, "").target(EMAILS[0], "pw"),
        |migration| {
            let times = kills() / 5;
            let in_the_middle =
                kill_at_full_speed(migration, times, ALL, PATIENCE, &mut || (), &mut || count(&mut client));
            assert_struck(in_the_middle, times);
            road.set_bytes_a_second(u64::from(u32::MAX));
        },
    );

    assert_all_there(&migration, &before, &account(&target, EMAILS[0], "pw"));
}

/// How many messages lie in a Maildir and its folders.
fn files(maildir: &Path) -> u64 {
    let folders = std::fs::read_dir(maildir).into_iter().flatten().flatten().map(|entry| entry.path());
    let places = folders.flat_map(|folder| [folder.join("cur"), folder.join("new"), folder]);
    let is_place = |path: &Path| path.file_name().is_some_and(|name| name == "cur" || name == "new");
    let inside = |path: std::path::PathBuf| std::fs::read_dir(path).into_iter().flatten().flatten();
    let all = places.filter(|path| is_place(path)).flat_map(inside);
    all.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())).count() as u64
}
