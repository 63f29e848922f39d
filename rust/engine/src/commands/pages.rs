//! Lists that may be long, page by page: where a page begins is the text that the reply before named.
//!
//! The texts mean something to the engine only. They stay good when what stood at the end of a page is removed.

use super::views;
use crate::context::Context;
use crate::errors::of_store;
use crate::messages::common;
use imapmig_core::api::ApiError;
use imapmig_core::api::confirmation::BatchConfirmationRequest;
use imapmig_core::api::user::{ReportEntry, SkippedItemView, UserStatisticsRequest};
use imapmig_core::batch::Batch;
use imapmig_core::confirmation::BatchFinding;
use imapmig_core::folder::FolderPath;
use imapmig_core::message::Uid;
use imapmig_core::ports::store::{ItemPosition, LinePosition, UserPosition};
use imapmig_core::user::{SkippedItem, SkippedKind, User};

/// Reads where a page of users begins.
pub(super) fn user(page: &str) -> Result<UserPosition, ApiError> {
    page.parse().map(UserPosition).map_err(|_| unknown(page))
}

/// Writes where a page of users ends.
pub(super) fn of_user(position: UserPosition) -> String {
    position.0.to_string()
}

/// The skipped items that a request asks for, and where the next page begins.
pub(super) fn skipped_items(
    context: &Context,
    user: &User,
    request: &UserStatisticsRequest,
) -> Result<(Vec<SkippedItemView>, Option<String>), ApiError> {
    if !request.include_skipped_items {
        return Ok((Vec::new(), None));
    }
    let after = match request.skipped_items_after.as_deref() {
        Some(page) => {
            let read: Result<(FolderPath, Option<u32>, SkippedKind), _> = serde_json::from_str(page);
            let (folder, uid, kind) = read.map_err(|_| unknown(page))?;
            Some(ItemPosition { folder, uid: uid.map(Uid), kind })
        }
        None => None,
    };
    let limit = request.limit_skipped_items_to.unwrap_or(u32::MAX);
    let mut items =
        context.diary.skipped_after(user.id, after.as_ref(), limit.saturating_add(1)).map_err(of_store)?;
    let next = cut(&mut items, limit).then(|| items.last().map(of_item)).flatten();
    Ok((items.into_iter().map(views::skipped).collect(), next))
}

fn of_item(item: &SkippedItem) -> String {
    serde_json::json!((&item.folder, item.uid.map(|uid| uid.0), item.kind)).to_string()
}

/// The report lines that a request asks for, and where the next page begins.
pub(super) fn report(
    context: &Context,
    user: &User,
    request: &UserStatisticsRequest,
) -> Result<(Vec<ReportEntry>, Option<String>), ApiError> {
    if !request.include_report {
        return Ok((Vec::new(), None));
    }
    let Some(limit) = request.limit_report_to else {
        return Ok((views::report(context, user)?, None));
    };
    let read = |page: &str| page.parse().map(LinePosition).map_err(|_| unknown(page));
    let after = request.report_after.as_deref().map(read).transpose()?;
    let (lines, end) = context.diary.report_after(user.id, after, limit).map_err(of_store)?;
    let next = match end {
        Some(end) if !context.diary.report_after(user.id, Some(end), 1).map_err(of_store)?.0.is_empty() => {
            Some(end.0.to_string())
        }
        _ => None,
    };
    Ok((views::report_entries(user, lines), next))
}

/// The findings that a request asks for, and where the next page begins.
pub(super) fn findings(
    context: &Context,
    batch: &Batch,
    request: &BatchConfirmationRequest,
) -> Result<(Vec<BatchFinding>, Option<String>), ApiError> {
    let read = |page: &str| page.parse().map_err(|_| unknown(page));
    let after = request.findings_after.as_deref().map(read).transpose()?;
    let limit = request.limit_findings_to.unwrap_or(u32::MAX);
    let mut found =
        context.confirmations.findings(batch.id, after, limit.saturating_add(1)).map_err(of_store)?;
    let next = cut(&mut found, limit).then(|| found.last().map(|last| last.number.to_string())).flatten();
    Ok((found, next))
}

/// Removes what is beyond the limit, and returns `true` if there was any.
fn cut<T>(page: &mut Vec<T>, limit: u32) -> bool {
    let more = page.len() > limit as usize;
    page.truncate(limit as usize);
    more
}

fn unknown(page: &str) -> ApiError {
    common::unknown_page(page)
}
