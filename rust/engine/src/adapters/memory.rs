//! What is known of servers' habits, kept among the settings of the state database.

use imapmig_core::ports::store::Catalog;
use imapmig_imap::literals::ServerMemory;
use std::sync::Arc;

/// Keeps one setting per server.
pub(crate) struct SettingsMemory(pub(crate) Arc<dyn Catalog>);

fn name_of(server: &str) -> String {
    format!("unasked-literals {server}")
}

impl ServerMemory for SettingsMemory {
    fn recall(&self, server: &str) -> Option<bool> {
        // A server about which nothing can be read is tried again.
        let value = self.0.setting(&name_of(server)).ok().flatten()?;
        value.parse().ok()
    }

    fn remember(&self, server: &str, trusted: bool) {
        let value = trusted.to_string();
        if let Err(error) = self.0.set_setting(&name_of(server), Some(&value)) {
            tracing::debug!(%error, server, "a server's habit is kept for this process only");
        }
    }
}
