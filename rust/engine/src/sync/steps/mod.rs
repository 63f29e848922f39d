//! The steps of a folder's sync. Each works on a lane and decides by `decide`.

pub(crate) mod adopt;
pub(crate) mod append_pipeline;
pub(crate) mod append_single;
pub(crate) mod body;
pub(crate) mod carry_flags;
pub(crate) mod compare;
pub(crate) mod content;
pub(crate) mod copy;
pub(crate) mod late_duplicates;
pub(crate) mod locate_appended;
pub(crate) mod overview;
mod pairing;
mod pieces;
pub(crate) mod removed_folders;
pub(crate) mod reused_uids;
pub(crate) mod round;
pub(crate) mod scan;
pub(crate) mod undescribed;
pub(crate) mod verify;
pub(crate) mod wait_until_stable;
