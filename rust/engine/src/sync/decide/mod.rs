//! What is decided about a folder's messages.

pub(crate) mod diff;
pub(crate) mod duplicates;
pub(crate) mod item;
pub(crate) mod matching;
pub(crate) mod newest;
pub(crate) mod poison;
