//! Sources and targets on servers of the testkit, and peers that keep to a script with literals in it.
#![allow(dead_code, reason = "each test file uses its part")]

use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Security;
use imapmig_core::failure::Failure;
use imapmig_core::folder::{FolderPath, WireName};
use imapmig_core::message::{Flags, InternalDate, MessageMeta, Uid};
use imapmig_core::ports::source::{BodyHead, BodySink, Scan, SourceSession};
use imapmig_core::ports::target::{AppendHead, AppendKey, AppendOutcome, RefusalKind, TargetSession};
use imapmig_core::secret::Secret;
use imapmig_core::user::TargetId;
use imapmig_imap::connectors::{source_connector, target_connector};
use imapmig_imap::literals::{LiteralHabits, ServerMemory};
use imapmig_imap::{ImapServer, Login};
use imapmig_testkit::{Account, Message, MessageBuilder, Personality, RunningServer, Server};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

pub(crate) const USER: &str = "terry.adams";
pub(crate) const PASSWORD: &str = "1091990";

/// A running server with terry.adams on it.
pub(crate) fn server(personality: Personality) -> RunningServer {
    Server::new(personality).with_account(Account::new(USER, PASSWORD)).start().unwrap()
}

pub(crate) fn at(port: u16) -> (ImapServer, Login) {
    let server = ImapServer {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        accept_untrusted_certificates: false,
        extra_ca_pem: None,
    };
    let login = Login::Password { user_name: USER.to_owned(), password: Secret::from(PASSWORD) };
    (server, login)
}

pub(crate) fn source(port: u16) -> Box<dyn SourceSession> {
    let (server, login) = at(port);
    source_connector(server, login, None).connect(&Cancel::new()).unwrap()
}

/// A server that has shown before that it drops the literals of refused commands.
struct Earned;

impl ServerMemory for Earned {
    fn recall(&self, _server: &str) -> Option<bool> {
        Some(true)
    }

    fn remember(&self, _server: &str, _trusted: bool) {}
}

pub(crate) fn earned() -> LiteralHabits {
    LiteralHabits::new(Arc::new(Earned))
}

pub(crate) fn target(port: u16) -> Box<dyn TargetSession> {
    let (server, login) = at(port);
    target_connector(server, login, &earned()).connect(&Cancel::new()).unwrap()
}

/// A target with a new folder opened.
pub(crate) fn target_in(port: u16, folder: &str) -> Box<dyn TargetSession> {
    let mut target = target(port);
    let name = target.create(&FolderPath::new([folder]), None).unwrap();
    target.open(&name).unwrap();
    target
}

pub(crate) fn inbox() -> WireName {
    WireName(b"INBOX".to_vec())
}

/// A message of about this size.
pub(crate) fn message(number: usize, size: usize) -> Message {
    let line = format!("This is line after line of message {number}.\r\n");
    MessageBuilder::new(&format!("Message {number}"))
        .body(line.repeat(size / line.len()))
        .internal_date(1_577_836_800 + i64::try_from(number).unwrap())
        .flag(if number.is_multiple_of(2) { "\\Seen" } else { "NonJunk" })
        .build()
}

/// Messages of many sizes, around what fits LITERAL- too.
pub(crate) fn messages(count: usize) -> Vec<Message> {
    (0..count).map(|n| message(n, [400, 4000, 4200, 30_000][n % 4])).collect()
}

/// What goes in front of this message.
pub(crate) fn head(key: usize, message: &Message) -> AppendHead {
    let flags = message.flags.iter().chain(&message.keywords).map(String::as_str);
    AppendHead {
        key: AppendKey(key as u64),
        size: message.raw.len() as u64,
        flags: Flags::from_wire(flags),
        internal_date: InternalDate::utc(message.internal_date),
        literal8: false,
        origin: String::new(),
    }
}

/// Outcomes by key.
pub(crate) type Outcomes = BTreeMap<u64, AppendOutcome>;

/// Appends one message; what was told meanwhile is added.
pub(crate) fn append(
    target: &mut dyn TargetSession,
    head: &AppendHead,
    bytes: &[u8],
    outcomes: &mut Outcomes,
) -> Result<(), Failure> {
    let mut told = Vec::new();
    let mut work = || {
        target.append_begin(head, &mut told)?;
        for chunk in bytes.chunks(10_000) {
            target.append_chunk(chunk)?;
        }
        target.append_end(&mut told)
    };
    let result = work();
    note(told, outcomes);
    result
}

