//! How folders are named on disk: Maildir++ (`.A.B` beside INBOX's own `cur`), each segment in modified UTF-7.
//!
//! The mapping has escaped names that cannot be written here. This module still refuses any name that would leave the Maildir or be
//! read back as another folder.

use crate::address::NAME_MAX;
use imapmig_core::failure::{BadName, Disk, Failure, FailureKind, Scope};
use imapmig_core::folder::{FolderPath, WireName};
use imapmig_core::mutf7;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// INBOX as a wire name; its directory is the Maildir itself.
const INBOX: &str = "INBOX";

/// Characters that no segment of a folder name may contain; Windows reserves more.
#[cfg(not(windows))]
pub(crate) const FORBIDDEN: &[char] = &['/', '\0'];
/// Characters that no segment of a folder name may contain.
#[cfg(windows)]
pub(crate) const FORBIDDEN: &[char] = &['/', '\0', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// Returns the wire name of a new folder.
///
/// # Errors
/// Scope `Mailbox`: the name cannot be written as a directory.
pub(crate) fn wire_name(path: &FolderPath) -> Result<WireName, Failure> {
    if path.is_inbox() {
        return Ok(WireName(INBOX.into()));
    }
    let refuse = |why| {
        let case = Disk::FolderName { folder: path.to_string(), why };
        Err(Failure::new(Scope::Mailbox, FailureKind::Refused, case))
    };
    match path.segments().first() {
        None => return refuse(BadName::Empty),
        // Dovecot lists such a folder and then refuses to open it.
        Some(first) if first.starts_with('~') => return refuse(BadName::Tilde),
        Some(_) => {}
    }
    let mut directory = String::new();
    for segment in path.segments() {
        if segment.is_empty() {
            return refuse(BadName::EmptyPart);
        }
        if let Some(c) = segment.chars().find(|c| *c == '.' || c.is_control() || FORBIDDEN.contains(c)) {
            return refuse(BadName::Character(c));
        }
        directory.push('.');
        directory.push_str(&mutf7::encode(segment));
    }
    if directory.len() > NAME_MAX {
        return refuse(BadName::TooLong);
    }
    Ok(WireName(directory.into_bytes()))
}

/// The directory of a folder that was listed.
///
/// # Errors
/// Scope `Mailbox`: the name does not stay within the Maildir.
pub(crate) fn directory(maildir: &Path, name: &WireName) -> Result<PathBuf, Failure> {
    if name.0 == INBOX.as_bytes() {
        return Ok(maildir.to_owned());
    }
    match Some(&name.0).filter(|bytes| is_inside(bytes)).and_then(|bytes| os_name(bytes)) {
        Some(relative) => Ok(maildir.join(relative)),
        None => {
            let case =
                Disk::NoFolder { name: name.0.escape_ascii().to_string(), maildir: maildir.to_owned() };
            Err(Failure::new(Scope::Mailbox, FailureKind::NotFound, case))
        }
    }
}

/// Whether the name is one Maildir++ directory, or a relative path of plain directories.
fn is_inside(name: &[u8]) -> bool {
    let plain = |part: &[u8]| {
        !matches!(part, b"" | b"." | b".." | b"cur" | b"new" | b"tmp")
            && part.len() <= NAME_MAX
            && !part.iter().any(|b| b.is_ascii_control() || FORBIDDEN.contains(&char::from(*b)))
    };
    name.split(|b| *b == b'/').all(plain)
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps)]
fn os_name(bytes: &[u8]) -> Option<&OsStr> {
    Some(std::os::unix::ffi::OsStrExt::from_bytes(bytes))
}

#[cfg(not(unix))]
fn os_name(bytes: &[u8]) -> Option<&OsStr> {
    std::str::from_utf8(bytes).ok().map(OsStr::new)
}

/// The place of a Maildir++ directory (its name with the dot in front), or of a plain one.
pub(crate) fn path_of(wire: &WireName) -> FolderPath {
    let name = String::from_utf8_lossy(&wire.0);
    if name == INBOX {
        return FolderPath::inbox();
    }
    let (parts, separator) = match name.strip_prefix('.') {
        Some(parts) => (parts, '.'),
        None => (&*name, '/'),
    };
    // Courier and newer Dovecots write UTF-8; what is neither is shown as it stands.
    let decoded = |part: &str| mutf7::decode(part.as_bytes()).unwrap_or_else(|| part.to_owned());
    FolderPath::new(parts.split(separator).map(decoded))
}

/// Returns the folder's name in a `subscriptions` file, which lacks the leading dot.
pub(crate) fn subscription(name: &WireName) -> String {
    let text = String::from_utf8_lossy(&name.0);
    text.strip_prefix('.').unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folders_are_named_as_dovecot_names_them() {
        for (segments, expected) in [
            (&["INBOX"][..], "INBOX"),
            (&["INBOX", "Sub"], ".INBOX.Sub"),
            (&["Projets", "Été 2024"], ".Projets.&AMk-t&AOk- 2024"),
            (&["R&D"], ".R&-D"),
            (&["日本語"], ".&ZeVnLIqe-"),
            (&["😀"], ".&2D3eAA-"),
            (&[" a ", "~*%\"\\"], ". a .~*%\"\\"),
        ] {
            if cfg!(windows) && expected.contains('*') {
                continue;
            }
            let wire = wire_name(&FolderPath::new(segments.iter().copied())).unwrap();

            assert_eq!(wire, WireName(expected.into()));
        }
    }

    #[test]
    fn what_would_leave_the_maildir_is_refused() {
        let segments = ["", ".", "..", "../../etc", "a/b", "a.b", "a\0b", "tab\t", "\u{7f}"];

        assert!(wire_name(&FolderPath::new(["~home"])).is_err());
        for segment in segments {
            let failure = wire_name(&FolderPath::new([segment])).unwrap_err();
            assert_eq!(failure.scope, Scope::Mailbox, "{segment:?}");
            assert!(wire_name(&FolderPath::new(["a", segment])).is_err(), "{segment:?}");
        }
        assert!(wire_name(&FolderPath::new(["x".repeat(255)])).is_err());
        assert!(wire_name(&FolderPath::new(Vec::<String>::new())).is_err());
    }

    #[test]
    fn wire_names_that_leave_the_maildir_are_not_opened() {
        let maildir = Path::new("/srv/mail/a/Maildir");

        for name in ["", ".", "..", "../b", ".a/../../b", "/etc", "cur", "a/new", ".a\0", "a//b"] {
            assert!(directory(maildir, &WireName(name.into())).is_err(), "{name:?}");
        }
        assert_eq!(directory(maildir, &WireName("INBOX".into())).unwrap(), maildir);
        assert_eq!(directory(maildir, &WireName(".a.b".into())).unwrap(), maildir.join(".a.b"));
        assert_eq!(directory(maildir, &WireName("a/b".into())).unwrap(), maildir.join("a/b"));
    }

    proptest! {
        #[test]
        fn every_name_that_is_taken_comes_back(segments in prop::collection::vec("\\PC{0,12}", 1..4)) {
            let path = FolderPath::new(segments);

            if let Ok(wire) = wire_name(&path) {
                prop_assert_eq!(path_of(&wire), path);
                prop_assert!(directory(Path::new("/m"), &wire).is_ok());
            }
        }

        #[test]
        fn no_wire_name_leaves_the_maildir(bytes in "[./a\\x00\\\\]{0,8}") {
            if let Ok(found) = directory(Path::new("/m"), &WireName(bytes.into())) {
                prop_assert!(found.starts_with("/m"));
                prop_assert!(found.components().all(|c| c.as_os_str() != ".."));
            }
        }
    }
}
