//! Why an authority refuses a token. Microsoft's AADSTS codes, "Microsoft Entra authentication and authorization error codes";
//! other authorities' words are passed on unchanged.

use crate::answers::LONGEST_PAUSE;
use imapmig_core::failure::{Failure, FailureKind, Retry, Scope, Token};
use std::time::Duration;

/// Returns the failure for a refused token request. `description` is the authority's own text.
pub(super) fn failure(
    tenant: &str,
    application: &str,
    status: u16,
    pause: Option<Duration>,
    description: &str,
) -> Failure {
    // The lines after the first hold trace ids and a time.
    let said = description.lines().next().unwrap_or("").trim();
    let said = said.split(" Trace ID:").next().unwrap_or("").to_owned();
    let said = if said.is_empty() { format!("HTTP status {status}") } else { said };

    if status == 429 || status >= 500 || matches!(code(&said), Some("50196" | "90033")) {
        let retry = pause.map_or(Retry::Reconnect, |pause| Retry::After(pause.min(LONGEST_PAUSE)));
        return Failure::new(Scope::User, FailureKind::Token, Token::AuthorityBusy).retry(retry).said(said);
    }
    let (tenant, application) = (tenant.to_owned(), application.to_owned());
    let case = match code(&said) {
        Some("90002" | "900023" | "900021") => Token::TenantUnknown(tenant),
        Some("700016") => Token::ApplicationUnknown { application, tenant },
        Some("7000215") => Token::ClientSecretWrong(application),
        Some("7000222") => Token::ClientSecretExpired(application),
        Some("700027" | "5000117" | "700024") => Token::CertificateUnknown(application),
        Some("7000218" | "7000216") => Token::NoClientCredential(application),
        Some("7000112") => Token::ApplicationDisabled { application, tenant },
        Some("1002012" | "70011" | "500011") => Token::ScopeUnknown,
        _ => Token::Refused,
    };
    Failure::new(Scope::Batch, FailureKind::Token, case).said(said)
}

/// The digits behind `AADSTS`.
fn code(text: &str) -> Option<&str> {
    let rest = &text[text.find("AADSTS")? + 6..];
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::failure;
    use imapmig_core::failure::{Case, Retry, Scope, Token};
    use std::time::Duration;

    #[test]
    fn each_known_code_is_a_case_of_its_own() {
        let (app, tenant) = (|| "app".to_owned(), || "contoso".to_owned());
        for (description, case) in [
            ("AADSTS90002: Tenant 'x' not found.", Token::TenantUnknown(tenant())),
            (
                "AADSTS700016: Application with identifier 'x' was not found in the directory 'y'.",
                Token::ApplicationUnknown { application: app(), tenant: tenant() },
            ),
            ("AADSTS7000215: Invalid client secret provided.", Token::ClientSecretWrong(app())),
            (
                "AADSTS7000222: The provided client secret keys for app 'x' are expired.",
                Token::ClientSecretExpired(app()),
            ),
            (
                "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application.",
                Token::CertificateUnknown(app()),
            ),
            ("AADSTS7000218: The request body must contain client_secret.", Token::NoClientCredential(app())),
            ("AADSTS1002012: The provided value for scope x is not valid.", Token::ScopeUnknown),
        ] {
            let failure = failure("contoso", "app", 401, None, description);

            assert_eq!(*failure.case, Case::Token(case), "{failure}");
            assert_eq!((failure.scope, failure.retry), (Scope::Batch, Retry::Never));
            assert_eq!(failure.server_text.as_deref(), Some(description));
        }
    }

    #[test]
    fn unknown_words_come_through_without_trace_ids() {
        let failure = failure("t", "a", 400, None, "AADSTS99: Odd. Trace ID: 1 Timestamp: 2");

        assert_eq!(failure.server_text.as_deref(), Some("AADSTS99: Odd."));
    }

    #[test]
    fn a_busy_authority_is_asked_again_when_it_says() {
        let failure = failure("t", "a", 429, Some(Duration::from_secs(7)), "");

        assert_eq!(failure.retry, Retry::After(Duration::from_secs(7)));
    }

    #[test]
    fn no_authority_keeps_users_waiting_for_more_than_a_day() {
        let failure = failure("t", "a", 503, Some(Duration::MAX), "");

        assert_eq!(failure.retry, Retry::After(Duration::from_hours(24)));
    }
}
