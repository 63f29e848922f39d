//! `imapmig wait`: watches a batch until it is at rest, with a progress bar on a terminal.

use crate::arguments::Wait;
use crate::client::Client;
use crate::exit::Exit;
use crate::failed::Failed;
use crate::tables;
use imapmig_core::api::batch::{BatchListRequest, BatchView};
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::failure::printable;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How often the progress is shown; the end of the wait is reported at once.
const SHOW_EVERY_MS: u32 = 200;

/// Waits for a batch; the exit code says how it stands.
pub(crate) fn run(client: &Client, wait: &Wait) -> Result<ExitCode, Failed> {
    let deadline = wait.timeout_seconds.map(|s| Instant::now() + Duration::from_secs(s));
    let batch = until_rest(client, wait.identity.as_deref(), deadline)?;
    client.output.show(&batch, |b| tables::batches(std::slice::from_ref(b)));
    let exit = if batch.is_at_rest {
        Exit::of_batch(&batch, wait.detailed_exit_code)
    } else if client.is_interrupted() {
        Exit::Failed
    } else {
        Exit::TimeOver
    };
    Ok(exit.into())
}

/// Waits until the batch is at rest, Ctrl+C is pressed or the deadline has passed; returns the batch as it is then.
pub(crate) fn until_rest(
    client: &Client,
    identity: Option<&str>,
    deadline: Option<Instant>,
) -> Result<BatchView, Failed> {
    let bar = progress_bar(client.output.json);
    let mut wait_ms = 0;
    loop {
        let batch = only(client, identity, wait_ms)?;
        wait_ms = SHOW_EVERY_MS;
        let items = (batch.synced_items + batch.skipped_items, batch.total_items);
        let users = (batch.synced_count + batch.failed_count, batch.total_count);
        show(&bar, items, users, &printable(batch.message.clone().unwrap_or_default()));
        let over = deadline.is_some_and(|d| Instant::now() >= d);
        if batch.is_at_rest || over || client.is_interrupted() {
            bar.finish_and_clear();
            return Ok(batch);
        }
    }
}

/// Shows how far the work has come. As long as nothing is counted the bar is empty, where 0 of 0 items would fill it.
pub(super) fn show(bar: &ProgressBar, (done, total): (u64, u64), (ended, users): (u32, u32), message: &str) {
    bar.set_length(total.max(1));
    bar.set_position(done);
    bar.set_message(format!("{done}/{total} items  {ended} of {users} users  {message}"));
}

fn only(client: &Client, identity: Option<&str>, wait_ms: u32) -> Result<BatchView, Failed> {
    let identity = identity.map(str::to_owned);
    let request = BatchListRequest { identity, wait_ms, ..BatchListRequest::default() };
    let mut list = client.checked(client.engine.batch_list(request))?.batches;
    match list.len() {
        1 => Ok(list.remove(0)),
        0 => Err(client.failed(ApiError::new(
            "ManagementObjectNotFoundException",
            ErrorCategory::ObjectNotFound,
            "There is no migration batch to wait for.",
        ))),
        number => Err(client.failed(ApiError::new(
            "AmbiguousIdentityException",
            ErrorCategory::InvalidArgument,
            format!("There are {number} migration batches. Please name the one to wait for."),
        ))),
    }
}

pub(super) fn progress_bar(hidden: bool) -> ProgressBar {
    let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3}%  {per_sec}  {msg}") {
        bar.set_style(style);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_empty_until_something_is_counted() {
        let bar = progress_bar(true);

        show(&bar, (0, 0), (0, 3), "");
        let before = (bar.position(), bar.length());
        show(&bar, (5, 10), (1, 3), "");

        assert_eq!(before, (0, Some(1)));
        assert_eq!((bar.position(), bar.length()), (5, Some(10)));
    }
}
