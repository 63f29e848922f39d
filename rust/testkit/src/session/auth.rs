//! Signing in and out, capabilities, STARTTLS, ENABLE and IDLE (RFC 3501, RFC 4959, XOAUTH2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Reply, Session, encryption, select};
use crate::rules::{Authzid, TokenVerdict, TooMany};
use crate::store::Store;
use crate::syntax::Args;
use crate::wire::{Flow, Gone};

/// What a sign-in leads to: an account, and whether its mailbox may be opened.
type SignedIn = Option<(String, bool)>;

fn capability_words(session: &Session) -> String {
    let p = &session.shared.personality;
    let list = if session.account.is_some() { &p.after_login } else { &p.before_login };
    let mut words = list.join(" ");
    if encryption::can_starttls(session) {
        words.push_str(" STARTTLS");
    }
    words
}

pub(super) fn capability(session: &mut Session) -> Flow<Reply> {
    let line = format!("* CAPABILITY {}", capability_words(session));
    session.wire.send_line(&line)?;
    Ok(Reply::Ok("CAPABILITY completed.".into()))
}

pub(super) fn logout(session: &mut Session) -> Flow<Reply> {
    session.wire.send_line("* BYE Logging out")?;
    let tag = session.tag.clone();
    session.wire.send_line(&format!("{tag} OK LOGOUT completed."))?;
    Err(Gone)
}

pub(super) fn enable(session: &mut Session, args: &mut Args) -> Flow<Reply> {
    let mut enabled = String::new();
    while let Some(word) = args.text() {
        let word = word.to_ascii_uppercase();
        let known = matches!(word.as_str(), "UTF8=ACCEPT" | "CONDSTORE" | "QRESYNC");
        if known && session.shared.personality.has(&word) {
            session.utf8 |= word == "UTF8=ACCEPT" && !session.shared.personality.names.utf8_in_name_only;
            session.qresync |= word == "QRESYNC";
            enabled.push(' ');
            enabled.push_str(&word);
        }
    }
    session.wire.send_line(&format!("* ENABLED{enabled}"))?;
    Ok(Reply::Ok("ENABLE completed.".into()))
}

pub(super) fn idle(session: &mut Session) -> Flow<Reply> {
    session.wire.send_continuation("idling")?;
    session.wire.read_line()?;
    select::synced(session, "IDLE completed.")
}

pub(super) fn sign_in(session: &mut Session, verb: &str, args: &mut Args) -> Flow<Reply> {
    let signed_in = if verb == "LOGIN" {
        match (args.text(), args.text()) {
            (Some(user), Some(password)) => check_password(session, &user, &password),
            _ => return Ok(session.bad_command()),
        }
    } else {
        match authenticate(session, args)? {
            Ok(signed_in) => signed_in,
            Err(reply) => return Ok(reply),
        }
    };
    let texts = &session.shared.personality.texts;
    let Some((account, connected)) = signed_in else {
        return Ok(Reply::No(texts.login_failed.replace("{verb}", verb)));
    };
    if let Some(text) = too_many(session, &account) {
        return Ok(Reply::No(text));
    }
    let text = texts.login_ok.replace("{verb}", verb);
    session.shared.enter(&account);
    session.account = Some(account);
    session.connected = connected;
    if session.shared.personality.login.swallows_pipelined {
        session.wire.discard_input();
    }
    let announced = session.shared.personality.announce_after_login;
    let code = if announced { format!("[CAPABILITY {}] ", capability_words(session)) } else { String::new() };
    Ok(Reply::Ok(format!("{code}{text}")))
}

fn too_many(session: &Session, account: &str) -> Option<String> {
    match &session.shared.personality.limits.connections {
        Some((limit, TooMany::No(text))) if session.shared.connections_of(account) >= *limit => {
            Some(text.clone())
        }
        _ => None,
    }
}

pub(super) fn sign_out(session: &mut Session) {
    if let Some(account) = session.account.take() {
        session.shared.leave(&account);
    }
}

fn check_password(session: &Session, user: &str, password: &str) -> SignedIn {
    let login = &session.shared.personality.login;
    if !login.passwords {
        return None;
    }
    let store = session.store();
    let account = if password_fits(&store, user, password) {
        Some(user.to_owned())
    } else if login.admin_names {
        let (admin, other) = admin_name(user)?;
        admin_opens(&store, &admin, password, &other)
    } else {
        None
    }?;
    let connected = store.accounts[&account].mailbox_permission;
    Some((account, connected))
}

