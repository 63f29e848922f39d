//! What a TLS handshake agreed on, for people: the version, and until when the certificate is valid. RFC 8446 section 4.1.3.

use crate::stream::Socket;
use native_tls::TlsStream;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

const SUPPORTED_VERSIONS: u16 = 0x2b;

/// Describes a connection in one sentence.
pub(crate) fn describe(tls: &TlsStream<Socket>) -> String {
    let version = version(tls.get_ref().hello()).unwrap_or("TLS");
    let certificate = tls.peer_certificate().ok().flatten().and_then(|shown| shown.to_der().ok());
    match certificate.as_deref().and_then(subject_and_end) {
        Some((subject, end)) => {
            format!("{version} is agreed on. The certificate is for {subject}, and valid until {end}.")
        }
        None => format!("{version} is agreed on."),
    }
}

/// The names in a certificate and the day of its end.
fn subject_and_end(der: &[u8]) -> Option<(String, String)> {
    let certificate = Certificate::from_der(der).ok()?;
    let certificate = certificate.tbs_certificate();
    let alternatives = certificate.get_extension::<SubjectAltName>().ok().flatten();
    let mut names: Vec<String> = alternatives
        .iter()
        .flat_map(|(_, names)| &names.0)
        .filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(name.to_string()),
            _ => None,
        })
        .collect();
    if names.is_empty() {
        names.push(certificate.subject().to_string());
    }
    let end = certificate.validity().not_after.to_date_time();
    // Text of a peer.
    let shown: String = names.join(", ").chars().filter(|c| !c.is_control()).take(200).collect();
    Some((shown, format!("{:04}-{:02}-{:02}", end.year(), end.month(), end.day())))
}

/// The version in a ServerHello.
fn version(bytes: &[u8]) -> Option<&'static str> {
    let mut hello = Reader(bytes);
    // The record: handshake, version, length. The message: ServerHello, length of three bytes, version, random.
    (hello.number(1)? == 22).then_some(())?;
    hello.skip(4)?;
    (hello.number(1)? == 2).then_some(())?;
    hello.skip(3)?;
    let mut version = hello.number(2)?;
    hello.skip(32)?;
    let session = hello.number(1)?;
    hello.skip(usize::from(session))?;
    // Cipher suite, compression, length of the extensions.
    let mut left = hello.skip(3 + 2);
    while left.is_some()
        && let (Some(kind), Some(length)) = (hello.number(2), hello.number(2))
    {
        if kind == SUPPORTED_VERSIONS {
            version = hello.number(2)?;
            break;
        }
        left = hello.skip(usize::from(length));
    }
    match version {
        0x0301 => Some("TLS 1.0"),
        0x0302 => Some("TLS 1.1"),
        0x0303 => Some("TLS 1.2"),
        0x0304 => Some("TLS 1.3"),
        _ => None,
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn skip(&mut self, count: usize) -> Option<()> {
        self.0 = self.0.get(count..)?;
        Some(())
    }

    /// A number of one or two bytes, the high one first.
    fn number(&mut self, width: usize) -> Option<u16> {
        let number = self.0.get(..width)?.iter().fold(0, |number, byte| number << 8 | u16::from(*byte));
        self.skip(width)?;
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    /// A ServerHello of this version with these extensions.
    fn hello(legacy: u8, extensions: &[u8]) -> Vec<u8> {
        let mut hello = vec![22, 3, 3, 0, 90, 2, 0, 0, 86, 3, legacy];
        hello.extend([7; 32]);
        hello.extend([2, 1, 1, 0x13, 0x01, 0, 0, u8::try_from(extensions.len()).unwrap()]);
        hello.extend(extensions);
        hello
    }

    #[test]
    fn the_version_is_the_extensions_where_there_is_one() {
        let later = [0, 0x0b, 0, 1, 9, 0, 0x2b, 0, 2, 3, 4];

        assert_eq!(version(&hello(3, &later)), Some("TLS 1.3"));
        assert_eq!(version(&hello(3, &[0, 0x0b, 0, 1, 9])), Some("TLS 1.2"));
        assert_eq!(version(&hello(2, &[])), Some("TLS 1.1"));
    }

    #[test]
    fn a_hello_cut_anywhere_is_read_as_far_as_it_goes() {
        let whole = hello(3, &[0, 0x0b, 0, 1, 9, 0, 0x2b, 0, 2, 3, 4]);

        for end in 0..whole.len() {
            assert!(matches!(version(&whole[..end]), None | Some("TLS 1.2")), "{end}");
        }
        assert_eq!(version(b"* OK ready"), None);
    }
}
