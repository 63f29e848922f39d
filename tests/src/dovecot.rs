//! Dovecot in its four roles: the source with every sign-in style, an IMAP target, over migrated Maildirs, with OAuth.

use std::ffi::OsString;
use std::io::Write;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use crate::server::Settings;
use crate::{Certificate, Corpus, Server, delivery};

/// A running Dovecot.
#[derive(Debug)]
pub struct Dovecot {
    server: Server,
}

/// A Dovecot about to be started.
#[derive(Clone, Debug)]
pub struct DovecotBuilder {
    settings: Settings,
    base: Option<PathBuf>,
}

impl Dovecot {
    /// A source: [`crate::PEOPLE`] and [`crate::ADMIN`], with the runbook's four sign-in styles and authorization identities.
    pub fn source() -> DovecotBuilder {
        DovecotBuilder::of("source")
    }

    /// A target: any user signs in with the password `pw`; [`crate::ADMIN`] opens any mailbox.
    pub fn target() -> DovecotBuilder {
        DovecotBuilder::of("target")
    }

    /// Serves a copy of `<root>/<EmailAddress>/Maildir`: any user, password `pw`. [`Dovecot::serve_anew`] copies again.
    pub fn serving_maildirs(root: &Path) -> DovecotBuilder {
        DovecotBuilder::of("maildirs").option("MAIL_ROOT", root)
    }

    /// Takes the bearer tokens that [`Dovecot::accept_token`] names, by XOAUTH2 and OAUTHBEARER, and no passwords.
    pub fn oauth() -> DovecotBuilder {
        DovecotBuilder::of("oauth")
    }

    /// Accepts `token` for `user` from now on; user `*` stands for any user, as with an application's token.
    pub fn accept_token(&self, token: &str, user: &str) {
        self.append_token_line(&format!("{token} {user}\n"));
    }

    /// Makes the token authority fail when it is asked about `token`.
    pub fn fail_on_token(&self, token: &str) {
        self.append_token_line(&format!("{token} !\n"));
    }

    /// Accepts no token from now on.
    pub fn forget_tokens(&self) {
        std::fs::write(self.folder().join("tokens"), "").expect("the folder is the test's own");
    }

    /// Copies the Maildirs again, to show what was migrated since.
    pub fn serve_anew(&self) {
        self.server.stop();
        self.server.start_again();
    }

    /// The Maildir in which this server keeps a user's mail.
    pub fn maildir(&self, user: &str) -> PathBuf {
        self.folder().join("mail").join(user).join("Maildir")
    }

    /// Adds a corpus straight to the user's Maildir, past APPEND.
    ///
    /// # Panics
    ///
    /// If a file cannot be written, or a mailbox name holds a dot, which Maildir++ cannot say.
    pub fn deliver(&self, user: &str, corpus: &Corpus) {
        let root = self.maildir(user);
        if let Err(error) = delivery::deliver(&root, &self.folder().join("mail"), corpus) {
            panic!("delivery to {}: {error}", root.display());
        }
    }

    /// What the server wrote to its log.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.folder().join("dovecot.log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn append_token_line(&self, line: &str) {
        let file = std::fs::OpenOptions::new().append(true).open(self.folder().join("tokens"));
        file.and_then(|mut file| file.write_all(line.as_bytes())).expect("an OAuth server has a tokens file");
    }
}

impl Deref for Dovecot {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl DovecotBuilder {
    fn of(role: &str) -> Self {
        Self { settings: vec![("ROLE", role.into())], base: None }
    }

    /// Starts it. Panics with the server's words if that fails.
    pub fn start(self) -> Dovecot {
        let server = match &self.base {
            Some(base) => Server::start_in(base, "dovecot", self.settings),
            None => Server::start("dovecot", self.settings),
        };
        Dovecot { server }
    }

    /// Keeps its folder, and so its mail, below `base`.
    pub fn below(mut self, base: &Path) -> Self {
        self.base = Some(base.to_owned());
        self
    }

    /// Sets an option of `dovecot.sh`.
    pub fn option(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.settings.push((name, value.into()));
        self
    }

    /// The personal namespace, such as `INBOX.` with `.`.
    pub fn namespace(self, prefix: &str, separator: char) -> Self {
        self.option("NS_PREFIX", prefix).option("NS_SEPARATOR", separator.to_string())
    }

    /// How many connections a user may have from one address.
    pub fn max_per_user_ip(self, connections: u32) -> Self {
        self.option("MAX_PER_USER_IP", connections.to_string())
    }

    /// The certificate it shows.
    pub fn certificate(self, certificate: Certificate) -> Self {
        self.option("CERT", certificate.name())
    }

    /// The accounts of a source, instead of the people of the runbook. No colons or spaces in either.
    pub fn accounts(self, accounts: &[(&str, &str)]) -> Self {
        let words: Vec<String> =
            accounts.iter().map(|(name, password)| format!("{name}:{password}")).collect();
        self.option("ACCOUNTS", words.join(" "))
    }

    /// How much a user may store, such as `100K`.
    pub fn quota(self, storage: &str) -> Self {
        self.option("QUOTA", storage)
    }

    /// The largest message it takes, such as `10K`.
    pub fn max_message(self, size: &str) -> Self {
        self.option("MAX_MESSAGE", size)
    }

    /// How it stores mail: `maildir`, `mdbox` or `sdbox`. [`Dovecot::deliver`] needs `maildir`.
    pub fn store(self, format: &str) -> Self {
        self.option("STORE", format)
    }

    /// Whether the mail is on the disk when a command is answered.
    pub fn fsync(self, yes: bool) -> Self {
        self.option("FSYNC", if yes { "optimized" } else { "never" })
    }

    /// The capabilities it announces after sign-in, instead of its own.
    pub fn capability(self, words: &str) -> Self {
        self.option("CAPABILITY", words)
    }
}
