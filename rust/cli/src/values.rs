//! Parses the values of options: enums in any case, limits, instants.

use imapmig_core::endpoint::{Authentication, EndpointType, Limit, Security};

/// Reads an enum by the names that serde gives it, in any case.
fn named<T: serde::de::DeserializeOwned>(text: &str, names: &[&str]) -> Result<T, String> {
    let name = names.iter().find(|n| n.eq_ignore_ascii_case(text));
    let name = name.ok_or_else(|| format!("it is none of {}", names.join(", ")))?;
    serde_json::from_value(serde_json::Value::from(*name)).map_err(|e| e.to_string())
}

/// How a connection is protected.
pub(crate) fn security(text: &str) -> Result<Security, String> {
    named(text, &["None", "Ssl", "Tls"])
}

/// How to sign in.
pub(crate) fn authentication(text: &str) -> Result<Authentication, String> {
    named(text, &["Basic", "OAuth"])
}

/// What an endpoint is.
pub(crate) fn endpoint_type(text: &str) -> Result<EndpointType, String> {
    named(text, &["IMAP", "Microsoft365", "Maildir"])
}

/// A number, or Unlimited.
pub(crate) fn limit(text: &str) -> Result<Limit, String> {
    match text.parse() {
        Ok(number) => Ok(Limit::At(number)),
        Err(_) if text.eq_ignore_ascii_case("Unlimited") => Ok(Limit::UNLIMITED),
        Err(_) => Err("it is neither a number nor Unlimited".to_owned()),
    }
}

/// An instant, as milliseconds since 1970.
pub(crate) fn instant(text: &str) -> Result<i64, String> {
    let instant: jiff::Timestamp =
        text.parse().map_err(|_| "write it as 2026-11-21T18:00:00Z, or with an offset".to_owned())?;
    Ok(instant.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_enums_are_read_in_any_case() {
        assert_eq!(security("tLS"), Ok(Security::Tls));
        assert_eq!(endpoint_type("imap"), Ok(EndpointType::Imap));
        assert!(security("Starttls").unwrap_err().contains("None, Ssl, Tls"));
    }
}
