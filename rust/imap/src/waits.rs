//! Limits on waiting for a peer: while connecting, while it is silent, and while it sends nothing of use.

use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Conduct, Connecting, Failure, FailureKind, Scope};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a connection may take from the first packet to the end of the greeting (Exchange's 15 seconds).
pub const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// How long a signed-in server may be silent while it is waited for.
pub const SILENCE_LIMIT: Duration = Duration::from_secs(120);
/// The same for a source that has been silent for too long before.
pub(crate) const SHORT_LIMIT: Duration = Duration::from_secs(30);
/// How long such a source may then go on sending nothing that is of use.
const SHORT_USELESS: Duration = Duration::from_secs(20);
/// How long a server may send nothing of use, such as `* OK still here`.
pub const USELESS_LIMIT: Duration = Duration::from_secs(120);
/// How slowly a body may come, in bytes a second, and up to which size it gets the time for that.
const SLOWEST: (u64, u64) = (8 * 1024, 256 * 1024 * 1024);

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Patience {
    /// Until this instant, whatever arrives: while connecting.
    Until(Instant),
    /// As long as the peer is not silent for longer than this.
    Silence(Duration),
}

/// The limits on waiting for one peer.
#[derive(Debug)]
pub struct Waits {
    patience: Patience,
    /// How long the peer may usually be silent.
    usual_silence: Duration,
    /// How long the peer may send nothing of use.
    useless_limit: Duration,
    /// Time spent waiting since the peer sent something of use, and its limit. Time in which the connection is not read does not
    /// count.
    idle: (Duration, Duration),
    /// Whether a body is coming, which has its time as a whole.
    in_body: bool,
    /// Notes for later connections that the peer was silent for too long.
    was_silent: Option<Arc<AtomicBool>>,
}

impl Waits {
    /// Everything has to be done by this instant, until `end_setup`.
    pub(crate) fn until(deadline: Instant) -> Self {
        Self {
            patience: Patience::Until(deadline),
            usual_silence: SILENCE_LIMIT,
            useless_limit: USELESS_LIMIT,
            idle: (Duration::ZERO, USELESS_LIMIT),
            in_body: false,
            was_silent: None,
        }
    }

    /// Ends connection set-up: from now on only silence is limited.
    pub(crate) fn drain(&mut self) {
        self.limit_silence_as_usual();
        self.was_useful();
    }

    /// Sets how long the peer may be silent.
    pub fn limit_silence(&mut self, limit: Duration) {
        self.patience = Patience::Silence(limit);
    }

    /// Sets the usual limit on silence.
    pub(crate) fn limit_silence_as_usual(&mut self) {
        self.patience = Patience::Silence(self.usual_silence);
    }

    /// Gives the peer less time if it was silent for too long before on a connection that shares this, and notes there if it is again.
    pub fn share_silence(&mut self, was_silent: &Arc<AtomicBool>) {
        if was_silent.load(Ordering::Acquire) {
            self.usual_silence = SHORT_LIMIT;
            self.limit_silence_as_usual();
            self.limit_useless(SHORT_USELESS);
        }
        self.was_silent = Some(Arc::clone(was_silent));
    }

    /// Sets how long the peer may send nothing that is of use.
    pub fn limit_useless(&mut self, limit: Duration) {
        self.useless_limit = limit;
        self.was_useful();
    }

    /// Notes that a command was sent, or that a requested answer arrived.
    pub(crate) fn was_useful(&mut self) {
        self.idle = (Duration::ZERO, self.useless_limit);
        self.in_body = false;
    }

    /// Notes that bytes came which may be of use.
    pub(crate) fn received(&mut self) {
        if !self.in_body {
            self.was_useful();
        }
    }

    /// Notes that a body of this size is about to come, which takes its time and no more.
    pub fn expects_body(&mut self, size: u64) {
        let time = Duration::from_secs(size.min(SLOWEST.1) / SLOWEST.0);
        self.idle = (Duration::ZERO, self.useless_limit + time);
        self.in_body = true;
    }

    /// Notes that a wait that began then is over.
    pub(crate) fn waited_since(&mut self, began: Instant) {
        self.idle.0 += began.elapsed();
    }

    pub(crate) fn patience(&self) -> Patience {
        self.patience
    }

    /// Fails when a wait that began then has lasted long enough.
    pub(crate) fn check(&self, cancel: &Cancel, began: Instant, host: &str) -> Result<(), Failure> {
        let waited = wait_on(cancel, self.patience, began, host).and_then(|()| self.in_use(began, host));
        if let (Err(failure), Some(was_silent)) = (&waited, &self.was_silent)
            && !failure.is_cancelled()
        {
            was_silent.store(true, Ordering::Release);
        }
        waited
    }

    fn in_use(&self, began: Instant, host: &str) -> Result<(), Failure> {
        let (idle, limit) = self.idle;
        if matches!(self.patience, Patience::Until(_)) || idle + began.elapsed() < limit {
            return Ok(());
        }
        let late = if self.in_body { Conduct::MessageTooSlow(limit) } else { Conduct::NothingOfUse(limit) };
        Err(Failure::new(Scope::User, FailureKind::Broken, late.of(host)))
    }
}

/// Fails if waiting must end.
pub(crate) fn wait_on(
    cancel: &Cancel,
    patience: Patience,
    began: Instant,
    host: &str,
) -> Result<(), Failure> {
    if cancel.is_cancelled() {
        return Err(Failure::cancelled());
    }
    match patience {
        Patience::Until(deadline) if Instant::now() >= deadline => Err(connect_timed_out(host)),
        Patience::Silence(limit) if began.elapsed() >= limit => {
            Err(Failure::new(Scope::User, FailureKind::TimedOut, Conduct::Silent(limit).of(host)))
        }
        _ => Ok(()),
    }
}

/// A server that does not answer in time.
pub(crate) fn connect_timed_out(host: &str) -> Failure {
    let case = Connecting::TimedOut { host: host.to_owned(), seconds: CONNECT_LIMIT.as_secs() };
    Failure::new(Scope::User, FailureKind::TimedOut, case)
}
