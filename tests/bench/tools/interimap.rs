//! interimap.

use std::path::Path;
use std::process::Command;

use super::settings;
use crate::job::{Job, TARGET_PASSWORD, source_password};

pub(super) fn command(job: &Job<'_>, user: &str, home: &Path) -> Command {
    let kind = if job.ends.tls { "imaps" } else { "imap" };
    let tls = if job.ends.tls {
        format!("SSL_verify = YES\nSSL_CAfile = {}\n", job.target.ca.display())
    } else {
        String::new()
    };
    let side = |name: &str, port, password: &str| {
        format!(
            "[{name}]\ntype = {kind}\nhost = 127.0.0.1\nport = {port}\nSTARTTLS = NO\nusername = {user}\n\
             password = {password}\nauth = LOGIN\ncompress = NO\n{tls}\n"
        )
    };
    let database = home.join("db");
    let sides = side("local", job.ends.target, TARGET_PASSWORD)
        + &side("remote", job.ends.source, &source_password(user));
    let file = settings(home, &format!("database = {}\n\n{sides}", database.display()));
    let mut command = Command::new("interimap");
    command.args(["--quiet", "--config"]).arg(file).env("HOME", home);
    command
}
