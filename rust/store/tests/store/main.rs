//! What the store promises, against real files.

#![allow(missing_docs, reason = "a test's name says what it tests")]
#![allow(clippy::unwrap_used, reason = "functions that tests share fail as the tests do")]
#![allow(clippy::print_stderr, reason = "a test tells why it cannot run here")]

mod batches;
mod confirmations;
mod directory;
mod doubts;
mod endpoints;
mod fleets;
mod ledger;
mod logins;
mod mailboxes;
mod opening;
mod processes;
mod secrets;
mod support;
mod suspects;
mod trouble;
mod upgrades;
mod users;
mod workers;
