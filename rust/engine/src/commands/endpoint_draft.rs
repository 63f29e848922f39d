//! An endpoint that is being created or changed: applies a request, and validates the result.

use super::host;
use super::names::given;
use crate::adapters::{self, read_certificate};
use crate::messages::endpoints::{self as messages, Needed, missing};
use crate::messages::terms::Term;
use crate::messages::{common, failures};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use imapmig_core::api::ApiError;
use imapmig_core::api::endpoint::{EndpointCreateRequest, EndpointUpdateRequest};
use imapmig_core::endpoint::{
    AdministratorLogin, Authentication, Endpoint, EndpointSecrets, EndpointSettings, Limit, OAuthSettings,
    Security,
};
use imapmig_core::secret::Secret;
use std::path::absolute;
use zeroize::Zeroizing;

/// Exchange's defaults for IMAP, and its maximum for each endpoint.
pub(super) const DEFAULT_MIGRATIONS: u32 = 20;
pub(super) const DEFAULT_INCREMENTAL_SYNCS: u32 = 10;
const MAX_MIGRATIONS: u32 = 300;
const IMAPS_PORT: u16 = 993;

/// An endpoint and its secrets, not stored yet.
pub(super) struct Draft {
    pub(super) endpoint: Endpoint,
    pub(super) secrets: EndpointSecrets,
}

/// What both requests may say of OAuth.
struct OAuthChange {
    tenant_id: Option<String>,
    application_id: Option<String>,
    client_secret: Option<Secret>,
    certificate: Option<Secret>,
    certificate_password: Option<Secret>,
    authority: Option<String>,
    scope: Option<String>,
}

impl OAuthChange {
    fn is_empty(&self) -> bool {
        self.tenant_id.is_none()
            && self.application_id.is_none()
            && self.client_secret.is_none()
            && self.certificate.is_none()
            && self.authority.is_none()
            && self.scope.is_none()
    }
}

impl Draft {
    /// Applies the request for a new endpoint.
    pub(super) fn fill(&mut self, request: EndpointCreateRequest) -> Result<(), ApiError> {
        let kind = adapters::kind(self.endpoint.endpoint_type);
        let settings = &mut self.endpoint.settings;
        if !kind.is_server() {
            let path = given(request.path.as_deref()).ok_or_else(|| missing(Needed::Path))?;
            let path = absolute(path).map_err(|error| messages::unusable_path(&error))?;
            settings.path = Some(path.display().to_string());
            return Ok(());
        }
        if request.path.is_some() {
            return Err(messages::path_of_a_server());
        }
        let server = given(request.remote_server.as_deref()).or(kind.default_server());
        settings.remote_server = server.unwrap_or_default().to_owned();
        settings.port = request.port.unwrap_or(IMAPS_PORT);
        settings.security = request.security.unwrap_or_default();
        settings.accept_untrusted_certificates = request.accept_untrusted_certificates;
        settings.test_mailbox = given(request.test_mailbox.as_deref()).map(str::to_owned);
        let oauth = OAuthChange {
            tenant_id: request.tenant_id,
            application_id: request.application_id,
            client_secret: request.client_secret,
            certificate: request.certificate_base64,
            certificate_password: request.certificate_password,
            authority: request.authority,
            scope: request.scope,
        };
        let by_token = kind.signs_in_by_token() || !oauth.is_empty();
        let usual = if by_token { Authentication::OAuth } else { Authentication::Basic };
        settings.authentication = request.authentication.unwrap_or(usual);
        self.administer(
            request.administrator_user_name,
            request.administrator_password,
            request.login_format,
        );
        self.authorize(oauth)
    }

    /// Applies the request for a change.
    pub(super) fn change(&mut self, request: EndpointUpdateRequest) -> Result<(), ApiError> {
        if !adapters::kind(self.endpoint.endpoint_type).is_server()
            && (request.remote_server.is_some() || request.port.is_some() || request.security.is_some())
        {
            return Err(messages::server_of_a_folder());
        }
        let settings = &mut self.endpoint.settings;
        if let Some(server) = request.remote_server {
            server.trim().clone_into(&mut settings.remote_server);
        }
        settings.port = request.port.unwrap_or(settings.port);
        settings.security = request.security.unwrap_or(settings.security);
        settings.authentication = request.authentication.unwrap_or(settings.authentication);
        settings.accept_untrusted_certificates =
            request.accept_untrusted_certificates.unwrap_or(settings.accept_untrusted_certificates);
        if let Some(mailbox) = request.test_mailbox {
            settings.test_mailbox = given(Some(&mailbox)).map(str::to_owned);
        }
        self.administer(
            request.administrator_user_name,
            request.administrator_password,
            request.login_format,
        );
        self.authorize(OAuthChange {
            tenant_id: request.tenant_id,
            application_id: request.application_id,
            client_secret: request.client_secret,
            certificate: request.certificate_base64,
            certificate_password: request.certificate_password,
            authority: None,
            scope: None,
        })
    }

    fn administer(&mut self, user_name: Option<String>, password: Option<Secret>, format: Option<String>) {
        let settings = &mut self.endpoint.settings;
        if user_name.is_some() || format.is_some() {
            let login = settings
                .administrator
                .get_or_insert_with(|| AdministratorLogin { user_name: String::new(), login_format: None });
            if let Some(user_name) = user_name {
                login.user_name = user_name;
            }
            if let Some(format) = format {
                login.login_format = Some(format).filter(|format| !format.is_empty());
            }
        }
        if password.is_some() {
            self.secrets.administrator_password = password;
        }
    }

