//! From an endpoint and a user's row to the connectors of both sides, and to the keys of their shared pauses.
//!
//! The only place that knows which adapter stands behind which type of endpoint and who signs in how.

mod memory;
mod placed;
mod servers;

pub(crate) use servers::Servers;

use placed::Placed;

use crate::context::Trial;
use crate::sync::throttle;
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::{
    AdministratorLogin, Authentication, Endpoint, EndpointSecrets, EndpointSettings, EndpointType,
};
use imapmig_core::failure::{self, Failure, FailureKind, Place, Scope};
use imapmig_core::ids::EndpointId;
use imapmig_core::ports::Clock;
use imapmig_core::ports::source::SourceConnector;
use imapmig_core::ports::store::Catalog;
use imapmig_core::ports::target::TargetConnector;
use imapmig_core::secret::Secret;
use imapmig_core::time::UnixMs;
use imapmig_core::user::{User, UserSecrets};
use imapmig_imap::connectors::{source_connector, target_connector};
use imapmig_imap::literals::LiteralHabits;
use imapmig_imap::oauth::ClientCredentials;
use imapmig_imap::{ImapServer, Login};
use imapmig_store::StateDirectory;
use memory::SettingsMemory;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Where the UIDs of Maildir sources are kept, below the state directory.
const SOURCE_INDEXES: &str = "sources";

/// The adapters' token sources, one for each endpoint, so that its users share a token.
pub(crate) struct Tokens {
    clock: Arc<dyn Clock>,
    by_endpoint: Mutex<HashMap<(EndpointId, UnixMs), Arc<dyn imapmig_imap::Tokens>>>,
}

impl Tokens {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, by_endpoint: Mutex::default() }
    }

    /// The token source of a stored endpoint; a changed endpoint gets a new one.
    fn of(
        &self,
        directory: &StateDirectory,
        endpoint: &Endpoint,
        secrets: &EndpointSecrets,
    ) -> Result<Arc<dyn imapmig_imap::Tokens>, Failure> {
        let key = (endpoint.id, endpoint.changed);
        let mut known = self.by_endpoint.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tokens) = known.get(&key) {
            return Ok(Arc::clone(tokens));
        }
        let tokens = token_source(directory, &endpoint.settings, secrets, Arc::clone(&self.clock))?;
        known.retain(|(id, _), _| *id != endpoint.id);
        known.insert(key, Arc::clone(&tokens));
        Ok(tokens)
    }
}

/// What was seen of target servers: those that open the mailbox that an administrator asks for, each endpoint being looked at
/// once; and what each does with literals that it did not ask for.
pub(crate) struct KnownServers {
    honest: Mutex<HashSet<(EndpointId, UnixMs)>>,
    literals: LiteralHabits,
}

impl KnownServers {
    pub(crate) fn new(store: Arc<dyn Catalog>) -> Self {
        Self { honest: Mutex::default(), literals: LiteralHabits::new(Arc::new(SettingsMemory(store))) }
    }

    fn check(
        &self,
        endpoint: &Endpoint,
        server: &ImapServer,
        login: &Login,
        cancel: &Cancel,
    ) -> Result<(), Failure> {
        if !matches!(login, Login::Plain { .. }) {
            return Ok(());
        }
        // Held meanwhile: failed logins, which this costs at Dovecot, make some servers slow for everybody.
        let mut known = self.honest.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (endpoint.id, endpoint.changed);
        if !known.contains(&key) {
            imapmig_imap::authzid_check::check_authorization(server, login, cancel)?;
            known.insert(key);
        }
        Ok(())
    }
}

/// One side of a user's sync.
pub(crate) struct Side<C: ?Sized> {
    /// Opens its connections.
    pub(crate) connector: Arc<C>,
    /// The keys of its shared pauses; none for local mail.
    pub(crate) keys: Vec<String>,
}

/// How a server is reached.
pub(crate) fn server(directory: &StateDirectory, settings: &EndpointSettings) -> Result<ImapServer, Failure> {
    Ok(ImapServer {
        host: settings.remote_server.clone(),
        port: settings.port,
        security: settings.security,
        accept_untrusted_certificates: settings.accept_untrusted_certificates,
        extra_ca_pem: trusted_authorities(directory)?,
    })
}

