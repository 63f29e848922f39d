//! Get-MigrationUser and Get-MigrationUserStatistics.

use super::names::given;
use super::{pages, views};
use crate::adapters;
use crate::context::Context;
use crate::errors::of_store;
use crate::lookup;
use crate::messages::{common, failures};
use imapmig_core::api::ApiError;
use imapmig_core::api::user::{
    MAX_STATISTICS_IDENTITIES, UserList, UserListRequest, UserStatisticsList, UserStatisticsListRequest,
    UserStatisticsRequest, UserStatisticsResult, UserStatisticsView,
};
use imapmig_core::endpoint::Endpoint;
use imapmig_core::ids::{BatchId, UserId};
use imapmig_core::ports::store::UserFilter;
use imapmig_core::status::UserStatus;
use imapmig_core::time::UnixMs;
use imapmig_core::user::{User, UserFailure};
use std::collections::{HashMap, HashSet};

/// Microsoft's page on failed IMAP migrations.
const HELP_URL: &str = "https://learn.microsoft.com/exchange/troubleshoot/move-or-migrate-mailboxes/troubleshoot-issues-with-imap-mailbox-migration";
const HOUR_MS: u64 = 3_600_000;
const MINUTE_MS: u64 = 60_000;

/// Get-MigrationUser.
pub(crate) fn list(context: &Context, request: &UserListRequest) -> Result<UserList, ApiError> {
    let batch = match lookup::named("BatchId", request.batch_id.as_deref())? {
        Some(identity) => Some(lookup::batch(context, identity)?.id),
        None => None,
    };
    let identity = lookup::named("Identity", request.identity.as_deref())?;
    let statuses = wanted_statuses(request);
    if statuses.is_empty() && (request.status.is_some() || request.status_summary.is_some()) {
        return Ok(UserList::default());
    }
    if let Some(identity) = identity {
        // A user that is there but in another state or batch is no error.
        lookup::user(context, identity)?;
    }
    let after = given(request.after.as_deref()).map(pages::user).transpose()?;
    let filter =
        UserFilter { identity: identity.map(str::to_owned), batch, statuses, limit: request.result_size };
    let (users, end) = context.catalog.users_after(&filter, after).map_err(of_store)?;
    let reported = reported_users(context, &users)?;
    let full = request.result_size.is_some_and(|size| users.len() == size as usize);
    let next = match end.filter(|_| full) {
        Some(end) => {
            let one_more = UserFilter { limit: Some(1), ..filter };
            let more = !context.catalog.users_after(&one_more, Some(end)).map_err(of_store)?.0.is_empty();
            more.then(|| pages::of_user(end))
        }
        None => None,
    };
    let users = users.iter().map(|user| views::user(user, reported.contains(&user.id))).collect();
    Ok(UserList { users, next })
}

/// Get-MigrationUserStatistics.
pub(crate) fn statistics(
    context: &Context,
    request: &UserStatisticsRequest,
) -> Result<UserStatisticsView, ApiError> {
    statistics_of(context, request, &mut Targets::default())
}

/// Get-MigrationUserStatistics for many users. An unknown one is its own result's error, and the others are found.
pub(crate) fn statistics_list(
    context: &Context,
    request: UserStatisticsListRequest,
) -> Result<UserStatisticsList, ApiError> {
    if request.identities.len() > MAX_STATISTICS_IDENTITIES {
        return Err(common::too_many_users(request.identities.len(), MAX_STATISTICS_IDENTITIES));
    }
    let mut targets = Targets::default();
    let results = request.identities.into_iter().map(|identity| {
        let one = UserStatisticsRequest {
            identity,
            include_report: request.include_report,
            include_skipped_items: request.include_skipped_items,
            limit_skipped_items_to: request.limit_skipped_items_to,
            limit_report_to: request.limit_report_to,
            ..UserStatisticsRequest::default()
        };
        let found = statistics_of(context, &one, &mut targets);
        let (statistics, error) = match found {
            Ok(view) => (Some(view), None),
            Err(error) => (None, Some(error)),
        };
        UserStatisticsResult { identity: one.identity, statistics, error }
    });
    Ok(UserStatisticsList { results: results.collect() })
}

