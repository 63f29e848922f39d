//! Remembers which tests were left out in this run of `cargo test`, across its many test programs.
//!
//! Every program of a run is a child of the same cargo, so the records lie in `<target>/left-out/<that process>`: an older
//! run's records have another name. `zz_left_out`, the last program, prints them and clears the folder.

use std::path::PathBuf;

/// Records that `test` was left out because of `reason`.
pub(crate) fn record(test: &str, reason: &str) {
    let folder = folder();
    let name = blake3::hash(test.as_bytes()).to_hex();
    let line = format!("{test}: left out because {reason}\n");
    let written =
        std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join(&name[..16]), line));
    if let Err(error) = written {
        panic!("{test} is left out, and that cannot be recorded in {}: {error}", folder.display());
    }
}

/// The records of this run, sorted.
pub fn left_out() -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder()) else { return Vec::new() };
    let mut lines: Vec<String> = entries
        .flatten()
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.sort();
    lines
}

/// Forgets the records of this run and of those before it.
pub fn clear_left_out() {
    if let Some(all) = folder().parent() {
        // A folder that is not there is as good as a removed one.
        let _ = std::fs::remove_dir_all(all);
    }
}

fn folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    // <target>/<profile>/deps/<program>
    let target = program.ancestors().nth(3).map_or_else(std::env::temp_dir, PathBuf::from);
    target.join("left-out").join(run())
}

#[cfg(unix)]
fn run() -> String {
    let cargo = std::os::unix::process::parent_id();
    let stat = std::fs::read_to_string(format!("/proc/{cargo}/stat")).unwrap_or_default();
    // Process numbers come back; the start time, field 22, tells two apart. The name, field 2, may hold anything but ends with ).
    let started = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(19)).unwrap_or("0");
    format!("{cargo}-{started}")
}

#[cfg(not(unix))]
fn run() -> String {
    "run".to_owned()
}
