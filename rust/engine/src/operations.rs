//! Long-running operations: each runs on its own thread, is waited for in slices, and can be cancelled.
//!
//! Knows nothing about the work itself. An operation is removed once its end was reported.

use crate::messages::common;
use imapmig_core::api::ApiError;
use imapmig_core::api::operation::{OperationStarted, OperationState};
use imapmig_core::cancel::Cancel;
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The longest that one wait lasts.
const LONGEST_WAIT: Duration = Duration::from_millis(200);

/// The operations of one engine.
#[derive(Default)]
pub(crate) struct Operations {
    last: AtomicU64,
    known: Mutex<HashMap<u64, Arc<Operation>>>,
}

/// What a running operation reports, and its switch to stop.
pub(crate) struct Operation {
    /// Thrown when the operation is to end.
    pub(crate) cancel: Cancel,
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    activity: Option<String>,
    outcome: Option<Result<Value, ApiError>>,
}

impl Operation {
    /// Reports what is being done now, for a progress bar.
    pub(crate) fn doing(&self, activity: impl Into<String>) {
        self.state().activity = Some(activity.into());
    }

    /// Fails with the error of a stopped operation if a stop was requested.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        if self.cancel.is_cancelled() { Err(common::stopped()) } else { Ok(()) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Operations {
    /// Starts `work` on a thread of its own.
    pub(crate) fn start<T: Serialize>(
        &self,
        work: impl FnOnce(&Operation) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<OperationStarted, ApiError> {
        let operation_id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let operation =
            Arc::new(Operation { cancel: Cancel::new(), state: Mutex::default(), ended: Condvar::new() });
        self.known().insert(operation_id, Arc::clone(&operation));
        let running = Arc::clone(&operation);
        let thread = thread::Builder::new().name(format!("operation {operation_id}"));
        let spawned = thread.spawn(move || {
            let outcome =
                catch_unwind(AssertUnwindSafe(|| work(&running))).unwrap_or_else(|_| Err(common::fault()));
            let outcome = outcome.and_then(|reply| {
                serde_json::to_value(reply).map_err(|error| common::fault_because(&error.to_string()))
            });
            running.state().outcome = Some(outcome);
            running.ended.notify_all();
        });
        match spawned {
            Ok(_) => Ok(OperationStarted { operation_id }),
            Err(error) => {
                self.known().remove(&operation_id);
                Err(common::no_thread(&error))
            }
        }
    }

    /// Waits for an operation's end, a moment at most.
    pub(crate) fn wait(&self, id: u64, timeout: Duration) -> Result<OperationState, ApiError> {
        let operation = self.find(id)?;
        let mut state = operation
            .ended
            .wait_timeout_while(operation.state(), timeout.min(LONGEST_WAIT), |state| state.outcome.is_none())
            .unwrap_or_else(PoisonError::into_inner)
            .0;
        let activity = state.activity.clone();
        let Some(outcome) = state.outcome.take() else {
            return Ok(OperationState { done: false, activity, result: None, error: None });
        };
        self.known().remove(&id);
        let (result, error) = match outcome {
            Ok(result) => (Some(result), None),
            Err(error) => (None, Some(error)),
        };
        Ok(OperationState { done: true, activity, result, error })
    }

    /// Asks an operation to end soon.
    pub(crate) fn cancel(&self, id: u64) -> Result<(), ApiError> {
        self.find(id).map(|operation| operation.cancel.cancel())
    }

    fn find(&self, id: u64) -> Result<Arc<Operation>, ApiError> {
        self.known().get(&id).cloned().ok_or_else(|| common::no_operation(id))
    }

    fn known(&self) -> MutexGuard<'_, HashMap<u64, Arc<Operation>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closing the engine waits for none of its operations.
impl Drop for Operations {
    fn drop(&mut self) {
        for operation in self.known().values() {
            operation.cancel.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::api::ErrorCategory;
    use std::sync::mpsc;

    fn end_of(operations: &Operations, id: u64) -> OperationState {
        loop {
            let state = operations.wait(id, LONGEST_WAIT).unwrap();
            if state.done {
                return state;
            }
        }
    }

    #[test]
    fn an_operation_is_under_way_then_done_then_forgotten() {
        let operations = Operations::default();
        let (go, gate) = mpsc::channel::<()>();
        let id = operations
            .start(move |operation| {
                operation.doing("counting");
                gate.recv().map_err(|_| common::fault())?;
                Ok(vec![1, 2])
            })
            .unwrap()
            .operation_id;

        let under_way = operations.wait(id, Duration::from_millis(1)).unwrap();
        go.send(()).unwrap();
        let end = end_of(&operations, id);

        assert!(!under_way.done);
        assert_eq!(
            (end.activity.as_deref(), end.result),
            (Some("counting"), Some(serde_json::json!([1, 2])))
        );
        assert_eq!(operations.wait(id, Duration::ZERO).unwrap_err().code, "OperationNotFoundException");
    }

    #[test]
    fn a_cancelled_operation_ends_as_stopped() {
        let operations = Operations::default();
        let (go, gate) = mpsc::channel::<()>();
        let id = operations
            .start(move |operation| {
                gate.recv().map_err(|_| common::fault())?;
                operation.check()
            })
            .unwrap()
            .operation_id;

        operations.cancel(id).unwrap();
        go.send(()).unwrap();

        assert_eq!(end_of(&operations, id).error.unwrap().category, ErrorCategory::OperationStopped);
    }

    #[test]
    fn a_panic_is_an_error_of_the_operation() {
        let operations = Operations::default();

        let started = operations.start(|_| -> Result<(), ApiError> { panic!("a broken invariant") }).unwrap();

        assert_eq!(
            end_of(&operations, started.operation_id).error.unwrap().code,
            "ImapMigrationFaultException"
        );
    }
}
