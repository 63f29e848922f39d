//! `imapmig demo`: the documented runbook, step by step, against a sample server into the local store.
//!
//! Each step shows the cmdlet line that does the same. The state directory stays, for the cmdlets to look at.

mod runbook;

use crate::arguments::{Common, Demo};
use crate::client::Client;
use crate::failed::Failed;
use crate::output;
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_testkit::{Personality, RunningServer, Server, sample};
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

pub(crate) fn run(common: &Common, demo: &Demo) -> Result<ExitCode, Failed> {
    let failed = |error: &dyn std::fmt::Display| Failed {
        error: ApiError::new(
            "DemoException",
            ErrorCategory::NotSpecified,
            format!("the demo cannot run: {error}"),
        ),
        json: common.json,
    };
    let server = sample_server().map_err(|e| failed(&e))?;
    if demo.serve {
        output::line(&format!("{}:{}", server.host(), server.port()));
        // Who started it ends it by closing standard input.
        let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
        return Ok(ExitCode::SUCCESS);
    }
    let home = match &common.state_directory {
        Some(directory) => PathBuf::from(directory),
        None => new_home().map_err(|e| failed(&e))?,
    };
    let common = Common { state_directory: Some(home.display().to_string()), json: false };
    let client = Client::open(&common)?;
    runbook::run(&client, &server, &home)
}

fn sample_server() -> std::io::Result<RunningServer> {
    Server::new(Personality::dovecot()).with_accounts(sample::three_mailboxes()).start()
}

/// A directory of its own for each run, so that a second demo finds nothing of the first.
fn new_home() -> std::io::Result<PathBuf> {
    let now = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S");
    let base = std::env::temp_dir();
    for number in 0.. {
        let name =
            if number == 0 { format!("imapmig-demo-{now}") } else { format!("imapmig-demo-{now}-{number}") };
        let home = base.join(name);
        match std::fs::create_dir(&home) {
            Ok(()) => return Ok(home),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    unreachable!("some number is free")
}
