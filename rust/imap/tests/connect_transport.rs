//! The bytes of a connection: both ways at once, and within bounds.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Security;
use imapmig_core::failure::{Case, Conduct, Failure, FailureKind};
use imapmig_imap::command::Command;
use imapmig_imap::transport::Transport;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use support::{Scripted, at, connect, password};

fn pair() -> (Transport, TcpStream, Cancel) {
    let (mut transport, peer, cancel) = connecting(Instant::now());
    transport.end_setup();
    (transport, peer, cancel)
}

fn connecting(deadline: Instant) -> (Transport, TcpStream, Cancel) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (peer, _) = listener.accept().unwrap();
    let cancel = Cancel::new();
    (Transport::new(socket, "localhost", &cancel, deadline).unwrap(), peer, cancel)
}

fn conduct(failure: &Failure) -> &Conduct {
    match &*failure.case {
        Case::Server { conduct, .. } => conduct,
        _ => panic!("{failure}"),
    }
}

#[test]
fn two_sides_that_both_write_first_do_not_wait_for_each_other() {
    // More than the system's buffers take in both directions.
    const SIZE: usize = 12 * 1024 * 1024;
    let (mut transport, mut peer, _) = pair();
    let thread = std::thread::spawn(move || {
        peer.write_all(&vec![b'a'; 3 * 1024 * 1024]).unwrap();
        let mut received = Vec::new();
        (&mut peer).take(SIZE as u64).read_to_end(&mut received).unwrap();
        received.len()
    });

    transport.write(&vec![b'b'; SIZE]).unwrap();
    let mut received = Vec::new();
    transport.read_exact(3 * 1024 * 1024, &mut received).unwrap();

    assert_eq!(thread.join().unwrap(), SIZE);
    assert!(received.iter().all(|b| *b == b'a'));
}

#[test]
fn silence_has_a_limit() {
    let (mut transport, _peer, _) = pair();
    transport.waits().limit_silence(Duration::from_millis(1));

    let failure = transport.fill().unwrap_err();

    assert_eq!(failure.kind, FailureKind::TimedOut);
}

#[test]
fn a_server_that_is_only_still_here_has_a_limit() {
    let (mut transport, mut peer, _) = pair();
    peer.write_all(b"* OK still here\r\n").unwrap();
    transport.waits().limit_useless(Duration::ZERO);

    let failure = transport.read_line(100, &mut Vec::new()).unwrap_err();

    assert_eq!(failure.kind, FailureKind::Broken);
    assert!(matches!(conduct(&failure), Conduct::NothingOfUse(_)), "{failure}");
}

#[test]
fn a_source_that_was_silent_for_too_long_gets_less_time_on_its_next_connection() {
    let was_silent = Arc::default();
    let (mut transport, _peer, _) = pair();
    transport.waits().share_silence(&was_silent);
    transport.waits().limit_silence(Duration::from_millis(1));
    transport.fill().unwrap_err();

    let (mut next, mut peer, _) = pair();
    peer.write_all(b"* OK still here\r\n").unwrap();
    next.waits().limit_useless(Duration::ZERO);
    next.waits().share_silence(&was_silent);

    // Twenty seconds are not over.
    next.read_line(100, &mut Vec::new()).unwrap();
    assert!(was_silent.load(Ordering::Acquire));
}

#[test]
fn a_body_that_drips_has_its_time_as_a_whole() {
    let (mut transport, mut peer, _) = pair();
    transport.waits().limit_useless(Duration::ZERO);
    transport.waits().expects_body(1);

    peer.write_all(&[b'x'; 4096]).unwrap();
    let failure = transport.read_exact(4096, &mut Vec::new()).unwrap_err();

    assert!(matches!(conduct(&failure), Conduct::MessageTooSlow(_)), "{failure}");
}

#[test]
fn a_body_gets_the_time_that_its_size_needs() {
    let (mut transport, mut peer, _) = pair();
    transport.waits().limit_useless(Duration::ZERO);
    transport.waits().expects_body(64 * 1024 * 1024);
    let thread = std::thread::spawn(move || transport.read_line(100, &mut Vec::new()));

    peer.write_all(b"a slow line\r\n").unwrap();

    thread.join().unwrap().unwrap();
}

#[test]
fn a_greeting_that_comes_byte_by_byte_has_the_same_time_as_any_other() {
    let (mut transport, mut peer, _) = connecting(Instant::now());
    peer.write_all(b"* OK that goes on and on").unwrap();

    let failure = transport.read_line(10, &mut Vec::new()).unwrap_err();

    assert_eq!(failure.kind, FailureKind::TimedOut);
}

#[test]
fn a_write_that_nobody_takes_ends_when_it_is_cancelled() {
    let (mut transport, _peer, cancel) = pair();
    let thread = std::thread::spawn(move || transport.write(&vec![b'b'; 64 * 1024 * 1024]));

    cancel.cancel();

    assert!(thread.join().unwrap().unwrap_err().is_cancelled());
}

#[test]
fn polling_takes_in_what_is_there_and_does_not_wait() {
    let (mut transport, mut peer, _) = pair();
    assert!(!transport.poll().unwrap());

    peer.write_all(b"* OK\r\n").unwrap();

    while !transport.poll().unwrap() {
        std::thread::yield_now();
    }
    assert!(!transport.buffered().is_empty());
}

#[test]
fn an_answer_that_announces_more_than_any_answer_needs_is_given_up() {
    let scripted = Scripted::new(
        "S: * OK [CAPABILITY IMAP4rev1] ready
         C: A1 LOGIN \"terry.adams\" \"1091990\"
         S: A1 OK [CAPABILITY IMAP4rev1] done
         C: A2 LIST \"\" *
         S: * LIST () \"/\" {18446744073709551615}",
    );
    let server = at("127.0.0.1", scripted.port, Security::None);
    let mut session = connect(&server, &password("terry.adams", "1091990")).unwrap();

    let failure = session.run(&Command::new("LIST \"\" *")).unwrap_err();

    assert_eq!(failure.kind, FailureKind::Protocol);
}
