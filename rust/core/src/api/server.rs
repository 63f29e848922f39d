//! `imapmig_server_test`: Test-MigrationServerAvailability. Starts an operation that gives [`ServerTestResult`].

use crate::endpoint::{Authentication, Security};
use serde::{Deserialize, Serialize};

/// Tests a server, or an endpoint by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ServerTestRequest {
    /// An endpoint's name or Guid; then nothing but a test mailbox is given. Its administrator or token is tried too.
    pub endpoint: Option<String>,
    /// The mailbox to sign in to, for this once instead of the endpoint's own test mailbox.
    pub test_mailbox: Option<String>,
    /// Host name or address.
    pub remote_server: Option<String>,
    /// TCP port.
    pub port: Option<u16>,
    /// Transport security; `Ssl` unless given.
    pub security: Option<Security>,
    /// `Basic` unless given.
    pub authentication: Option<Authentication>,
    /// Take any certificate.
    pub accept_untrusted_certificates: bool,
}

/// Whether the server can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TestResult {
    /// It can.
    Success,
    /// It cannot; `message` says why.
    Failed,
}

/// What the test found. A failed connection is a result, not an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ServerTestResult {
    /// Whether the server can be used.
    pub result: TestResult,
    /// Empty on success.
    pub message: String,
    /// Always false for IMAP.
    pub supports_cutover: bool,
    /// The chain of causes, each as `Name: sentence`, parted by line ends; empty on success.
    pub error_detail: String,
    /// What was done, one sentence each, up to the step that failed.
    pub steps: Vec<String>,
}
