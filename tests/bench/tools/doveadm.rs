//! `doveadm backup`: the target itself pulls over IMAP and writes into its store.

use std::path::Path;
use std::process::Command;

use crate::job::{Job, source_password};

pub(super) fn command(job: &Job<'_>, user: &str, home: &Path) -> Command {
    let mut settings = vec![
        "imapc_host=127.0.0.1".to_owned(),
        format!("imapc_port={}", job.ends.source),
        format!("imapc_user={user}"),
        format!("imapc_password={}", source_password(user)),
        "imapc_features=rfc822.size fetch-headers".to_owned(),
        "mail_prefetch_count=20".to_owned(),
    ];
    if job.ends.tls {
        settings.push("imapc_ssl=imaps".to_owned());
        settings.push("imapc_ssl_verify=no".to_owned());
    }
    let mut command = Command::new("doveadm");
    command.arg("-c").arg(job.target.folder().join("dovecot.conf"));
    for setting in settings {
        command.args(["-o", &setting]);
    }
    command.args(["backup", "-R", "-u", user, "imapc:"]).env("HOME", home);
    command
}
