//! What can be typed. Options are the cmdlets' parameters in kebab-case.

use clap::{Args, Parser, Subcommand};
use imapmig_core::endpoint::{Authentication, EndpointType, Limit, Security};
use imapmig_core::status::{BatchStatus, UserStatus, UserStatusSummary};
use std::path::PathBuf;

/// Moves mail between IMAP servers, into Microsoft 365 and into Maildirs: nothing lost, nothing twice, nothing altered.
#[derive(Debug, Parser)]
#[command(name = "imapmig", version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// Where endpoints, batches and the local mailboxes are kept.
    #[arg(long, global = true, env = "IMAPMIGRATION_HOME", value_name = "DIRECTORY")]
    pub(crate) state_directory: Option<PathBuf>,
    /// Print JSON for scripts, the same that the C ABI gives.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Test a server or an endpoint (Test-MigrationServerAvailability).
    TestServer(TestServer),
    /// Where mail comes from and goes to (New-, Get-, Set-, Remove-MigrationEndpoint).
    #[command(subcommand)]
    Endpoint(EndpointCommand),
    /// Sets of users that are migrated together (New-, Get-, Set-, Start-, Stop-, Remove-MigrationBatch).
    #[command(subcommand)]
    Batch(BatchCommand),
    /// The users of batches (Get-MigrationUser, Get-MigrationUserStatistics).
    #[command(subcommand)]
    User(UserCommand),
    /// Wait until a batch is in step with its source (Wait-MigrationBatch).
    Wait(Wait),
    /// Settings of the state directory (Get-, Set-MigrationConfig).
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Move the mail; the other commands start one by themselves when it is needed.
    Worker(Worker),
    /// Run the documented runbook against a sample server of its own.
    Demo(Demo),
}

