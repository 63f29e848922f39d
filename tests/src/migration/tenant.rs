//! A tenant at Exchange Online, as far as it can be had on loopback: a token endpoint, the test server in Exchange's likeness with
//! TLS, and somebody who trusts both.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use imapmig_testkit::tls::{Certificate, TestCa, TlsMode};
use imapmig_testkit::{Account, Message, Personality, RunningServer, Server, TokenVerdict};

use super::{Credential, EMAILS, Migration, TokenServer};
use crate::Corpus;

/// A tenant with a mailbox for each of [`EMAILS`].
#[derive(Debug)]
pub struct Tenant {
    /// Gives tokens out.
    pub tokens: TokenServer,
    /// Takes them.
    pub exchange: RunningServer,
    /// Trusts the certificates of both.
    pub migration: Migration,
    /// The tokens up to this one are no good any more.
    expired: Arc<AtomicUsize>,
}

impl Tenant {
    /// The client secret of [`Tenant::new`].
    pub const SECRET: &str = "a client's secret: 100% & +more";

    /// A tenant whose application has a secret.
    pub fn new(personality: Personality) -> Self {
        Self::with(personality, Credential::Secret(Self::SECRET.to_owned()))
    }

    /// A tenant whose application has this credential.
    ///
    /// # Panics
    ///
    /// If no server can be started.
    pub fn with(personality: Personality, credential: Credential) -> Self {
        let ca = TestCa::new().expect("keys can be made");
        let (chain, key) = ca.server_pem(Certificate::Valid).expect("certificates can be made");
        let tokens = TokenServer::start(&chain, &key, credential);
        let expired = Arc::new(AtomicUsize::new(0));
        let up_to = Arc::clone(&expired);
        let personality = personality.with_tokens(move |_, token| match TokenServer::request_of(token) {
            Some(number) if number > up_to.load(Ordering::Relaxed) => TokenVerdict::Accept,
            _ => TokenVerdict::Reject,
        });
        let exchange = Server::new(personality)
            .with_accounts(EMAILS.map(|email| Account::new(email, "no password works here")))
            .with_tls(TlsMode::Implicit, &ca, Certificate::Valid)
            .and_then(Server::start)
            .expect("a port of the system's choice");
        Self { tokens, exchange, migration: Migration::new().trusting(&[&ca.pem()]), expired }
    }

    /// Puts mail into the mailbox of one of [`EMAILS`].
    pub fn deliver(&self, email: &str, corpus: &Corpus) {
        for (path, messages) in &corpus.mailboxes {
            let mailbox = path.join("/");
            self.exchange.make_mailbox(email, &mailbox);
            for message in messages {
                let bare = Message::from_bytes(message.bytes.clone()).with_internal_date(message.date);
                let whole = message.flags.iter().fold(bare, |message, flag| message.with_flag(flag));
                self.exchange.deliver(email, &mailbox, whole);
            }
        }
    }

    /// Ends the life of every token given out so far: sessions are ended at their next command, and no new one begins with them.
    pub fn expire_tokens(&self) {
        self.expired.store(self.tokens.requests().len(), Ordering::Relaxed);
        self.exchange.expire_sessions();
    }

    /// The arguments of `endpoint new` for the endpoint `Tenant`; `credential` is an option and its file.
    pub fn arguments(&self, credential: [&str; 2]) -> Vec<String> {
        self.arguments_at(self.exchange.port(), credential)
    }

    fn arguments_at(&self, port: u16, credential: [&str; 2]) -> Vec<String> {
        let port = port.to_string();
        let authority = self.tokens.authority();
        let given = ["endpoint", "new", "--name", "Tenant", "--type", "Microsoft365"];
        let server = ["--remote-server", "localhost", "--port", &port, "--test-mailbox", EMAILS[0]];
        let application = ["--tenant-id", TokenServer::TENANT, "--application-id", TokenServer::APPLICATION];
        let all = [given.as_slice(), &server, &application, &["--authority", &authority], &credential];
        all.concat().into_iter().map(str::to_owned).collect()
    }

    /// Makes the endpoint `Tenant`.
    pub fn register(&self) {
        self.register_at(self.exchange.port());
    }

    /// Makes the endpoint `Tenant` with another port that leads to the server.
    pub fn register_at(&self, port: u16) {
        let file = self.migration.write_file("secret", Self::SECRET.as_bytes());
        let file = file.to_str().expect("our own names are UTF-8");
        let arguments = self.arguments_at(port, ["--client-secret-file", file]);
        self.migration.json(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    }
}
