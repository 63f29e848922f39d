//! Get-MigrationBatch.

use super::views::{self, EndpointNames};
use crate::context::Context;
use crate::errors::of_store;
use crate::lookup;
use imapmig_core::api::ApiError;
use imapmig_core::api::batch::{BatchList, BatchListRequest, BatchView};
use imapmig_core::endpoint::is_local;
use imapmig_core::ports::store::{BatchFilter, UserFilter};
use std::thread;
use std::time::{Duration, Instant};

/// How often the database's version is read while a caller waits.
const WATCH_EVERY: Duration = Duration::from_millis(8);
/// No call into the engine blocks longer.
const LONGEST_WAIT: Duration = Duration::from_millis(200);

/// Get-MigrationBatch.
pub(crate) fn list(context: &Context, request: &BatchListRequest) -> Result<BatchList, ApiError> {
    let identity = lookup::named("Identity", request.identity.as_deref())?;
    if let Some(identity) = identity {
        // A batch that is there but in another state is no error.
        lookup::batch(context, identity)?;
    }
    let mut local_only = false;
    let endpoint = match request.endpoint.as_deref() {
        Some(name) if is_local(name) => {
            local_only = true;
            None
        }
        Some(name) => Some(lookup::endpoint(context, name)?.id),
        None => None,
    };
    let filter = BatchFilter { identity: identity.map(str::to_owned), endpoint };
    let mut batches = watch(context, request.wait_ms, || {
        let mut batches = context.catalog.batches(&filter).map_err(of_store)?;
        batches.retain(|batch| {
            (!local_only || batch.target.is_none())
                && request.status.is_none_or(|status| batch.status.answers_to(status))
        });
        let ends_wait = batches.is_empty() || batches.iter().any(|batch| batch.status.is_at_rest());
        Ok((batches, ends_wait))
    })?;
    batches.truncate(request.result_size.map_or(usize::MAX, |size| size as usize));
    let names = EndpointNames::read(context)?;
    let mut list = BatchList::default();
    for batch in batches {
        let id = batch.id;
        let mut view = views::batch(context, &names, batch)?;
        if request.include_report {
            let users = UserFilter { batch: Some(id), ..UserFilter::default() };
            for user in context.catalog.users(&users).map_err(of_store)? {
                view.reports.append(&mut views::report(context, &user)?);
            }
        }
        list.batches.push(view);
    }
    Ok(list)
}

/// Looks again after every change of the database until the look says that there is nothing to wait for, or the time is over.
pub(super) fn watch<T>(
    context: &Context,
    wait_ms: u32,
    mut look: impl FnMut() -> Result<(T, bool), ApiError>,
) -> Result<T, ApiError> {
    let deadline = Instant::now() + LONGEST_WAIT.min(Duration::from_millis(wait_ms.into()));
    loop {
        let version = context.requests.version().map_err(of_store)?;
        let (seen, ends_wait) = look()?;
        if ends_wait || !changes(context, version, deadline)? {
            return Ok(seen);
        }
    }
}

/// Waits for a change of the database; returns `false` if there is none before the deadline.
fn changes(context: &Context, version: i64, deadline: Instant) -> Result<bool, ApiError> {
    while Instant::now() < deadline {
        thread::sleep(WATCH_EVERY);
        if context.requests.version().map_err(of_store)? != version {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How a batch is shown after it was made or changed.
pub(super) fn view(context: &Context, name: &str) -> Result<BatchView, ApiError> {
    views::batch(context, &EndpointNames::read(context)?, lookup::batch(context, name)?)
}
