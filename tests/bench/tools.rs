//! The programs that copy: ours, and peers where they are installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A program that copies one account.
pub(crate) enum Tool {
    /// Ours; the path of the built program.
    Imapmig(PathBuf),
    /// isync, without compression: on a fast line it only costs.
    Mbsync,
    /// InterIMAP.
    Interimap,
}

/// What a run took.
pub(crate) struct Run {
    pub(crate) wall: Duration,
    /// The peak memory of the process that moves the mail, where it was measured.
    pub(crate) peak_kb: Option<u64>,
}

/// Ours first, built anew, then the peers found on PATH.
pub(crate) fn on_this_machine() -> Vec<Tool> {
    let mut tools = vec![Tool::Imapmig(built())];
    let is_there = |name: &str| Command::new(name).arg("--version").output().is_ok();
    tools.extend(is_there("mbsync").then_some(Tool::Mbsync));
    tools.extend(is_there("interimap").then_some(Tool::Interimap));
    tools
}

fn built() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let status =
        Command::new(cargo).args(["build", "--release", "-p", "imapmig-cli"]).current_dir(root).status();
    assert!(status.unwrap().success(), "imapmig cannot be built");
    // <target>/release/deps/<this program>
    std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("imapmig")
}

impl Tool {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Imapmig(_) => "imapmig",
            Self::Mbsync => "mbsync",
            Self::Interimap => "interimap",
        }
    }

    /// Copies the account from one server to another, both on loopback without encryption.
    pub(crate) fn run(&self, [source, target]: [u16; 2], user: &str, passwords: [&str; 2]) -> Run {
        let home = tempfile::tempdir().unwrap();
        match self {
            Self::Imapmig(program) => imapmig(program, home.path(), [source, target], user, passwords),
            Self::Mbsync => {
                let account = |name: &str, port, password| {
                    format!(
                        "IMAPAccount {name}\nHost 127.0.0.1\nPort {port}\nUser {user}\nPass {password}\nAuthMechs LOGIN\n\
                         SSLType None\nDisableExtension COMPRESS=DEFLATE\n\nIMAPStore {name}\nAccount {name}\n\n"
                    )
                };
                let config = format!(
                    "{}{}Channel all\nFar :far:\nNear :near:\nPatterns *\nCreate Near\nSync Pull New Flags\n\
                     CopyArrivalDate yes\nSyncState {}/\n",
                    account("far", source, passwords[0]),
                    account("near", target, passwords[1]),
                    home.path().display()
                );
                timed(home.path(), "mbsync", &config, &["-a", "-q", "-c"])
            }
            Self::Interimap => {
                let side = |name: &str, port, password| {
                    format!(
                        "[{name}]\ntype = imap\nhost = 127.0.0.1\nport = {port}\nSTARTTLS = NO\nusername = {user}\n\
                         password = {password}\nauth = LOGIN\ncompress = NO\n\n"
                    )
                };
                let database = home.path().join("db");
                let config = format!(
                    "database = {}\n\n{}{}",
                    database.display(),
                    side("local", target, passwords[1]),
                    side("remote", source, passwords[0])
                );
                timed(home.path(), "interimap", &config, &["--quiet", "--config"])
            }
        }
    }
}

fn timed(home: &Path, program: &str, config: &str, arguments: &[&str]) -> Run {
    let file = home.join("config");
    std::fs::write(&file, config).unwrap();
    let began = Instant::now();
    let output = Command::new(program)
        .args(arguments)
        .arg(&file)
        .env("HOME", home)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let wall = began.elapsed();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Run { wall, peak_kb: None }
}

fn imapmig(program: &Path, home: &Path, [source, target]: [u16; 2], user: &str, passwords: [&str; 2]) -> Run {
    let state = home.join("state");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(program);
        command.arg("--json").args(arguments).env("IMAPMIGRATION_HOME", &state).stdin(Stdio::null());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    for (name, port) in [("Source", source), ("Target", target)] {
        let port = port.to_string();
        let server =
            ["--remote-server", "127.0.0.1", "--port", &port, "--security", "None", "--skip-verification"];
        run(&[&["endpoint", "new", "--name", name], &server[..]].concat());
    }
    let csv = home.join("users.csv");
    let head = "EmailAddress,UserName,Password,TargetUserName,TargetPassword";
    std::fs::write(
        &csv,
        format!("{head}\n{user}@example.org,{user},{},{user},{}\n", passwords[0], passwords[1]),
    )
    .unwrap();

    let began = Instant::now();
    let csv = csv.display().to_string();
    let batch =
        ["batch", "new", "--name", "Bench", "--source-endpoint", "Source", "--target-endpoint", "Target"];
    run(&[&batch[..], &["--csv-file", &csv, "--auto-start"]].concat());
    run(&["wait", "Bench"]);
    let wall = began.elapsed();

    let peak_kb = worker_pid(&run(&["config", "get"])).and_then(peak_kb);
    run(&["batch", "remove", "Bench", "--yes"]);
    Run { wall, peak_kb }
}

/// The first number in what the settings tell of the worker.
fn worker_pid(config: &str) -> Option<u32> {
    let line = config.lines().find(|l| l.contains("\"Worker\""))?;
    line.split(|c: char| !c.is_ascii_digit()).find_map(|n| n.parse().ok())
}

fn peak_kb(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?.trim().split(' ').next()?.parse().ok()
}
