//! Opens the engine for a command, and waits for its operations.

use crate::arguments::Common;
use crate::failed::Failed;
use crate::output::Output;
use imapmig_core::api::engine::{Face, OpenRequest};
use imapmig_core::api::operation::{OperationRequest, OperationStarted, OperationWaitRequest};
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_engine::Engine;
use serde::de::DeserializeOwned;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// An opened state directory and the way to show things.
pub(crate) struct Client {
    pub(crate) engine: Engine,
    pub(crate) output: Output,
    json: bool,
    interrupted: OnceLock<Arc<AtomicBool>>,
}

impl Client {
    pub(crate) fn open(common: &Common) -> Result<Self, Failed> {
        let failed = |error| Failed { error, json: common.json };
        let worker = std::env::current_exe().ok().map(|p| p.display().to_string());
        let state_directory = common.state_directory.clone();
        let request = OpenRequest { state_directory, worker, face: Face::CommandLine };
        let engine = Engine::open(request).map_err(failed)?;
        Ok(Self {
            engine,
            output: Output { json: common.json },
            json: common.json,
            interrupted: OnceLock::new(),
        })
    }

    /// Whether Ctrl+C was pressed since the first call of this method. Before that, as while a question waits for its answer, Ctrl+C
    /// ends the program at once.
    pub(crate) fn is_interrupted(&self) -> bool {
        let interrupted = self.interrupted.get_or_init(|| {
            let flag = Arc::new(AtomicBool::new(false));
            let told = Arc::clone(&flag);
            // Without a handler Ctrl+C goes on ending the program, which loses nothing either.
            let _ = ctrlc::set_handler(move || told.store(true, Ordering::Release));
            flag
        });
        interrupted.load(Ordering::Acquire)
    }

    pub(crate) fn checked<T>(&self, reply: Result<T, ApiError>) -> Result<T, Failed> {
        reply.map_err(|error| self.failed(error))
    }

    pub(crate) fn failed(&self, error: ApiError) -> Failed {
        Failed { error, json: self.json }
    }

    /// Waits for an operation; Ctrl+C cancels it.
    pub(crate) fn wait<T: DeserializeOwned>(
        &self,
        started: Result<OperationStarted, ApiError>,
    ) -> Result<T, Failed> {
        let operation_id = self.checked(started)?.operation_id;
        let mut cancelled = false;
        loop {
            if self.is_interrupted() && !cancelled {
                cancelled = true;
                self.checked(self.engine.operation_cancel(OperationRequest { operation_id }))?;
            }
            let request = OperationWaitRequest { operation_id, timeout_ms: 200 };
            let state = self.checked(self.engine.operation_wait(request))?;
            match (state.done, state.error, state.result) {
                (false, ..) => {}
                (true, Some(error), _) => return Err(self.failed(error)),
                (true, None, result) => {
                    return serde_json::from_value(result.unwrap_or_default()).map_err(|e| {
                        let text = format!("the engine's reply cannot be read: {e}");
                        self.failed(ApiError::new(
                            "ImapMigrationFaultException",
                            ErrorCategory::NotSpecified,
                            text,
                        ))
                    });
                }
            }
        }
    }
}
