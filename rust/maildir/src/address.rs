//! Maps an address to the path of the user's Maildir below the root.
//!
//! The address becomes one directory name. Characters that a file system would read as part of a path, or that Windows reserves, are
//! escaped as `=XX` (the UTF-8 bytes in hexadecimal), and so is an equals sign that would read as an escape: two addresses never
//! share a directory. ASCII letters are lowercased, as Dovecot lowercases a user name before it looks up the home.

use imapmig_core::failure::{BadName, Disk, Failure, FailureKind, Scope};
use std::path::{Path, PathBuf};

/// The longest directory name that the common file systems accept.
pub(crate) const NAME_MAX: usize = 255;

/// Returns the path of this address's Maildir below `root`, whether or not it exists.
///
/// # Errors
/// Scope `User`: the address is empty or too long for a directory name.
pub fn mailbox_path(root: &Path, email_address: &str) -> Result<PathBuf, Failure> {
    Ok(root.join(directory(email_address)?).join("Maildir"))
}

fn directory(address: &str) -> Result<String, Failure> {
    let refuse = |why| {
        let case = Disk::AddressName { address: address.to_owned(), why };
        Err(Failure::new(Scope::User, FailureKind::Local, case))
    };
    let name = escaped(address);
    if name.is_empty() {
        return refuse(BadName::Empty);
    }
    if name.len() > NAME_MAX {
        return refuse(BadName::TooLong);
    }
    Ok(name)
}

fn escaped(address: &str) -> String {
    let mut name = String::with_capacity(address.len());
    let device = is_device(address);
    let last = address.chars().count().saturating_sub(1);
    for (at, c) in address.chars().enumerate() {
        let outer = at == 0 || at == last;
        let rest = || address.chars().skip(at + 1);
        let special = c.is_control()
            || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
            || (outer && matches!(c, '.' | ' '))
            || (at == 0 && device)
            || (c == '=' && rest().take(2).filter(|h| h.is_ascii_hexdigit()).count() == 2);
        if special {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                name.push_str(&format!("={byte:02X}"));
            }
        } else {
            name.push(c.to_ascii_lowercase());
        }
    }
    name
}

/// Returns `true` if Windows reads the name as a device: only the part before the first dot matters.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix)
            .is_some_and(|n| n.chars().count() == 1 && n.chars().all(|c| "123456789¹²³".contains(c)))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::Component;

    #[test]
    fn an_ordinary_address_is_its_own_directory_in_small_letters() {
        let path = mailbox_path(Path::new("/srv/mail"), "Terry.O'Adams+x@contoso.edu").unwrap();

        assert_eq!(path, Path::new("/srv/mail/terry.o'adams+x@contoso.edu/Maildir"));
    }

    #[test]
    fn hostile_addresses_stay_below_the_root() {
        for (address, expected) in [
            ("../../etc", "=2E.=2F..=2Fetc"),
            ("..", "=2E=2E"),
            (".", "=2E"),
            ("a/b@x", "a=2Fb@x"),
            ("a\0b", "a=00b"),
            ("a=2Fb@x", "a=3D2fb@x"),
            ("c:\\mail", "c=3A=5Cmail"),
            ("nul.x@y", "=6Eul.x@y"),
            ("com1", "=63om1"),
            ("x. ", "x.=20"),
        ] {
            assert_eq!(directory(address).unwrap(), expected);
        }
    }

    #[test]
    fn an_address_that_is_no_name_is_refused() {
        assert!(directory("").is_err());
        assert!(directory(&"a".repeat(256)).is_err());
    }

    proptest! {
        #[test]
        fn every_address_is_one_plain_component(address in "\\PC{1,30}|[./\\\\=2F\\x00-\\x20]{1,12}") {
            let name = directory(&address).unwrap();

            let path = PathBuf::from(&name);
            let parts: Vec<_> = path.components().collect();
            prop_assert!(matches!(parts[..], [Component::Normal(part)] if part == name.as_str()));
        }

        #[test]
        fn two_addresses_share_no_directory(a in "[a=2Ff/.\\x01 ]{1,6}", b in "[a=2Ff/.\\x01 ]{1,6}") {
            let same_user = a.eq_ignore_ascii_case(&b);

            prop_assert_eq!(directory(&a).unwrap() == directory(&b).unwrap(), same_user);
        }
    }
}
