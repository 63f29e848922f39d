//! TLS on a connection, and what is wrong with a certificate, in words.
//!
//! The system's own TLS (OpenSSL, SChannel, Secure Transport) verifies; this file reads its refusals.

use crate::ImapServer;
use crate::stream::Socket;
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Security;
use imapmig_core::failure::{Failure, FailureKind, Retry, Scope};
use native_tls::{Certificate, HandshakeError, Protocol, TlsConnector, TlsStream};

/// A connector that trusts the system's authorities and the extra ones.
///
/// # Errors
/// When the extra certificates cannot be read.
pub(crate) fn connector(
    accept_untrusted: bool,
    extra_ca_pem: Option<&[u8]>,
) -> Result<TlsConnector, Failure> {
    let mut builder = TlsConnector::builder();
    builder.min_protocol_version(Some(Protocol::Tlsv12));
    if accept_untrusted {
        builder.danger_accept_invalid_certs(true).danger_accept_invalid_hostnames(true);
    }
    for certificate in certificates(extra_ca_pem.unwrap_or_default())? {
        builder.add_root_certificate(Certificate::from_der(&certificate).map_err(|e| unusable(&e))?);
    }
    builder.build().map_err(|e| unusable(&e))
}

/// The certificates in the file of extra authorities, as DER.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
    let blocks = pem::parse_many(pem).map_err(|e| unusable(&e))?;
    Ok(blocks.into_iter().filter(|b| b.tag() == "CERTIFICATE").map(pem::Pem::into_contents).collect())
}

fn unusable(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        Scope::Batch,
        FailureKind::Certificate,
        format!("the extra certificates (trusted-ca.pem) cannot be used: {error}"),
    )
}

/// Does the handshake. `wait` says whether waiting may go on.
pub(crate) fn shake(
    server: &ImapServer,
    socket: Socket,
    wait: &dyn Fn() -> Result<(), Failure>,
) -> Result<TlsStream<Socket>, Failure> {
    let extra = server.extra_ca_pem.as_ref().map(|pem| pem.as_slice());
    let connector = connector(server.accept_untrusted_certificates, extra)?;
    socket.go_on();
    let mut outcome = connector.connect(&server.host, socket);
    loop {
        match outcome {
            Ok(tls) => return Ok(tls),
            Err(HandshakeError::WouldBlock(unfinished)) => {
                wait()?;
                unfinished.get_ref().go_on();
                outcome = unfinished.handshake();
            }
            Err(HandshakeError::Failure(error)) => return Err(refused(server, &error)),
        }
    }
}

fn refused(server: &ImapServer, error: &native_tls::Error) -> Failure {
    let host = &server.host;
    let whole = chain(error);
    let detail = reason(&whole);
    let lower = whole.to_ascii_lowercase();
    let certificate = |what: &str| {
        Failure::new(
            Scope::User,
            FailureKind::Certificate,
            format!(
                "the certificate of the server {host} {what} ({detail}); have it replaced, put its authority's certificate into trusted-ca.pem in the state directory, or use -AcceptUntrustedCertificates"
            ),
        )
    };
    if lower.contains("expired") || lower.contains("validity period") {
        certificate("has expired")
    } else if lower.contains("not yet valid") {
        certificate("is not valid yet")
    } else if lower.contains("hostname mismatch")
        || lower.contains("ip address mismatch")
        || lower.contains("cn name")
        || lower.contains("host name")
    {
        certificate("is for another host name")
    } else if lower.contains("self-signed") || lower.contains("self signed") {
        certificate("is self-signed or comes from an unknown authority")
    } else if lower.contains("issuer") || lower.contains("unknown ca") || lower.contains("root certificate") {
        certificate("comes from an unknown authority")
    } else if lower.contains("certificate") || lower.contains("trust") {
        certificate("is not trusted")
    } else if lower.contains("wrong version number")
        || lower.contains("packet length too long")
        || lower.contains("record layer")
        || lower.contains("invalid token")
    {
        let remedy = match server.security {
            Security::Tls => "",
            _ => "; try Security Tls (STARTTLS) or None, or the port that speaks TLS (usually 993)",
        };
        Failure::new(
            Scope::User,
            FailureKind::Tls,
            format!("the server {host} does not speak TLS on port {}{remedy} ({detail})", server.port),
        )
    } else {
        let failure = Failure::new(
            Scope::User,
            FailureKind::Tls,
            format!("TLS could not be agreed on with the server {host} on port {} ({detail})", server.port),
        );
        // A connection cut in the middle of a handshake is how some servers refuse a connection too many.
        if lower.contains("eof") || lower.contains("reset") || lower.contains("closed") {
            failure.retry(Retry::Reconnect)
        } else {
            failure
        }
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = next.source();
    }
    text
}

/// What OpenSSL means, without its numbers, functions and files: `error:0A000086:SSL routines:f:reason:file:line: (cause)`.
fn reason(whole: &str) -> &str {
    match whole.strip_prefix("error:") {
        Some(_) if whole.ends_with(')') => {
            whole.rfind('(').map_or(whole, |at| &whole[at + 1..whole.len() - 1])
        }
        Some(rest) => rest.split(':').nth(3).unwrap_or(whole),
        None => whole,
    }
}

/// Whether a stop was asked for, as a failure.
pub(crate) fn go_on(cancel: &Cancel) -> Result<(), Failure> {
    if cancel.is_cancelled() { Err(Failure::cancelled()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn openssls_reason_is_told_without_its_whereabouts() {
        let verify =
            "error:0A000086:SSL routines:f:certificate verify failed:ssl/x.c:2125: (certificate has expired)";
        let version = "error:0A00010B:SSL routines:f:wrong version number:ssl/record/x.c:77:";

        assert_eq!(reason(verify), "certificate has expired");
        assert_eq!(reason(version), "wrong version number");
        assert_eq!(reason("unexpected EOF"), "unexpected EOF");
    }
}
