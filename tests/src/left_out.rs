//! Remembers which tests were left out in this run of `cargo test`, across its many test programs.
//!
//! Every program of a run is a child of the same cargo, so the records lie in `<target>/left-out/<that process>`: an older
//! run's records have another name. `zz_left_out`, the last program, prints them and clears the folder.

use std::path::PathBuf;

/// What was left out in a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// A line for each test, sorted.
    pub lines: Vec<String>,
    /// How many of them run after `tests/servers/install.sh all`.
    pub installable: usize,
}

/// The ending of records whose tests `tests/servers/install.sh` cannot make run.
const BY_HAND: &str = "by-hand";

/// Records that `test` was left out because of `reason`, and whether `tests/servers/install.sh` brings what it lacks.
pub(crate) fn record(test: &str, reason: &str, installable: bool) {
    let folder = folder();
    let name = blake3::hash(test.as_bytes()).to_hex();
    let mut path = folder.join(&name[..16]);
    if !installable {
        path.set_extension(BY_HAND);
    }
    let line = format!("{test}: left out because {reason}\n");
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(path, line));
    if let Err(error) = written {
        panic!("{test} is left out, and that cannot be recorded in {}: {error}", folder.display());
    }
}

/// Returns the records of this run.
pub fn left_out() -> LeftOut {
    let mut all = LeftOut::default();
    for entry in std::fs::read_dir(folder()).into_iter().flatten().flatten() {
        let Ok(line) = std::fs::read_to_string(entry.path()) else { continue };
        all.lines.push(line.trim_end().to_owned());
        all.installable += usize::from(entry.path().extension().is_none());
    }
    all.lines.sort();
    all
}

impl LeftOut {
    /// Returns the closing line: how many tests were left out, and the command that runs them.
    pub fn closing(&self) -> String {
        let Self { lines, installable } = self;
        let command = "tests/servers/install.sh all && IMAPMIG_TEST_MINUTES=1 cargo test";
        let others = "programs that no package has (tests/servers/README.md)";
        match (lines.len(), *installable) {
            (0, _) => "nothing was left out".to_owned(),
            (all, 0) => format!("{all} left out; they need {others}"),
            (all, some) if all == some => {
                format!("{all} left out; on Debian and as root, this runs them: {command}")
            }
            (all, some) => format!(
                "{all} left out; on Debian and as root, this runs {some} of them, and the other {} need {others}: {command}",
                all - some
            ),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::LeftOut;

    fn closing(all: usize, installable: usize) -> String {
        LeftOut { lines: vec![String::new(); all], installable }.closing()
    }

    #[test]
    fn the_closing_line_names_the_command_for_those_that_it_runs() {
        assert_eq!(closing(0, 0), "nothing was left out");
        assert!(
            closing(65, 65).starts_with(
                "65 left out; on Debian and as root, this runs them: tests/servers/install.sh all"
            )
        );
        assert!(
            closing(65, 53)
                .contains("this runs 53 of them, and the other 12 need programs that no package has")
        );
        assert!(
            closing(65, 53).ends_with("tests/servers/install.sh all && IMAPMIG_TEST_MINUTES=1 cargo test")
        );
        assert!(!closing(12, 0).contains("install.sh"));
        assert!(
            [(0, 0), (65, 65), (65, 53), (12, 0)]
                .iter()
                .all(|(all, some)| !closing(*all, *some).contains('\n'))
        );
    }
}
