//! From an endpoint and a user's row to the connectors of both sides, and to the keys of their shared pauses.
//!
//! The only place that names the crates for IMAP, Maildirs and the database. Each type of endpoint has a file here, which implements
//! [`Kind`], and stands in one table, [`kind`].

mod imap;
mod known_servers;
mod login;
mod maildir;
mod memory;
mod microsoft365;
mod placed;
mod servers;
pub(crate) mod state;
mod tokens;

pub(crate) use servers::Servers;
pub(crate) use tokens::read_certificate;

use crate::context::Trial;
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::{Endpoint, EndpointSecrets, EndpointSettings, EndpointType};
use imapmig_core::failure::Failure;
use imapmig_core::ports::Clock;
use imapmig_core::ports::source::SourceConnector;
use imapmig_core::ports::store::Catalog;
use imapmig_core::ports::target::TargetConnector;
use imapmig_core::user::{User, UserSecrets};
use known_servers::KnownServers;
use state::StateDirectory;
use std::path::PathBuf;
use std::sync::Arc;
use tokens::Tokens;

/// What one type of endpoint is and can do.
pub(crate) trait Kind: Sync {
    /// Its name in messages.
    fn name(&self) -> &'static str;

    /// The server of an endpoint that names none.
    fn default_server(&self) -> Option<&'static str> {
        None
    }

    /// Returns `true` if it is reached over a network.
    fn is_server(&self) -> bool {
        true
    }

    /// Returns `true` if one signs in with a token unless the endpoint says otherwise.
    fn signs_in_by_token(&self) -> bool {
        false
    }

    /// Returns `true` if a row needs a password at this source.
    fn needs_source_password(&self, settings: &EndpointSettings) -> bool;

    /// Returns `true` if a row needs a password of its own at this target.
    fn needs_target_password(&self, settings: &EndpointSettings) -> bool;

    /// Where a user's mail comes from.
    fn source(
        &self,
        accounts: &Accounts,
        at: Configured<'_>,
        row: Row<'_>,
    ) -> Result<Side<dyn SourceConnector>, Failure>;

    /// Where a user's mail goes.
    fn target(
        &self,
        accounts: &Accounts,
        at: Configured<'_>,
        row: Row<'_>,
        cancel: &Cancel,
    ) -> Result<Side<dyn TargetConnector>, Failure>;

    /// Tries it, and signs in where that is asked for and the credentials are known. Returns what was left untried, in one sentence.
    fn test(
        &self,
        directory: &StateDirectory,
        clock: Arc<dyn Clock>,
        trial: &Trial,
        cancel: &Cancel,
    ) -> Result<Option<String>, Failure>;

    /// The folder of the users' mailboxes, where they lie on this machine.
    fn mailboxes(&self, _endpoint: &Endpoint) -> Option<PathBuf> {
        None
    }
}

/// The table of all types.
pub(crate) fn kind(endpoint_type: EndpointType) -> &'static dyn Kind {
    match endpoint_type {
        EndpointType::Imap => &imap::IMAP,
        EndpointType::Microsoft365 => &microsoft365::MICROSOFT365,
        EndpointType::Maildir => &maildir::Maildir,
    }
}

/// A stored endpoint and what signs in there.
#[derive(Clone, Copy)]
pub(crate) struct Configured<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) secrets: &'a EndpointSecrets,
}

/// A row of a batch and what signs it in.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) user: &'a User,
    pub(crate) secrets: &'a UserSecrets,
}

/// One side of a user's sync.
pub(crate) struct Side<C: ?Sized> {
    /// Opens its connections.
    pub(crate) connector: Arc<C>,
    /// The keys of its shared pauses; none for local mail.
    pub(crate) keys: Vec<String>,
}

/// The ways to users' accounts, with what is remembered of them.
pub(crate) struct Accounts {
    directory: StateDirectory,
    tokens: Tokens,
    servers: KnownServers,
}

impl Accounts {
    pub(crate) fn new(directory: &StateDirectory, catalog: Arc<dyn Catalog>, clock: Arc<dyn Clock>) -> Self {
        Self { directory: directory.clone(), tokens: Tokens::new(clock), servers: KnownServers::new(catalog) }
    }

    /// Where a row's mail comes from.
    pub(crate) fn source(
        &self,
        at: Configured<'_>,
        row: Row<'_>,
    ) -> Result<Side<dyn SourceConnector>, Failure> {
        kind(at.endpoint.endpoint_type).source(self, at, row)
    }

    /// Where a row's mail goes; without an endpoint into the local store.
    pub(crate) fn target(
        &self,
        at: Option<Configured<'_>>,
        row: Row<'_>,
        cancel: &Cancel,
    ) -> Result<Side<dyn TargetConnector>, Failure> {
        match at {
            Some(at) => kind(at.endpoint.endpoint_type).target(self, at, row, cancel),
            None => maildir::target_in(&self.directory.mailboxes(), row.user),
        }
    }
}

/// Where a user's mail lies on this machine; `None` if it goes to a server. `endpoint`: the target; absent: the local store.
pub(crate) fn local_mailbox(
    directory: &StateDirectory,
    endpoint: Option<&Endpoint>,
    user: &User,
) -> Option<PathBuf> {
    let folder = match endpoint {
        None => directory.mailboxes(),
        Some(endpoint) => kind(endpoint.endpoint_type).mailboxes(endpoint)?,
    };
    imapmig_maildir::mailbox_path(&folder, &user.email_address).ok()
}

/// Returns `true` if a row needs a password at this source.
pub(crate) fn needs_source_password(endpoint: &Endpoint) -> bool {
    kind(endpoint.endpoint_type).needs_source_password(&endpoint.settings)
}

/// Returns `true` if a row needs a password of its own at this target.
pub(crate) fn needs_target_password(endpoint: &Endpoint) -> bool {
    kind(endpoint.endpoint_type).needs_target_password(&endpoint.settings)
}
