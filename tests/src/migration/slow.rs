//! A slow path to a server: passes bytes on, what the client sends at so many bytes a second.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
    passed: AtomicU64,
    closing: AtomicBool,
}

impl SlowPath {
    /// A path to `port`.
    pub fn to(port: u16, bytes_a_second: u64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port of the system's choice");
        let own = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared {
            to: port,
            bytes_a_second: bytes_a_second.into(),
            passed: AtomicU64::new(0),
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

    /// Makes it slower or faster.
    pub fn set_bytes_a_second(&self, bytes: u64) {
        self.shared.bytes_a_second.store(bytes.max(1), Ordering::Relaxed);
    }

    /// How many bytes clients have sent so far.
    pub fn passed(&self) -> u64 {
        self.shared.passed.load(Ordering::Relaxed)
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
        std::thread::spawn(move || pass(answers, back));
        let shared = Arc::clone(shared);
        std::thread::spawn(move || pass_slowly(client, server, &shared));
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
}

fn pass_slowly(mut from: TcpStream, mut to: TcpStream, shared: &Shared) {
    let mut bytes = [0; 256];
    let mut due = Instant::now();
    while let Ok(n @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..n]).is_err() {
            break;
        }
        shared.passed.fetch_add(n as u64, Ordering::Relaxed);
        let rate = shared.bytes_a_second.load(Ordering::Relaxed);
        due = due.max(Instant::now()) + Duration::from_micros(n as u64 * 1_000_000 / rate);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
