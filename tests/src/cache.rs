//! Where servers and programs for tests are kept.

use std::path::PathBuf;

/// The folder that `tests/servers/install.sh` fills.
pub fn cache() -> PathBuf {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    named("IMAPMIG_TEST_CACHE").unwrap_or_else(|| {
        named("XDG_CACHE_HOME")
            .unwrap_or_else(|| named("HOME").unwrap_or_else(|| "/root".into()).join(".cache"))
            .join("imapmig-tests")
    })
}
