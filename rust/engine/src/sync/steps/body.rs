//! One body on its way, and its first bytes, which show whether it is the message at all.

use crate::sync::decide::item::Item;
use imapmig_core::fingerprint::ContentScan;
use std::borrow::Cow;

/// A body that is arriving.
pub(crate) struct Body {
    pub(crate) item: Item,
    pub(crate) size: u64,
    pub(crate) scan: ContentScan,
    pub(crate) state: BodyState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyState {
    /// Nothing of it has come.
    Announced,
    Appended,
    /// Passed over: too large.
    Oversize,
    /// Passed over: the source sends a notice instead of the message.
    Placeholder,
}

/// Holds back the first bytes of a body until there are enough to see what it is, however small the pieces are in which it comes.
#[derive(Default)]
pub(crate) struct Opening {
    held: Vec<u8>,
    over: bool,
}

impl Opening {
    /// Number of bytes within which a notice sent in place of a message shows its first fields.
    const ENOUGH: usize = 1024;

    /// The bytes that may go on now.
    pub(crate) fn pass<'b>(&mut self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        if self.over {
            return Cow::Borrowed(bytes);
        }
        self.held.extend_from_slice(bytes);
        if self.held.len() < Self::ENOUGH {
            return Cow::Borrowed(&[]);
        }
        Cow::Owned(self.end())
    }

    /// What is still held when the body ends.
    pub(crate) fn end(&mut self) -> Vec<u8> {
        self.over = true;
        std::mem::take(&mut self.held)
    }
}
