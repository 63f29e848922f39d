//! The signed statement by which an application proves that it holds its certificate's key. RFC 7523 section 3.
//!
//! Microsoft identity platform, "Application authentication certificate credentials".

use super::certificate::ClientCertificate;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use imapmig_core::failure::Failure;
use imapmig_core::time::UnixMs;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use serde_json::json;
use uuid::Uuid;

/// How long the statement is valid, in seconds.
const LIFETIME: i64 = 600;

/// A statement of `application` for this token address.
pub(super) fn assertion(
    certificate: &ClientCertificate,
    application: &str,
    audience: &str,
    now: UnixMs,
) -> Result<String, Failure> {
    let thumbprint = |algorithm| URL_SAFE_NO_PAD.encode(digest(algorithm, &certificate.der));
    let header = json!({
        "alg": "RS256",
        "typ": "JWT",
        "x5t": thumbprint(&SHA1_FOR_LEGACY_USE_ONLY),
        "x5t#S256": thumbprint(&SHA256),
    });
    let seconds = now.0 / 1000;
    let claims = json!({
        "aud": audience,
        "iss": application,
        "sub": application,
        "jti": Uuid::new_v4().to_string(),
        "iat": seconds,
        "nbf": seconds,
        "exp": seconds + LIFETIME,
    });
    let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(&header), encode(&claims));
    let signature = certificate.sign(message.as_bytes())?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
