//! The programs that copy: ours, every peer found on this machine, and the raw floor.

mod doveadm;
mod imapmig;
mod imapsync;
mod interimap;
mod mbsync;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::floor;
use crate::job::{Job, Pass};
use crate::line::Ends;
use crate::measure::{Cost, Meter, version};

/// Users that a peer copies at once.
const AT_ONCE: usize = 8;

/// A program that copies accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// Ours; the path of the built program.
    Imapmig(PathBuf),
    /// Dovecot's own, which pulls over IMAP into its own store, without APPEND.
    Doveadm,
    /// InterIMAP.
    Interimap,
    /// isync, without compression: on a fast line it only costs.
    Mbsync,
    /// imapsync.
    Imapsync,
    /// A fetch-and-append loop without bookkeeping, over so many pairs of connections.
    Floor(usize),
}

/// Ours first, then the peers found on this machine, then the floor.
pub(crate) fn on_this_machine(program: PathBuf) -> Vec<Tool> {
    let mut tools = vec![Tool::Imapmig(program)];
    let peers = [Tool::Doveadm, Tool::Interimap, Tool::Mbsync, Tool::Imapsync];
    tools.extend(peers.into_iter().filter(|peer| peer.version().is_some()));
    tools.extend([1, 4, 8].map(Tool::Floor));
    tools
}

impl Tool {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Imapmig(_) => "imapmig".into(),
            Self::Doveadm => "doveadm".into(),
            Self::Interimap => "interimap".into(),
            Self::Mbsync => "mbsync".into(),
            Self::Imapsync => "imapsync".into(),
            Self::Floor(connections) => format!("floor-{connections}"),
        }
    }

    pub(crate) fn is_peer(&self) -> bool {
        !matches!(self, Self::Imapmig(_) | Self::Floor(_))
    }

    /// What the program says of its version; nothing if it is not there.
    pub(crate) fn version(&self) -> Option<String> {
        match self {
            Self::Imapmig(program) => version(&program.display().to_string()),
            Self::Doveadm => Some(format!("Dovecot {}", version("dovecot")?)),
            Self::Floor(_) => None,
            _ => version(&self.name()),
        }
    }

    /// Whether the tool can copy over such a line.
    pub(crate) fn can(&self, ends: &Ends) -> bool {
        !(ends.tls && matches!(self, Self::Floor(_)))
    }

    /// Copies; nothing if it took longer than the limit.
    ///
    /// # Errors
    ///
    /// What the program said when it failed.
    pub(crate) fn run(&self, job: &Job<'_>, pass: Pass) -> Result<Option<Cost>, String> {
        let command: fn(&Job<'_>, &str, &Path) -> Command = match self {
            Self::Imapmig(program) => return imapmig::run(program, job, pass),
            Self::Floor(connections) => return floor::run(*connections, job, pass).map(Some),
            Self::Doveadm => doveadm::command,
            Self::Interimap => interimap::command,
            Self::Mbsync => mbsync::command,
            Self::Imapsync => imapsync::command,
        };
        let commands = job.users.iter().map(|user| {
            let home = job.home.join(user);
            std::fs::create_dir_all(&home).map_err(|e| e.to_string())?;
            Ok(command(job, user, &home))
        });
        run_all(commands.collect::<Result<_, String>>()?, job.limit)
    }
}

impl Tool {
    /// Ends what goes on behind a run.
    pub(crate) fn clear(&self, home: &Path) {
        if let Self::Imapmig(program) = self {
            imapmig::clear(program, home);
        }
    }
}

/// Runs commands, some at once; nothing if the limit passes, then all are ended.
fn run_all(commands: VecDeque<Command>, limit: Duration) -> Result<Option<Cost>, String> {
    let queue = Mutex::new(commands);
    let failure = Mutex::new(None);
    let late = AtomicBool::new(false);
    let meter = Meter::start();
    let end = Instant::now() + limit;
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().ok().and_then(|mut q| q.pop_front());
                    let Some(command) = next else { return };
                    match run_one(command, end) {
                        Ok(true) => {}
                        Ok(false) => late.store(true, Ordering::Relaxed),
                        Err(text) => {
                            if let Ok(mut failure) = failure.lock() {
                                failure.get_or_insert(text);
                            }
                        }
                    }
                }
            });
        }
    });
    let cost = meter.stop();
    match failure.into_inner() {
        Ok(Some(text)) => Err(text),
        _ => Ok((!late.into_inner()).then_some(cost)),
    }
}

/// Runs one command to its end; `false` if it had to be ended.
fn run_one(mut command: Command, end: Instant) -> Result<bool, String> {
    let log = tempfile::NamedTempFile::new().map_err(|e| e.to_string())?;
    let file = log.reopen().map_err(|e| e.to_string())?;
    let copy = file.try_clone().map_err(|e| e.to_string())?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(copy)
        .spawn()
        .map_err(|e| format!("{:?}: {e}", command.get_program()))?;
    loop {
        match child.try_wait().map_err(|e| e.to_string())? {
            Some(status) if status.success() => return Ok(true),
            Some(status) => {
                let text = std::fs::read_to_string(log.path()).unwrap_or_default();
                let last: Vec<&str> = text.lines().rev().take(3).collect();
                return Err(format!("{:?}: {status}: {}", command.get_program(), last.join(" | ")));
            }
            None if Instant::now() > end => {
                let _ = child.kill();
                let _ = child.wait();
                return Ok(false);
            }
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

/// Writes a program's settings, and gives the path.
fn settings(home: &Path, text: &str) -> PathBuf {
    let file = home.join("config");
    std::fs::write(&file, text).expect("the folder is the benchmark's own");
    file
}
