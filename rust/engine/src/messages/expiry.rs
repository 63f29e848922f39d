//! What is said about batches that expired.

use super::terms::Term;
use imapmig_core::expiry::SYNCED_FOR;

/// The message of a batch whose incremental syncs were stopped because it expired.
pub(crate) fn stopped() -> String {
    let days = SYNCED_FOR.as_secs() / (24 * 60 * 60);
    format!(
        "The incremental syncs were stopped because nothing was done with the batch for {days} days. {} resumes them.",
        Term::StartBatch
    )
}
