//! The listing that comes in the round trip of the appends, from a real server.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use imapmig_tests::migration::{EMAILS, Migration, Row, account, assert_same};
use imapmig_tests::{Comparison, Corpus, Dovecot, Message, path, require};

/// Passes connections on, and keeps what clients send.
struct Recorder {
    port: u16,
    sent: Arc<Mutex<Vec<u8>>>,
}

impl Recorder {
    fn before(server: u16) -> Recorder {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let sent: Arc<Mutex<Vec<u8>>> = Arc::default();
        let kept = Arc::clone(&sent);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
                let (from_client, from_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let kept = Arc::clone(&kept);
                thread::spawn(move || pass_on(from_client, server, Some(&kept)));
                thread::spawn(move || pass_on(from_server, client, None));
            }
        });
        Recorder { port, sent }
    }

    /// How many command lines begin with this verb.
    fn count(&self, verb: &str) -> usize {
        let sent = self.sent.lock().unwrap();
        let text = String::from_utf8_lossy(&sent);
        let is_command = |line: &&str| line.split_once(' ').is_some_and(|(_, rest)| rest.starts_with(verb));
        text.lines().filter(is_command).count()
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, kept: Option<&Mutex<Vec<u8>>>) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if let Some(kept) = kept {
            kept.lock().unwrap().extend_from_slice(&buffer[..count]);
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Write);
}

#[test]
fn a_listing_along_is_complete() {
    require!("dovecot");
    let (source, target) = (Dovecot::source().start(), Dovecot::target().start());
    let mut corpus = Corpus::default();
    for folder in 0..4 {
        let message = |n: i64| Message {
            bytes: format!("Subject: {folder} {n}\r\n\r\nHello\r\n").into_bytes(),
            flags: vec!["\\Seen".to_owned()],
            date: 1_600_000_000 + n,
        };
        corpus.mailboxes.push((path(&format!("Folder {folder}")), (0..5).map(message).collect()));
    }
    source.login("paul.cannon", "3281986").unwrap().seed(&corpus).unwrap();
    let recorder = Recorder::before(target.port);
    let migration = Migration::new();
    migration.endpoint("Source", source.port, &[]);
    migration.endpoint("Target", recorder.port, &[]);
    let row = Row::new(EMAILS[2], "paul.cannon", "3281986").target("paul.cannon", "pw");

    migration.migrate("Batch", "Source", Some("Target"), &[row]);

    let there = account(&source, "paul.cannon", "3281986");
    assert_same(&there, &account(&target, "paul.cannon", "pw"), &Comparison::strict());
    // INBOX and the four are opened, the four once more in front of their one listing; an incomplete one would be made again.
    assert_eq!((recorder.count("SELECT"), recorder.count("UID FETCH")), (9, 4));
}
