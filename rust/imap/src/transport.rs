//! The bytes of one connection: TCP or TLS, buffered both ways, stoppable, with a limit on silence.
//!
//! Independent of IMAP except for the line end. Every wait is cut into slices so that a [`Cancel`] takes effect within half
//! a second, and ends if the peer is silent for too long. While a write is blocked, incoming data is read, so that two sides that
//! both write never deadlock.

use crate::stream::{SLICE, Socket, Stream, is_pause};
use crate::tls_facts;
use crate::waits::{Waits, wait_on};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Conduct, Failure, FailureKind, Retry, Scope};
use native_tls::TlsStream;
use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::time::Instant;
use zeroize::Zeroize;

/// How much is read at once.
const READ_AT_ONCE: usize = 64 * 1024;
/// How much is collected before it is written.
const WRITE_AT_ONCE: usize = 64 * 1024;
/// Up to this length what was sent is wiped.
const WIPED: usize = 8 * 1024;
/// How much is taken in while a write waits.
const READ_AHEAD_LIMIT: usize = 4 * 1024 * 1024;

/// One connection.
pub struct Transport {
    stream: Stream,
    host: String,
    cancel: Cancel,
    waits: Waits,
    /// Room for what arrives; `taken..filled` was not consumed yet.
    input: Vec<u8>,
    taken: usize,
    filled: usize,
    output: Vec<u8>,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport")
            .field("host", &self.host)
            .field("tls", &self.is_tls())
            .finish_non_exhaustive()
    }
}

