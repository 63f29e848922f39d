//! Tries servers and folders before anything is stored or migrated.

use super::kind;
use super::state::StateDirectory;
use crate::context::{ServerProbe, Trial};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::Failure;
use imapmig_core::ports::Clock;
use std::sync::Arc;

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
        kind(trial.endpoint_type).test(&self.directory, Arc::clone(&self.clock), trial, cancel)
    }
}
