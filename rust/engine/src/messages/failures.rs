//! What is said about failures: Exchange's exception names, PowerShell's categories, and the sentence with the remedy.

use super::common::sentence;
use super::state::remedies;
use super::terms::Term;
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::failure::{Case, Failure, FailureKind, Retry, printable};

/// The error of a call that a failure ended.
pub(crate) fn api_error(failure: &Failure) -> ApiError {
    if failure.cancelled {
        return super::common::stopped();
    }
    let error = ApiError::new(exception(failure.kind), category(failure.kind), told(failure));
    if failure.retry == Retry::Never { error } else { error.retryable() }
}

/// PowerShell's category for a kind of failure.
pub(crate) const fn category(kind: FailureKind) -> ErrorCategory {
    match kind {
        FailureKind::Unreachable
        | FailureKind::Tls
        | FailureKind::Certificate
        | FailureKind::StartTlsMissing
        | FailureKind::ConnectionLimit
        | FailureKind::Protocol
        | FailureKind::Broken
        | FailureKind::Disconnected => ErrorCategory::ConnectionError,
        FailureKind::TimedOut => ErrorCategory::OperationTimeout,
        FailureKind::LoginRefused | FailureKind::Token => ErrorCategory::AuthenticationError,
        FailureKind::PermissionDenied => ErrorCategory::PermissionDenied,
        FailureKind::Throttled | FailureKind::QuotaExceeded | FailureKind::TooLarge => {
            ErrorCategory::LimitsExceeded
        }
        FailureKind::Refused => ErrorCategory::InvalidOperation,
        FailureKind::NotFound => ErrorCategory::ObjectNotFound,
        FailureKind::DiskFull | FailureKind::Local => ErrorCategory::WriteError,
        FailureKind::State => ErrorCategory::ResourceBusy,
        FailureKind::SameMailbox => ErrorCategory::InvalidData,
    }
}

/// The exception's name for a kind of failure, Exchange's where it has one.
pub(crate) const fn exception(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Unreachable | FailureKind::Disconnected => "RemoteNetworkErrorTransientException",
        FailureKind::TimedOut => "MigrationServerConnectionTimeoutException",
        FailureKind::Tls => "SslStreamFailureException",
        FailureKind::Certificate => "CertificateValidationException",
        FailureKind::StartTlsMissing => "StartTlsNotOfferedException",
        FailureKind::LoginRefused => "AuthenticationErrorException",
        FailureKind::PermissionDenied => "MailboxPermissionException",
        FailureKind::ConnectionLimit => "TooManyConnectionsTransientException",
        FailureKind::Throttled => "ServerThrottledTransientException",
        FailureKind::QuotaExceeded => "QuotaExceededException",
        FailureKind::TooLarge => "MessageSizeLimitExceededException",
        FailureKind::Refused => "RemoteServerRefusedException",
        FailureKind::NotFound => "MailboxNotFoundException",
        FailureKind::Protocol | FailureKind::Broken => "ProtocolErrorException",
        FailureKind::Token => "AccessTokenException",
        FailureKind::DiskFull => "DiskFullException",
        FailureKind::Local => "LocalStoreException",
        FailureKind::State => "StateDatabaseException",
        FailureKind::SameMailbox => "UserDuplicateMailboxException",
    }
}

/// A failed user's `Error`, with the exception's name in front, and `ErrorSummary`, the bare sentence.
pub(crate) fn of_user(failure: &Failure) -> (String, String) {
    (format!("{}: {}", exception(failure.kind), told(failure)), summary(failure))
}

/// What happened and what can be done, as a sentence.
pub(crate) fn summary(failure: &Failure) -> String {
    sentence(&what(failure)) + &signed_in_at(failure)
}

/// The same, and what the server said about it.
pub(crate) fn told(failure: &Failure) -> String {
    summary(failure) + &server_said(failure)
}

/// The same for the middle of a sentence.
pub(crate) fn words(failure: &Failure) -> String {
    let said = server_said(failure);
    let stop = if said.is_empty() { "" } else { "." };
    format!("{}{stop}{said}", what(failure).trim_end_matches('.'))
}

fn server_said(failure: &Failure) -> String {
    let said = failure.server_text.as_deref().map(str::trim).filter(|said| !said.is_empty());
    said.map(|said| format!(" The server said: {said}")).unwrap_or_default()
}

