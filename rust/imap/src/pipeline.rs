//! Pipelines commands: sends them before earlier ones are answered. RFC 3501 section 5.5.
//!
//! Some servers and proxies lose pipelined commands, and some hang up. A server that answers only the first command of the first batch
//! is one of them: the connection is given up, and the account's connections send one command at a time from then on.

use crate::command::Command;
use crate::session::{Answer, Reply, Session, Untagged};
use imapmig_core::failure::{Conduct, Failure, FailureKind, Scope};
use std::collections::HashMap;
use std::time::Duration;

/// Time limit for the second answer of the first batch. A slower server is sent one command at a time, which costs time but no mail.
const TRIAL: Duration = Duration::from_secs(10);

/// Waits for the first sign that a pipelined command is answered. Returns at once if the server has answered one before.
pub(crate) fn wait_for_early(session: &mut Session) -> Result<(), Failure> {
    if session.pipelining.is_proven() {
        return Ok(());
    }
    session.transport.waits().limit_silence(TRIAL);
    let arrived = session.transport.fill().map(|bytes| bytes.starts_with(b"* BYE"));
    session.transport.waits().limit_silence_as_usual();
    match arrived {
        Ok(false) => {
            session.pipelining.prove();
            Ok(())
        }
        Err(failure) if failure.is_cancelled() => Err(failure),
        Ok(true) | Err(_) => {
            session.pipelining.give_up();
            let case = Conduct::LosesPipelinedCommands.of(session.host());
            Err(Failure::new(Scope::User, FailureKind::Disconnected, case))
        }
    }
}

/// Sends all commands at once and returns their replies in order; `None` if they have to be sent one by one, because the server
/// wants it or one of them holds a literal.
pub(crate) fn run_all(session: &mut Session, commands: &[Command]) -> Result<Option<Vec<Reply>>, Failure> {
    let texts: Option<Vec<&[u8]>> = commands.iter().map(Command::plain).collect();
    let Some(texts) = texts.filter(|_| session.pipelining.is_possible()) else { return Ok(None) };
    let mut tags = HashMap::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        let tag = session.next_tag();
        session.transport.write(format!("{tag} ").as_bytes())?;
        session.transport.write(text)?;
        session.transport.write(b"\r\n")?;
        tags.insert(tag.into_bytes(), at);
    }
    let mut replies: Vec<Option<Reply>> = vec![None; texts.len()];
    while !tags.is_empty() {
        let mut untagged = Untagged::default();
        let is_known = |tag: &[u8]| tags.contains_key(tag);
        let (tag, answer) = session.answer_to_any(&is_known, &mut |line| untagged.keep(line))?;
        let Answer::Done(status) = answer else {
            return Err(session.protocol(Conduct::AskedForMore));
        };
        if let Some(at) = tags.remove(&tag) {
            replies[at] = Some(Reply { untagged: untagged.lines, status });
        }
        if !tags.is_empty() {
            wait_for_early(session)?;
        }
    }
    Ok(Some(replies.into_iter().flatten().collect()))
}
