//! Lists what was appended in the round trip of the appends: SELECT and UID FETCH are sent behind them, before they are answered.
//! RFC 3501 section 5.5.
//!
//! SELECT and not NOOP: Dovecot carries out a FETCH before it shows what the commands in front of it stored, unless the mailbox is
//! opened anew between them; see a_listing_along_is_complete. Only whole answers count. Where one is lacking, refused or cannot be
//! read, there is no listing, and the messages are listed as always.

use crate::bulk::Bulk;
use crate::capability::Capability;
use crate::command::Command;
use crate::scan;
use crate::wire::reader::Response;
use crate::wire::status::{self, Told};
use imapmig_core::failure::{Case, Conduct, Failure, FailureKind, GivenUp, Retry, Scope};
use imapmig_core::message::{MessageMeta, Uid, UidValidity};
use std::collections::BTreeMap;

/// The most messages that are listed along, those of others included.
const MOST: usize = 256;

/// What was appended to the open mailbox, and its listing.
#[derive(Debug)]
pub(crate) struct Along {
    validity: UidValidity,
    /// What is appended gets this UID or a higher one.
    from: Uid,
    /// How many messages were appended since the mailbox was opened.
    appended: usize,
    listed: BTreeMap<Uid, MessageMeta>,
}

impl Along {
    /// A mailbox was opened; what is appended gets `from` or a higher UID.
    pub(crate) fn opened(validity: UidValidity, from: Uid) -> Self {
        Self { validity, from, appended: 0, listed: BTreeMap::new() }
    }

    /// One more message is appended.
    pub(crate) fn appends(&mut self) {
        self.appended += 1;
        self.forget();
    }

    /// The mailbox may show something else from now on.
    pub(crate) fn forget(&mut self) {
        self.listed.clear();
    }

    /// Asks for the listing, if appends wait for their answers and the server is known to take commands early. Returns the tag of the
    /// SELECT if it was asked for.
    pub(crate) fn ask(&self, bulk: &mut Bulk) -> Result<Option<String>, Failure> {
        let few = (1..=MOST).contains(&self.appended);
        if !few || bulk.in_flight() == 0 || !bulk.session().pipelining.is_proven() {
            return Ok(None);
        }
        let Some(name) = bulk.session().selected.clone() else { return Ok(None) };
        let select = Command::new("SELECT").mailbox(&name.0, bulk.session().utf8);
        // A name that needs a literal would have to wait.
        let Some(select) = select.plain().and_then(|text| std::str::from_utf8(text).ok()) else {
            return Ok(None);
        };
        let tag = bulk.send_along(select)?;
        let items = scan::items(bulk.session().has(Capability::Condstore));
        bulk.send_along(&format!("UID FETCH {}:* {items}", self.from.0.max(1)))?;
        Ok(Some(tag))
    }

    /// Reads the listing that was asked for. Fails if the mailbox is not there any more, or is another one.
    pub(crate) fn read(&mut self, bulk: &mut Bulk, select: &str) -> Result<(), Failure> {
        let mut listed = BTreeMap::new();
        let mut whole = true;
        let mut same = true;
        while bulk.is_answering_along() {
            match bulk.next()? {
                Response::Fetch(_) => match scan::read(bulk)?.whole_message() {
                    Some(message) if listed.len() < MOST => {
                        listed.insert(message.uid, message);
                    }
                    _ => whole = false,
                },
                Response::Status(status) => {
                    if let Some(Told::Validity(validity)) = status::told(&status) {
                        same &= validity == self.validity;
                    }
                }
                _ => {}
            }
        }
        if !same || bulk.along_refused().iter().any(|tag| tag == select) {
            let case = Case::from(Conduct::TargetFolderReplaced);
            bulk.give_up(GivenUp::After(Box::new(case.clone())));
            let failure = Failure::new(Scope::User, FailureKind::Protocol, case).retry(Retry::Reconnect);
            return Err(failure);
        }
        if whole && bulk.along_refused().is_empty() {
            self.listed = listed;
        }
        Ok(())
    }

    /// Takes the listing of these messages, if every one of them was listed.
    pub(crate) fn take(&mut self, uids: &[Uid]) -> Option<Vec<MessageMeta>> {
        let mut listed = std::mem::take(&mut self.listed);
        uids.iter().map(|uid| listed.remove(uid)).collect()
    }
}
