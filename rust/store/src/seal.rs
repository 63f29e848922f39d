//! Seals secrets before they are stored, and opens them again.
//!
//! XChaCha20-Poly1305 under the key file, a random nonce for each value, and the value's place as associated data, so
//! that a sealed value opens in its own row and column alone. docs/adr/0001-sealed-secrets.md says what
//! this protects against.

use crate::directory::{StateDirectory, create_private};
use crate::errors::Fault;
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use imapmig_core::secret::Secret;
use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::mem;
use zeroize::{Zeroize, Zeroizing};

const KEY_LENGTH: usize = 32;
const NONCE_LENGTH: usize = 24;
const TAG_LENGTH: usize = 16;
/// Secrets are padded to a multiple of this, so that the sealed length does not reveal the length of a password.
const BLOCK: usize = 64;
const PAD_START: u8 = 0x80;
const MARK_LENGTH: usize = 16;
const MARK_CONTEXT: &str = "ImapMigration state directory v1: marks of equal passwords";

/// Where a sealed value stands; it opens nowhere else.
pub(crate) struct Place<'a, Id> {
    pub(crate) table: &'a str,
    pub(crate) row: Id,
    pub(crate) column: &'a str,
}

impl<Id: Display> Place<'_, Id> {
    fn associated_data(&self) -> Vec<u8> {
        format!("{}/{}/{}", self.table, self.row, self.column).into_bytes()
    }
}

/// The key of the state directory, for the length of one store call.
pub(crate) struct Sealer {
    key: Zeroizing<[u8; KEY_LENGTH]>,
}

impl Sealer {
    /// Reads the key file, which must be there.
    pub(crate) fn existing(directory: &StateDirectory) -> Result<Self, Fault> {
        Self::read(directory)?.ok_or(Fault::Key)
    }

    /// Reads the key file, or creates it. The caller holds the database's write lock, so that no two
    /// processes make a key at once.
    pub(crate) fn existing_or_new(directory: &StateDirectory) -> Result<Self, Fault> {
        match Self::read(directory)? {
            Some(sealer) => Ok(sealer),
            None => Self::create(directory),
        }
    }

    fn read(directory: &StateDirectory) -> Result<Option<Self>, Fault> {
        let bytes = match fs::read(directory.key()) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        if bytes.len() != key.len() {
            return Err(Fault::Key);
        }
        key.copy_from_slice(&bytes);
        Ok(Some(Self { key }))
    }

    /// Writes a temporary file and renames it, so that a key file is always complete.
    fn create(directory: &StateDirectory) -> Result<Self, Fault> {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        random(&mut *key)?;
        let fresh = directory.root().join("key.new");
        let file = match create_private(&fresh)? {
            Some(file) => file,
            None => {
                // Left over from a process that ended at this point; under the write lock no process uses it.
                imapmig_os::files::remove(&fresh)?;
                create_private(&fresh)?.ok_or(Fault::Key)?
            }
        };
        (&file).write_all(&*key)?;
        file.sync_all()?;
        drop(file);
        imapmig_os::files::rename(&fresh, &directory.key())?;
        sync_directory(directory)?;
        Ok(Self { key })
    }

    /// Seals `secret` for its place: nonce, then ciphertext, then tag.
    pub(crate) fn seal(&self, place: &Place<'_, impl Display>, secret: &Secret) -> Result<Vec<u8>, Fault> {
        let text = secret.expose().as_bytes();
        let padded = (text.len() / BLOCK + 1) * BLOCK;
        // With room for the tag: a buffer that grows leaves its old bytes behind in memory.
        let mut buffer = Zeroizing::new(Vec::with_capacity(padded + TAG_LENGTH));
        buffer.extend_from_slice(text);
        buffer.push(PAD_START);
        buffer.resize(padded, 0);
        let mut nonce = [0; NONCE_LENGTH];
        random(&mut nonce)?;
        self.cipher()
            .encrypt_in_place(&XNonce::from(nonce), &place.associated_data(), &mut *buffer)
            .map_err(|_| Fault::Key)?;
        Ok([&nonce[..], &buffer].concat())
    }

