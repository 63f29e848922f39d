//! Faults: cuts, stalls and answers at exact places of the dialogue.
//!
//! A fault is armed before the start or at runtime, fires once by default, and is then removed.
//!
//! | to play | arm |
//! |---|---|
//! | accepts, never greets | `Fault::new(When::Greeting, What::Stall)` |
//! | is no IMAP server | `Fault::new(When::Greeting, What::Answer("220 smtp ESMTP".into()))` |
//! | the third body breaks off after 500 bytes | `Fault::cut(When::InFetchLiteral(500)).skip(2)` |
//! | stored, but the answer is lost | `Fault::cut(When::AfterCommit)` |
//! | cut in APPEND's tag, line, literal | `InCommand("APPEND", 1)`, `InCommand("APPEND", 12)`, `InAppendLiteral(n)` |
//! | refuses the fifth message | `Fault::new(When::BeforeCommit, What::Answer("NO ...".into())).skip(4)` |
//! | throttles | `Fault::new(When::BeforeCommit, What::Throttle(time))` |
//! | ends the connection whenever one folder is opened | `Fault::cut(When::before("EXAMINE", "Bad")).always()` |
//! | floods | `Fault::new(When::before("FETCH", ""), What::endless("* OK still here"))` |
//! | plain text behind STARTTLS's OK | `Fault::new(When::AfterStarttlsOk, What::Say(b"...".to_vec()))` |
//!
//! In a MULTIAPPEND every message's literal is an opportunity for `InAppendLiteral`, the commit is one for all.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The place where a fault strikes. A verb is `"APPEND"`; `"FETCH"` means UID FETCH too, `"*"` every command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// A connection was accepted, nothing was sent yet.
    Greeting,
    /// This many bytes were sent on one connection.
    Sent(u64),
    /// This many bytes were received on one connection.
    Received(u64),
    /// This many bytes of a command arrived, counted from its tag on, literals included.
    InCommand(String, u64),
    /// A whole command arrived and was not carried out yet.
    BeforeCommand(String),
    /// The same for commands whose first line holds this text.
    BeforeCommandWith(String, String),
    /// This many bytes of what is sent in answer to a command are out.
    InReply(String, u64),
    /// This many bytes of one body literal of a FETCH answer are out.
    InFetchLiteral(u64),
    /// This many bytes of an APPEND's message literal arrived.
    InAppendLiteral(u64),
    /// APPEND: the whole literal arrived, nothing is stored.
    BeforeCommit,
    /// APPEND: stored, not a byte of the answer is out.
    AfterCommit,
    /// APPEND: stored, and this many bytes of the answer are out.
    InAppendReply(u64),
    /// Right behind the OK to STARTTLS, still in plain text.
    AfterStarttlsOk,
}

/// What happens there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The server closes; everything sent before still arrives, then the end of the stream.
    Cut,
    /// The connection is reset (RST); what was sent before may be lost.
    Reset,
    /// Silence until [`Faults::release`] or the server's end, then on as if nothing had been.
    Stall,
    /// Silence for a time, then on.
    StallFor(Duration),
    /// `* BYE text`, then the end.
    Bye(String),
    /// These bytes are put into the stream.
    Say(Vec<u8>),
    /// These bytes are put into the stream again and again, until the client leaves.
    Endless(Vec<u8>),
    /// For `BeforeCommand` and `BeforeCommit`: the command is not carried out but answered with `NO ...` or
    /// `BAD ...`. For `Greeting`: this line instead of the greeting.
    Answer(String),
    /// For `BeforeCommand` and `BeforeCommit`: throttling in Exchange's words. Until the time is over every
    /// command of that account is answered the same, with what is left of it.
    Throttle(Duration),
}

impl When {
    /// A whole command arrived whose first line holds this text, and was not carried out yet.
    pub fn before(verb: &str, holding: &str) -> When {
        When::BeforeCommandWith(verb.to_owned(), holding.to_owned())
    }

    /// Whether this is the place before a command with this first line.
    pub(crate) fn is_before(&self, verb: &str, line: &str) -> bool {
        match self {
            When::BeforeCommand(wanted) => verb_matches(wanted, verb),
            When::BeforeCommandWith(wanted, text) => verb_matches(wanted, verb) && line.contains(text),
            _ => false,
        }
    }
}

impl What {
    /// Sends this line without end.
    pub fn endless(line: &str) -> What {
        What::Endless(format!("{line}\r\n").repeat(500).into_bytes())
    }
}

/// A fault that can be armed.
#[derive(Debug, Clone)]
pub struct Fault {
    when: When,
    what: What,
    skip: u64,
    count: u64,
    account: Option<String>,
}

impl Fault {
    /// A fault that strikes once, at the first opportunity.
    pub fn new(when: When, what: What) -> Fault {
        Fault { when, what, skip: 0, count: 1, account: None }
    }

    /// A cut: the most common fault.
    pub fn cut(when: When) -> Fault {
        Fault::new(when, What::Cut)
    }

