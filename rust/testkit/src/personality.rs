//! What a server says and how it behaves, as data.
//!
//! The well-known servers are in [`known`]; every field can be changed from there.

mod known;

use std::sync::Arc;

use crate::alter::Changes;
use crate::message::Message;
use crate::naming::{KnownBy, MadeName, Names};
use crate::rewriting::Rewrite;
use crate::rules::{
    AppendRules, FetchOrder, FetchRules, Keywords, Limits, Literal8, LoginRules, Pipelining, Texts,
    TokenVerdict, TooMany,
};

pub use known::{EXCHANGE_ENGLISH, EXCHANGE_GERMAN, EXCHANGE_ONLINE_CAPABILITY};

/// How a server behaves.
#[derive(Debug, Clone)]
pub struct Personality {
    /// A name for failure messages.
    pub name: String,
    /// The text after `* OK ` in the greeting.
    pub greeting: String,
    /// CAPABILITY before login, without STARTTLS (added where TLS is offered).
    pub before_login: Vec<String>,
    /// CAPABILITY after login. Commands of extensions that are not listed are rejected.
    pub after_login: Vec<String>,
    /// Whether the OK of a login carries `[CAPABILITY ...]`.
    pub announce_after_login: bool,
    /// Names and their hierarchy.
    pub names: Names,
    /// Signing in.
    pub login: LoginRules,
    /// SELECT and EXAMINE answer `[UIDNEXT n]`.
    pub select_uidnext: bool,
    /// What happens to a message on its way in.
    pub append: AppendRules,
    /// How messages are answered.
    pub fetch: FetchRules,
    /// What happens to pipelined commands.
    pub pipelining: Pipelining,
    /// Limits on connections and sessions.
    pub limits: Limits,
    /// Texts of answers.
    pub texts: Texts,
    /// What is sent instead of each line.
    pub rewrite: Option<Rewrite>,
}

impl Personality {
    /// A server that follows the standards and supports every extension that is implemented here.
    pub fn generic() -> Personality {
        known::generic()
    }

    /// Dovecot 2.3: LF becomes CRLF and NUL 0x80 at APPEND, zero-byte messages are refused.
    pub fn dovecot() -> Personality {
        known::dovecot()
    }

    /// Courier 5: prefix `INBOX.`, no UIDNEXT in SELECT, no LITERAL+, drops what is sent right behind LOGIN,
    /// ignores the authorization identity, shows other users below `#shared.`
    pub fn courier_like() -> Personality {
        known::courier_like()
    }

    /// Cyrus 3.6: 8-bit header bytes become X; NUL and bare LF are refused unless they come as literal8.
    pub fn cyrus_like() -> Personality {
        known::cyrus_like()
    }

    /// Exchange Online: tokens only, one mailbox per account, German default folders on request.
    pub fn exchange_online() -> Personality {
        known::exchange_online()
    }

    /// Exchange Online's mailbox of a German user: `Gesendete Elemente` and so on, without special-use.
    pub fn exchange_online_german() -> Personality {
        known::exchange_online_german()
    }

    /// Replaces the folders that every mailbox has, without special-use attributes.
    pub fn with_exchange_folders(mut self, paths: &[&str]) -> Personality {
        self.names.default_folders = paths.iter().map(|p| ((*p).to_owned(), None)).collect();
        self
    }

    /// Gmail, as far as it concerns a copy: APPENDLIMIT, special-use folders below `[Gmail]`, no QRESYNC.
    pub fn gmail_like() -> Personality {
        known::gmail_like()
    }

    /// Whether a capability is announced after login.
    pub fn has(&self, capability: &str) -> bool {
        self.after_login.iter().any(|c| c.eq_ignore_ascii_case(capability))
    }

    /// Takes a capability away, before and after login: `without("UIDPLUS")`.
    pub fn without(mut self, capability: &str) -> Personality {
        for list in [&mut self.before_login, &mut self.after_login] {
            list.retain(|c| !c.eq_ignore_ascii_case(capability));
        }
        self
    }

    /// Adds a capability after login, and before it if it concerns signing in or literals.
    pub fn with(mut self, capability: &str) -> Personality {
        if !self.has(capability) {
            self.after_login.push(capability.to_owned());
        }
        let early = ["AUTH=", "SASL-IR", "LITERAL", "LOGINDISABLED", "ID"];
        let before = self.before_login.iter().any(|c| c.eq_ignore_ascii_case(capability));
        if !before && early.iter().any(|e| capability.starts_with(e)) {
            self.before_login.push(capability.to_owned());
        }
        self
    }

