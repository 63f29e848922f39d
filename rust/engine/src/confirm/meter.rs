//! Counts the messages that are compared, over all folders under way, and writes the number about once a second.

use super::UserConfirm;
use crate::sync::failure::SyncResult;
use crate::sync::lock::lock;
use imapmig_core::time::UnixMs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often the number is written.
const EVERY: Duration = Duration::from_secs(1);

/// The number of messages that are compared.
pub(super) struct Meter<'a> {
    confirm: &'a UserConfirm,
    state: Mutex<State>,
}

struct State {
    compared: u64,
    written: UnixMs,
}

impl<'a> Meter<'a> {
    /// Begins with what was compared in earlier attempts.
    pub(super) fn new(confirm: &'a UserConfirm, compared: u64) -> Self {
        Self { confirm, state: Mutex::new(State { compared, written: confirm.sides.clock.now() }) }
    }

    /// A folder's part of the number.
    pub(super) fn folder(&self) -> FolderMeter<'_> {
        FolderMeter { meter: self, counted: AtomicU64::new(0) }
    }

    fn add(&self, messages: u64) -> SyncResult {
        let now = self.confirm.sides.clock.now();
        let mut state = lock(&self.state);
        state.compared += messages;
        if state.written.after(EVERY) > now {
            return Ok(());
        }
        self.write(&mut state, now)
    }

    /// Writes a number under the lock, so that none overtakes a greater one.
    fn write(&self, state: &mut State, now: UnixMs) -> SyncResult {
        state.written = now;
        let confirm = self.confirm;
        Ok(confirm.confirmations.note_compared(
            confirm.confirmation,
            confirm.sides.user.id,
            state.compared,
        )?)
    }
}

/// What is counted of one folder. What is not compared to its end does not count.
pub(super) struct FolderMeter<'m> {
    meter: &'m Meter<'m>,
    counted: AtomicU64,
}

impl FolderMeter<'_> {
    /// Counts messages that were read.
    pub(super) fn read(&self, messages: u64) -> SyncResult {
        self.counted.fetch_add(messages, Ordering::AcqRel);
        self.meter.add(messages)
    }

    /// Counts a compared folder and its messages.
    pub(super) fn ended(self, messages: u64) -> SyncResult {
        let counted = self.counted.swap(messages, Ordering::AcqRel);
        let mut state = lock(&self.meter.state);
        state.compared = (state.compared + messages).saturating_sub(counted);
        // Not taken back when this is dropped.
        self.counted.store(0, Ordering::Release);
        self.meter.write(&mut state, self.meter.confirm.sides.clock.now())
    }
}

impl Drop for FolderMeter<'_> {
    fn drop(&mut self) {
        let counted = self.counted.load(Ordering::Acquire);
        let mut state = lock(&self.meter.state);
        state.compared = state.compared.saturating_sub(counted);
    }
}
