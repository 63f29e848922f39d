//! A command that failed, with the way its error is shown.

use imapmig_core::api::ApiError;
use std::fmt;

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: ApiError,
    pub(crate) json: bool,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}
