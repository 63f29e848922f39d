//! Validates names of new things, and texts that may be left empty.

use crate::messages::common;
use imapmig_core::api::ApiError;

const MAX_CHARS: usize = 64;

/// The name of a new `thing`, without blanks around it. Fails if it is empty, too long or holds control characters.
pub(super) fn check<'n>(thing: &str, name: &'n str) -> Result<&'n str, ApiError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(common::unnamed(thing));
    }
    if name.chars().count() > MAX_CHARS || name.contains(char::is_control) {
        return Err(common::unusable_name(thing, MAX_CHARS));
    }
    Ok(name)
}

/// A text without blanks around it, unless it is absent or empty.
pub(super) fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}
