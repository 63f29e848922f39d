//! `imapmig config`.

use crate::arguments::ConfigCommand;
use crate::client::Client;
use crate::failed::Failed;
use crate::tables;
use imapmig_core::api::Empty;
use imapmig_core::api::config::ConfigUpdateRequest;
use std::process::ExitCode;

pub(crate) fn run(client: &Client, command: ConfigCommand) -> Result<ExitCode, Failed> {
    match command {
        ConfigCommand::Get => {
            let view = client.checked(client.engine.config_get(Empty {}))?;
            client.output.show(&view, tables::config);
        }
        ConfigCommand::Set { target_endpoint, max_concurrent_migrations, max_number_of_batches } => {
            let request =
                ConfigUpdateRequest { target_endpoint, max_concurrent_migrations, max_number_of_batches };
            let view = client.checked(client.engine.config_set(request))?;
            client.output.show(&view, |_| String::new());
        }
    }
    Ok(ExitCode::SUCCESS)
}
