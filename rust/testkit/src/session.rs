//! One connection: reads commands, lets faults strike, carries the commands out by topic, and answers.
//!
//! The topics are in the files beside: signing in, names, listing, selecting, fetching, appending and so on.

mod append;
mod auth;
mod copy;
mod encryption;
mod fetch;
mod flags;
mod items;
mod list;
mod names;
mod qresync;
mod search;
mod select;

use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard};
use std::time::{Duration, Instant};

use crate::faults::{What, When, verb_matches};
use crate::rules::Pipelining;
use crate::shared::Shared;
use crate::store::{AccountState, Store};
use crate::syntax::{Args, LiteralMark, Token, literal_mark, tokenize};
use crate::transcript::{Received, redact};
use crate::wire::{Flow, Gone, Wire};
use select::Selected;

/// How a command ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    Ok(String),
    No(String),
    Bad(String),
    /// The whole answer behind the tag: `NO ...`
    Answer(String),
    /// Answered already.
    #[cfg(feature = "tls")]
    Done,
    /// After this the connection ends.
    Bye(String),
}

/// A command whose words are complete; an APPEND's message is still to come.
struct Command {
    tag: String,
    verb: String,
    line: String,
    args: Args,
    message: Option<LiteralMark>,
}

pub(crate) struct Session {
    wire: Wire,
    shared: Arc<Shared>,
    connection: u64,
    account: Option<String>,
    connected: bool,
    utf8: bool,
    qresync: bool,
    selected: Option<Selected>,
    errors: usize,
    commands: usize,
    generation: u64,
    watched: Vec<u64>,
    tag: String,
}

impl Session {
    pub(crate) fn new(wire: Wire, shared: Arc<Shared>, connection: u64) -> Session {
        let generation = shared.generation.load(Ordering::SeqCst);
        Session {
            wire,
            shared,
            connection,
            account: None,
            connected: true,
            utf8: false,
            qresync: false,
            selected: None,
            errors: 0,
            commands: 0,
            generation,
            watched: Vec::new(),
            tag: String::new(),
        }
    }

    /// Runs the dialogue to its end and hands the connection back to be closed.
    pub(crate) fn run(mut self) -> Wire {
        if encryption::implicit_tls(&mut self).is_ok() {
            let _ended: Flow<()> = self.dialogue();
            auth::sign_out(&mut self);
        }
        self.wire
    }

    fn dialogue(&mut self) -> Flow<()> {
        let greeting = format!("* OK {}", self.shared.personality.greeting);
        match self.shared.faults.strike(None, |w| *w == When::Greeting) {
            Some(What::Answer(line)) => self.wire.send_line(&line)?,
            Some(what) => {
                self.wire.act(what)?;
                self.wire.send_line(&greeting)?;
            }
            None => self.wire.send_line(&greeting)?,
        }
        self.wire.answered()?;
        loop {
            self.one_command()?;
        }
    }

    fn one_command(&mut self) -> Flow<()> {
        let Some(command) = self.read_command()? else {
            self.tag = "*".into();
            let reply = self.bad_command();
            return self.answer(reply);
        };
        self.tag = command.tag.clone();
        let reply = match self.expired_or_throttled(&command) {
            Some(Reply::Answer(text)) if command.verb == "APPEND" => {
                append::append(self, command.args, command.message, Some(Reply::Answer(text)))?
            }
            Some(reply) => reply,
            None => self.dispatch(command)?,
        };
        self.answer(reply)?;
        self.one_at_a_time()?;
        let watched = std::mem::take(&mut self.watched);
        self.wire.forget(&watched);
        Ok(())
    }

    /// Deals with input that came before the answer, where the server does not read ahead.
    fn one_at_a_time(&mut self) -> Flow<()> {
        match self.shared.personality.pipelining.clone() {
            Pipelining::Kept => {}
            Pipelining::Discarded => {
                while self.wire.is_pipelined()? {
                    self.wire.discard_input();
                }
            }
            Pipelining::Ended(text) => {
                if self.wire.is_pipelined()? {
                    self.wire.send_line(&format!("* BYE {text}"))?;
                    return Err(Gone);
                }
            }
        }
        Ok(())
    }

    fn answer(&mut self, reply: Reply) -> Flow<()> {
        let tag = self.tag.clone();
        self.wire.answered()?;
        let text = match reply {
            Reply::Ok(text) => return self.wire.send_line(&format!("{tag} OK {text}")),
            #[cfg(feature = "tls")]
            Reply::Done => return Ok(()),
            Reply::Bye(text) => {
                self.wire.send_line(&format!("* BYE {text}"))?;
                return Err(Gone);
            }
            Reply::No(text) => format!("{tag} NO {text}"),
            Reply::Bad(text) => format!("{tag} BAD {text}"),
            Reply::Answer(text) => format!("{tag} {text}"),
        };
        self.wire.send_line(&text)?;
        self.errors += 1;
        match self.shared.personality.limits.errors {
            Some(limit) if self.errors >= limit => {
                self.wire.send_line("* BYE Connection is closed. 13")?;
                Err(Gone)
            }
            _ => Ok(()),
        }
    }

