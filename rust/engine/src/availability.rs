//! Test-MigrationServerAvailability, and the same test before an endpoint is made or changed.
//!
//! A connection that fails is a result with Exchange's message and its chain of causes, not an error.

use crate::connect::{self, TrialLogin};
use crate::errors;
use crate::operations::{Operation, Operations};
use crate::parts::Parts;
use imapmig_core::api::operation::OperationStarted;
use imapmig_core::api::server::{ServerTestRequest, ServerTestResult, TestResult};
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::{Endpoint, EndpointSecrets, EndpointSettings, EndpointType};
use imapmig_core::failure::{Failure, FailureKind, Scope};
use imapmig_core::ports::Clock;
use imapmig_imap::availability::{explain, test};
use imapmig_imap::witness::check_authorization;
use imapmig_store::StateDirectory;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// What is tried.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What it is.
    pub endpoint_type: EndpointType,
    /// How it is reached.
    pub settings: EndpointSettings,
    /// How to sign in there.
    pub secrets: EndpointSecrets,
    /// Whether signing in is tried too.
    pub sign_in: bool,
}

/// Tries servers.
pub trait ServerProbe: Send + Sync {
    /// Connects, and signs in where that is asked for and the credentials are known. Gives what was left untried, in one sentence.
    ///
    /// # Errors
    /// The first thing that does not work.
    fn try_endpoint(&self, trial: &Trial, cancel: &Cancel) -> Result<Option<String>, Failure>;
}

/// Tries real servers.
pub(crate) struct Servers {
    directory: StateDirectory,
    clock: Arc<dyn Clock>,
}

impl Servers {
    pub(crate) fn new(directory: &StateDirectory, clock: Arc<dyn Clock>) -> Self {
        Self { directory: directory.clone(), clock }
    }
}

impl ServerProbe for Servers {
    fn try_endpoint(&self, trial: &Trial, cancel: &Cancel) -> Result<Option<String>, Failure> {
        if trial.endpoint_type == EndpointType::Maildir {
            return trial.settings.path.as_deref().map_or(Ok(None), |path| try_folder(Path::new(path)));
        }
        let server = connect::server(&self.directory, &trial.settings)?;
        test(&server, None, cancel)?;
        if !trial.sign_in {
            return Ok(None);
        }
        let clock = Arc::clone(&self.clock);
        match connect::trial_login(&self.directory, trial, clock, cancel)? {
            TrialLogin::With(login) => {
                test(&server, Some(&login), cancel)?;
                check_authorization(&server, &login, cancel).map(|()| None)
            }
            TrialLogin::NotPossible(why) => Ok(Some(why)),
            TrialLogin::NotNeeded => Ok(None),
        }
    }
}

fn try_folder(path: &Path) -> Result<Option<String>, Failure> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(None),
        Ok(_) => {
            let message = format!("{} is a file; give a folder", path.display());
            Err(Failure::new(Scope::Batch, FailureKind::Local, message))
        }
        Err(error) => {
            let message = format!("the folder {} cannot be used: {error}; make it first", path.display());
            Err(Failure::new(Scope::Batch, FailureKind::Local, message))
        }
    }
}

/// Starts the test of a server or an endpoint.
pub(crate) fn start(
    parts: &Parts,
    operations: &Operations,
    request: ServerTestRequest,
) -> Result<OperationStarted, ApiError> {
    let trial = trial_of(parts, request)?;
    let parts = parts.clone();
    operations.start(move |operation| {
        operation.doing(doing(&trial));
        match parts.servers.try_endpoint(&trial, &operation.cancel) {
            Ok(untried) => Ok(ServerTestResult {
                result: TestResult::Success,
                message: untried.unwrap_or_default(),
                supports_cutover: false,
                error_detail: String::new(),
            }),
            Err(failure) if failure.kind == FailureKind::Cancelled => Err(errors::stopped()),
            Err(failure) => Ok(failed(&parts, &trial, &failure)),
        }
    })
}

