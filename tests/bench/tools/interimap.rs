//! interimap.

use std::path::Path;
use std::process::Command;

use super::settings;
use crate::job::{Job, PASSWORD};

pub(super) fn command(job: &Job<'_>, user: &str, home: &Path) -> Command {
    let kind = if job.ends.tls { "imaps" } else { "imap" };
    let tls = if job.ends.tls {
        format!("SSL_verify = YES\nSSL_CAfile = {}\n", job.target.ca.display())
    } else {
        String::new()
    };
    let side = |name: &str, port| {
        format!(
            "[{name}]\ntype = {kind}\nhost = 127.0.0.1\nport = {port}\nSTARTTLS = NO\nusername = {user}\n\
             password = {PASSWORD}\nauth = LOGIN\ncompress = NO\n{tls}\n"
        )
    };
    let database = home.join("db");
    let sides = side("local", job.ends.target) + &side("remote", job.ends.source);
    let file = settings(home, &format!("database = {}\n\n{sides}", database.display()));
    let mut command = Command::new("interimap");
    command.args(["--quiet", "--config"]).arg(file).env("HOME", home);
    command
}
