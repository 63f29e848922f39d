//! Stops or removes batches that have expired, by the same requests as the commands.

use super::state::State;
use crate::errors::of_store;
use crate::messages;
use imapmig_core::api::ApiError;
use imapmig_core::batch::{Batch, RequestKind};
use imapmig_core::expiry::{self, Expiry};
use imapmig_core::ports::store::BatchChange;
use imapmig_core::time::UnixMs;

/// Requests what is due for a batch that has expired. Returns `true` if it did.
pub(super) fn expire(state: &mut State, batch: &Batch, now: UnixMs) -> Result<bool, ApiError> {
    let Some((_, expiry)) = expiry::of(batch).filter(|(at, _)| *at <= now) else { return Ok(false) };
    let confirms = state
        .context
        .confirmations
        .open_confirmations()
        .map_err(of_store)?
        .iter()
        .any(|one| one.batch == batch.id);
    if confirms || !batch.requests.is_empty() {
        return Ok(false);
    }
    tracing::info!(batch = batch.name, ?expiry, "the batch has expired");
    let (kind, change) = match expiry {
        Expiry::Stop => {
            let change =
                BatchChange { message: Some(Some(messages::expiry::stopped())), ..BatchChange::default() };
            (RequestKind::Stop, change)
        }
        Expiry::Removal => (RequestKind::Remove, BatchChange::default()),
    };
    state.context.requests.request(batch.id, &[kind], &change, now).map_err(of_store)?;
    state.dirty = true;
    Ok(true)
}
