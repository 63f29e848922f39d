//! Servers to sync between, and the mail in them.

use super::sync_support::Rig;
use imapmig_core::endpoint::Security;
use imapmig_core::secret::Secret;
use imapmig_imap::connectors::{source_connector, target_connector};
use imapmig_imap::literals::{LiteralHabits, ServerMemory};
use imapmig_imap::{ImapServer, Login};
use imapmig_testkit::{Account, Mailbox, Message, MessageBuilder, Personality, RunningServer, Server};
use std::sync::Arc;
pub(super) const USER: &str = "terry";

pub(super) fn at(server: &RunningServer) -> ImapServer {
    ImapServer {
        host: server.host(),
        port: server.port(),
        security: Security::None,
        accept_untrusted_certificates: false,
        extra_ca_pem: None,
    }
}

pub(super) fn login() -> Login {
    Login::Password { user_name: USER.to_owned(), password: Secret::from("pw") }
}

/// Servers that have shown before that they drop the literals of refused commands.
struct Earned;

impl ServerMemory for Earned {
    fn recall(&self, _server: &str) -> Option<bool> {
        Some(true)
    }

    fn remember(&self, _server: &str, _trusted: bool) {}
}

pub(super) fn earned() -> LiteralHabits {
    LiteralHabits::new(Arc::new(Earned))
}

pub(super) fn source_server(personality: Personality, mailboxes: Vec<Mailbox>) -> RunningServer {
    let account = mailboxes.into_iter().fold(Account::new(USER, "pw"), Account::with_mailbox);
    Server::new(personality).with_account(account).start().unwrap()
}

pub(super) fn target_server(personality: Personality) -> RunningServer {
    Server::new(personality).with_account(Account::new(USER, "pw")).start().unwrap()
}

pub(super) fn rig(source: &RunningServer, target: &RunningServer) -> Rig {
    Rig::between(
        source_connector(at(source), login(), None),
        target_connector(at(target), login(), &earned()),
    )
}

/// Ordinary messages, some of them equal twins, some with flags and keywords.
pub(super) fn messages(count: usize) -> Vec<Message> {
    let one = |n: usize| {
        let subject = format!("number {}", n - n % 7 / 6);
        let date = 1_600_000_000 + i64::try_from(n - n % 7 / 6).unwrap();
        let builder = MessageBuilder::new(&subject)
            .message_id(Some(&format!("<{}@contoso.edu>", n - n % 7 / 6)))
            .date(date)
            .internal_date(date)
            .size(400 + 37 * (n % 5));
        let builder = if n.is_multiple_of(3) { builder.flag("\\Seen").flag("$Forwarded") } else { builder };
        builder.build()
    };
    (0..count).map(one).collect()
}

/// What counts of a mailbox's messages: bytes, date, flags and keywords; sorted.
pub(super) fn mail(server: &RunningServer, mailbox: &str) -> Vec<(Vec<u8>, i64, String)> {
    let mut mail: Vec<_> = server
        .messages(USER, mailbox)
        .into_iter()
        .map(|m| {
            let flags: Vec<_> =
                m.flags.iter().chain(&m.keywords).filter(|f| *f != "\\Recent").cloned().collect();
            (m.raw.to_vec(), m.internal_date, flags.join(" "))
        })
        .collect();
    mail.sort();
    mail
}
