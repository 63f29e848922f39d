//! What carries a connection's bytes: a socket, or TLS on it; the same on every system.

use native_tls::TlsStream;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

/// What carries the bytes.
pub(crate) enum Stream {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
}

/// A socket whose elapsed slices say `WouldBlock` on every system, which is what TLS libraries take for "not yet".
#[derive(Debug)]
pub(crate) struct Socket(TcpStream);

impl Socket {
    pub(crate) fn new(socket: TcpStream) -> Self {
        Self(socket)
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
        not_yet(self.0.read(buffer))
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        not_yet(self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        not_yet(self.0.flush())
    }
}

impl Stream {
    pub(crate) fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => &socket.0,
            Self::Tls(tls) => &tls.get_ref().0,
        }
    }

    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }
}

/// Whether nothing happened yet, and waiting can go on.
pub(crate) fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
