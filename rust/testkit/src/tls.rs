//! TLS for test servers: a CA of our own, and certificates that are right or wrong in one way each.

use std::io;

use native_tls::{Identity, TlsAcceptor};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

/// What is right or wrong with a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// For `localhost`, `127.0.0.1` and `imap.contoso.com`, by the test CA.
    Valid,
    /// The same, but it ended in 2001.
    Expired,
    /// Signed by its own key.
    SelfSigned,
    /// By the test CA, for `other.example` alone.
    WrongHost,
}

/// When TLS begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// With the first byte, as on port 993.
    Implicit,
    /// After STARTTLS, as on port 143.
    StartTls,
}

/// A certificate authority that lives as long as the test.
pub struct TestCa {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl std::fmt::Debug for TestCa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TestCa")
    }
}

pub(crate) struct ServerTls {
    pub(crate) mode: TlsMode,
    pub(crate) acceptor: TlsAcceptor,
}

impl std::fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ServerTls({:?})", self.mode)
    }
}

impl TestCa {
    /// A new authority with a new key.
    pub fn new() -> io::Result<TestCa> {
        let mut params = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "ImapMigration test CA");
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let issuer = CertifiedIssuer::self_signed(params, key).map_err(io::Error::other)?;
        Ok(TestCa { issuer })
    }

    /// The authority's certificate, for a client that shall trust it.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Certificate and PKCS#8 key of a server, both PEM: for servers that are not ours.
    pub fn server_pem(&self, certificate: Certificate) -> io::Result<(String, String)> {
        Ok((self.sign(certificate)?.pem(), server_key()?.serialize_pem()))
    }

    /// Certificate and key of a server, for a [`TlsAcceptor`].
    pub fn identity(&self, certificate: Certificate) -> io::Result<Identity> {
        identity(&self.sign(certificate)?, &server_key()?)
    }

    fn sign(&self, certificate: Certificate) -> io::Result<rcgen::Certificate> {
        let hosts: &[&str] = match certificate {
            Certificate::WrongHost => &["other.example"],
            _ => &["localhost", "127.0.0.1", "imap.contoso.com"],
        };
        let names: Vec<String> = hosts.iter().map(|h| (*h).to_owned()).collect();
        let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
        params.distinguished_name.push(DnType::CommonName, hosts[0]);
        params.use_authority_key_identifier_extension = certificate != Certificate::SelfSigned;
        if certificate == Certificate::Expired {
            params.not_before = date_time_ymd(2000, 1, 1);
            params.not_after = date_time_ymd(2001, 1, 1);
        }
        let key = server_key()?;
        let signed = match certificate {
            Certificate::SelfSigned => params.self_signed(&key),
            _ => params.signed_by(&key, &self.issuer),
        };
        signed.map_err(io::Error::other)
    }
}

/// The key of every test server. A fixed one, since Windows takes only RSA keys here, which `ring` does not generate.
fn server_key() -> io::Result<KeyPair> {
    KeyPair::from_pem(include_str!("../server-key.pem")).map_err(io::Error::other)
}

fn identity(certificate: &rcgen::Certificate, key: &KeyPair) -> io::Result<Identity> {
    Identity::from_pkcs8(certificate.pem().as_bytes(), key.serialize_pem().as_bytes())
        .map_err(io::Error::other)
}

impl ServerTls {
    /// TLS with a certificate of the test CA.
    pub(crate) fn new(mode: TlsMode, ca: &TestCa, certificate: Certificate) -> io::Result<Self> {
        let acceptor = TlsAcceptor::new(ca.identity(certificate)?).map_err(io::Error::other)?;
        Ok(Self { mode, acceptor })
    }
}
