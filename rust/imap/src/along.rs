//! Lists what was appended in the round trip of the appends: NOOP and UID FETCH are sent behind them, before they are answered.
//! RFC 3501 section 5.5.
//!
//! Only whole answers count. Where one is lacking, refused or cannot be read, there is no listing, and the messages are listed as
//! always.

use crate::bulk::Bulk;
use crate::capability::Capability;
use crate::scan;
use crate::wire::reader::Response;
use imapmig_core::failure::Failure;
use imapmig_core::message::{MessageMeta, Uid};
use std::collections::BTreeMap;

/// The most messages that are listed along, those of others included.
const MOST: usize = 256;

/// What was appended to the open mailbox, and its listing.
#[derive(Debug)]
pub(crate) struct Along {
    /// What is appended gets this UID or a higher one.
    from: Uid,
    /// How many messages were appended since the mailbox was opened.
    appended: usize,
    listed: BTreeMap<Uid, MessageMeta>,
}

impl Along {
    /// A mailbox was opened; what is appended gets `from` or a higher UID.
    pub(crate) fn opened(from: Uid) -> Self {
        Self { from, appended: 0, listed: BTreeMap::new() }
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

    /// Asks for the listing, if appends wait for their answers and the server is known to take commands early. Returns whether it
    /// was asked for.
    pub(crate) fn ask(&self, bulk: &mut Bulk) -> Result<bool, Failure> {
        let few = (1..=MOST).contains(&self.appended);
        if !few || bulk.in_flight() == 0 || !bulk.session().pipelining.is_proven() {
            return Ok(false);
        }
        // Courier shows what a session appended only after a NOOP.
        bulk.send_along("NOOP")?;
        let items = scan::items(bulk.session().has(Capability::Condstore));
        bulk.send_along(&format!("UID FETCH {}:* {items}", self.from.0.max(1)))?;
        Ok(true)
    }

    /// Reads the listing that was asked for. Returns whether it can be used.
    pub(crate) fn read(&mut self, bulk: &mut Bulk) -> Result<bool, Failure> {
        let mut listed = BTreeMap::new();
        let mut whole = true;
        while bulk.is_answering_along() {
            if let Response::Fetch(_) = bulk.next()? {
                match scan::read(bulk)?.whole_message() {
                    Some(message) if listed.len() < MOST => {
                        listed.insert(message.uid, message);
                    }
                    _ => whole = false,
                }
            }
        }
        let usable = whole && !bulk.was_along_refused();
        if usable {
            self.listed = listed;
        }
        Ok(usable)
    }

    /// Takes the listing of these messages, if every one of them was listed.
    pub(crate) fn take(&mut self, uids: &[Uid]) -> Option<Vec<MessageMeta>> {
        let mut listed = std::mem::take(&mut self.listed);
        uids.iter().map(|uid| listed.remove(uid)).collect()
    }
}
