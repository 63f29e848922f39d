//! imapsync.

use std::path::Path;
use std::process::Command;

use crate::job::{Job, TARGET_PASSWORD, source_password};

pub(super) fn command(job: &Job<'_>, user: &str, home: &Path) -> Command {
    let mut command = Command::new("imapsync");
    let sides =
        [("1", job.ends.source, source_password(user)), ("2", job.ends.target, TARGET_PASSWORD.to_owned())];
    for (side, port, password) in sides {
        let port = port.to_string();
        for (name, value) in [("host", "127.0.0.1"), ("port", &port), ("user", user), ("password", &password)]
        {
            command.args([&format!("--{name}{side}"), value]);
        }
        if job.ends.tls {
            command.arg(format!("--ssl{side}"));
        } else {
            command.args([format!("--nossl{side}"), format!("--notls{side}")]);
        }
    }
    command.args(["--nolog", "--noreleasecheck", "--nofoldersizes", "--nofoldersizesatend", "--tmpdir"]);
    command.arg(home).arg("--pidfile").arg(home.join("pid")).env("HOME", home);
    command
}
