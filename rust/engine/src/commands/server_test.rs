//! Test-MigrationServerAvailability, and the same test before an endpoint is made or changed.
//!
//! A connection that fails is a result with Exchange's message and its chain of causes, not an error.

use super::host;
use crate::adapters;
use crate::context::{Context, Trial};
use crate::errors;
use crate::messages::availability::explain;
use crate::messages::common;
use crate::messages::endpoints::{self, Needed, doing};
use crate::messages::failures;
use crate::operations::{Operation, Operations};
use imapmig_core::api::ApiError;
use imapmig_core::api::operation::OperationStarted;
use imapmig_core::api::server::{ServerTestRequest, ServerTestResult, TestResult};
use imapmig_core::endpoint::{Endpoint, EndpointSecrets, EndpointSettings, EndpointType, is_local};
use imapmig_core::failure::Failure;
use imapmig_core::steps::Steps;

/// Starts the test of a server or an endpoint.
pub(crate) fn start(
    context: &Context,
    operations: &Operations,
    request: ServerTestRequest,
) -> Result<OperationStarted, ApiError> {
    let trial = trial_of(context, request)?;
    let context = context.clone();
    operations.start(move |operation| {
        operation.doing(doing(&trial));
        match context.servers.try_endpoint(&trial, &operation.cancel) {
            Ok(untried) => Ok(ServerTestResult {
                result: TestResult::Success,
                message: untried.unwrap_or_default(),
                supports_cutover: false,
                error_detail: String::new(),
                steps: trial.steps.all(),
            }),
            Err(failure) if failure.is_cancelled() => Err(common::stopped()),
            Err(failure) => Ok(failed(&trial, &failure)),
        }
    })
}

/// Tries an endpoint that is about to be stored.
pub(crate) fn verify(
    context: &Context,
    operation: &Operation,
    endpoint: &Endpoint,
    secrets: &EndpointSecrets,
) -> Result<(), ApiError> {
    let trial = Trial {
        endpoint_type: endpoint.endpoint_type,
        settings: endpoint.settings.clone(),
        secrets: secrets.clone(),
        sign_in: true,
        steps: Steps::default(),
    };
    operation.doing(doing(&trial));
    match context.servers.try_endpoint(&trial, &operation.cancel) {
        Ok(_) => Ok(()),
        Err(failure) if failure.is_cancelled() => Err(common::stopped()),
        Err(failure) => {
            let result = failed(&trial, &failure);
            let said = failure.server_text.as_deref().filter(|said| !result.message.contains(said));
            let said = said.map(common::sentence);
            let category = failures::category(failure.kind);
            Err(endpoints::not_verified(&endpoint.name, category, &result.message, said.as_deref()))
        }
    }
}

fn trial_of(context: &Context, request: ServerTestRequest) -> Result<Trial, ApiError> {
    if let Some(identity) = &request.endpoint {
        let plain = ServerTestRequest {
            endpoint: request.endpoint.clone(),
            test_mailbox: request.test_mailbox.clone(),
            ..ServerTestRequest::default()
        };
        if request != plain {
            return Err(endpoints::endpoint_and_server());
        }
        let mut trial = endpoint_trial(context, identity)?;
        trial.settings.test_mailbox = request.test_mailbox.or(trial.settings.test_mailbox);
        return Ok(trial);
    }
    if request.test_mailbox.is_some() {
        return Err(endpoints::mailbox_without_endpoint());
    }
    let remote_server = request.remote_server.map(|server| server.trim().to_owned()).unwrap_or_default();
    if remote_server.is_empty() {
        return Err(endpoints::missing(Needed::Server));
    }
    host::check(&remote_server)?;
    let Some(port) = request.port.filter(|port| *port != 0) else {
        return Err(endpoints::no_port());
    };
    let settings = EndpointSettings {
        remote_server,
        port,
        security: request.security.unwrap_or_default(),
        authentication: request.authentication.unwrap_or_default(),
        accept_untrusted_certificates: request.accept_untrusted_certificates,
        ..EndpointSettings::default()
    };
    let endpoint_type = EndpointType::Imap;
    Ok(Trial {
        endpoint_type,
        settings,
        secrets: EndpointSecrets::default(),
        sign_in: false,
        steps: Steps::default(),
    })
}

fn endpoint_trial(context: &Context, identity: &str) -> Result<Trial, ApiError> {
    if is_local(identity) {
        let settings = EndpointSettings {
            path: Some(context.directory.mailboxes().display().to_string()),
            ..EndpointSettings::default()
        };
        let secrets = EndpointSecrets::default();
        return Ok(Trial {
            endpoint_type: EndpointType::Maildir,
            settings,
            secrets,
            sign_in: false,
            steps: Steps::default(),
        });
    }
    let Some(endpoint) = context.catalog.endpoint(identity).map_err(errors::of_store)? else {
        return Err(common::no_endpoint_to_test(identity));
    };
    let secrets = context.catalog.endpoint_secrets(endpoint.id).map_err(errors::of_store)?;
    Ok(Trial {
        endpoint_type: endpoint.endpoint_type,
        settings: endpoint.settings,
        secrets,
        sign_in: true,
        steps: Steps::default(),
    })
}

fn doing(trial: &Trial) -> String {
    if adapters::kind(trial.endpoint_type).is_server() {
        doing::connecting(&trial.settings.remote_server, trial.settings.port)
    } else {
        doing::LOOKING_AT_FOLDER.to_owned()
    }
}

/// The result of a failed test: what happened and the remedy, and the chain of causes.
fn failed(trial: &Trial, failure: &Failure) -> ServerTestResult {
    let told = failures::told(failure);
    let (message, error_detail) = if adapters::kind(trial.endpoint_type).is_server() {
        let explanation = explain(&trial.settings, failure);
        (explanation.message, explanation.detail)
    } else {
        (told.clone(), format!("{}: {told}", failures::exception(failure.kind)))
    };
    ServerTestResult {
        result: TestResult::Failed,
        message: common::sentence(&message),
        supports_cutover: false,
        error_detail,
        steps: trial.steps.all(),
    }
}
