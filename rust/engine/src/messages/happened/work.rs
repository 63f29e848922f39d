//! What is said about failures that the engine itself finds.

use super::{Said, plain, said as said_of};
use crate::messages::common::no_further_thread;
use imapmig_core::failure::{Row, Side, Work};

pub(super) fn said(case: &Work) -> Said {
    Said::new(match case {
        Work::DuringFolder { case, folder, times } => {
            let said = said_of(case);
            let happened =
                format!("{} ({times} times while the folder \"{folder}\" was under way)", said.happened);
            return Said { happened, exchanges: None, ..said };
        }
        Work::FolderEndsConnections(failure) => {
            format!("the connection ended every time while the folder was under way: {}", plain(failure))
        }
        Work::FoldersFailed { failed, all, user, folder, first } => format!(
            "{failed} of {all} folders of {user} could not be migrated; the first is \"{folder}\": {}",
            said_of(first).happened
        ),
        Work::Stopped => "the work was stopped".to_owned(),
        Work::NoThread(error) => no_further_thread(error),
        Work::Fault => "an internal check failed; please report it".to_owned(),
        Work::EndpointGone => "the batch's migration endpoint is not there any more".to_owned(),
        Work::FolderFilter(error) => error.to_string(),
        Work::EndpointWithoutFolder(endpoint) => {
            format!("the migration endpoint \"{endpoint}\" has no folder; remove it and make it anew")
        }
        Work::FolderIsFile(path) => format!("{} is a file; give a folder", path.display()),
        Work::FolderUnusable(path, error) => {
            format!("the folder {} cannot be used: {error}; make it first", path.display())
        }
        Work::AuthoritiesUnreadable(path, error) => {
            format!("the trusted certificates in {} cannot be read: {error}", path.display())
        }
        Work::OriginalNotKept(path, error) => {
            format!("the original of a message cannot be kept as {}: {error}", path.display())
        }
        Work::SameMailbox(rows) => same_mailbox(rows),
        Work::OneFolderTwice { other, folder } => {
            format!("the target opens the folder of \"{other}\" under the name \"{folder}\" too")
        }
        Work::FolderReplaced(Side::Source) => {
            "the source folder was replaced by another one while it was read".to_owned()
        }
        Work::FolderReplaced(Side::Target) => {
            "the target folder was replaced by another one while it was written".to_owned()
        }
        Work::CountsDiffer { folder, counted: [total, synced, skipped], ledger } => {
            let [at_target, left_out, undecided] = ledger;
            format!(
                "the counts of \"{folder}\" do not add up: of {total} messages {synced} are at the target and {skipped} were left out, and the ledger holds {at_target}, {left_out} and {undecided} undecided; the folder is looked at again at the next sync"
            )
        }
        Work::StoresNothingNow => {
            "the target stores nothing at the moment and does not say until when".to_owned()
        }
        Work::Interrupted(user) => format!("another connection of {user} failed"),
        Work::NoAnswer(folder) => format!("the target gave no answer to a message for \"{folder}\""),
        Work::TargetFull(user) => {
            format!("the target mailbox of {user} is full; give it more room, then start the batch again")
        }
        Work::WritingNotPermitted { user, folder } => {
            format!("the target does not permit writing into \"{folder}\" of {user}")
        }
        Work::TakesNothing(user) => format!(
            "the target takes no message of {user}; ask its administrator, then start the batch again"
        ),
        Work::OtherSize { announced, sent } => {
            format!("the source announced {announced} bytes and sent {sent}")
        }
        Work::FetchBrokenOff => "the fetch was broken off".to_owned(),
    })
}

fn same_mailbox([one, other]: &[Row; 2]) -> String {
    format!(
        "The rows of \"{}\" (UserName \"{}\") and \"{}\" (UserName \"{}\") open the same mailbox: the server ignored the user that was asked for, so nothing was copied. Please check the login style that the server expects in UserName, or name each mailbox by UserRoot, and start the batch again. If they are two mailboxes that hold the very same messages, migrate them in batches of their own.",
        one.email_address, one.user_name, other.email_address, other.user_name
    )
}
