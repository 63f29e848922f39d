//! Tries servers and folders before anything is stored or migrated.

use super::{TrialLogin, server, trial_login};
use crate::context::{ServerProbe, Trial};
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::EndpointType;
use imapmig_core::failure::{Failure, FailureKind, Scope};
use imapmig_core::ports::Clock;
use imapmig_imap::authzid_check::check_authorization;
use imapmig_imap::availability::test;
use imapmig_store::StateDirectory;
use std::fs;
use std::path::Path;
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
        if trial.endpoint_type == EndpointType::Maildir {
            return trial.settings.path.as_deref().map_or(Ok(None), |path| try_folder(Path::new(path)));
        }
        let server = server(&self.directory, &trial.settings)?;
        test(&server, None, cancel)?;
        if !trial.sign_in {
            return Ok(None);
        }
        let clock = Arc::clone(&self.clock);
        match trial_login(&self.directory, trial, clock, cancel)? {
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
