//! What decides is pure: plain data in, plain data out; and the engine knows its adapters in one place.
//!
//! A file that decides imports nothing of the engine but other pure files, and of the world outside nothing that does something: no ports,
//! no locks and threads, no files and sockets, no clock.

use crate::imports::{crates, short};
use crate::{report, root};

/// The folders and files that decide.
const PURE: [&str; 6] = [
    "rust/engine/src/retry.rs",
    "rust/engine/src/sync/decide",
    "rust/engine/src/worker/limits.rs",
    "rust/engine/src/worker/queue.rs",
    "rust/engine/src/worker/schedule.rs",
    "rust/engine/src/worker/shared_mailbox.rs",
];

/// What nothing pure may name, by how its path begins.
const DOES_SOMETHING: [&[&str]; 16] = [
    &["imapmig_core", "ports"],
    &["imapmig_core", "cancel"],
    &["imapmig_imap"],
    &["imapmig_maildir"],
    &["imapmig_os"],
    &["imapmig_store"],
    &["std", "env"],
    &["std", "fs"],
    &["std", "io"],
    &["std", "net"],
    &["std", "process"],
    &["std", "sync"],
    &["std", "thread"],
    &["std", "time", "Instant"],
    &["std", "time", "SystemTime"],
    &["tracing"],
];

#[test]
fn what_decides_knows_no_ports_locks_files_or_clocks() {
    let is_pure = |file: &str| PURE.iter().any(|pure| file.starts_with(pure));
    let mut files = 0;
    let mut offenders = Vec::new();
    for read in crates() {
        for (file, path, inside) in read.paths() {
            let file = short(file);
            if !is_pure(&file) {
                continue;
            }
            files += 1;
            let does_something = DOES_SOMETHING.iter().any(|way| {
                path.len() >= way.len() && path.iter().zip(*way).all(|(segment, name)| segment == name)
            });
            if does_something || inside.is_some_and(|to| !is_pure(&short(to))) {
                offenders.push(format!("{file} uses {}", path.join("::")));
            }
        }
    }
    offenders.sort();
    offenders.dedup();

    assert!(files > 0, "nothing was looked at below {}", root().display());
    report("what decides is to be pure", &offenders);
}

#[test]
fn the_engine_names_the_crates_behind_its_ports_in_one_place() {
    let mut offenders = Vec::new();
    for read in crates() {
        for (file, path, _) in read.paths() {
            let file = short(file);
            let names_one = ["imapmig_imap", "imapmig_maildir", "imapmig_store"].contains(&path[0].as_str());
            let may = file.starts_with("rust/engine/src/adapters/") || !file.starts_with("rust/engine/src/");
            if names_one && !may {
                offenders.push(format!("{file} uses {}", path.join("::")));
            }
        }
    }
    offenders.sort();

    report("files that are to go through rust/engine/src/adapters", &offenders);
}
