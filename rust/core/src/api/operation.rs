//! `imapmig_operation_wait`, `imapmig_operation_cancel`: long-running operations.

use super::ApiError;
use serde::{Deserialize, Serialize};

/// The reply of every call that takes longer than a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OperationStarted {
    /// To wait for.
    pub operation_id: u64,
}

/// Waits for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct OperationWaitRequest {
    /// Which.
    pub operation_id: u64,
    /// How long at most; values above 200 count as 200.
    pub timeout_ms: u32,
}

/// Names an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct OperationRequest {
    /// Which.
    pub operation_id: u64,
}

/// The state of an operation. Once `done` was returned, the operation is removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OperationState {
    /// Whether it has ended.
    pub done: bool,
    /// What it is doing, for a progress bar.
    pub activity: Option<String>,
    /// The reply of the call that started it, once done without error.
    pub result: Option<serde_json::Value>,
    /// Its error, once done with one.
    pub error: Option<ApiError>,
}
