//! Endpoints of type IMAP: any IMAP server, with passwords or tokens. Other types that speak IMAP differ from it in what
//! [`Imap`] holds.

use super::login::{self, TrialLogin};
use super::placed::Placed;
use super::state::{StateDirectory, trusted_authorities};
use super::{Accounts, Configured, Kind, Row, Side};
use crate::context::Trial;
use crate::sync::throttle;
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::{Authentication, EndpointSettings};
use imapmig_core::failure::{self, Failure, Place};
use imapmig_core::ports::Clock;
use imapmig_core::ports::source::SourceConnector;
use imapmig_core::ports::target::TargetConnector;
use imapmig_imap::authzid_check::check_authorization;
use imapmig_imap::availability::test;
use imapmig_imap::connectors::{source_connector, target_connector};
use imapmig_imap::{ImapServer, Login};
use std::sync::Arc;

/// A type of endpoint that is an IMAP server.
pub(super) struct Imap {
    pub(super) name: &'static str,
    pub(super) default_server: Option<&'static str>,
    pub(super) signs_in_by_token: bool,
}

/// Any IMAP server.
pub(super) const IMAP: Imap = Imap { name: "IMAP", default_server: None, signs_in_by_token: false };

impl Kind for Imap {
    fn name(&self) -> &'static str {
        self.name
    }

    fn default_server(&self) -> Option<&'static str> {
        self.default_server
    }

    fn signs_in_by_token(&self) -> bool {
        self.signs_in_by_token
    }

    fn needs_source_password(&self, settings: &EndpointSettings) -> bool {
        settings.authentication == Authentication::Basic
    }

    fn needs_target_password(&self, settings: &EndpointSettings) -> bool {
        settings.authentication == Authentication::Basic && settings.administrator.is_none()
    }

    fn source(
        &self,
        accounts: &Accounts,
        at: Configured<'_>,
        row: Row<'_>,
    ) -> Result<Side<dyn SourceConnector>, Failure> {
        let settings = &at.endpoint.settings;
        let login = login::at_source(accounts, at, row)?;
        let place = place(failure::Side::Source, settings, &login);
        let server = server(&accounts.directory, settings)?;
        let inner: Arc<dyn SourceConnector> = source_connector(server, login, row.user.user_root.clone());
        Ok(Side { connector: Arc::new(Placed { inner, place }), keys: keys(settings, &row.user.user_name) })
    }

    /// A server that would open another's mailbox is refused.
    fn target(
        &self,
        accounts: &Accounts,
        at: Configured<'_>,
        row: Row<'_>,
        cancel: &Cancel,
    ) -> Result<Side<dyn TargetConnector>, Failure> {
        let settings = &at.endpoint.settings;
        let login = login::at_target(accounts, at, row)?;
        let server = server(&accounts.directory, settings)?;
        let place = place(failure::Side::Target, settings, &login);
        let servers = &accounts.servers;
        servers.check(at.endpoint, &server, &login, cancel).map_err(|failure| failure.at(&place))?;
        let inner: Arc<dyn TargetConnector> = target_connector(server, login, servers.literals());
        let keys = keys(settings, login::target_account(row));
        Ok(Side { connector: Arc::new(Placed { inner, place }), keys })
    }

    fn test(
        &self,
        directory: &StateDirectory,
        clock: Arc<dyn Clock>,
        trial: &Trial,
        cancel: &Cancel,
    ) -> Result<Option<String>, Failure> {
        let server = server(directory, &trial.settings)?;
        test(&server, None, cancel, &trial.steps)?;
        if !trial.sign_in {
            return Ok(None);
        }
        match login::of_trial(directory, trial, clock, cancel)? {
            TrialLogin::With(login) => {
                test(&server, Some(&login), cancel, &trial.steps)?;
                check_authorization(&server, &login, cancel).map(|()| None)
            }
            TrialLogin::NotTried(why) => Ok(Some(why)),
        }
    }
}

/// How a server is reached.
fn server(directory: &StateDirectory, settings: &EndpointSettings) -> Result<ImapServer, Failure> {
    Ok(ImapServer {
        host: settings.remote_server.clone(),
        port: settings.port,
        security: settings.security,
        accept_untrusted_certificates: settings.accept_untrusted_certificates,
        extra_ca_pem: trusted_authorities(directory)?,
    })
}

/// Where a user's connections go, for errors.
fn place(side: failure::Side, settings: &EndpointSettings, login: &Login) -> Place {
    let login = match login {
        Login::Password { user_name, .. } | Login::OAuth { user_name, .. } => user_name,
        Login::Plain { authorization, .. } => authorization,
    };
    Place {
        side,
        server: Some(format!("{}:{}", settings.remote_server, settings.port)),
        login: Some(login.clone()),
    }
}

fn keys(settings: &EndpointSettings, account: &str) -> Vec<String> {
    throttle::keys(&settings.remote_server, settings.port, account).into()
}
