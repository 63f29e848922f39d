//! How endpoints, batches and users are shown: what is stored, and what follows from it.
//!
//! PercentageComplete, DataConsistencyScore and State are decided here; Exchange's rules are in
//! "Track and prevent migration data loss".

use crate::adapters;
use crate::context::Context;
use crate::errors::of_store;
use imapmig_core::api::ApiError;
use imapmig_core::api::batch::BatchView;
use imapmig_core::api::endpoint::EndpointView;
use imapmig_core::api::user::{ReportEntry, SkippedItemView, UserView};
use imapmig_core::batch::Batch;
use imapmig_core::endpoint::{Authentication, Endpoint, EndpointType, LOCAL_ENDPOINT, Limit, Security};
use imapmig_core::expiry;
use imapmig_core::ids::EndpointId;
use imapmig_core::ports::store::{BatchFilter, ReportLine};
use imapmig_core::status::{BatchStatus, UserStatus, UserStatusSummary};
use imapmig_core::user::{SkippedItem, User, UserProgress};
use std::collections::HashMap;

/// How sure it is that everything arrived, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Score {
    /// Nothing to report.
    Perfect,
    /// Every message arrived; something about some differs.
    Good,
    /// Few messages were left out.
    Investigate,
    /// Many messages were left out.
    Poor,
}

impl Score {
    /// The score of a user; `reported`: there are reported items. `None` before the first sync has ended, while a sync runs,
    /// and after one that failed: nothing is known then.
    fn of_user(user: &User, reported: bool) -> Option<Self> {
        let at_rest =
            matches!(user.status.summary(), UserStatusSummary::Synced | UserStatusSummary::Completed)
                && !user.status.is_in_progress();
        (at_rest && user.last_synced.is_some()).then(|| Self::of(&user.progress, reported))
    }

    /// The score of these numbers. `Perfect` needs every message to be listed at the target, and nothing to report.
    fn of(progress: &UserProgress, reported: bool) -> Self {
        /// "A small amount": this many messages, or one in a hundred.
        const FEW: u64 = 10;
        match progress.skipped_items {
            0 if reported || progress.verified_items < progress.total_items => Self::Good,
            0 => Self::Perfect,
            skipped if skipped <= FEW || skipped * 100 <= progress.total_items => Self::Investigate,
            _ => Self::Poor,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Perfect => "Perfect",
            Self::Good => "Good",
            Self::Investigate => "Investigate",
            Self::Poor => "Poor",
        }
    }
}

/// How an endpoint is shown.
pub(crate) fn endpoint(context: &Context, endpoint: &Endpoint) -> Result<EndpointView, ApiError> {
    let (migrations, incremental) =
        activity(context, |batch| batch.source == endpoint.id || batch.target == Some(endpoint.id))?;
    let is_server = adapters::kind(endpoint.endpoint_type).is_server();
    let settings = endpoint.settings.clone();
    Ok(EndpointView {
        identity: endpoint.name.clone(),
        guid: endpoint.id.to_string(),
        endpoint_type: endpoint.endpoint_type,
        remote_server: is_server.then_some(settings.remote_server),
        port: is_server.then_some(settings.port),
        security: is_server.then_some(settings.security),
        authentication: settings.authentication,
        accept_untrusted_certificates: settings.accept_untrusted_certificates,
        max_concurrent_migrations: endpoint.max_concurrent_migrations,
        max_concurrent_incremental_syncs: endpoint.max_concurrent_incremental_syncs,
        active_migration_count: migrations,
        active_incremental_sync_count: incremental,
        administrator_user_name: settings.administrator.as_ref().map(|login| login.user_name.clone()),
        login_format: settings.administrator.and_then(|login| login.login_format),
        oauth: settings.oauth,
        path: settings.path,
        test_mailbox: settings.test_mailbox,
        creation_unix_ms: Some(endpoint.created.0),
        last_modified_unix_ms: Some(endpoint.changed.0),
    })
}

/// How the local store is shown.
pub(crate) fn local_endpoint(context: &Context) -> Result<EndpointView, ApiError> {
    let (migrations, incremental) = activity(context, |batch| batch.target.is_none())?;
    Ok(EndpointView {
        identity: LOCAL_ENDPOINT.to_owned(),
        guid: String::new(),
        endpoint_type: EndpointType::Maildir,
        remote_server: None,
        port: None,
        security: None::<Security>,
        authentication: Authentication::Basic,
        accept_untrusted_certificates: false,
        max_concurrent_migrations: Limit::UNLIMITED,
        max_concurrent_incremental_syncs: Limit::UNLIMITED,
        active_migration_count: migrations,
        active_incremental_sync_count: incremental,
        administrator_user_name: None,
        login_format: None,
        oauth: None,
        path: Some(context.directory.mailboxes().display().to_string()),
        test_mailbox: None,
        creation_unix_ms: None,
        last_modified_unix_ms: None,
    })
}

