//! Decides whether a server may be sent non-synchronizing literals (LITERAL+ and LITERAL-, RFC 7888).
//!
//! A server that refuses a command before its literal has arrived must read the literal and discard it. Some run its lines as
//! commands instead: Exchange (`<body BAD Command Error. 10`), Dovecot 2.2.1. A line of a message could then delete a mailbox. So a
//! server must first pass a harmless trial (`literal_trial`), and loses the privilege at the first sign of such behaviour: for every
//! user, and through [`ServerMemory`] for later runs.

use crate::ImapServer;
use crate::capability::{Capabilities, Literals};
use imapmig_core::failure::{Conduct, Failure, FailureKind, Scope};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Number of trials ending with the connection after which a server is not trusted.
const TRIALS: u32 = 2;

/// Remembers across processes which servers may be sent non-synchronizing literals.
pub trait ServerMemory: Send + Sync {
    /// Returns what was remembered of this server (`host:port`), if anything.
    fn recall(&self, server: &str) -> Option<bool>;

    /// Remembers whether this server may be sent non-synchronizing literals.
    fn remember(&self, server: &str, trusted: bool);
}

/// What is known of all servers' habits; clones share it.
#[derive(Clone, Default)]
pub struct LiteralHabits {
    known: Arc<Mutex<HashMap<String, Known>>>,
    memory: Option<Arc<dyn ServerMemory>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Trusted(bool),
    /// Number of trials that ended with the connection.
    Lost(u32),
}

impl std::fmt::Debug for LiteralHabits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiteralHabits").finish_non_exhaustive()
    }
}

impl LiteralHabits {
    /// Creates habits that are kept in `memory`; [`Self::default`] forgets them with the process.
    #[must_use]
    pub fn new(memory: Arc<dyn ServerMemory>) -> Self {
        Self { known: Arc::default(), memory: Some(memory) }
    }

    /// Returns the habit of one server.
    pub(crate) fn of(&self, server: &ImapServer) -> LiteralHabit {
        let server = format!("{}:{}", server.host.to_lowercase(), server.port);
        LiteralHabit { habits: self.clone(), server }
    }
}

/// What is known of one server's habit.
#[derive(Clone, Debug)]
pub(crate) struct LiteralHabit {
    habits: LiteralHabits,
    pub(crate) server: String,
}

impl LiteralHabit {
    /// Returns whether the server is trusted; `None` if it has not been tried yet.
    fn trusted(&self) -> Option<bool> {
        let mut known = self.habits.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(&self.server) {
            Some(Known::Trusted(trusted)) => return Some(*trusted),
            Some(Known::Lost(TRIALS..)) => return Some(false),
            Some(Known::Lost(_)) | None => {}
        }
        let remembered = self.habits.memory.as_ref()?.recall(&self.server)?;
        known.insert(self.server.clone(), Known::Trusted(remembered));
        Some(remembered)
    }

    /// Notes, also for later runs, whether the server is trusted.
    pub(crate) fn learn(&self, trusted: bool) {
        let known = Known::Trusted(trusted);
        let mut all = self.habits.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = all.insert(self.server.clone(), known);
        drop(all);
        if let Some(memory) = &self.habits.memory
            && before != Some(known)
        {
            memory.remember(&self.server, trusted);
        }
    }

    /// Notes that a trial ended with the connection.
    pub(crate) fn lost(&self) {
        let mut known = self.habits.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(self.server.clone()).or_insert(Known::Lost(0));
        if let Known::Lost(times) = known {
            *times += 1;
        }
    }

    /// Returns which literals need no continuation request; `None` if that requires a trial.
    pub(crate) fn literals(&self, capabilities: &Capabilities) -> Option<Literals> {
        match (capabilities.literals(), self.trusted()) {
            (Literals::Synchronizing, _) | (_, Some(false)) => Some(Literals::Synchronizing),
            (offered, Some(true)) => Some(offered),
            (_, None) => None,
        }
    }
}

/// Returns the failure of a connection on which lines of a message were, or might be, run as commands.
pub(crate) fn misread(host: &str) -> Failure {
    Failure::new(Scope::User, FailureKind::Protocol, Conduct::MayRunLiterals.of(host))
}
