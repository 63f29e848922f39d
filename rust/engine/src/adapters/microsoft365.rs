//! Endpoints of type Microsoft365: Exchange Online's IMAP, with tokens.

use super::imap::Imap;
use super::state::StateDirectory;
use super::{Accounts, Configured, Kind, Row, Side};
use crate::context::Trial;
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::EndpointSettings;
use imapmig_core::failure::Failure;
use imapmig_core::ports::Clock;
use imapmig_core::ports::source::SourceConnector;
use imapmig_core::ports::target::TargetConnector;
use std::sync::Arc;

/// Exchange Online.
pub(super) struct Microsoft365;

impl Kind for Microsoft365 {
    fn name(&self) -> &'static str {
        "Microsoft365"
    }

    fn default_server(&self) -> Option<&'static str> {
        Some("outlook.office365.com")
    }

    fn signs_in_by_token(&self) -> bool {
        true
    }

    fn needs_source_password(&self, settings: &EndpointSettings) -> bool {
        Imap.needs_source_password(settings)
    }

    fn needs_target_password(&self, settings: &EndpointSettings) -> bool {
        Imap.needs_target_password(settings)
    }

    fn source(
        &self,
        accounts: &Accounts,
        at: Configured<'_>,
        row: Row<'_>,
    ) -> Result<Side<dyn SourceConnector>, Failure> {
        Imap.source(accounts, at, row)
    }

    fn target(
        &self,
        accounts: &Accounts,
        at: Configured<'_>,
        row: Row<'_>,
        cancel: &Cancel,
    ) -> Result<Side<dyn TargetConnector>, Failure> {
        Imap.target(accounts, at, row, cancel)
    }

    fn test(
        &self,
        directory: &StateDirectory,
        clock: Arc<dyn Clock>,
        trial: &Trial,
        cancel: &Cancel,
    ) -> Result<Option<String>, Failure> {
        Imap.test(directory, clock, trial, cancel)
    }
}
