//! What is known of how a server handles pipelined commands. `pipeline` sends them.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// Whether one account's server accepts pipelined commands; shared by the account's connections.
#[derive(Debug, Default)]
pub(crate) struct Pipelining {
    state: AtomicU8,
    /// A connection ended over bodies requested before the preceding listing was read.
    early_bodies_failed: AtomicBool,
}

const PROVEN: u8 = 1;
const LOST: u8 = 2;

impl Pipelining {
    /// Returns `false` if the server has shown that it loses early commands.
    pub(crate) fn is_possible(&self) -> bool {
        self.state.load(Ordering::Acquire) != LOST
    }

    /// Returns `true` if the server has answered an early command.
    pub(crate) fn is_proven(&self) -> bool {
        self.state.load(Ordering::Acquire) == PROVEN
    }

    /// Notes that the server answered an early command.
    pub(crate) fn prove(&self) {
        self.state.store(PROVEN, Ordering::Release);
    }

    /// Notes that the server lost an early command.
    pub(crate) fn give_up(&self) {
        self.state.store(LOST, Ordering::Release);
    }

    /// Returns `true` if bodies may be asked for together with the listing of a folder.
    pub(crate) fn allows_early_bodies(&self) -> bool {
        self.is_proven() && !self.early_bodies_failed.load(Ordering::Acquire)
    }

    /// Notes that a connection ended over bodies that were asked for early.
    pub(crate) fn give_up_early_bodies(&self) {
        self.early_bodies_failed.store(true, Ordering::Release);
    }
}
