//! One module a noun: arguments to request, reply to table.

pub(crate) mod batch;
pub(crate) mod config;
pub(crate) mod confirm;
pub(crate) mod endpoint;
pub(crate) mod server;
pub(crate) mod statistics;
pub(crate) mod user;
pub(crate) mod wait;

use std::process::ExitCode;

/// The exit code when the question was answered with no.
pub(crate) const NOT_CONFIRMED: ExitCode = ExitCode::FAILURE;