#[derive(Debug, Args)]
pub(crate) struct TestServer {
    /// An endpoint; then nothing else is given.
    #[arg(long, conflicts_with_all = ["remote_server", "port"])]
    pub(crate) endpoint: Option<String>,
    #[arg(long, required_unless_present = "endpoint")]
    pub(crate) remote_server: Option<String>,
    #[arg(long, required_unless_present = "endpoint")]
    pub(crate) port: Option<u16>,
    /// None, Ssl or Tls (STARTTLS); Ssl unless given.
    #[arg(long, value_parser = security)]
    pub(crate) security: Option<Security>,
    #[arg(long)]
    pub(crate) accept_untrusted_certificates: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EndpointCommand {
    /// Make an endpoint.
    New(Box<NewEndpoint>),
    /// Show endpoints.
    Get {
        /// Name or Guid; all unless given.
        identity: Option<String>,
        /// IMAP, Microsoft365 or Maildir.
        #[arg(long = "type", value_parser = endpoint_type)]
        endpoint_type: Option<EndpointType>,
    },
    /// Change an endpoint.
    Set(Box<SetEndpoint>),
    /// Remove an endpoint that no batch uses.
    Remove(Remove),
}

#[derive(Debug, Args)]
pub(crate) struct NewEndpoint {
    #[arg(long)]
    pub(crate) name: String,
    /// IMAP, Microsoft365 or Maildir.
    #[arg(long = "type", value_parser = endpoint_type, default_value = "IMAP")]
    pub(crate) endpoint_type: EndpointType,
    #[command(flatten)]
    pub(crate) settings: EndpointOptions,
    #[arg(long)]
    pub(crate) accept_untrusted_certificates: bool,
    /// Where the token for Microsoft 365 comes from.
    #[arg(long)]
    pub(crate) authority: Option<String>,
    /// The scope of that token.
    #[arg(long)]
    pub(crate) scope: Option<String>,
    /// Maildir: the folder that holds <EmailAddress>/Maildir.
    #[arg(long)]
    pub(crate) path: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SetEndpoint {
    pub(crate) identity: String,
    #[command(flatten)]
    pub(crate) settings: EndpointOptions,
    #[arg(long, value_name = "true|false")]
    pub(crate) accept_untrusted_certificates: Option<bool>,
}

#[derive(Debug, Args)]
pub(crate) struct EndpointOptions {
    #[arg(long)]
    pub(crate) remote_server: Option<String>,
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// None, Ssl or Tls (STARTTLS).
    #[arg(long, value_parser = security)]
    pub(crate) security: Option<Security>,
    /// Basic or OAuth.
    #[arg(long, value_parser = authentication)]
    pub(crate) authentication: Option<Authentication>,
    /// A number, or Unlimited.
    #[arg(long, value_parser = limit)]
    pub(crate) max_concurrent_migrations: Option<Limit>,
    /// A number, or Unlimited.
    #[arg(long, value_parser = limit)]
    pub(crate) max_concurrent_incremental_syncs: Option<Limit>,
    /// Do not try the server.
    #[arg(long)]
    pub(crate) skip_verification: bool,
    /// As a target: the administrator's login.
    #[arg(long)]
    pub(crate) administrator_user_name: Option<String>,
    /// A file with the administrator's password; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) administrator_password_file: Option<PathBuf>,
    /// As a target: a user's login, with {EmailAddress} or {UserName} in it.
    #[arg(long)]
    pub(crate) login_format: Option<String>,
    #[arg(long)]
    pub(crate) tenant_id: Option<String>,
    #[arg(long)]
    pub(crate) application_id: Option<String>,
    /// A file with the client secret; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// A PKCS#12 or PEM file with certificate and key.
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate_file: Option<PathBuf>,
    /// A file with the password of the certificate file; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate_password_file: Option<PathBuf>,
    /// A mailbox to try when the endpoint is tested.
    #[arg(long)]
    pub(crate) test_mailbox: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// Name or Guid.
    pub(crate) identity: String,
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BatchCommand {
    /// Make a batch from a CSV file.
    New(Box<NewBatch>),
    /// Show batches.
    Get {
        /// Name or Guid; all unless given.
        identity: Option<String>,
        #[arg(long)]
        status: Option<BatchStatus>,
        #[arg(long)]
        endpoint: Option<String>,
        #[arg(long)]
        result_size: Option<u32>,
        #[arg(long)]
        include_report: bool,
    },
    /// Change a batch.
    Set(Box<SetBatch>),
    /// Start a batch, or try what failed again.
    Start {
        /// Name or Guid; the only one unless given.
        identity: Option<String>,
    },
    /// Stop a batch.
    Stop {
        /// Name or Guid; the only one unless given.
        identity: Option<String>,
        /// Do not ask.
        #[arg(long, short)]
        yes: bool,
    },
    /// Forget a batch and its passwords; the migrated mail stays.
    Remove(Remove),
}

#[derive(Debug, Args)]
pub(crate) struct NewBatch {
    #[arg(long)]
    pub(crate) name: String,
    /// The CSV file with EmailAddress, UserName, Password and, where needed, UserRoot; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) csv_file: PathBuf,
    #[arg(long)]
    pub(crate) source_endpoint: String,
    /// As configured unless given, else Local.
    #[arg(long)]
    pub(crate) target_endpoint: Option<String>,
    /// Folders to leave out, parted by commas.
    #[arg(long, value_delimiter = ',')]
    pub(crate) exclude_folders: Vec<String>,
    /// Folders to take alone, parted by commas.
    #[arg(long, value_delimiter = ',')]
    pub(crate) include_folders: Vec<String>,
    #[arg(long)]
    pub(crate) auto_start: bool,
    #[arg(long)]
    pub(crate) allow_unknown_columns_in_csv: bool,
    #[arg(long, value_delimiter = ',')]
    pub(crate) notification_emails: Vec<String>,
    /// Not before this time, e.g. 2026-11-21T18:00:00Z.
    #[arg(long, value_parser = instant)]
    pub(crate) start_after: Option<i64>,
    #[arg(long, value_name = "true|false")]
    pub(crate) allow_incremental_syncs: Option<bool>,
}

#[derive(Debug, Args)]
pub(crate) struct SetBatch {
    pub(crate) identity: String,
    /// Bring new mail and changed flags now.
    #[arg(long)]
    pub(crate) sync_now: bool,
    /// Take up changed settings now.
    #[arg(long)]
    pub(crate) update: bool,
    /// Give users of the batch the logins and passwords of this CSV file, then start the batch again.
    #[arg(long, value_name = "FILE", conflicts_with = "add_users_csv_file")]
    pub(crate) csv_file: Option<PathBuf>,
    /// Add the users of this CSV file.
    #[arg(long, value_name = "FILE")]
    pub(crate) add_users_csv_file: Option<PathBuf>,
    #[arg(long)]
    pub(crate) allow_unknown_columns_in_csv: bool,
    #[arg(long, value_delimiter = ',')]
    pub(crate) notification_emails: Option<Vec<String>>,
    #[arg(long, value_parser = instant)]
    pub(crate) start_after: Option<i64>,
    #[arg(long, value_name = "true|false")]
    pub(crate) allow_incremental_syncs: Option<bool>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Show users.
    Get {
        /// EmailAddress or Guid; all unless given.
        identity: Option<String>,
        #[arg(long)]
        batch_id: Option<String>,
        #[arg(long)]
        status: Option<UserStatus>,
        #[arg(long)]
        status_summary: Option<UserStatusSummary>,
        #[arg(long)]
        result_size: Option<u32>,
    },
    /// Show a user's numbers, skipped items and report.
    Statistics {
        /// EmailAddress or Guid.
        identity: String,
        #[arg(long)]
        include_report: bool,
        #[arg(long)]
        include_skipped_items: bool,
        #[arg(long)]
        limit_skipped_items_to: Option<u32>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Wait {
    /// Name or Guid; the only one unless given.
    pub(crate) identity: Option<String>,
    /// Give up after this many seconds.
    #[arg(long)]
    pub(crate) timeout_seconds: Option<u64>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show the settings.
    Get,
    /// Change settings.
    Set {
        /// The target of batches that name none; Local goes back to the local store.
        #[arg(long)]
        target_endpoint: Option<String>,
        /// Over all endpoints: a number, or Unlimited.
        #[arg(long, value_parser = limit)]
        max_concurrent_migrations: Option<Limit>,
        #[arg(long)]
        max_number_of_batches: Option<u32>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Worker {
    /// Stay when there is nothing to wait for, as a service manager wants it.
    #[arg(long)]
    pub(crate) stay: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Only run the sample server, until standard input ends.
    #[arg(long)]
    pub(crate) serve: bool,
}

/// Reads an enum by the names that serde gives it, in any case.
fn named<T: serde::de::DeserializeOwned>(text: &str, names: &[&str]) -> Result<T, String> {
    let name = names.iter().find(|n| n.eq_ignore_ascii_case(text));
    let name = name.ok_or_else(|| format!("it is none of {}", names.join(", ")))?;
    serde_json::from_value(serde_json::Value::from(*name)).map_err(|e| e.to_string())
}

fn security(text: &str) -> Result<Security, String> {
    named(text, &["None", "Ssl", "Tls"])
}

fn authentication(text: &str) -> Result<Authentication, String> {
    named(text, &["Basic", "OAuth"])
}

fn endpoint_type(text: &str) -> Result<EndpointType, String> {
    named(text, &["IMAP", "Microsoft365", "Maildir"])
}

fn limit(text: &str) -> Result<Limit, String> {
    match text.parse() {
        Ok(number) => Ok(Limit::At(number)),
        Err(_) if text.eq_ignore_ascii_case("Unlimited") => Ok(Limit::UNLIMITED),
        Err(_) => Err("it is neither a number nor Unlimited".to_owned()),
    }
}

fn instant(text: &str) -> Result<i64, String> {
    let instant: jiff::Timestamp =
        text.parse().map_err(|_| "write it as 2026-11-21T18:00:00Z, or with an offset".to_owned())?;
    Ok(instant.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_arguments_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn names_of_enums_are_read_in_any_case() {
        assert_eq!(security("tLS"), Ok(Security::Tls));
        assert_eq!(endpoint_type("imap"), Ok(EndpointType::Imap));
        assert!(security("Starttls").unwrap_err().contains("None, Ssl, Tls"));
    }
}
