//! Certificates, STARTTLS, and TLS where there is none.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Security;
use imapmig_core::failure::{Case, CertificateFault, Connecting, Failure, FailureKind, TlsRefusal};
use imapmig_core::steps::Steps;
use imapmig_imap::{ImapServer, availability, greeting};
use imapmig_testkit::tls::{Certificate, TestCa, TlsMode};
use imapmig_testkit::{Account, Fault, Personality, RunningServer, Server, What, When};
use native_tls::{TlsAcceptor, TlsStream};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use support::{Scripted, at, connect, password, plain};

fn start(mode: TlsMode, ca: &TestCa, certificate: Certificate) -> RunningServer {
    Server::new(Personality::generic())
        .with_account(Account::new("terry.adams", "1091990"))
        .with_tls(mode, ca, certificate)
        .unwrap()
        .start()
        .unwrap()
}

fn trusting(ca: &TestCa, server: &RunningServer, security: Security) -> ImapServer {
    ImapServer {
        extra_ca_pem: Some(Arc::new(ca.pem().into_bytes())),
        ..at("localhost", server.port(), security)
    }
}

fn certificate_fault(failure: &Failure) -> Option<CertificateFault> {
    match *failure.case {
        Case::Connecting(Connecting::Certificate { why, .. }) => Some(why),
        _ => None,
    }
}

fn tls_refusal(failure: &Failure) -> Option<&TlsRefusal> {
    match &*failure.case {
        Case::Connecting(Connecting::Tls { why, .. }) => Some(why),
        _ => None,
    }
}

fn refusal(server: &ImapServer) -> Failure {
    connect(server, &password("terry.adams", "1091990")).unwrap_err()
}

#[test]
fn a_trusted_certificate_lets_both_kinds_of_tls_through() {
    let ca = TestCa::new().unwrap();
    for (mode, security) in [(TlsMode::Implicit, Security::Ssl), (TlsMode::StartTls, Security::Tls)] {
        let server = start(mode, &ca, Certificate::Valid);

        let session =
            connect(&trusting(&ca, &server, security), &password("terry.adams", "1091990")).unwrap();

        assert!(session.transport.is_tls());
    }
}

#[test]
fn a_test_says_address_version_certificate_and_capabilities() {
    let ca = TestCa::new().unwrap();
    for (mode, security) in [(TlsMode::Implicit, Security::Ssl), (TlsMode::StartTls, Security::Tls)] {
        let server = start(mode, &ca, Certificate::Valid);
        let steps = Steps::default();

        availability::test(&trusting(&ca, &server, security), None, &Cancel::new(), &steps).unwrap();

        let said = steps.all().join("\n");
        for wanted in [
            &format!("localhost is 127.0.0.1, and takes connections on port {}.", server.port()),
            // The test's server offers no later version.
            "TLS 1.2 is agreed on. The certificate is for localhost, imap.contoso.com, and valid until 4096-01-01.",
            "The server speaks IMAP and announces: ",
            "IMAP4REV1",
        ] {
            assert!(said.contains(wanted), "{wanted} in {said}");
        }
    }
}

#[test]
fn a_failed_test_ends_with_the_step_that_failed() {
    let ca = TestCa::new().unwrap();
    let server = start(TlsMode::Implicit, &ca, Certificate::Expired);
    let steps = Steps::default();

    availability::test(&trusting(&ca, &server, Security::Ssl), None, &Cancel::new(), &steps).unwrap_err();

    assert_eq!(steps.all().last().unwrap(), "Agreeing on TLS.");
}

#[test]
fn each_fault_of_a_certificate_is_named() {
    let ca = TestCa::new().unwrap();
    for (certificate, fault) in [
        (Certificate::Expired, CertificateFault::Expired),
        (Certificate::SelfSigned, CertificateFault::SelfSigned),
        (Certificate::WrongHost, CertificateFault::OtherHost),
    ] {
        let server = start(TlsMode::Implicit, &ca, certificate);

        let failure = refusal(&trusting(&ca, &server, Security::Ssl));

        assert_eq!(failure.kind, FailureKind::Certificate);
        assert_eq!(certificate_fault(&failure), Some(fault), "{failure}");
    }
}

