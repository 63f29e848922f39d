//! Whole dialogues with servers that say almost what real ones said: nothing panics or hangs, no body that is not whole is taken for
//! one, and no message has two outcomes.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod bulk_support;

use bulk_support::{Bodies, Outcomes, append_all, at, earned, messages, server};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::Failure;
use imapmig_core::folder::FolderPath;
use imapmig_core::message::{Flags, Uid};
use imapmig_core::ports::source::Scan;
use imapmig_imap::connectors::{source_connector, target_connector};
use imapmig_testkit::{Personality, mutated};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

const TRANSCRIPTS: [&[u8]; 3] = [
    include_bytes!("transcripts/dovecot.txt"),
    include_bytes!("transcripts/courier.txt"),
    include_bytes!("transcripts/cyrus.txt"),
];
const WORDS: [&str; 14] = [
    "\r\n",
    "{5}\r\n",
    "{4294967295}\r\n",
    "NIL",
    "* BYE so long\r\n",
    "* 1 EXPUNGE\r\n",
    "* 0 EXISTS\r\n",
    "* LIST (\\Noselect) \"/\" {2}\r\n",
    "* NAMESPACE ((\"\" NIL)) NIL NIL\r\n",
    "&AC8-",
    "[THROTTLED] ",
    "NO [UNAVAILABLE] x\r\n",
    "+ go on\r\n",
    "OK [APPENDUID 1 1:4294967295] x\r\n",
];
/// Parts what a server said before and after it heard something.
const TURN: &[u8] = b"\x01\x02turn\x02\x01";

/// How many letters the client's tags begin with.
const TAG_PREFIX: usize = 6;

/// What a server said, its turns parted by [`TURN`], and how much it heard behind each.
#[derive(Default)]
struct Recorded {
    said: Vec<u8>,
    heard: Vec<usize>,
}

/// Says the turns, each after so many bytes from the client; then hangs up.
fn replay(said: &[u8], heard: &[usize]) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (said, heard) = (said.to_vec(), heard.to_vec());
    let thread = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(30))).unwrap();
        // The greeting first: the client's first command shows what its tags begin with.
        let greeting = said.iter().position(|b| *b == b'\n').map_or(said.len(), |at| at + 1);
        drop(socket.write_all(&said[..greeting]));
        let mut prefix = [b'A'; TAG_PREFIX];
        let _ = socket.peek(&mut prefix);
        let said = with_tags(&said[greeting..], &prefix);
        let mut heard = heard.into_iter();
        let mut rest = &said[..];
        loop {
            let end = rest.windows(TURN.len()).position(|part| part == TURN);
            drop(socket.write_all(&rest[..end.unwrap_or(rest.len())]));
            let Some(end) = end else { break };
            rest = &rest[end + TURN.len()..];
            let count = heard.next().unwrap_or_default();
            // Who was told something else says something else; from then on nobody is waited for.
            if socket.read_exact(&mut vec![0; count]).is_err() {
                heard = Vec::new().into_iter();
            }
        }
        let _ = socket.shutdown(Shutdown::Write);
        let _ = socket.set_read_timeout(Some(Duration::from_secs(10)));
        let _ = socket.read_to_end(&mut Vec::new());
    });
    (port, thread)
}

/// What a server said, with the client's tags instead of those that were recorded, which begin with `A`. Literals stay as they are: a
/// line of a mail may look like an answer.
fn with_tags(said: &[u8], prefix: &[u8]) -> Vec<u8> {
    let mut retagged = Vec::with_capacity(said.len());
    let mut rest = said;
    while !rest.is_empty() {
        let end = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |at| at + 1);
        let (line, behind) = rest.split_at(end);
        let begin = if line.starts_with(TURN) { TURN.len() } else { 0 };
        let tagged =
            line[begin..].strip_prefix(b"A").filter(|tagged| tagged.first().is_some_and(u8::is_ascii_digit));
        retagged.extend_from_slice(&line[..begin]);
        match tagged {
            Some(tagged) => retagged.extend(prefix.iter().chain(tagged)),
            None => retagged.extend_from_slice(&line[begin..]),
        }
        let (literal, behind) = behind.split_at(literal_size(line).min(behind.len()));
        retagged.extend_from_slice(literal);
        rest = behind;
    }
    retagged
}

/// The size of the literal that a line announces at its end.
fn literal_size(line: &[u8]) -> usize {
    let line = String::from_utf8_lossy(line);
    let size = line.trim_end().strip_suffix('}').and_then(|line| line.rsplit_once('{'));
    size.and_then(|(_, size)| size.parse().ok()).unwrap_or(0)
}

/// The opposite of [`with_tags`].
fn without_tags(said: &[u8], prefix: &[u8]) -> Vec<u8> {
    let retag = |line: &[u8]| match line.strip_prefix(prefix) {
        Some(rest) => [b"A", rest].concat(),
        None => line.to_vec(),
    };
    said.split_inclusive(|b| *b == b'\n').flat_map(retag).collect()
}

