//! Asks the authority for a token: one POST over https, and its answer.

use super::assertion::assertion;
use super::{Credential, DEFAULT_AUTHORITY, DEFAULT_SCOPE, Issued, refusal};
use crate::{hidden, trust};
use imapmig_core::endpoint::OAuthSettings;
use imapmig_core::failure::{Failure, FailureKind, Retry, Scope, Token};
use imapmig_core::secret::Secret;
use imapmig_core::time::UnixMs;
use serde::Deserialize;
use std::time::Duration;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Body, http};

/// How long an answer may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// How long an answer may be.
const SIZE_LIMIT: u64 = 1024 * 1024;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The authority's address, and what the application sends there.
pub(super) struct Authority {
    /// The token address.
    pub(super) url: String,
    application: String,
    tenant: String,
    scope: String,
    credential: Credential,
    /// One client with the system's authorities and, if there are extra ones, one with those.
    agents: Vec<Agent>,
}

/// A token answer, good or bad.
#[derive(Deserialize, Default)]
struct Answer {
    access_token: Option<Secret>,
    #[serde(default)]
    expires_in: serde_json::Value,
    error: Option<String>,
    error_description: Option<String>,
}

impl Authority {
    pub(super) fn new(
        settings: &OAuthSettings,
        credential: Credential,
        extra_ca_pem: Option<&[u8]>,
    ) -> Result<Self, Failure> {
        let base = settings.authority.as_deref().unwrap_or(DEFAULT_AUTHORITY).trim_end_matches('/');
        if !base.to_ascii_lowercase().starts_with("https://") {
            let case = Token::AuthorityNotHttps(base.to_owned());
            return Err(Failure::new(Scope::Batch, FailureKind::Token, case));
        }
        let extra = trust::certificates(extra_ca_pem.unwrap_or_default())?;
        let mut agents = vec![agent(RootCerts::PlatformVerifier)];
        if !extra.is_empty() {
            let extra: Vec<_> = extra.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
            agents.push(agent(RootCerts::new_with_certs(&extra)));
        }
        Ok(Self {
            url: format!("{base}/{}/oauth2/v2.0/token", settings.tenant_id),
            application: settings.application_id.clone(),
            tenant: settings.tenant_id.clone(),
            scope: settings.scope.clone().unwrap_or_else(|| DEFAULT_SCOPE.to_owned()),
            credential,
            agents,
        })
    }

    /// Asks once.
    pub(super) fn ask(&self, now: UnixMs) -> Result<Issued, Failure> {
        let _hidden = match &self.credential {
            Credential::Secret(secret) => Some(hidden::secret(secret)),
            Credential::Certificate(_) => None,
        };
        let (status, pause, answer) = self.post(now)?;
        if let Some(token) = answer.access_token.filter(|t| !t.is_empty() && status == 200) {
            let lifetime = seconds(&answer.expires_in).unwrap_or(3600);
            return Ok(Issued { token, issued: now, ends: now.after(Duration::from_secs(lifetime)) });
        }
        let description = answer.error_description.or(answer.error).unwrap_or_default();
        Err(refusal::failure(&self.tenant, &self.application, status, pause, &description))
    }

    fn post(&self, now: UnixMs) -> Result<(u16, Option<Duration>, Answer), Failure> {
        let mut response = self.send(now)?;
        let status = response.status().as_u16();
        let pause = response.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
        let text = response
            .body_mut()
            .with_config()
            .limit(SIZE_LIMIT)
            .read_to_string()
            .map(zeroize::Zeroizing::new)
            .map_err(|error| self.unreached(&error))?;
        // A proxy's error page is not JSON; the status decides then.
        let answer = serde_json::from_str(&text).unwrap_or_default();
        Ok((status, pause.map(Duration::from_secs), answer))
    }

    fn send(&self, now: UnixMs) -> Result<http::Response<Body>, Failure> {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", &self.application),
            ("scope", &self.scope),
        ];
        let signed;
        match &self.credential {
            Credential::Secret(secret) => form.push(("client_secret", secret.expose())),
            Credential::Certificate(certificate) => {
                signed = assertion(certificate, &self.application, &self.url, now)?;
                form.push(("client_assertion_type", ASSERTION_TYPE));
                form.push(("client_assertion", &signed));
            }
        }
        let mut outcome = self.agents[0].post(&self.url).send_form(form.iter().copied());
        for agent in &self.agents[1..] {
            if matches!(outcome, Err(ureq::Error::NativeTls(_) | ureq::Error::Tls(_))) {
                outcome = agent.post(&self.url).send_form(form.iter().copied());
            }
        }
        outcome.map_err(|error| self.unreached(&error))
    }

    fn unreached(&self, error: &ureq::Error) -> Failure {
        let kind = match error {
            ureq::Error::Timeout(_) => FailureKind::TimedOut,
            ureq::Error::NativeTls(_) | ureq::Error::Tls(_) => FailureKind::Certificate,
            _ => FailureKind::Unreachable,
        };
        let case = Token::AuthorityNotReached { url: self.url.clone(), error: error.to_string() };
        Failure::new(Scope::User, kind, case).retry(Retry::Reconnect)
    }
}

fn agent(roots: RootCerts) -> Agent {
    let tls = TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(roots).build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .https_only(true)
        .http_status_as_error(false)
        // Credentials go to the address that was configured and to no other.
        .max_redirects(0)
        .timeout_global(Some(TIME_LIMIT))
        .build();
    config.new_agent()
}

/// `expires_in` is a number; some authorities write it as a string.
fn seconds(value: &serde_json::Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
