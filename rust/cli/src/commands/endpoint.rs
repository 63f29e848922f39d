//! `imapmig endpoint`.

use super::NOT_CONFIRMED;
use crate::arguments::{EndpointCommand, NewEndpoint, SetEndpoint};
use crate::client::Client;
use crate::failed::Failed;
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

/// A request of this type: what both have in common from the options, and its own properties.
macro_rules! request {
    ($request:ident, $options:expr, $($own:ident: $value:expr),+) => {{
        let o = $options;
        $request {
            remote_server: o.remote_server,
            port: o.port,
            security: o.security,
            authentication: o.authentication,
            max_concurrent_migrations: o.max_concurrent_migrations,
            max_concurrent_incremental_syncs: o.max_concurrent_incremental_syncs,
            skip_verification: o.skip_verification,
            administrator_user_name: o.administrator_user_name,
            administrator_password: secret(o.administrator_password_file.as_deref(), "Administrator password")?,
            login_format: o.login_format,
            tenant_id: o.tenant_id,
            application_id: o.application_id,
            client_secret: secret(o.client_secret_file.as_deref(), "Client secret")?,
            certificate_base64: o.certificate_file.as_deref().map(files::base64).transpose()?,
            certificate_password: secret(o.certificate_password_file.as_deref(), "Certificate password")?,
            test_mailbox: o.test_mailbox,
            $($own: $value),+
        }
    }};
}

fn create_request(new: NewEndpoint) -> Result<EndpointCreateRequest, ApiError> {
    Ok(request!(EndpointCreateRequest, new.settings,
        name: new.name,
        endpoint_type: Some(new.endpoint_type),
        accept_untrusted_certificates: new.accept_untrusted_certificates,
        authority: new.authority,
        scope: new.scope,
        path: new.path
    ))
}

fn update_request(set: SetEndpoint) -> Result<EndpointUpdateRequest, ApiError> {
    Ok(request!(EndpointUpdateRequest, set.settings,
        identity: set.identity,
        accept_untrusted_certificates: set.accept_untrusted_certificates
    ))
}
