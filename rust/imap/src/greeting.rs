//! The start of a session: greeting, STARTTLS, capabilities. RFC 3501 sections 6.2.1 and 7.1, RFC 7817.
//!
//! Whatever the server announced before TLS is discarded afterwards.

use crate::answers::{Condition, Status, classify};
use crate::capability::Capability;
use crate::command::Command;
use crate::session::{LINE_LIMIT, Session, shown};
use crate::transport::Transport;
use crate::{ImapServer, dial, tls};
use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Security;
use imapmig_core::failure::{
    Action, Conduct, Connecting, Failure, FailureKind, NotConnected, Retry, Scope, TlsRefusal,
};
use imapmig_core::steps::Steps;

/// Opens a session up to the sign-in. Also returns `true` if the server has signed the client in already (PREAUTH).
///
/// # Errors
/// Scope `User`.
pub fn open(server: &ImapServer, cancel: &Cancel) -> Result<(Session, bool), Failure> {
    open_in_steps(server, cancel, &Steps::default())
}

/// As [`open`], recording each step.
pub(crate) fn open_in_steps(
    server: &ImapServer,
    cancel: &Cancel,
    steps: &Steps,
) -> Result<(Session, bool), Failure> {
    steps.add(format!("Looking up {} and connecting to port {}.", server.host, server.port));
    let (socket, deadline) = dial::dial(&server.host, server.port, cancel)?;
    if let Ok(address) = socket.peer_addr() {
        steps.add(format!(
            "{} is {}, and takes connections on port {}.",
            server.host,
            address.ip(),
            server.port
        ));
    }
    let mut transport = Transport::new(socket, &server.host, cancel, deadline).map_err(|error| {
        let why = NotConnected::NotSetUp(error.to_string());
        let case = Connecting::NotConnected { host: server.host.clone(), why };
        Failure::new(Scope::User, FailureKind::Unreachable, case)
    })?;
    if server.security == Security::Ssl {
        steps.add("Agreeing on TLS.");
        transport = transport.secure(|socket, wait| tls::shake(server, socket, wait))?;
        transport.tls_facts().into_iter().for_each(|facts| steps.add(facts));
    }
    steps.add("Waiting for the greeting.");
    let greeting = read_greeting(&mut transport, server)?;
    let mut session = Session::new(transport, String::new());
    let mut preauthenticated = greeting.condition == Condition::PreAuth;
    if server.security == Security::Tls {
        steps.add("Asking for TLS with STARTTLS.");
        session = start_tls(session, server, preauthenticated)?;
        session.transport.tls_facts().into_iter().for_each(|facts| steps.add(facts));
        preauthenticated = false;
        session.ask_capabilities()?;
    } else if !session.note_capabilities(&[], &greeting) {
        session.ask_capabilities()?;
    }
    session.transport.end_setup();
    steps.add(format!("The server speaks IMAP and announces: {}.", session.capabilities));
    Ok((session, preauthenticated))
}

fn read_greeting(transport: &mut Transport, server: &ImapServer) -> Result<Status, Failure> {
    let host = &server.host;
    let mut line = Vec::new();
    transport.read_line(LINE_LIMIT, &mut line).map_err(|failure| match failure.kind {
        _ if failure.is_cancelled() => failure,
        FailureKind::Disconnected => {
            failure.known_as(FailureKind::ConnectionLimit, Conduct::ClosedBeforeGreeting.of(host))
        }
        FailureKind::Protocol => not_imap(server, &line),
        _ => failure,
    })?;
    let status = line.strip_prefix(b"* ").and_then(Status::parse);
    match status {
        Some(status) => match status.condition {
            Condition::Ok | Condition::PreAuth => Ok(status),
            Condition::No | Condition::Bad | Condition::Bye => {
                Err(classify(&status, Action::Greet, host, Scope::User))
            }
        },
        None => Err(not_imap(server, &line)),
    }
}

fn not_imap(server: &ImapServer, line: &[u8]) -> Failure {
    let (host, port) = (server.host.clone(), server.port);
    // 0x15 begins a TLS alert, 0x16 a handshake.
    if server.security != Security::Ssl && matches!(line.first(), Some(0x15 | 0x16)) {
        let case = Connecting::Tls { host, port, why: TlsRefusal::FromFirstByte };
        return Failure::new(Scope::User, FailureKind::Tls, case);
    }
    Failure::new(Scope::User, FailureKind::Protocol, Connecting::NotImap { host, port })
        .retry(Retry::Never)
        .said(shown(line))
}

fn start_tls(mut session: Session, server: &ImapServer, preauthenticated: bool) -> Result<Session, Failure> {
    let missing = |why| {
        let case = Connecting::Tls { host: server.host.clone(), port: server.port, why };
        Failure::new(Scope::User, FailureKind::StartTlsMissing, case)
    };
    if preauthenticated {
        return Err(missing(TlsRefusal::SignsInBeforeStartTls));
    }
    session.ask_capabilities()?;
    if !session.has(Capability::StartTls) {
        return Err(missing(TlsRefusal::StartTlsMissing));
    }
    let reply = session.run(&Command::new("STARTTLS"))?;
    if !reply.status.is_ok() {
        return Err(missing(TlsRefusal::StartTlsRefused).said(reply.status.words()));
    }
    let transport = session.transport.secure(|socket, wait| tls::shake(server, socket, wait))?;
    Ok(Session::new(transport, String::new()))
}
