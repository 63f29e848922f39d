//! The facade: one method per function of the C ABI, each a short call into the module that knows the use case.

use crate::commands::{
    batch_confirm, batch_create, batch_lifecycle, batch_list, batch_update, config, endpoint, server_test,
    statistics, user_lifecycle, users,
};
use crate::context::Context;
use crate::face::Reply;
use crate::open;
use crate::operations::Operations;
use crate::worker::launch;
use imapmig_core::api::batch::BatchCompleteRequest;
use imapmig_core::api::batch::{BatchCreateRequest, BatchList, BatchListRequest, BatchUpdateRequest};
use imapmig_core::api::config::{ConfigUpdateRequest, ConfigView};
use imapmig_core::api::confirmation::{
    BatchConfirmRequest, BatchConfirmationRequest, ConfirmationList, ConfirmationView,
};
use imapmig_core::api::endpoint::{
    EndpointCreateRequest, EndpointList, EndpointListRequest, EndpointUpdateRequest,
};
use imapmig_core::api::engine::{Face, OpenRequest};
use imapmig_core::api::operation::{
    OperationRequest, OperationStarted, OperationState, OperationWaitRequest,
};
use imapmig_core::api::server::ServerTestRequest;
use imapmig_core::api::statistics::{ReportExport, ReportExportRequest, StatisticsView};
use imapmig_core::api::user::{
    UserList, UserListRequest, UserStatisticsList, UserStatisticsListRequest, UserStatisticsRequest,
    UserStatisticsView, UserUpdateRequest,
};
use imapmig_core::api::{ApiError, Empty, IdentityRequest};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Statistics look for a worker at most once in this time.
const STATISTICS_LOOK_MS: i64 = 1_000;

/// An opened state directory. Any method may be called from any thread, and none blocks longer than about 200 ms.
pub struct Engine {
    context: Context,
    operations: Operations,
    face: Face,
    /// When statistics last looked for a worker.
    statistics_looked_at: AtomicI64,
}

impl Engine {
    /// Opens a state directory, and makes it when it is not there.
    ///
    /// # Errors
    /// It cannot be made, read or written, or was written by a newer version.
    pub fn open(request: OpenRequest) -> Result<Self, ApiError> {
        let state_directory = request.state_directory.map(PathBuf::from);
        let context = open::open(state_directory.as_deref(), request.worker.map(PathBuf::from));
        let engine = Self::with(in_words_of(request.face, context)?).speaking(request.face);
        launch::bring_back(&engine.context);
        Ok(engine)
    }

    /// An engine of these context.
    #[must_use]
    pub fn with(context: Context) -> Self {
        let (operations, face) = (Operations::default(), Face::default());
        Self { context, operations, face, statistics_looked_at: AtomicI64::new(i64::MIN) }
    }

    /// The same engine, answering in the words of this face.
    #[must_use]
    pub fn speaking(mut self, face: Face) -> Self {
        self.face = face;
        self
    }

    /// Where the state is.
    #[must_use]
    pub fn state_directory(&self) -> &Path {
        self.context.directory.root()
    }

    /// Test-MigrationServerAvailability: an operation that returns a `ServerTestResult`.
    ///
    /// # Errors
    /// The request is wrong, or the endpoint does not exist.
    pub fn server_test(&self, request: ServerTestRequest) -> Result<OperationStarted, ApiError> {
        self.reply(server_test::start(&self.context, &self.operations, request))
    }

    /// New-MigrationEndpoint: an operation that returns an `EndpointView`.
    ///
    /// # Errors
    /// The request is wrong, the name is in use, a limit is too high.
    pub fn endpoint_create(&self, request: EndpointCreateRequest) -> Result<OperationStarted, ApiError> {
        self.reply(endpoint::create(&self.context, &self.operations, request))
    }

    /// Get-MigrationEndpoint.
    ///
    /// # Errors
    /// No such endpoint.
    pub fn endpoint_list(&self, request: EndpointListRequest) -> Result<EndpointList, ApiError> {
        self.reply(endpoint::list(&self.context, &request))
    }

