//! The ciphers of PFX files: PBES2 (RFC 8018) and PKCS#12's own with RC2 and 3DES (RFC 7292 appendices B and C).

use super::pfx_der::{Fields, Password, oid};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, InnerIvInit, KeyInit, KeyIvInit};
use imapmig_core::failure::PfxFault;
use ring::digest::{self, digest};
use ring::{hmac, pbkdf2};
use std::num::NonZeroU32;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Tag, Tagged};
use zeroize::Zeroizing;

const PBES2: ObjectIdentifier = oid("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = oid("1.2.840.113549.1.5.12");
const HMAC_SHA1: ObjectIdentifier = oid("1.2.840.113549.2.7");
const HMAC_SHA256: ObjectIdentifier = oid("1.2.840.113549.2.9");
const HMAC_SHA384: ObjectIdentifier = oid("1.2.840.113549.2.10");
const HMAC_SHA512: ObjectIdentifier = oid("1.2.840.113549.2.11");
const AES_128: ObjectIdentifier = oid("2.16.840.1.101.3.4.1.2");
const AES_192: ObjectIdentifier = oid("2.16.840.1.101.3.4.1.22");
const AES_256: ObjectIdentifier = oid("2.16.840.1.101.3.4.1.42");
const TRIPLE_DES: ObjectIdentifier = oid("1.2.840.113549.3.7");
const SHA1_AND_TRIPLE_DES: ObjectIdentifier = oid("1.2.840.113549.1.12.1.3");
const SHA1_AND_RC2_128: ObjectIdentifier = oid("1.2.840.113549.1.12.1.5");
const SHA1_AND_RC2_40: ObjectIdentifier = oid("1.2.840.113549.1.12.1.6");
const SHA1: ObjectIdentifier = oid("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");

/// Seconds of work. More than that is no protection but an attempt to keep this program busy.
const MAXIMUM_ITERATIONS: u32 = 10_000_000;

/// An AlgorithmIdentifier: its name, and its parameters where it has some.
pub(super) struct Algorithm<'a> {
    name: ObjectIdentifier,
    parameters: Fields<'a>,
}

impl<'a> Algorithm<'a> {
    pub(super) fn read(mut fields: Fields<'a>) -> Result<Self, PfxFault> {
        Ok(Self { name: fields.oid()?, parameters: fields })
    }
}

/// A digest, and the HMAC with it.
pub(super) fn hash(of: &Algorithm<'_>) -> Result<(&'static digest::Algorithm, hmac::Algorithm), PfxFault> {
    match of.name {
        SHA1 => Ok((&digest::SHA1_FOR_LEGACY_USE_ONLY, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY)),
        SHA256 => Ok((&digest::SHA256, hmac::HMAC_SHA256)),
        SHA384 => Ok((&digest::SHA384, hmac::HMAC_SHA384)),
        SHA512 => Ok((&digest::SHA512, hmac::HMAC_SHA512)),
        other => Err(unsupported(other)),
    }
}

/// Decrypts what a password protects.
pub(super) fn decrypt(
    algorithm: Algorithm<'_>,
    data: &[u8],
    password: &Password<'_>,
) -> Result<Zeroizing<Vec<u8>>, PfxFault> {
    let Algorithm { name, mut parameters } = algorithm;
    let mut parameters = parameters.sequence()?;
    if name == PBES2 {
        return pbes2(parameters, data, password);
    }
    let (salt, iterations) = (parameters.octets()?, parameters.number()?);
    let derived =
        |id, length| derive(&digest::SHA1_FOR_LEGACY_USE_ONLY, id, &password.utf16, salt, iterations, length);
    let iv = derived(2, 8)?;
    match name {
        SHA1_AND_TRIPLE_DES => cbc::<des::TdesEde3>(&derived(1, 24)?, &iv, data),
        SHA1_AND_RC2_128 => cbc::<rc2::Rc2>(&derived(1, 16)?, &iv, data),
        SHA1_AND_RC2_40 => cbc::<rc2::Rc2>(&derived(1, 5)?, &iv, data),
        other => Err(unsupported(other)),
    }
}