fn authenticate(session: &mut Session, args: &mut Args) -> Flow<Result<SignedIn, Reply>> {
    let Some(mechanism) = args.text().map(|m| m.to_ascii_uppercase()) else {
        return Ok(Err(session.bad_command()));
    };
    let offered = session.shared.personality.before_login.iter().any(|c| *c == format!("AUTH={mechanism}"));
    if !offered {
        return Ok(Err(Reply::No("[CANNOT] Unsupported authentication mechanism.".into())));
    }
    let initial = args.text();
    if mechanism == "LOGIN" {
        return authenticate_login(session, initial);
    }
    let response = match initial {
        Some(text) => text,
        None => ask(session, "")?,
    };
    if response == "*" {
        return Ok(Err(Reply::Bad("Authentication aborted by client.".into())));
    }
    let Ok(bytes) = STANDARD.decode(response.trim_matches('=').to_owned() + padding(&response)) else {
        return Ok(Err(session.bad_command()));
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match mechanism.as_str() {
        "PLAIN" => Ok(Ok(check_plain(session, &text))),
        "XOAUTH2" => check_token(session, &text),
        _ => Ok(Err(session.bad_command())),
    }
}

/// Sends a challenge and reads the answer.
fn ask(session: &mut Session, challenge: &str) -> Flow<String> {
    session.wire.send_continuation(challenge)?;
    Ok(String::from_utf8_lossy(&session.wire.read_line()?).into_owned())
}

fn authenticate_login(session: &mut Session, initial: Option<String>) -> Flow<Result<SignedIn, Reply>> {
    let user = match initial {
        Some(text) => text,
        None => ask(session, &STANDARD.encode("Username:"))?,
    };
    let password = ask(session, &STANDARD.encode("Password:"))?;
    let text = |s: &str| STANDARD.decode(s).ok().and_then(|b| String::from_utf8(b).ok());
    match (text(&user), text(&password)) {
        (Some(user), Some(password)) => Ok(Ok(check_password(session, &user, &password))),
        _ => Ok(Err(session.bad_command())),
    }
}

fn check_plain(session: &Session, text: &str) -> SignedIn {
    let parts: Vec<&str> = text.split('\0').collect();
    let [authzid, user, password] = parts[..] else { return None };
    if authzid.is_empty() || authzid == user {
        return check_password(session, user, password);
    }
    let login = &session.shared.personality.login;
    match login.authzid {
        Authzid::Refused => None,
        Authzid::Ignored => check_password(session, user, password),
        Authzid::Honoured if !login.passwords => None,
        Authzid::Honoured => {
            let store = session.store();
            let account = admin_opens(&store, user, password, authzid)?;
            let connected = store.accounts[&account].mailbox_permission;
            Some((account, connected))
        }
    }
}

fn check_token(session: &mut Session, text: &str) -> Flow<Result<SignedIn, Reply>> {
    let field = |name: &str| text.split('\x01').find_map(|f| f.strip_prefix(name));
    let (Some(user), Some(token)) = (field("user="), field("auth=Bearer ")) else {
        return Ok(Ok(None));
    };
    let account = {
        let store = session.store();
        let found = store.accounts.keys().find(|k| k.eq_ignore_ascii_case(user)).cloned();
        found.map(|name| (store.accounts[&name].mailbox_permission, name))
    };
    let verdict = session.shared.token_verdict(user, token);
    match (verdict, account) {
        (TokenVerdict::Accept, Some((permitted, name))) => Ok(Ok(Some((name, permitted)))),
        (TokenVerdict::NotConnected, Some((_, name))) => Ok(Ok(Some((name, false)))),
        _ => {
            let challenge = STANDARD.encode(&session.shared.personality.login.token_challenge);
            ask(session, &challenge)?;
            Ok(Ok(None))
        }
    }
}

/// Some clients leave the padding out.
fn padding(text: &str) -> &'static str {
    match text.trim_end_matches('=').len() % 4 {
        2 => "==",
        3 => "=",
        _ => "",
    }
}

fn password_fits(store: &Store, user: &str, password: &str) -> bool {
    store.accounts.get(user).is_some_and(|a| a.password.0 == password)
}

/// The account that an administrator opens.
fn admin_opens(store: &Store, admin: &str, password: &str, other: &str) -> Option<String> {
    let allowed = password_fits(store, admin, password) && store.accounts[admin].admin;
    (allowed && store.accounts.contains_key(other)).then(|| other.to_owned())
}

/// Administrator and user in `Domain/Admin/User`, `User*Admin` and `#user@domain#Admin#`.
fn admin_name(login: &str) -> Option<(String, String)> {
    let pair = |admin: &str, user: &str| Some((admin.to_owned(), user.to_owned()));
    if let Some(inner) = login.strip_prefix('#').and_then(|l| l.strip_suffix('#')) {
        let (address, admin) = inner.split_once('#')?;
        return pair(admin, address.split('@').next()?);
    }
    if let Some((user, admin)) = login.split_once('*') {
        return pair(admin, user);
    }
    match login.split('/').collect::<Vec<_>>()[..] {
        [_domain, admin, user] => pair(admin, user),
        _ => None,
    }
}
