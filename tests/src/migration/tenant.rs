//! A tenant at Exchange Online, as far as it can be had on loopback: a token endpoint, the test server in Exchange's likeness with
//! TLS, and somebody who trusts both.

use imapmig_testkit::tls::{Certificate, TestCa, TlsMode};
use imapmig_testkit::{Account, Personality, RunningServer, Server, TokenVerdict};

use super::{Credential, EMAILS, Migration, TokenServer};

/// A tenant with a mailbox for each of [`EMAILS`].
#[derive(Debug)]
pub struct Tenant {
    /// Gives tokens out.
    pub tokens: TokenServer,
    /// Takes them.
    pub exchange: RunningServer,
    /// Trusts the certificates of both.
    pub migration: Migration,
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
        let personality = personality.with_tokens(|_, token| match TokenServer::gave(token) {
            true => TokenVerdict::Accept,
            false => TokenVerdict::Reject,
        });
        let exchange = Server::new(personality)
            .with_accounts(EMAILS.map(|email| Account::new(email, "no password works here")))
            .with_tls(TlsMode::Implicit, &ca, Certificate::Valid)
            .and_then(Server::start)
            .expect("a port of the system's choice");
        Self { tokens, exchange, migration: Migration::new().trusting(&[&ca.pem()]) }
    }

    /// The arguments of `endpoint new` for the endpoint `Tenant`; `credential` is an option and its file.
    pub fn arguments(&self, credential: [&str; 2]) -> Vec<String> {
        let port = self.exchange.port().to_string();
        let authority = self.tokens.authority();
        let given = ["endpoint", "new", "--name", "Tenant", "--type", "Microsoft365"];
        let server = ["--remote-server", "localhost", "--port", &port, "--test-mailbox", EMAILS[0]];
        let application = ["--tenant-id", TokenServer::TENANT, "--application-id", TokenServer::APPLICATION];
        let all = [given.as_slice(), &server, &application, &["--authority", &authority], &credential];
        all.concat().into_iter().map(str::to_owned).collect()
    }

    /// Makes the endpoint `Tenant`.
    pub fn register(&self) {
        let file = self.migration.write_file("secret", Self::SECRET.as_bytes());
        let arguments =
            self.arguments(["--client-secret-file", file.to_str().expect("our own names are UTF-8")]);
        self.migration.json(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    }
}
