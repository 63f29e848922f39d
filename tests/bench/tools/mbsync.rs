//! mbsync, from the package isync.

use std::path::Path;
use std::process::Command;

use super::settings;
use crate::job::{Job, TARGET_PASSWORD, source_password};

pub(super) fn command(job: &Job<'_>, user: &str, home: &Path) -> Command {
    let ca = job.target.ca.display().to_string();
    let tls =
        if job.ends.tls { format!("SSLType IMAPS\nCertificateFile {ca}") } else { "SSLType None".into() };
    // It checks names, and the certificate's addresses are not looked at.
    let host = if job.ends.tls { "localhost" } else { "127.0.0.1" };
    let account = |name: &str, port, password: &str| {
        format!(
            "IMAPAccount {name}\nHost {host}\nPort {port}\nUser {user}\nPass {password}\nAuthMechs LOGIN\n{tls}\n\
             DisableExtension COMPRESS=DEFLATE\n\nIMAPStore {name}\nAccount {name}\n\n"
        )
    };
    let text = format!(
        "{}{}Channel all\nFar :far:\nNear :near:\nPatterns *\nCreate Near\nSync Pull New Flags\n\
         CopyArrivalDate yes\nSyncState {}/\n",
        account("far", job.ends.source, &source_password(user)),
        account("near", job.ends.target, TARGET_PASSWORD),
        home.display()
    );
    let mut command = Command::new("mbsync");
    command.args(["-a", "-q", "-c"]).arg(settings(home, &text)).env("HOME", home);
    command
}
