//! Which authorities a connection trusts, as connectors that all connections of the process share.
//!
//! Reading the system's authorities takes 30 ms and more, several times as long as a handshake, so a connector is kept for a while.

use imapmig_core::failure::{Connecting, Failure, FailureKind, Scope};
use native_tls::{Certificate, Protocol, TlsConnector};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a connector is used before the system's authorities are read again.
const KEPT_FOR: Duration = Duration::from_secs(600);
/// The most connectors that are kept; the oldest goes first.
const KEPT: usize = 8;

static CONNECTORS: Mutex<Connectors<TlsConnector>> = Mutex::new(Connectors { made: Vec::new() });

/// Returns a connector that trusts the system's authorities and the extra ones, or every certificate.
///
/// # Errors
/// When the extra certificates cannot be read.
pub(crate) fn connector(
    accept_untrusted: bool,
    extra_ca_pem: Option<&Arc<Vec<u8>>>,
) -> Result<TlsConnector, Failure> {
    let extra = extra_ca_pem.map_or_else(Arc::default, Arc::clone);
    // Connections that are opened together wait for the first one's connector instead of making their own.
    let mut connectors = CONNECTORS.lock().unwrap_or_else(PoisonError::into_inner);
    connectors.get(&Trust { accept_untrusted, extra }, Instant::now(), make)
}

/// Reads the certificates in the file of extra authorities, as DER.
///
/// # Errors
/// When the file is not PEM.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
    let blocks = pem::parse_many(pem).map_err(|e| unusable(&e))?;
    Ok(blocks.into_iter().filter(|b| b.tag() == "CERTIFICATE").map(pem::Pem::into_contents).collect())
}

fn make(trust: &Trust) -> Result<TlsConnector, Failure> {
    let mut builder = TlsConnector::builder();
    builder.min_protocol_version(Some(Protocol::Tlsv12));
    if trust.accept_untrusted {
        builder.danger_accept_invalid_certs(true).danger_accept_invalid_hostnames(true);
    }
    for certificate in certificates(&trust.extra)? {
        builder.add_root_certificate(Certificate::from_der(&certificate).map_err(|e| unusable(&e))?);
    }
    builder.build().map_err(|e| unusable(&e))
}

fn unusable(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Scope::Batch, FailureKind::Certificate, Connecting::ExtraCertificates(error.to_string()))
}

/// What a connector trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Trust {
    accept_untrusted: bool,
    /// Extra authorities, as PEM.
    extra: Arc<Vec<u8>>,
}

/// The connectors that are kept, in the order in which they were made.
struct Connectors<C> {
    made: Vec<(Trust, Instant, C)>,
}

impl<C: Clone> Connectors<C> {
    /// Returns the connector that trusts this, and makes it unless there is one that is not too old.
    fn get(
        &mut self,
        trust: &Trust,
        now: Instant,
        make: impl FnOnce(&Trust) -> Result<C, Failure>,
    ) -> Result<C, Failure> {
        self.made.retain(|(_, made, _)| now.saturating_duration_since(*made) < KEPT_FOR);
        if let Some((_, _, connector)) = self.made.iter().find(|(known, ..)| known == trust) {
            return Ok(connector.clone());
        }
        let connector = make(trust)?;
        if self.made.len() == KEPT {
            self.made.remove(0);
        }
        self.made.push((trust.clone(), now, connector.clone()));
        Ok(connector)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(accept_untrusted: bool, extra: &[u8]) -> Trust {
        Trust { accept_untrusted, extra: Arc::new(extra.to_vec()) }
    }

    /// Asks for connectors, which are numbered in the order in which they are made.
    fn numbers(asked: &[(Trust, Instant)]) -> Vec<usize> {
        let (mut connectors, mut made) = (Connectors { made: Vec::new() }, 0);
        let mut number = |(trust, now): &(Trust, Instant)| {
            let make = |_: &Trust| {
                made += 1;
                Ok(made)
            };
            connectors.get(trust, *now, make).unwrap()
        };
        asked.iter().map(&mut number).collect()
    }

    #[test]
    fn connections_that_trust_the_same_share_a_connector() {
        let now = Instant::now();
        let asked = [
            (trust(false, b"one"), now),
            (trust(false, b"one"), now),
            (trust(false, b"two"), now),
            (trust(true, b"one"), now),
            (trust(false, b"one"), now),
        ];

        assert_eq!(numbers(&asked), [1, 1, 2, 3, 1]);
    }

    #[test]
    fn the_systems_authorities_are_read_again_after_a_while() {
        let now = Instant::now();
        let asked = [
            (trust(false, b""), now),
            (trust(false, b""), now + KEPT_FOR / 2),
            (trust(false, b""), now + KEPT_FOR),
        ];

        assert_eq!(numbers(&asked), [1, 1, 2]);
    }

    #[test]
    fn no_more_than_a_few_connectors_are_kept() {
        let now = Instant::now();
        let others = (0..KEPT).map(|n| (trust(false, n.to_string().as_bytes()), now));
        let one = || std::iter::once((trust(false, b"one"), now));
        let asked: Vec<_> = one().chain(others).chain(one()).collect();

        assert_eq!(numbers(&asked).last(), Some(&(KEPT + 2)));
    }

    #[test]
    fn extra_authorities_that_cannot_be_read_are_refused_each_time() {
        let broken = Arc::new(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec());

        for _ in 0..2 {
            assert_eq!(connector(false, Some(&broken)).unwrap_err().kind, FailureKind::Certificate);
        }
    }
}
