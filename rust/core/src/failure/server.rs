//! What an IMAP server did that ended a command or a session.

use super::Case;
use std::time::Duration;

/// What a server did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conduct {
    /// It refused an action.
    Refused(Action),
    /// It cannot do an action at the moment.
    Unable(Action),
    /// It asked to wait for this long.
    AskedToWait(Duration),
    /// It asked to slow down.
    AskedToSlowDown,
    /// It allows no more connections at the moment.
    ConnectionLimit,
    /// The mailbox has no space left.
    MailboxFull,
    /// It ended the session because the access token had expired.
    TokenExpired,
    /// It ended the connection with BYE.
    Bye,
    /// It closed the connection.
    Closed,
    /// It closed the connection before its greeting.
    ClosedBeforeGreeting,
    /// The connection broke; the system's words.
    ConnectionBroke(String),
    /// The session was given up by this program.
    GivenUp(GivenUp),
    /// It was silent for this long.
    Silent(Duration),
    /// It sent nothing of use for this long.
    NothingOfUse(Duration),
    /// It did not send a whole message within this time.
    MessageTooSlow(Duration),
    /// It sent a line of more than this many bytes.
    LineTooLong(usize),
    /// It sent one answer of more than this many bytes.
    AnswerTooLong(usize),
    /// It answered one command with more than this many bytes.
    ReplyTooLong(usize),
    /// It announced a literal of this many bytes.
    LiteralTooLong(u64),
    /// It sent one answer with more than this many literals.
    TooManyLiterals(usize),
    /// It lists more folders or bytes than a mailbox can have.
    ListingTooLong {
        /// The most folders that are read.
        folders: usize,
        /// The most bytes that are read.
        bytes: usize,
    },
    /// It sends answers without ending a command.
    EndlessAnswers,
    /// It sent this line, which is not IMAP.
    NotImap(String),
    /// It sent plain text after agreeing to STARTTLS.
    PlainTextAfterStartTls,
    /// It asked for the rest of a complete command.
    AskedForMore,
    /// It asked for a literal that it had announced not to ask for.
    AskedForLiteral,
    /// It kept asking during the sign-in.
    AskedAgainAtSignIn,
    /// It answered a command that was never sent.
    AnsweredUnsentCommand,
    /// It answered a line of a literal as if that were a command.
    AnsweredLiteral,
    /// It refused a message before reading it, and may take the message's lines for commands.
    MayRunLiterals,
    /// It loses commands that are sent without waiting for the answer to the one before.
    LosesPipelinedCommands,
    /// It sent another message than the one asked for.
    OtherMessage {
        /// The UID asked for.
        asked: u32,
        /// The UID sent.
        sent: u32,
    },
    /// It sent no usable number of messages for this folder.
    NoMessageCount(String),
    /// It sent a UID that is not a 32-bit number above zero.
    UnusableUid,
    /// It changed the UIDVALIDITY of a mailbox that was being listed.
    NewUidValidity,
    /// The open target folder was replaced or removed.
    TargetFolderReplaced,
    /// It lists no folders at all.
    NoFolders,
}

impl Conduct {
    /// This conduct of the server with this host name.
    #[must_use]
    pub fn of(self, host: &str) -> Case {
        Case::Server { host: Some(host.to_owned()), conduct: self }
    }
}

/// What a server was asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// To accept a client at all.
    Greet,
    /// To report its capabilities.
    ReportCapabilities,
    /// To sign in a user.
    SignIn,
    /// To go on with what it was doing.
    GoOn,
    /// To list folders.
    ListFolders,
    /// To list subscriptions.
    ListSubscriptions,
    /// To look for the UserRoot.
    FindUserRoot,
    /// To list the UserRoot.
    ListUserRoot,
    /// To open the INBOX.
    OpenInbox,
    /// To open a folder.
    OpenFolder(String),
    /// To create a folder.
    CreateFolder(String),
    /// To subscribe to a folder.
    Subscribe(String),
    /// To report the next UID of a folder.
    ReportNextUid,
    /// To list the messages of a folder.
    ListMessages,
    /// To report flags.
    ReportFlags,
    /// To set flags.
    SetFlags,
    /// To send messages.
    FetchMessages,
    /// To store a message.
    StoreMessage,
    /// To remove a message.
    RemoveMessage,
}

/// Why this program gave up a session that the server had not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// An answer under way was no longer wanted.
    NothingMoreWanted,
    /// The server answered an APPEND before all of it was sent.
    EarlyAnswer,
    /// What happened before made the session unusable.
    After(Box<Case>),
    /// A message was not handed over as it was announced.
    Misuse(Misuse),
}

/// How a caller broke the contract of a session that appends messages. Never the server's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misuse {
    /// No folder is open.
    NoFolderOpen,
    /// No message was begun.
    NoMessageBegun,
    /// A message was begun before the last one was ended.
    MessageNotEnded,
    /// A message turned out longer than announced.
    LongerThanAnnounced,
    /// A message turned out shorter than announced.
    ShorterThanAnnounced,
}
