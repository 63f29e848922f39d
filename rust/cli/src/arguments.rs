//! The commands and options of the command line. Options are the cmdlets' parameters in kebab-case.

mod batch;
#[cfg(test)]
mod named;

pub(crate) use batch::{BatchCommand, Confirm, NewBatch, SetBatch};

use crate::values::{authentication, endpoint_type, instant, limit, security};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use imapmig_core::endpoint::{Authentication, EndpointType, Limit, Security};
use imapmig_core::status::{UserStatus, UserStatusSummary};
use std::ffi::OsStr;
use std::path::PathBuf;

/// The environment variable that names the state directory.
pub(crate) const HOME_VARIABLE: &str = "IMAPMIGRATION_HOME";

/// Moves mail between IMAP servers, into Microsoft 365 and into Maildirs: nothing lost, nothing twice, nothing altered.
#[derive(Debug, Parser)]
#[command(name = "imapmig", version, propagate_version = true, arg_required_else_help = true, after_help = crate::exit::help())]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// Where endpoints, batches and the local mailboxes are kept.
    #[arg(long, global = true, env = HOME_VARIABLE, value_name = "DIRECTORY")]
    pub(crate) state_directory: Option<String>,
    /// Print JSON, for scripts.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Common {
    /// A variable that is set to nothing counts as not set, as it does in PowerShell and for other programs.
    pub(crate) fn without_empty_variable(&mut self, variable: Option<&OsStr>) {
        if variable.is_some_and(OsStr::is_empty) {
            self.state_directory.take_if(|directory| directory.is_empty());
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Test a server or an endpoint (Test-MigrationServerAvailability).
    TestServer(TestServer),
    /// Where mail comes from and goes to (New-, Get-, Set-, Remove-MigrationEndpoint).
    #[command(subcommand)]
    Endpoint(EndpointCommand),
    /// Sets of users that are migrated together (New-, Get-, Set-, Start-, Stop-, Complete-, Remove-MigrationBatch).
    #[command(subcommand)]
    Batch(BatchCommand),
    /// The users of batches (Get-, Set-, Start-, Stop-, Remove-MigrationUser, Get-MigrationUserStatistics).
    #[command(subcommand)]
    User(UserCommand),
    /// Count the users of all batches by state (Get-MigrationStatistics).
    Statistics,
    /// Write the users of a batch as a CSV file (Export-MigrationReport).
    Report(Report),
    /// Wait until a batch is in step with its source (Wait-MigrationBatch).
    Wait(Wait),
    /// Settings of the state directory (Get-, Set-MigrationConfig).
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Run the worker, which moves the mail; other commands start one when it is needed.
    Worker(Worker),
    /// Run the documented runbook against a built-in sample server.
    Demo(Demo),
    /// Write a completion script for a shell: `imapmig completions bash > /etc/bash_completion.d/imapmig`.
    Completions(Completions),
    /// Write the manual's pages, for packages.
    #[command(hide = true)]
    Man(Man),
}

#[derive(Debug, Args)]
pub(crate) struct TestServer {
    /// The endpoint to test; can be combined with --test-mailbox only.
    #[arg(long, conflicts_with_all = ["remote_server", "port", "security", "authentication", "accept_untrusted_certificates"])]
    pub(crate) endpoint: Option<String>,
    /// The mailbox to sign in to, instead of the endpoint's own test mailbox.
    #[arg(long, requires = "endpoint")]
    pub(crate) test_mailbox: Option<String>,
    /// The host name or address; with TLS the certificate must be for this name.
    #[arg(long, required_unless_present = "endpoint")]
    pub(crate) remote_server: Option<String>,
    /// 993 for Ssl, 143 for Tls and None.
    #[arg(long, required_unless_present = "endpoint")]
    pub(crate) port: Option<u16>,
    /// None, Ssl or Tls (STARTTLS) [default: Ssl].
    #[arg(long, value_parser = security)]
    pub(crate) security: Option<Security>,
    /// Basic or OAuth [default: Basic].
    #[arg(long, value_parser = authentication)]
    pub(crate) authentication: Option<Authentication>,
    /// Accept any certificate.
    #[arg(long)]
    pub(crate) accept_untrusted_certificates: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EndpointCommand {
    /// Create an endpoint.
    New(Box<NewEndpoint>),
    /// Show endpoints.
    Get {
        /// Name or Guid [default: all].
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
    /// Its name.
    #[arg(long)]
    pub(crate) name: String,
    /// IMAP, Microsoft365 or Maildir.
    #[arg(long = "type", value_parser = endpoint_type, default_value = "IMAP")]
    pub(crate) endpoint_type: EndpointType,
    #[command(flatten)]
    pub(crate) settings: EndpointOptions,
    /// Accept any certificate.
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
    /// Name or Guid.
    pub(crate) identity: String,
    #[command(flatten)]
    pub(crate) settings: EndpointOptions,
    /// Accept any certificate.
    #[arg(long, value_name = "true|false")]
    pub(crate) accept_untrusted_certificates: Option<bool>,
}

#[derive(Debug, Args)]
pub(crate) struct EndpointOptions {
    /// The host name or address; with TLS the certificate must be for this name.
    #[arg(long)]
    pub(crate) remote_server: Option<String>,
    /// 993 for Ssl, 143 for Tls and None.
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
    /// Skip the test of the server.
    #[arg(long)]
    pub(crate) skip_verification: bool,
    /// For a target: the administrator's login.
    #[arg(long)]
    pub(crate) administrator_user_name: Option<String>,
    /// A file with the administrator's password; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) administrator_password_file: Option<PathBuf>,
    /// For a target: the form of a user's login, with {EmailAddress} or {UserName} in it.
    #[arg(long)]
    pub(crate) login_format: Option<String>,
    /// OAuth: the tenant's name or Guid.
    #[arg(long)]
    pub(crate) tenant_id: Option<String>,
    /// OAuth: the Guid of the application that signs in.
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
    /// A mailbox to sign in to when the endpoint is tested.
    #[arg(long)]
    pub(crate) test_mailbox: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// Name or Guid.
    pub(crate) identity: String,
    /// Do not ask for confirmation.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Show users.
    Get {
        /// EmailAddress or Guid [default: all].
        identity: Option<String>,
        /// Only those of this batch: name or Guid.
        #[arg(long)]
        batch_id: Option<String>,
        /// Only those with this status, e.g. Failed.
        #[arg(long)]
        status: Option<UserStatus>,
        /// Active, Synced, Completed, Failed ...
        #[arg(long)]
        status_summary: Option<UserStatusSummary>,
        /// Maximum number of users to return.
        #[arg(long)]
        result_size: Option<u32>,
    },
    /// Resume a stopped user, or retry a failed one.
    Start {
        /// EmailAddress or Guid; can be omitted if there is only one.
        identity: Option<String>,
    },
    /// Stop a user.
    Stop {
        /// EmailAddress or Guid; can be omitted if there is only one.
        identity: Option<String>,
        /// Do not ask for confirmation.
        #[arg(long, short)]
        yes: bool,
    },
    /// Sync or complete a user.
    Set {
        /// EmailAddress or Guid.
        identity: String,
        /// Sync new mail and changed flags now.
        #[arg(long)]
        sync_now: bool,
        /// Start the user; takes a time in the past.
        #[arg(long, value_parser = instant)]
        start_after: Option<i64>,
        /// Give the user its final sync; takes a time in the past.
        #[arg(long, value_parser = instant)]
        complete_after: Option<i64>,
    },
    /// Forget a user and its passwords; the migrated mail stays.
    Remove(Remove),
    /// Show a user's numbers, skipped items and report.
    Statistics {
        /// EmailAddress or Guid.
        identity: String,
        /// Include the report.
        #[arg(long)]
        include_report: bool,
        /// Include the skipped messages and the reasons.
        #[arg(long)]
        include_skipped_items: bool,
        /// Maximum number of skipped items to return.
        #[arg(long)]
        limit_skipped_items_to: Option<u32>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// A batch, for all its users, or a user: name, EmailAddress or Guid.
    pub(crate) identity: String,
    /// The file to write [default: standard output].
    #[arg(long, value_name = "FILE")]
    pub(crate) csv_file: Option<PathBuf>,
    /// The first row, counted from 0.
    #[arg(long)]
    pub(crate) starting_row_index: Option<u32>,
    /// Maximum number of rows.
    #[arg(long)]
    pub(crate) row_count: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Wait {
    /// Name or Guid; can be omitted if there is only one.
    pub(crate) identity: Option<String>,
    /// Give up after this many seconds.
    #[arg(long)]
    pub(crate) timeout_seconds: Option<u64>,
    /// End with 3 instead of 0 when the batch is done but items were skipped.
    #[arg(long)]
    pub(crate) detailed_exit_code: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show the settings.
    Get,
    /// Change settings.
    Set {
        /// The target of batches that name none; Local is the local store.
        #[arg(long)]
        target_endpoint: Option<String>,
        /// Over all endpoints: a number, or Unlimited.
        #[arg(long, value_parser = limit)]
        max_concurrent_migrations: Option<Limit>,
        /// The maximum number of batches.
        #[arg(long)]
        max_number_of_batches: Option<u32>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Worker {
    /// Keep running when there is nothing to do, as for a service manager.
    #[arg(long)]
    pub(crate) stay: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Only run the sample server, until standard input ends.
    #[arg(long)]
    pub(crate) serve: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell to write the script for.
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The directory to write the pages to, one for each command.
    pub(crate) directory: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_arguments_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_argument_is_explained() {
        let mut commands = vec![Arguments::command()];
        while let Some(command) = commands.pop() {
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
            commands.extend(command.get_subcommands().cloned());
        }
    }
}
