//! Processes: whether one runs, and background processes that outlive their caller and hold nothing of it.

use crate::program::Program;
use std::io;

/// Returns whether a process with this number runs; `true` when that cannot be found out.
#[must_use]
pub fn is_running(pid: u32) -> bool {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, test_kill_process};
        let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
        !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH))
    }
    #[cfg(windows)]
    {
        crate::windows::process::is_running(pid)
    }
}

/// A process that was started in the background.
#[derive(Debug)]
pub struct Started {
    #[cfg(unix)]
    child: std::process::Child,
    #[cfg(windows)]
    child: crate::windows::spawn::Child,
}

impl Started {
    /// Starts the program without the caller's terminal, console or open handles: a caller whose output is read through a pipe is not
    /// held up by it.
    ///
    /// # Errors
    /// When the program cannot be run.
    pub fn start(program: Program<'_>) -> io::Result<Self> {
        #[cfg(unix)]
        {
            use std::process::{Command, Stdio};
            let child = Command::new(program.program)
                .args(program.arguments)
                .current_dir(program.directory)
                .env(program.variable.0, program.variable.1)
                .stdin(Stdio::null())
                .stdout(program.log.try_clone()?)
                .stderr(program.log)
                .spawn()?;
            Ok(Self { child })
        }
        #[cfg(windows)]
        {
            Ok(Self { child: crate::windows::spawn::start(program)? })
        }
    }

    /// Returns whether it still runs; `true` when that cannot be found out.
    pub fn is_running(&mut self) -> bool {
        #[cfg(unix)]
        {
            matches!(self.child.try_wait(), Ok(None))
        }
        #[cfg(windows)]
        {
            self.child.is_running()
        }
    }

    /// Returns whether the system may end it together with the caller's session: a WinRM or OpenSSH session on Windows runs in a job
    /// object, which only some jobs let a new process leave.
    #[must_use]
    pub const fn ends_with_session(&self) -> bool {
        #[cfg(windows)]
        {
            self.child.ends_with_session
        }
        #[cfg(not(windows))]
        {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;
    use std::fs::File;
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    /// Set for this test program when a test starts it again, as another process.
    const ROLE: &str = "IMAPMIG_OS_TEST_ROLE";

    fn again(role: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "process::tests::the_other_process", "--nocapture"]).env(ROLE, role);
        command
    }

    /// Does what the role says when a test has started it; otherwise nothing.
    #[test]
    fn the_other_process() {
        match std::env::var(ROLE).as_deref() {
            // Runs for as long as its standard input is open.
            Ok("waiting") => drop(std::io::read_to_string(std::io::stdin())),
            // Outlives the caller until the file in its directory is removed.
            Ok("background") => {
                println!("written to the log");
                eprintln!("this too");
                while Path::new("stay").exists() {
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
            Ok("caller") => {
                let directory = std::env::current_dir().unwrap();
                let program = std::env::current_exe().unwrap();
                let arguments: Vec<OsString> =
                    ["--exact", "process::tests::the_other_process", "--nocapture"]
                        .map(OsString::from)
                        .into();
                let log = File::create("log").unwrap();
                let mut started = Started::start(Program {
                    program: &program,
                    arguments: &arguments,
                    directory: &directory,
                    variable: (ROLE, "background"),
                    log,
                })
                .unwrap();
                assert!(started.is_running());
            }
            _ => {}
        }
    }

    #[test]
    fn a_process_runs_until_it_has_ended() {
        let mut other = again("waiting").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let pid = other.id();

        assert!(is_running(std::process::id()));
        assert!(is_running(pid));
        drop(other.stdin.take());
        assert!(other.wait().unwrap().success());
        drop(other);
        assert!(!is_running(pid));
    }

    #[test]
    fn a_caller_whose_output_is_read_does_not_wait_for_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("stay"), "").unwrap();
        let began = Instant::now();

        // Reads until the other end of the pipe is closed, by everyone who has it.
        let output = again("caller").current_dir(folder.path()).output().unwrap();

        assert!(output.status.success(), "{output:?}");
        assert!(began.elapsed() < Duration::from_secs(20));
        std::fs::remove_file(folder.path().join("stay")).unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
            if log.contains("written to the log") && log.contains("this too") {
                break;
            }
            assert!(Instant::now() < deadline, "{log:?}");
            std::thread::yield_now();
        }
    }
}
