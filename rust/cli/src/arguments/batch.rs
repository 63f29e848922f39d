//! The commands and options of `imapmig batch`.

use super::Remove;
use crate::values::instant;
use clap::{Args, Subcommand};
use imapmig_core::status::BatchStatus;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum BatchCommand {
    /// Create a batch from a CSV file.
    New(Box<NewBatch>),
    /// Show batches.
    Get {
        /// Name or Guid [default: all].
        identity: Option<String>,
        /// Only those with this status, e.g. Synced.
        #[arg(long)]
        status: Option<BatchStatus>,
        /// Only those with this endpoint.
        #[arg(long)]
        endpoint: Option<String>,
        /// Maximum number of batches to return.
        #[arg(long)]
        result_size: Option<u32>,
        /// Include the report of each.
        #[arg(long)]
        include_report: bool,
    },
    /// Change a batch.
    Set(Box<SetBatch>),
    /// Start or resume a batch, or retry its failed users.
    Start {
        /// Name or Guid; can be omitted if there is only one.
        identity: Option<String>,
    },
    /// Stop a batch.
    Stop {
        /// Name or Guid; can be omitted if there is only one.
        identity: Option<String>,
        /// Do not ask for confirmation.
        #[arg(long, short)]
        yes: bool,
    },
    /// Give each user a final sync, then end the incremental syncs.
    Complete {
        /// Name or Guid; can be omitted if there is only one.
        identity: Option<String>,
        /// Refuse unless every user is synced.
        #[arg(long)]
        sync_and_complete: bool,
        /// Kept with the batch, separated by commas; nothing is sent.
        #[arg(long, value_delimiter = ',')]
        notification_emails: Option<Vec<String>>,
        /// Do not ask for confirmation.
        #[arg(long, short)]
        yes: bool,
    },
    /// Compare both sides independently of the migration: is every message there once, and unaltered?
    Confirm(Confirm),
    /// Show the last confirmations.
    Confirmation {
        /// Name or Guid [default: all batches].
        identity: Option<String>,
        /// Include every difference.
        #[arg(long)]
        include_findings: bool,
    },
    /// Forget a batch and its passwords; the migrated mail stays.
    Remove(Remove),
}

#[derive(Debug, Args)]
pub(crate) struct NewBatch {
    /// Its name.
    #[arg(long)]
    pub(crate) name: String,
    /// The CSV file with EmailAddress, UserName, Password and, where needed, UserRoot; `-` is standard input.
    #[arg(long, value_name = "FILE", required_unless_present = "user_ids", conflicts_with = "user_ids")]
    pub(crate) csv_file: Option<PathBuf>,
    /// Instead of a file: users to move here from earlier batches; EmailAddresses or Guids, separated by commas.
    #[arg(long, value_delimiter = ',')]
    pub(crate) user_ids: Vec<String>,
    /// Where the mail comes from: name or Guid.
    #[arg(long, required_unless_present = "user_ids")]
    pub(crate) source_endpoint: Option<String>,
    /// Examine both sides of every user; copy nothing until `batch start`.
    #[arg(long)]
    pub(crate) analyze: bool,
    /// Check the request and the file without creating the batch.
    #[arg(long)]
    pub(crate) validate_only: bool,
    /// Where the mail goes to: name or Guid [default: as configured, otherwise Local].
    #[arg(long)]
    pub(crate) target_endpoint: Option<String>,
    /// Folders to leave out, separated by commas.
    #[arg(long, value_delimiter = ',')]
    pub(crate) exclude_folders: Vec<String>,
    /// The only folders to migrate, separated by commas.
    #[arg(long, value_delimiter = ',')]
    pub(crate) include_folders: Vec<String>,
    /// Start at once.
    #[arg(long)]
    pub(crate) auto_start: bool,
    /// Ignore unknown columns.
    #[arg(long)]
    pub(crate) allow_unknown_columns_in_csv: bool,
    /// Kept with the batch, separated by commas; nothing is sent.
    #[arg(long, value_delimiter = ',')]
    pub(crate) notification_emails: Vec<String>,
    /// Not before this time, e.g. 2026-11-21T18:00:00Z.
    #[arg(long, value_parser = instant)]
    pub(crate) start_after: Option<i64>,
    /// Complete users from this time on, as soon as they are synced.
    #[arg(long, value_parser = instant, conflicts_with = "auto_complete")]
    pub(crate) complete_after: Option<i64>,
    /// Complete users as soon as they are synced.
    #[arg(long)]
    pub(crate) auto_complete: bool,
    /// Sync new mail every 24 hours [default: true].
    #[arg(long, value_name = "true|false")]
    pub(crate) allow_incremental_syncs: Option<bool>,
}

#[derive(Debug, Args)]
pub(crate) struct Confirm {
    /// Name or Guid; can be omitted if there is only one.
    pub(crate) identity: Option<String>,
    /// Compare whole contents, not only sizes, dates, flags and headers.
    #[arg(long)]
    pub(crate) bytes: bool,
    /// Wait for the end, and list the differences.
    #[arg(long)]
    pub(crate) wait: bool,
    /// Give up waiting after this many seconds; the confirmation continues.
    #[arg(long, requires = "wait")]
    pub(crate) timeout_seconds: Option<u64>,
    /// End with 3 instead of 0 when there are exceptions.
    #[arg(long, requires = "wait")]
    pub(crate) detailed_exit_code: bool,
    /// Stop the confirmation that is under way; the next one resumes there.
    #[arg(long, conflicts_with_all = ["bytes", "wait"])]
    pub(crate) stop: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SetBatch {
    /// Name or Guid.
    pub(crate) identity: String,
    /// Sync new mail and changed flags now.
    #[arg(long)]
    pub(crate) sync_now: bool,
    /// Apply changed settings now.
    #[arg(long)]
    pub(crate) update: bool,
    /// Give users of the batch the logins and passwords of this CSV file, then start the batch again.
    #[arg(long, value_name = "FILE", conflicts_with = "add_users_csv_file")]
    pub(crate) csv_file: Option<PathBuf>,
    /// Add the users of this CSV file.
    #[arg(long, value_name = "FILE")]
    pub(crate) add_users_csv_file: Option<PathBuf>,
    /// Ignore unknown columns.
    #[arg(long)]
    pub(crate) allow_unknown_columns_in_csv: bool,
    /// Kept with the batch, separated by commas; nothing is sent.
    #[arg(long, value_delimiter = ',')]
    pub(crate) notification_emails: Option<Vec<String>>,
    /// Not before this time, e.g. 2026-11-21T18:00:00Z.
    #[arg(long, value_parser = instant)]
    pub(crate) start_after: Option<i64>,
    /// Complete users from this time on, as soon as they are synced.
    #[arg(long, value_parser = instant)]
    pub(crate) complete_after: Option<i64>,
    /// Sync new mail every 24 hours.
    #[arg(long, value_name = "true|false")]
    pub(crate) allow_incremental_syncs: Option<bool>,
}
