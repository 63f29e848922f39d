//! A slow path to a server: passes bytes on, so many a second in each direction of each connection; or only the bodies of
//! messages, so that all the rest is as quick as ever.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A port that leads to another one, slowly. It closes when this is dropped.
#[derive(Debug)]
pub struct SlowPath {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    to: u16,
    bytes_a_second: AtomicU64,
    only_bodies: bool,
    connections: AtomicU64,
    sent: AtomicU64,
    answered: AtomicU64,
    bodies: AtomicU64,
    /// How many more bytes of bodies may pass; then they wait.
    allowed: AtomicI64,
    /// Connections of earlier times are closed.
    time: AtomicU64,
    closing: AtomicBool,
}

impl Shared {
    fn is(&self, time: u64) -> bool {
        self.time.load(Ordering::Relaxed) == time && !self.closing.load(Ordering::Relaxed)
    }
}

/// What begins a body in the answer to a FETCH.
const BODY: &[u8] = b"BODY[";

impl SlowPath {
    /// A path to `port`.
    pub fn to(port: u16, bytes_a_second: u64) -> Self {
        Self::start(port, bytes_a_second, false)
    }

    /// A path to `port` on which a connection is slow from the first body on that it fetches. Connections differ by up to four
    /// times, so that what several of them fetch does not arrive at the same moment.
    pub fn of_bodies(port: u16, bytes_a_second: u64) -> Self {
        Self::start(port, bytes_a_second, true)
    }

    fn start(port: u16, bytes_a_second: u64, only_bodies: bool) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port of the system's choice");
        let own = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared {
            to: port,
            bytes_a_second: bytes_a_second.into(),
            only_bodies,
            connections: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            bodies: AtomicU64::new(0),
            allowed: AtomicI64::new(i64::MAX),
            time: AtomicU64::new(0),
            closing: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || accept(&listener, &accepting));
        Self { port: own, shared }
    }

    /// Where it begins.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Closes what is connected, and lets so many bytes of bodies pass from now on; what is beyond them waits.
    pub fn allow(&self, bytes: i64) {
        self.shared.time.fetch_add(1, Ordering::Relaxed);
        self.shared.allowed.store(bytes, Ordering::Relaxed);
    }

    /// Whether everything that was allowed has passed.
    pub fn has_passed_all(&self) -> bool {
        self.shared.allowed.load(Ordering::Relaxed) <= 0
    }

    /// Makes it slower or faster.
    pub fn set_bytes_a_second(&self, bytes: u64) {
        self.shared.bytes_a_second.store(bytes.max(1), Ordering::Relaxed);
    }

    /// How many bytes clients have sent so far.
    pub fn sent(&self) -> u64 {
        self.shared.sent.load(Ordering::Relaxed)
    }

    /// How many bytes the server has sent so far.
    pub fn answered(&self) -> u64 {
        self.shared.answered.load(Ordering::Relaxed)
    }

    /// How many of them came slowly, on a path that slows bodies only.
    pub fn bodies(&self) -> u64 {
        self.shared.bodies.load(Ordering::Relaxed)
    }
}

impl Drop for SlowPath {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        // Wakes the listener.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((client, _)) = listener.accept() {
        if shared.closing.load(Ordering::Relaxed) {
            return;
        }
        let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, shared.to)) else { continue };
        // Small pieces shall arrive as they are sent.
        let _ = server.set_nodelay(true);
        let _ = client.set_nodelay(true);
        let (Ok(answers), Ok(back)) = (server.try_clone(), client.try_clone()) else { continue };
        let number = shared.connections.fetch_add(1, Ordering::Relaxed);
        for (from, to, count) in [(answers, back, answered as Count), (client, server, sent)] {
            let shared = Arc::clone(shared);
            std::thread::spawn(move || pass(from, to, &shared, number, count(&shared)));
        }
    }
}

type Count = fn(&Shared) -> &AtomicU64;

fn sent(shared: &Shared) -> &AtomicU64 {
    &shared.sent
}

fn answered(shared: &Shared) -> &AtomicU64 {
    &shared.answered
}

fn pass(mut from: TcpStream, mut to: TcpStream, shared: &Shared, number: u64, count: &AtomicU64) {
    let mut bytes = [0; 4096];
    let mut tail = Vec::new();
    let mut slow = !shared.only_bodies;
    let mut due = Instant::now();
    let time = shared.time.load(Ordering::Relaxed);
    loop {
        while slow && shared.allowed.load(Ordering::Relaxed) <= 0 && shared.is(time) {
            crate::wait_until(Duration::from_secs(1), || {
                shared.allowed.load(Ordering::Relaxed) > 0 || !shared.is(time)
            });
        }
        if !shared.is(time) {
            break;
        }
        let slower = if shared.only_bodies { 1 + number % 4 } else { 1 };
        let rate = (shared.bytes_a_second.load(Ordering::Relaxed) / slower).max(1);
        // Pieces of some milliseconds, so that a cut can fall anywhere.
        let piece = if slow { usize::try_from(rate / 200).unwrap_or(usize::MAX) } else { usize::MAX };
        let piece = piece.clamp(16, bytes.len());
        let Ok(n @ 1..) = from.read(&mut bytes[..piece]) else { break };
        if to.write_all(&bytes[..n]).is_err() {
            break;
        }
        count.fetch_add(n as u64, Ordering::Relaxed);
        if slow {
            due = due.max(Instant::now()) + Duration::from_micros(n as u64 * 1_000_000 / rate);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if shared.only_bodies {
                shared.bodies.fetch_add(n as u64, Ordering::Relaxed);
                shared.allowed.fetch_sub(i64::try_from(n).unwrap_or(0), Ordering::Relaxed);
            }
        } else {
            tail.extend_from_slice(&bytes[..n]);
            slow = tail.windows(BODY.len()).any(|at| at == BODY);
            tail.drain(..tail.len().saturating_sub(BODY.len()));
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
