//! What the store promises, against real files.

#![allow(missing_docs, reason = "a test's name says what it tests")]

mod batches;
mod endpoints;
mod support;
mod users;