/// Where a user's mail comes from.
pub(crate) fn source(
    directory: &StateDirectory,
    tokens: &Tokens,
    endpoint: &Endpoint,
    endpoint_secrets: &EndpointSecrets,
    user: &User,
    secrets: &UserSecrets,
) -> Result<Side<dyn SourceConnector>, Failure> {
    if endpoint.endpoint_type == EndpointType::Maildir {
        let index = directory.root().join(SOURCE_INDEXES).join(endpoint.id.to_string());
        let root = folder_of(endpoint)?;
        let user_root = user.user_root.as_deref();
        let connector = imapmig_maildir::source_connector(&root, &user.user_name, user_root, &index)?;
        return Ok(Side { connector, keys: Vec::new() });
    }
    let login = if endpoint.settings.authentication == Authentication::OAuth {
        Login::OAuth {
            user_name: user.user_name.clone(),
            tokens: tokens.of(directory, endpoint, endpoint_secrets)?,
        }
    } else {
        Login::Password { user_name: user.user_name.clone(), password: secrets.password.clone() }
    };
    let keys = keys_of(&endpoint.settings, &user.user_name);
    let place = place(failure::Side::Source, &endpoint.settings, &login);
    let server = server(directory, &endpoint.settings)?;
    let connector: Arc<dyn SourceConnector> = source_connector(server, login, user.user_root.clone());
    Ok(Side { connector: Arc::new(Placed { inner: connector, place }), keys })
}

