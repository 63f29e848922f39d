//! Distance: a proxy on 127.0.0.1 that delays bytes, as a long line does.
//!
//! Knows bytes and time, not IMAP. Every direction takes half a round trip, in order and without a limit on
//! throughput; a new connection costs the handshake's one and a half round trips before the server sees it.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::shared::locked;

/// Bytes read at a time.
const PIECE: usize = 64 * 1024;
/// Pieces on their way in one direction: 64 MB, more than 1 Gbit/s holds in 100 ms.
const PIECES: usize = 1024;

/// A running proxy; it ends with its connections when this is dropped.
#[derive(Debug)]
pub struct DelayProxy {
    address: SocketAddr,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    stopping: AtomicBool,
    sockets: Mutex<Vec<TcpStream>>,
}

impl DelayProxy {
    /// Forwards a port that the system chooses to `server`, this far away.
    pub fn start(server: SocketAddr, round_trip: Duration) -> io::Result<DelayProxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let accepting = Arc::clone(&state);
        let thread = std::thread::Builder::new()
            .name("delay-proxy".into())
            .spawn(move || accept_all(&listener, server, round_trip, &accepting))?;
        Ok(DelayProxy { address, state, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for DelayProxy {
    fn drop(&mut self) {
        self.state.stopping.store(true, Ordering::SeqCst);
        self.state.end_all();
        // Wakes the listener out of accept.
        let _woken = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

impl State {
    fn end_all(&self) {
        for socket in locked(&self.sockets).drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

fn accept_all(listener: &TcpListener, server: SocketAddr, round_trip: Duration, state: &Arc<State>) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    while let Ok((client, _)) = listener.accept() {
        if state.stopping.load(Ordering::SeqCst) {
            break;
        }
        let state = Arc::clone(state);
        let thread = std::thread::Builder::new()
            .name("delay-proxy-connection".into())
            .spawn(move || serve(&client, server, round_trip, &state));
        threads.retain(|t| !t.is_finished());
        threads.extend(thread);
    }
    state.end_all();
    for thread in threads {
        let _ended = thread.join();
    }
}

/// Carries one connection in both directions until both have ended.
fn serve(client: &TcpStream, server: SocketAddr, round_trip: Duration, state: &State) {
    std::thread::sleep(round_trip + round_trip / 2);
    let Ok(upstream) = TcpStream::connect(server) else { return };
    let mut halves = Vec::new();
    for socket in [client, &upstream] {
        let _ = socket.set_nodelay(true);
        let (Ok(one), Ok(other)) = (socket.try_clone(), socket.try_clone()) else { return };
        halves.push(one);
        locked(&state.sockets).push(other);
    }
    if state.stopping.load(Ordering::SeqCst) {
        return state.end_all();
    }
    let (Some(to_server), Some(to_client)) = (halves.pop(), halves.pop()) else { return };
    std::thread::scope(|scope| {
        for (from, to) in [(client, to_server), (&upstream, to_client)] {
            let (pieces, arriving) = sync_channel(PIECES);
            scope.spawn(move || depart(from, &pieces, round_trip / 2));
            scope.spawn(move || arrive(to, &arriving));
        }
    });
}

type Piece = (Instant, Vec<u8>);

/// Reads what is sent, and notes when it is due at the other end.
fn depart(mut from: &TcpStream, pieces: &SyncSender<Piece>, delay: Duration) {
    let mut buffer = vec![0; PIECE];
    while let Ok(count) = from.read(&mut buffer) {
        let sent = pieces.send((Instant::now() + delay, buffer[..count].to_vec()));
        if count == 0 || sent.is_err() {
            return;
        }
    }
}

/// Delivers every piece when it is due; an empty one is the end of the stream.
fn arrive(mut to: TcpStream, pieces: &Receiver<Piece>) {
    while let Ok((due, bytes)) = pieces.recv() {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if bytes.is_empty() || to.write_all(&bytes).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND_TRIP: Duration = Duration::from_millis(60);

    /// A server that sends back what it receives, and its proxy.
    fn echo() -> DelayProxy {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || io::copy(&mut &stream, &mut &stream));
            }
        });
        DelayProxy::start(address, ROUND_TRIP).unwrap()
    }

    #[test]
    fn an_answer_takes_a_round_trip_and_every_byte_arrives_in_order() {
        let proxy = echo();
        let mut client = TcpStream::connect(proxy.addr()).unwrap();
        client.write_all(b"x").unwrap();
        client.read_exact(&mut [0]).unwrap();

        let sent: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).take(3_000_000).collect();
        let began = Instant::now();
        let mut writer = client.try_clone().unwrap();
        let writing = {
            let sent = sent.clone();
            std::thread::spawn(move || writer.write_all(&sent))
        };
        let mut received = vec![0; sent.len()];
        client.read_exact(&mut received).unwrap();

        assert!(began.elapsed() >= ROUND_TRIP, "{:?}", began.elapsed());
        assert!(received == sent);
        writing.join().unwrap().unwrap();
    }

    #[test]
    fn the_end_of_the_stream_arrives_too() {
        let proxy = echo();
        let mut client = TcpStream::connect(proxy.addr()).unwrap();
        client.write_all(b"last words").unwrap();
        client.shutdown(Shutdown::Write).unwrap();

        let mut rest = Vec::new();
        client.read_to_end(&mut rest).unwrap();

        assert_eq!(rest, b"last words");
    }

    #[test]
    fn dropping_the_proxy_ends_its_connections() {
        let proxy = echo();
        let mut client = TcpStream::connect(proxy.addr()).unwrap();
        client.write_all(b"x").unwrap();
        client.read_exact(&mut [0]).unwrap();

        drop(proxy);

        assert!(!matches!(client.read(&mut [0]), Ok(n) if n > 0));
    }
}
