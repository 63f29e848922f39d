//! The lines of a user's report, what a user waits for, and the message of a batch.

use super::failures;
use super::terms::Term;
use imapmig_core::failure::{Failure, Side};
use imapmig_core::folder::FolderPath;
use imapmig_core::status::UserCounts;
use imapmig_core::time::UnixMs;
use imapmig_core::user::UserProgress;
use std::time::Duration;

/// How a sync ended well.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Synced {
    Initial,
    Incremental,
    Final,
}

/// A sync is done.
pub(crate) const fn synced(which: Synced) -> &'static str {
    match which {
        Synced::Initial => "The initial sync is done.",
        Synced::Incremental => "The incremental sync is done.",
        Synced::Final => "The final sync is done; the migration of this user is completed.",
    }
}

/// A folder is done.
pub(crate) fn folder_done(folder: &FolderPath, n: &UserProgress) -> String {
    format!(
        "\"{folder}\" is done: {} of {} messages are at the target ({} were there before), {} were left out; of {} the UID, size, date and flags were listed at the target; of {} of these the bytes were read and compared as well",
        n.synced_items, n.total_items, n.adopted_items, n.skipped_items, n.verified_items, n.compared_items
    )
}

/// A folder failed.
pub(crate) fn folder_failed(folder: &FolderPath, reason: &str) -> String {
    format!("\"{folder}\" could not be migrated: {reason}")
}

/// A folder is not where it was listed.
pub(crate) fn folder_gone(folder: &FolderPath, reason: &str) -> String {
    format!("\"{folder}\" is not there; the folders are listed again: {reason}")
}

/// A folder gets another name.
pub(crate) fn folder_renamed(folder: &FolderPath, reason: &str) -> String {
    format!("\"{folder}\" is tried under another name: {reason}")
}

/// A folder exists and is not subscribed.
pub(crate) fn not_subscribed(folder: &FolderPath, failure: &Failure) -> String {
    format!("\"{folder}\" could not be subscribed: {}", failures::words(failure))
}

/// A folder's UIDs mean other messages now.
pub(crate) fn uids_reused(side: Side, folder: &FolderPath) -> String {
    format!(
        "The {} gave known UIDs of \"{folder}\" to other messages: all are compared by content",
        name(side)
    )
}

/// A folder has a new UIDVALIDITY.
pub(crate) fn new_validity(side: Side, folder: &FolderPath) -> String {
    format!(
        "The {} folder of \"{folder}\" has a new UIDVALIDITY: its messages are compared with those at the target by content",
        name(side)
    )
}

/// A folder was removed at the target.
pub(crate) fn removed_at_target(folder: &FolderPath, target: &FolderPath) -> String {
    format!(
        "\"{folder}\": the folder \"{target}\" was removed or renamed at the target; what was copied into it is not copied again"
    )
}

/// Messages were at the target already.
pub(crate) fn adopted(folder: &FolderPath, number: usize) -> String {
    format!("\"{folder}\": {number} messages were found at the target")
}

/// Second copies were taken back.
pub(crate) fn taken_back(folder: &FolderPath, number: usize) -> String {
    format!("\"{folder}\": {number} messages that a dead connection had stored once more were taken back")
}

/// The target shows flags of its own.
pub(crate) fn flags_added<'f>(
    folder: &FolderPath,
    flags: impl Iterator<Item = (&'f String, &'f u64)>,
) -> String {
    let counts: Vec<_> = flags.map(|(flag, number)| format!("{flag} on {number} messages")).collect();
    format!("\"{folder}\": the target shows flags that the source does not have: {}", counts.join(", "))
}

/// A folder that shows the messages of others is left out.
pub(crate) fn view_left_out(folder: &str) -> String {
    format!(
        "\"{folder}\" shows messages of other folders once more and is left out; include it by name to migrate it"
    )
}

/// A folder that shows all messages is migrated.
pub(crate) fn all_mail(folder: &FolderPath) -> String {
    format!(
        "\"{folder}\" shows every message once more and is migrated, because archived messages may lie only there; {} \"#AllItems#\" leaves it out",
        Term::ExcludeFolders
    )
}

