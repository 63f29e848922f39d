//! What was seen of target servers in this process.

use super::memory::SettingsMemory;
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Endpoint;
use imapmig_core::failure::Failure;
use imapmig_core::ids::EndpointId;
use imapmig_core::ports::store::Catalog;
use imapmig_core::time::UnixMs;
use imapmig_imap::authzid_check::check_authorization;
use imapmig_imap::literals::LiteralHabits;
use imapmig_imap::{ImapServer, Login};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Those that open the mailbox that an administrator asks for, each endpoint being looked at once; and what each does with literals
/// that it did not ask for.
pub(super) struct KnownServers {
    honest: Mutex<HashSet<(EndpointId, UnixMs)>>,
    literals: LiteralHabits,
}

impl KnownServers {
    pub(super) fn new(catalog: Arc<dyn Catalog>) -> Self {
        Self { honest: Mutex::default(), literals: LiteralHabits::new(Arc::new(SettingsMemory(catalog))) }
    }

    pub(super) fn literals(&self) -> &LiteralHabits {
        &self.literals
    }

    /// Fails if the server would open another mailbox than the one that an administrator asks for.
    pub(super) fn check(
        &self,
        endpoint: &Endpoint,
        server: &ImapServer,
        login: &Login,
        cancel: &Cancel,
    ) -> Result<(), Failure> {
        if !matches!(login, Login::Plain { .. }) {
            return Ok(());
        }
        // Held meanwhile: failed logins, which this costs at Dovecot, make some servers slow for all clients.
        let mut known = self.honest.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (endpoint.id, endpoint.changed);
        if !known.contains(&key) {
            check_authorization(server, login, cancel)?;
            known.insert(key);
        }
        Ok(())
    }
}
