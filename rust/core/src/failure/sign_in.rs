//! Why a sign-in failed, or led to another mailbox than the one that was asked for.

/// Why a user or administrator did not get to the mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// The user name or password was refused.
    Refused {
        /// The server's host name.
        host: String,
    },
    /// The server takes no passwords without TLS.
    PasswordNeedsTls {
        /// The server's host name.
        host: String,
    },
    /// The server takes no passwords, not even with TLS.
    PasswordNotTaken {
        /// The server's host name.
        host: String,
    },
    /// The user name or password holds a character that the mechanism cannot carry.
    Unsendable(Unsendable),
    /// The password is right, but the account may not open this mailbox, or the mailbox does not exist.
    OtherMailboxNotPermitted,
    /// The sign-in worked, but the mailbox may not be opened, or does not exist.
    MailboxNotPermitted,
    /// The access token was refused.
    TokenRefused {
        /// The server's host name.
        host: String,
        /// The mailbox that was to be opened.
        user_name: String,
    },
    /// The server ignores which mailbox the administrator asks for.
    AdministratorOpensOwnMailbox {
        /// The server's host name.
        host: String,
        /// The administrator.
        administrator: String,
        /// The user whose mailbox was asked for.
        user: String,
    },
    /// The UserRoot is not on the server.
    UserRootNotFound {
        /// The UserRoot as it was entered.
        user_root: String,
        /// The server's host name.
        host: String,
        /// The names that were looked for.
        tried: Vec<String>,
    },
    /// Neither the row nor the endpoint says how to sign in at the target.
    NoTargetLogin {
        /// The account at the target.
        account: String,
        /// The target's endpoint.
        endpoint: String,
    },
}

/// What a sign-in mechanism cannot carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsendable {
    /// NUL, which separates the parts of AUTHENTICATE PLAIN.
    Nul,
    /// A control character, which separates the parts of XOAUTH2.
    ControlCharacter,
}
