//! Secrets: none is shown, and what was lost with the key can be entered again.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod echoes;
mod key_lost;
