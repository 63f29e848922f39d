//! The facade, with fake servers and a fake launcher.

mod availability;
mod batches;
mod confirmations;
mod endpoints;
mod logins;
mod scores;
mod settings;
mod users;

use super::Engine;
use crate::testing::Rig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use imapmig_core::api::batch::{BatchCreateRequest, BatchListRequest, BatchView};
use imapmig_core::api::endpoint::EndpointCreateRequest;
use imapmig_core::api::operation::{OperationStarted, OperationWaitRequest};
use imapmig_core::api::{ApiError, IdentityRequest};
use imapmig_core::secret::Secret;
use serde::de::DeserializeOwned;

const HEADER: &str = "EmailAddress,UserName,Password\n";

/// An engine on a state directory of its own.
struct Desk {
    rig: Rig,
    engine: Engine,
}

impl Desk {
    fn new() -> Self {
        let rig = Rig::new();
        let engine = Engine::with(rig.context.clone());
        Self { rig, engine }
    }

    /// What an operation came to.
    fn end<T: DeserializeOwned>(&self, started: Result<OperationStarted, ApiError>) -> Result<T, ApiError> {
        let operation_id = started?.operation_id;
        loop {
            let state =
                self.engine.operation_wait(OperationWaitRequest { operation_id, timeout_ms: 200 }).unwrap();
            match (state.done, state.error) {
                (false, _) => {}
                (true, Some(error)) => return Err(error),
                (true, None) => return Ok(serde_json::from_value(state.result.unwrap()).unwrap()),
            }
        }
    }

    /// Makes an endpoint that is reached by an administrator.
    fn endpoint(&self, name: &str) {
        let made: Result<serde_json::Value, _> = self.end(self.engine.endpoint_create(imap(name)));
        made.unwrap();
    }

    fn create(&self, request: BatchCreateRequest) -> Result<BatchView, ApiError> {
        self.end(self.engine.batch_create(request))
    }

    fn batch(&self, name: &str) -> BatchView {
        let request = BatchListRequest { identity: Some(name.to_owned()), ..BatchListRequest::default() };
        self.engine.batch_list(request).unwrap().batches.remove(0)
    }
}

fn imap(name: &str) -> EndpointCreateRequest {
    EndpointCreateRequest {
        name: name.to_owned(),
        remote_server: Some("imap.contoso.com".to_owned()),
        ..EndpointCreateRequest::default()
    }
}

fn csv(text: &str) -> Secret {
    Secret::new(STANDARD.encode(text))
}

/// A batch of these rows from endpoint `E`.
fn batch(name: &str, rows: &str) -> BatchCreateRequest {
    BatchCreateRequest {
        name: name.to_owned(),
        csv_base64: csv(&format!("{HEADER}{rows}")),
        source_endpoint: Some("E".to_owned()),
        ..BatchCreateRequest::default()
    }
}

fn named(identity: &str) -> IdentityRequest {
    IdentityRequest { identity: Some(identity.to_owned()) }
}