fn statistics_of(
    context: &Context,
    request: &UserStatisticsRequest,
    targets: &mut Targets,
) -> Result<UserStatisticsView, ApiError> {
    let Some(identity) = given(Some(&request.identity)) else {
        return Err(common::empty_identity(common::Named::User));
    };
    let user = lookup::user(context, identity)?;
    let reported = !context.diary.having_items(&[user.id]).map_err(of_store)?.is_empty();
    let (skipped_items, next_skipped_items) = pages::skipped_items(context, &user, request)?;
    let (report, next_report) = pages::report(context, &user, request)?;
    let now = context.now();
    let at_work = user.status.is_in_progress();
    let since = |from: Option<imapmig_core::time::UnixMs>| from.map_or(0, |from| (now.0 - from.0).max(0));
    let in_progress_ms = user.in_progress_ms + if at_work { since(user.started) } else { 0 };
    let waits = matches!(user.status, UserStatus::Queued);
    let queued_ms = user.queued_ms + if waits { since(user.queued) } else { 0 };
    let rate = |span: u64| {
        let worked = u64::try_from(in_progress_ms).unwrap_or(0);
        let bytes = user.progress.bytes_transferred;
        (worked > 0 && bytes > 0).then(|| {
            u64::try_from(u128::from(bytes) * u128::from(span) / u128::from(worked)).unwrap_or(u64::MAX)
        })
    };
    let failure = user.failure.as_ref().filter(|_| user.error.is_some());
    Ok(UserStatisticsView {
        total_items_in_source_mailbox_count: user.progress.total_items,
        estimated_total_transfer_bytes: user.progress.total_bytes,
        bytes_transferred: user.progress.bytes_transferred,
        percentage_complete: views::percentage(&user),
        adopted_item_count: user.progress.adopted_items,
        verified_item_count: user.progress.verified_items,
        compared_item_count: user.progress.compared_items,
        not_verified_item_count: user.progress.synced_items.saturating_sub(user.progress.verified_items),
        average_bytes_transferred_per_hour: rate(HOUR_MS),
        current_bytes_transferred_per_minute: if at_work { rate(MINUTE_MS) } else { None },
        queued_ms,
        in_progress_ms,
        synced_ms: if user.status.initial_sync_done() { since(user.initial_synced) } else { 0 },
        error: user.error.clone(),
        last_failure_unix_ms: user.failure.as_ref().map(|failure| failure.at.0),
        last_updated_unix_ms: last_updated(&user).map(|at| at.0),
        initial_seeding_completed_unix_ms: user.initial_synced.map(|at| at.0),
        error_unix_ms: failure.map(|failure| failure.at.0),
        error_code: failure.map(|failure| format!("{:?}", failure.kind)),
        error_type: failure.map(|failure| failures::exception(failure.kind).to_owned()),
        error_side: failure.and_then(|failure| failure.side).map(|side| format!("{side:?}")),
        error_hash: failure.map(error_hash),
        error_help_url: failure.map(|_| HELP_URL.to_owned()),
        skipped_items,
        next_skipped_items,
        report,
        next_report,
        target_path: targets.path(context, &user)?,
        user: views::user(&user, reported),
    })
}

/// When anything happened to the user last.
fn last_updated(user: &User) -> Option<UnixMs> {
    let failed = user.failure.as_ref().map(|failure| failure.at);
    [user.queued, user.started, user.initial_synced, user.last_synced, failed].into_iter().flatten().max()
}

/// Groups users with the same kind of failure at the same end.
fn error_hash(failure: &UserFailure) -> String {
    let hash = blake3::hash(format!("{:?} {:?}", failure.kind, failure.side).as_bytes());
    hash.to_hex()[..8].to_owned()
}

/// The states that are asked for; none when a state and a summary exclude each other.
fn wanted_statuses(request: &UserListRequest) -> Vec<UserStatus> {
    if request.status.is_none() && request.status_summary.is_none() {
        return Vec::new();
    }
    let wanted = |status: &&UserStatus| {
        request.status.is_none_or(|wanted| wanted == **status)
            && request.status_summary.is_none_or(|wanted| wanted == status.summary())
    };
    UserStatus::ALL.iter().filter(wanted).copied().collect()
}

/// Which of the users have reported items.
fn reported_users(context: &Context, users: &[User]) -> Result<HashSet<UserId>, ApiError> {
    let ids: Vec<_> = users.iter().map(|user| user.id).collect();
    Ok(context.diary.having_items(&ids).map_err(of_store)?.into_iter().collect())
}

/// Where batches write to, each looked up once.
#[derive(Default)]
struct Targets(HashMap<BatchId, Target>);

enum Target {
    Local,
    Endpoint(Box<Endpoint>),
    /// It or the batch has been removed meanwhile.
    Removed,
}

impl Targets {
    /// Where a user's mail lies, when its target is a folder of Maildirs.
    fn path(&mut self, context: &Context, user: &User) -> Result<Option<String>, ApiError> {
        let target = match self.0.get(&user.batch) {
            Some(known) => known,
            None => self.0.entry(user.batch).or_insert(target_of(context, user.batch)?),
        };
        let endpoint = match target {
            Target::Local => None,
            Target::Endpoint(endpoint) => Some(&**endpoint),
            Target::Removed => return Ok(None),
        };
        let path = adapters::local_mailbox(&context.directory, endpoint, user);
        Ok(path.map(|path| path.display().to_string()))
    }
}

fn target_of(context: &Context, batch: BatchId) -> Result<Target, ApiError> {
    let Some(batch) = context.catalog.batch_by_id(batch).map_err(of_store)? else {
        return Ok(Target::Removed);
    };
    let Some(id) = batch.target else { return Ok(Target::Local) };
    let endpoint = context.catalog.endpoint_by_id(id).map_err(of_store)?;
    Ok(endpoint.map_or(Target::Removed, |endpoint| Target::Endpoint(Box::new(endpoint))))
}
