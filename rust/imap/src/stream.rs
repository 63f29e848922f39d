//! What carries a connection's bytes: a socket, or TLS on it; the same on every system.

use native_tls::TlsStream;
use std::cell::Cell;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// How long one wait lasts before the switch to stop is looked at again.
pub(crate) const SLICE: Duration = Duration::from_millis(400);

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
}

impl Socket {
    pub(crate) fn new(tcp: TcpStream) -> Self {
        Self { tcp, until: Cell::new(Instant::now() + SLICE) }
    }

    /// Begins a new slice.
    pub(crate) fn go_on(&self) {
        self.until.set(Instant::now() + SLICE);
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
        not_yet(self.in_time()?.read(buffer))
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        not_yet(self.in_time()?.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
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
            Self::Tls(tls) => tls.read(buffer),
            Self::Closed => Err(ErrorKind::NotConnected.into()),
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.below()?.go_on();
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
            Self::Closed => Err(ErrorKind::NotConnected.into()),
        }
    }
}

/// Whether nothing happened yet, and waiting can go on.
pub(crate) fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
