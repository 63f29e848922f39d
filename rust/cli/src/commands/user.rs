//! `imapmig user`.

use super::NOT_CONFIRMED;
use crate::arguments::UserCommand;
use crate::client::Client;
use crate::failed::Failed;
use crate::output::confirmed;
use crate::tables;
use imapmig_core::api::IdentityRequest;
use imapmig_core::api::user::{UserListRequest, UserStatisticsRequest, UserUpdateRequest};
use std::process::ExitCode;

pub(crate) fn run(client: &Client, command: UserCommand) -> Result<ExitCode, Failed> {
    match command {
        UserCommand::Get { identity, batch_id, status, status_summary, result_size } => {
            let request =
                UserListRequest { identity, batch_id, status, status_summary, result_size, after: None };
            let list = client.checked(client.engine.user_list(request))?;
            client.output.show(&list, |l| tables::users(&l.users));
        }
        UserCommand::Start { identity } => {
            let reply = client.checked(client.engine.user_start(IdentityRequest { identity }))?;
            client.output.show(&reply, |_| String::new());
        }
        UserCommand::Stop { identity, yes } => {
            let which = identity.as_ref().map_or("the only one".to_owned(), |name| format!("\"{name}\""));
            if !confirmed(yes, &format!("Stopping migration user {which}.")) {
                return Ok(NOT_CONFIRMED);
            }
            let reply = client.checked(client.engine.user_stop(IdentityRequest { identity }))?;
            client.output.show(&reply, |_| String::new());
        }
        UserCommand::Set { identity, sync_now, start_after, complete_after } => {
            let request = UserUpdateRequest {
                identity,
                sync_now,
                start_after_unix_ms: start_after,
                complete_after_unix_ms: complete_after,
            };
            let reply = client.checked(client.engine.user_update(request))?;
            client.output.show(&reply, |_| String::new());
        }
        UserCommand::Remove(remove) => {
            if !confirmed(remove.yes, &format!("Removing migration user \"{}\".", remove.identity)) {
                return Ok(NOT_CONFIRMED);
            }
            let request = IdentityRequest { identity: Some(remove.identity) };
            let reply = client.checked(client.engine.user_remove(request))?;
            client.output.show(&reply, |_| String::new());
        }
        UserCommand::Statistics {
            identity,
            include_report,
            include_skipped_items,
            limit_skipped_items_to,
        } => {
            let request = UserStatisticsRequest {
                identity,
                include_report,
                include_skipped_items,
                limit_skipped_items_to,
                ..UserStatisticsRequest::default()
            };
            let view = client.checked(client.engine.user_statistics(request))?;
            client.output.show(&view, tables::statistics);
        }
    }
    Ok(ExitCode::SUCCESS)
}