    /// Set-MigrationEndpoint: an operation that returns an `EndpointView`.
    ///
    /// # Errors
    /// No such endpoint, or the request is wrong.
    pub fn endpoint_update(&self, request: EndpointUpdateRequest) -> Result<OperationStarted, ApiError> {
        self.reply(endpoint::update(&self.context, &self.operations, request))
    }

    /// Remove-MigrationEndpoint.
    ///
    /// # Errors
    /// No such endpoint, or a batch uses it.
    pub fn endpoint_remove(&self, request: IdentityRequest) -> Result<Empty, ApiError> {
        self.reply(endpoint::remove(&self.context, &request).map(done))
    }

    /// New-MigrationBatch: an operation that returns a `BatchView`.
    ///
    /// # Errors
    /// The request is wrong; what is wrong with the CSV file is the operation's error.
    pub fn batch_create(&self, request: BatchCreateRequest) -> Result<OperationStarted, ApiError> {
        self.reply(batch_create::create(&self.context, &self.operations, request))
    }

    /// Get-MigrationBatch.
    ///
    /// # Errors
    /// No such batch or endpoint.
    pub fn batch_list(&self, request: BatchListRequest) -> Result<BatchList, ApiError> {
        launch::bring_back(&self.context);
        self.reply(batch_list::list(&self.context, &request))
    }

    /// Set-MigrationBatch: an operation that returns a `BatchView`.
    ///
    /// # Errors
    /// No such batch, or the request is wrong.
    pub fn batch_update(&self, request: BatchUpdateRequest) -> Result<OperationStarted, ApiError> {
        self.reply(batch_update::update(&self.context, &self.operations, request))
    }

    /// Start-MigrationBatch: makes the request and ensures that a worker runs.
    ///
    /// # Errors
    /// No such batch, or no worker can be started.
    pub fn batch_start(&self, request: IdentityRequest) -> Result<Empty, ApiError> {
        self.reply(batch_lifecycle::start(&self.context, &request).map(done))
    }

    /// Stop-MigrationBatch.
    ///
    /// # Errors
    /// No such batch, or nothing to stop.
    pub fn batch_stop(&self, request: IdentityRequest) -> Result<Empty, ApiError> {
        self.reply(batch_lifecycle::stop(&self.context, &request).map(done))
    }

    /// Complete-MigrationBatch.
    ///
    /// # Errors
    /// No such batch, or it is not started.
    pub fn batch_complete(&self, request: BatchCompleteRequest) -> Result<Empty, ApiError> {
        self.reply(batch_lifecycle::complete(&self.context, request).map(done))
    }

    /// Remove-MigrationBatch.
    ///
    /// # Errors
    /// No such batch.
    pub fn batch_remove(&self, request: IdentityRequest) -> Result<Empty, ApiError> {
        self.reply(batch_lifecycle::remove(&self.context, &request).map(done))
    }

    /// Confirm-MigrationBatch: makes the request and ensures that a worker runs.
    ///
    /// # Errors
    /// No such batch, it is not at rest, or nothing was migrated yet.
    pub fn batch_confirm(&self, request: BatchConfirmRequest) -> Result<ConfirmationView, ApiError> {
        self.reply(batch_confirm::confirm(&self.context, request))
    }

    /// Get-MigrationBatchConfirmation.
    ///
    /// # Errors
    /// No such batch, or it was never confirmed.
    pub fn batch_confirmation(
        &self,
        request: BatchConfirmationRequest,
    ) -> Result<ConfirmationList, ApiError> {
        launch::bring_back(&self.context);
        self.reply(batch_confirm::get(&self.context, &request))
    }

    /// Get-MigrationUser.
    ///
    /// # Errors
    /// No such user or batch.
    pub fn user_list(&self, request: UserListRequest) -> Result<UserList, ApiError> {
        launch::bring_back(&self.context);
        self.reply(users::list(&self.context, &request))
    }

    /// Get-MigrationUserStatistics.
    ///
    /// # Errors
    /// No such user.
    pub fn user_statistics(&self, request: UserStatisticsRequest) -> Result<UserStatisticsView, ApiError> {
        self.look_for_worker_now_and_then();
        self.reply(users::statistics(&self.context, &request))
    }

