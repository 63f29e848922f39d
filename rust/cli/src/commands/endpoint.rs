//! `imapmig endpoint`.

use super::NOT_CONFIRMED;
use crate::arguments::{EndpointCommand, NewEndpoint, SetEndpoint};
use crate::client::{Client, Failed};
use crate::output::confirmed;
use crate::{files, tables};
use imapmig_core::api::endpoint::{
    EndpointCreateRequest, EndpointListRequest, EndpointUpdateRequest, EndpointView,
};
use imapmig_core::api::{ApiError, IdentityRequest};
use imapmig_core::secret::Secret;
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(client: &Client, command: EndpointCommand) -> Result<ExitCode, Failed> {
    match command {
        EndpointCommand::New(new) => {
            let request = client.checked(create_request(*new))?;
            let view: EndpointView = client.wait(client.engine.endpoint_create(request))?;
            client.output.show(&view, |v| tables::endpoints(std::slice::from_ref(v)));
        }
        EndpointCommand::Get { identity, endpoint_type } => {
            let request = EndpointListRequest { identity, endpoint_type };
            let list = client.checked(client.engine.endpoint_list(request))?;
            client.output.show(&list, |l| tables::endpoints(&l.endpoints));
        }
        EndpointCommand::Set(set) => {
            let request = client.checked(update_request(*set))?;
            let view: EndpointView = client.wait(client.engine.endpoint_update(request))?;
            client.output.show(&view, |v| tables::endpoints(std::slice::from_ref(v)));
        }
        EndpointCommand::Remove(remove) => {
            let question = format!("Removing migration endpoint \"{}\".", remove.identity);
            if !confirmed(remove.yes, &question) {
                return Ok(NOT_CONFIRMED);
            }
            let request = IdentityRequest { identity: Some(remove.identity) };
            let reply = client.checked(client.engine.endpoint_remove(request))?;
            client.output.show(&reply, |_| String::new());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn secret(path: Option<&Path>, what: &str) -> Result<Option<Secret>, ApiError> {
    path.map(|p| files::password(p, what)).transpose()
}

fn create_request(new: NewEndpoint) -> Result<EndpointCreateRequest, ApiError> {
    let s = new.settings;
    Ok(EndpointCreateRequest {
        name: new.name,
        endpoint_type: Some(new.endpoint_type),
        remote_server: s.remote_server,
        port: s.port,
        security: s.security,
        authentication: s.authentication,
        accept_untrusted_certificates: new.accept_untrusted_certificates,
        max_concurrent_migrations: s.max_concurrent_migrations,
        max_concurrent_incremental_syncs: s.max_concurrent_incremental_syncs,
        skip_verification: s.skip_verification,
        administrator_user_name: s.administrator_user_name,
        administrator_password: secret(s.administrator_password_file.as_deref(), "Administrator password")?,
        login_format: s.login_format,
        tenant_id: s.tenant_id,
        application_id: s.application_id,
        client_secret: secret(s.client_secret_file.as_deref(), "Client secret")?,
        certificate_base64: s.certificate_file.as_deref().map(files::base64).transpose()?,
        certificate_password: secret(s.certificate_password_file.as_deref(), "Certificate password")?,
        authority: new.authority,
        scope: new.scope,
        path: new.path,
        test_mailbox: s.test_mailbox,
    })
}

fn update_request(set: SetEndpoint) -> Result<EndpointUpdateRequest, ApiError> {
    let s = set.settings;
    Ok(EndpointUpdateRequest {
        identity: set.identity,
        remote_server: s.remote_server,
        port: s.port,
        security: s.security,
        authentication: s.authentication,
        accept_untrusted_certificates: set.accept_untrusted_certificates,
        max_concurrent_migrations: s.max_concurrent_migrations,
        max_concurrent_incremental_syncs: s.max_concurrent_incremental_syncs,
        skip_verification: s.skip_verification,
        administrator_user_name: s.administrator_user_name,
        administrator_password: secret(s.administrator_password_file.as_deref(), "Administrator password")?,
        login_format: s.login_format,
        tenant_id: s.tenant_id,
        application_id: s.application_id,
        client_secret: secret(s.client_secret_file.as_deref(), "Client secret")?,
        certificate_base64: s.certificate_file.as_deref().map(files::base64).transpose()?,
        certificate_password: secret(s.certificate_password_file.as_deref(), "Certificate password")?,
        test_mailbox: s.test_mailbox,
    })
}
