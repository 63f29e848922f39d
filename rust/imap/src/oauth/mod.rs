//! Access tokens by client credentials: an application signs in as itself, by a secret or a certificate.
//!
//! RFC 6749 section 4.4, RFC 7523; Microsoft identity platform, "OAuth 2.0 client credentials flow". A token is kept
//! until five minutes before it ends; however many connections ask at once, the authority is asked once.

mod assertion;
pub mod certificate;
mod pfx;
mod pfx_cipher;
mod pfx_der;
mod refusal;
mod request;

use crate::Tokens;
use crate::tls::go_on;
use certificate::ClientCertificate;
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::OAuthSettings;
use imapmig_core::failure::Failure;
use imapmig_core::ports::Clock;
use imapmig_core::secret::Secret;
use imapmig_core::time::UnixMs;
use request::Authority;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Microsoft's public cloud.
pub const DEFAULT_AUTHORITY: &str = "https://login.microsoftonline.com";
/// Everything that the application was granted in Exchange Online.
pub const DEFAULT_SCOPE: &str = "https://outlook.office365.com/.default";
/// How long before its end a token is replaced.
const MARGIN: Duration = Duration::from_secs(5 * 60);
/// How often a waiting connection checks for cancellation.
const SLICE: Duration = Duration::from_millis(200);

/// How the application proves who it is.
pub(crate) enum Credential {
    Secret(Secret),
    Certificate(Box<ClientCertificate>),
}

/// Gets tokens for an application; shared by all connections of an endpoint.
#[derive(Clone)]
pub struct ClientCredentials(Arc<Inner>);

struct Inner {
    authority: Authority,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    token: Option<Issued>,
    asking: bool,
    /// Number of answers so far, by which waiting connections recognise a new one.
    answers: u64,
    last_failure: Option<Failure>,
}

/// A token and when it ends.
#[derive(Clone)]
pub(crate) struct Issued {
    pub(crate) token: Secret,
    pub(crate) issued: UnixMs,
    pub(crate) ends: UnixMs,
}

impl Issued {
    fn ended(&self, now: UnixMs) -> bool {
        now >= self.ends
    }

    fn ends_soon(&self, now: UnixMs) -> bool {
        // A token of a few minutes would always end soon.
        let margin = MARGIN.min(self.ends.since(self.issued) / 2);
        now.after(margin) >= self.ends
    }
}

impl std::fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientCredentials").field("authority", &self.0.authority.url).finish_non_exhaustive()
    }
}

impl ClientCredentials {
    /// Tokens for this application. `credential` is the client secret, or with `by_certificate` the certificate and its private
    /// key as PEM; `extra_ca_pem` are authorities trusted beside the system's.
    ///
    /// # Errors
    /// `Token` when the certificate cannot be used or the authority is no https address.
    pub fn new(
        settings: &OAuthSettings,
        credential: &Secret,
        extra_ca_pem: Option<&[u8]>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Failure> {
        let credential = if settings.by_certificate {
            Credential::Certificate(Box::new(ClientCertificate::from_pem(credential.expose())?))
        } else {
            Credential::Secret(credential.clone())
        };
        let authority = Authority::new(settings, credential, extra_ca_pem)?;
        Ok(Self(Arc::new(Inner { authority, clock, state: Mutex::default(), changed: Condvar::new() })))
    }
}

impl Tokens for ClientCredentials {
    fn token(&self, cancel: &Cancel) -> Result<Secret, Failure> {
        let inner = &self.0;
        let mut state = inner.locked();
        let seen = state.answers;
        loop {
            go_on(cancel)?;
            let now = inner.clock.now();
            let answered = state.answers != seen;
            if let Some(issued) = &state.token {
                // If no new token could be obtained, the old one is used until it expires. A new one is used at least once, however
                // short its stated lifetime: asking again at once would return another like it.
                let new = answered && state.last_failure.is_none();
                if !issued.ends_soon(now) || new || (answered && !issued.ended(now)) {
                    return Ok(issued.token.clone());
                }
            }
            if answered && let Some(failure) = &state.last_failure {
                return Err(failure.clone());
            }
            if !state.asking {
                state.asking = true;
                self.ask()?;
            }
            state = inner.changed.wait_timeout(state, SLICE).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn invalidate(&self, token: &Secret) {
        let mut state = self.0.locked();
        if state.token.as_ref().is_some_and(|issued| issued.token == *token) {
            state.token = None;
        }
    }
}

impl ClientCredentials {
    /// Asks the authority on a thread of its own, so that waiting connections can be cancelled.
    fn ask(&self) -> Result<(), Failure> {
        let inner = Arc::clone(&self.0);
        let thread = thread::Builder::new().name("token".to_owned()).spawn(move || {
            let answer = inner.authority.ask(inner.clock.now());
            let mut state = inner.locked();
            state.asking = false;
            state.answers += 1;
            match answer {
                Ok(issued) => {
                    state.token = Some(issued);
                    state.last_failure = None;
                }
                Err(failure) => state.last_failure = Some(failure),
            }
            inner.changed.notify_all();
        });
        thread.map(drop).map_err(|error| Failure::no_thread(&error))
    }
}

impl Inner {
    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