#[test]
fn an_unknown_authority_is_refused() {
    let ca = TestCa::new().unwrap();
    let server = start(TlsMode::Implicit, &ca, Certificate::Valid);

    let failure = refusal(&at("localhost", server.port(), Security::Ssl));

    assert_eq!(failure.kind, FailureKind::Certificate);
    assert_eq!(certificate_fault(&failure), Some(CertificateFault::UnknownAuthority), "{failure}");
}

#[test]
fn untrusted_certificates_are_taken_when_that_is_wished() {
    let ca = TestCa::new().unwrap();
    for certificate in [Certificate::Expired, Certificate::SelfSigned, Certificate::WrongHost] {
        let server = start(TlsMode::StartTls, &ca, certificate);
        let lenient = ImapServer {
            accept_untrusted_certificates: true,
            ..at("localhost", server.port(), Security::Tls)
        };

        assert!(connect(&lenient, &password("terry.adams", "1091990")).is_ok(), "{certificate:?}");
    }
}

#[test]
fn starttls_is_required_when_asked_for() {
    let server = Server::new(Personality::generic()).start().unwrap();

    let failure = refusal(&at("127.0.0.1", server.port(), Security::Tls));

    assert_eq!(failure.kind, FailureKind::StartTlsMissing);
    assert_eq!(server.count("LOGIN"), 0);
}

#[test]
fn plain_text_behind_the_starttls_ok_ends_the_connection() {
    let ca = TestCa::new().unwrap();
    let server = start(TlsMode::StartTls, &ca, Certificate::Valid);
    let injected = "* CAPABILITY IMAP4rev1 AUTH=EVIL\r\n".to_owned();
    server.faults().arm(Fault::new(When::AfterStarttlsOk, What::Say(injected.into())));

    let failure = refusal(&trusting(&ca, &server, Security::Tls));

    assert!(matches!(failure.kind, FailureKind::Protocol | FailureKind::Tls), "{failure:?}");
    assert_eq!(server.count("LOGIN"), 0);
}

#[test]
fn capabilities_are_asked_again_after_starttls() {
    let ca = TestCa::new().unwrap();
    let server = start(TlsMode::StartTls, &ca, Certificate::Valid);

    connect(&trusting(&ca, &server, Security::Tls), &password("terry.adams", "1091990")).unwrap();

    let commands = server.commands();
    let starttls = commands.iter().position(|c| c == "STARTTLS").unwrap();
    assert_eq!(commands[starttls + 1], "CAPABILITY");
}

#[test]
fn tls_on_a_plain_port_is_explained() {
    let server = Server::new(Personality::generic()).start().unwrap();

    let failure = refusal(&at("127.0.0.1", server.port(), Security::Ssl));

    assert_eq!(failure.kind, FailureKind::Tls);
    assert!(matches!(tls_refusal(&failure), Some(TlsRefusal::NotFromFirstByte(_))), "{failure}");
}

#[test]
fn a_tls_alert_in_place_of_a_greeting_is_explained() {
    let scripted = Scripted::new("S: \u{15}\u{3}\u{1}");

    let failure = refusal(&at("127.0.0.1", scripted.port, Security::None));

    assert_eq!(failure.kind, FailureKind::Tls);
    assert_eq!(tls_refusal(&failure), Some(&TlsRefusal::FromFirstByte), "{failure}");
}

#[test]
fn a_server_that_signs_everybody_in_before_starttls_is_refused() {
    let scripted = Scripted::new("S: * PREAUTH welcome");

    let failure = refusal(&at("127.0.0.1", scripted.port, Security::Tls));

    assert_eq!(failure.kind, FailureKind::StartTlsMissing);
}

#[test]
fn a_handshake_that_comes_byte_by_byte_can_be_stopped() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = at("localhost", listener.local_addr().unwrap().port(), Security::Ssl);
    let cancel = Cancel::new();
    let stop = cancel.clone();
    let peer = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        // The head of a record of 16384 bytes.
        socket.write_all(&[0x16, 3, 3, 0x40, 0]).unwrap();
        stop.cancel();
        for _ in 0..30 {
            if socket.write_all(&[2]).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(100));
        }
    });

    let login = password("terry.adams", "1091990");
    let failure = imapmig_imap::connect(&server, &login, &cancel).unwrap_err();

    assert!(failure.is_cancelled(), "{failure}");
    peer.join().unwrap();
}

