//! What the store promises, against real files.

#![allow(missing_docs, reason = "a test's name says what it tests")]
#![allow(clippy::unwrap_used, reason = "functions that tests share fail as the tests do")]
#![allow(clippy::print_stderr, reason = "a test tells why it cannot run here")]

mod batches;
mod confirmations;
mod directory;
mod endpoints;
mod faults;
mod fleets;
mod late_duplicates;
mod ledger;
mod logins;
mod mailboxes;
mod opening;
mod processes;
mod secrets;
mod support;
mod suspects;
mod upgrades;
mod users;
mod workers;
