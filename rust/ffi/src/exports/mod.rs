//! The exported functions, by noun. Their names, arguments and docs are the header.

pub(crate) mod batch;
pub(crate) mod config;
pub(crate) mod endpoint;
pub(crate) mod engine;
pub(crate) mod operation;
pub(crate) mod reply;
pub(crate) mod server;
pub(crate) mod statistics;
pub(crate) mod user;