/// Where a user's mail goes; without an endpoint into the local store. A server that would open another's mailbox is refused.
pub(crate) fn target(
    directory: &StateDirectory,
    tokens: &Tokens,
    (servers, cancel): (&KnownServers, &Cancel),
    endpoint: Option<(&Endpoint, &EndpointSecrets)>,
    user: &User,
    secrets: &UserSecrets,
) -> Result<Side<dyn TargetConnector>, Failure> {
    let Some((endpoint, endpoint_secrets)) = endpoint else {
        let connector = imapmig_maildir::target_connector(&directory.mailboxes(), &user.email_address)?;
        return Ok(Side { connector, keys: Vec::new() });
    };
    if endpoint.endpoint_type == EndpointType::Maildir {
        let connector = imapmig_maildir::target_connector(&folder_of(endpoint)?, &user.email_address)?;
        return Ok(Side { connector, keys: Vec::new() });
    }
    let account = user.target_user_name.as_deref().unwrap_or(&user.email_address);
    let login = if endpoint.settings.authentication == Authentication::OAuth {
        Login::OAuth {
            user_name: account.to_owned(),
            tokens: tokens.of(directory, endpoint, endpoint_secrets)?,
        }
    } else if let Some(password) = &secrets.target_password {
        Login::Password { user_name: account.to_owned(), password: password.clone() }
    } else if let (Some(administrator), Some(password)) =
        (&endpoint.settings.administrator, &endpoint_secrets.administrator_password)
    {
        let user_name = user.target_user_name.as_deref().unwrap_or(&user.user_name);
        administrator_login(administrator, account, &user.email_address, user_name, password)
    } else {
        return Err(Failure::new(
            Scope::User,
            FailureKind::LoginRefused,
            format!(
                "there is no way to sign in as \"{account}\" at the migration endpoint \"{}\": set its administrator with Set-MigrationEndpoint, or add the columns TargetUserName and TargetPassword to the CSV file",
                endpoint.name
            ),
        ));
    };
    let keys = keys_of(&endpoint.settings, account);
    let server = server(directory, &endpoint.settings)?;
    let place = place(failure::Side::Target, &endpoint.settings, &login);
    servers.check(endpoint, &server, &login, cancel).map_err(|failure| failure.at(&place))?;
    let connector: Arc<dyn TargetConnector> = target_connector(server, login, &servers.literals);
    Ok(Side { connector: Arc::new(Placed { inner: connector, place }), keys })
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

/// Whether a row needs a password of its own at this target.
pub(crate) fn needs_target_password(endpoint: &Endpoint) -> bool {
    endpoint.endpoint_type != EndpointType::Maildir
        && endpoint.settings.authentication == Authentication::Basic
        && endpoint.settings.administrator.is_none()
}

/// Whether a row needs a password at this source.
pub(crate) fn needs_source_password(endpoint: &Endpoint) -> bool {
    endpoint.endpoint_type != EndpointType::Maildir
        && endpoint.settings.authentication == Authentication::Basic
}

/// How a test signs in.
pub(crate) enum TrialLogin {
    /// Like this.
    With(Login),
    /// It cannot be tried without a mailbox, for this reason.
    NotPossible(String),
    /// The endpoint has no credentials of its own.
    NotNeeded,
}

/// How a test of an endpoint signs in. A token is asked for even when there is no mailbox to use it on.
pub(crate) fn trial_login(
    directory: &StateDirectory,
    trial: &Trial,
    clock: Arc<dyn Clock>,
    cancel: &Cancel,
) -> Result<TrialLogin, Failure> {
    let settings = &trial.settings;
    let mailbox = settings.test_mailbox.as_deref();
    if settings.authentication == Authentication::OAuth {
        let tokens = token_source(directory, settings, &trial.secrets, clock)?;
        tokens.token(cancel)?;
        return Ok(match mailbox {
            Some(mailbox) => TrialLogin::With(Login::OAuth { user_name: mailbox.to_owned(), tokens }),
            None => TrialLogin::NotPossible(
                "A token was obtained. No mailbox was opened, since none was named with -TestMailbox."
                    .to_owned(),
            ),
        });
    }
    let (Some(administrator), Some(password)) =
        (&settings.administrator, &trial.secrets.administrator_password)
    else {
        return Ok(TrialLogin::NotNeeded);
    };
    Ok(match mailbox {
        Some(mailbox) => {
            TrialLogin::With(administrator_login(administrator, mailbox, mailbox, mailbox, password))
        }
        // Nobody knows whether the administrator has a mailbox too: at Dovecot a master user has none, and cannot sign in.
        None => TrialLogin::NotPossible(
            "The administrator's sign-in was not tried, since no mailbox was named with -TestMailbox."
                .to_owned(),
        ),
    })
}

/// Signs in to `account` with an administrator's password.
fn administrator_login(
    administrator: &AdministratorLogin,
    account: &str,
    email_address: &str,
    user_name: &str,
    password: &Secret,
) -> Login {
    match &administrator.login_format {
        Some(format) => Login::Password {
            user_name: format.replace("{EmailAddress}", email_address).replace("{UserName}", user_name),
            password: password.clone(),
        },
        None => Login::Plain {
            authorization: account.to_owned(),
            authentication: administrator.user_name.clone(),
            password: password.clone(),
        },
    }
}

fn token_source(
    directory: &StateDirectory,
    settings: &EndpointSettings,
    secrets: &EndpointSecrets,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn imapmig_imap::Tokens>, Failure> {
    let (Some(oauth), Some(credential)) = (&settings.oauth, &secrets.client_credential) else {
        let message = "the migration endpoint has no application to get tokens with; set TenantId, ApplicationId and ClientSecret with Set-MigrationEndpoint";
        return Err(Failure::new(Scope::Batch, FailureKind::Token, message));
    };
    let trusted = trusted_authorities(directory)?;
    let trusted = trusted.as_ref().map(|pem| pem.as_slice());
    Ok(Arc::new(ClientCredentials::new(oauth, credential, trusted, clock)?))
}

fn keys_of(settings: &EndpointSettings, account: &str) -> Vec<String> {
    throttle::keys(&settings.remote_server, settings.port, account).into()
}

fn folder_of(endpoint: &Endpoint) -> Result<std::path::PathBuf, Failure> {
    endpoint.settings.path.as_deref().map(|path| Path::new(path).to_owned()).ok_or_else(|| {
        let message =
            format!("the migration endpoint \"{}\" has no folder; remove it and make it anew", endpoint.name);
        Failure::new(Scope::Batch, FailureKind::Local, message)
    })
}

/// The authorities that the administrator trusts beside the system's.
fn trusted_authorities(directory: &StateDirectory) -> Result<Option<Arc<Vec<u8>>>, Failure> {
    let path = directory.trusted_authorities();
    match fs::read(&path) {
        Ok(pem) => Ok(Some(Arc::new(pem))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let message = format!("the trusted certificates in {} cannot be read: {error}", path.display());
            Err(Failure::new(Scope::Batch, FailureKind::Local, message))
        }
    }
}
