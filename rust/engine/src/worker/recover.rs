//! Recovers what a killed worker left unfinished.

use super::state::State;
use crate::errors::of_store;
use imapmig_core::api::ApiError;
use imapmig_core::ports::store::{BatchFilter, UserChange};
use imapmig_core::status::{UserEvent, UserStatus};

/// Repairs the states that a killed worker left behind.
pub(super) fn recover(state: &State) -> Result<(), ApiError> {
    const LEFT_OVER: [UserStatus; 5] = [
        UserStatus::Validating,
        UserStatus::Syncing,
        UserStatus::IncrementalSyncing,
        UserStatus::Stopping,
        UserStatus::Starting,
    ];
    let now = state.context.now();
    for batch in state.context.catalog.batches(&BatchFilter::default()).map_err(of_store)? {
        let goes_on = batch.status.is_started();
        for user in state.users(batch.id, &LEFT_OVER)? {
            let event = match user.status {
                UserStatus::Stopping if user.initial_synced.is_some() => UserEvent::SyncDoneWhileStopping,
                UserStatus::Stopping => UserEvent::Stopped,
                _ if !goes_on => UserEvent::Stopped,
                UserStatus::Starting => UserEvent::Started,
                _ => UserEvent::PutBack,
            };
            let Some(status) = user.status.on(event) else { continue };
            let change = UserChange {
                status: Some(status),
                waiting: Some(None),
                queued: (status == UserStatus::Queued).then_some(Some(now)),
                next_sync: status.has_next_sync().then_some(Some(now)),
                ..UserChange::default()
            };
            state.context.catalog.change_user(user.id, &[user.status], &change).map_err(of_store)?;
        }
    }
    Ok(())
}
