//! `imapmig batch`.

use super::{NOT_CONFIRMED, confirm};
use crate::arguments::{BatchCommand, NewBatch, SetBatch};
use crate::client::Client;
use crate::failed::Failed;
use crate::output::confirmed;
use crate::{files, tables};
use imapmig_core::api::batch::BatchCompleteRequest;
use imapmig_core::api::batch::{BatchCreateRequest, BatchListRequest, BatchUpdateRequest, BatchView};
use imapmig_core::api::confirmation::BatchConfirmationRequest;
use imapmig_core::api::{ApiError, IdentityRequest};
use std::process::ExitCode;

pub(crate) fn run(client: &Client, command: BatchCommand) -> Result<ExitCode, Failed> {
    let engine = &client.engine;
    match command {
        BatchCommand::New(new) => {
            let request = client.checked(create_request(*new))?;
            let view: BatchView = client.wait(engine.batch_create(request))?;
            client.output.show(&view, |v| tables::batches(std::slice::from_ref(v)));
        }
        BatchCommand::Get { identity, status, endpoint, result_size, include_report } => {
            let request =
                BatchListRequest { identity, status, endpoint, result_size, include_report, wait_ms: 0 };
            let list = client.checked(engine.batch_list(request))?;
            client.output.show(&list, |l| tables::batches(&l.batches));
        }
        BatchCommand::Set(set) => {
            let request = client.checked(update_request(*set))?;
            let view: BatchView = client.wait(engine.batch_update(request))?;
            client.output.show(&view, |v| tables::batches(std::slice::from_ref(v)));
        }
        BatchCommand::Start { identity } => {
            let reply = client.checked(engine.batch_start(IdentityRequest { identity }))?;
            client.output.show(&reply, |_| String::new());
        }
        BatchCommand::Stop { identity, yes } => {
            let which = identity.as_ref().map_or("the only one".to_owned(), |name| format!("\"{name}\""));
            if !confirmed(yes, &format!("Stopping migration batch {which}.")) {
                return Ok(NOT_CONFIRMED);
            }
            let reply = client.checked(engine.batch_stop(IdentityRequest { identity }))?;
            client.output.show(&reply, |_| String::new());
        }
        BatchCommand::Complete { identity, sync_and_complete, notification_emails, yes } => {
            let which = identity.as_ref().map_or("the only one".to_owned(), |name| format!("\"{name}\""));
            if !confirmed(yes, &format!("Completing migration batch {which}.")) {
                return Ok(NOT_CONFIRMED);
            }
            let request = BatchCompleteRequest { identity, sync_and_complete, notification_emails };
            let reply = client.checked(engine.batch_complete(request))?;
            client.output.show(&reply, |_| String::new());
        }
        BatchCommand::Confirm(arguments) => return confirm::run(client, arguments),
        BatchCommand::Confirmation { identity, include_findings } => {
            let request = BatchConfirmationRequest {
                identity,
                include_findings,
                ..BatchConfirmationRequest::default()
            };
            let list = client.checked(engine.batch_confirmation(request))?;
            client.output.show(&list, |l| tables::confirmations(&l.confirmations));
        }
        BatchCommand::Remove(remove) => {
            if !confirmed(remove.yes, &format!("Removing migration batch \"{}\".", remove.identity)) {
                return Ok(NOT_CONFIRMED);
            }
            let request = IdentityRequest { identity: Some(remove.identity) };
            let reply = client.checked(engine.batch_remove(request))?;
            client.output.show(&reply, |_| String::new());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn create_request(new: NewBatch) -> Result<BatchCreateRequest, ApiError> {
    Ok(BatchCreateRequest {
        name: new.name,
        csv_base64: new.csv_file.as_deref().map(files::base64).transpose()?.unwrap_or_default(),
        user_ids: new.user_ids,
        analyze: new.analyze,
        validate_only: new.validate_only,
        source_endpoint: new.source_endpoint,
        target_endpoint: new.target_endpoint,
        exclude_folders: new.exclude_folders,
        include_folders: new.include_folders,
        auto_start: new.auto_start,
        allow_unknown_columns_in_csv: new.allow_unknown_columns_in_csv,
        notification_emails: new.notification_emails,
        start_after_unix_ms: new.start_after,
        complete_after_unix_ms: new.complete_after,
        auto_complete: new.auto_complete,
        allow_incremental_syncs: new.allow_incremental_syncs,
        ..BatchCreateRequest::default()
    })
}

fn update_request(set: SetBatch) -> Result<BatchUpdateRequest, ApiError> {
    Ok(BatchUpdateRequest {
        identity: set.identity,
        csv_base64: set.csv_file.as_deref().map(files::base64).transpose()?,
        add_users_csv_base64: set.add_users_csv_file.as_deref().map(files::base64).transpose()?,
        allow_unknown_columns_in_csv: set.allow_unknown_columns_in_csv,
        sync_now: set.sync_now,
        update: set.update,
        notification_emails: set.notification_emails,
        start_after_unix_ms: set.start_after,
        complete_after_unix_ms: set.complete_after,
        allow_incremental_syncs: set.allow_incremental_syncs,
        ..BatchUpdateRequest::default()
    })
}
