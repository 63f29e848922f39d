//! Maildir++ on the local disk, as a source of mail and as a target that Dovecot serves as it is.
//!
//! Each user's mail is one Maildir++ at `<root>/<EmailAddress>/Maildir`. How folders and messages are named is
//! explained in docs/adr/0004-maildir-names.md. Nothing here knows batches, plans or retries: it implements the ports
//! of `imapmig_core` and states in every failure its scope: a message, a folder or the user.

#![forbid(unsafe_code)]

mod address;
mod directory;
mod disk;
mod dotlock;
mod filename;
mod folder_name;
mod header;
mod keywords;
mod listing;
mod owner;
mod source;
mod subscriptions;
mod target;
mod tree;

pub use address::mailbox_path;
pub use source::{MaildirSource, source_connector};
pub use target::{MaildirTarget, MaildirTargets, target_connector};
