//! Endpoints of type Maildir: a folder of Maildirs on this machine; and the local store, which is one.

use super::state::StateDirectory;
use super::{Accounts, Configured, Kind, Row, Side};
use crate::context::Trial;
use crate::messages::engine_failures;
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::{Endpoint, EndpointSettings};
use imapmig_core::failure::Failure;
use imapmig_core::ports::Clock;
use imapmig_core::ports::source::SourceConnector;
use imapmig_core::ports::target::TargetConnector;
use imapmig_core::user::User;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the UIDs of Maildir sources are kept, below the state directory.
const SOURCE_INDEXES: &str = "sources";

/// A folder of Maildirs.
pub(super) struct Maildir;

impl Kind for Maildir {
    fn name(&self) -> &'static str {
        "Maildir"
    }

    fn is_server(&self) -> bool {
        false
    }

    fn needs_source_password(&self, _settings: &EndpointSettings) -> bool {
        false
    }

    fn needs_target_password(&self, _settings: &EndpointSettings) -> bool {
        false
    }

    fn source(
        &self,
        accounts: &Accounts,
        at: Configured<'_>,
        row: Row<'_>,
    ) -> Result<Side<dyn SourceConnector>, Failure> {
        let index = accounts.directory.root().join(SOURCE_INDEXES).join(at.endpoint.id.to_string());
        let root = folder_of(at.endpoint)?;
        let (login, user_root) = (&row.user.user_name, row.user.user_root.as_deref());
        let connector = imapmig_maildir::source_connector(&root, login, user_root, &index)?;
        Ok(Side { connector, keys: Vec::new() })
    }

    fn target(
        &self,
        _accounts: &Accounts,
        at: Configured<'_>,
        row: Row<'_>,
        _cancel: &Cancel,
    ) -> Result<Side<dyn TargetConnector>, Failure> {
        target_in(&folder_of(at.endpoint)?, row.user)
    }

    fn test(
        &self,
        _directory: &StateDirectory,
        _clock: Arc<dyn Clock>,
        trial: &Trial,
        _cancel: &Cancel,
    ) -> Result<Option<String>, Failure> {
        trial.settings.path.as_deref().map_or(Ok(None), |path| try_folder(Path::new(path)))
    }

    fn mailboxes(&self, endpoint: &Endpoint) -> Option<PathBuf> {
        Some(Path::new(endpoint.settings.path.as_deref().unwrap_or_default()).to_owned())
    }
}

/// The target of a user in this folder.
pub(super) fn target_in(folder: &Path, user: &User) -> Result<Side<dyn TargetConnector>, Failure> {
    let connector = imapmig_maildir::target_connector(folder, &user.email_address)?;
    Ok(Side { connector, keys: Vec::new() })
}

fn folder_of(endpoint: &Endpoint) -> Result<PathBuf, Failure> {
    endpoint
        .settings
        .path
        .as_deref()
        .map(|path| Path::new(path).to_owned())
        .ok_or_else(|| engine_failures::endpoint_without_folder(&endpoint.name))
}

fn try_folder(path: &Path) -> Result<Option<String>, Failure> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(None),
        Ok(_) => Err(engine_failures::folder_is_a_file(path)),
        Err(error) => Err(engine_failures::unusable_folder(path, &error)),
    }
}
