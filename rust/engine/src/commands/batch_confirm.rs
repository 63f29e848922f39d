//! Confirm-MigrationBatch and Get-MigrationBatchConfirmation.
//!
//! A confirmation is requested of a batch at rest: while a sync runs, mail that is not there yet would be reported as missing.

use super::{batch_list, pages};
use crate::context::Context;
use crate::errors::of_store;
use crate::lookup;
use crate::messages::confirmation as messages;
use crate::worker::launch;
use imapmig_core::api::confirmation::{
    BatchConfirmRequest, BatchConfirmationRequest, ConfirmationCountsView, ConfirmationList,
    ConfirmationStatus, ConfirmationView, FindingView, UserConfirmationView,
};
use imapmig_core::api::{ApiError, IdentityRequest};
use imapmig_core::batch::Batch;
use imapmig_core::confirmation::{
    BatchFinding, Confirmation, ConfirmationCounts, ConfirmationResult, UserConfirmation,
};
use imapmig_core::ports::store::BatchFilter;

/// Confirm-MigrationBatch.
pub(crate) fn confirm(context: &Context, request: BatchConfirmRequest) -> Result<ConfirmationView, ApiError> {
    let identity = IdentityRequest { identity: request.identity };
    let batch = lookup::only_batch(context, &identity, can_be_confirmed)?;
    let earlier = context.confirmations.confirmation(batch.id).map_err(of_store)?;
    if request.stop {
        context.confirmations.stop_confirmation(batch.id).map_err(of_store)?;
        let stopped = context.confirmations.confirmation(batch.id).map_err(of_store)?;
        return stopped
            .map_or_else(|| Err(messages::never_confirmed(&batch.name)), |one| view(context, &batch, &one));
    }
    if !can_be_confirmed(&batch) {
        return Err(messages::refused(&batch));
    }
    if earlier.is_some_and(|one| one.is_open() && one.bytes != request.bytes) {
        return Err(messages::under_way(&batch.name, request.bytes));
    }
    let made = context
        .confirmations
        .request_confirmation(batch.id, request.bytes, context.now())
        .map_err(of_store)?;
    launch::ensure(context)?;
    view(context, &batch, &made)
}

/// Get-MigrationBatchConfirmation.
pub(crate) fn get(
    context: &Context,
    request: &BatchConfirmationRequest,
) -> Result<ConfirmationList, ApiError> {
    let identity = request.identity.as_deref().filter(|identity| !identity.is_empty());
    let batches = match identity {
        Some(identity) => vec![lookup::batch(context, identity)?],
        None => context.catalog.batches(&BatchFilter::default()).map_err(of_store)?,
    };
    let found = batch_list::watch(context, request.wait_ms, || {
        let mut found = Vec::new();
        for batch in &batches {
            let confirmation = context.confirmations.confirmation(batch.id).map_err(of_store)?;
            found.extend(confirmation.map(|confirmation| (batch, confirmation)));
        }
        let ends_wait = found.is_empty() || found.iter().any(|(_, one)| !one.is_open());
        Ok((found, ends_wait))
    })?;
    if let (Some(batch), true, true) = (batches.first(), identity.is_some(), found.is_empty()) {
        return Err(messages::never_confirmed(&batch.name));
    }
    let mut list = ConfirmationList::default();
    for (batch, confirmation) in found {
        let mut view = view(context, batch, &confirmation)?;
        if request.include_findings {
            let (findings, next) = pages::findings(context, batch, request)?;
            view.findings = findings.into_iter().map(finding).collect();
            view.next_findings = next;
        }
        list.confirmations.push(view);
    }
    Ok(list)
}

fn can_be_confirmed(batch: &Batch) -> bool {
    batch.started.is_some() && batch.status.is_at_rest() && !batch.options.analyze
}

fn view(context: &Context, batch: &Batch, one: &Confirmation) -> Result<ConfirmationView, ApiError> {
    let mut users = context.confirmations.user_confirmations(batch.id).map_err(of_store)?;
    if one.ended.is_some() {
        // Users that were added to the batch later were no part of it.
        users.retain(|user| user.ended.is_some());
    }
    let counts = users.iter().fold(ConfirmationCounts::default(), |sum, user| sum.plus(&user.counts));
    let worst = users.iter().filter_map(UserConfirmation::result).max();
    let status = match one {
        Confirmation { ended: Some(_), .. } => ConfirmationStatus::Ended,
        Confirmation { stopped: true, .. } => ConfirmationStatus::Stopped,
        Confirmation { .. } => ConfirmationStatus::InProgress,
    };
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(ConfirmationView {
        identity: batch.name.clone(),
        batch_guid: batch.id.to_string(),
        status,
        is_at_rest: !one.is_open(),
        result: one.ended.map(|_| worst.unwrap_or(ConfirmationResult::Complete)),
        is_outdated: one.outdated.is_some(),
        bytes: one.bytes,
        requested_unix_ms: one.requested.0,
        ended_unix_ms: one.ended.map(|at| at.0),
        total_count: number(users.len()),
        ended_count: number(users.iter().filter(|user| user.ended.is_some()).count()),
        compared_item_count: users.iter().map(|user| user.compared).sum(),
        expected_item_count: users.iter().map(expected).sum(),
        counts: counts_view(&counts),
        users: users.into_iter().map(user_view).collect(),
        findings: Vec::new(),
        next_findings: None,
    })
}

/// The number of messages at the end is known; before, the last sync's is the best there is.
fn expected(user: &UserConfirmation) -> u64 {
    let last = if user.ended.is_some() { 0 } else { user.user.progress.total_items };
    last.max(user.compared)
}

fn user_view(user: UserConfirmation) -> UserConfirmationView {
    UserConfirmationView {
        result: user.result(),
        expected_item_count: expected(&user),
        identity: user.user.email_address,
        error_summary: user.error,
        ended_unix_ms: user.ended.map(|at| at.0),
        compared_item_count: user.compared,
        counts: counts_view(&user.counts),
    }
}

const fn counts_view(counts: &ConfirmationCounts) -> ConfirmationCountsView {
    ConfirmationCountsView {
        source_item_count: counts.source_items,
        target_item_count: counts.target_items,
        matched_item_count: counts.matched,
        missing_item_count: counts.missing,
        doubled_item_count: counts.doubled,
        altered_item_count: counts.altered,
        foreign_item_count: counts.foreign,
        reported_item_count: counts.exceptions,
        added_flag_count: counts.flags_added,
    }
}

fn finding(found: BatchFinding) -> FindingView {
    let BatchFinding { user, finding, .. } = found;
    FindingView {
        identity: user,
        is_exception: finding.is_exception(),
        kind: finding.kind,
        folder_name: finding.folder.to_string(),
        target_folder_name: finding.target_folder.to_string(),
        uid: finding.uid.map(|uid| uid.0),
        target_id: finding.target,
        subject: finding.subject,
        message_id: finding.message_id,
        message_size: finding.size,
        date_received_unix_ms: finding.received.map(|at| at.0),
        details: finding.details,
        explanation: finding.explanation,
    }
}
