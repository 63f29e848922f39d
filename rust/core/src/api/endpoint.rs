//! `imapmig_endpoint_create`, `_list`, `_update`, `_remove`.

use crate::endpoint::{Authentication, EndpointType, Limit, OAuthSettings, Security};
use crate::secret::Secret;
use serde::{Deserialize, Serialize};

/// New-MigrationEndpoint. Starts an operation that returns an [`EndpointView`]; the server is tested first unless `skip_verification` is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct EndpointCreateRequest {
    /// Its name.
    pub name: String,
    /// What it is; IMAP unless given.
    pub endpoint_type: Option<EndpointType>,
    /// Host name or address; for Microsoft365 outlook.office365.com unless given.
    pub remote_server: Option<String>,
    /// TCP port; 993 unless given.
    pub port: Option<u16>,
    /// `Ssl` unless given.
    pub security: Option<Security>,
    /// `Basic` unless given, `OAuth` for Microsoft365.
    pub authentication: Option<Authentication>,
    /// Take any certificate.
    pub accept_untrusted_certificates: bool,
    /// 20 unless given.
    pub max_concurrent_migrations: Option<Limit>,
    /// 10 unless given; at most `max_concurrent_migrations`.
    pub max_concurrent_incremental_syncs: Option<Limit>,
    /// Do not try the server.
    pub skip_verification: bool,
    /// As a target: the administrator's login.
    pub administrator_user_name: Option<String>,
    /// As a target: the administrator's password.
    pub administrator_password: Option<Secret>,
    /// As a target: a user's login with `{EmailAddress}` or `{UserName}` replaced.
    pub login_format: Option<String>,
    /// OAuth: the directory.
    pub tenant_id: Option<String>,
    /// OAuth: the application.
    pub application_id: Option<String>,
    /// OAuth: the client secret.
    pub client_secret: Option<Secret>,
    /// OAuth: a PKCS#12 or PEM file with certificate and key, base64.
    pub certificate_base64: Option<Secret>,
    /// OAuth: its password.
    pub certificate_password: Option<Secret>,
    /// OAuth: the authority.
    pub authority: Option<String>,
    /// OAuth: the scope.
    pub scope: Option<String>,
    /// Maildir: the folder that holds `<EmailAddress>/Maildir`.
    pub path: Option<String>,
    /// A mailbox to try when the endpoint is tested.
    pub test_mailbox: Option<String>,
}

/// Set-MigrationEndpoint; absent properties stay. Starts an operation that gives an [`EndpointView`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct EndpointUpdateRequest {
    /// Its name or Guid.
    pub identity: String,
    /// Host name or address.
    pub remote_server: Option<String>,
    /// TCP port.
    pub port: Option<u16>,
    /// Transport security.
    pub security: Option<Security>,
    /// How to sign in.
    pub authentication: Option<Authentication>,
    /// Take any certificate.
    pub accept_untrusted_certificates: Option<bool>,
    /// Initial syncs at once.
    pub max_concurrent_migrations: Option<Limit>,
    /// Incremental syncs at once.
    pub max_concurrent_incremental_syncs: Option<Limit>,
    /// Do not try the server.
    pub skip_verification: bool,
    /// The administrator's login.
    pub administrator_user_name: Option<String>,
    /// The administrator's password.
    pub administrator_password: Option<Secret>,
    /// A user's login.
    pub login_format: Option<String>,
    /// OAuth: the directory.
    pub tenant_id: Option<String>,
    /// OAuth: the application.
    pub application_id: Option<String>,
    /// OAuth: the client secret.
    pub client_secret: Option<Secret>,
    /// OAuth: a PKCS#12 or PEM file, base64.
    pub certificate_base64: Option<Secret>,
    /// OAuth: its password.
    pub certificate_password: Option<Secret>,
    /// A mailbox to try when the endpoint is tested.
    pub test_mailbox: Option<String>,
}

/// Get-MigrationEndpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct EndpointListRequest {
    /// Name or Guid; absent: all. One that does not exist is an error.
    pub identity: Option<String>,
    /// Only of this type.
    #[serde(rename = "Type")]
    pub endpoint_type: Option<EndpointType>,
}

/// The reply of `imapmig_endpoint_list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EndpointList {
    /// In order of creation; `Local` first when asked for by name only.
    pub endpoints: Vec<EndpointView>,
}

/// An endpoint as shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EndpointView {
    /// Its name.
    pub identity: String,
    /// Its Guid; empty for `Local`.
    pub guid: String,
    /// What it is.
    pub endpoint_type: EndpointType,
    /// Host name or address.
    pub remote_server: Option<String>,
    /// TCP port.
    pub port: Option<u16>,
    /// Transport security.
    pub security: Option<Security>,
    /// How to sign in.
    pub authentication: Authentication,
    /// Take any certificate.
    pub accept_untrusted_certificates: bool,
    /// Initial syncs at once.
    pub max_concurrent_migrations: Limit,
    /// Incremental syncs at once.
    pub max_concurrent_incremental_syncs: Limit,
    /// Initial syncs now.
    pub active_migration_count: u32,
    /// Incremental syncs now.
    pub active_incremental_sync_count: u32,
    /// The administrator's login.
    pub administrator_user_name: Option<String>,
    /// A user's login.
    pub login_format: Option<String>,
    /// OAuth settings, secrets apart.
    pub oauth: Option<OAuthSettings>,
    /// Maildir: the folder.
    pub path: Option<String>,
    /// A mailbox to try when the endpoint is tested.
    pub test_mailbox: Option<String>,
    /// When it was made; the local store has been there always.
    pub creation_unix_ms: Option<i64>,
    /// When it was changed last.
    pub last_modified_unix_ms: Option<i64>,
}
