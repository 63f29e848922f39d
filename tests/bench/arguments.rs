//! What the benchmark is asked for.

use std::path::PathBuf;
use std::time::Duration;

use crate::line::Line;

pub(crate) const USAGE: &str = "cargo bench -p imapmig-tests --bench peers -- [CORPUS ...] [OPTION ...]
  CORPUS             S, M, L, U, F; all unless given
  --over LINE,...    plain, tls, 40ms, tls-40ms; plain,tls,40ms unless given. LINE/real and LINE/memory stand for one disk only,
                     LINE*N for N runs: plain/real*3,plain/memory,40ms/real
  --disk real|memory where the target keeps its mail: with fsync, or in memory; both unless given
  --only TOOL,...    imapmig, doveadm, interimap, mbsync, imapsync, floor-1, floor-4, floor-8
  --runs N           runs of each, in turn; 3 unless given
  --limit SECONDS    a peer that takes longer is ended; 300 unless given
  --program FILE     measure this program instead of building one
  --scale N          divide the number of messages, for trials
  --write FILE       write the report there, such as docs/benchmarks.md";

/// One table: a line, a disk, and how often it is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leg {
    pub(crate) line: Line,
    pub(crate) fsync: bool,
    pub(crate) runs: usize,
}

pub(crate) struct Arguments {
    pub(crate) corpora: Vec<String>,
    pub(crate) legs: Vec<Leg>,
    pub(crate) only: Vec<String>,
    pub(crate) limit: Duration,
    pub(crate) program: Option<PathBuf>,
    pub(crate) scale: usize,
    pub(crate) write: Option<PathBuf>,
}

impl Arguments {
    pub(crate) fn read(words: impl IntoIterator<Item = String>) -> Result<Arguments, String> {
        let mut over = "plain,tls,40ms".to_owned();
        let (mut disks, mut runs) = (vec![true, false], 3);
        let mut all = Arguments {
            corpora: Vec::new(),
            legs: Vec::new(),
            only: Vec::new(),
            limit: Duration::from_secs(300),
            program: None,
            scale: 1,
            write: None,
        };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            let number = |text: String| text.parse::<u64>().map_err(|_| format!("not a number: {text}"));
            match word.as_str() {
                // cargo bench adds it.
                "--bench" => {}
                "--over" => over = value()?,
                "--disk" => disks = vec![is_real(&value()?)?],
                "--only" => all.only = value()?.split(',').map(str::to_owned).collect(),
                "--runs" => runs = usize::try_from(number(value()?)?.max(1)).unwrap_or(1),
                "--limit" => all.limit = Duration::from_secs(number(value()?)?),
                "--program" => all.program = Some(value()?.into()),
                "--scale" => all.scale = usize::try_from(number(value()?)?).unwrap_or(1),
                "--write" => all.write = Some(value()?.into()),
                "S" | "M" | "L" | "U" | "F" => all.corpora.push(word),
                _ => return Err(format!("not understood: {word}")),
            }
        }
        // Disk by disk, so that what counts most is measured first.
        for disk in disks {
            for leg in over.split(',') {
                all.legs.extend(Leg::read(leg, disk, runs)?);
            }
        }
        Ok(all)
    }
}

impl Leg {
    /// `LINE`, `LINE/DISK`, `LINE*RUNS`, `LINE/DISK*RUNS`; nothing if it is for the other disk.
    fn read(text: &str, fsync: bool, runs: usize) -> Result<Option<Leg>, String> {
        let (text, runs) = match text.split_once('*') {
            Some((text, number)) => (text, number.parse().map_err(|_| format!("not a number: {number}"))?),
            None => (text, runs),
        };
        let (text, is_meant) = match text.split_once('/') {
            Some((text, disk)) => (text, is_real(disk)? == fsync),
            None => (text, true),
        };
        let leg = Leg { line: text.parse()?, fsync, runs };
        Ok(is_meant.then_some(leg))
    }
}

fn is_real(disk: &str) -> Result<bool, String> {
    match disk {
        "real" => Ok(true),
        "memory" => Ok(false),
        other => Err(format!("not a disk: {other} (real, memory)")),
    }
}
