//! Access tokens, shared by the users of an endpoint.

use super::state::{StateDirectory, trusted_authorities};
use crate::messages::engine_failures;
use imapmig_core::endpoint::{Endpoint, EndpointSecrets, EndpointSettings};
use imapmig_core::failure::Failure;
use imapmig_core::ids::EndpointId;
use imapmig_core::ports::Clock;
use imapmig_core::time::UnixMs;
use imapmig_imap::oauth::ClientCredentials;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use imapmig_imap::oauth::certificate::read_file as read_certificate;

/// The token sources, one for each endpoint.
pub(super) struct Tokens {
    clock: Arc<dyn Clock>,
    by_endpoint: Mutex<HashMap<(EndpointId, UnixMs), Arc<dyn imapmig_imap::Tokens>>>,
}

impl Tokens {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, by_endpoint: Mutex::default() }
    }

    /// The token source of a stored endpoint; a changed endpoint gets a new one.
    pub(super) fn of(
        &self,
        directory: &StateDirectory,
        endpoint: &Endpoint,
        secrets: &EndpointSecrets,
    ) -> Result<Arc<dyn imapmig_imap::Tokens>, Failure> {
        let key = (endpoint.id, endpoint.changed);
        let mut known = self.by_endpoint.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tokens) = known.get(&key) {
            return Ok(Arc::clone(tokens));
        }
        let tokens = token_source(directory, &endpoint.settings, secrets, Arc::clone(&self.clock))?;
        known.retain(|(id, _), _| *id != endpoint.id);
        known.insert(key, Arc::clone(&tokens));
        Ok(tokens)
    }
}

/// The token source of an endpoint with these settings.
pub(super) fn token_source(
    directory: &StateDirectory,
    settings: &EndpointSettings,
    secrets: &EndpointSecrets,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn imapmig_imap::Tokens>, Failure> {
    let (Some(oauth), Some(credential)) = (&settings.oauth, &secrets.client_credential) else {
        return Err(engine_failures::no_application());
    };
    let trusted = trusted_authorities(directory)?;
    let trusted = trusted.as_ref().map(|pem| pem.as_slice());
    Ok(Arc::new(ClientCredentials::new(oauth, credential, trusted, clock)?))
}
