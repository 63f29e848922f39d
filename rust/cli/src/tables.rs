//! Formats replies as tables and lists.

use comfy_table::{Table, presets};
use imapmig_core::api::batch::BatchView;
use imapmig_core::api::config::ConfigView;
use imapmig_core::api::confirmation::{ConfirmationCountsView, ConfirmationView, FindingView};
use imapmig_core::api::endpoint::EndpointView;
use imapmig_core::api::statistics::StatisticsView;
use imapmig_core::api::user::{UserStatisticsView, UserView};
use imapmig_core::confirmation::ConfirmationResult;
use imapmig_core::endpoint::Limit;
use imapmig_core::failure::printable;
use std::fmt::Write;

/// A table without lines but the one below its head.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(head.to_vec());
    for row in rows {
        table.add_row(row.into_iter().map(printable));
    }
    table.trim_fmt()
}

/// Names and values below each other.
fn list(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in rows {
        let _ = writeln!(text, "{name:width$} : {}", printable(value.clone()));
    }
    text.trim_end().to_owned()
}

/// An instant in UTC, or nothing.
pub(crate) fn instant(unix_ms: Option<i64>) -> String {
    unix_ms
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
        .map(|t| t.strftime("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
}

/// A size as Exchange writes it.
pub(crate) fn size(bytes: u64) -> String {
    let units = ["B", "KB", "MB", "GB", "TB"];
    let mut unit = 0;
    let mut scaled = bytes;
    let mut rest = 0;
    while scaled >= 1024 && unit + 1 < units.len() {
        rest = scaled % 1024;
        scaled /= 1024;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} B")
    } else {
        format!("{scaled}.{:02} {}", rest * 100 / 1024, units[unit])
    }
}

/// An enum's member as it stands in JSON.
fn named<T: serde::Serialize>(member: &T) -> String {
    serde_json::to_value(member).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn limit(limit: Limit) -> String {
    match limit {
        Limit::At(number) => number.to_string(),
        Limit::Unlimited(_) => "Unlimited".to_owned(),
    }
}

pub(crate) fn endpoints(endpoints: &[EndpointView]) -> String {
    let head =
        ["Identity", "EndpointType", "RemoteServer", "Port", "Security", "Migrations", "IncrementalSyncs"];
    let word = |value: Option<String>| value.unwrap_or_default();
    let rows = endpoints.iter().map(|e| {
        vec![
            e.identity.clone(),
            named(&e.endpoint_type),
            word(e.remote_server.clone().or_else(|| e.path.clone())),
            word(e.port.map(|p| p.to_string())),
            word(e.security.as_ref().map(named)),
            format!("{} of {}", e.active_migration_count, limit(e.max_concurrent_migrations)),
            format!("{} of {}", e.active_incremental_sync_count, limit(e.max_concurrent_incremental_syncs)),
        ]
    });
    table(&head, rows)
}

pub(crate) fn batches(batches: &[BatchView]) -> String {
    let head = ["Identity", "Status", "Total", "Synced", "Failed", "Items", "Source", "Target"];
    let rows = batches.iter().map(|b| {
        vec![
            b.identity.clone(),
            b.status.to_string(),
            b.total_count.to_string(),
            b.synced_count.to_string(),
            b.failed_count.to_string(),
            format!("{} of {}", b.synced_items, b.total_items),
            b.source_endpoint.clone(),
            b.target_endpoint.clone(),
        ]
    });
    let mut text = table(&head, rows);
    for batch in batches {
        if let Some(message) = &batch.message {
            let _ = write!(text, "\n{}: {}", batch.identity, printable(message.clone()));
        }
        for warning in &batch.validation_warnings {
            let _ = write!(
                text,
                "\n{}: row {} ({}): {}",
                batch.identity,
                warning.row_index,
                printable(warning.email_address.clone()),
                printable(warning.message.clone())
            );
        }
    }
    text
}

pub(crate) fn users(users: &[UserView]) -> String {
    let head = ["Identity", "Batch", "Status", "LastSyncTime", "Synced", "Skipped", "Error"];
    let rows = users.iter().map(|u| {
        vec![
            u.identity.clone(),
            u.batch_id.clone(),
            u.status.to_string(),
            instant(u.last_successful_sync_unix_ms),
            u.synced_item_count.to_string(),
            u.skipped_item_count.to_string(),
            u.error_summary.clone().or_else(|| u.waiting.clone()).unwrap_or_default(),
        ]
    });
    table(&head, rows)
}

pub(crate) fn statistics(s: &UserStatisticsView) -> String {
    let mut rows = vec![
        ("Identity", s.user.identity.clone()),
        ("BatchId", s.user.batch_id.clone()),
        ("Status", s.user.status.to_string()),
        ("TotalItemsInSourceMailboxCount", s.total_items_in_source_mailbox_count.to_string()),
        ("SyncedItemCount", s.user.synced_item_count.to_string()),
        ("AdoptedItemCount", s.adopted_item_count.to_string()),
        ("SkippedItemCount", s.user.skipped_item_count.to_string()),
        ("VerifiedItemCount", s.verified_item_count.to_string()),
        ("ComparedItemCount", s.compared_item_count.to_string()),
        ("NotVerifiedItemCount", s.not_verified_item_count.to_string()),
        ("EstimatedTotalTransferSize", size(s.estimated_total_transfer_bytes)),
        ("BytesTransferred", size(s.bytes_transferred)),
        ("PercentageComplete", s.percentage_complete.to_string()),
        ("DataConsistencyScore", s.user.data_consistency_score.clone().unwrap_or_default()),
        ("LastSuccessfulSyncTime", instant(s.user.last_successful_sync_unix_ms)),
    ];
    rows.extend(s.target_path.iter().map(|p| ("TargetPath", p.clone())));
    rows.extend(s.user.waiting.iter().map(|w| ("Waiting", w.clone())));
    rows.extend(s.error.iter().map(|e| ("Error", e.clone())));
    let mut text = list(&rows);
    if !s.skipped_items.is_empty() {
        let head = ["Kind", "FolderName", "Subject", "DateReceived", "MessageSize", "Failure"];
        let items = s.skipped_items.iter().map(|i| {
            vec![
                i.kind.clone(),
                i.folder_name.clone(),
                i.subject.clone(),
                instant(i.date_received_unix_ms),
                i.message_size.to_string(),
                i.failure.clone(),
            ]
        });
        let _ = write!(text, "\n\n{}", table(&head, items));
    }
    for entry in &s.report {
        let _ =
            write!(text, "\n{}  {}", instant(Some(entry.creation_unix_ms)), printable(entry.message.clone()));
    }
    text
}

pub(crate) fn all_users(s: &StatisticsView) -> String {
    list(&[
        ("TotalCount", s.total_count.to_string()),
        ("ActiveCount", s.active_count.to_string()),
        ("StoppedCount", s.stopped_count.to_string()),
        ("SyncedCount", s.synced_count.to_string()),
        ("FinalizedCount", s.finalized_count.to_string()),
        ("FailedCount", s.failed_count.to_string()),
        ("PendingCount", s.pending_count.to_string()),
    ])
}

pub(crate) fn config(c: &ConfigView) -> String {
    list(&[
        ("TargetEndpoint", c.target_endpoint.clone()),
        ("MaxNumberOfBatches", c.max_number_of_batches.to_string()),
        ("MaxConcurrentMigrations", limit(c.max_concurrent_migrations)),
        ("EndpointCount", c.endpoint_count.to_string()),
        ("StateDirectory", c.state_directory.clone()),
        ("Worker", c.worker.clone().unwrap_or_else(|| "none runs".to_owned())),
    ])
}

/// Confirmations: each with its users, and what was found.
pub(crate) fn confirmations(confirmations: &[ConfirmationView]) -> String {
    let head = [
        "Identity", "Status", "Result", "Items", "Matched", "Missing", "Doubled", "Altered", "Reported",
        "Foreign",
    ];
    let numbers = |counts: &ConfirmationCountsView| {
        [
            counts.matched_item_count,
            counts.missing_item_count,
            counts.doubled_item_count,
            counts.altered_item_count,
            counts.reported_item_count,
            counts.foreign_item_count,
        ]
        .map(|number| number.to_string())
    };
    let result = |result: &Option<ConfirmationResult>| result.as_ref().map(named).unwrap_or_default();
    let items = |compared, expected| format!("{compared} of {expected}");
    let mut rows = Vec::new();
    for one in confirmations {
        let items = items(one.compared_item_count, one.expected_item_count);
        let mut row = vec![one.identity.clone(), named(&one.status), result(&one.result), items];
        row.extend(numbers(&one.counts));
        rows.push(row);
    }
    let mut text = table(&head, rows);
    for one in confirmations {
        let mut head = head.to_vec();
        head[1] = "Ended";
        let rows = one.users.iter().map(|user| {
            let items = items(user.compared_item_count, user.expected_item_count);
            let mut row =
                vec![user.identity.clone(), instant(user.ended_unix_ms), result(&user.result), items];
            row.extend(numbers(&user.counts));
            row
        });
        let _ = write!(text, "\n\n{}", table(&head, rows));
        for user in &one.users {
            if let Some(error) = &user.error_summary {
                let _ = write!(text, "\n{}: {}", printable(user.identity.clone()), printable(error.clone()));
            }
        }
        if one.is_outdated {
            let name = printable(one.identity.clone());
            let _ = write!(text, "\n{name}: a login or endpoint was changed since; please confirm it again");
        }
        if !one.findings.is_empty() {
            let _ = write!(text, "\n\n{}", findings(&one.findings));
        }
    }
    text
}

fn findings(findings: &[FindingView]) -> String {
    let head = ["Identity", "Kind", "FolderName", "Uid", "Subject", "DateReceived", "Details", "Exception"];
    let rows = findings.iter().map(|found| {
        let exception = match (&found.explanation, found.is_exception) {
            (Some(reason), _) => reason.clone(),
            (None, true) => "done at the target".to_owned(),
            (None, false) => String::new(),
        };
        vec![
            found.identity.clone(),
            named(&found.kind),
            found.folder_name.clone(),
            found.uid.map(|uid| uid.to_string()).unwrap_or_default(),
            found.subject.clone(),
            instant(found.date_received_unix_ms),
            found.details.clone(),
            exception,
        ]
    });
    table(&head, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_cut_after_two_digits() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(1536), "1.50 KB");
        assert_eq!(size(30_551_458_399), "28.45 GB");
    }

    #[test]
    fn names_and_subjects_do_nothing_to_the_terminal() {
        let text = table(&["Subject"], [vec!["\u{1b}[2Jh\te\nl\u{9b}31mlo \u{e4}".to_owned()]]);

        assert!(text.ends_with("\\u{1b}[2Jh e\\nl\\u{9b}31mlo \u{e4}"), "{text}");
    }

    #[test]
    fn what_keeps_a_batch_from_going_on_stands_below_the_table() {
        let batch = serde_json::json!({
            "Identity": "IMAPBatch1", "BatchGuid": "", "Status": "Syncing", "IsAtRest": false, "NeverStarted": false, "State": "Active",
            "TotalCount": 1, "ActiveCount": 1, "StoppedCount": 0, "SyncedCount": 0, "FailedCount": 0, "PendingCount": 0, "FinalizedCount": 0,
            "ValidationWarnings": [], "Message": "The source is down.", "CreationUnixMs": 0, "SubmittedByUser": "", "NotificationEmails": [],
            "ExcludeFolders": [], "IncludeFolders": [], "SourceEndpoint": "A", "TargetEndpoint": "B", "AllowIncrementalSyncs": true,
            "TimeZone": "UTC", "TotalItems": 0, "SyncedItems": 0, "SkippedItems": 0, "BytesTransferred": 0, "Reports": []
        });
        let text = batches(&[serde_json::from_value(batch).unwrap()]);

        assert!(text.ends_with("\nIMAPBatch1: The source is down."), "{text}");
    }

    #[test]
    fn instants_are_told_in_utc() {
        assert_eq!(instant(Some(0)), "1970-01-01 00:00:00");
        assert_eq!(instant(None), "");
    }
}
