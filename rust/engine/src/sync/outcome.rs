//! The outcomes of messages that were sent, as one step hands them to the next.

use crate::sync::decide::item::Item;
use imapmig_core::fingerprint::Content;
use imapmig_core::user::TargetId;

/// A message that was sent, and the content that was seen passing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) item: Item,
    pub(crate) content: Content,
}

/// A message that the target stored otherwise than it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Altered {
    pub(crate) item: Item,
    pub(crate) sent: Option<Content>,
    /// What the target shows; absent when it shows nothing.
    pub(crate) now: Option<Content>,
    pub(crate) id: TargetId,
}

/// A message that was refused, with what is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) item: Item,
    pub(crate) content: Option<Content>,
    pub(crate) text: String,
}

impl Refused {
    /// A message that the target said it stored, and does not show.
    pub(crate) fn of_not_shown(sent: Sent) -> Self {
        Self { item: sent.item, content: Some(sent.content), text: String::new() }
    }

    /// A message that was not refused, and has to be appended alone all the same.
    pub(crate) fn of_suspect(item: Item) -> Self {
        Self { item, content: None, text: String::new() }
    }
}

/// What the lanes leave behind.
#[derive(Default)]
pub(crate) struct Leftovers {
    pub(crate) refused: Vec<Refused>,
    /// Refused beside another one that was refused.
    pub(crate) neighbours: Vec<Item>,
    /// Not taken because of a pause; certainly not stored.
    pub(crate) postponed: Vec<Item>,
    pub(crate) too_large: Vec<(Item, String)>,
    /// Larger than the limit, as was seen when the body began.
    pub(crate) oversize: Vec<(Item, u64)>,
    /// Asked for, and a notice came instead of the message.
    pub(crate) placeholders: Vec<Item>,
    /// Asked for and not delivered.
    pub(crate) missing: Vec<Item>,
    /// Stored, under an id that the server did not report.
    pub(crate) unplaced: Vec<Sent>,
    pub(crate) altered: Vec<Altered>,
}
