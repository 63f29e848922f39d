//! Signing in: LOGIN, AUTHENTICATE PLAIN, AUTHENTICATE XOAUTH2. RFC 3501 section 6.2, RFC 4616, RFC 4959.
//!
//! Names and passwords are sent verbatim. Nothing is pipelined after the command: Courier swallows it.

use crate::answers::{Condition, Status, classify};
use crate::capability::Capability;
use crate::command::Command;
use crate::session::{Answer, Session, Untagged};
use crate::{Login, Tokens, hidden};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use imapmig_core::failure::{
    Action, Conduct, Failure, FailureKind, Retry, Scope, SignIn, Unsendable, printable,
};
use imapmig_core::secret::{Secret, sent};
use zeroize::Zeroizing;

/// Signs in, and reads the capabilities that hold afterwards.
///
/// # Errors
/// Scope `User`: `LoginRefused`, `PermissionDenied`, `ConnectionLimit`, `Token`, or what breaks connections.
pub fn sign_in(session: &mut Session, login: &Login) -> Result<(), Failure> {
    let told = match login {
        Login::Password { user_name, password } => password_login(session, user_name, password)?,
        Login::Plain { authorization, authentication, password } => {
            plain(session, authorization, authentication, password)?
        }
        Login::OAuth { user_name, tokens } => xoauth2(session, user_name, tokens.as_ref())?,
    };
    if !told {
        session.ask_capabilities()?;
    }
    Ok(())
}

/// Signs in by LOGIN, or AUTHENTICATE PLAIN. Returns `true` if the answer held capabilities, which are noted.
fn password_login(session: &mut Session, user_name: &str, password: &Secret) -> Result<bool, Failure> {
    if session.has(Capability::LoginDisabled) {
        if session.capabilities.auth("PLAIN") {
            return plain(session, "", user_name, password);
        }
        let (host, is_tls) = (session.host().to_owned(), session.transport.is_tls());
        let case = if is_tls { SignIn::PasswordNotTaken { host } } else { SignIn::PasswordNeedsTls { host } };
        return Err(Failure::new(Scope::User, FailureKind::LoginRefused, case));
    }
    let command = Command::new("LOGIN").string(user_name.as_bytes()).string(password.expose().as_bytes());
    let reply = session.run(&command)?;
    if reply.status.is_ok() {
        return Ok(session.note_capabilities(&reply.untagged, &reply.status));
    }
    // Some servers accept no literal in LOGIN, and others no 8-bit character (RFC 6855 section 5). PLAIN carries both.
    let judged = reply.status.code_word();
    if command.has_literal() && judged != "AUTHENTICATIONFAILED" && session.capabilities.auth("PLAIN") {
        return plain(session, "", user_name, password);
    }
    Err(refused(&reply.status, session.host()))
}

fn plain(
    session: &mut Session,
    authorization: &str,
    authentication: &str,
    password: &Secret,
) -> Result<bool, Failure> {
    // NUL separates the three parts (RFC 4616): a name that holds one could change who signs in, and as whom.
    if [authorization, authentication, password.expose()].iter().any(|part| part.contains('\0')) {
        return Err(unsendable(Unsendable::Nul));
    }
    let mut message = Zeroizing::new(Vec::with_capacity(
        authorization.len() + authentication.len() + password.expose().len() + 2,
    ));
    message.extend_from_slice(authorization.as_bytes());
    message.push(0);
    message.extend_from_slice(authentication.as_bytes());
    message.push(0);
    message.extend_from_slice(password.expose().as_bytes());
    let (outcome, _) = authenticate(session, "PLAIN", &message, password)?;
    match outcome {
        Outcome::Done(told) => Ok(told),
        Outcome::Refused { failure, .. } => Err(failure),
    }
}

fn xoauth2(session: &mut Session, user_name: &str, tokens: &dyn Tokens) -> Result<bool, Failure> {
    if user_name.contains('\x01') {
        return Err(unsendable(Unsendable::ControlCharacter));
    }
    let mut first_refusal = true;
    loop {
        let token = tokens.token(session.transport.cancel())?;
        let message = Zeroizing::new(
            format!("user={user_name}\x01auth=Bearer {}\x01\x01", token.expose()).into_bytes(),
        );
        let (outcome, challenge) = authenticate(session, "XOAUTH2", &message, &token)?;
        let (status, failure) = match outcome {
            Outcome::Done(told) => return Ok(told),
            Outcome::Refused { status, failure } => (status, failure),
        };
        if failure.kind != FailureKind::LoginRefused {
            return Err(failure);
        }
        tokens.invalidate(&token);
        // A cached token may have been revoked; a new one that is refused too is not the token's fault.
        if !first_refusal {
            return Err(token_refused(user_name, &status, challenge.as_deref(), session.host()));
        }
        first_refusal = false;
    }
}