/// Which server refused which login: the message alone leaves open which of the two ends it was.
fn signed_in_at(failure: &Failure) -> String {
    let concerns_a_login = matches!(
        failure.kind,
        FailureKind::LoginRefused | FailureKind::PermissionDenied | FailureKind::Token
    );
    match &failure.place {
        Some(place) if concerns_a_login && place.server.is_some() => format!(" ({place})"),
        _ => String::new(),
    }
}

/// What happened, in Exchange's words where it has some, and what can be done.
pub(crate) fn what(failure: &Failure) -> String {
    let message = &failure.message;
    match failure.case.as_ref() {
        None => message.clone(),
        Some(case) => match exchanges(case, message) {
            Some(sentence) => sentence,
            None => format!("{message}; {}", remedy(case)),
        },
    }
}

/// Exchange's sentence for a case, where it has one.
fn exchanges(case: &Case, message: &str) -> Option<String> {
    match case {
        // Backticks included.
        Case::ConnectionTimedOut { host } => {
            Some(format!("The connection to the server `{host}` timed out after 00:00:15."))
        }
        Case::NotConnected { host } => Some(format!(
            "The connection to the server '{host}' could not be completed. {}",
            sentence(message)
        )),
        Case::LoginRefused => Some(
            "We had trouble signing in to this account. Confirm that you're using the correct user name and password.".to_owned(),
        ),
        Case::MailboxFull => Some(
            "This mailbox is full. Please free up some space so that email can be downloaded.".to_owned(),
        ),
        _ => None,
    }
}