    /// Lets the first opportunities pass (commands, literals or connections, by its place).
    pub fn skip(mut self, opportunities: u64) -> Fault {
        self.skip = opportunities;
        self
    }

    /// Strikes so many times.
    pub fn times(mut self, count: u64) -> Fault {
        self.count = count;
        self
    }

    /// Strikes every time.
    pub fn always(self) -> Fault {
        self.times(u64::MAX)
    }

    /// Only for connections signed in to this account.
    pub fn for_account(mut self, login: &str) -> Fault {
        self.account = Some(login.to_owned());
        self
    }
}

/// The faults of a running server; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct State {
    armed: Vec<(u64, Fault)>,
    next_id: u64,
    fired: u64,
    releases: u64,
    stalled: usize,
    stopping: bool,
}

/// A fault that waits for a position in the byte stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pending {
    pub(crate) id: u64,
    pub(crate) after: u64,
}

impl Faults {
    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Arms a fault.
    pub fn arm(&self, fault: Fault) {
        let mut state = self.state();
        let id = state.next_id;
        state.next_id += 1;
        state.armed.push((id, fault));
    }

    /// Takes all faults away.
    pub fn clear(&self) {
        self.state().armed.clear();
    }

    /// How many times a fault has struck.
    pub fn fired(&self) -> u64 {
        self.state().fired
    }

    /// Whether faults are still waiting.
    pub fn pending(&self) -> usize {
        self.state().armed.len()
    }

    /// The places and kinds of the faults that are still waiting, for failure messages.
    pub fn waiting(&self) -> Vec<String> {
        self.state().armed.iter().map(|(_, fault)| format!("{:?} at {:?}", fault.what, fault.when)).collect()
    }

    /// Waits until faults have struck so many times since the start; false if that took longer.
    pub fn wait_fired(&self, count: u64, limit: Duration) -> bool {
        self.wait_while(self.state(), Some(limit), |s| s.fired < count).fired >= count
    }

    /// Waits until so many connections stand still; false if that took longer.
    pub fn wait_stalled(&self, connections: usize, limit: Duration) -> bool {
        self.wait_while(self.state(), Some(limit), |s| s.stalled < connections).stalled >= connections
    }

    /// Lets the connections that stand still now go on.
    pub fn release(&self) {
        self.state().releases += 1;
        self.inner.wake.notify_all();
    }

    /// Ends all stalls for good.
    pub(crate) fn stop(&self) {
        self.state().stopping = true;
        self.inner.wake.notify_all();
    }

    /// The faults that wait at an opportunity; each opportunity counts against `skip`.
    pub(crate) fn watch(&self, account: Option<&str>, place: impl Fn(&When) -> Option<u64>) -> Vec<Pending> {
        let mut state = self.state();
        let mut found = Vec::new();
        for (id, fault) in &mut state.armed {
            if fault.account.is_some() && fault.account.as_deref() != account {
                continue;
            }
            let Some(after) = place(&fault.when) else { continue };
            if fault.skip > 0 {
                fault.skip -= 1;
            } else {
                found.push(Pending { id: *id, after });
            }
        }
        found
    }

    /// Strikes, unless another connection was first.
    pub(crate) fn fire(&self, id: u64) -> Option<What> {
        let mut state = self.state();
        let at = state.armed.iter().position(|(i, _)| *i == id)?;
        let fault = &mut state.armed[at].1;
        let what = fault.what.clone();
        fault.count = fault.count.saturating_sub(1);
        let exhausted = fault.count == 0;
        state.fired += 1;
        if exhausted {
            state.armed.remove(at);
        }
        self.inner.wake.notify_all();
        Some(what)
    }

    /// The first fault at a place that needs no byte position.
    pub(crate) fn strike(&self, account: Option<&str>, place: impl Fn(&When) -> bool) -> Option<What> {
        let waiting = self.watch(account, |when| place(when).then_some(0));
        waiting.iter().find_map(|p| self.fire(p.id))
    }

    /// Waits for the end of a stall; false if the server stops.
    pub(crate) fn wait(&self, limit: Option<Duration>) -> bool {
        let mut state = self.state();
        let releases = state.releases;
        state.stalled += 1;
        self.inner.wake.notify_all();
        let mut state = self.wait_while(state, limit, |s| s.releases == releases && !s.stopping);
        state.stalled -= 1;
        !state.stopping
    }

    fn wait_while<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        limit: Option<Duration>,
        condition: impl Fn(&mut State) -> bool,
    ) -> MutexGuard<'a, State> {
        match limit {
            Some(limit) => {
                let waited = self.inner.wake.wait_timeout_while(state, limit, condition);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => self.inner.wake.wait_while(state, condition).unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// Whether a fault's verb means this command.
pub(crate) fn verb_matches(wanted: &str, verb: &str) -> bool {
    wanted == "*"
        || verb.eq_ignore_ascii_case(wanted)
        || verb.strip_prefix("UID ").is_some_and(|v| v.eq_ignore_ascii_case(wanted))
}
