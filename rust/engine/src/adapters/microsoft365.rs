//! Endpoints of type Microsoft365: Exchange Online's IMAP, with tokens.

use super::imap::Imap;

/// Exchange Online.
pub(super) const MICROSOFT365: Imap =
    Imap { name: "Microsoft365", default_server: Some("outlook.office365.com"), signs_in_by_token: true };