impl Transport {
    /// A connection over an open socket; everything until [`Self::end_setup`] must be done by `deadline`.
    ///
    /// # Errors
    /// When the socket does not take its settings.
    pub fn new(socket: TcpStream, host: &str, cancel: &Cancel, deadline: Instant) -> io::Result<Self> {
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(SLICE))?;
        socket.set_write_timeout(Some(SLICE))?;
        Ok(Self {
            stream: Stream::Plain(Socket::new(socket)),
            host: host.to_owned(),
            cancel: cancel.clone(),
            waits: Waits::until(deadline),
            input: Vec::new(),
            taken: 0,
            filled: 0,
            // Passwords and tokens fit: a Vec that grows would leave copies of them behind.
            output: Vec::with_capacity(WIPED),
        })
    }

    /// Ends connection set-up: from now on only silence is limited.
    pub fn end_setup(&mut self) {
        self.waits.drain();
    }

    /// The limits on waiting.
    pub fn waits(&mut self) -> &mut Waits {
        &mut self.waits
    }

    /// Notes that a command was sent, or that a requested answer arrived.
    pub(crate) fn was_useful(&mut self) {
        self.waits.was_useful();
    }

    /// Whether TLS protects the connection.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }

    /// What TLS agreed on, for people.
    pub(crate) fn tls_facts(&self) -> Option<String> {
        match &self.stream {
            Stream::Tls(tls) => Some(tls_facts::describe(tls)),
            Stream::Plain(_) | Stream::Closed => None,
        }
    }

    /// The host that was asked for.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The token that cancels this connection's waits.
    #[must_use]
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Returns the data that has arrived and was not consumed. Waits for at least one byte.
    ///
    /// # Errors
    /// `Disconnected` at the end of the stream, `TimedOut` after too long a silence, or cancellation.
    pub fn fill(&mut self) -> Result<&[u8], Failure> {
        if self.taken == self.filled {
            self.receive()?;
        }
        Ok(&self.input[self.taken..self.filled])
    }

    /// Returns the data that has arrived and was not consumed, without waiting.
    #[must_use]
    pub fn buffered(&self) -> &[u8] {
        &self.input[self.taken..self.filled]
    }

    /// Consumes the first `count` bytes of the data returned by [`Self::fill`].
    pub fn consume(&mut self, count: usize) {
        self.taken = (self.taken + count).min(self.filled);
    }

    /// Whether something has arrived; takes it in, but does not wait for it.
    ///
    /// # Errors
    /// `Disconnected` at the end of the stream.
    pub fn poll(&mut self) -> Result<bool, Failure> {
        if self.taken < self.filled {
            return Ok(true);
        }
        self.take_in_what_is_there()?;
        Ok(self.taken < self.filled)
    }

    /// Appends the next line, its line end included, to `into`.
    ///
    /// # Errors
    /// As [`Self::fill`]; `Protocol` when the line is longer than `max` bytes.
    pub fn read_line(&mut self, max: usize, into: &mut Vec<u8>) -> Result<(), Failure> {
        let begin = into.len();
        loop {
            let here = self.fill()?;
            let (part, done) = match here.iter().position(|b| *b == b'\n') {
                Some(at) => (&here[..=at], true),
                None => (here, false),
            };
            let count = part.len();
            into.extend_from_slice(part);
            self.consume(count);
            if into.len() - begin > max {
                return Err(self.failure(FailureKind::Protocol, Conduct::LineTooLong(max)));
            }
            if done {
                return Ok(());
            }
        }
    }

    /// Appends exactly `count` bytes to `into`.
    ///
    /// # Errors
    /// As [`Self::fill`].
    pub fn read_exact(&mut self, count: usize, into: &mut Vec<u8>) -> Result<(), Failure> {
        let mut missing = count;
        while missing > 0 {
            let here = self.fill()?;
            let part = here.len().min(missing);
            into.extend_from_slice(&here[..part]);
            self.consume(part);
            missing -= part;
        }
        Ok(())
    }

    /// Queues bytes for sending; they leave when enough have gathered, or with [`Self::flush`].
    ///
    /// # Errors
    /// As [`Self::flush`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.output.len() + bytes.len() <= WRITE_AT_ONCE {
            self.output.extend_from_slice(bytes);
            return Ok(());
        }
        self.flush()?;
        if bytes.len() >= WRITE_AT_ONCE {
            return self.send(bytes);
        }
        self.output.extend_from_slice(bytes);
        Ok(())
    }

    /// Sends everything that is queued.
    ///
    /// # Errors
    /// `Disconnected`, `TimedOut` when the peer takes nothing for too long, or cancellation.
    pub fn flush(&mut self) -> Result<(), Failure> {
        if self.output.is_empty() {
            return Ok(());
        }
        let mut output = std::mem::take(&mut self.output);
        let result = self.send(&output);
        // Passwords and tokens pass through here; what is longer is mail.
        if output.len() <= WIPED {
            output.as_mut_slice().zeroize();
        }
        output.clear();
        self.output = output;
        result
    }

    /// Ends the connection without sending what is queued here or in the system.
    pub(crate) fn abort(&mut self) {
        self.output.clear();
        self.stream = Stream::Closed;
    }

    /// Puts TLS on the connection. `shake` does the handshake on the socket.
    ///
    /// # Errors
    /// Whatever `shake` says; `Protocol` when bytes have arrived that were sent before TLS began.
    pub(crate) fn secure(
        mut self,
        shake: impl FnOnce(Socket, &dyn Fn() -> Result<(), Failure>) -> Result<TlsStream<Socket>, Failure>,
    ) -> Result<Self, Failure> {
        if self.taken < self.filled {
            return Err(self.failure(FailureKind::Protocol, Conduct::PlainTextAfterStartTls));
        }
        let Stream::Plain(socket) = self.stream else {
            return Ok(self);
        };
        let (cancel, patience, host) = (self.cancel.clone(), self.waits.patience(), self.host.clone());
        let began = Instant::now();
        let tls = shake(socket, &|| wait_on(&cancel, patience, began, &host))?;
        self.stream = Stream::Tls(Box::new(tls));
        Ok(self)
    }

    /// A failure of this connection; a new one may do better.
    pub(crate) fn failure(&self, kind: FailureKind, conduct: Conduct) -> Failure {
        Failure::new(Scope::User, kind, conduct.of(&self.host)).retry(Retry::Reconnect)
    }

    fn receive(&mut self) -> Result<(), Failure> {
        self.flush()?;
        let began = Instant::now();
        loop {
            // Checked even if data has arrived: a slow-drip peer must not stall connection set-up.
            self.waits.check(&self.cancel, began, &self.host)?;
            match self.read_more() {
                Ok(()) => {
                    self.waits.waited_since(began);
                    return Ok(());
                }
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(self.broken(&error)),
            }
        }
    }

    /// Reads once, behind what is there.
    fn read_more(&mut self) -> io::Result<()> {
        if self.taken == self.filled {
            self.taken = 0;
            self.filled = 0;
        }
        if self.input.len() < self.filled + READ_AT_ONCE {
            self.input.resize(self.filled + READ_AT_ONCE, 0);
        }
        let read = self.stream.read(&mut self.input[self.filled..])?;
        self.filled += read;
        if read == 0 { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    fn send(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        // A worker that was suspended must not send work that another one may have taken over meanwhile.
        if self.cancel.is_cancelled() {
            return Err(Failure::cancelled());
        }
        let mut began = Instant::now();
        loop {
            let sent =
                if bytes.is_empty() { self.stream.flush().map(|()| 0) } else { self.stream.write(bytes) };
            match sent {
                Ok(_) if bytes.is_empty() => return Ok(()),
                Ok(0) => return Err(self.broken(&ErrorKind::WriteZero.into())),
                Ok(count) => {
                    bytes = &bytes[count..];
                    began = Instant::now();
                }
                Err(error) if is_pause(&error) => {
                    wait_on(&self.cancel, self.waits.patience(), began, &self.host)?;
                    if self.filled - self.taken < READ_AHEAD_LIMIT {
                        self.take_in_what_is_there()?;
                    }
                }
                Err(error) => return Err(self.broken(&error)),
            }
        }
    }

    fn take_in_what_is_there(&mut self) -> Result<(), Failure> {
        let blocking = |stream: &Stream, on: bool| stream.set_nonblocking(!on);
        blocking(&self.stream, false).map_err(|e| self.broken(&e))?;
        let read = self.read_more();
        blocking(&self.stream, true).map_err(|e| self.broken(&e))?;
        match read {
            Ok(()) => Ok(()),
            Err(error) if is_pause(&error) => Ok(()),
            Err(error) => Err(self.broken(&error)),
        }
    }

    fn broken(&self, error: &io::Error) -> Failure {
        let conduct = match error.kind() {
            ErrorKind::UnexpectedEof => Conduct::Closed,
            _ => Conduct::ConnectionBroke(error.to_string()),
        };
        self.failure(FailureKind::Disconnected, conduct)
    }
}