/// The outcome of AUTHENTICATE.
enum Outcome {
    /// Signed in; `true` if the answer held capabilities.
    Done(bool),
    /// NO or BAD, and the failure it amounts to.
    Refused { status: Status, failure: Failure },
}

/// Runs AUTHENTICATE with one message, which holds `secret`. Also returns the server's second challenge, if any: XOAUTH2 reports
/// errors there.
fn authenticate(
    session: &mut Session,
    mechanism: &str,
    message: &[u8],
    secret: &Secret,
) -> Result<(Outcome, Option<String>), Failure> {
    let response = Zeroizing::new(STANDARD.encode(message));
    session.secrets.push(hidden::secret(secret));
    session.secrets.push(sent([response.as_str()]));
    exchange(session, mechanism, &response)
}

fn exchange(
    session: &mut Session,
    mechanism: &str,
    response: &str,
) -> Result<(Outcome, Option<String>), Failure> {
    let tag = session.next_tag();
    let at_once = session.has(Capability::SaslIr);
    session.transport.write(format!("{tag} AUTHENTICATE {mechanism}").as_bytes())?;
    if at_once {
        session.transport.write(b" ")?;
        session.transport.write(response.as_bytes())?;
    }
    session.transport.write(b"\r\n")?;

    let mut untagged = Untagged::default();
    let mut sent = at_once;
    let mut challenge = None;
    loop {
        match session.answer(&tag, &mut |line| untagged.keep(line))? {
            Answer::Done(status) if status.is_ok() => {
                let told = session.note_capabilities(&untagged.lines, &status);
                return Ok((Outcome::Done(told), challenge));
            }
            Answer::Done(status) => {
                let failure = refused(&status, session.host());
                return Ok((Outcome::Refused { status, failure }, challenge));
            }
            Answer::GoOn(_) if !sent => {
                session.transport.write(response.as_bytes())?;
                session.transport.write(b"\r\n")?;
                sent = true;
            }
            Answer::GoOn(text) if challenge.is_none() => {
                let decoded = STANDARD.decode(&text).ok().and_then(|d| String::from_utf8(d).ok());
                challenge = Some(printable(decoded.unwrap_or(text)));
                session.transport.write(b"\r\n")?;
            }
            Answer::GoOn(_) => return Err(session.protocol(Conduct::AskedAgainAtSignIn)),
        }
    }
}

/// A name or password that the mechanism cannot carry.
fn unsendable(what: Unsendable) -> Failure {
    Failure::new(Scope::User, FailureKind::LoginRefused, SignIn::Unsendable(what))
}

/// Returns the failure for a refused sign-in.
fn refused(status: &Status, host: &str) -> Failure {
    let judged = classify(status, Action::SignIn, host, Scope::User);
    if judged.retry != Retry::Never {
        return judged;
    }
    let host = host.to_owned();
    match judged.kind {
        kind @ FailureKind::PermissionDenied if status.code_word() == "AUTHORIZATIONFAILED" => {
            judged.known_as(kind, SignIn::OtherMailboxNotPermitted)
        }
        FailureKind::Refused if is_about_security(status) => {
            judged.known_as(FailureKind::LoginRefused, SignIn::PasswordNeedsTls { host })
        }
        FailureKind::Refused | FailureKind::NotFound => {
            judged.known_as(FailureKind::LoginRefused, SignIn::Refused { host })
        }
        _ => judged,
    }
}

fn is_about_security(status: &Status) -> bool {
    status.code_word() == "PRIVACYREQUIRED"
}

fn token_refused(user_name: &str, status: &Status, challenge: Option<&str>, host: &str) -> Failure {
    let told = match challenge {
        Some(challenge) => format!("{} {challenge}", status.words()),
        None => status.words(),
    };
    let case = SignIn::TokenRefused { host: host.to_owned(), user_name: user_name.to_owned() };
    Failure::new(Scope::User, FailureKind::LoginRefused, case).said(told)
}

/// Sends ID where the server supports it (RFC 2971); some servers open no mailbox before it.
pub(crate) fn introduce(session: &mut Session) -> Result<(), Failure> {
    if session.has(Capability::Id) {
        // The answer is irrelevant.
        session.run(&Command::new(concat!(
            "ID (\"name\" \"ImapMigration\" \"version\" \"",
            env!("CARGO_PKG_VERSION"),
            "\")"
        )))?;
    }
    Ok(())
}

/// Asks for names in UTF-8: Courier ends the connection at LIST when a name needs it and the client did not ask.
pub(crate) fn enable_utf8(session: &mut Session) -> Result<(), Failure> {
    if session.has(Capability::Enable) && session.has(Capability::Utf8Accept) {
        let reply = session.run(&Command::new("ENABLE UTF8=ACCEPT"))?;
        session.utf8 = reply.status.condition == Condition::Ok
            && reply.untagged.iter().any(|line| {
                let line = String::from_utf8_lossy(line).to_ascii_uppercase();
                line.starts_with("ENABLED") && line.contains("UTF8=ACCEPT")
            });
    }
    Ok(())
}