    /// Reads a command's words; `None` if there is not even a tag and a verb.
    fn read_command(&mut self) -> Flow<Option<Command>> {
        self.wire.begin_command();
        let mut line = self.wire.read_line()?;
        let text = String::from_utf8_lossy(&line).into_owned();
        let mut parts = text.splitn(3, ' ');
        let (tag, first) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        if tag.is_empty() || first.is_empty() {
            return Ok(None);
        }
        let (tag, first) = (tag.to_owned(), first.to_ascii_uppercase());
        let (verb, prefix) = match (first.as_str(), parts.next()) {
            ("UID", Some(rest)) => {
                let second = rest.split(' ').next().unwrap_or("");
                (format!("UID {}", second.to_ascii_uppercase()), tag.len() + 5 + second.len())
            }
            _ => (first.clone(), tag.len() + 1 + first.len()),
        };
        self.record(&tag, &verb, &text[tag.len() + 1..]);
        self.watch_command(&verb)?;
        line.drain(..prefix.min(line.len()));

        let mut tokens = Vec::new();
        let first_line = text.clone();
        loop {
            let Some((mark, end)) = literal_mark(&line) else {
                let complete = tokenize(&line, &mut tokens).is_some();
                let args = Args::new(if complete { tokens } else { Vec::new() });
                return Ok(Some(Command { tag, verb, line: first_line, args, message: None }));
            };
            let complete = tokenize(&line[..end], &mut tokens).is_some();
            if verb == "APPEND" && !tokens.is_empty() {
                return Ok(Some(Command {
                    tag,
                    verb,
                    line: first_line,
                    args: Args::new(tokens),
                    message: Some(mark),
                }));
            }
            if !complete || mark.length > 65_536 || !self.allows(mark) {
                return Ok(Some(Command {
                    tag,
                    verb: String::new(),
                    line: first_line,
                    args: Args::new(Vec::new()),
                    message: None,
                }));
            }
            tokens.push(Token::Text(self.take_literal(mark)?));
            line = self.wire.read_line()?;
        }
    }

    /// Whether a literal of this form is understood here.
    fn allows(&self, mark: LiteralMark) -> bool {
        let p = &self.shared.personality;
        let offers = |c: &str| p.has(c) || p.before_login.iter().any(|b| b == c);
        let non_sync = offers("LITERAL+") || (offers("LITERAL-") && mark.length <= 4096);
        (!mark.non_sync || non_sync) && (!mark.binary || p.has("BINARY"))
    }

    fn take_literal(&mut self, mark: LiteralMark) -> Flow<Vec<u8>> {
        if !mark.non_sync {
            self.wire.send_continuation("OK")?;
        }
        let mut bytes = Vec::with_capacity(usize::try_from(mark.length).unwrap_or(0).min(1 << 26));
        self.wire.read_literal(mark.length, |piece| bytes.extend_from_slice(piece))?;
        Ok(bytes)
    }

    fn record(&self, tag: &str, verb: &str, line: &str) {
        self.shared.transcript().push(Received {
            connection: self.connection,
            account: self.account.clone(),
            at: Instant::now(),
            tag: tag.to_owned(),
            verb: verb.to_owned(),
            line: redact(verb, line),
        });
    }

    /// Arms what waits inside this command and its answer.
    fn watch_command(&mut self, verb: &str) -> Flow<()> {
        let faults = self.shared.faults.clone();
        let account = self.account.as_deref();
        let inside = faults.watch(account, |w| match w {
            When::InCommand(v, n) if verb_matches(v, verb) => Some(*n),
            _ => None,
        });
        let replies = faults.watch(account, |w| match w {
            When::InReply(v, n) if verb_matches(v, verb) => Some(*n),
            _ => None,
        });
        self.watched = inside.iter().chain(&replies).map(|p| p.id).collect();
        self.wire.watch_replies(replies);
        self.wire.watch_command(inside)
    }

    /// The end of the token's life, and throttling that is still on.
    fn expired_or_throttled(&mut self, command: &Command) -> Option<Reply> {
        let account = self.account.clone()?;
        self.commands += 1;
        let limit = self.shared.personality.limits.commands_per_token;
        let expired = self.generation != self.shared.generation.load(Ordering::SeqCst);
        if expired || limit.is_some_and(|l| self.commands > l) {
            return Some(Reply::Bye("Session invalidated - AccessTokenExpired".into()));
        }
        let left = self.shared.throttled_for(&account);
        if left.is_zero() || command.verb == "LOGOUT" {
            return None;
        }
        self.shared.throttled_answers.fetch_add(1, Ordering::SeqCst);
        Some(self.throttled(left))
    }

