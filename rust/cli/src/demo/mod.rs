//! `imapmig demo`: the documented runbook, step by step, against a sample server into the local store.
//!
//! Each step shows the cmdlet line that does the same. The state directory stays, for the cmdlets to look at.

mod runbook;

use crate::arguments::{Common, Demo, HOME_VARIABLE};
use crate::client::Client;
use crate::failed::Failed;
use crate::output;
use imapmig_core::api::batch::BatchListRequest;
use imapmig_core::api::endpoint::EndpointListRequest;
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_testkit::{Personality, RunningServer, Server, sample};
use std::io::Read;
use std::path::{Path, PathBuf};
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
    check_unused(&client, &home)?;
    runbook::run(&client, &server, &home)
}

/// Fails if the state directory is in use: the demo's batch would stand among real ones, and its mail would go to the target that is
/// configured there.
fn check_unused(client: &Client, home: &Path) -> Result<(), Failed> {
    let endpoints = client.checked(client.engine.endpoint_list(EndpointListRequest::default()))?.endpoints;
    let batches = client.checked(client.engine.batch_list(BatchListRequest::default()))?.batches;
    if endpoints.is_empty() && batches.is_empty() {
        return Ok(());
    }
    Err(client.failed(ApiError::new(
        "DemoException",
        ErrorCategory::InvalidArgument,
        format!(
            "The demo needs a state directory of its own, and {} has endpoints or batches. Please unset {HOME_VARIABLE}, or name another one with --state-directory.",
            home.display()
        ),
    )))
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