    /// Sets the hierarchy: `('.', "INBOX.")`.
    pub fn with_hierarchy(mut self, delimiter: char, prefix: &str) -> Personality {
        self.names.delimiter = delimiter;
        self.names.prefix = prefix.to_owned();
        self
    }

    /// Creates mailboxes under other names than CREATE requests, while answering OK.
    pub fn making(mut self, name: fn(&str) -> String, known_by: KnownBy) -> Personality {
        self.names.makes = Some((MadeName(name), known_by));
        self
    }

    /// Adds a mailbox that every account has, with its special-use attribute.
    pub fn with_default_folder(mut self, path: &str, special_use: Option<&str>) -> Personality {
        self.names.default_folders.push((path.to_owned(), special_use.map(str::to_owned)));
        self
    }

    /// Accepts tokens by a function of user name and token.
    pub fn with_tokens(
        mut self,
        check: impl Fn(&str, &str) -> TokenVerdict + Send + Sync + 'static,
    ) -> Personality {
        self.login.tokens = Some(Arc::new(check));
        self
    }

    /// Changes the bytes of appended messages while answering OK.
    pub fn altering(mut self, changes: Changes) -> Personality {
        self.append.changes = changes;
        self
    }

    /// Refuses messages: the function names the answer, `NO ...` or `BAD ...`.
    pub fn refusing(
        mut self,
        rule: impl Fn(&Message) -> Option<String> + Send + Sync + 'static,
    ) -> Personality {
        self.append.refusals.push(Arc::new(rule));
        self
    }

    /// Words each line of an answer otherwise; see [`Rewrite`].
    pub fn rewriting(mut self, rewrite: impl Fn(&str) -> String + Send + Sync + 'static) -> Personality {
        self.rewrite = Some(Rewrite::new(rewrite));
        self
    }

    /// Drops system flags and keywords given with APPEND.
    pub fn dropping_flags(mut self) -> Personality {
        self.append.drops_flags = true;
        self.append.drops_keywords = true;
        self
    }

    /// Sets how keywords are treated.
    pub fn with_keywords(mut self, keywords: Keywords) -> Personality {
        self.append.keywords = keywords;
        self
    }

    /// Refuses larger messages with this answer, `NO ...` or `BAD ...`.
    pub fn with_max_size(mut self, octets: u64, answer: &str) -> Personality {
        self.append.max_size = Some((octets, answer.to_owned()));
        self
    }

    /// Lets an account hold this many octets.
    pub fn with_quota(mut self, octets: u64) -> Personality {
        self.append.quota = Some(octets);
        self
    }

    /// Sets what happens to pipelined commands. A slow server that carries out one command at a time is [`Pipelining::Kept`] with
    /// `Fault::new(When::BeforeCommand("*".into()), What::StallFor(time)).always()`.
    pub fn with_pipelining(mut self, pipelining: Pipelining) -> Personality {
        self.pipelining = pipelining;
        self
    }

    /// After a refused APPEND, reads the lines of non-synchronizing literals longer than this as commands.
    pub fn misreading_refused(mut self, longer_than: u64) -> Personality {
        self.append.misreads_longer_than = Some(longer_than);
        self
    }

    /// Limits the connections at once.
    pub fn with_max_connections(mut self, count: usize, beyond: TooMany) -> Personality {
        self.limits.connections = Some((count, beyond));
        self
    }

    /// Ends a session after so many commands: `BYE Session invalidated - AccessTokenExpired`.
    pub fn with_commands_per_token(mut self, commands: usize) -> Personality {
        self.limits.commands_per_token = Some(commands);
        self
    }

    /// Answers RFC822.SIZE with an error of this many octets.
    pub fn with_size_error(mut self, octets: i64) -> Personality {
        self.fetch.size_error = octets;
        self
    }

    /// Sends bodies as literal8.
    pub fn with_literal8(mut self, when: Literal8) -> Personality {
        self.fetch.literal8 = when;
        self
    }

    /// Sets the order of FETCH answers.
    pub fn with_fetch_order(mut self, order: FetchOrder) -> Personality {
        self.fetch.order = order;
        self
    }

    /// Puts unsolicited responses after every so many FETCH answers.
    pub fn with_unsolicited_every(mut self, answers: usize) -> Personality {
        self.fetch.unsolicited_every = Some(answers);
        self
    }
}
