//! The worker: the process that fulfils requests and moves mail, one per state directory.
//!
//! [`run`] is its life: lock, lease, recovery of what an earlier worker left, then turns until nothing is left to do.

mod confirmations;
mod crew;
mod dispatch;
mod expiry;
pub mod launch;
mod lease;
mod limits;
mod log;
mod process;
mod queue;
mod recover;
mod requests;
mod retry;
mod schedule;
mod schedules;
mod shared_mailbox;
mod state;
mod supervisor;
mod user_job;
mod user_result;

#[cfg(test)]
mod tests;

pub(crate) use lease::is_fresh;
pub use process::{WorkerEnd, WorkerOptions, run, run_with};
pub use user_job::{Job, UserWork};
