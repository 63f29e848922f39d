//! Failures that the engine has words of its own for: Exchange's sentence for what happened, or what the administrator can do.

/// What happened, where `Failure::message` alone does not say all that can be said. Adapters name the case and who is
/// involved; the engine makes the sentence, in the words of the face that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Case {
    /// A server did not answer within the time that connecting may take.
    ConnectionTimedOut {
        /// The server's host name.
        host: String,
    },
    /// No connection to a server could be made.
    NotConnected {
        /// The server's host name.
        host: String,
    },
    /// The server speaks TLS, and the connection expects plain text first.
    TlsFromFirstByte,
    /// The server does not speak TLS from the first byte.
    NoTlsFromFirstByte,
    /// STARTTLS is required and cannot be had.
    NoStartTls,
    /// The certificate comes from an authority that is not trusted.
    CertificateNotTrusted,
    /// The certificate has expired, is not valid yet, or was revoked.
    CertificateNotValid,
    /// The certificate is for another host name.
    CertificateForAnotherHost,
    /// The user name or password is wrong.
    LoginRefused,
    /// Passwords are taken on encrypted connections only.
    PasswordNeedsTls,
    /// No password is taken, not even on an encrypted connection.
    PasswordNotTaken,
    /// The server ignores for whom the administrator signs in.
    AdministratorOpensOwnMailbox,
    /// Signed in, but the mailbox does not exist or may not be opened.
    MailboxNotPermitted,
    /// The mailbox has no space left.
    MailboxFull,
    /// An access token was refused.
    TokenRefused {
        /// Whose mailbox was to be opened.
        user_name: String,
    },
    /// The authority does not know the tenant.
    TenantUnknown,
    /// The tenant does not know the application.
    ApplicationUnknown,
    /// The client secret is wrong.
    ClientSecretWrong,
    /// The client secret has expired.
    ClientSecretExpired,
    /// The application's certificate is not registered, or has expired.
    ApplicationCertificateUnknown,
    /// The application has neither secret nor certificate.
    NoClientCredential,
    /// The authority does not know the scope.
    ScopeUnknown,
    /// The private key of a certificate file is encrypted.
    PrivateKeyEncrypted,
    /// A certificate file cannot be opened.
    CertificateFileUnreadable,
    /// The endpoint has no application that could get a token.
    NoApplication,
    /// Neither the row nor the endpoint says how to sign in at the target.
    NoTargetLogin,
    /// The key of the stored secrets is missing.
    KeyLost,
    /// The state database is damaged.
    DatabaseDamaged,
    /// No space is left for the state database.
    DatabaseDiskFull,
    /// The state database was deleted or replaced.
    DatabaseReplaced,
}
