//! TLS on a connection, and what is wrong with a certificate.
//!
//! The system's own TLS (OpenSSL, SChannel, Secure Transport) verifies; this file reads its refusals.

use crate::ImapServer;
use crate::stream::Socket;
use crate::trust;
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Security;
use imapmig_core::failure::{CertificateFault, Connecting, Failure, FailureKind, Retry, Scope, TlsRefusal};
use native_tls::{HandshakeError, TlsStream};

/// Performs the handshake. `wait` fails when waiting must end.
pub(crate) fn shake(
    server: &ImapServer,
    socket: Socket,
    wait: &dyn Fn() -> Result<(), Failure>,
) -> Result<TlsStream<Socket>, Failure> {
    let connector = trust::connector(server.accept_untrusted_certificates, server.extra_ca_pem.as_ref())?;
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
    let (host, port) = (server.host.clone(), server.port);
    let whole = chain(error);
    let detail = reason(&whole).to_owned();
    let tls = |host, why| Failure::new(Scope::User, FailureKind::Tls, Connecting::Tls { host, port, why });
    match Refusal::of(&whole) {
        Refusal::Certificate(why) => {
            let case = Connecting::Certificate { host, why, detail };
            Failure::new(Scope::User, FailureKind::Certificate, case)
        }
        Refusal::NoTls if server.security == Security::Tls => tls(host, TlsRefusal::NotAfterStartTls(detail)),
        Refusal::NoTls => tls(host, TlsRefusal::NotFromFirstByte(detail)),
        // A connection cut in the middle of a handshake is how some servers refuse a connection too many.
        Refusal::Cut => tls(host, TlsRefusal::NotAgreed(detail)).retry(Retry::Reconnect),
        Refusal::Other => tls(host, TlsRefusal::NotAgreed(detail)),
    }
}

/// Why a handshake failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// The certificate cannot be accepted.
    Certificate(CertificateFault),
    /// The server sent something other than TLS.
    NoTls,
    /// The connection ended.
    Cut,
    /// Anything else.
    Other,
}

impl Refusal {
    /// Reads the code where the library has one, since SChannel's texts are in Windows' language; else OpenSSL's text.
    fn of(whole: &str) -> Self {
        const EXPIRED: Refusal = Refusal::Certificate(CertificateFault::Expired);
        const OTHER_HOST: Refusal = Refusal::Certificate(CertificateFault::OtherHost);
        const UNKNOWN_AUTHORITY: Refusal = Refusal::Certificate(CertificateFault::UnknownAuthority);
        match code(whole) {
            // CERT_E_UNTRUSTEDROOT, CERT_E_CHAINING, SEC_E_UNTRUSTED_ROOT
            Some(-2_146_762_487 | -2_146_762_486 | -2_146_893_019) => return UNKNOWN_AUTHORITY,
            // CERT_E_EXPIRED, SEC_E_CERT_EXPIRED
            Some(-2_146_762_495 | -2_146_893_016) => return EXPIRED,
            // CERT_E_CN_NO_MATCH, SEC_E_WRONG_PRINCIPAL
            Some(-2_146_762_481 | -2_146_893_022) => return OTHER_HOST,
            // CERT_E_REVOKED, CRYPT_E_REVOKED
            Some(-2_146_762_484 | -2_146_885_616) => return Self::Certificate(CertificateFault::Revoked),
            // CERT_E_REVOCATION_FAILURE, CRYPT_E_NO_REVOCATION_CHECK, CRYPT_E_REVOCATION_OFFLINE
            Some(-2_146_762_482 | -2_146_885_614 | -2_146_885_613) => {
                return Self::Certificate(CertificateFault::RevocationUnknown);
            }
            // SEC_E_INVALID_TOKEN, SEC_E_ILLEGAL_MESSAGE
            Some(-2_146_893_048 | -2_146_893_018) => return Self::NoTls,
            _ => {}
        }
        let lower = whole.to_ascii_lowercase();
        let has = |texts: &[&str]| texts.iter().any(|text| lower.contains(text));
        if has(&["expired", "validity period"]) {
            EXPIRED
        } else if has(&["not yet valid"]) {
            Self::Certificate(CertificateFault::NotYetValid)
        } else if has(&["hostname mismatch", "ip address mismatch", "cn name", "host name"]) {
            OTHER_HOST
        } else if has(&["self-signed", "self signed"]) {
            Self::Certificate(CertificateFault::SelfSigned)
        } else if has(&["issuer", "unknown ca", "root certificate"]) {
            UNKNOWN_AUTHORITY
        } else if has(&["certificate", "trust"]) {
            Self::Certificate(CertificateFault::NotTrusted)
        } else if has(&["wrong version number", "packet length too long", "record layer", "invalid token"]) {
            Self::NoTls
        } else if has(&["eof", "reset", "closed"]) {
            Self::Cut
        } else {
            Self::Other
        }
    }
}

