//! The certificate by which an application signs in: read from PFX (PKCS#12) or PEM, kept as PEM, used to sign.

use super::pfx;
use imapmig_core::failure::{BadCertificate, Failure, FailureKind, Scope, Token};
use imapmig_core::secret::Secret;
use pem::{EncodeConfig, LineEnding, Pem};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use zeroize::Zeroizing;

/// A certificate with its private RSA key.
pub(crate) struct ClientCertificate {
    /// The certificate as DER.
    pub(crate) der: Vec<u8>,
    key: KeyPair,
}

/// Reads a certificate file (PFX or PEM) into the PEM text that is sealed in the state directory: the certificate and its key.
///
/// # Errors
/// `Token`, naming what the file lacks.
pub fn read_file(bytes: &[u8], password: Option<&Secret>) -> Result<Secret, Failure> {
    let text = if bytes.trim_ascii_start().starts_with(b"-----BEGIN") || looks_like_pem(bytes) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(unusable(BadCertificate::KeyEncrypted));
        }
        Secret::new(text)
    } else {
        from_pfx(bytes, password)?
    };
    // What cannot be used is refused now and not at the first sync.
    ClientCertificate::from_pem(text.expose())?;
    Ok(text)
}

fn looks_like_pem(bytes: &[u8]) -> bool {
    // OpenSSL writes "Bag Attributes" and the like before the first block.
    std::str::from_utf8(bytes).is_ok_and(|text| text.contains("-----BEGIN"))
}

fn from_pfx(bytes: &[u8], password: Option<&Secret>) -> Result<Secret, Failure> {
    let contents = pfx::read(bytes, password.map_or("", Secret::expose))
        .map_err(|fault| unusable(BadCertificate::Pfx(fault)))?;
    if contents.keys.is_empty() || contents.certificates.is_empty() {
        return Err(unusable(BadCertificate::PfxIncomplete));
    }
    let lines = EncodeConfig::new().set_line_ending(LineEnding::LF);
    let encode = |tag, contents: &[u8]| Zeroizing::new(pem::encode_config(&Pem::new(tag, contents), lines));
    let certificates = contents.certificates.iter().map(|der| encode("CERTIFICATE", der));
    let keys = contents.keys.iter().map(|key| encode("PRIVATE KEY", key));
    Ok(Secret::new(certificates.chain(keys).fold(String::new(), |text, block| text + &block)))
}

impl ClientCertificate {
    /// Reads PEM text with a private RSA key and its certificate, in any order, among others.
    pub(crate) fn from_pem(text: &str) -> Result<Self, Failure> {
        let blocks =
            pem::parse_many(text).map_err(|error| unusable(BadCertificate::Pem(error.to_string())))?;
        let blocks: Vec<(String, Zeroizing<Vec<u8>>)> =
            blocks.into_iter().map(|b| (b.tag().to_owned(), Zeroizing::new(b.into_contents()))).collect();
        let key = blocks.iter().find_map(|(tag, contents)| match tag.as_str() {
            "PRIVATE KEY" => Some(KeyPair::from_pkcs8(contents)),
            "RSA PRIVATE KEY" => Some(KeyPair::from_der(contents)),
            _ => None,
        });
        let key = key
            .ok_or_else(|| unusable(BadCertificate::NoKey))?
            .map_err(|error| unusable(BadCertificate::UnusableKey(error.to_string())))?;
        let public = key.public_key().as_ref();
        let der = blocks
            .iter()
            .filter(|(tag, _)| tag == "CERTIFICATE")
            // The key's public half stands in its certificate as it is (RFC 5280, SubjectPublicKeyInfo).
            .find(|(_, der)| der.windows(public.len()).any(|window| window == public))
            .map(|(_, der)| der.to_vec())
            .ok_or_else(|| unusable(BadCertificate::NoCertificate))?;
        Ok(Self { der, key })
    }

    /// Signs by RS256.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| unusable(BadCertificate::CannotSign))?;
        Ok(signature)
    }
}

fn unusable(why: BadCertificate) -> Failure {
    Failure::new(Scope::Batch, FailureKind::Token, Token::Certificate(why))
}