/// Appends messages with their numbers as keys, then waits for the rest.
pub(crate) fn append_all(
    target: &mut dyn TargetSession,
    messages: &[Message],
    outcomes: &mut Outcomes,
) -> Result<(), Failure> {
    for (key, message) in messages.iter().enumerate() {
        append(target, &head(key, message), &message.raw, outcomes)?;
    }
    finish(target, outcomes)
}

pub(crate) fn finish(target: &mut dyn TargetSession, outcomes: &mut Outcomes) -> Result<(), Failure> {
    let mut told = Vec::new();
    let result = target.append_finish(&mut told);
    note(told, outcomes);
    result
}

fn note(told: Vec<(AppendKey, AppendOutcome)>, outcomes: &mut Outcomes) {
    for (key, outcome) in told {
        assert!(outcomes.insert(key.0, outcome).is_none(), "two outcomes for {key:?}");
    }
}

/// The UID of a stored message; none where the server does not tell.
pub(crate) fn stored(outcome: &AppendOutcome) -> Option<u32> {
    match outcome {
        AppendOutcome::Stored(Some(TargetId::Uid(uid))) => Some(uid.0),
        AppendOutcome::Stored(None) => None,
        other => panic!("not stored: {other:?}"),
    }
}

/// Why a message was refused, and the pause that was stated.
pub(crate) fn refusal(outcome: &AppendOutcome) -> (RefusalKind, Option<Duration>) {
    match outcome {
        AppendOutcome::Refused { kind, pause, .. } => (*kind, *pause),
        other => panic!("not refused: {other:?}"),
    }
}

/// Collects bodies.
#[derive(Default)]
pub(crate) struct Bodies {
    pub(crate) complete: Vec<(u32, Vec<u8>)>,
    pub(crate) current: Option<(BodyHead, Vec<u8>)>,
    /// The largest piece that came.
    pub(crate) largest_chunk: usize,
    /// Ends the fetch after so many bodies.
    pub(crate) stop_after: Option<usize>,
}

impl BodySink for Bodies {
    fn begin(&mut self, head: BodyHead) -> ControlFlow<()> {
        self.current = Some((head, Vec::new()));
        ControlFlow::Continue(())
    }