    /// Opens what [`Self::seal`] returned for the same place.
    pub(crate) fn open(&self, place: &Place<'_, impl Display>, sealed: &[u8]) -> Result<Secret, Fault> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_LENGTH>().ok_or(Fault::Key)?;
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        self.cipher()
            .decrypt_in_place(&XNonce::from(*nonce), &place.associated_data(), &mut *buffer)
            .map_err(|_| Fault::Key)?;
        let length = buffer.iter().rposition(|byte| *byte == PAD_START).ok_or(Fault::Key)?;
        buffer.truncate(length);
        match String::from_utf8(mem::take(&mut *buffer)) {
            Ok(text) => Ok(Secret::new(text)),
            Err(error) => {
                error.into_bytes().zeroize();
                Err(Fault::Key)
            }
        }
    }

    /// A mark that two secrets share if they are equal and have the same `scope`, and that reveals nothing without the key.
    pub(crate) fn mark(&self, scope: impl Display, secret: &Secret) -> Vec<u8> {
        let key = Zeroizing::new(blake3::derive_key(MARK_CONTEXT, &*self.key));
        let mut hasher = blake3::Hasher::new_keyed(&key);
        hasher.update(scope.to_string().as_bytes()).update(&[0]).update(secret.expose().as_bytes());
        let mark = hasher.finalize().as_bytes()[..MARK_LENGTH].to_vec();
        hasher.zeroize();
        mark
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.key).into())
    }
}

fn random(bytes: &mut [u8]) -> Result<(), Fault> {
    getrandom::fill(bytes).map_err(|error| Fault::File(io::Error::other(error.to_string())))
}

#[cfg(unix)]
fn sync_directory(directory: &StateDirectory) -> io::Result<()> {
    fs::File::open(directory.root())?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_directory: &StateDirectory) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    fn sealer(byte: u8) -> Sealer {
        Sealer { key: Zeroizing::new([byte; KEY_LENGTH]) }
    }

    fn place(row: u8) -> Place<'static, u8> {
        Place { table: "users", row, column: "password" }
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_in_its_place_with_its_key_alone(text in ".{0,200}") {
            let secret = Secret::new(text);

            let sealed = sealer(1).seal(&place(1), &secret).unwrap();

            assert_eq!(sealer(1).open(&place(1), &sealed).unwrap(), secret);
            assert!(sealer(2).open(&place(1), &sealed).is_err());
            assert!(sealer(1).open(&place(2), &sealed).is_err());
            assert_eq!((sealed.len() - NONCE_LENGTH - TAG_LENGTH) % BLOCK, 0);
        }

        #[test]
        fn a_changed_or_cut_value_does_not_open(at in 0..40_usize, bit in 0..8_u8) {
            let mut sealed = sealer(1).seal(&place(1), &Secret::from("password")).unwrap();

            sealed[at] ^= 1 << bit;

            assert!(sealer(1).open(&place(1), &sealed).is_err());
            assert!(sealer(1).open(&place(1), &sealed[..at]).is_err());
        }
    }

    #[test]
    fn the_same_secret_is_never_sealed_the_same_way_twice() {
        let secret = Secret::from("password");

        let [one, two] = [(); 2].map(|()| sealer(1).seal(&place(1), &secret).unwrap());

        assert_ne!(one, two);
    }

    #[test]
    fn marks_are_equal_for_equal_secrets_of_one_scope_and_key() {
        let secret = Secret::from("password");
        let mark = sealer(1).mark("one", &secret);

        assert_eq!(mark, sealer(1).mark("one", &secret));
        assert_ne!(mark, sealer(1).mark("two", &secret));
        assert_ne!(mark, sealer(2).mark("one", &secret));
        assert_ne!(mark, sealer(1).mark("one", &Secret::from("Password")));
    }
}
