//! Opens a mailbox and reads what the server reports about it. RFC 3501 sections 6.3.1 and 6.3.2, RFC 7162.

use crate::answers::{Status, classify};
use crate::bulk::Bulk;
use crate::capability::Capability;
use crate::command::Command;
use crate::folders::decoded;
use crate::session::{Reply, Session};
use crate::statuses::StatusAnswer;
use crate::wire::reader::Response;
use crate::wire::status::{self, Number, Told};
use imapmig_core::failure::{Action, Conduct, Failure, FailureKind, Retry, Scope};
use imapmig_core::folder::WireName;
use imapmig_core::message::{Keywords, ModSeq, Uid, UidValidity};

/// How to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// EXAMINE: nothing changes, not even `\Recent`.
    Read,
    /// SELECT
    Write,
}

/// An opened mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) validity: UidValidity,
    pub(crate) exists: u32,
    pub(crate) uid_next: Option<Uid>,
    pub(crate) highest_modseq: Option<ModSeq>,
    pub(crate) keywords: Keywords,
    pub(crate) id: Option<String>,
}

/// What the server has reported so far.
#[derive(Default)]
struct Facts {
    validity: Option<UidValidity>,
    exists: Option<Number>,
    uid_next: Option<Number>,
    highest_modseq: Option<ModSeq>,
    /// From FLAGS; holds where PERMANENTFLAGS is missing.
    flags: Option<Keywords>,
    permanent: Option<Keywords>,
    id: Option<String>,
}

/// Opens a mailbox. This closes the previous one, even if it fails.
pub(crate) fn open(bulk: &mut Bulk, name: &WireName, access: Access) -> Result<Opened, Failure> {
    let opened = bulk.control(|session| open_on(session, name, access))?;
    bulk.exists = opened.exists;
    bulk.moved = false;
    Ok(opened)
}

fn open_on(session: &mut Session, name: &WireName, access: Access) -> Result<Opened, Failure> {
    let verb = if access == Access::Read { "EXAMINE" } else { "SELECT" };
    let plain = Command::new(verb).mailbox(&name.0, session.utf8);
    session.selected = None;
    let mut reply = None;
    if access == Access::Read && session.has(Capability::Condstore) {
        let with = session.run(&plain.clone().text(" (CONDSTORE)"))?;
        reply = with.status.is_ok().then_some(with);
    }
    let reply = match reply {
        Some(reply) => reply,
        None => {
            let action = Action::OpenFolder(decoded(&name.0, session.utf8));
            let reply = session.run(&plain)?.ok(action, session.host(), Scope::Mailbox)?;
            if access == Access::Read {
                // A server that announces CONDSTORE and refuses to open folders with it is used without.
                session.capabilities.forget(Capability::Condstore);
            }
            reply
        }
    };
    opened(session, name, &reply)
}

/// Reads the reply to SELECT or EXAMINE, and requests what it lacks.
pub(crate) fn opened(session: &mut Session, name: &WireName, reply: &Reply) -> Result<Opened, Failure> {
    let shown = decoded(&name.0, session.utf8);
    session.selected = Some(name.clone());
    let mut facts = Facts::default();
    for line in &reply.untagged {
        facts.note(line);
    }
    facts.note_status(&reply.status);
    let has_exists = matches!(facts.exists, Some(Number::Fits(_)));
    if !has_exists || !matches!(facts.uid_next, Some(Number::Fits(1..))) {
        // Courier sends no UIDNEXT with SELECT; see quirk_courier_select_without_uidnext.
        let items = if has_exists { " (UIDNEXT)" } else { " (MESSAGES UIDNEXT)" };
        let answer = by_status(session, name, items)?;
        let number = |item| answer.as_ref().and_then(|answer| answer.number(item)).map(Number::of);
        facts.uid_next = number("UIDNEXT");
        facts.exists = if has_exists { facts.exists } else { number("MESSAGES") };
    }
    facts.judged(&shown)
}

/// Sends EXAMINE without waiting for its answer, and returns its tag; `None` if it has to be waited for.
pub(crate) fn send_examine(bulk: &mut Bulk, name: &WireName) -> Result<Option<String>, Failure> {
    bulk.drain()?;
    let session = bulk.session();
    let mut command = Command::new("EXAMINE").mailbox(&name.0, session.utf8);
    if session.has(Capability::Condstore) {
        command = command.text(" (CONDSTORE)");
    }
    let Some(text) = command.plain().filter(|_| session.pipelining.is_possible()) else { return Ok(None) };
    bulk.begin_opening();
    let tag = bulk.begin();
    bulk.write(format!("{tag} ").as_bytes())?;
    bulk.write(text)?;
    bulk.write(b"\r\n")?;
    Ok(Some(tag))
}

/// Reads up to the answer to an EXAMINE that was sent; `None` if it was refused, or says too little.
pub(crate) fn read_examine(bulk: &mut Bulk, tag: &str, name: &WireName) -> Result<Option<Opened>, Failure> {
    let mut facts = Facts::default();
    loop {
        match bulk.next()? {
            Response::Status(status) => facts.note_status(&status),
            Response::Exists(count) => facts.exists = Some(Number::Fits(count)),
            Response::Tagged { tag: answered, status } if answered == tag => {
                if !status.is_ok() {
                    return Ok(None);
                }
                facts.note_status(&status);
                bulk.end_opening(name);
                return Ok(facts.judged("").ok());
            }
            _ => {}
        }
    }
}

