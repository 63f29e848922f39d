//! Pauses that servers state, shared by everything in this process that talks to the same server or account.
//!
//! A pause has a key: a server (`host:port`) or an account at it (`host:port/login`); [`keys`] makes both. Code that
//! is asked to slow down calls [`Throttles::pause`]; code that is about to send something heavy calls [`Throttles::wait`]. Knows no sockets.

use imapmig_core::cancel::Cancel;
use imapmig_core::failure::Failure;
use imapmig_core::ports::Clock;
use imapmig_core::time::UnixMs;
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A server that states a longer pause than this is asked again after it.
const LONGEST: Duration = Duration::from_hours(24);
/// How often a wait looks at the clock and at the request to stop.
const SLICE: Duration = Duration::from_millis(100);

/// The keys of an account: its server's, then its own.
#[must_use]
pub fn keys(host: &str, port: u16, login: &str) -> [String; 2] {
    let server = format!("{}:{port}", host.to_ascii_lowercase());
    let account = format!("{server}/{login}");
    [server, account]
}

/// The pauses in force.
pub struct Throttles {
    clock: Arc<dyn Clock>,
    until: Mutex<HashMap<String, UnixMs>>,
    changed: Condvar,
}

impl Throttles {
    /// No pauses yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, until: Mutex::default(), changed: Condvar::new() }
    }

    /// Pauses everything with this key until `until`; an earlier end does not shorten a pause in force.
    pub fn pause(&self, key: &str, until: UnixMs) {
        let latest = self.clock.now().after(LONGEST);
        let mut pauses = self.pauses();
        let entry = pauses.entry(key.to_owned()).or_insert(until);
        *entry = (*entry).max(until).min(latest);
        drop(pauses);
        self.changed.notify_all();
    }

    /// The same for a time from now on, as servers state it.
    pub fn pause_for(&self, key: &str, span: Duration) {
        self.pause(key, self.clock.now().after(span));
    }

    /// When the last of these keys' pauses ends, if any is in force.
    #[must_use]
    pub fn until(&self, keys: &[String]) -> Option<UnixMs> {
        let now = self.clock.now();
        let mut pauses = self.pauses();
        pauses.retain(|_, until| *until > now);
        keys.iter().filter_map(|key| pauses.get(key).copied()).max()
    }

    /// Waits until none of these keys has a pause in force. `waiting` is called with the end of the wait whenever it becomes known
    /// or changes, so that it can be shown.
    ///
    /// # Errors
    /// Stopping was asked for.
    pub fn wait(
        &self,
        keys: &[String],
        cancel: &Cancel,
        waiting: &mut dyn FnMut(UnixMs),
    ) -> Result<(), Failure> {
        let mut told = None;
        loop {
            if cancel.is_cancelled() {
                return Err(Failure::cancelled());
            }
            let Some(until) = self.until(keys) else { return Ok(()) };
            if told != Some(until) {
                waiting(until);
                told = Some(until);
            }
            let slice = SLICE.min(until.since(self.clock.now()).max(Duration::from_millis(1)));
            drop(self.changed.wait_timeout(self.pauses(), slice));
        }
    }

    fn pauses(&self) -> MutexGuard<'_, HashMap<String, UnixMs>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::FakeClock;

    #[test]
    fn a_pause_of_a_server_holds_every_account_of_it_and_no_other_server() {
        let throttles = Throttles::new(FakeClock::at(1_000));

        throttles.pause_for("mail.example:993", Duration::from_secs(30));

        assert_eq!(throttles.until(&keys("MAIL.example", 993, "ann")), Some(UnixMs(31_000)));
        assert_eq!(throttles.until(&keys("other.example", 993, "ann")), None);
    }

    #[test]
    fn a_shorter_pause_does_not_end_a_longer_one() {
        let throttles = Throttles::new(FakeClock::at(0));

        throttles.pause("k", UnixMs(5_000));
        throttles.pause("k", UnixMs(2_000));

        assert_eq!(throttles.until(&["k".to_owned()]), Some(UnixMs(5_000)));
    }

    #[test]
    fn a_wait_ends_when_the_pause_does_and_tells_once_until_when() {
        let clock = FakeClock::at(0);
        let throttles = Throttles::new(clock.clone());
        throttles.pause("k", UnixMs(5_000));
        let mut told = Vec::new();

        let end = throttles.wait(&["k".to_owned()], &Cancel::new(), &mut |until| {
            told.push(until);
            clock.set(5_000);
        });

        assert_eq!((end, told), (Ok(()), vec![UnixMs(5_000)]));
    }

    #[test]
    fn a_wait_ends_at_once_when_stopping_is_asked_for() {
        let throttles = Throttles::new(FakeClock::at(0));
        throttles.pause("k", UnixMs(5_000));
        let cancel = Cancel::new();

        let end = throttles.wait(&["k".to_owned()], &cancel, &mut |_| cancel.cancel());

        assert_eq!(end, Err(Failure::cancelled()));
    }
}
