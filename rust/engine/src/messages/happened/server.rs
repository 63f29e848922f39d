//! What is said about a server that refuses, ends the connection or breaks the protocol.

use super::{Said, said as said_of};
use imapmig_core::failure::{Action, Conduct, GivenUp, Misuse};
use std::time::Duration;

pub(super) fn said(host: Option<&str>, conduct: &Conduct) -> Said {
    let server = host.map_or_else(|| "the server".to_owned(), |host| format!("the server {host}"));
    match conduct {
        Conduct::MailboxFull => Said::new(format!("the mailbox at {server} is full"))
            .remedy("free some space")
            .exchanges("This mailbox is full. Please free up some space so that email can be downloaded."),
        Conduct::ConnectionBroke(error) => Said::new(format!("the connection to {server} broke ({error})")),
        Conduct::GivenUp(why) => Said::new(format!(
            "the session with {} was ended: {}",
            host.unwrap_or("the server"),
            given_up(why)
        )),
        Conduct::NoMessageCount(folder) => Said::new(format!(
            "{server} sent no usable number of messages for the folder \"{folder}\", so its messages cannot be told apart"
        )),
        Conduct::PlainTextAfterStartTls => Said::new(format!(
            "{server} (or a machine in between) sent plain text after agreeing to STARTTLS; the connection was given up because that text cannot be trusted"
        )),
        Conduct::LosesPipelinedCommands => Said::new(format!(
            "{server} loses commands that are sent together; they are sent one by one from now on"
        )),
        Conduct::TargetFolderReplaced => {
            Said::new("the target folder was replaced or removed while it was written")
        }
        conduct => Said::new(format!("{server} {}", did(conduct))),
    }
}

/// Completes "the server ...".
fn did(conduct: &Conduct) -> String {
    match conduct {
        Conduct::Refused(asked) => format!("refused to {}", action(asked)),
        Conduct::Unable(asked) => format!("could not {} at the moment", action(asked)),
        Conduct::AskedToWait(pause) => format!("asked to wait for {}", seconds(*pause)),
        Conduct::Silent(time) => format!("was silent for {}", seconds(*time)),
        Conduct::NothingOfUse(time) => format!("sent nothing of use for {}", seconds(*time)),
        Conduct::MessageTooSlow(time) => format!("did not send a whole message within {}", seconds(*time)),
        Conduct::LineTooLong(most) => format!("sent a line of more than {most} bytes"),
        Conduct::AnswerTooLong(most) => format!("sent an answer of more than {most} bytes"),
        Conduct::ReplyTooLong(most) => format!("answered one command with more than {most} bytes"),
        Conduct::LiteralTooLong(size) => format!("announced a literal of {size} bytes"),
        Conduct::TooManyLiterals(most) => format!("sent an answer with more than {most} literals"),
        Conduct::ListingTooLong { folders, bytes } => {
            format!("lists more than {folders} folders or {bytes} bytes")
        }
        Conduct::NotImap(line) => format!("sent \"{line}\", which is not IMAP"),
        Conduct::OtherMessage { asked, sent } => format!("sent message {sent} when asked for {asked}"),
        other => always(other).to_owned(),
    }
}

/// The same where no name or number is part of it.
const fn always(conduct: &Conduct) -> &'static str {
    match conduct {
        Conduct::AskedToSlowDown => "asked to slow down",
        Conduct::ConnectionLimit => "allows no more connections at the moment",
        Conduct::TokenExpired => "ended the session because its token expired",
        Conduct::Bye => "ended the connection",
        Conduct::ClosedBeforeGreeting => {
            "closed the connection before its greeting; it may allow no more connections"
        }
        Conduct::EndlessAnswers => "goes on sending answers without ending a command",
        Conduct::AskedForMore => "asked to go on with a command that was complete",
        Conduct::AskedForLiteral => "asked for a literal that it had said it needs not ask for",
        Conduct::AskedAgainAtSignIn => "goes on asking while signing in",
        Conduct::AnsweredUnsentCommand => "answered a command that was never sent",
        Conduct::AnsweredLiteral => "answered a line of a literal",
        Conduct::MayRunLiterals => {
            "refused a message before it had read it, and may take its lines for commands; the connection was closed at once, and each message waits for the server's leave from now on"
        }
        Conduct::UnusableUid => {
            "gives messages UIDs that are no 32-bit numbers above zero, so they cannot be told apart"
        }
        Conduct::NewUidValidity => "gave the mailbox a new UIDVALIDITY while it was listed",
        Conduct::NoFolders => {
            "lists no folders to this account, not even INBOX, so that its mail could not be migrated completely; Cyrus does so for user names with a dot while unixhierarchysep is off"
        }
        _ => "closed the connection",
    }
}

/// Completes "the server refused to".
fn action(action: &Action) -> String {
    let always = match action {
        Action::OpenFolder(folder) => return format!("open the folder \"{folder}\""),
        Action::CreateFolder(folder) => return format!("create the folder \"{folder}\""),
        Action::Subscribe(folder) => return format!("subscribe the folder \"{folder}\""),
        Action::Greet => "talk",
        Action::ReportCapabilities => "report its capabilities",
        Action::SignIn => "sign in",
        Action::GoOn => "go on",
        Action::ListFolders => "list folders",
        Action::ListSubscriptions => "list subscriptions",
        Action::FindUserRoot => "look for the UserRoot",
        Action::ListUserRoot => "list the UserRoot",
        Action::OpenInbox => "open the INBOX",
        Action::ReportNextUid => "report the next UID",
        Action::ListMessages => "list the messages",
        Action::ReportFlags => "report flags",
        Action::SetFlags => "set flags",
        Action::FetchMessages => "fetch messages",
        Action::StoreMessage => "store a message",
        Action::RemoveMessage => "remove a message",
    };
    always.to_owned()
}

/// Completes "the session was ended:".
fn given_up(why: &GivenUp) -> String {
    match why {
        GivenUp::NothingMoreWanted => "no more messages were wanted".to_owned(),
        GivenUp::EarlyAnswer => "the server answered an APPEND before it was sent".to_owned(),
        GivenUp::After(case) => said_of(case).happened,
        GivenUp::Misuse(how) => misuse(*how).to_owned(),
    }
}

/// How the contract of appending was broken.
pub(super) const fn misuse(how: Misuse) -> &'static str {
    match how {
        Misuse::NoFolderOpen => "no folder is open",
        Misuse::NoMessageBegun => "no message was begun",
        Misuse::MessageNotEnded => "a message was begun before the last one was ended",
        Misuse::LongerThanAnnounced => "a message turned out longer than announced",
        Misuse::ShorterThanAnnounced => "a message turned out shorter than announced",
    }
}

fn seconds(time: Duration) -> String {
    match time.as_millis().div_ceil(1000) {
        1 => "1 second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}
