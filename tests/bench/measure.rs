//! What a run costs: wall time, CPU, and the memory held at once by a program and its children.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What a run took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    /// The CPU time that the servers used meanwhile.
    pub(crate) servers: Duration,
    pub(crate) peak_kb: u64,
}

/// Measures this process' children from now on.
pub(crate) struct Meter {
    began: Instant,
    cpu_before: Duration,
    stop: Arc<AtomicBool>,
    peak_kb: Arc<AtomicU64>,
    sampler: Option<JoinHandle<()>>,
}

/// Often enough to see a peak, seldom enough to cost nothing.
const INTERVAL: Duration = Duration::from_millis(25);

impl Meter {
    pub(crate) fn start() -> Meter {
        let stop = Arc::new(AtomicBool::new(false));
        let peak_kb = Arc::new(AtomicU64::new(0));
        let (ending, peak) = (Arc::clone(&stop), Arc::clone(&peak_kb));
        let servers = children(std::process::id());
        let sampler = std::thread::spawn(move || {
            while !ending.load(Ordering::Relaxed) {
                let roots = children(std::process::id()).difference(&servers).copied().collect();
                let total = with_children(roots).into_iter().filter_map(resident_kb).sum();
                peak.fetch_max(total, Ordering::Relaxed);
                std::thread::sleep(INTERVAL);
            }
        });
        let (cpu_before, began) = (waited_for_cpu(), Instant::now());
        Meter { began, cpu_before, stop, peak_kb, sampler: Some(sampler) }
    }

    /// Ends the measurement; CPU is that of the children that have ended meanwhile.
    pub(crate) fn stop(mut self) -> Cost {
        let wall = self.began.elapsed();
        let cpu = waited_for_cpu().saturating_sub(self.cpu_before);
        self.end();
        Cost { wall, cpu, servers: Duration::ZERO, peak_kb: self.peak_kb.load(Ordering::Relaxed) }
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(sampler) = self.sampler.take() {
            let _ended = sampler.join();
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.end();
    }
}

/// The CPU time of a process that is alive, its ended children included.
pub(crate) fn cpu_of(process: u32) -> Duration {
    ticks(&format!("/proc/{process}/stat"), &[13, 14, 15, 16])
}

/// The CPU time of a process and of all that it started.
pub(crate) fn cpu_below(process: u32) -> Duration {
    with_children(BTreeSet::from([process])).into_iter().map(cpu_of).sum()
}

/// The most memory that a process has held at once.
pub(crate) fn peak_of(process: u32) -> Option<u64> {
    status_kb(process, "VmHWM:")
}

/// The CPU time of this process alone.
pub(crate) fn own_cpu() -> Duration {
    ticks("/proc/self/stat", &[13, 14])
}

fn waited_for_cpu() -> Duration {
    ticks("/proc/self/stat", &[15, 16])
}

/// The sum of some fields of a stat file, counted from 0.
fn ticks(file: &str, fields: &[usize]) -> Duration {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    // The name, field 1, may hold anything but ends with a parenthesis.
    let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let words: Vec<&str> = rest.split_whitespace().collect();
    let ticks: u64 = fields.iter().filter_map(|at| words.get(at - 2)?.parse::<u64>().ok()).sum();
    // 100 a second on every Linux that Rust runs on.
    Duration::from_millis(ticks * 10)
}

fn children(process: u32) -> BTreeSet<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|n| n.parse().ok()).collect::<Vec<_>>())
        .collect()
}

fn with_children(roots: BTreeSet<u32>) -> BTreeSet<u32> {
    let mut all = BTreeSet::new();
    let mut open: Vec<u32> = roots.into_iter().collect();
    while let Some(process) = open.pop() {
        if all.insert(process) {
            open.extend(children(process));
        }
    }
    all
}

fn resident_kb(process: u32) -> Option<u64> {
    // A child that has not become another program yet shows the benchmark's own memory.
    let program = |process: &str| std::fs::read_link(format!("/proc/{process}/exe")).ok();
    if program(&process.to_string())? == program("self")? {
        return None;
    }
    status_kb(process, "VmRSS:")
}

fn status_kb(process: u32, field: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|l| l.strip_prefix(field))?.trim().split(' ').next()?.parse().ok()
}

/// The first line that a program prints about its version, if it is on this machine.
pub(crate) fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    Some(String::from_utf8_lossy(&text).lines().next().unwrap_or_default().trim().to_owned())
}
