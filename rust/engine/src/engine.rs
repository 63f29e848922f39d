//! The facade: one method per function of the C ABI, each a short call into the module that knows the use case.

use imapmig_core::api::batch::{BatchCreateRequest, BatchList, BatchListRequest, BatchUpdateRequest};
use imapmig_core::api::config::{ConfigUpdateRequest, ConfigView};
use imapmig_core::api::endpoint::{
    EndpointCreateRequest, EndpointList, EndpointListRequest, EndpointUpdateRequest,
};
use imapmig_core::api::engine::OpenRequest;
use imapmig_core::api::operation::{
    OperationRequest, OperationStarted, OperationState, OperationWaitRequest,
};
use imapmig_core::api::server::ServerTestRequest;
use imapmig_core::api::user::{UserList, UserListRequest, UserStatisticsRequest, UserStatisticsView};
use imapmig_core::api::{ApiError, Empty, ErrorCategory, IdentityRequest};
use std::path::{Path, PathBuf};

/// An opened state directory. Any method may be called from any thread, and none blocks longer than about 200 ms.
pub struct Engine {
    state_directory: PathBuf,
}

impl Engine {
    /// Opens a state directory, and makes it when it is not there.
    ///
    /// # Errors
    /// It cannot be made, read or written, or was written by a newer version.
    pub fn open(request: OpenRequest) -> Result<Self, ApiError> {
        Ok(Self { state_directory: request.state_directory.unwrap_or_default().into() })
    }

    /// Where the state is.
    #[must_use]
    pub fn state_directory(&self) -> &Path {
        &self.state_directory
    }

    /// Test-MigrationServerAvailability: an operation that gives a `ServerTestResult`.
    ///
    /// # Errors
    /// The request is wrong, or the endpoint does not exist.
    pub fn server_test(&self, _request: ServerTestRequest) -> Result<OperationStarted, ApiError> {
        Err(unfinished())
    }

    /// New-MigrationEndpoint: an operation that gives an `EndpointView`.
    ///
    /// # Errors
    /// The request is wrong, the name is in use, a limit is too high.
    pub fn endpoint_create(&self, _request: EndpointCreateRequest) -> Result<OperationStarted, ApiError> {
        Err(unfinished())
    }

    /// Get-MigrationEndpoint.
    ///
    /// # Errors
    /// No such endpoint.
    pub fn endpoint_list(&self, _request: EndpointListRequest) -> Result<EndpointList, ApiError> {
        Err(unfinished())
    }

    /// Set-MigrationEndpoint: an operation that gives an `EndpointView`.
    ///
    /// # Errors
    /// No such endpoint, or the request is wrong.
    pub fn endpoint_update(&self, _request: EndpointUpdateRequest) -> Result<OperationStarted, ApiError> {
        Err(unfinished())
    }

    /// Remove-MigrationEndpoint.
    ///
    /// # Errors
    /// No such endpoint, or a batch uses it.
    pub fn endpoint_remove(&self, _request: IdentityRequest) -> Result<Empty, ApiError> {
        Err(unfinished())
    }

    /// New-MigrationBatch: an operation that gives a `BatchView`.
    ///
    /// # Errors
    /// The request is wrong; what is wrong with the CSV file is told by the operation.
    pub fn batch_create(&self, _request: BatchCreateRequest) -> Result<OperationStarted, ApiError> {
        Err(unfinished())
    }

    /// Get-MigrationBatch.
    ///
    /// # Errors
    /// No such batch or endpoint.
    pub fn batch_list(&self, _request: BatchListRequest) -> Result<BatchList, ApiError> {
        Err(unfinished())
    }

    /// Set-MigrationBatch: an operation that gives a `BatchView`.
    ///
    /// # Errors
    /// No such batch, or the request is wrong.
    pub fn batch_update(&self, _request: BatchUpdateRequest) -> Result<OperationStarted, ApiError> {
        Err(unfinished())
    }

    /// Start-MigrationBatch: adds the wish and sees to it that a worker runs.
    ///
    /// # Errors
    /// No such batch, or no worker can be started.
    pub fn batch_start(&self, _request: IdentityRequest) -> Result<Empty, ApiError> {
        Err(unfinished())
    }

    /// Stop-MigrationBatch.
    ///
    /// # Errors
    /// No such batch, or nothing to stop.
    pub fn batch_stop(&self, _request: IdentityRequest) -> Result<Empty, ApiError> {
        Err(unfinished())
    }

    /// Remove-MigrationBatch.
    ///
    /// # Errors
    /// No such batch.
    pub fn batch_remove(&self, _request: IdentityRequest) -> Result<Empty, ApiError> {
        Err(unfinished())
    }

    /// Get-MigrationUser.
    ///
    /// # Errors
    /// No such user or batch.
    pub fn user_list(&self, _request: UserListRequest) -> Result<UserList, ApiError> {
        Err(unfinished())
    }

    /// Get-MigrationUserStatistics.
    ///
    /// # Errors
    /// No such user.
    pub fn user_statistics(&self, _request: UserStatisticsRequest) -> Result<UserStatisticsView, ApiError> {
        Err(unfinished())
    }

    /// Get-MigrationConfig.
    ///
    /// # Errors
    /// The state database cannot be read.
    pub fn config_get(&self, _request: Empty) -> Result<ConfigView, ApiError> {
        Err(unfinished())
    }

    /// Set-MigrationConfig.
    ///
    /// # Errors
    /// No such endpoint, or a number out of its limits.
    pub fn config_set(&self, _request: ConfigUpdateRequest) -> Result<Empty, ApiError> {
        Err(unfinished())
    }

    /// Waits for an operation, at most 200 ms.
    ///
    /// # Errors
    /// No such operation.
    pub fn operation_wait(&self, _request: OperationWaitRequest) -> Result<OperationState, ApiError> {
        Err(unfinished())
    }

    /// Asks an operation to end soon; `operation_wait` then tells of it as stopped.
    ///
    /// # Errors
    /// No such operation.
    pub fn operation_cancel(&self, _request: OperationRequest) -> Result<Empty, ApiError> {
        Err(unfinished())
    }
}

fn unfinished() -> ApiError {
    ApiError::new("NotImplementedException", ErrorCategory::NotSpecified, "this part is still being built")
}
