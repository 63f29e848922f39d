//! What the use cases work with: the state directory, its database, the clock, and the ways to servers and workers.

use crate::adapters::state::StateDirectory;
use imapmig_core::api::ApiError;
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::{EndpointSecrets, EndpointSettings, EndpointType};
use imapmig_core::failure::Failure;
use imapmig_core::ports::Clock;
use imapmig_core::ports::store::{Catalog, Confirmations, Diary, Ledger, Ports, Requests};
use imapmig_core::steps::Steps;
use imapmig_core::time::UnixMs;
use std::sync::Arc;

/// The context of an engine. Tests put others in.
#[derive(Clone)]
pub struct Context {
    /// Where the state is.
    pub directory: StateDirectory,
    /// Settings, endpoints, batches and users.
    pub catalog: Arc<dyn Catalog>,
    /// What is requested of workers, and their lease.
    pub requests: Arc<dyn Requests>,
    /// How far each mailbox has come.
    pub ledger: Arc<dyn Ledger>,
    /// Reported items and reports.
    pub diary: Arc<dyn Diary>,
    /// Confirmations and what they found.
    pub confirmations: Arc<dyn Confirmations>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The way to servers.
    pub servers: Arc<dyn ServerProbe>,
    /// The way to a worker.
    pub launcher: Arc<dyn Launch>,
}

impl Context {
    /// The context of a state directory with this database.
    #[must_use]
    pub fn new(
        directory: StateDirectory,
        ports: Ports,
        clock: Arc<dyn Clock>,
        servers: Arc<dyn ServerProbe>,
        launcher: Arc<dyn Launch>,
    ) -> Self {
        let Ports { catalog, requests, ledger, diary, confirmations } = ports;
        Self { directory, catalog, requests, ledger, diary, confirmations, clock, servers, launcher }
    }

    /// The same with another database.
    #[must_use]
    pub fn with_ports(self, ports: Ports) -> Self {
        let Ports { catalog, requests, ledger, diary, confirmations } = ports;
        Self { catalog, requests, ledger, diary, confirmations, ..self }
    }

    pub(crate) fn now(&self) -> UnixMs {
        self.clock.now()
    }
}

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
    /// What was done so far.
    pub steps: Steps,
}

/// Tries servers.
pub trait ServerProbe: Send + Sync {
    /// Connects, and signs in if requested and the credentials are known. Returns what was left untried, in one sentence.
    ///
    /// # Errors
    /// The first thing that does not work.
    fn try_endpoint(&self, trial: &Trial, cancel: &Cancel) -> Result<Option<String>, Failure>;
}

/// Starts workers.
pub trait Launch: Send + Sync {
    /// Starts one unless one that was started here is still on its way. `insist`: a user waits for it, so a pause after one that
    /// ended at once is not kept.
    ///
    /// # Errors
    /// The executable is missing or cannot be run.
    fn launch(&self, insist: bool) -> Result<(), ApiError>;
}
