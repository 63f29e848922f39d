//! What carries a connection's bytes: a socket, or TLS on it; the same on every system.

use native_tls::TlsStream;
use std::cell::Cell;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Until a ServerHello ends; its extensions that matter come early.
const HELLO: usize = 512;

/// How long one wait lasts before cancellation is checked again.
pub(crate) const SLICE: Duration = Duration::from_millis(400);
/// How much is read from the system at once for TLS, which asks for each record's few bytes of header first: eight whole records.
const READ_AHEAD: usize = 128 * 1024 + 1024;
/// A read of this size or more asks for no single record: it is not TLS that reads.
const DIRECT: usize = 32 * 1024;
/// How much of what TLS wrote, record by record, is given to the system at once: four whole records.
const GATHERED: usize = 64 * 1024 + 88;

/// What carries the bytes.
pub(crate) enum Stream {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
    /// Given up from this side.
    Closed,
}

/// A socket whose elapsed slices say `WouldBlock` on every system, which is what TLS libraries take for "not yet".
///
/// A TLS library asks for bytes until it has a whole record, and a peer may send it one by one. So a slice ends here, whatever
/// arrives.
#[derive(Debug)]
pub(crate) struct Socket {
    tcp: TcpStream,
    until: Cell<Instant>,
    /// Read but not yet consumed: `ahead[taken..filled]`.
    ahead: Vec<u8>,
    taken: usize,
    filled: usize,
    /// Only data that was read already is returned.
    only_ahead: Cell<bool>,
    /// Written but not yet sent: `behind[sent..]`.
    behind: Vec<u8>,
    sent: usize,
    /// What is written is gathered before it is sent.
    gathers: Cell<bool>,
    /// What the peer sent first of its handshake.
    hello: Vec<u8>,
}

impl Socket {
    pub(crate) fn new(tcp: TcpStream) -> Self {
        Self {
            tcp,
            until: Cell::new(Instant::now() + SLICE),
            ahead: Vec::new(),
            taken: 0,
            filled: 0,
            only_ahead: Cell::new(false),
            behind: Vec::new(),
            sent: 0,
            gathers: Cell::new(false),
            hello: Vec::new(),
        }
    }

    /// What the peer sent first through the buffer of TLS, [`HELLO`] bytes at most.
    pub(crate) fn hello(&self) -> &[u8] {
        &self.hello
    }

    fn has_more(&self) -> bool {
        self.taken < self.filled
    }

    /// Begins a new slice.
    pub(crate) fn go_on(&self) {
        self.until.set(Instant::now() + SLICE);
    }

    /// Sends what was gathered.
    fn send_gathered(&mut self) -> io::Result<()> {
        while self.sent < self.behind.len() {
            match not_yet(self.in_time()?.write(&self.behind[self.sent..]))? {
                0 => return Err(ErrorKind::WriteZero.into()),
                count => self.sent += count,
            }
        }
        self.behind.clear();
        self.sent = 0;
        Ok(())
    }

    fn in_time(&self) -> io::Result<&TcpStream> {
        if Instant::now() < self.until.get() { Ok(&self.tcp) } else { Err(ErrorKind::WouldBlock.into()) }
    }
}

fn not_yet<T>(result: io::Result<T>) -> io::Result<T> {
    match result {
        // Elsewhere this is the network giving the connection up.
        Err(error) if cfg!(windows) && error.kind() == ErrorKind::TimedOut => {
            Err(ErrorKind::WouldBlock.into())
        }
        other => other,
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.has_more() {
            if self.only_ahead.get() {
                return Err(ErrorKind::WouldBlock.into());
            }
            self.in_time()?;
            if buffer.len() >= DIRECT {
                return not_yet(self.tcp.read(buffer));
            }
            self.ahead.resize(READ_AHEAD, 0);
            (self.taken, self.filled) = (0, 0);
            self.filled = not_yet(self.tcp.read(&mut self.ahead))?;
            let wanted = HELLO - self.hello.len();
            self.hello.extend_from_slice(&self.ahead[..self.filled.min(wanted)]);
        }
        let here = &self.ahead[self.taken..self.filled];
        let count = here.len().min(buffer.len());
        buffer[..count].copy_from_slice(&here[..count]);
        self.taken += count;
        Ok(count)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.gathers.get() {
            // What was gathered before goes first.
            self.send_gathered()?;
            return not_yet(self.in_time()?.write(bytes));
        }
        if self.behind.len() + bytes.len() > GATHERED {
            self.send_gathered()?;
        }
        self.behind.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send_gathered()?;
        not_yet(self.tcp.flush())
    }
}

impl Stream {
    pub(crate) fn set_nonblocking(&self, on: bool) -> io::Result<()> {
        self.below()?.tcp.set_nonblocking(on)
    }

    fn below(&self) -> io::Result<&Socket> {
        match self {
            Self::Plain(socket) => Ok(socket),
            Self::Tls(tls) => Ok(tls.get_ref()),
            Self::Closed => Err(ErrorKind::NotConnected.into()),
        }
    }

    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.below()?.go_on();
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(tls) => read_records(tls, buffer),
            Self::Closed => Err(ErrorKind::NotConnected.into()),
        }
    }

    /// Takes bytes; inside TLS they are not all sent before [`Self::flush`].
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.below()?.go_on();
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(tls) => {
                tls.get_ref().gathers.set(true);
                let written = tls.write(bytes);
                tls.get_ref().gathers.set(false);
                written
            }
            Self::Closed => Err(ErrorKind::NotConnected.into()),
        }
    }

    /// Sends what [`Self::write`] took.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.below()?.go_on();
        match self {
            Self::Plain(_) => Ok(()),
            Self::Tls(tls) => tls.get_mut().send_gathered(),
            Self::Closed => Err(ErrorKind::NotConnected.into()),
        }
    }
}

/// Reads one record, and with it those that have arrived behind it.
fn read_records(tls: &mut TlsStream<Socket>, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = tls.read(buffer)?;
    while (1..buffer.len()).contains(&read) && tls.get_ref().has_more() {
        tls.get_ref().only_ahead.set(true);
        let more = tls.read(&mut buffer[read..]);
        tls.get_ref().only_ahead.set(false);
        match more {
            Ok(more @ 1..) => read += more,
            // The end of the stream, an incomplete record or a broken one shows again when it is read next.
            Ok(0) | Err(_) => break,
        }
    }
    Ok(read)
}

/// Returns `true` if nothing has happened yet and waiting may continue.
pub(crate) fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
