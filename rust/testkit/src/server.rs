//! Starts a server, accepts connections and ends them all.
//!
//! One thread listens, one serves each connection; everything ends when [`RunningServer`] is dropped.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::account::{Account, Secret};
use crate::faults::{Fault, Faults};
use crate::handle::RunningServer;
use crate::personality::Personality;
use crate::rules::TooMany;
use crate::session::Session;
use crate::shared::{Shared, locked};
use crate::store::Store;
use crate::wire::{Stream, Wire};

/// A server to be started: a personality, accounts and armed faults.
#[derive(Debug)]
pub struct Server {
    personality: Personality,
    accounts: Vec<Account>,
    faults: Faults,
    tokens: Vec<(String, Secret)>,
    address: SocketAddr,
    round_trip_time: Duration,
    #[cfg(feature = "tls")]
    tls: Option<crate::tls::ServerTls>,
}

impl Server {
    /// A server of this personality without accounts, on a port of 127.0.0.1 that the system chooses.
    pub fn new(personality: Personality) -> Server {
        Server {
            personality,
            accounts: Vec::new(),
            faults: Faults::default(),
            tokens: Vec::new(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            round_trip_time: Duration::ZERO,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// Offers TLS with a certificate of the test CA.
    #[cfg(feature = "tls")]
    pub fn with_tls(
        mut self,
        mode: crate::tls::TlsMode,
        ca: &crate::tls::TestCa,
        certificate: crate::tls::Certificate,
    ) -> io::Result<Server> {
        self.tls = Some(crate::tls::ServerTls::new(mode, ca, certificate)?);
        Ok(self)
    }

    /// Adds an account.
    pub fn with_account(mut self, account: Account) -> Server {
        self.accounts.push(account);
        self
    }

    /// Adds accounts.
    pub fn with_accounts(mut self, accounts: impl IntoIterator<Item = Account>) -> Server {
        self.accounts.extend(accounts);
        self
    }

    /// Arms a fault before the first connection.
    pub fn with_fault(self, fault: Fault) -> Server {
        self.faults.arm(fault);
        self
    }

    /// Accepts an access token for a user (XOAUTH2).
    pub fn with_token(mut self, user: &str, token: &str) -> Server {
        self.tokens.push((user.to_owned(), Secret(token.to_owned())));
        self
    }

    /// Listens at this address instead of a port that the system chooses.
    pub fn at(mut self, address: SocketAddr) -> Server {
        self.address = address;
        self
    }

    /// Holds answers back for this long, so that round trips are counted reliably: what a client sends before
    /// they leave cannot have waited for them. 20 ms are plenty; it is a latency, not a limit on throughput.
    pub fn with_round_trip_time(mut self, time: Duration) -> Server {
        self.round_trip_time = time;
        self
    }

    /// Starts to listen.
    pub fn start(self) -> io::Result<RunningServer> {
        let listener = TcpListener::bind(self.address)?;
        let address = listener.local_addr()?;
        let mut store = Store::new(self.personality.names.clone());
        for account in self.accounts {
            store.add_account(account);
        }
        let shared = Arc::new(Shared {
            personality: self.personality,
            store: Mutex::new(store),
            faults: self.faults,
            transcript: Mutex::default(),
            tokens: Mutex::new(self.tokens),
            generation: AtomicU64::new(0),
            throttled: Mutex::default(),
            throttled_answers: AtomicU64::new(0),
            signed_in: Mutex::default(),
            open: AtomicUsize::new(0),
            accepted: AtomicU64::new(0),
            round_trip_time: self.round_trip_time,
            counts: Mutex::default(),
            stopping: AtomicBool::new(false),
            sockets: Mutex::default(),
            #[cfg(feature = "tls")]
            tls: self.tls,
        });
        let accepting = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("imap-testkit".into())
            .spawn(move || accept_all(&listener, &accepting))?;
        Ok(RunningServer::new(shared, address, thread))
    }
}

fn accept_all(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    while let Ok((socket, _)) = listener.accept() {
        if shared.stopping.load(Ordering::SeqCst) {
            break;
        }
        let number = shared.accepted.fetch_add(1, Ordering::SeqCst) + 1;
        let Ok(handle) = socket.try_clone() else { continue };
        let _ = socket.set_nodelay(true);
        locked(&shared.sockets).insert(number, handle);
        let serving = Arc::clone(shared);
        let thread = std::thread::Builder::new()
            .name(format!("imap-testkit-{number}"))
            .spawn(move || serve(socket, number, &serving));
        threads.retain(|t| !t.is_finished());
        threads.extend(thread);
    }
    // A connection may have been accepted while the others were being shut down.
    shared.disconnect_all();
    for thread in threads {
        let _ended = thread.join();
    }
}

fn serve(socket: TcpStream, number: u64, shared: &Arc<Shared>) {
    let open = shared.open.fetch_add(1, Ordering::SeqCst);
    let rewrite = shared.personality.rewrite.clone();
    let mut wire = Wire::new(Stream::Plain(socket), shared.faults.clone(), rewrite);
    wire.count_round_trips(locked(&shared.counts).start(number, shared.round_trip_time));
    let refused = match &shared.personality.limits.connections {
        Some((limit, beyond)) if open >= *limit => match beyond {
            TooMany::Close => true,
            TooMany::Bye(text) => {
                let _ = wire.send_line(&format!("* BYE {text}"));
                true
            }
            TooMany::No(_) => false,
        },
        _ => false,
    };
    if !refused {
        wire = Session::new(wire, Arc::clone(shared), number).run();
    }
    shared.open.fetch_sub(1, Ordering::SeqCst);
    wire.close();
    locked(&shared.sockets).remove(&number);
}
