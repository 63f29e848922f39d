//! `imapmig statistics` and `imapmig report`.

use crate::arguments::Report;
use crate::client::Client;
use crate::failed::Failed;
use crate::output;
use crate::tables;
use imapmig_core::api::statistics::ReportExportRequest;
use imapmig_core::api::{ApiError, Empty, ErrorCategory};
use std::process::ExitCode;

pub(crate) fn show(client: &Client) -> Result<ExitCode, Failed> {
    let view = client.checked(client.engine.statistics_get(Empty {}))?;
    client.output.show(&view, tables::all_users);
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn export(client: &Client, report: Report) -> Result<ExitCode, Failed> {
    let request = ReportExportRequest {
        identity: report.identity,
        starting_row_index: report.starting_row_index,
        row_count: report.row_count,
    };
    let export = client.checked(client.engine.report_export(request))?;
    match report.csv_file {
        Some(path) => {
            let written = std::fs::write(&path, &export.csv).map_err(|error| {
                let message = format!("The file {} can't be written: {error}.", path.display());
                ApiError::new("IOException", ErrorCategory::WriteError, message)
            });
            client.checked(written)?;
            output::note(&format!("{} rows written to {}", export.row_count, path.display()));
        }
        None => client.output.show(&export, |export| export.csv.trim_end().to_owned()),
    }
    Ok(ExitCode::SUCCESS)
}