/// Folders of others; `more`: how many there are beyond those named.
pub(crate) fn foreign_folders(named: &[String], more: usize) -> String {
    let names: Vec<_> = named.iter().map(|name| format!("\"{name}\"")).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("Folders of other users and public ones are left out: {}{more}", names.join(", "))
}

/// A stated pause.
pub(crate) fn pause(span: Duration, failure: &Failure) -> String {
    format!("A pause of {} seconds: {}", span.as_secs(), failures::words(failure))
}

/// The target's stated pause.
pub(crate) fn target_pause(span: Duration, answer: &str) -> String {
    format!("The target asked for a pause of {} seconds: {answer}", span.as_secs_f64())
}

/// Another try.
pub(crate) fn trying_again(failure: &Failure) -> String {
    format!("Trying again after: {}", failures::words(failure))
}

/// A user waits because a server asked for a pause.
pub(crate) fn waits_for_server(side: Side, until: UnixMs) -> String {
    format!("the {} server asked for a pause until {}", name(side), clock_time(until))
}

/// A user waits for its next try within a job.
pub(crate) fn waits_for_next_try(failure: &Failure, at: UnixMs) -> String {
    format!("{} The next try is at {}", failures::told(failure), clock_time(at))
}

/// A user waits in the queue for its next try.
pub(crate) fn waits_in_queue(failure: &Failure, at: UnixMs, failures: u32) -> String {
    let when =
        jiff::Timestamp::from_second(at.0 / 1000).map_or_else(|_| at.0.to_string(), |at| at.to_string());
    let count = if failures == 0 { String::new() } else { format!(" (failure {failures})") };
    format!("Waits until {when} to try again{count}: {}", failures::told(failure))
}

/// Exchange's words for a user that is given up after many failures: the error and its summary.
pub(crate) fn given_up(count: u32, most_common: &str, hits: u32, last: &Failure) -> (String, String) {
    let summary = format!(
        "The job encountered too many transient failures ({count}) and is quitting. The most common failure is {most_common} with the hit count {hits}."
    );
    let error = format!(
        "TooManyTransientFailureRetriesPermanentException: {summary} --> {}",
        failures::of_user(last).0
    );
    (error, format!("{summary} {}", failures::summary(last)))
}

/// What was found about one user.
pub(crate) fn analyzed_user(sum: &UserProgress, folders: u64, at_target: u64, items: u64) -> String {
    let found = match items {
        0 => "Nothing would be left out.".to_owned(),
        1 => "One item would be left out or differ; see the skipped items.".to_owned(),
        many => format!("{many} items would be left out or differ; see the skipped items."),
    };
    let held = match at_target {
        0 => String::new(),
        held => format!(" The target folders hold {held} messages already."),
    };
    format!(
        "The analysis is done: {} messages with {} MB in {folders} folders.{held} {found}",
        sum.total_items,
        megabytes(sum)
    )
}

/// What was found about all users of a batch.
pub(crate) fn analyzed_batch(counts: &UserCounts, sum: &UserProgress) -> String {
    let failed = match counts.failed {
        0 => String::new(),
        failed => format!(" {failed} users can't be migrated as things are; see their errors."),
    };
    format!(
        "The analysis is done: {} of {} users with {} messages and {} MB can be migrated.{failed} {} migrates them.",
        counts.stopped,
        counts.total,
        sum.total_items,
        megabytes(sum),
        Term::StartBatch
    )
}

fn megabytes(sum: &UserProgress) -> u64 {
    sum.total_bytes.div_ceil(1024 * 1024)
}

const fn name(side: Side) -> &'static str {
    match side {
        Side::Source => "source",
        Side::Target => "target",
    }
}

/// The time of day in UTC, for people.
fn clock_time(at: UnixMs) -> String {
    match jiff::Timestamp::from_millisecond(at.0) {
        Ok(at) => at.strftime("%H:%M:%S UTC").to_string(),
        Err(_) => "an unknown time".to_owned(),
    }
}