    fn authorize(&mut self, change: OAuthChange) -> Result<(), ApiError> {
        if change.is_empty() {
            return Ok(());
        }
        if change.client_secret.is_some() && change.certificate.is_some() {
            return Err(messages::secret_and_certificate());
        }
        let oauth = self.endpoint.settings.oauth.get_or_insert_with(|| OAuthSettings {
            tenant_id: String::new(),
            application_id: String::new(),
            authority: None,
            scope: None,
            by_certificate: false,
        });
        oauth.tenant_id = change.tenant_id.unwrap_or_else(|| oauth.tenant_id.clone());
        oauth.application_id = change.application_id.unwrap_or_else(|| oauth.application_id.clone());
        oauth.authority = change.authority.or_else(|| oauth.authority.clone());
        oauth.scope = change.scope.or_else(|| oauth.scope.clone());
        if let Some(secret) = change.client_secret {
            oauth.by_certificate = false;
            self.secrets.client_credential = Some(secret);
        }
        if let Some(certificate) = change.certificate {
            oauth.by_certificate = true;
            let bytes = STANDARD.decode(certificate.expose()).map(Zeroizing::new);
            let bytes = bytes.map_err(|_| common::not_base64("The certificate file"))?;
            let pem = read_certificate(&bytes, change.certificate_password.as_ref());
            let pem = pem.map_err(|failure| failures::api_error(&failure))?;
            self.secrets.client_credential = Some(pem);
        }
        Ok(())
    }

    /// Applies the limits, and checks them against each other.
    pub(super) fn limit(
        &mut self,
        migrations: Option<Limit>,
        incremental: Option<Limit>,
    ) -> Result<(), ApiError> {
        let endpoint = &mut self.endpoint;
        let migrations_changed = migrations.is_some();
        endpoint.max_concurrent_migrations = migrations.unwrap_or(endpoint.max_concurrent_migrations);
        endpoint.max_concurrent_incremental_syncs = match (incremental, endpoint.max_concurrent_migrations) {
            (Some(limit), _) => limit,
            // It was not requested, so it is lowered to the number of migrations.
            (None, Limit::At(most)) if migrations_changed => {
                at_most(endpoint.max_concurrent_incremental_syncs, most)
            }
            (None, _) => endpoint.max_concurrent_incremental_syncs,
        };
        for limit in [endpoint.max_concurrent_migrations, endpoint.max_concurrent_incremental_syncs] {
            match limit {
                Limit::At(0) => {
                    return Err(common::at_least_one(&[
                        Term::MaxConcurrentMigrations,
                        Term::MaxConcurrentIncrementalSyncs,
                    ]));
                }
                Limit::At(number) if number > MAX_MIGRATIONS => {
                    let kind = adapters::kind(endpoint.endpoint_type).name();
                    return Err(messages::over_limit(number, MAX_MIGRATIONS, kind));
                }
                _ => {}
            }
        }
        let (migrations, incremental) =
            (endpoint.max_concurrent_migrations, endpoint.max_concurrent_incremental_syncs);
        match (migrations, incremental) {
            (Limit::At(most), Limit::At(asked)) if asked > most => {
                Err(messages::incremental_over_migrations(&asked.to_string(), most))
            }
            (Limit::At(most), Limit::Unlimited(_)) => {
                Err(messages::incremental_over_migrations("Unlimited", most))
            }
            _ => Ok(()),
        }
    }

    /// Whether the endpoint can be reached and signed in to with what is there.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        let EndpointSettings { remote_server, port, authentication, administrator, oauth, security, .. } =
            &self.endpoint.settings;
        if !adapters::kind(self.endpoint.endpoint_type).is_server() {
            return Ok(());
        }
        if remote_server.is_empty() {
            return Err(missing(Needed::Server));
        }
        host::check(remote_server)?;
        if *port == 0 {
            return Err(common::out_of_range(Term::Port, u16::MAX.into()));
        }
        if let Some(administrator) = administrator {
            if administrator.user_name.is_empty() {
                return Err(missing(Needed::Administrator));
            }
            if self.secrets.administrator_password.is_none() {
                return Err(missing(Needed::AdministratorPassword));
            }
            if let Some(format) = &administrator.login_format
                && !format.contains("{EmailAddress}")
                && !format.contains("{UserName}")
            {
                return Err(messages::login_format_without_user());
            }
        }
        if *authentication == Authentication::OAuth {
            let settings = oauth.as_ref().ok_or_else(|| missing(Needed::Tenant))?;
            if settings.tenant_id.is_empty() {
                return Err(missing(Needed::Tenant));
            }
            if settings.application_id.is_empty() {
                return Err(missing(Needed::Application));
            }
            if self.secrets.client_credential.is_none() {
                return Err(missing(Needed::Credential));
            }
            if *security == Security::None {
                return Err(messages::token_without_tls());
            }
        }
        Ok(())
    }
}

fn at_most(limit: Limit, most: u32) -> Limit {
    match limit {
        Limit::At(number) => Limit::At(number.min(most)),
        Limit::Unlimited(_) => Limit::At(most.min(DEFAULT_INCREMENTAL_SYNCS)),
    }
}
