//! Round trips: how often a client waited for an answer before it went on.
//!
//! A round trip is a command, or a synchronizing literal, that was sent only after the answer before it (a tagged
//! line, a continuation, the greeting) had reached the client. What arrives while answers are still held back was
//! pipelined and costs nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The count of one connection.
#[derive(Debug)]
pub(crate) struct RoundTrips {
    time: Duration,
    count: AtomicU64,
}

impl RoundTrips {
    /// How long an answer is held back after it is complete.
    pub(crate) fn time(&self) -> Duration {
        self.time
    }

    pub(crate) fn add(&self) {
        self.count.fetch_add(1, Ordering::SeqCst);
    }
}

/// The counts of all connections, by their number.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    connections: BTreeMap<u64, Arc<RoundTrips>>,
}

impl Counts {
    /// Starts to count for a connection.
    pub(crate) fn start(&mut self, connection: u64, time: Duration) -> Arc<RoundTrips> {
        let counter = Arc::new(RoundTrips { time, count: AtomicU64::new(0) });
        self.connections.insert(connection, Arc::clone(&counter));
        counter
    }

    /// The counts by connection, without connections that never waited.
    pub(crate) fn by_connection(&self) -> BTreeMap<u64, u64> {
        let counts = self.connections.iter().map(|(number, c)| (*number, c.count.load(Ordering::SeqCst)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// Sets all counts back to zero.
    pub(crate) fn clear(&mut self) {
        for counter in self.connections.values() {
            counter.count.store(0, Ordering::SeqCst);
        }
    }
}
