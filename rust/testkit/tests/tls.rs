//! TLS: certificates that are right and wrong, STARTTLS, and plain text slipped in behind its OK.
#![cfg(feature = "tls")]
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::io::{Read, Write};
use std::net::TcpStream;

use imapmig_testkit::tls::{Certificate, TestCa, TlsMode};
use imapmig_testkit::{Account, Fault, Personality, RunningServer, Server, What, When};
use native_tls::{TlsConnector, TlsStream};

fn start(mode: TlsMode, ca: &TestCa, certificate: Certificate) -> RunningServer {
    Server::new(Personality::generic())
        .with_account(Account::new("u", "p"))
        .with_tls(mode, ca, certificate)
        .unwrap()
        .start()
        .unwrap()
}

fn handshake(ca: &TestCa, socket: TcpStream, host: &str) -> Result<TlsStream<TcpStream>, String> {
    let root = native_tls::Certificate::from_pem(ca.pem().as_bytes()).unwrap();
    let connector = TlsConnector::builder().add_root_certificate(root).build().unwrap();
    connector.connect(host, socket).map_err(|e| e.to_string())
}

fn connect(server: &RunningServer) -> TcpStream {
    TcpStream::connect(server.addr()).unwrap()
}

#[test]
fn the_right_certificate_is_trusted_and_commands_work() {
    let ca = TestCa::new().unwrap();
    let server = start(TlsMode::Implicit, &ca, Certificate::Valid);
    for host in ["localhost", "127.0.0.1", "imap.contoso.com"] {
        let mut stream = handshake(&ca, connect(&server), host).unwrap();

        stream.write_all(b"a LOGIN u p\r\nb CAPABILITY\r\nc LOGOUT\r\n").unwrap();

        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("a OK") && answer.ends_with("c OK LOGOUT completed.\r\n"), "{answer}");
        assert!(!answer.contains("STARTTLS"));
    }
}

#[test]
fn wrong_certificates_are_not_trusted() {
    let ca = TestCa::new().unwrap();
    for certificate in [Certificate::Expired, Certificate::SelfSigned, Certificate::WrongHost] {
        let server = start(TlsMode::Implicit, &ca, certificate);

        assert!(handshake(&ca, connect(&server), "localhost").is_err(), "{certificate:?}");
    }
    let server = start(TlsMode::Implicit, &ca, Certificate::WrongHost);
    assert!(handshake(&ca, connect(&server), "other.example").is_ok());
}

/// Reads a line byte by byte, so that nothing behind it is taken from the socket.
fn line(socket: &mut TcpStream) -> String {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).unwrap();
        line.push(byte[0]);
    }
    String::from_utf8(line).unwrap()
}

#[test]
fn starttls_changes_over_after_its_ok() {
    let ca = TestCa::new().unwrap();
    let server = start(TlsMode::StartTls, &ca, Certificate::Valid);
    let mut socket = connect(&server);
    line(&mut socket);
    socket.write_all(b"a CAPABILITY\r\nb STARTTLS\r\n").unwrap();
    assert!(line(&mut socket).ends_with(" STARTTLS\r\n"));
    line(&mut socket);
    assert_eq!(line(&mut socket), "b OK Begin TLS negotiation now.\r\n");

    let mut stream = handshake(&ca, socket, "localhost").unwrap();

    stream.write_all(b"c LOGIN u p\r\nd STARTTLS\r\ne LOGOUT\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("c OK") && answer.contains("\nd BAD"), "{answer}");
}

#[test]
fn plain_text_can_be_slipped_in_behind_the_ok() {
    let ca = TestCa::new().unwrap();
    let server = start(TlsMode::StartTls, &ca, Certificate::Valid);
    let injected = "* CAPABILITY IMAP4rev1 EVIL\r\n";
    server.faults().arm(Fault::new(When::AfterStarttlsOk, What::Say(injected.into())));
    let mut socket = connect(&server);
    line(&mut socket);

    socket.write_all(b"a STARTTLS\r\n").unwrap();

    assert_eq!(line(&mut socket), "a OK Begin TLS negotiation now.\r\n");
    assert_eq!(line(&mut socket), injected);
    assert!(handshake(&ca, socket, "localhost").is_ok());
}

#[test]
fn a_cut_inside_tls_has_no_farewell() {
    let ca = TestCa::new().unwrap();
    let server = start(TlsMode::Implicit, &ca, Certificate::Valid);
    server.faults().arm(Fault::cut(When::BeforeCommand("NOOP".into())));
    let mut stream = handshake(&ca, connect(&server), "localhost").unwrap();

    stream.write_all(b"a NOOP\r\n").unwrap();

    let mut answer = Vec::new();
    let _ended = stream.read_to_end(&mut answer);
    assert_eq!(answer, b"* OK IMAP4rev1 server ready\r\n");
}
