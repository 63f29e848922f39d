//! Why no access token could be obtained: the authority's refusals, and what is wrong with the application's certificate.

/// Why there is no access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// The endpoint has no application that could get a token.
    NoApplication,
    /// The authority's address does not begin with https.
    AuthorityNotHttps(String),
    /// The authority could not be reached.
    AuthorityNotReached {
        /// The token address.
        url: String,
        /// The HTTP library's words.
        error: String,
    },
    /// The authority cannot answer at the moment.
    AuthorityBusy,
    /// The authority refused, for a reason of its own.
    Refused,
    /// The authority does not know this tenant.
    TenantUnknown(String),
    /// The tenant does not know the application.
    ApplicationUnknown {
        /// The application.
        application: String,
        /// The tenant.
        tenant: String,
    },
    /// The application is disabled in the tenant.
    ApplicationDisabled {
        /// The application.
        application: String,
        /// The tenant.
        tenant: String,
    },
    /// The client secret of this application is wrong.
    ClientSecretWrong(String),
    /// The client secret of this application has expired.
    ClientSecretExpired(String),
    /// The certificate is not registered with this application, or has expired.
    CertificateUnknown(String),
    /// This application has neither secret nor certificate.
    NoClientCredential(String),
    /// The authority does not know the scope.
    ScopeUnknown,
    /// The application's certificate cannot be used.
    Certificate(BadCertificate),
}

/// What is wrong with the file of an application's certificate. The texts are the library's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadCertificate {
    /// The private key of the PEM file is encrypted.
    KeyEncrypted,
    /// The PFX file cannot be opened.
    Pfx(PfxFault),
    /// The PFX file lacks the key or the certificate.
    PfxIncomplete,
    /// The PEM file cannot be read.
    Pem(String),
    /// There is no private key.
    NoKey,
    /// The private key is not an RSA key of 2048 to 4096 bits.
    UnusableKey(String),
    /// There is no certificate for the private key.
    NoCertificate,
    /// The private key cannot sign.
    CannotSign,
}

/// Why a PFX file cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PfxFault {
    /// The password is wrong, or the file is damaged.
    WrongPassword,
    /// It is not a PKCS#12 file.
    NotPfx,
    /// It is protected by a key instead of a password.
    ProtectedByKey,
    /// Its content has this type, which is not supported.
    UnknownContent(String),
    /// It uses this algorithm, which is not supported.
    UnknownAlgorithm(String),
    /// Its key takes more rounds to derive than are allowed.
    TooManyRounds {
        /// The rounds that it asks for.
        rounds: u32,
        /// The most that are done.
        most: u32,
    },
}
