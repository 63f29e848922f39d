//! Lists appended messages in the same round trip: SELECT and UID FETCH are sent right after the appends, before those are answered.
//! RFC 3501 section 5.5.
//!
//! SELECT rather than NOOP: Dovecot runs a FETCH before it shows what earlier commands stored, unless the mailbox is
//! reopened in between; see a_listing_along_is_complete. Only complete answers count. If one is missing, refused or unreadable,
//! there is no listing, and the messages are listed in the usual way.

use crate::bulk::Bulk;
use crate::capability::Capability;
use crate::command::Command;
use crate::scan;
use crate::wire::reader::Response;
use crate::wire::status::{self, Told};
use imapmig_core::failure::{Case, Conduct, Failure, FailureKind, GivenUp, Retry, Scope};
use imapmig_core::message::{MessageMeta, Uid, UidValidity};
use std::collections::BTreeMap;

/// Maximum number of messages listed this way, including messages from other clients.
const MOST: usize = 256;

/// The messages appended to the open mailbox, and their listing.
#[derive(Debug)]
pub(crate) struct Along {
    validity: UidValidity,
    /// Appended messages get this UID or a higher one.
    from: Uid,
    /// How many messages were appended since the mailbox was opened.
    appended: usize,
    listed: BTreeMap<Uid, MessageMeta>,
}

impl Along {
    /// Starts afresh for a newly opened mailbox, in which appended messages get `from` or a higher UID.
    pub(crate) fn opened(validity: UidValidity, from: Uid) -> Self {
        Self { validity, from, appended: 0, listed: BTreeMap::new() }
    }

    /// Counts one more appended message.
    pub(crate) fn appends(&mut self) {
        self.appended += 1;
        self.forget();
    }

    /// Drops the listing, since the mailbox may have changed.
    pub(crate) fn forget(&mut self) {
        self.listed.clear();
    }

    /// Requests the listing if appends are in flight and the server is known to accept pipelined commands. Returns the tag of the
    /// SELECT if it did.
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

    /// Reads the requested listing. Fails if the mailbox was removed or replaced.
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
