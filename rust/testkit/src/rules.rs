//! What a server allows, changes, limits and says, as data: the parts of a personality.

use std::sync::Arc;

use crate::alter::Changes;
use crate::message::Message;

/// What a server does with an authorization identity in AUTHENTICATE PLAIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authzid {
    /// Opens the other account for an administrator, and refuses other users.
    Honoured,
    /// Answers OK and opens the account that signed in.
    Ignored,
    /// Answers NO.
    Refused,
}

/// What is answered to an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenVerdict {
    /// Signed in.
    Accept,
    /// The error challenge, then NO.
    Reject,
    /// Signed in, but without the permission for the mailbox.
    NotConnected,
}

/// Decides on a user name and an access token.
pub type TokenCheck = Arc<dyn Fn(&str, &str) -> TokenVerdict + Send + Sync>;

/// Signing in.
#[derive(Clone)]
pub struct LoginRules {
    /// Whether LOGIN and PLAIN are accepted.
    pub passwords: bool,
    /// Login names of the form `Domain/Admin/User`, `User*Admin`, `#user@domain#Admin#` are understood.
    pub admin_names: bool,
    /// What happens to an authorization identity.
    pub authzid: Authzid,
    /// Drops bytes that were sent right behind the LOGIN command.
    pub swallows_pipelined: bool,
    /// Decides on XOAUTH2 tokens beside the list held by the running server.
    pub tokens: Option<TokenCheck>,
    /// The JSON of XOAUTH2's error challenge.
    pub token_challenge: String,
}

impl std::fmt::Debug for LoginRules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginRules")
            .field("passwords", &self.passwords)
            .field("admin_names", &self.admin_names)
            .field("authzid", &self.authzid)
            .finish_non_exhaustive()
    }
}

/// How keywords are treated at APPEND and STORE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keywords {
    /// Kept; PERMANENTFLAGS has `\*`.
    Keep,
    /// Silently dropped; PERMANENTFLAGS lacks `\*`.
    Drop,
    /// The command is refused with this answer (`NO ...` or `BAD ...`); PERMANENTFLAGS lacks `\*`.
    Refuse(String),
}

/// Chooses messages and names the answer: `NO ...` or `BAD ...`.
pub type Refusal = Arc<dyn Fn(&Message) -> Option<String> + Send + Sync>;

/// What happens to a message on its way in.
#[derive(Clone)]
pub struct AppendRules {
    /// Changes that are made to the bytes while OK is answered.
    pub changes: Changes,
    /// Flags given with APPEND are dropped (a later STORE works).
    pub drops_flags: bool,
    /// The same for keywords alone.
    pub drops_keywords: bool,
    /// How keywords are treated at APPEND and STORE.
    pub keywords: Keywords,
    /// Refused messages; the first answer counts.
    pub refusals: Vec<Refusal>,
    /// The largest message, and the answer to a larger one.
    pub max_size: Option<(u64, String)>,
    /// The octets that an account may hold; then `NO [OVERQUOTA] ...`.
    pub quota: Option<u64>,
    /// Non-synchronizing literals longer than this are not read after a refused APPEND: their lines are taken for commands.
    pub misreads_longer_than: Option<u64>,
}

impl std::fmt::Debug for AppendRules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppendRules")
            .field("changes", &self.changes)
            .field("drops_flags", &self.drops_flags)
            .field("keywords", &self.keywords)
            .field("max_size", &self.max_size)
            .field("quota", &self.quota)
            .finish_non_exhaustive()
    }
}

/// The order in which FETCH answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchOrder {
    /// As RFC 3501 expects.
    Ascending,
    /// The newest first.
    Descending,
}

/// When a body is sent as `~{n}` (RFC 3516).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal8 {
    /// Never.
    Never,
    /// For messages that hold a NUL byte.
    WithNul,
    /// Always.
    Always,
}

/// How messages are answered.
#[derive(Debug, Clone)]
pub struct FetchRules {
    /// Added to the true size in RFC822.SIZE.
    pub size_error: i64,
    /// When literals are literal8.
    pub literal8: Literal8,
    /// The order of the answers.
    pub order: FetchOrder,
    /// After this many FETCH answers an unsolicited response: an alert, EXISTS, another message's FLAGS, in turn.
    pub unsolicited_every: Option<usize>,
    /// Odd answers about single messages, by UID.
    pub odd: std::collections::BTreeMap<u32, crate::OddAnswer>,
}

/// What happens to pipelined commands, which are sent before the previous one was answered.
///
/// RFC 3501 (section 5.5) wants them kept. Servers and proxies that read a buffer, carry its first line out and hand
/// the socket to another process lose the rest: Courier does so at LOGIN
/// ([`LoginRules::swallows_pipelined`]), some do at every command, and some hang up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pipelining {
    /// They are carried out in order.
    Kept,
    /// They are thrown away; the client waits for an answer that never comes.
    Discarded,
    /// `* BYE text` follows the answer to the first command.
    Ended(String),
}

/// What happens to connections beyond the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TooMany {
    /// They are closed before the greeting.
    Close,
    /// `* BYE text` instead of the greeting.
    Bye(String),
    /// LOGIN is answered `NO text`.
    No(String),
}

/// Limits on connections and sessions.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once; for [`TooMany::No`] per account.
    pub connections: Option<(usize, TooMany)>,
    /// The connection is closed after so many NO and BAD.
    pub errors: Option<usize>,
    /// `BYE Session invalidated - AccessTokenExpired` after so many commands.
    pub commands_per_token: Option<usize>,
}

/// Texts of answers, without the OK, NO or BAD.
#[derive(Debug, Clone)]
pub struct Texts {
    /// LOGIN or AUTHENTICATE worked; `{verb}` is replaced.
    pub login_ok: String,
    /// A wrong password or user; `{verb}` is replaced.
    pub login_failed: String,
    /// APPEND worked.
    pub append_ok: String,
    /// Not understood. Some servers answer NO here: then it begins with `NO `.
    pub bad_command: String,
    /// A mailbox that is not there.
    pub no_mailbox: String,
    /// CREATE of a name that is taken.
    pub exists: String,
    /// CREATE of a name that is not allowed.
    pub bad_name: String,
    /// Over quota.
    pub over_quota: String,
    /// Throttling, with its `NO ` or `BAD `; `{ms}` is replaced.
    pub throttled: String,
}
