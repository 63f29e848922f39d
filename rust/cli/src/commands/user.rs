//! `imapmig user`.

use crate::arguments::UserCommand;
use crate::client::{Client, Failed};
use crate::tables;
use imapmig_core::api::user::{UserListRequest, UserStatisticsRequest};
use std::process::ExitCode;

pub(crate) fn run(client: &Client, command: UserCommand) -> Result<ExitCode, Failed> {
    match command {
        UserCommand::Get { identity, batch_id, status, status_summary, result_size } => {
            let request = UserListRequest { identity, batch_id, status, status_summary, result_size };
            let list = client.checked(client.engine.user_list(request))?;
            client.output.show(&list, |l| tables::users(&l.users));
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
            };
            let view = client.checked(client.engine.user_statistics(request))?;
            client.output.show(&view, tables::statistics);
        }
    }
    Ok(ExitCode::SUCCESS)
}
