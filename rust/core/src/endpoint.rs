//! Endpoints: where mail comes from and where it goes.

use crate::ids::EndpointId;
use crate::time::UnixMs;
use serde::{Deserialize, Serialize};

/// The name of the endpoint that is always there: the local Maildir store in the state directory.
pub const LOCAL_ENDPOINT: &str = "Local";

/// Whether a name means the local store.
#[must_use]
pub const fn is_local(name: &str) -> bool {
    name.eq_ignore_ascii_case(LOCAL_ENDPOINT)
}

/// What an endpoint is. `Microsoft365` and `Maildir` are additions to Exchange's MigrationType.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EndpointType {
    /// Any IMAP server.
    #[serde(rename = "IMAP")]
    Imap,
    /// Microsoft 365 by IMAP and OAuth.
    Microsoft365,
    /// A folder of Maildirs.
    Maildir,
}

/// Exchange's IMAPSecurityMechanism.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Security {
    /// No encryption.
    None,
    /// TLS from the first byte.
    #[default]
    Ssl,
    /// STARTTLS, required.
    Tls,
}

/// How the engine signs in. The members of Exchange's AuthenticationMethod that IMAP has a use for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Authentication {
    /// User name and password: LOGIN, or AUTHENTICATE PLAIN where LOGIN is disabled or an authorization identity is used.
    #[default]
    Basic,
    /// XOAUTH2 with an access token by client credentials.
    OAuth,
}

/// A number of things at once, or as many as there are (Exchange's Unlimited).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Limit {
    /// At most this many.
    At(u32),
    /// No limit; in JSON the string `Unlimited`.
    Unlimited(UnlimitedWord),
}

/// The word `Unlimited`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UnlimitedWord {
    /// No limit.
    Unlimited,
}

impl Limit {
    /// No limit.
    pub const UNLIMITED: Self = Self::Unlimited(UnlimitedWord::Unlimited);

    /// Whether one more than `used` is allowed.
    #[must_use]
    pub const fn allows_more_than(self, used: u32) -> bool {
        match self {
            Self::At(limit) => used < limit,
            Self::Unlimited(_) => true,
        }
    }
}

/// How a user's mailbox at a target is signed in to with an administrator's credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AdministratorLogin {
    /// The administrator's own login name (the authentication identity).
    pub user_name: String,
    /// The login name for one user with `{EmailAddress}` and `{UserName}` replaced, e.g. `{EmailAddress}*mailadmin`.
    /// Absent: AUTHENTICATE PLAIN with the EmailAddress as authorization identity and `user_name` as authentication identity.
    pub login_format: Option<String>,
}

/// Where tokens come from (client credentials, RFC 6749 section 4.4). The secret or certificate is sealed apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct OAuthSettings {
    /// The directory (tenant) that issues tokens.
    pub tenant_id: String,
    /// The application (client) that asks for them.
    pub application_id: String,
    /// The authority, `https://login.microsoftonline.com` unless set; sovereign clouds and tests differ.
    pub authority: Option<String>,
    /// The scope, `https://outlook.office365.com/.default` unless set.
    pub scope: Option<String>,
    /// Whether the sealed credential is a certificate with its key (else a client secret).
    pub by_certificate: bool,
}

/// What an endpoint needs to be reached, secrets apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct EndpointSettings {
    /// Host name or address; empty for Maildir.
    pub remote_server: String,
    /// TCP port; 0 for Maildir.
    pub port: u16,
    /// Transport security.
    pub security: Security,
    /// How to sign in.
    pub authentication: Authentication,
    /// Take any certificate.
    pub accept_untrusted_certificates: bool,
    /// As a target: sign in as this administrator.
    pub administrator: Option<AdministratorLogin>,
    /// Where tokens come from, with `Authentication::OAuth`.
    pub oauth: Option<OAuthSettings>,
    /// Maildir: the folder that holds `<EmailAddress>/Maildir`; absent for `Local`.
    pub path: Option<String>,
    /// An account to try when the endpoint is tested.
    pub test_mailbox: Option<String>,
}

/// An endpoint as the state directory keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its identity.
    pub id: EndpointId,
    /// Its unique name, compared in any case.
    pub name: String,
    /// What it is.
    pub endpoint_type: EndpointType,
    /// How it is reached.
    pub settings: EndpointSettings,
    /// How many initial syncs may run at once.
    pub max_concurrent_migrations: Limit,
    /// How many incremental syncs may run at once.
    pub max_concurrent_incremental_syncs: Limit,
    /// When it was made.
    pub created: UnixMs,
    /// When it was changed last.
    pub changed: UnixMs,
}

/// What is sealed beside an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointSecrets {
    /// The administrator's password.
    pub administrator_password: Option<crate::secret::Secret>,
    /// The client secret, or the certificate with its private key as PEM.
    pub client_credential: Option<crate::secret::Secret>,
}
