//! `imapmig batch confirm`: requests a confirmation, and waits for its end with a progress bar for people.

use super::wait::{progress_bar, show};
use crate::arguments::Confirm;
use crate::client::Client;
use crate::exit::Exit;
use crate::failed::Failed;
use crate::tables;
use imapmig_core::api::confirmation::{BatchConfirmRequest, BatchConfirmationRequest, ConfirmationView};
use imapmig_core::api::{ApiError, ErrorCategory};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How often the progress is shown; the end is reported at once.
const SHOW_EVERY_MS: u32 = 200;

/// Confirms a batch; the exit code says how both sides compare if the end was waited for.
pub(crate) fn run(client: &Client, arguments: Confirm) -> Result<ExitCode, Failed> {
    let Confirm { identity, bytes, wait, timeout_seconds, detailed_exit_code, stop } = arguments;
    let deadline = timeout_seconds.map(|s| Instant::now() + Duration::from_secs(s));
    let mut view =
        client.checked(client.engine.batch_confirm(BatchConfirmRequest { identity, bytes, stop }))?;
    if wait {
        view = until_rest(client, &view.batch_guid, deadline)?;
    }
    client.output.show(&view, |v| tables::confirmations(std::slice::from_ref(v)));
    let exit = match view.result {
        _ if !wait => Exit::Done,
        Some(result) => Exit::of_confirmation(result, detailed_exit_code),
        // It was stopped, or Ctrl+C ended the wait.
        None if view.is_at_rest || client.is_interrupted() => Exit::Failed,
        None => Exit::TimeOver,
    };
    Ok(exit.into())
}

/// Waits until the confirmation has ended or was stopped, Ctrl+C is pressed or the deadline is over, and returns how it stands
/// then with all that was found.
fn until_rest(client: &Client, batch: &str, deadline: Option<Instant>) -> Result<ConfirmationView, Failed> {
    let bar = progress_bar(client.output.json);
    let mut wait_ms = 0;
    loop {
        let view = look(client, batch, wait_ms, false)?;
        wait_ms = SHOW_EVERY_MS;
        let items = (view.compared_item_count, view.expected_item_count);
        show(&bar, items, (view.ended_count, view.total_count), "");
        let over = deadline.is_some_and(|d| Instant::now() >= d);
        if view.is_at_rest || over || client.is_interrupted() {
            bar.finish_and_clear();
            return look(client, batch, 0, true);
        }
    }
}

fn look(client: &Client, batch: &str, wait_ms: u32, findings: bool) -> Result<ConfirmationView, Failed> {
    let request = BatchConfirmationRequest {
        identity: Some(batch.to_owned()),
        include_findings: findings,
        wait_ms,
        ..BatchConfirmationRequest::default()
    };
    let list = client.checked(client.engine.batch_confirmation(request))?;
    list.confirmations.into_iter().next().ok_or_else(|| {
        client.failed(ApiError::new(
            "ManagementObjectNotFoundException",
            ErrorCategory::ObjectNotFound,
            "the migration batch was removed while it was confirmed",
        ))
    })
}