    fn chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.largest_chunk = self.largest_chunk.max(bytes.len());
        self.current.as_mut().unwrap().1.extend_from_slice(bytes);
        ControlFlow::Continue(())
    }

    fn end(&mut self) -> ControlFlow<()> {
        let (head, bytes) = self.current.take().unwrap();
        assert_eq!(head.size, bytes.len() as u64);
        self.complete.push((head.uid.0, bytes));
        if self.stop_after == Some(self.complete.len()) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

pub(crate) fn uids(numbers: impl IntoIterator<Item = u32>) -> Vec<Uid> {
    numbers.into_iter().map(Uid).collect()
}

/// A step of a script.
pub(crate) enum Step {
    /// Sends these bytes as they are.
    Say(&'static [u8]),
    /// Awaits a line.
    Hear(&'static str),
    /// Awaits so many bytes of any kind.
    Take(u64),
    /// Takes bytes until the connection ends, which must be before so many.
    TakeLess(u64),
    /// Sends so many bytes of mail.
    Pour(u64),
}

/// A peer on which terry.adams is signed in and has NAMESPACE-less folders, and that then keeps to a script.
pub(crate) struct Scripted {
    pub(crate) port: u16,
    thread: JoinHandle<()>,
}

impl Scripted {
    /// The script begins behind the login; the script counts tags from A1, whatever the client's
    /// begin with; login and LIST have used up to A2.
    pub(crate) fn new(capabilities: &'static str, script: Vec<Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        // What a client may send before this side reads must not be a whole large message: buffers of the system's choice
        // take up several MB.
        socket2::SockRef::from(&listener).set_recv_buffer_size(16 * 1024).unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = std::thread::spawn(move || {
            let (socket, _) = listener.accept().unwrap();
            let mut peer = BufReader::new(socket);
            say(&mut peer, format!("* OK [CAPABILITY IMAP4rev1 {capabilities}] ready\r\n").as_bytes());
            let login = hear(&mut peer);
            let tag = login.split(' ').next().unwrap().to_owned();
            say(&mut peer, format!("{tag} OK [CAPABILITY IMAP4rev1 {capabilities}] in\r\n").as_bytes());
            let prefix = tag.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
            let list = hear(&mut peer);
            let tag = list.split(' ').next().unwrap().to_owned();
            say(&mut peer, format!("* LIST () \"/\" INBOX\r\n{tag} OK listed\r\n").as_bytes());
            for step in script {
                match step {
                    Step::Say(bytes) => say(&mut peer, &retagged(bytes, &prefix)),
                    Step::Hear(expected) => {
                        let said = hear(&mut peer);
                        let command = said.split_once(' ').map_or(said.as_str(), |(_, command)| command);
                        assert_eq!(command, expected);
                    }
                    Step::Pour(count) => {
                        std::io::copy(&mut std::io::repeat(b'x').take(count), peer.get_mut()).unwrap();
                    }
                    Step::TakeLess(most) => {
                        let mut taken = 0;
                        let mut piece = vec![0; 64 * 1024];
                        // A reset ends it too.
                        while let Ok(count @ 1..) = peer.read(&mut piece) {
                            taken += count as u64;
                        }
                        assert!(taken < most, "{taken}");
                    }
                    Step::Take(count) => {
                        std::io::copy(&mut (&mut peer).take(count), &mut std::io::sink()).unwrap();
                    }
                }
            }
        });
        Self { port, thread }
    }

    /// Waits for the end of the script; fails when the client did not keep to it.
    pub(crate) fn finish(self) {
        self.thread.join().unwrap();
    }
}

/// These lines with the client's tags instead of those of the script.
fn retagged(lines: &[u8], prefix: &str) -> Vec<u8> {
    let retag = |line: &[u8]| match line {
        [b'A', rest @ ..] if rest.first().is_some_and(u8::is_ascii_digit) => {
            [prefix.as_bytes(), rest].concat()
        }
        _ => line.to_vec(),
    };
    lines.split_inclusive(|b| *b == b'\n').flat_map(retag).collect()
}

/// A source that has INBOX open on a peer that answers so, and then keeps to the script; tags go on at A4.
pub(crate) fn scripted_source(
    opened: &'static [u8],
    script: impl IntoIterator<Item = Step>,
) -> (Scripted, Box<dyn SourceSession>) {
    let open = [Step::Hear("EXAMINE \"INBOX\""), Step::Say(opened)];
    let peer = Scripted::new("", open.into_iter().chain(script).collect());
    let mut source = source(peer.port);
    source.open(&inbox()).unwrap();
    (peer, source)
}

/// A target that has an empty INBOX open on a peer that then keeps to the script; tags go on at A4.
pub(crate) fn scripted_target(
    capabilities: &'static str,
    script: impl IntoIterator<Item = Step>,
) -> (Scripted, Box<dyn TargetSession>) {
    let opened = b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 1] x\r\nA3 OK open\r\n";
    let open = [Step::Hear("SELECT \"INBOX\""), Step::Say(opened)];
    let peer = Scripted::new(capabilities, open.into_iter().chain(script).collect());
    let mut target = target(peer.port);
    target.open(&inbox()).unwrap();
    (peer, target)
}

fn say(peer: &mut BufReader<std::net::TcpStream>, bytes: &[u8]) {
    peer.get_mut().write_all(bytes).unwrap();
}

fn hear(peer: &mut BufReader<std::net::TcpStream>) -> String {
    let mut line = String::new();
    peer.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

pub(crate) fn filled(personality: Personality, count: usize, size: usize) -> RunningServer {
    let server = server(personality);
    for number in 0..count {
        server.deliver("terry.adams", "INBOX", message(number, size));
    }
    server
}

pub(crate) fn opened(server: &RunningServer) -> Box<dyn SourceSession> {
    let mut source = source(server.port());
    source.open(&inbox()).unwrap();
    source
}

pub(crate) fn scanned(source: &mut dyn SourceSession, scan: Scan) -> Vec<MessageMeta> {
    let mut metas = Vec::new();
    source
        .scan(scan, &mut |meta| {
            metas.push(meta);
            ControlFlow::Continue(())
        })
        .unwrap();
    metas
}