fn pbes2(
    mut parameters: Fields<'_>,
    data: &[u8],
    password: &Password<'_>,
) -> Result<Zeroizing<Vec<u8>>, PfxFault> {
    let mut derivation = parameters.sequence()?;
    let mut encryption = parameters.sequence()?;
    let name = derivation.oid()?;
    if name != PBKDF2 {
        return Err(unsupported(name));
    }
    let mut derivation = derivation.sequence()?;
    let salt = derivation.octets()?;
    let iterations = iterations(derivation.number()?)?;
    // keyLength and prf are optional.
    let mut prf = pbkdf2::PBKDF2_HMAC_SHA1;
    while !derivation.ended() {
        let field = derivation.next()?;
        if field.tag() == Tag::Integer {
            continue;
        }
        prf = match Fields::of(field, Tag::Sequence)?.oid()? {
            HMAC_SHA1 => pbkdf2::PBKDF2_HMAC_SHA1,
            HMAC_SHA256 => pbkdf2::PBKDF2_HMAC_SHA256,
            HMAC_SHA384 => pbkdf2::PBKDF2_HMAC_SHA384,
            HMAC_SHA512 => pbkdf2::PBKDF2_HMAC_SHA512,
            other => return Err(unsupported(other)),
        };
    }
    let key = |length| {
        let mut key = Zeroizing::new(vec![0; length]);
        pbkdf2::derive(prf, iterations, salt, password.utf8.as_bytes(), &mut key);
        key
    };
    let cipher = encryption.oid()?;
    let iv = encryption.octets()?;
    match cipher {
        AES_128 => cbc::<aes::Aes128>(&key(16), iv, data),
        AES_192 => cbc::<aes::Aes192>(&key(24), iv, data),
        AES_256 => cbc::<aes::Aes256>(&key(32), iv, data),
        TRIPLE_DES => cbc::<des::TdesEde3>(&key(24), iv, data),
        other => Err(unsupported(other)),
    }
}

fn cbc<C>(key: &[u8], iv: &[u8], data: &[u8]) -> Result<Zeroizing<Vec<u8>>, PfxFault>
where
    C: BlockCipherDecrypt + KeyInit,
    cbc::Decryptor<C>: KeyIvInit + InnerIvInit<Inner = C>,
{
    let cipher = C::new_from_slice(key).map_err(|_| PfxFault::WrongPassword)?;
    let decryptor = cbc::Decryptor::inner_iv_slice_init(cipher, iv).map_err(|_| PfxFault::WrongPassword)?;
    let plain = decryptor.decrypt_padded_vec::<Pkcs7>(data).map_err(|_| PfxFault::WrongPassword)?;
    Ok(Zeroizing::new(plain))
}

/// Derives `length` bytes for a key (`id` 1), an initial vector (2) or a MAC (3): RFC 7292 appendix B.2, with its letters.
pub(super) fn derive(
    hash: &'static digest::Algorithm,
    id: u8,
    password: &[u8],
    salt: &[u8],
    rounds: u32,
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, PfxFault> {
    let rounds = iterations(rounds)?.get();
    let v = hash.block_len();
    let filled = |bytes: &[u8]| -> Vec<u8> {
        bytes.iter().copied().cycle().take(bytes.len().div_ceil(v) * v).collect()
    };
    let mut i = Zeroizing::new(filled(salt));
    i.extend(filled(password));
    let mut derived = Zeroizing::new(Vec::with_capacity(length + hash.output_len()));
    while derived.len() < length {
        let mut a = digest(hash, &[&vec![id; v], i.as_slice()].concat());
        for _ in 1..rounds {
            a = digest(hash, a.as_ref());
        }
        derived.extend_from_slice(a.as_ref());
        // Each block of I becomes I + B + 1, where B is A repeated.
        for block in i.chunks_mut(v) {
            let mut carry = 1;
            for (at, byte) in block.iter_mut().enumerate().rev() {
                let sum = u16::from(*byte) + u16::from(a.as_ref()[at % hash.output_len()]) + carry;
                carry = sum >> 8;
                *byte = sum.to_be_bytes()[1];
            }
        }
    }
    derived.truncate(length);
    Ok(derived)
}

fn iterations(count: u32) -> Result<NonZeroU32, PfxFault> {
    NonZeroU32::new(count)
        .filter(|count| count.get() <= MAXIMUM_ITERATIONS)
        .ok_or(PfxFault::TooManyRounds { rounds: count, most: MAXIMUM_ITERATIONS })
}

fn unsupported(name: ObjectIdentifier) -> PfxFault {
    PfxFault::UnknownAlgorithm(name.to_string())
}
