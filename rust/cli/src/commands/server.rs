//! `imapmig test-server`.

use crate::arguments::TestServer;
use crate::client::Client;
use crate::exit::Exit;
use crate::failed::Failed;
use imapmig_core::api::server::{ServerTestRequest, ServerTestResult, TestResult};
use std::process::ExitCode;

/// Tests a server; the exit code says whether it can be used.
pub(crate) fn test(client: &Client, test: TestServer) -> Result<ExitCode, Failed> {
    let request = ServerTestRequest {
        endpoint: test.endpoint,
        test_mailbox: test.test_mailbox,
        remote_server: test.remote_server,
        port: test.port,
        security: test.security,
        authentication: test.authentication,
        accept_untrusted_certificates: test.accept_untrusted_certificates,
    };
    let result: ServerTestResult = client.wait(client.engine.server_test(request))?;
    client.output.show(&result, |r| match r.result {
        TestResult::Success => format!("Success\n{}", r.message).trim_end().to_owned(),
        TestResult::Failed => format!("Failed: {}\n{}", r.message, r.error_detail),
    });
    Ok(if result.result == TestResult::Success { Exit::Done } else { Exit::Refused }.into())
}
