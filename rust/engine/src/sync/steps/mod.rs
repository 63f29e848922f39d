//! What is done in one folder, step by step.

pub(crate) mod adopt;
pub(crate) mod append_pipeline;
pub(crate) mod append_single;
pub(crate) mod carry_flags;
pub(crate) mod content;
pub(crate) mod copy;
pub(crate) mod late_duplicates;
pub(crate) mod locate_appended;
pub(crate) mod removed_folders;
pub(crate) mod verify;
pub(crate) mod wait_until_stable;