/// Stands between a client and a server, and writes down who said what.
fn record(server: u16, client: impl FnOnce(u16)) -> Recorded {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
        let pump = |mut from: TcpStream, mut to: TcpStream, is_server: bool| {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = from.read(&mut buffer) {
                    let _ = sender.send((is_server, buffer[..count].to_vec()));
                    if to.write_all(&buffer[..count]).is_err() {
                        break;
                    }
                }
                let _ = to.shutdown(Shutdown::Both);
            })
        };
        let up = pump(client.try_clone().unwrap(), server.try_clone().unwrap(), false);
        pump(server, client, true).join().unwrap();
        up.join().unwrap();
    });
    client(port);
    thread.join().unwrap();
    let mut recorded = Recorded::default();
    let mut last = true;
    let mut prefix: Option<Vec<u8>> = None;
    for (is_server, mut bytes) in receiver {
        if is_server && let Some(prefix) = &prefix {
            bytes = without_tags(&bytes, prefix);
        } else if !is_server {
            prefix.get_or_insert_with(|| bytes[..TAG_PREFIX].to_vec());
        }
        match (is_server, recorded.heard.last_mut()) {
            (true, _) => {
                if !last {
                    recorded.said.extend_from_slice(TURN);
                }
                recorded.said.extend_from_slice(&bytes);
            }
            (false, Some(count)) if !last => *count += bytes.len(),
            (false, _) => recorded.heard.push(bytes.len()),
        }
        last = is_server;
    }
    recorded
}

/// Reads everything, as a migration does. Gives how many messages arrived.
fn read_all(port: u16) -> Result<usize, Failure> {
    let (server, login) = at(port);
    let mut source = source_connector(server, login, None).connect(&Cancel::new())?;
    let folders: Vec<_> = source.folders()?.into_iter().filter(|folder| folder.selectable).collect();
    for folder in &folders {
        source.open(&folder.wire)?;
    }
    let mut bodies = Bodies::default();
    for folder in &folders {
        source.open(&folder.wire)?;
        let mut uids: Vec<Uid> = Vec::new();
        source.scan(Scan::All, &mut |message| {
            uids.push(message.uid);
            if uids.len() < 1000 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        source.fetch(&uids, &mut bodies)?;
    }
    Ok(bodies.complete.len())
}

/// Writes into a new folder, and looks at what is there.
fn write_all(port: u16) -> Result<Outcomes, Failure> {
    let (server, login) = at(port);
    let mut target = target_connector(server, login, &earned()).connect(&Cancel::new())?;
    let mut outcomes = Outcomes::new();
    target.folders()?;
    let name = target.create(&FolderPath::new(["New", "\u{c9}t\u{e9}"]), None)?;
    target.subscribe(&name)?;
    target.open(&name)?;
    append_all(target.as_mut(), &messages(6), &mut outcomes)?;
    let mut ids = Vec::new();
    target.inventory(Uid(1), &mut |message| ids.push(message.id))?;
    ids.truncate(10);
    target.headers(&ids, &mut |_, _| {})?;
    target.read(&ids, &mut |_, _| {})?;
    let removed: Vec<_> = ids.iter().take(2).cloned().collect();
    let changes: Vec<_> = ids.into_iter().map(|id| (id, Flags::from_wire(["\\Seen", "$x"]))).collect();
    target.set_flags(&changes)?;
    target.remove(&removed)?;
    Ok(outcomes)
}

#[test]
fn sources_that_say_almost_what_real_servers_said() {
    for transcript in TRANSCRIPTS {
        let (port, thread) = replay(transcript, &[]);
        assert_eq!(read_all(port), Ok(6));
        thread.join().unwrap();
    }

    mutated(&TRANSCRIPTS, &WORDS, 300, |said| {
        let (port, thread) = replay(said, &[]);
        let _ = read_all(port);
        thread.join().unwrap();
    });
}

#[test]
fn targets_that_say_almost_what_was_expected() {
    for personality in [
        Personality::dovecot(),
        Personality::courier_like(),
        Personality::cyrus_like(),
        Personality::generic().with("LITERAL-").without("UIDPLUS"),
    ] {
        let server = server(personality);
        let recorded = record(server.port(), |port| assert_eq!(write_all(port).unwrap().len(), 6));
        let (port, thread) = replay(&recorded.said, &recorded.heard);
        assert_eq!(write_all(port).unwrap().len(), 6);
        thread.join().unwrap();

        mutated(&[&recorded.said], &WORDS, 60, |said| {
            let (port, thread) = replay(said, &recorded.heard);
            let _ = write_all(port);
            thread.join().unwrap();
        });
    }
}
