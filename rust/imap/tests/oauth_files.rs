//! Certificate files as OpenSSL, Windows and Java write them are read; anything else is refused with its reason.
#![allow(clippy::unwrap_used, reason = "tests")]

use imapmig_core::failure::{BadCertificate, Case, Failure, FailureKind, PfxFault, Token};
use imapmig_core::secret::Secret;
use imapmig_imap::oauth::certificate::read_file;

const PASSWORD: &str = "P@ssw0rd";
const MODERN: &[u8] = include_bytes!("certificates/application.pfx");
const LEGACY: &[u8] = include_bytes!("certificates/application-legacy.pfx");

fn read(bytes: &[u8], password: &str) -> Result<Secret, Failure> {
    read_file(bytes, Some(&Secret::from(password)))
}

/// The key and the certificate that all files hold.
fn expected() -> Secret {
    read(MODERN, PASSWORD).unwrap()
}

#[test]
fn every_cipher_and_digest_that_such_files_have_is_read() {
    let files: [(&str, &[u8]); 6] = [
        ("RC2 and 3DES", LEGACY),
        ("3DES with SHA-1", include_bytes!("certificates/application-3des.pfx")),
        ("RC2 of 128 bits", include_bytes!("certificates/application-rc2-128.pfx")),
        ("AES of 128 and 192 bits with SHA-512", include_bytes!("certificates/application-aes128.pfx")),
        ("PBES2 with 3DES and SHA-384", include_bytes!("certificates/application-pbes2-3des.pfx")),
        ("no cipher and no digest", include_bytes!("certificates/application-plain.pfx")),
    ];

    for (what, file) in files {
        let read = read(file, PASSWORD).unwrap_or_else(|failure| panic!("{what}: {failure}"));
        assert!(read == expected(), "{what}");
    }
}

#[test]
fn a_pem_file_is_the_same() {
    assert!(read_file(expected().expose().as_bytes(), None).unwrap() == expected());
}

#[test]
fn passwords_may_be_empty_or_of_any_characters() {
    let none = include_bytes!("certificates/application-no-password.pfx");
    let unicode = include_bytes!("certificates/application-unicode.pfx");

    assert!(read_file(none, None).unwrap() == expected());
    assert!(read(none, "").unwrap() == expected());
    assert!(read(unicode, "Пароль-ü-😀").unwrap() == expected());
}

#[test]
fn other_certificates_in_the_file_are_kept_beside_that_of_the_key() {
    let pem = read(include_bytes!("certificates/application-chain.pfx"), PASSWORD).unwrap();

    assert_eq!(pem.expose().matches("BEGIN CERTIFICATE").count(), 2);
    for line in expected().expose().lines() {
        assert!(pem.expose().contains(line));
    }
}

fn unreadable(why: PfxFault) -> Case {
    Token::Certificate(BadCertificate::Pfx(why)).into()
}

#[test]
fn a_wrong_password_is_named() {
    for file in [MODERN, LEGACY] {
        for wrong in ["wrong", ""] {
            let failure = read(file, wrong).unwrap_err();

            assert_eq!(failure.kind, FailureKind::Token);
            assert_eq!(*failure.case, unreadable(PfxFault::WrongPassword));
        }
    }
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    for file in [MODERN, LEGACY] {
        for length in 0..file.len() {
            assert_eq!(read(&file[..length], PASSWORD).unwrap_err().kind, FailureKind::Token, "{length}");
        }
    }
}

#[test]
fn a_file_with_a_changed_byte_is_refused_or_means_the_same() {
    for file in [MODERN, LEGACY] {
        for at in (0..file.len()).step_by(41) {
            let mut changed = file.to_vec();
            changed[at] ^= 0x21;

            if let Ok(read) = read(&changed, PASSWORD) {
                assert!(read == expected(), "byte {at}");
            }
        }
    }
}

#[test]
fn what_is_no_certificate_file_is_refused() {
    for bytes in [&b""[..], b"hello", b"EmailAddress,UserName", &[0x30, 0x80, 0, 0], &[0x30, 0x03, 2, 1, 3]] {
        let failure = read(bytes, PASSWORD).unwrap_err();

        assert_eq!(*failure.case, unreadable(PfxFault::NotPfx));
    }
}
