//! What is said about access tokens that could not be obtained.

use super::Said;
use crate::messages::terms::Term;
use imapmig_core::failure::{BadCertificate, PfxFault, Token};

pub(super) fn said(case: &Token) -> Said {
    match case {
        Token::NoApplication => Said::new("the migration endpoint has no application to get tokens with")
            .remedy(format!(
                "set {}, {} and {} with {}",
                Term::TenantId,
                Term::ApplicationId,
                Term::ClientSecret,
                Term::SetEndpoint
            )),
        Token::AuthorityNotHttps(authority) => Said::new(format!(
            "the authority \"{authority}\" is no https address; credentials are sent over https only"
        )),
        Token::Certificate(what) => certificate(what),
        other => {
            let said = no_token(other);
            Said { happened: format!("no access token: {}", said.happened), ..said }
        }
    }
}

/// Completes "no access token:".
fn no_token(case: &Token) -> Said {
    match case {
        Token::AuthorityNotReached { url, error } => {
            Said::new(format!("the authority {url} could not be asked ({error})"))
        }
        Token::AuthorityBusy => Said::new("the authority cannot answer at the moment"),
        Token::TenantUnknown(tenant) => Said::new(format!("there is no tenant \"{tenant}\""))
            .remedy(format!("check {} and the cloud ({})", Term::TenantId, Term::Authority)),
        Token::ApplicationUnknown { application, tenant } => {
            Said::new(format!("the application \"{application}\" was not found in the tenant \"{tenant}\""))
                .remedy(format!(
                    "check {} and {}, and that an administrator consented to it there",
                    Term::ApplicationId,
                    Term::TenantId
                ))
        }
        Token::ApplicationDisabled { application, tenant } => {
            Said::new(format!("the application \"{application}\" is disabled in the tenant \"{tenant}\""))
        }
        Token::ClientSecretWrong(application) => {
            Said::new(format!("the client secret of the application \"{application}\" is wrong"))
                .remedy(format!("give the secret's value, not its id, with {}", Term::ClientSecret))
        }
        Token::ClientSecretExpired(application) => {
            Said::new(format!("the client secret of the application \"{application}\" has expired")).remedy(
                format!("make a new one and set it with {} {}", Term::SetEndpoint, Term::ClientSecret),
            )
        }
        Token::CertificateUnknown(application) => Said::new(format!(
            "the certificate is not registered with the application \"{application}\", or has expired"
        ))
        .remedy("upload it under \"Certificates & secrets\", and check this machine's clock"),
        Token::NoClientCredential(application) => {
            Said::new(format!("the application \"{application}\" needs a client secret or a certificate"))
                .remedy(format!("give {} or {}", Term::ClientSecret, Term::CertificateFile))
        }
        Token::ScopeUnknown => Said::new("the scope is not one that the authority knows")
            .remedy(format!("leave {} out, or let it end in \"/.default\"", Term::Scope)),
        _ => Said::new("the authority refused"),
    }
}

fn certificate(what: &BadCertificate) -> Said {
    let said = match what {
        BadCertificate::KeyEncrypted => Said::new("the private key in the PEM file is encrypted").remedy(
            format!("give a PFX file with {}, or a PEM file with the plain key", Term::CertificatePassword),
        ),
        BadCertificate::Pfx(why) => Said::new(format!("the PFX file cannot be opened ({})", pfx(why)))
            .remedy(format!("check the file and {}", Term::CertificatePassword)),
        BadCertificate::PfxIncomplete => Said::new("the PFX file holds no private key with its certificate"),
        BadCertificate::Pem(error) => Said::new(format!("the PEM file cannot be read ({error})")),
        BadCertificate::NoKey => Said::new("the certificate file holds no private key"),
        BadCertificate::UnusableKey(error) => {
            Said::new(format!("the private key is no RSA key of 2048 to 4096 bits ({error})"))
        }
        BadCertificate::NoCertificate => Said::new("the file holds no certificate for its private key"),
        BadCertificate::CannotSign => Said::new("the private key cannot sign"),
    };
    Said { happened: format!("the certificate cannot be used: {}", said.happened), ..said }
}

fn pfx(why: &PfxFault) -> String {
    match why {
        PfxFault::WrongPassword => "the password is wrong, or the file is damaged".to_owned(),
        PfxFault::NotPfx => "it is no PKCS#12 file".to_owned(),
        PfxFault::ProtectedByKey => "it is protected by a key and not by a password".to_owned(),
        PfxFault::UnknownContent(content) => {
            format!("its content {content} is not supported; only files protected by a password are")
        }
        PfxFault::UnknownAlgorithm(algorithm) => {
            format!("the algorithm {algorithm} is not supported; export it with AES-256 and SHA-256")
        }
        PfxFault::TooManyRounds { rounds, most } => {
            format!("its key is to be derived in {rounds} rounds; up to {most} are done")
        }
    }
}
