//! The six steps of the document.

use crate::client::Client;
use crate::commands::wait;
use crate::failed::Failed;
use crate::output::line;
use crate::tables;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use imapmig_core::api::IdentityRequest;
use imapmig_core::api::batch::{BatchCreateRequest, BatchView};
use imapmig_core::api::endpoint::{EndpointCreateRequest, EndpointView};
use imapmig_core::api::server::{ServerTestRequest, ServerTestResult};
use imapmig_core::api::user::{UserListRequest, UserStatisticsRequest, UserStatisticsView};
use imapmig_core::endpoint::Security;
use imapmig_core::secret::Secret;
use imapmig_core::status::BatchStatus;
use imapmig_testkit::RunningServer;
use std::path::Path;
use std::process::ExitCode;

const CSV: &str = "EmailAddress,UserName,Password\r\n\
    terrya@contoso.edu,terry.adams,1091990\r\n\
    annb@contoso.edu,ann.beebe,2111991\r\n\
    paulc@contoso.edu,paul.cannon,3281986\r\n";
const LOGINS: [&str; 3] = ["terry.adams", "ann.beebe", "paul.cannon"];

pub(crate) fn run(client: &Client, server: &RunningServer, home: &Path) -> Result<ExitCode, Failed> {
    let (host, port) = (server.host(), server.port());
    let messages: usize = LOGINS.iter().map(|login| server.message_count(login)).sum();
    line(&format!(
        "A sample IMAP server with three mailboxes and {messages} messages answers on {host}:{port}."
    ));

    step(1, "Test the connection to the IMAP server");
    shell(&format!(
        "Test-MigrationServerAvailability -IMAP -RemoteServer {host} -Port {port} -Security None"
    ));
    let request = ServerTestRequest {
        remote_server: Some(host.clone()),
        port: Some(port),
        security: Some(Security::None),
        ..ServerTestRequest::default()
    };
    let test: ServerTestResult = client.wait(client.engine.server_test(request))?;
    line(&format!("Result : {:?}", test.result));

    step(2, "Write a CSV file with the users");
    line(CSV.trim_end());

    step(3, "Make a migration endpoint");
    shell(&format!(
        "New-MigrationEndpoint -IMAP -Name IMAPEndpoint -RemoteServer {host} -Port {port} -Security None"
    ));
    let request = EndpointCreateRequest {
        name: "IMAPEndpoint".to_owned(),
        remote_server: Some(host),
        port: Some(port),
        security: Some(Security::None),
        ..EndpointCreateRequest::default()
    };
    let endpoint: EndpointView = client.wait(client.engine.endpoint_create(request))?;
    line(&tables::endpoints(&[endpoint]));

    step(4, "Make a migration batch and start it");
    shell(
        "New-MigrationBatch -Name IMAPBatch1 -SourceEndpoint IMAPEndpoint \
         -CSVData ([System.IO.File]::ReadAllBytes(\"IMAPmigration_1.csv\")) -AutoStart",
    );
    let request = BatchCreateRequest {
        name: "IMAPBatch1".to_owned(),
        csv_base64: Secret::new(STANDARD.encode(CSV)),
        source_endpoint: Some("IMAPEndpoint".to_owned()),
        auto_start: true,
        ..BatchCreateRequest::default()
    };
    let batch: BatchView = client.wait(client.engine.batch_create(request))?;
    line(&tables::batches(&[batch]));

    step(5, "Watch it, and see what has become of the users");
    shell("Wait-MigrationBatch IMAPBatch1");
    let batch = wait::until_rest(client, Some("IMAPBatch1"), None)?;
    line(&tables::batches(std::slice::from_ref(&batch)));
    let (verified, compared) = users(client)?;
    line(&format!(
        "\n{messages} messages at the source, {} migrated, {} left out. Of {verified} the UID, size, date and flags were listed at the target; of \
         {compared} of these the bytes were read there and compared with the source's as well.",
        batch.synced_items, batch.skipped_items
    ));

    step(6, "Stop the batch, since the sample server ends with this demo");
    shell("Stop-MigrationBatch IMAPBatch1 -Confirm:$false");
    client.checked(client.engine.batch_stop(IdentityRequest { identity: Some("IMAPBatch1".to_owned()) }))?;
    let stopped = wait::until_rest(client, Some("IMAPBatch1"), None)?;
    line(&format!("Status : {}", stopped.status));
    line(&format!(
        "\nThe state directory stays. To look at it from PowerShell:\n\n    $env:IMAPMIGRATION_HOME = '{}'",
        home.display()
    ));
    line(
        "    Import-Module ./out/ImapMigration    # made by: pwsh ./build.ps1\n    Get-MigrationUser | Get-MigrationUserStatistics",
    );
    let whole = batch.status == BatchStatus::Synced && batch.synced_items == messages as u64;
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Shows each user and where its mail lies. Returns how many messages are verified, and how many of these were compared.
fn users(client: &Client) -> Result<(u64, u64), Failed> {
    shell("Get-MigrationUser -BatchId IMAPBatch1 | Get-MigrationUserStatistics");
    let request = UserListRequest { batch_id: Some("IMAPBatch1".to_owned()), ..UserListRequest::default() };
    let list = client.checked(client.engine.user_list(request))?;
    let mut all: Vec<UserStatisticsView> = Vec::new();
    for user in list.users {
        let request = UserStatisticsRequest { identity: user.guid, ..UserStatisticsRequest::default() };
        all.push(client.checked(client.engine.user_statistics(request))?);
    }
    let head =
        ["Identity", "Status", "Items", "Synced", "Skipped", "Verified", "Compared", "Size", "TargetPath"];
    let rows = all.iter().map(|s| {
        vec![
            s.user.identity.clone(),
            s.user.status.to_string(),
            s.total_items_in_source_mailbox_count.to_string(),
            s.user.synced_item_count.to_string(),
            s.user.skipped_item_count.to_string(),
            s.verified_item_count.to_string(),
            s.compared_item_count.to_string(),
            tables::size(s.bytes_transferred),
            s.target_path.clone().unwrap_or_default(),
        ]
    });
    line(&tables::table(&head, rows));
    let sum = |count: fn(&UserStatisticsView) -> u64| all.iter().map(count).sum();
    Ok((sum(|s| s.verified_item_count), sum(|s| s.compared_item_count)))
}

fn step(number: u32, title: &str) {
    line(&format!("\n== Step {number}: {title}"));
}

fn shell(command: &str) {
    line(&format!("PS> {command}"));
}