/// A peer that greets inside TLS and then does what `next` does.
fn tls_peer<T: Send + 'static>(
    ca: &TestCa,
    next: impl FnOnce(TlsStream<TcpStream>) -> T + Send + 'static,
) -> (ImapServer, JoinHandle<T>) {
    let identity = ca.identity(Certificate::Valid).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = ImapServer {
        extra_ca_pem: Some(Arc::new(ca.pem().into_bytes())),
        ..at("localhost", listener.local_addr().unwrap().port(), Security::Ssl)
    };
    let peer = thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let mut tls = TlsAcceptor::new(identity).unwrap().accept(socket).unwrap();
        tls.write_all(b"* OK [CAPABILITY IMAP4rev1] ready\r\n").unwrap();
        next(tls)
    });
    (server, peer)
}

#[test]
fn records_of_every_size_arrive_whole_before_the_end() {
    let ca = TestCa::new().unwrap();
    let sizes = [1, 16_384, 5, 16_383, 40_000, 1, 1, 70_000, 300, 2];
    let pieces: Vec<Vec<u8>> = (0..100).map(|n| vec![n as u8; sizes[n % sizes.len()]]).collect();
    let sent = pieces.concat();
    let (server, peer) = tls_peer(&ca, move |mut tls| {
        pieces.iter().for_each(|piece| tls.write_all(piece).unwrap());
        tls.shutdown().unwrap();
    });

    let (mut session, _) = greeting::open(&server, &Cancel::new()).unwrap();
    let mut received = Vec::new();
    session.transport.read_exact(sent.len(), &mut received).unwrap();
    let end = session.transport.fill().map(<[u8]>::len).unwrap_err();

    assert!(received == sent, "{} bytes differ", received.iter().zip(&sent).filter(|(a, b)| a != b).count());
    assert_eq!(end.kind, FailureKind::Disconnected);
    peer.join().unwrap();
}

#[test]
fn two_sides_that_both_write_first_inside_tls_do_not_wait_for_each_other() {
    // More than the system's buffers take in both directions.
    const SIZE: usize = 12 * 1024 * 1024;
    let ca = TestCa::new().unwrap();
    let (server, peer) = tls_peer(&ca, |mut tls| {
        tls.write_all(&vec![b'a'; 3 * 1024 * 1024]).unwrap();
        let mut received = Vec::new();
        (&mut tls).take(SIZE as u64).read_to_end(&mut received).unwrap();
        received.len()
    });

    let (mut session, _) = greeting::open(&server, &Cancel::new()).unwrap();
    session.transport.write(&vec![b'b'; SIZE]).unwrap();
    let mut received = Vec::new();
    session.transport.read_exact(3 * 1024 * 1024, &mut received).unwrap();

    assert_eq!(peer.join().unwrap(), SIZE);
    assert!(received.iter().all(|b| *b == b'a'));
}

#[test]
fn what_is_written_in_pieces_of_every_size_has_left_after_each_flush() {
    let ca = TestCa::new().unwrap();
    let sizes = [1, 16_384, 65_536, 5, 16_383, 200_000, 1, 70_000, 300];
    let pieces: Vec<Vec<u8>> = (0..90).map(|n| vec![n as u8; sizes[n % sizes.len()]]).collect();
    let wanted = pieces.clone();
    let (server, peer) = tls_peer(&ca, move |mut tls| {
        tls.get_ref().set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // Each piece is answered, and the next one comes after that only.
        wanted.iter().all(|piece| {
            let mut received = vec![0; piece.len()];
            tls.read_exact(&mut received).unwrap();
            tls.write_all(b"taken\r\n").unwrap();
            received == *piece
        })
    });

    let (mut session, _) = greeting::open(&server, &Cancel::new()).unwrap();
    for piece in &pieces {
        session.transport.write(piece).unwrap();
        session.transport.flush().unwrap();
        session.transport.read_line(100, &mut Vec::new()).unwrap();
    }

    assert!(peer.join().unwrap(), "a piece arrived as another one");
}

#[test]
fn no_encryption_works_where_it_is_wished() {
    let server = Server::new(Personality::generic())
        .with_account(Account::new("terry.adams", "1091990"))
        .start()
        .unwrap();

    let session = connect(&plain(&server), &password("terry.adams", "1091990")).unwrap();

    assert!(!session.transport.is_tls());
}
