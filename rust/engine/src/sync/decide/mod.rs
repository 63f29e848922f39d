//! Decides what is to be done with a folder's messages. Pure: plain data in, plain data out, no sessions and no store
//! (`tests/tests/tidy/pure.rs`).

pub(crate) mod change;
pub(crate) mod diff;
pub(crate) mod duplicates;
pub(crate) mod flag_delta;
pub(crate) mod growth;
pub(crate) mod item;
pub(crate) mod matching;
pub(crate) mod newest;
pub(crate) mod poison;
pub(crate) mod poison_folders;
pub(crate) mod refusal_ladder;
pub(crate) mod retry;
pub(crate) mod same_mailbox;
pub(crate) mod sided_failure;
pub(crate) mod target_claims;
pub(crate) mod verdict;
