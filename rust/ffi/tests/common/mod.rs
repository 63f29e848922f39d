//! Finds the cdylib that this test run built.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::PathBuf;

/// The folder and file of the library.
pub(crate) fn library() -> PathBuf {
    let deps = std::env::current_exe().unwrap().parent().unwrap().to_path_buf();
    [deps.join("libimapmig.so"), deps.parent().unwrap().join("libimapmig.so")]
        .into_iter()
        .find(|p| p.exists())
        .expect("cargo builds the cdylib with the tests")
}
