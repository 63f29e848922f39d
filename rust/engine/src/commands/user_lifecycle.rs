//! Start-, Stop-, Set- and Remove-MigrationUser.

use super::batch_lifecycle::{being_removed, invalid_state};
use crate::context::Context;
use crate::errors::{self, of_store};
use crate::lookup;
use crate::worker::launch;
use imapmig_core::api::user::UserUpdateRequest;
use imapmig_core::api::{ApiError, IdentityRequest};
use imapmig_core::batch::{Batch, RequestKind};
use imapmig_core::status::{BatchEvent, BatchStatus, UserEvent, UserStatus};
use imapmig_core::time::UnixMs;
use imapmig_core::user::User;

/// Start-MigrationUser: resumes a stopped user, or tries a failed one again.
pub(crate) fn start(context: &Context, request: &IdentityRequest) -> Result<(), ApiError> {
    start_one(context, &lookup::only_user(context, request)?)
}

fn start_one(context: &Context, user: &User) -> Result<(), ApiError> {
    let batch = batch_of(context, user)?;
    if matches!(batch.status, BatchStatus::Created | BatchStatus::Waiting) {
        let message = format!(
            "The user \"{}\" can't be started alone because the status of its migration batch \"{}\" is {}. Please start the batch with Start-MigrationBatch.",
            user.email_address,
            batch.name,
            batch.status.shown()
        );
        return Err(invalid_state("MigrationBatchNotStartedException", message, &user.email_address));
    }
    let changes = user.status.on(UserEvent::Started) != Some(user.status);
    let batch_event = changes.then_some(BatchEvent::UserStartRequested);
    self::request(context, RequestKind::Start, user, Some(UserEvent::StartRequested), batch_event)
}

/// Stop-MigrationUser.
pub(crate) fn stop(context: &Context, request: &IdentityRequest) -> Result<(), ApiError> {
    let user = lookup::only_user(context, request)?;
    let batch = batch_of(context, &user)?;
    if !batch.status.is_started() || user.status.on(UserEvent::Stopped) == Some(user.status) {
        let message = format!(
            "The user \"{}\" can't be stopped because it isn't being migrated: its status is {}.",
            user.email_address, user.status
        );
        return Err(invalid_state("MigrationUserCannotBeStoppedException", message, &user.email_address));
    }
    self::request(context, RequestKind::Stop, &user, Some(UserEvent::StopRequested), None)
}

/// Remove-MigrationUser: forgets the user and its secrets; the migrated mail stays.
pub(crate) fn remove(context: &Context, request: &IdentityRequest) -> Result<(), ApiError> {
    let Some(identity) = request.identity.as_deref().filter(|identity| !identity.is_empty()) else {
        return Err(errors::invalid("Identity is empty. Please name the migration user to remove."));
    };
    let user = lookup::user(context, identity)?;
    batch_of(context, &user)?;
    self::request(context, RequestKind::Remove, &user, Some(UserEvent::RemoveRequested), None)
}

/// Set-MigrationUser.
pub(crate) fn update(context: &Context, request: &UserUpdateRequest) -> Result<(), ApiError> {
    if request.identity.is_empty() {
        return Err(errors::invalid("Identity is empty. Please name the migration user."));
    }
    let user = lookup::user(context, &request.identity)?;
    let batch = batch_of(context, &user)?;
    let now = context.now();
    let instants = [
        ("StartAfter", request.start_after_unix_ms, "StartAfter"),
        ("CompleteAfter", request.complete_after_unix_ms, "CompleteAfter"),
    ];
    for (parameter, instant, of_batch) in instants {
        if instant.is_some_and(|at| UnixMs(at) > now) {
            return Err(errors::invalid(format!(
                "{parameter} of a single user can't lie in the future. Please set it for the whole batch with Set-MigrationBatch -{of_batch}."
            )));
        }
    }
    if request.start_after_unix_ms.is_some() {
        start_one(context, &user)?;
    }
    if request.complete_after_unix_ms.is_some() {
        complete(context, &batch, &user)?;
    }
    if request.sync_now {
        if user.status != UserStatus::Synced {
            return Err(not_in_step("synced now", &user));
        }
        self::request(context, RequestKind::SyncNow, &user, None, None)?;
    }
    Ok(())
}

/// Gives one user its final sync.
fn complete(context: &Context, batch: &Batch, user: &User) -> Result<(), ApiError> {
    if matches!(user.status, UserStatus::Completing | UserStatus::Completed) {
        return Ok(());
    }
    if user.status.on(UserEvent::CompleteRequested) == Some(user.status) || !batch.status.is_started() {
        return Err(not_in_step("completed", user));
    }
    let shown = Some(UserEvent::CompleteRequested);
    self::request(context, RequestKind::SyncNow, user, shown, Some(BatchEvent::CompleteRequested))
}

fn not_in_step(what: &str, user: &User) -> ApiError {
    let message = format!(
        "The user \"{}\" can't be {what} because its status is {}. Please start it with Start-MigrationUser first.",
        user.email_address, user.status
    );
    invalid_state("MigrationUserNotSyncedException", message, &user.email_address)
}

/// The user's batch, unless it is being removed.
fn batch_of(context: &Context, user: &User) -> Result<Batch, ApiError> {
    let batch = context.store.batch_by_id(user.batch).map_err(of_store)?;
    let batch = batch.ok_or_else(|| errors::no_user(&user.email_address))?;
    if batch.status == BatchStatus::Removing { Err(being_removed(&batch.name)) } else { Ok(batch) }
}

/// Makes a request for one user, together with the states that show it, and ensures that a worker runs.
fn request(
    context: &Context,
    kind: RequestKind,
    user: &User,
    user_event: Option<UserEvent>,
    batch_event: Option<BatchEvent>,
) -> Result<(), ApiError> {
    let shown = (user_event, batch_event);
    context.store.request_for_user(kind, user.id, shown, context.now()).map_err(of_store)?;
    launch::ensure(context)
}
