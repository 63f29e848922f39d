//! What all connections of one server share: mail, faults, tokens, and what is counted.
//!
//! Knows neither the listener nor the dialogue.

use std::collections::{BTreeMap, HashMap};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::account::Secret;
use crate::counts::Counts;
use crate::faults::Faults;
use crate::personality::Personality;
use crate::rules::TokenVerdict;
use crate::store::Store;
use crate::transcript::Received;

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) personality: Personality,
    pub(crate) store: Mutex<Store>,
    pub(crate) faults: Faults,
    pub(crate) transcript: Mutex<Vec<Received>>,
    pub(crate) tokens: Mutex<Vec<(String, Secret)>>,
    /// Sessions of an older generation have an expired token.
    pub(crate) generation: AtomicU64,
    pub(crate) throttled: Mutex<BTreeMap<String, Instant>>,
    pub(crate) throttled_answers: AtomicU64,
    pub(crate) signed_in: Mutex<HashMap<String, usize>>,
    pub(crate) open: AtomicUsize,
    pub(crate) accepted: AtomicU64,
    /// How long answers are held back.
    pub(crate) round_trip_time: Duration,
    pub(crate) counts: Mutex<Counts>,
    pub(crate) stopping: AtomicBool,
    pub(crate) sockets: Mutex<BTreeMap<u64, TcpStream>>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<crate::tls::ServerTls>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("personality", &self.personality.name).finish_non_exhaustive()
    }
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        locked(&self.store)
    }

    pub(crate) fn transcript(&self) -> MutexGuard<'_, Vec<Received>> {
        locked(&self.transcript)
    }

    pub(crate) fn tokens(&self) -> MutexGuard<'_, Vec<(String, Secret)>> {
        locked(&self.tokens)
    }

    pub(crate) fn token_verdict(&self, user: &str, token: &str) -> TokenVerdict {
        if self.tokens().iter().any(|(u, t)| u.eq_ignore_ascii_case(user) && t.0 == token) {
            return TokenVerdict::Accept;
        }
        match &self.personality.login.tokens {
            Some(check) => check(user, token),
            None => TokenVerdict::Reject,
        }
    }

    pub(crate) fn throttle(&self, account: &str, time: Duration) {
        locked(&self.throttled).insert(account.to_owned(), Instant::now() + time);
    }

    pub(crate) fn throttled_for(&self, account: &str) -> Duration {
        let until = locked(&self.throttled).get(account).copied();
        until.map_or(Duration::ZERO, |u| u.saturating_duration_since(Instant::now()))
    }

    pub(crate) fn connections_of(&self, account: &str) -> usize {
        locked(&self.signed_in).get(account).copied().unwrap_or(0)
    }

    pub(crate) fn enter(&self, account: &str) {
        *locked(&self.signed_in).entry(account.to_owned()).or_default() += 1;
    }

    pub(crate) fn leave(&self, account: &str) {
        if let Some(count) = locked(&self.signed_in).get_mut(account) {
            *count = count.saturating_sub(1);
        }
    }

    pub(crate) fn disconnect_all(&self) {
        for socket in locked(&self.sockets).values() {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}
