//! Whether a server may be sent literals that it did not ask for (LITERAL+ and LITERAL-, RFC 7888).
//!
//! A server that refuses a command before its unasked literal has arrived must read the literal and drop it. Some read its lines as
//! commands instead: Exchange (`<body BAD Command Error. 10`), Dovecot 2.2.1. A line of a mail could then delete a mailbox. So a
//! server earns unasked literals by a trial that can harm nothing (`literal_trial`), and loses them at the first sign of the habit: for every
//! user, and through [`ServerMemory`] for later runs.

use crate::ImapServer;
use crate::capability::{Capabilities, Literals};
use imapmig_core::failure::{Conduct, Failure, FailureKind, Scope};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// After so many trials that ended with the connection a server is taken for one that cannot be trusted.
const TRIALS: u32 = 2;

/// Remembers across processes which servers may be sent unasked literals.
pub trait ServerMemory: Send + Sync {
    /// Returns what was remembered of this server (`host:port`), if anything.
    fn recall(&self, server: &str) -> Option<bool>;

    /// Remembers whether this server may be sent unasked literals.
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
    /// So many trials ended with the connection.
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
    /// Returns whether the server is trusted with unasked literals; `None` if that was not tried yet.
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

    /// Notes, also for later runs, whether the server may be sent unasked literals.
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

    /// Returns which literals may go unasked according to what is known; `None` if a trial has to show.
    pub(crate) fn literals(&self, capabilities: &Capabilities) -> Option<Literals> {
        match (capabilities.literals(), self.trusted()) {
            (Literals::Synchronizing, _) | (_, Some(false)) => Some(Literals::Synchronizing),
            (offered, Some(true)) => Some(offered),
            (_, None) => None,
        }
    }
}

/// The failure of a connection on which lines of a message were, or might be, read as commands.
pub(crate) fn misread(host: &str) -> Failure {
    Failure::new(Scope::User, FailureKind::Protocol, Conduct::MayRunLiterals.of(host))
}
