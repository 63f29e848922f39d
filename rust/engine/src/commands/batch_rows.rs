//! From the CSV file in a request to the users of a batch: what the file's own checks leave, checked against the endpoints and
//! against other batches.

use super::csv::{self, CsvFile, Rules};
use crate::adapters;
use crate::context::Context;
use crate::errors::of_store;
use crate::messages::batches::doing;
use crate::messages::common;
use crate::messages::csv::{self as messages, row};
use crate::operations::Operation;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use imapmig_core::api::ApiError;
use imapmig_core::batch::{Batch, ValidationWarning};
use imapmig_core::endpoint::Endpoint;
use imapmig_core::ports::store::{LoginChange, StoreError};
use imapmig_core::secret::Secret;
use imapmig_core::user::NewUser;
use std::collections::HashMap;
use zeroize::Zeroizing;

/// The rows of a file.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) users: Vec<NewUser>,
    pub(super) warnings: Vec<ValidationWarning>,
}

/// Reads the file for a batch that is there.
pub(super) fn read(
    context: &Context,
    batch: &Batch,
    csv: &Secret,
    allow_unknown_columns: bool,
    operation: &Operation,
) -> Result<Rows, ApiError> {
    let endpoint = |id| {
        context.catalog.endpoint_by_id(id).map_err(of_store)?.ok_or_else(|| common::no_endpoint(&batch.name))
    };
    let source = endpoint(batch.source)?;
    let target = batch.target.map(endpoint).transpose()?;
    let rows = from_file(csv, allow_unknown_columns, &source, target.as_ref())?;
    operation.check()?;
    leave_out_others(context, rows, Some(batch))
}

/// The result of new logins and passwords.
pub(super) struct Changed {
    /// Whether any user has another login now, and is as new.
    pub(super) started_over: bool,
    /// Rows that changed nothing, and why.
    pub(super) warnings: Vec<ValidationWarning>,
}

/// Sets the logins and passwords of users of a batch to those of the file.
pub(super) fn change(
    context: &Context,
    batch: &Batch,
    csv: &Secret,
    allow_unknown_columns: bool,
    operation: &Operation,
) -> Result<Changed, ApiError> {
    let source = context.catalog.endpoint_by_id(batch.source).map_err(of_store)?;
    let source = source.ok_or_else(|| common::no_endpoint(&batch.name))?;
    // A TargetPassword that a row leaves out stays as it is.
    let mut file = from_file(csv, allow_unknown_columns, &source, None)?;
    operation.check()?;
    operation.doing(doing::CHANGING);
    let rows: Vec<_> = file.rows.iter().map(|row| &row.user).collect();
    let changes = context.catalog.change_logins(batch.id, &rows, context.now()).map_err(of_store)?;
    let mut changes_of_rows = changes.iter();
    file.reject(|user| match changes_of_rows.next()? {
        LoginChange::Passwords | LoginChange::Login => None,
        LoginChange::NotInBatch => Some(row::not_in_batch(&user.email_address, &batch.name)),
        LoginChange::AtWork => Some(row::at_work(&user.email_address)),
    });
    if file.rows.is_empty() {
        return Err(messages::nothing_to_change(&file.warnings));
    }
    file.warnings.sort_by_key(|warning| warning.row_index);
    Ok(Changed { started_over: changes.contains(&LoginChange::Login), warnings: file.warnings })
}

/// Reads the file for a new batch.
pub(super) fn read_new(
    context: &Context,
    csv: &Secret,
    allow_unknown_columns: bool,
    source: &Endpoint,
    target: Option<&Endpoint>,
) -> Result<Rows, ApiError> {
    leave_out_others(context, from_file(csv, allow_unknown_columns, source, target)?, None)
}

/// The error of adding users, when another command was faster with one of them.
pub(super) fn of_add(error: StoreError) -> ApiError {
    match error {
        StoreError::UserInOtherBatch { email_address, batch } => {
            messages::user_in_other_batch(email_address, &batch)
        }
        other => of_store(other),
    }
}

fn from_file(
    csv: &Secret,
    allow_unknown_columns: bool,
    source: &Endpoint,
    target: Option<&Endpoint>,
) -> Result<CsvFile, ApiError> {
    let bytes = STANDARD.decode(csv.expose()).map(Zeroizing::new);
    let bytes = bytes.map_err(|_| common::not_base64("CSVData"))?;
    let rules = Rules { allow_unknown_columns, password_needed: adapters::needs_source_password(source) };
    let mut file = csv::read(&bytes, rules)?;
    if let Some(target) = target.filter(|target| adapters::needs_target_password(target)) {
        file.reject(|user| user.target_password.is_none().then(|| row::no_target_password(&target.name)));
    }
    Ok(file)
}

/// Leaves out the addresses that other batches hold, and sorts the warnings by their rows.
fn leave_out_others(context: &Context, mut file: CsvFile, batch: Option<&Batch>) -> Result<Rows, ApiError> {
    let addresses: Vec<&str> = file.rows.iter().map(|row| row.user.email_address.as_str()).collect();
    let taken =
        context.catalog.addresses_in_use(&addresses, batch.map(|batch| batch.id)).map_err(of_store)?;
    let taken: HashMap<String, String> =
        taken.into_iter().map(|(address, batch)| (address.to_lowercase(), batch)).collect();
    file.reject(|user| {
        let batch = taken.get(&user.email_address.to_lowercase())?;
        Some(row::in_other_batch(&user.email_address, batch))
    });
    file.warnings.sort_by_key(|warning| warning.row_index);
    if file.rows.is_empty() {
        return Err(messages::nothing_to_migrate(&file.warnings));
    }
    Ok(Rows { users: file.rows.into_iter().map(|row| row.user).collect(), warnings: file.warnings })
}
