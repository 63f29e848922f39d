//! What is said about endpoints: how they are made, changed, tested and removed.

use super::common::{invalid, sentence};
use super::terms::Term;
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::endpoint::LOCAL_ENDPOINT;

/// An endpoint that the configuration names as the target.
pub(crate) fn is_default_target(name: &str) -> ApiError {
    in_use(format!(
        "The migration endpoint \"{name}\" can't be removed because it is the target of batches that name none. Choose another with {} {} first, e.g. {LOCAL_ENDPOINT}.",
        Term::SetConfig,
        Term::TargetEndpoint
    ))
}

/// An endpoint that a batch uses.
pub(crate) fn used_by_batch(name: &str, batch: &str) -> ApiError {
    in_use(format!(
        "The migration endpoint \"{name}\" can't be removed because the migration batch \"{batch}\" uses it. Please remove that batch first."
    ))
}

fn in_use(message: String) -> ApiError {
    ApiError::new("CannotRemoveEndpointWithAssociatedBatchesException", ErrorCategory::ResourceBusy, message)
}

/// A name that is taken.
pub(crate) fn name_in_use(name: &str) -> ApiError {
    let message = format!("The migration endpoint \"{name}\" already exists. Please choose another name.");
    ApiError::new("MigrationEndpointDuplicatedException", ErrorCategory::ResourceExists, message).target(name)
}

/// `Local`, which cannot be changed or removed.
pub(crate) fn not_for_local(what: &str) -> ApiError {
    let message = format!("The migration endpoint \"{LOCAL_ENDPOINT}\" is always there; it can't be {what}.");
    ApiError::new("InvalidOperationException", ErrorCategory::InvalidOperation, message)
        .target(LOCAL_ENDPOINT)
}

/// A setting without which an endpoint cannot be used.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Needed {
    Path,
    Server,
    Administrator,
    AdministratorPassword,
    Tenant,
    Application,
    Credential,
}

/// A setting is missing.
pub(crate) fn missing(what: Needed) -> ApiError {
    let (term, meaning) = match what {
        Needed::Path => (Term::Path, "the folder of the Maildirs".to_owned()),
        Needed::Server => (Term::RemoteServer, "the host name of the IMAP server".to_owned()),
        Needed::Administrator => (Term::Credential, "the login name of the administrator".to_owned()),
        Needed::AdministratorPassword => {
            (Term::CredentialPassword, "the password of the administrator at the target".to_owned())
        }
        Needed::Tenant => (Term::TenantId, "the directory that issues tokens".to_owned()),
        Needed::Application => {
            (Term::ApplicationId, "the application that may read and write mail".to_owned())
        }
        Needed::Credential => (
            Term::ClientSecret,
            format!("the application's secret, or a certificate with {}", Term::CertificateFile),
        ),
    };
    invalid(sentence(&format!("{term} is missing. Please give {meaning}")))
}

/// A path that the system does not take.
pub(crate) fn unusable_path(error: &std::io::Error) -> ApiError {
    invalid(format!("{} cannot be used: {error}.", Term::Path))
}

/// A path for an endpoint that is a server.
pub(crate) fn path_of_a_server() -> ApiError {
    invalid(format!("{} belongs to endpoints of type Maildir only.", Term::Path))
}

/// A server for an endpoint that is a folder.
pub(crate) fn server_of_a_folder() -> ApiError {
    invalid("An endpoint of type Maildir has no server.")
}

/// Two ways to prove who the application is.
pub(crate) fn secret_and_certificate() -> ApiError {
    invalid("Give either a client secret or a certificate, not both.")
}

/// A format under which all users would be one.
pub(crate) fn login_format_without_user() -> ApiError {
    invalid(format!(
        "{} holds neither {{EmailAddress}} nor {{UserName}}, so every user would sign in to one mailbox.",
        Term::LoginFormat
    ))
}

/// OAuth without TLS.
pub(crate) fn token_without_tls() -> ApiError {
    invalid(format!("A token is never sent without TLS. Please choose {0} Ssl or {0} Tls.", Term::Security))
}

/// A server's name that holds a port, a scheme or a path.
pub(crate) fn not_a_host_name(server: &str) -> ApiError {
    invalid(format!(
        "{} \"{server}\" isn't a host name. Please give the name or address alone, such as imap.contoso.com; the port goes into {}.",
        Term::RemoteServer,
        Term::Port
    ))
}

/// Exchange's text for a limit that is too high.
pub(crate) fn over_limit(number: u32, most: u32, kind: &str) -> ApiError {
    let message = format!(
        "This endpoint would make the maximum concurrent migrations '{number}', which would exceed the allowed limit of '{most}' for endpoints of type '{kind}'."
    );
    ApiError::new("MaximumConcurrentMigrationLimitExceededException", ErrorCategory::LimitsExceeded, message)
}

/// Exchange's text for limits that contradict each other.
pub(crate) fn incremental_over_migrations(asked: &str, most: u32) -> ApiError {
    let message = format!(
        "MaxConcurrentIncrementalSyncs ({asked}) must be less or equal to MaxConcurrentMigrations ({most})."
    );
    ApiError::new(
        "MigrationMaxConcurrentIncrementalSyncsVerificationFailedException",
        ErrorCategory::InvalidArgument,
        message,
    )
}

/// A test that names an endpoint and a server.
pub(crate) fn endpoint_and_server() -> ApiError {
    invalid("Give either an endpoint or a server, not both.")
}

/// A mailbox to test, without the endpoint that says how to sign in.
pub(crate) fn mailbox_without_endpoint() -> ApiError {
    invalid(format!(
        "{} goes with an endpoint, which says how to sign in. Please give the endpoint's name.",
        Term::TestMailbox
    ))
}

/// A test without a port.
pub(crate) fn no_port() -> ApiError {
    invalid(format!(
        "{} is missing. Please give the TCP port of the IMAP server, usually 993 or 143.",
        Term::Port
    ))
}

/// An endpoint that was not stored, because its test failed: what the test said, and how to store it all the same.
pub(crate) fn not_verified(
    name: &str,
    category: ErrorCategory,
    message: &str,
    server_said: Option<&str>,
) -> ApiError {
    let said = server_said.map(|said| format!(" The server said: {said}"));
    let message = format!(
        "{message}{} Use {} to store the endpoint untested.",
        said.unwrap_or_default(),
        Term::SkipVerification
    );
    ApiError::new("MigrationServerConnectionFailedException", category, message).target(name).retryable()
}

/// What a test is doing, for a progress bar.
pub(crate) mod doing {
    pub(crate) const LOOKING_AT_FOLDER: &str = "Looking at the folder";

    pub(crate) fn connecting(server: &str, port: u16) -> String {
        format!("Connecting to {server}:{port}")
    }
}

/// What a test left untried.
pub(crate) fn token_without_mailbox() -> String {
    format!("A token was obtained. No mailbox was opened, since none was named with {}.", Term::TestMailbox)
}

/// What a test left untried.
pub(crate) fn no_sign_in() -> String {
    "No sign-in was tried, since the endpoint has no credentials of its own; each row of a CSV file brings its own."
        .to_owned()
}

/// What a test left untried.
pub(crate) fn administrator_untried() -> String {
    format!(
        "The administrator's sign-in was not tried, since no mailbox was named with {}.",
        Term::TestMailbox
    )
}
