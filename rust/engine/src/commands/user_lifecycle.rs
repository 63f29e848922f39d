//! Start-, Stop-, Set- and Remove-MigrationUser.

use crate::context::Context;
use crate::errors::of_store;
use crate::lookup;
use crate::messages::batches::being_removed;
use crate::messages::common;
use crate::messages::terms::Term;
use crate::messages::users as messages;
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
        return Err(messages::batch_not_started(user, &batch));
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
        return Err(messages::cannot_stop(&user));
    }
    self::request(context, RequestKind::Stop, &user, Some(UserEvent::StopRequested), None)
}

/// Remove-MigrationUser: forgets the user and its secrets; the migrated mail stays.
pub(crate) fn remove(context: &Context, request: &IdentityRequest) -> Result<(), ApiError> {
    let Some(identity) = request.identity.as_deref().filter(|identity| !identity.is_empty()) else {
        return Err(common::empty_identity(common::Named::UserToRemove));
    };
    let user = lookup::user(context, identity)?;
    batch_of(context, &user)?;
    self::request(context, RequestKind::Remove, &user, Some(UserEvent::RemoveRequested), None)
}

/// Set-MigrationUser.
pub(crate) fn update(context: &Context, request: &UserUpdateRequest) -> Result<(), ApiError> {
    if request.identity.is_empty() {
        return Err(common::empty_identity(common::Named::User));
    }
    let user = lookup::user(context, &request.identity)?;
    let batch = batch_of(context, &user)?;
    let now = context.now();
    let instants = [
        (Term::StartAfter, request.start_after_unix_ms),
        (Term::CompleteAfter, request.complete_after_unix_ms),
    ];
    for (parameter, instant) in instants {
        if instant.is_some_and(|at| UnixMs(at) > now) {
            return Err(messages::instant_in_future(parameter));
        }
    }
    if request.start_after_unix_ms.is_some() {
        start_one(context, &user)?;
    }
    if request.complete_after_unix_ms.is_some() {
        complete(context, &batch, &user)?;
    }
    if request.sync_now {
        // A sync that is under way may have passed by what is new.
        if !matches!(user.status, UserStatus::Synced | UserStatus::Syncing | UserStatus::IncrementalSyncing) {
            return Err(messages::not_synced("synced now", &user));
        }
        self::request(context, RequestKind::SyncNow, &user, None, None)?;
    }
    Ok(())
}

/// Requests the final sync of one user.
fn complete(context: &Context, batch: &Batch, user: &User) -> Result<(), ApiError> {
    if matches!(user.status, UserStatus::Completing | UserStatus::Completed) {
        return Ok(());
    }
    if batch.status.is_started() && user.status.is_on_its_way() {
        return self::request(context, RequestKind::Complete, user, None, None);
    }
    if user.status.on(UserEvent::CompleteRequested) == Some(user.status) || !batch.status.is_started() {
        return Err(messages::not_synced("completed", user));
    }
    let shown = Some(UserEvent::CompleteRequested);
    self::request(context, RequestKind::SyncNow, user, shown, Some(BatchEvent::CompleteRequested))
}

/// The user's batch, unless it is being removed.
fn batch_of(context: &Context, user: &User) -> Result<Batch, ApiError> {
    let batch = context.catalog.batch_by_id(user.batch).map_err(of_store)?;
    let batch = batch.ok_or_else(|| common::no_user(&user.email_address))?;
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
    context.requests.request_for_user(kind, user.id, shown, context.now()).map_err(of_store)?;
    launch::ensure(context)
}