/// Tries an endpoint that is about to be stored.
pub(crate) fn verify(
    parts: &Parts,
    operation: &Operation,
    endpoint: &Endpoint,
    secrets: &EndpointSecrets,
) -> Result<(), ApiError> {
    let trial = Trial {
        endpoint_type: endpoint.endpoint_type,
        settings: endpoint.settings.clone(),
        secrets: secrets.clone(),
        sign_in: true,
    };
    operation.doing(doing(&trial));
    match parts.servers.try_endpoint(&trial, &operation.cancel) {
        Ok(_) => Ok(()),
        Err(failure) if failure.kind == FailureKind::Cancelled => Err(errors::stopped()),
        Err(failure) => {
            let result = failed(parts, &trial, &failure);
            let said = failure.server_text.as_deref().filter(|said| !result.message.contains(said));
            let said = said.map(|said| format!(" The server said: {}", errors::sentence(said)));
            let message = format!(
                "{}{} Use -SkipVerification to store the endpoint untested.",
                result.message,
                said.unwrap_or_default()
            );
            let category = errors::category(failure.kind);
            Err(ApiError::new("MigrationServerConnectionFailedException", category, message)
                .target(&endpoint.name)
                .retryable())
        }
    }
}

fn trial_of(parts: &Parts, request: ServerTestRequest) -> Result<Trial, ApiError> {
    if let Some(identity) = &request.endpoint {
        let plain = ServerTestRequest {
            endpoint: request.endpoint.clone(),
            test_mailbox: request.test_mailbox.clone(),
            ..ServerTestRequest::default()
        };
        if request != plain {
            return Err(errors::invalid("Give either an endpoint or a server, not both."));
        }
        let mut trial = endpoint_trial(parts, identity)?;
        trial.settings.test_mailbox = request.test_mailbox.or(trial.settings.test_mailbox);
        return Ok(trial);
    }
    if request.test_mailbox.is_some() {
        return Err(errors::invalid(
            "TestMailbox goes with an endpoint, which says how to sign in. Please give the endpoint's name.",
        ));
    }
    let remote_server = request.remote_server.map(|server| server.trim().to_owned()).unwrap_or_default();
    if remote_server.is_empty() {
        return Err(errors::invalid("RemoteServer is empty. Please give the host name of the IMAP server."));
    }
    crate::endpoints::host::check(&remote_server)?;
    let Some(port) = request.port.filter(|port| *port != 0) else {
        return Err(errors::invalid(
            "Port is missing. Please give the TCP port of the IMAP server, usually 993 or 143.",
        ));
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
    Ok(Trial { endpoint_type, settings, secrets: EndpointSecrets::default(), sign_in: false })
}

fn endpoint_trial(parts: &Parts, identity: &str) -> Result<Trial, ApiError> {
    if crate::endpoints::is_local(identity) {
        let settings = EndpointSettings {
            path: Some(parts.directory.mailboxes().display().to_string()),
            ..EndpointSettings::default()
        };
        let secrets = EndpointSecrets::default();
        return Ok(Trial { endpoint_type: EndpointType::Maildir, settings, secrets, sign_in: false });
    }
    let Some(endpoint) = parts.store.endpoint(identity).map_err(errors::of_store)? else {
        let once = format!("The migration endpoint '{identity}' couldn't be found.");
        let mut error = errors::no_endpoint(identity);
        error.message = format!("{once} Reason: {once}");
        error.category = ErrorCategory::NotSpecified;
        return Err(error);
    };
    let secrets = parts.store.endpoint_secrets(endpoint.id).map_err(errors::of_store)?;
    Ok(Trial { endpoint_type: endpoint.endpoint_type, settings: endpoint.settings, secrets, sign_in: true })
}

fn doing(trial: &Trial) -> String {
    match trial.endpoint_type {
        EndpointType::Maildir => "Looking at the folder".to_owned(),
        _ => format!("Connecting to {}:{}", trial.settings.remote_server, trial.settings.port),
    }
}

/// The result of a failed test: what happened and the remedy, and the chain of causes.
fn failed(parts: &Parts, trial: &Trial, failure: &Failure) -> ServerTestResult {
    let told = errors::told(failure);
    let (message, error_detail) = match connect::server(&parts.directory, &trial.settings) {
        Ok(server) if trial.endpoint_type != EndpointType::Maildir => {
            let explanation = explain(&server, failure);
            (explanation.message, explanation.detail)
        }
        _ => (told.clone(), format!("{}: {told}", errors::exception(failure.kind))),
    };
    ServerTestResult {
        result: TestResult::Failed,
        message: errors::sentence(&message),
        supports_cutover: false,
        error_detail,
    }
}