    /// Get-MigrationUserStatistics for many users.
    ///
    /// # Errors
    /// More users than one call takes. A user that does not exist is an error of its own result.
    pub fn user_statistics_list(
        &self,
        request: UserStatisticsListRequest,
    ) -> Result<UserStatisticsList, ApiError> {
        self.look_for_worker_now_and_then();
        self.reply(users::statistics_list(&self.context, request))
    }

    fn look_for_worker_now_and_then(&self) {
        // Whole batches are piped into statistics user by user, and the look for a worker reads every batch.
        let now = self.context.now().0;
        let last = self.statistics_looked_at.load(Ordering::Relaxed);
        if !(last..last.saturating_add(STATISTICS_LOOK_MS)).contains(&now) {
            self.statistics_looked_at.store(now, Ordering::Relaxed);
            launch::bring_back(&self.context);
        }
    }

    /// Start-MigrationUser.
    ///
    /// # Errors
    /// No such user, or its batch is not started.
    pub fn user_start(&self, request: IdentityRequest) -> Result<Empty, ApiError> {
        self.reply(user_lifecycle::start(&self.context, &request).map(done))
    }

    /// Stop-MigrationUser.
    ///
    /// # Errors
    /// No such user, or nothing to stop.
    pub fn user_stop(&self, request: IdentityRequest) -> Result<Empty, ApiError> {
        self.reply(user_lifecycle::stop(&self.context, &request).map(done))
    }

    /// Set-MigrationUser.
    ///
    /// # Errors
    /// No such user, or its state does not allow it.
    pub fn user_update(&self, request: UserUpdateRequest) -> Result<Empty, ApiError> {
        self.reply(user_lifecycle::update(&self.context, &request).map(done))
    }

    /// Remove-MigrationUser.
    ///
    /// # Errors
    /// No such user.
    pub fn user_remove(&self, request: IdentityRequest) -> Result<Empty, ApiError> {
        self.reply(user_lifecycle::remove(&self.context, &request).map(done))
    }

    /// Get-MigrationStatistics.
    ///
    /// # Errors
    /// The state database cannot be read.
    pub fn statistics_get(&self, _request: Empty) -> Result<StatisticsView, ApiError> {
        launch::bring_back(&self.context);
        self.reply(statistics::get(&self.context))
    }

    /// Export-MigrationReport.
    ///
    /// # Errors
    /// No such batch or user.
    pub fn report_export(&self, request: ReportExportRequest) -> Result<ReportExport, ApiError> {
        self.reply(statistics::export(&self.context, &request))
    }

    /// Get-MigrationConfig.
    ///
    /// # Errors
    /// The state database cannot be read.
    pub fn config_get(&self, _request: Empty) -> Result<ConfigView, ApiError> {
        self.reply(config::get(&self.context))
    }

    /// Set-MigrationConfig.
    ///
    /// # Errors
    /// No such endpoint, or a number out of its limits.
    pub fn config_set(&self, request: ConfigUpdateRequest) -> Result<Empty, ApiError> {
        self.reply(config::set(&self.context, &request).map(done))
    }

    /// Waits for an operation, at most 200 ms.
    ///
    /// # Errors
    /// No such operation.
    pub fn operation_wait(&self, request: OperationWaitRequest) -> Result<OperationState, ApiError> {
        self.reply(
            self.operations.wait(request.operation_id, Duration::from_millis(request.timeout_ms.into())),
        )
    }

    /// Asks an operation to end soon; `operation_wait` then reports it as stopped.
    ///
    /// # Errors
    /// No such operation.
    pub fn operation_cancel(&self, request: OperationRequest) -> Result<Empty, ApiError> {
        self.reply(self.operations.cancel(request.operation_id).map(done))
    }

    fn reply<T: Reply>(&self, reply: Result<T, ApiError>) -> Result<T, ApiError> {
        let mut reply = in_words_of(self.face, reply)?;
        reply.speak(self.face);
        Ok(reply)
    }
}

fn in_words_of<T>(face: Face, reply: Result<T, ApiError>) -> Result<T, ApiError> {
    reply.map_err(|mut error| {
        error.speak(face);
        error
    })
}

fn done((): ()) -> Empty {
    Empty {}
}

#[cfg(test)]
mod tests;