/// Asks for what the answer to SELECT or EXAMINE lacks.
fn by_status(session: &mut Session, name: &WireName, items: &str) -> Result<Option<StatusAnswer>, Failure> {
    let command = Command::new("STATUS").mailbox(&name.0, session.utf8).text(items);
    let reply = session.run(&command)?;
    if !reply.status.is_ok() {
        let failure = classify(&reply.status, Action::ReportNextUid, session.host(), Scope::Mailbox);
        return if failure.scope >= Scope::User { Err(failure) } else { Ok(None) };
    }
    Ok(reply.untagged.iter().find_map(|line| StatusAnswer::parse(line)))
}

impl Facts {
    fn note(&mut self, line: &[u8]) {
        if let Some(status) = Status::parse(line) {
            self.note_status(&status);
            return;
        }
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        if rest.eq_ignore_ascii_case("EXISTS") {
            self.exists = Some(status::number(first));
        } else if first.eq_ignore_ascii_case("FLAGS") {
            self.flags = Some(status::keywords(rest));
        }
    }

    fn note_status(&mut self, status: &Status) {
        match status::told(status) {
            Some(Told::Validity(validity)) => self.validity = Some(validity),
            Some(Told::UidNext(number)) => self.uid_next = Some(number),
            Some(Told::HighestModSeq(modseq)) => self.highest_modseq = Some(modseq),
            Some(Told::Keywords(keywords)) => self.permanent = Some(keywords),
            Some(Told::MailboxId(id)) => self.id = Some(id),
            None => {}
        }
    }

    fn judged(self, shown: &str) -> Result<Opened, Failure> {
        // Taking a bad number for zero would skip the whole folder.
        let Some(Number::Fits(exists)) = self.exists else {
            let case = Conduct::NoMessageCount(shown.to_owned());
            return Err(Failure::new(Scope::Mailbox, FailureKind::Protocol, case).retry(Retry::Never));
        };
        let uid_next = match self.uid_next {
            Some(Number::Fits(uid)) if uid > 0 => Some(Uid(uid)),
            // The same as a missing one; some servers send 0 for every folder.
            Some(_) | None => None,
        };
        Ok(Opened {
            // Without a UIDVALIDITY the UIDs are taken to hold, and what has changed behind them is found by size and date.
            validity: self.validity.unwrap_or(UidValidity(1)),
            exists,
            uid_next,
            highest_modseq: self.highest_modseq,
            keywords: self.permanent.or(self.flags).unwrap_or(Keywords::Only(Vec::new())),
            id: self.id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Facts;
    use imapmig_core::failure::Scope;
    use imapmig_core::message::{Keywords, Uid, UidValidity};

    fn facts(lines: &[&str]) -> Facts {
        let mut facts = Facts::default();
        for line in lines {
            facts.note(line.as_bytes());
        }
        facts
    }

    #[test]
    fn what_is_told_is_taken() {
        let facts = facts(&[
            "172 EXISTS\r\n",
            "1 RECENT\r\n",
            "FLAGS (\\Answered \\Seen NonJunk)\r\n",
            "OK [UIDVALIDITY 3857529045] UIDs valid\r\n",
            "OK [UIDNEXT 4392] Predicted next UID\r\n",
            "OK [MAILBOXID (F2212ea87-6097-4256-9d51-71338625)] Ok\r\n",
        ]);

        let opened = facts.judged("INBOX").unwrap();

        assert_eq!((opened.exists, opened.uid_next), (172, Some(Uid(4392))));
        assert_eq!(opened.keywords, Keywords::Only(vec!["NonJunk".to_owned()]));
        assert_eq!(opened.id.as_deref(), Some("F2212ea87-6097-4256-9d51-71338625"));
    }

    #[test]
    fn without_a_usable_number_of_messages_the_mailbox_is_not_read() {
        for lines in [
            &["99999999999 EXISTS", "OK [UIDVALIDITY 1] x", "OK [UIDNEXT 4] x"][..],
            &["OK [UIDVALIDITY 1] x", "OK [UIDNEXT 4] x"],
            &[],
        ] {
            let failure = facts(lines).judged("INBOX").unwrap_err();

            assert_eq!(failure.scope, Scope::Mailbox, "{lines:?}");
        }
    }

    #[test]
    fn an_odd_uidvalidity_or_uidnext_costs_nothing() {
        for lines in [
            &["3 EXISTS", "OK [UIDVALIDITY 1455718301477] x"][..],
            &["3 EXISTS", "OK [UIDVALIDITY 1] x", "OK [UIDNEXT 99999999999] x"],
            &["3 EXISTS", "OK [UIDVALIDITY 0] x", "OK [UIDNEXT 0] x"],
            &["3 EXISTS"],
        ] {
            let opened = facts(lines).judged("INBOX").unwrap();

            assert_eq!((opened.exists, opened.uid_next), (3, None), "{lines:?}");
            assert_ne!(opened.validity, UidValidity(0), "{lines:?}");
        }
    }
}
