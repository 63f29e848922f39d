//! What is said about files and directories that could not be used.

use super::Said;
use super::server::misuse;
use imapmig_core::failure::{BadName, Disk, DiskError, Doing};
use std::path::Path;

pub(super) fn said(case: &Disk) -> Said {
    Said::new(match case {
        Disk::Refused { doing, path, why } => refused(*doing, path, why),
        Disk::FolderName { folder, why } => {
            format!("the folder \"{}\" cannot be made: {}", folder.escape_debug(), bad_name(*why))
        }
        Disk::AddressName { address, why } => {
            format!("the address \"{}\" cannot name a folder: {}", address.escape_debug(), bad_name(*why))
        }
        Disk::NoFolder { name, maildir } => {
            format!("\"{name}\" is not the name of a folder in {}", maildir.display())
        }
        Disk::FolderGone(directory) => format!("the folder {} does not exist", directory.display()),
        Disk::ForeignLink(path) => format!(
            "{} is a link that another account made, so no mail is written through it; put a directory in its place, or make the link as the account that runs the migration",
            path.display()
        ),
        Disk::NoMaildir(places) => {
            let places: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
            format!("there is no Maildir at {}", places.join(" or "))
        }
        Disk::NoUserRoot { user_root, maildir } => {
            format!("the UserRoot \"{user_root}\" does not exist in {}", maildir.display())
        }
        Disk::ChangedWhileRead(maildir) => {
            format!("a message in {} changed while it was read", maildir.display())
        }
        Disk::LockHeld(lock) => {
            format!("{} is held by another program; remove it if none runs", lock.display())
        }
        Disk::OtherSize { announced, sent } => {
            format!("a message of {announced} bytes came with {sent}; it was not stored")
        }
        Disk::NoSourceOpen => "no source folder is open".to_owned(),
        Disk::Misused(how) => format!("the Maildir target was used wrongly: {}", misuse(*how)),
        Disk::LedgerOfMaildir => {
            "the ledger names a Maildir file, but the target is an IMAP server".to_owned()
        }
    })
}

fn refused(doing: Doing, path: &Path, why: &DiskError) -> String {
    let (doing, place) = (self::doing(doing), path.display());
    match why {
        DiskError::NoSpace => format!(
            "no space is left while {doing} {place}; free some or raise the quota, then start the batch again"
        ),
        DiskError::Denied(error) => format!(
            "access was denied while {doing} {place} ({error}); give the account that runs the migration the right to"
        ),
        DiskError::NotFound => format!("not found while {doing} {place}"),
        DiskError::Other(error) => format!("{error} while {doing} {place}"),
    }
}

/// Completes "while".
const fn doing(doing: Doing) -> &'static str {
    match doing {
        Doing::Opening => "opening",
        Doing::Listing => "listing",
        Doing::Examining => "looking at",
        Doing::Reading => "reading",
        Doing::ReadingMessage => "reading a message in",
        Doing::Comparing => "comparing",
        Doing::Writing => "writing",
        Doing::Storing => "storing",
        Doing::SettingDate => "setting the date of",
        Doing::SettingFlags => "setting the flags of",
        Doing::Locking => "locking",
        Doing::Making => "making",
        Doing::MakingFolder => "making the folder",
    }
}

fn bad_name(why: BadName) -> String {
    match why {
        BadName::Empty => "it has no name".to_owned(),
        BadName::EmptyPart => "a part of its name is empty".to_owned(),
        BadName::Tilde => "its name begins with ~".to_owned(),
        BadName::Character(c) => format!("its name holds {}", c.escape_debug()),
        BadName::TooLong => "its name is longer than 255 bytes on disk".to_owned(),
    }
}