/// Returns the system's error code, which std writes behind the system's text.
fn code(whole: &str) -> Option<i32> {
    let (_, rest) = whole.rsplit_once("(os error ")?;
    rest.split_once(')')?.0.parse().ok()
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

/// Fails if the work was cancelled.
pub(crate) fn go_on(cancel: &Cancel) -> Result<(), Failure> {
    if cancel.is_cancelled() { Err(Failure::cancelled()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::{CertificateFault, Refusal, reason};

    #[test]
    fn openssls_reason_is_told_without_its_whereabouts() {
        let verify =
            "error:0A000086:SSL routines:f:certificate verify failed:ssl/x.c:2125: (certificate has expired)";
        let version = "error:0A00010B:SSL routines:f:wrong version number:ssl/record/x.c:77:";

        assert_eq!(reason(verify), "certificate has expired");
        assert_eq!(reason(version), "wrong version number");
        assert_eq!(reason("unexpected EOF"), "unexpected EOF");
    }

    #[test]
    fn schannels_refusals_are_recognised_in_any_language() {
        let texts = [
            (
                -2_146_762_487,
                "Eine Zertifikatkette wurde zwar verarbeitet, endete jedoch mit einem Stammzertifikat.",
                CertificateFault::UnknownAuthority,
            ),
            (-2_146_762_486, "", CertificateFault::UnknownAuthority),
            (
                -2_146_893_019,
                "La chaîne de certificats a été fournie par une autorité qui n'est pas approuvée.",
                CertificateFault::UnknownAuthority,
            ),
            (
                -2_146_762_495,
                "Ein erforderliches Zertifikat befindet sich nicht im Gültigkeitszeitraum.",
                CertificateFault::Expired,
            ),
            (-2_146_893_016, "受信した証明書の有効期限が切れています。", CertificateFault::Expired),
            (
                -2_146_762_481,
                "Der CN-Name des Zertifikats stimmt nicht mit dem übergebenen Wert überein.",
                CertificateFault::OtherHost,
            ),
            (-2_146_893_022, "Der Zielprinzipalname ist falsch.", CertificateFault::OtherHost),
            (-2_146_762_482, "", CertificateFault::RevocationUnknown),
        ];

        for (code, text, wanted) in texts {
            assert_eq!(
                Refusal::of(&format!("{text} (os error {code})")),
                Refusal::Certificate(wanted),
                "{code}"
            );
        }
        for code in [-2_146_893_048, -2_146_893_018] {
            assert_eq!(Refusal::of(&format!("Das Token ist ungültig. (os error {code})")), Refusal::NoTls);
        }
    }

    #[test]
    fn openssls_refusals_are_recognised_by_their_text() {
        for (text, wanted) in [
            ("certificate has expired", Refusal::Certificate(CertificateFault::Expired)),
            ("certificate is not yet valid", Refusal::Certificate(CertificateFault::NotYetValid)),
            ("hostname mismatch", Refusal::Certificate(CertificateFault::OtherHost)),
            ("self-signed certificate", Refusal::Certificate(CertificateFault::SelfSigned)),
            (
                "unable to get local issuer certificate",
                Refusal::Certificate(CertificateFault::UnknownAuthority),
            ),
            ("wrong version number", Refusal::NoTls),
            ("unexpected EOF", Refusal::Cut),
            ("Connection reset by peer (os error 104)", Refusal::Cut),
            ("no cipher in common", Refusal::Other),
        ] {
            assert_eq!(Refusal::of(text), wanted, "{text}");
        }
    }
}
