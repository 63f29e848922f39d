//! What requests name and are named: names of new things, and texts that may be left empty.

use crate::errors;
use imapmig_core::api::ApiError;

const MAX_CHARS: usize = 64;

/// The name of a new `thing`, without blanks around it. Fails if it is empty, too long or holds control characters.
pub(super) fn check<'n>(thing: &str, name: &'n str) -> Result<&'n str, ApiError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(errors::invalid(format!("Name is empty. Please give the {thing} a name.")));
    }
    if name.chars().count() > MAX_CHARS || name.contains(char::is_control) {
        return Err(errors::invalid(format!(
            "The name of a {thing} has at most {MAX_CHARS} characters and no control characters. Please choose another one."
        )));
    }
    Ok(name)
}

/// A text without blanks around it, unless it is absent or empty.
pub(super) fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}
