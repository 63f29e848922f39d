//! `imapmig completions` and `imapmig man`: generates completions and manual pages from the definition of the arguments.

use crate::arguments::{Arguments, Completions, Man};
use crate::failed::Failed;
use clap::CommandFactory;
use imapmig_core::api::{ApiError, ErrorCategory};
use std::process::ExitCode;

pub(crate) fn completions(completions: &Completions) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(completions.shell, &mut Arguments::command(), "imapmig", &mut script);
    crate::output::line(String::from_utf8_lossy(&script).trim_end());
    ExitCode::SUCCESS
}

pub(crate) fn man(man: &Man, json: bool) -> Result<ExitCode, Failed> {
    let written = std::fs::create_dir_all(&man.directory)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), &man.directory));
    written.map_err(|error| {
        let text = format!("The manual can't be written to {}: {error}.", man.directory.display());
        Failed { error: ApiError::new("IOException", ErrorCategory::WriteError, text), json }
    })?;
    Ok(ExitCode::SUCCESS)
}
