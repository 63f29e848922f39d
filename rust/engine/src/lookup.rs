//! From a name or Guid to the batch, endpoint or user.

use crate::context::Context;
use crate::errors::of_store;
use crate::messages::common;
use imapmig_core::api::{ApiError, IdentityRequest};
use imapmig_core::batch::Batch;
use imapmig_core::endpoint::Endpoint;
use imapmig_core::ports::store::{BatchFilter, UserFilter};
use imapmig_core::user::User;

/// A name that may be left out. An empty one is an error and not left out: it comes from a variable that was never set, and all
/// there is, or the only one, is not what was meant.
pub(crate) fn named<'a>(property: &str, name: Option<&'a str>) -> Result<Option<&'a str>, ApiError> {
    match name {
        Some(name) if name.trim().is_empty() => Err(common::empty_name(property)),
        name => Ok(name),
    }
}

/// The batch with this name or Guid.
pub(crate) fn batch(context: &Context, identity: &str) -> Result<Batch, ApiError> {
    let filter = BatchFilter { identity: Some(identity.to_owned()), ..BatchFilter::default() };
    let found = context.catalog.batches(&filter).map_err(of_store)?;
    found.into_iter().next().ok_or_else(|| common::no_batch(identity))
}

/// The batch that is named; else the only one that `fits`.
pub(crate) fn only_batch(
    context: &Context,
    request: &IdentityRequest,
    fits: impl Fn(&Batch) -> bool,
) -> Result<Batch, ApiError> {
    if let Some(identity) = named("Identity", request.identity.as_deref())? {
        return batch(context, identity);
    }
    let mut all = context.catalog.batches(&BatchFilter::default()).map_err(of_store)?;
    if all.len() > 1 {
        all.retain(fits);
    }
    match all.len() {
        1 => Ok(all.remove(0)),
        0 => Err(common::no_batch_fits()),
        _ => {
            let names: Vec<_> = all.iter().map(|batch| batch.name.as_str()).collect();
            Err(common::several_batches(&names))
        }
    }
}

/// The user that is named; else the only one there is.
pub(crate) fn only_user(context: &Context, request: &IdentityRequest) -> Result<User, ApiError> {
    if let Some(identity) = named("Identity", request.identity.as_deref())? {
        return user(context, identity);
    }
    let filter = UserFilter { limit: Some(2), ..UserFilter::default() };
    let mut users = context.catalog.users(&filter).map_err(of_store)?;
    match (users.pop(), users.pop()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(common::no_user_fits()),
        (Some(_), Some(_)) => Err(common::several_users()),
    }
}

/// The stored endpoint with this name or Guid.
pub(crate) fn endpoint(context: &Context, identity: &str) -> Result<Endpoint, ApiError> {
    context.catalog.endpoint(identity).map_err(of_store)?.ok_or_else(|| common::no_endpoint(identity))
}

/// The user with this EmailAddress or Guid.
pub(crate) fn user(context: &Context, identity: &str) -> Result<User, ApiError> {
    let filter = UserFilter { identity: Some(identity.to_owned()), ..UserFilter::default() };
    let found = context.catalog.users(&filter).map_err(of_store)?;
    found.into_iter().next().ok_or_else(|| common::no_user(identity))
}
