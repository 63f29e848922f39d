//! Ours: the command line, which starts a worker; process start and `wait` count.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::job::{Job, Pass, TARGET_PASSWORD, source_password};
use crate::measure::{Cost, Meter, cpu_of, peak_of};

pub(super) fn run(program: &Path, job: &Job<'_>, pass: Pass) -> Result<Option<Cost>, String> {
    let ours = Ours { program, state: job.home.join("state"), end: Instant::now() + job.limit };
    let csv = match pass {
        Pass::First => ours.prepare(job)?,
        Pass::Again => PathBuf::new(),
    };
    let before = ours.worker().map(cpu_of).unwrap_or_default();
    let meter = Meter::start();
    match pass {
        Pass::First => {
            let batch = [
                "batch",
                "new",
                "--name",
                "Bench",
                "--source-endpoint",
                "Source",
                "--target-endpoint",
                "Target",
            ];
            let csv = csv.display().to_string();
            ours.call(&[&batch[..], &["--csv-file", &csv, "--auto-start"]].concat())?
        }
        Pass::Again => ours.call(&["batch", "set", "Bench", "--sync-now"])?,
    };
    let done = ours.call(&["wait", "Bench"])?;
    let mut cost = meter.stop();
    if let Some(worker) = ours.worker() {
        cost.cpu += cpu_of(worker).saturating_sub(before);
        cost.peak_kb = peak_of(worker).unwrap_or(cost.peak_kb);
    }
    Ok(done.map(|_| cost))
}

struct Ours<'a> {
    program: &'a Path,
    state: PathBuf,
    end: Instant,
}

impl Ours<'_> {
    /// Makes the endpoints and the CSV file.
    fn prepare(&self, job: &Job<'_>) -> Result<PathBuf, String> {
        let security = if job.ends.tls { "Ssl" } else { "None" };
        for (name, port) in [("Source", job.ends.source), ("Target", job.ends.target)] {
            let port = port.to_string();
            self.call(
                &[
                    &["endpoint", "new", "--name", name, "--remote-server", "127.0.0.1", "--port", &port][..],
                    &["--security", security, "--accept-untrusted-certificates", "--skip-verification"],
                ]
                .concat(),
            )?;
        }
        let csv = job.home.join("users.csv");
        let mut text = "EmailAddress,UserName,Password,TargetUserName,TargetPassword\n".to_owned();
        for user in job.users {
            let password = source_password(user);
            text.push_str(&format!("{user}@example.org,{user},{password},{user},{TARGET_PASSWORD}\n"));
        }
        std::fs::write(&csv, text).map_err(|e| e.to_string())?;
        Ok(csv)
    }

    /// Runs a command and gives what it printed; nothing if the time is over.
    fn call(&self, arguments: &[&str]) -> Result<Option<String>, String> {
        let mut command = Command::new(self.program);
        command.args(arguments).arg("--json").env("IMAPMIGRATION_HOME", &self.state).stdin(Stdio::null());
        let output = command.output().map_err(|e| e.to_string())?;
        if !output.status.success() {
            return Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)));
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok((Instant::now() < self.end).then_some(text))
    }

    /// The process that moves the mail, while it is alive.
    fn worker(&self) -> Option<u32> {
        let config = self.call(&["config", "get"]).ok()??;
        let line = config.lines().find(|l| l.contains("\"Worker\""))?;
        line.split(|c: char| !c.is_ascii_digit()).find_map(|n| n.parse().ok())
    }
}

/// Removes the batch, so that its worker ends.
pub(super) fn clear(program: &Path, home: &Path) {
    let ours = Ours { program, state: home.join("state"), end: Instant::now() };
    let _ = ours.call(&["batch", "remove", "Bench", "--yes"]);
}
