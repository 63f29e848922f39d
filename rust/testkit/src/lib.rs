//! IMAP servers for tests and the demo: in memory, on 127.0.0.1, with the habits and faults of real ones.
//!
//! ```ignore
//! let server = Server::new(Personality::dovecot())
//!     .with_account(Account::new("terry.adams", "1091990").with_mailbox(
//!         Mailbox::new("Projets/Été 2024").with_message(MessageBuilder::new("Hello").size(4000).build()),
//!     ))
//!     .with_fault(Fault::cut(When::InFetchLiteral(100)))
//!     .start()?;
//! // ... point the client at server.host(), server.port() ...
//! let mail = server.snapshot("terry.adams");          // mailbox -> messages
//! assert!(server.commands().iter().any(|c| c.starts_with("UID FETCH")));
//! ```
//!
//! - [`Personality`] is data: `generic()`, `dovecot()`, `courier_like()`, `cyrus_like()`, `exchange_online()`,
//!   `gmail_like()`; take capabilities away with `without("UIDPLUS")`, add habits with the builder methods.
//!   A capability that is not announced is not understood either.
//! - [`Mailbox::new`] takes a path with `/`; the server shows it with its own prefix and delimiter. Every method of
//!   [`RunningServer`] that takes a mailbox accepts that path or the server's own Unicode name.
//! - [`Fault`] = [`When`] + [`What`], armed before the start or by `server.faults().arm(...)`; once, unless `times`.
//! - [`RunningServer::round_trips`] counts how often clients waited for an answer, once
//!   [`Server::with_round_trip_time`] holds answers back; [`Pipelining`] is for servers that cannot read ahead.
//! - [`DelayProxy`] puts a distance between a client and any server.
//! - Accounts of Exchange Online sign in with tokens: `with_token(user, token)` or `Personality::with_tokens`.
//! - The server ends, with its threads, when [`RunningServer`] is dropped.
#![forbid(unsafe_code)]

mod account;
mod alter;
mod counts;
mod dates;
mod delay;
mod faults;
mod handle;
mod message;
mod mutation;
mod naming;
mod odd_answers;
mod personality;
mod rewriting;
mod rules;
pub mod sample;
mod server;
mod session;
mod sets;
mod shared;
mod store;
mod syntax;
#[cfg(feature = "tls")]
pub mod tls;
mod transcript;
mod wire;

pub use account::{Account, Mailbox};
pub use alter::Changes;
pub use dates::{format_internal_date, parse_internal_date};
pub use delay::DelayProxy;
pub use faults::{Fault, Faults, What, When};
pub use handle::RunningServer;
pub use message::{Message, MessageBuilder};
pub use mutation::mutated;
pub use naming::{KnownBy, MadeName, Names};
pub use odd_answers::OddAnswer;
pub use personality::{EXCHANGE_ENGLISH, EXCHANGE_GERMAN, EXCHANGE_ONLINE_CAPABILITY, Personality};
pub use rewriting::Rewrite;
pub use rules::{
    AppendRules, Authzid, FetchOrder, FetchRules, Keywords, Limits, Literal8, LoginRules, Pipelining,
    Refusal, Texts, TokenCheck, TokenVerdict, TooMany,
};
pub use server::Server;
pub use store::StoredMessage;
pub use transcript::Received;
