//! `imapmig worker`: runs the engine's worker until it has nothing left to wait for, or is asked to end.

use crate::arguments::{Common, Worker};
use crate::failed::Failed;
use crate::output;
use imapmig_core::cancel::Cancel;
use imapmig_engine::worker::{self, WorkerEnd, WorkerOptions};
use std::process::ExitCode;

pub(crate) fn run(common: &Common, arguments: &Worker) -> Result<ExitCode, Failed> {
    let cancel = Cancel::new();
    let on_signal = cancel.clone();
    // Without a handler a signal ends the process at once; the next worker takes up where this one was.
    let _ = ctrlc::set_handler(move || on_signal.cancel());
    let options = WorkerOptions { state_directory: common.state_directory.clone(), stay: arguments.stay };
    let end = worker::run(&options, &cancel).map_err(|error| Failed { error, json: common.json })?;
    match end {
        WorkerEnd::AlreadyRunning => {
            output::note("imapmig: another worker holds the state directory already");
        }
        WorkerEnd::TakenOver => {
            output::note("imapmig: another worker has taken over the state directory and goes on");
        }
        WorkerEnd::NothingLeft | WorkerEnd::Cancelled => {}
    }
    Ok(ExitCode::SUCCESS)
}