/// Initial and incremental syncs under way in those batches.
fn activity(context: &Context, counts: impl Fn(&Batch) -> bool) -> Result<(u32, u32), ApiError> {
    let batches = context.catalog.batches(&BatchFilter::default()).map_err(of_store)?;
    let concerned = batches.iter().filter(|batch| counts(batch));
    Ok(concerned.fold((0, 0), |(a, i), batch| (a + batch.counts.active, i + batch.counts.incremental)))
}

/// The names of all endpoints, for showing many batches.
pub(crate) struct EndpointNames(HashMap<EndpointId, String>);

impl EndpointNames {
    pub(crate) fn read(context: &Context) -> Result<Self, ApiError> {
        let endpoints = context.catalog.endpoints().map_err(of_store)?;
        Ok(Self(endpoints.into_iter().map(|endpoint| (endpoint.id, endpoint.name)).collect()))
    }

    fn name(&self, id: EndpointId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

/// How a batch is shown, without reports.
pub(crate) fn batch(context: &Context, names: &EndpointNames, batch: Batch) -> Result<BatchView, ApiError> {
    let progress = context.catalog.batch_progress(batch.id).map_err(of_store)?;
    let reported = context.diary.users_with_reported_items(batch.id).map_err(of_store)?;
    let counts = batch.counts;
    let is_known = counts.active == 0 && counts.synced + counts.completed > 0;
    let best = is_known.then(|| Score::of(&progress, false).min(Score::Good));
    let score = reported.iter().filter_map(|user| Score::of_user(user, true)).max().max(best);
    // A user without a score may turn out worse than the others, never better.
    let underway_or_failed = counts.incremental + counts.completing + counts.incremental_failed;
    let all_known = counts.synced == counts.total && underway_or_failed == 0;
    let score = score.filter(|score| is_known && (all_known || *score > Score::Good));
    let completed = matches!(batch.status, BatchStatus::Completed | BatchStatus::CompletedWithErrors);
    let expiration_unix_ms = expiry::of(&batch).map(|(at, _)| at.0);
    let options = batch.options;
    let initial_sync_duration_ms = match (batch.started, batch.initial_synced) {
        (Some(started), Some(synced)) if synced >= started => Some(synced.0 - started.0),
        _ => None,
    };
    Ok(BatchView {
        identity: batch.name,
        batch_guid: batch.id.to_string(),
        status: batch.status.shown(),
        is_at_rest: batch.status.is_at_rest(),
        never_started: batch.status == BatchStatus::Created,
        state: batch_state(batch.status).to_owned(),
        data_consistency_score: score.map(|score| score.name().to_owned()),
        total_count: counts.total,
        active_count: counts.active,
        stopped_count: counts.stopped,
        synced_count: counts.synced,
        failed_count: counts.failed,
        pending_count: counts.pending,
        finalized_count: counts.completed,
        validation_warnings: batch.validation_warnings,
        message: batch.message,
        creation_unix_ms: batch.created.0,
        start_unix_ms: batch.started.map(|at| at.0),
        initial_sync_unix_ms: batch.initial_synced.map(|at| at.0),
        initial_sync_duration_ms,
        last_synced_unix_ms: batch.last_synced.map(|at| at.0),
        finalized_unix_ms: batch.last_synced.filter(|_| completed).map(|at| at.0),
        start_after_unix_ms: options.start_after.map(|at| at.0),
        complete_after_unix_ms: options.complete_after.map(|at| at.0),
        expiration_unix_ms,
        submitted_by_user: batch.submitted_by,
        notification_emails: options.notification_emails,
        exclude_folders: options.exclude_folders,
        include_folders: options.include_folders,
        source_endpoint: names.name(batch.source),
        target_endpoint: batch.target.map_or_else(|| LOCAL_ENDPOINT.to_owned(), |id| names.name(id)),
        allow_incremental_syncs: options.allow_incremental_syncs,
        report_interval_ms: options.report_interval_ms,
        time_zone: options.time_zone,
        total_items: progress.total_items,
        synced_items: progress.synced_items,
        skipped_items: progress.skipped_items,
        bytes_transferred: progress.bytes_transferred,
        reports: Vec::new(),
    })
}

/// How a user is shown; `reported`: there are reported items.
pub(crate) fn user(user: &User, reported: bool) -> UserView {
    UserView {
        identity: user.email_address.clone(),
        guid: user.id.to_string(),
        batch_id: user.batch_name.clone(),
        batch_guid: user.batch.to_string(),
        email_address: user.email_address.clone(),
        user_name: user.user_name.clone(),
        status: user.status,
        status_summary: user.status.summary(),
        state: user_state(user.status).to_owned(),
        error_summary: user.error_summary.clone(),
        waiting: user.waiting.clone(),
        skipped_item_count: user.progress.skipped_items,
        synced_item_count: user.progress.synced_items,
        last_successful_sync_unix_ms: user.last_synced.map(|at| at.0),
        data_consistency_score: Score::of_user(user, reported).map(|score| score.name().to_owned()),
    }
}

/// How a reported item is shown.
pub(crate) fn skipped(item: SkippedItem) -> SkippedItemView {
    SkippedItemView {
        kind: format!("{:?}", item.kind),
        left_out: item.kind.is_left_out(),
        folder_name: item.folder.to_string(),
        uid: item.uid.map(|uid| uid.0),
        subject: item.subject,
        sender: item.sender,
        recipient: item.recipient,
        message_size: item.size,
        date_sent_unix_ms: item.date_sent.map(|at| at.0),
        date_received_unix_ms: item.date_received.map(|at| at.0),
        failure: item.reason,
        kept_file: item.kept_file,
    }
}

/// A user's report.
pub(crate) fn report(context: &Context, user: &User) -> Result<Vec<ReportEntry>, ApiError> {
    Ok(report_entries(user, context.diary.report(user.id).map_err(of_store)?))
}

/// Lines of a user's report as they are shown.
pub(crate) fn report_entries(user: &User, lines: Vec<ReportLine>) -> Vec<ReportEntry> {
    lines
        .into_iter()
        .map(|line| ReportEntry {
            identity: user.email_address.clone(),
            creation_unix_ms: line.at.0,
            message: line.text,
        })
        .collect()
}

/// How much of a user's mail is dealt with. 100 means that the initial sync is done.
pub(crate) fn percentage(user: &User) -> u32 {
    let UserProgress { total_items, synced_items, skipped_items, .. } = user.progress;
    if user.status.initial_sync_done() {
        return 100;
    }
    let done = (synced_items + skipped_items).min(total_items);
    let percent = (done * 100).checked_div(total_items).unwrap_or(0);
    u32::try_from(percent).unwrap_or(0).min(99)
}

const fn batch_state(status: BatchStatus) -> &'static str {
    match status {
        BatchStatus::Created | BatchStatus::Stopped => "Stopped",
        BatchStatus::Waiting => "Waiting",
        BatchStatus::Completed | BatchStatus::CompletedWithErrors => "Completed",
        BatchStatus::Failed => "Failed",
        BatchStatus::Corrupted => "Corrupted",
        _ => "Active",
    }
}

const fn user_state(status: UserStatus) -> &'static str {
    match status {
        UserStatus::Corrupted => "Corrupted",
        UserStatus::Queued => "Waiting",
        _ => match status.summary() {
            UserStatusSummary::Failed => "Failed",
            UserStatusSummary::Completed => "Completed",
            UserStatusSummary::Stopped => "Stopped",
            UserStatusSummary::Active | UserStatusSummary::Synced => "Active",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_falls_with_the_share_of_messages_left_out() {
        let skipped = |skipped_items, total_items| UserProgress {
            skipped_items,
            total_items,
            verified_items: total_items - skipped_items,
            ..UserProgress::default()
        };

        assert_eq!(Score::of(&skipped(0, 10), false), Score::Perfect);
        assert_eq!(Score::of(&UserProgress { verified_items: 9, ..skipped(0, 10) }, false), Score::Good);
        assert_eq!(Score::of(&skipped(0, 10), true), Score::Good);
        assert_eq!(Score::of(&skipped(2, 10), true), Score::Investigate);
        assert_eq!(Score::of(&skipped(50, 10_000), true), Score::Investigate);
        assert_eq!(Score::of(&skipped(50, 1_000), true), Score::Poor);
    }
}
