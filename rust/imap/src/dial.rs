//! Finds a server's addresses and connects to the first that answers, within 15 seconds in all.

use crate::tls::go_on;
use crate::waits::{CONNECT_LIMIT, connect_timed_out};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Connecting, Failure, FailureKind, NotConnected, Scope};
use socket2::{SockRef, TcpKeepalive};
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How often cancellation is checked.
const SLICE: Duration = Duration::from_millis(200);

/// Returns a connected socket, and the deadline for the greeting.
///
/// # Errors
/// `Unreachable`, `TimedOut`, or cancellation.
pub(crate) fn dial(host: &str, port: u16, cancel: &Cancel) -> Result<(TcpStream, Instant), Failure> {
    let deadline = Instant::now() + CONNECT_LIMIT;
    let socket = connect(host, port, deadline, cancel)?;
    // Keep-alive lets the system detect a vanished peer, even while nothing is read.
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(60));
    // Buffer sizes are left to the system, which tunes them to the line, but only as long as they are not set.
    if let Err(error) = SockRef::from(&socket).set_tcp_keepalive(&keepalive) {
        tracing::debug!(%error, "no keep-alive");
    }
    // If this process dies, appends still in the system's buffers must not be stored while the next process is at work, so the
    // connection is reset instead of drained. After LOGOUT nothing is left in them.
    if let Err(error) = SockRef::from(&socket).set_linger(Some(Duration::ZERO)) {
        tracing::debug!(%error, "no reset at the end");
    }
    Ok((socket, deadline))
}

/// Name look-ups and connects cannot be interrupted, so they run on a thread of their own, which ends by itself when abandoned.
fn connect(host: &str, port: u16, deadline: Instant, cancel: &Cancel) -> Result<TcpStream, Failure> {
    let (sender, receiver) = mpsc::channel();
    let name = host.to_owned();
    let thread = thread::Builder::new().name("connect".to_owned()).spawn(move || {
        // The receiver is gone once the time is up.
        let _ = sender.send(try_addresses(&name, port, deadline));
    });
    if let Err(error) = thread {
        return Err(Failure::no_thread(&error));
    }
    loop {
        go_on(cancel)?;
        match receiver.recv_timeout(SLICE) {
            Ok(Ok(socket)) => return Ok(socket),
            Ok(Err(error)) => return Err(unreachable_failure(host, port, &error)),
            Err(RecvTimeoutError::Timeout) if Instant::now() < deadline => {}
            Err(_) => return Err(connect_timed_out(host)),
        }
    }
}

/// Why no address answered.
enum DialError {
    Unknown(io::Error),
    Refused(io::Error),
    TimedOut,
}

fn try_addresses(host: &str, port: u16, deadline: Instant) -> Result<TcpStream, DialError> {
    let addresses: Vec<SocketAddr> = (host, port).to_socket_addrs().map_err(DialError::Unknown)?.collect();
    let mut last = DialError::Unknown(ErrorKind::NotFound.into());
    for (nth, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(DialError::TimedOut);
        }
        // A silent address must not use up the time of the addresses after it.
        let share = left / u32::try_from(addresses.len() - nth).unwrap_or(1);
        match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
            Ok(socket) => return Ok(socket),
            Err(error) if error.kind() == ErrorKind::TimedOut => last = DialError::TimedOut,
            Err(error) => last = DialError::Refused(error),
        }
    }
    Err(last)
}

fn unreachable_failure(host: &str, port: u16, error: &DialError) -> Failure {
    let not_connected = |why| {
        let case = Connecting::NotConnected { host: host.to_owned(), why };
        Failure::new(Scope::User, FailureKind::Unreachable, case)
    };
    match error {
        DialError::TimedOut => connect_timed_out(host),
        // The name server may be the one that is out of order, so another try can help.
        DialError::Unknown(error) => not_connected(NotConnected::UnknownHost(error.to_string())),
        DialError::Refused(error) if error.kind() == ErrorKind::ConnectionRefused => {
            not_connected(NotConnected::Refused(port, error.to_string()))
        }
        DialError::Refused(error) => not_connected(NotConnected::NotReached(port, error.to_string())),
    }
}
