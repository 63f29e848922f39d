//! The use cases: one file per noun and verb. Each takes a request of `imapmig_core::api` and a [`Context`](crate::context::Context).

pub(crate) mod batch_confirm;
pub(crate) mod batch_create;
pub(crate) mod batch_lifecycle;
pub(crate) mod batch_list;
mod batch_rows;
pub(crate) mod batch_update;
pub(crate) mod config;
mod csv;
pub(crate) mod endpoint;
mod endpoint_draft;
mod host;
mod names;
mod pages;
pub(crate) mod server_test;
pub(crate) mod statistics;
pub(crate) mod user_lifecycle;
pub(crate) mod users;
mod views;
