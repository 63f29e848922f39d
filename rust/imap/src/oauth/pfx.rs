//! Reads a PFX file (PKCS#12): the private keys and the certificates in it. RFC 7292.
//!
//! Reads what OpenSSL, Windows and Java write: DER, protected by a password. A file that is encrypted or signed for another
//! key is refused, as is BER of indefinite length.

use super::pfx_cipher::{Algorithm, decrypt, derive, hash};
use super::pfx_der::{Fields, Password, oid};
use imapmig_core::failure::PfxFault;
use ring::hmac;
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::der::{Decode, Tag};
use zeroize::Zeroizing;

const DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.6");
const KEY_BAG: ObjectIdentifier = oid("1.2.840.113549.1.12.10.1.1");
const ENCRYPTED_KEY_BAG: ObjectIdentifier = oid("1.2.840.113549.1.12.10.1.2");
const CERTIFICATE_BAG: ObjectIdentifier = oid("1.2.840.113549.1.12.10.1.3");
const X509_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.22.1");

/// What a PFX file holds.
#[derive(Default)]
pub(super) struct Contents {
    /// Private keys as PKCS#8.
    pub(super) keys: Vec<Zeroizing<Vec<u8>>>,
    /// Certificates as DER.
    pub(super) certificates: Vec<Vec<u8>>,
}

/// Opens a PFX file.
///
/// # Errors
/// The reason why it cannot be opened.
pub(super) fn read(bytes: &[u8], password: &str) -> Result<Contents, PfxFault> {
    let contents = open(bytes, &Password::new(password));
    if password.is_empty() && contents.is_err() { open(bytes, &Password::none()) } else { contents }
}

fn open(bytes: &[u8], password: &Password<'_>) -> Result<Contents, PfxFault> {
    // PFX: version, authSafe, macData.
    let mut pfx = Fields::of(AnyRef::from_der(bytes).map_err(|_| PfxFault::NotPfx)?, Tag::Sequence)?;
    if pfx.number()? != 3 {
        return Err(PfxFault::NotPfx);
    }
    let safe = content(pfx.sequence()?)?;
    let Content::Plain(safe) = safe else {
        return Err(PfxFault::ProtectedByKey);
    };
    if let Ok(mac) = pfx.sequence() {
        verify(mac, safe, password)?;
    }

    let mut found = Contents::default();
    let mut parts = Fields::of(AnyRef::from_der(safe).map_err(|_| PfxFault::NotPfx)?, Tag::Sequence)?;
    while !parts.ended() {
        match content(parts.sequence()?)? {
            Content::Plain(bags) => found.take(bags, password)?,
            Content::Encrypted(algorithm, bags) => {
                found.take(&decrypt(algorithm, bags, password)?, password)?
            }
        }
    }
    Ok(found)
}

enum Content<'a> {
    Plain(&'a [u8]),
    Encrypted(Algorithm<'a>, &'a [u8]),
}

/// A ContentInfo with data or encrypted data, RFC 5652 sections 3, 4 and 8.
fn content(mut info: Fields<'_>) -> Result<Content<'_>, PfxFault> {
    match info.oid()? {
        DATA => Ok(Content::Plain(info.explicit()?.octets()?)),
        ENCRYPTED_DATA => {
            let mut encrypted = info.explicit()?.sequence()?;
            encrypted.number()?;
            let mut content = encrypted.sequence()?;
            content.oid()?;
            let algorithm = Algorithm::read(content.sequence()?)?;
            // [0] IMPLICIT OCTET STRING
            Ok(Content::Encrypted(algorithm, content.next()?.value()))
        }
        other => Err(PfxFault::UnknownContent(other.to_string())),
    }
}

/// Verifies the MacData, which shows that the password is right.
fn verify(mut mac: Fields<'_>, data: &[u8], password: &Password<'_>) -> Result<(), PfxFault> {
    let mut info = mac.sequence()?;
    let (digest, algorithm) = hash(&Algorithm::read(info.sequence()?)?)?;
    let expected = info.octets()?;
    let salt = mac.octets()?;
    let iterations = if mac.ended() { 1 } else { mac.number()? };
    let key = derive(digest, 3, &password.utf16, salt, iterations, digest.output_len())?;
    hmac::verify(&hmac::Key::new(algorithm, &key), data, expected).map_err(|_| PfxFault::WrongPassword)
}

impl Contents {
    /// Takes keys and certificates out of SafeContents. Other bags, such as revocation lists, are passed over.
    fn take(&mut self, safe_contents: &[u8], password: &Password<'_>) -> Result<(), PfxFault> {
        let mut bags =
            Fields::of(AnyRef::from_der(safe_contents).map_err(|_| PfxFault::WrongPassword)?, Tag::Sequence)?;
        while !bags.ended() {
            let mut bag = bags.sequence()?;
            match bag.oid()? {
                KEY_BAG => self.keys.push(Zeroizing::new(bag.next()?.value().to_vec())),
                ENCRYPTED_KEY_BAG => {
                    let mut key = bag.explicit()?.sequence()?;
                    let algorithm = Algorithm::read(key.sequence()?)?;
                    self.keys.push(decrypt(algorithm, key.octets()?, password)?);
                }
                CERTIFICATE_BAG => {
                    let mut certificate = bag.explicit()?.sequence()?;
                    if certificate.oid()? == X509_CERTIFICATE {
                        self.certificates.push(certificate.explicit()?.octets()?.to_vec());
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}