    /// Exchange's words for: come back later.
    fn throttled(&self, left: Duration) -> Reply {
        let milliseconds = left.as_millis().to_string();
        Reply::Answer(self.shared.personality.texts.throttled.replace("{ms}", &milliseconds))
    }

    /// A fault that replaces the command's execution, as an answer.
    fn struck(&mut self, what: Option<What>) -> Flow<Option<Reply>> {
        match what {
            None => Ok(None),
            Some(What::Answer(text)) => Ok(Some(Reply::Answer(text))),
            Some(What::Throttle(time)) => {
                if let Some(account) = &self.account {
                    self.shared.throttle(account, time);
                }
                Ok(Some(self.throttled(time)))
            }
            Some(what) => self.wire.act(what).map(|()| None),
        }
    }

    fn dispatch(&mut self, command: Command) -> Flow<Reply> {
        let Command { verb, line, mut args, message, .. } = command;
        if verb == "APPEND" {
            return append::append(self, args, message, None);
        }
        let account = self.account.clone();
        let fault = self.shared.faults.strike(account.as_deref(), |w| w.is_before(&verb, &line));
        if let Some(reply) = self.struck(fault)? {
            return Ok(reply);
        }
        let args = &mut args;
        match verb.as_str() {
            "CAPABILITY" => return auth::capability(self),
            "NOOP" | "CHECK" => return select::synced(self, "NOOP completed."),
            "LOGOUT" => return auth::logout(self),
            "ID" => {
                self.wire.send_line(&format!("* ID (\"name\" \"{}\")", self.shared.personality.name))?;
                return Ok(Reply::Ok("ID completed.".into()));
            }
            "STARTTLS" => return encryption::starttls(self),
            "LOGIN" | "AUTHENTICATE" if self.account.is_none() => return auth::sign_in(self, &verb, args),
            _ if self.account.is_none() => return Ok(self.bad_command()),
            "ENABLE" => return auth::enable(self, args),
            "NAMESPACE" => return names::namespace(self),
            "IDLE" => return auth::idle(self),
            _ => {}
        }
        if !self.connected {
            return Ok(Reply::Bad("User is authenticated but not connected.".into()));
        }
        let uid = verb.starts_with("UID ");
        match verb.as_str() {
            "LIST" => list::list(self, args),
            "LSUB" => list::lsub(self, args),
            "STATUS" => select::status(self, args),
            "GETQUOTAROOT" if self.shared.personality.has("QUOTA") => select::quota_root(self, args),
            "SELECT" => select::select(self, args, false),
            "EXAMINE" => select::select(self, args, true),
            "CREATE" => names::create(self, args),
            "DELETE" => names::delete(self, args),
            "RENAME" => names::rename(self, args),
            "SUBSCRIBE" => names::subscribe(self, args, true),
            "UNSUBSCRIBE" => names::subscribe(self, args, false),
            _ if self.selected.is_none() => Ok(self.bad_command()),
            "CLOSE" => select::close(self),
            "UNSELECT" if self.shared.personality.has("UNSELECT") => select::unselect(self),
            "EXPUNGE" => select::expunge(self, None),
            "UID EXPUNGE" if self.shared.personality.has("UIDPLUS") => select::uid_expunge(self, args),
            "FETCH" | "UID FETCH" => fetch::fetch(self, args, uid),
            "STORE" | "UID STORE" => flags::store_flags(self, args, uid),
            "SEARCH" | "UID SEARCH" => search::search(self, args, uid),
            "COPY" | "UID COPY" => copy::copy(self, args, uid, false),
            "MOVE" | "UID MOVE" if self.shared.personality.has("MOVE") => copy::copy(self, args, uid, true),
            _ => Ok(self.bad_command()),
        }
    }

    /// The answer to what is not understood.
    fn bad_command(&self) -> Reply {
        let text = self.shared.personality.texts.bad_command.clone();
        if text.starts_with("NO ") { Reply::Answer(text) } else { Reply::Bad(text) }
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.shared.store()
    }

    /// Works on the account that is signed in.
    fn with_account<T>(&self, work: impl FnOnce(&mut AccountState) -> T) -> Option<T> {
        let login = self.account.as_deref()?;
        self.store().accounts.get_mut(login).map(work)
    }

    /// Takes a mailbox name and finds it.
    fn mailbox_arg(&self, args: &mut Args) -> Result<String, Reply> {
        let wire = args.astring().ok_or_else(|| self.bad_command())?;
        let names = &self.shared.personality.names;
        self.with_account(|a| a.resolve_wire(names, &wire, self.utf8))
            .flatten()
            .ok_or_else(|| Reply::No(self.shared.personality.texts.no_mailbox.clone()))
    }
}
