//! What is known of a server's way with commands that are sent early. The commands are sent by `pipeline`.

use std::sync::atomic::{AtomicU8, Ordering};

/// Whether one account's server takes commands before earlier ones are answered; its connections share it.
#[derive(Debug, Default)]
pub(crate) struct Pipelining(AtomicU8);

const PROVEN: u8 = 1;
const LOST: u8 = 2;

impl Pipelining {
    /// Returns `false` if the server has shown that it loses early commands.
    pub(crate) fn is_possible(&self) -> bool {
        self.0.load(Ordering::Acquire) != LOST
    }

    /// Returns `true` if the server has answered an early command.
    pub(crate) fn is_proven(&self) -> bool {
        self.0.load(Ordering::Acquire) == PROVEN
    }

    /// Notes that the server answered an early command.
    pub(crate) fn prove(&self) {
        self.0.store(PROVEN, Ordering::Release);
    }

    /// Notes that the server lost an early command.
    pub(crate) fn give_up(&self) {
        self.0.store(LOST, Ordering::Release);
    }
}
