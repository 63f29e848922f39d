//! Why no usable connection came about: host, port, TLS and certificates.

/// Why no usable connection to a server came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connecting {
    /// No connection was made.
    NotConnected {
        /// The server's host name.
        host: String,
        /// Why not.
        why: NotConnected,
    },
    /// The server did not answer in time.
    TimedOut {
        /// The server's host name.
        host: String,
        /// How many seconds connecting may take.
        seconds: u64,
    },
    /// The server does not use TLS as the endpoint expects.
    Tls {
        /// The server's host name.
        host: String,
        /// The port.
        port: u16,
        /// What is wrong.
        why: TlsRefusal,
    },
    /// The server's certificate is not accepted.
    Certificate {
        /// The server's host name.
        host: String,
        /// What is wrong with it.
        why: CertificateFault,
        /// The TLS library's words.
        detail: String,
    },
    /// The administrator's own certificates (trusted-ca.pem) cannot be used; the library's words.
    ExtraCertificates(String),
    /// Another protocol is spoken on the port.
    NotImap {
        /// The server's host name.
        host: String,
        /// The port.
        port: u16,
    },
}

/// Why no connection was made. The texts are the system's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotConnected {
    /// The host name could not be resolved.
    UnknownHost(String),
    /// Nothing accepts connections on the port.
    Refused(u16, String),
    /// The port could not be reached for another reason.
    NotReached(u16, String),
    /// The connected socket could not be set up.
    NotSetUp(String),
}

/// What is wrong with a server's TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsRefusal {
    /// The server speaks TLS from the first byte, and plain text was expected.
    FromFirstByte,
    /// The server does not speak TLS from the first byte; the library's words.
    NotFromFirstByte(String),
    /// The server does not speak TLS after STARTTLS; the library's words.
    NotAfterStartTls(String),
    /// The two ends could not agree; the library's words.
    NotAgreed(String),
    /// The server signs in every client before STARTTLS.
    SignsInBeforeStartTls,
    /// The server does not offer STARTTLS.
    StartTlsMissing,
    /// The server refuses STARTTLS although it offers it.
    StartTlsRefused,
}

/// What is wrong with a server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateFault {
    /// It is no longer valid.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It names another host.
    OtherHost,
    /// Its authority is unknown.
    UnknownAuthority,
    /// It is signed by itself, or its authority is unknown: the library does not distinguish the two.
    SelfSigned,
    /// Its authority revoked it.
    Revoked,
    /// Whether it was revoked cannot be found out.
    RevocationUnknown,
    /// It is not trusted for another reason.
    NotTrusted,
}