/// What can be done; completes "what happened; ...".
fn remedy(case: &Case) -> String {
    let security = Term::Security;
    match case {
        Case::ConnectionTimedOut { .. } | Case::NotConnected { .. } => {
            "check the server's name and port".to_owned()
        }
        Case::LoginRefused => "check the user name and the password".to_owned(),
        Case::MailboxFull => "free some space".to_owned(),
        Case::TlsFromFirstByte => format!("use {security} Ssl"),
        Case::NoTlsFromFirstByte => {
            format!("try {security} Tls (STARTTLS) or None, or the port that speaks TLS (usually 993)")
        }
        Case::NoStartTls => format!(
            "use {security} Ssl with the port that speaks TLS (usually 993), or None where nobody can listen"
        ),
        Case::CertificateNotTrusted => format!(
            "put its authority's certificate into trusted-ca.pem in the state directory, have it replaced, or use {}",
            Term::AcceptUntrustedCertificates
        ),
        Case::CertificateNotValid => format!(
            "have it renewed, check this machine's clock, or use {}",
            Term::AcceptUntrustedCertificates
        ),
        Case::CertificateForAnotherHost => format!(
            "give the name that it is for with {}, have it replaced, or use {}",
            Term::RemoteServer,
            Term::AcceptUntrustedCertificates
        ),
        Case::PasswordNeedsTls => format!("use {security} Tls or Ssl"),
        Case::PasswordNotTaken => format!("it may take tokens only (use {} OAuth)", Term::Authentication),
        Case::AdministratorOpensOwnMailbox => format!(
            "set a {} that the server understands with {}, or add the columns TargetUserName and TargetPassword to the CSV file",
            Term::LoginFormat,
            Term::SetEndpoint
        ),
        Case::MailboxNotPermitted => {
            "in Exchange Online, Add-MailboxPermission -AccessRights FullAccess gives it".to_owned()
        }
        Case::TokenRefused { user_name } => format!(
            "in Microsoft 365 check, in this order: the application has the permission IMAP.AccessAsApp of Office 365 Exchange Online as an application permission, with admin consent; it is registered in Exchange Online (New-ServicePrincipal -AppId ... -ObjectId ..., the object id of the enterprise application); it may open the mailbox (Add-MailboxPermission -Identity {} -User <service principal> -AccessRights FullAccess); the mailbox exists and IMAP is enabled for it (Set-CASMailbox -ImapEnabled $true)",
            printable(user_name.clone())
        ),
        Case::TenantUnknown => format!("check {} and the cloud ({})", Term::TenantId, Term::Authority),
        Case::ApplicationUnknown => format!(
            "check {} and {}, and that an administrator consented to it there",
            Term::ApplicationId,
            Term::TenantId
        ),
        Case::ClientSecretWrong => {
            format!("give the secret's value, not its id, with {}", Term::ClientSecret)
        }
        Case::ClientSecretExpired => {
            format!("make a new one and set it with {} {}", Term::SetEndpoint, Term::ClientSecret)
        }
        Case::ApplicationCertificateUnknown => {
            "upload it under \"Certificates & secrets\", and check this machine's clock".to_owned()
        }
        Case::NoClientCredential => format!("give {} or {}", Term::ClientSecret, Term::CertificateFile),
        Case::ScopeUnknown => format!("leave {} out, or let it end in \"/.default\"", Term::Scope),
        Case::PrivateKeyEncrypted => {
            format!("give a PFX file with {}, or a PEM file with the plain key", Term::CertificatePassword)
        }
        Case::CertificateFileUnreadable => format!("check the file and {}", Term::CertificatePassword),
        Case::NoApplication => format!(
            "set {}, {} and {} with {}",
            Term::TenantId,
            Term::ApplicationId,
            Term::ClientSecret,
            Term::SetEndpoint
        ),
        Case::NoTargetLogin => format!(
            "set its administrator with {}, or add the columns TargetUserName and TargetPassword to the CSV file",
            Term::SetEndpoint
        ),
        Case::KeyLost => remedies::enter_passwords_again(),
        Case::DatabaseDamaged => remedies::RESTORE.to_owned(),
        Case::DatabaseDiskFull => remedies::FREE_SPACE.to_owned(),
        Case::DatabaseReplaced => remedies::OPEN_AGAIN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::terms::spoken;
    use imapmig_core::api::engine::Face;
    use imapmig_core::failure::{Place, Scope, Side};

    #[test]
    fn a_users_error_has_the_exception_in_front_and_the_servers_words_behind() {
        let failure = Failure::new(Scope::User, FailureKind::Refused, "the server x refused to list folders")
            .said("NO no");

        let (error, summary) = of_user(&failure);

        assert_eq!(
            error,
            "RemoteServerRefusedException: The server x refused to list folders. The server said: NO no"
        );
        assert_eq!(summary, "The server x refused to list folders.");
    }

    #[test]
    fn a_refused_login_names_side_server_and_login_and_a_later_place_does_not_replace_it() {
        let place = Place {
            side: Side::Target,
            server: Some("imap.fabrikam.com:993".to_owned()),
            login: Some("annb@contoso.edu".to_owned()),
        };
        let failure = Failure::new(Scope::User, FailureKind::LoginRefused, "the login was refused")
            .said("NO no")
            .at(&place)
            .at(&Place { side: Side::Source, server: None, login: None });

        let (error, summary) = of_user(&failure);

        let named = "The login was refused. (target imap.fabrikam.com:993, as annb@contoso.edu)";
        assert_eq!(summary, named);
        assert_eq!(error, format!("AuthenticationErrorException: {named} The server said: NO no"));
    }

    #[test]
    fn what_can_be_done_is_said_in_the_words_of_each_face() {
        let failure = Failure::new(Scope::Batch, FailureKind::Token, "the client secret has expired")
            .case(Case::ClientSecretExpired);
        let text = told(&failure);

        assert_eq!(
            spoken(&text, Face::PowerShell),
            "The client secret has expired; make a new one and set it with Set-MigrationEndpoint -ClientSecret."
        );
        assert_eq!(
            spoken(&text, Face::CommandLine),
            "The client secret has expired; make a new one and set it with imapmig endpoint set --client-secret-file."
        );
    }

    #[test]
    fn a_refused_token_names_the_grants_that_may_be_missing() {
        let failure = Failure::new(Scope::User, FailureKind::LoginRefused, "the token was refused")
            .case(Case::TokenRefused { user_name: "ann@contoso.edu".to_owned() });

        for words in
            ["IMAP.AccessAsApp", "admin consent", "New-ServicePrincipal", "-Identity ann@contoso.edu"]
        {
            assert!(told(&failure).contains(words), "{words}");
        }
    }

    #[test]
    fn exchanges_sentences_stand_as_exchange_writes_them() {
        let of = |case| what(&Failure::new(Scope::User, FailureKind::TimedOut, "no answer").case(case));

        assert_eq!(
            of(Case::ConnectionTimedOut { host: "x".to_owned() }),
            "The connection to the server `x` timed out after 00:00:15."
        );
        assert_eq!(
            of(Case::NotConnected { host: "x".to_owned() }),
            "The connection to the server 'x' could not be completed. No answer."
        );
    }
}
