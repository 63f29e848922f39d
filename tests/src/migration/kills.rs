//! Workers killed (-9) at moments that chance chooses, and how often that was in the middle of the copy.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests")]

use std::time::Duration;

use super::{Migration, SlowPath, Worker};
use crate::{Client, Listed, wait_until};

/// Repeatable randomness (xorshift); the seed is printed, and taken from `IMAPMIG_TEST_SEED`.
#[derive(Debug)]
pub struct Chance(u64);

impl Chance {
    /// Starts with a seed that is printed.
    #[allow(clippy::new_without_default, reason = "no two are alike")]
    pub fn new() -> Self {
        let given = std::env::var("IMAPMIG_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
        let seed = given.unwrap_or(u64::from(now)).max(1);
        eprintln!("IMAPMIG_TEST_SEED={seed}");
        Self(seed)
    }

    /// A number between these two, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        low + self.0 % (high - low + 1)
    }
}

/// How often the worker is killed; `IMAPMIG_TEST_KILLS=200` for the whole.
pub fn kills() -> u64 {
    std::env::var("IMAPMIG_TEST_KILLS").ok().and_then(|number| number.parse().ok()).unwrap_or(40)
}

/// Waits until all the bodies that are allowed have come from the source.
pub fn until_read(road: &SlowPath, worker: &mut Worker) {
    wait_until(Duration::from_secs(20), || road.has_passed_all() || worker.has_ended());
}

/// Kills the worker, which was the only one at work.
///
/// # Panics
///
/// If another one was.
pub fn kill(worker: Worker, migration: &Migration) {
    worker.kill();
    assert!(migration.worker_processes().is_empty(), "another worker was at work");
}

/// Kills workers so many times; gives how many struck in the middle of the copy. `remaining` counts what is still to be copied.
///
/// # Panics
///
/// If a worker ended by itself.
pub fn kill_again_and_again(
    migration: &Migration,
    road: &SlowPath,
    all: u64,
    bytes: u64,
    remaining: &mut dyn FnMut() -> u64,
) -> u64 {
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
        let works = if number % 2 == 0 {
            worker.works_for(Duration::from_millis(chance.between(5, 150)))
        } else {
            until_read(road, &mut worker);
            worker.works_for(Duration::from_millis(chance.between(400, 600)))
        };
        assert!(works, "a worker ended by itself: {}", migration.account("Batch"));
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
    in_the_middle
}

/// Kills workers so many times, each soon after it has brought something; gives how many struck in the middle of the copy,
/// with some of `all` messages there and some not. `begin` is called before each worker starts, which is given
/// this much patience to bring something; `copied` counts the messages that are there.
///
/// # Panics
///
/// If another worker was at work.
pub fn kill_at_full_speed(
    migration: &Migration,
    times: u64,
    all: u64,
    patience: Duration,
    begin: &mut dyn FnMut(),
    copied: &mut dyn FnMut() -> u64,
) -> u64 {
    let mut chance = Chance::new();
    let mut in_the_middle = 0;
    for _ in 0..times {
        let before = copied();
        begin();
        let mut worker = migration.worker();
        wait_until(patience, || copied() != before || before >= all);
        worker.works_for(Duration::from_millis(chance.between(0, 60)));
        kill(worker, migration);
        in_the_middle += u64::from((1..all).contains(&copied()));
    }
    in_the_middle
}

/// How many messages an account holds.
///
/// # Panics
///
/// If the server does not say.
pub fn count(client: &mut Client) -> u64 {
    let listed = client.list().unwrap();
    let paths = listed.into_iter().filter(Listed::is_selectable).map(|listed| listed.path);
    paths.collect::<Vec<_>>().iter().map(|path| client.status(path, "MESSAGES").unwrap()).sum()
}
