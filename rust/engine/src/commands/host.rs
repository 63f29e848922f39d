//! Validates the name or address of a server.
//!
//! Stricter than DNS only where people err: a port, a scheme or a path beside the name.

use crate::messages::endpoints;
use imapmig_core::api::ApiError;
use std::net::IpAddr;

/// RFC 1035, section 2.3.4.
const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

/// Whether this is a host name or an IP address and nothing else.
pub(crate) fn check(server: &str) -> Result<(), ApiError> {
    let name = server.strip_suffix('.').unwrap_or(server);
    if server.parse::<IpAddr>().is_ok() || (name.len() <= MAX_NAME && name.split('.').all(is_label)) {
        return Ok(());
    }
    Err(endpoints::not_a_host_name(server))
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= MAX_LABEL
        && label.chars().all(|character| character.is_alphanumeric() || matches!(character, '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::terms::Term;

    #[test]
    fn names_and_addresses_are_taken() {
        for server in [
            "imap.contoso.com",
            "localhost",
            "imap.contoso.com.",
            "10.0.0.1",
            "::1",
            "mail_1.x-y",
            "größe.example",
        ] {
            assert_eq!(check(server), Ok(()), "{server}");
        }
    }

    #[test]
    fn ports_schemes_paths_and_blanks_beside_a_name_are_named() {
        for server in ["x:993", "imap://x", "x/", "a b", "user@x", ".", "a..b", "[::1]", &"a".repeat(64)] {
            let error = check(server).unwrap_err();

            assert!(
                error.message.starts_with(&format!("{} \"{server}\" isn't a host name", Term::RemoteServer)),
                "{}",
                error.message
            );
        }
    }
}
