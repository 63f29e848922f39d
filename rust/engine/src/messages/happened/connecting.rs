//! What is said about connections that did not come about.

use super::Said;
use crate::messages::common::sentence;
use crate::messages::terms::Term;
use imapmig_core::failure::{CertificateFault, Connecting, NotConnected, TlsRefusal};

pub(super) fn said(case: &Connecting) -> Said {
    match case {
        Connecting::NotConnected { host, why } => {
            let happened = not_connected(why);
            let exchanges = format!(
                "The connection to the server '{host}' could not be completed. {}",
                sentence(&happened)
            );
            Said::new(happened).exchanges(exchanges)
        }
        // Backticks included.
        Connecting::TimedOut { host, seconds } => Said::new(format!(
            "the server {host} did not answer within {seconds} seconds"
        ))
        .exchanges(format!("The connection to the server `{host}` timed out after 00:00:{seconds:02}.")),
        Connecting::Tls { host, port, why } => tls(host, *port, why),
        Connecting::Certificate { host, why, detail } => {
            Said::new(format!("the certificate of the server {host} {} ({detail})", certificate(*why)))
                .remedy(certificate_remedy(*why))
        }
        Connecting::ExtraCertificates(detail) => {
            Said::new(format!("the extra certificates (trusted-ca.pem) cannot be used: {detail}"))
        }
        Connecting::NotImap { host, port } => {
            Said::new(format!("port {port} of the server {host} does not speak IMAP; check the port"))
        }
    }
}

fn not_connected(why: &NotConnected) -> String {
    match why {
        NotConnected::UnknownHost(error) => {
            format!("the host name is not known; check the server's name ({error})")
        }
        NotConnected::Refused(port, error) => format!(
            "nothing accepts connections on port {port}; check the port, and that the server runs ({error})"
        ),
        NotConnected::NotReached(port, error) => format!("port {port} could not be reached ({error})"),
        NotConnected::NotSetUp(error) => format!("the connection cannot be set up ({error})"),
    }
}

fn tls(host: &str, port: u16, why: &TlsRefusal) -> Said {
    let security = Term::Security;
    let other_port = format!(
        "use {security} Ssl with the port that speaks TLS (usually 993), or None where nobody can listen"
    );
    match why {
        TlsRefusal::FromFirstByte => {
            Said::new(format!("the server {host} speaks TLS from the first byte on port {port}"))
                .remedy(format!("use {security} Ssl"))
        }
        TlsRefusal::NotFromFirstByte(detail) => Said::new(format!(
            "the server {host} does not speak TLS on port {port} ({detail})"
        ))
        .remedy(format!("try {security} Tls (STARTTLS) or None, or the port that speaks TLS (usually 993)")),
        TlsRefusal::NotAfterStartTls(detail) => {
            Said::new(format!("the server {host} does not speak TLS on port {port} ({detail})"))
        }
        TlsRefusal::NotAgreed(detail) => {
            Said::new(format!("TLS could not be agreed on with the server {host} on port {port} ({detail})"))
        }
        TlsRefusal::SignsInBeforeStartTls => {
            Said::new(format!("the server {host} signs every client in before STARTTLS on port {port}"))
                .remedy(other_port)
        }
        TlsRefusal::StartTlsMissing => {
            Said::new(format!("the server {host} does not offer STARTTLS on port {port}")).remedy(other_port)
        }
        TlsRefusal::StartTlsRefused => {
            Said::new(format!("the server {host} refuses STARTTLS on port {port}")).remedy(other_port)
        }
    }
}

/// Completes "the certificate of the server".
const fn certificate(why: CertificateFault) -> &'static str {
    match why {
        CertificateFault::Expired => "has expired",
        CertificateFault::NotYetValid => "is not valid yet",
        CertificateFault::OtherHost => "is for another host name",
        CertificateFault::UnknownAuthority => "comes from an unknown authority",
        CertificateFault::SelfSigned => "is self-signed or comes from an unknown authority",
        CertificateFault::Revoked => "was revoked",
        CertificateFault::RevocationUnknown => "cannot be checked for revocation",
        CertificateFault::NotTrusted => "is not trusted",
    }
}

/// Which remedy helps: trusting the authority makes no certificate younger.
fn certificate_remedy(why: CertificateFault) -> String {
    let accept = Term::AcceptUntrustedCertificates;
    match why {
        CertificateFault::Expired
        | CertificateFault::NotYetValid
        | CertificateFault::Revoked
        | CertificateFault::RevocationUnknown => {
            format!("have it renewed, check this machine's clock, or use {accept}")
        }
        CertificateFault::OtherHost => format!(
            "give the name that it is for with {}, have it replaced, or use {accept}",
            Term::RemoteServer
        ),
        CertificateFault::SelfSigned | CertificateFault::UnknownAuthority | CertificateFault::NotTrusted => {
            format!(
                "put its authority's certificate into trusted-ca.pem in the state directory, have it replaced, or use {accept}"
            )
        }
    }
}
