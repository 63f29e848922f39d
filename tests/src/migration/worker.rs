//! Workers: started as a service manager does, found among the processes, measured, and killed.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::Migration;
use crate::wait_until;

/// A worker that the test started itself. It is killed when this is dropped.
#[derive(Debug)]
pub struct Worker {
    child: Child,
}

impl Migration {
    /// Starts `imapmig worker`.
    pub fn worker(&self) -> Worker {
        let mut command = self.command();
        command.arg("worker").stdout(Stdio::null()).stderr(Stdio::null());
        Worker { child: command.spawn().expect("the program is there") }
    }

    /// The processes at work in this state directory.
    pub fn worker_processes(&self) -> Vec<u32> {
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        processes
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|process| self.is_worker(*process))
            .collect()
    }

    /// Waits until one worker is at work, and no other: commands that find none yet start one each, and all but one end.
    ///
    /// # Panics
    ///
    /// If it does not come to that.
    pub fn wait_for_a_single_worker(&self) {
        let single = wait_until(Duration::from_secs(20), || self.worker_processes().len() == 1);
        assert!(single, "{} workers are at work", self.worker_processes().len());
    }

    /// Kills (-9) every worker in this state directory and waits for their ends; tells how many there were.
    pub fn kill_workers(&self) -> usize {
        let found = self.worker_processes();
        for process in &found {
            // One that has ended meanwhile cannot be killed.
            let _ = Command::new("kill").args(["-9", &process.to_string()]).stderr(Stdio::null()).status();
        }
        wait_until(Duration::from_secs(10), || !found.iter().any(|process| self.is_worker(*process)));
        found.len()
    }

    fn is_worker(&self, process: u32) -> bool {
        let proc = Path::new("/proc").join(process.to_string());
        let read = |name: &str| std::fs::read(proc.join(name)).unwrap_or_default();
        let words = read("cmdline");
        let home = self.home().as_os_str().as_encoded_bytes();
        words.split(|byte| *byte == 0).any(|word| word == b"worker")
            && [words, read("environ")].iter().any(|text| text.windows(home.len()).any(|at| at == home))
    }
}

/// The most memory that a process has held at once, in bytes; nothing if it has ended.
pub fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

impl Worker {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Lets it work for a time; `false` if it ended by itself meanwhile.
    pub fn works_for(&mut self, time: Duration) -> bool {
        !wait_until(time, || self.has_ended())
    }

    /// Suspends it (SIGSTOP), or lets it go on (SIGCONT).
    ///
    /// # Panics
    ///
    /// If it has ended.
    pub fn suspend(&self, suspended: bool) {
        let signal = if suspended { "-STOP" } else { "-CONT" };
        let sent = Command::new("kill").args([signal, &self.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the worker has ended");
    }

    /// Kills it (-9).
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // One that has ended already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
    }
}
