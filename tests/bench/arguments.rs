//! What the benchmark is asked for.

use std::path::PathBuf;
use std::time::Duration;

use crate::line::Line;

pub(crate) const USAGE: &str = "cargo bench -p imapmig-tests --bench peers -- [CORPUS ...] [OPTION ...]
  CORPUS             S, M, L, U, F; all unless given
  --over LINE,...    plain, tls, 40ms, tls-40ms; plain,tls,40ms unless given
  --disk real|memory where the target keeps its mail: with fsync, or in memory; both unless given
  --only TOOL,...    imapmig, doveadm, interimap, mbsync, imapsync, floor-1, floor-4, floor-8
  --runs N           runs of each, in turn; 3 unless given
  --limit SECONDS    a peer that takes longer is ended; 300 unless given
  --program FILE     measure this program instead of building one
  --scale N          divide the number of messages, for trials
  --write FILE       write the report there, such as docs/benchmarks.md";

pub(crate) struct Arguments {
    pub(crate) corpora: Vec<String>,
    pub(crate) lines: Vec<Line>,
    pub(crate) disks: Vec<bool>,
    pub(crate) only: Vec<String>,
    pub(crate) runs: usize,
    pub(crate) limit: Duration,
    pub(crate) program: Option<PathBuf>,
    pub(crate) scale: usize,
    pub(crate) write: Option<PathBuf>,
}

impl Arguments {
    pub(crate) fn read(words: impl IntoIterator<Item = String>) -> Result<Arguments, String> {
        let lines = |text: &str| text.split(',').map(str::parse).collect::<Result<Vec<Line>, _>>();
        let mut all = Arguments {
            corpora: Vec::new(),
            lines: lines("plain,tls,40ms")?,
            disks: vec![true, false],
            only: Vec::new(),
            runs: 3,
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
                "--over" => all.lines = lines(&value()?)?,
                "--disk" => {
                    all.disks = match value()?.as_str() {
                        "real" => vec![true],
                        "memory" => vec![false],
                        other => return Err(format!("not a disk: {other} (real, memory)")),
                    }
                }
                "--only" => all.only = value()?.split(',').map(str::to_owned).collect(),
                "--runs" => all.runs = usize::try_from(number(value()?)?.max(1)).unwrap_or(1),
                "--limit" => all.limit = Duration::from_secs(number(value()?)?),
                "--program" => all.program = Some(value()?.into()),
                "--scale" => all.scale = usize::try_from(number(value()?)?).unwrap_or(1),
                "--write" => all.write = Some(value()?.into()),
                "S" | "M" | "L" | "U" | "F" => all.corpora.push(word),
                _ => return Err(format!("not understood: {word}")),
            }
        }
        Ok(all)
    }
}
