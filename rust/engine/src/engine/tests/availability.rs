//! Test-MigrationServerAvailability, with servers that answer as told.

use super::{Desk, imap};
use imapmig_core::api::endpoint::EndpointCreateRequest;
use imapmig_core::api::server::{ServerTestRequest, ServerTestResult, TestResult};
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::failure::{Failure, FailureKind, Scope, SignIn};
use imapmig_core::secret::Secret;

fn test(desk: &Desk, request: ServerTestRequest) -> Result<ServerTestResult, ApiError> {
    desk.end(desk.engine.server_test(request))
}

fn server() -> ServerTestRequest {
    ServerTestRequest {
        remote_server: Some("imap.contoso.com".to_owned()),
        port: Some(993),
        ..ServerTestRequest::default()
    }
}

#[test]
fn a_server_that_can_be_used_is_a_success_without_words() {
    let desk = Desk::new();

    let result = test(&desk, server()).unwrap();

    assert_eq!((result.result, result.message.as_str()), (TestResult::Success, ""));
    assert!(!result.supports_cutover && result.error_detail.is_empty());
}

#[test]
fn a_server_that_cannot_is_a_result_and_no_error() {
    let desk = Desk::new();
    let failure = Failure::new(Scope::User, FailureKind::LoginRefused, SignIn::MailboxNotPermitted);
    *desk.rig.servers.answer.lock().unwrap() = Some(failure);

    let result = test(&desk, server()).unwrap();

    assert_eq!(result.result, TestResult::Failed);
    assert!(
        result.error_detail.starts_with("MigrationServerConnectionFailedException: "),
        "{}",
        result.error_detail
    );
}

#[test]
fn an_endpoint_is_tried_with_its_own_credentials() {
    let desk = Desk::new();
    let request = EndpointCreateRequest {
        administrator_user_name: Some("mailadmin".to_owned()),
        administrator_password: Some(Secret::from("p")),
        ..imap("E")
    };
    let _: serde_json::Value = desk.end(desk.engine.endpoint_create(request)).unwrap();

    test(&desk, ServerTestRequest { endpoint: Some("e".to_owned()), ..ServerTestRequest::default() })
        .unwrap();

    let trials = desk.rig.servers.trials.lock().unwrap();
    assert!(trials[1].sign_in);
    assert_eq!(trials[1].secrets.administrator_password, Some(Secret::from("p")));
}

#[test]
fn an_endpoint_is_tried_on_the_mailbox_named_for_this_once() {
    let desk = Desk::new();
    let endpoint = EndpointCreateRequest { test_mailbox: Some("own@contoso.com".to_owned()), ..imap("E") };
    let _: serde_json::Value = desk.end(desk.engine.endpoint_create(endpoint)).unwrap();
    let plain = ServerTestRequest { endpoint: Some("E".to_owned()), ..ServerTestRequest::default() };
    let other = ServerTestRequest { test_mailbox: Some("other@contoso.com".to_owned()), ..plain.clone() };

    test(&desk, other).unwrap();
    test(&desk, plain).unwrap();

    let trials = desk.rig.servers.trials.lock().unwrap();
    let mailboxes: Vec<_> = trials[1..].iter().map(|trial| trial.settings.test_mailbox.as_deref()).collect();
    assert_eq!(mailboxes, [Some("other@contoso.com"), Some("own@contoso.com")]);
}

#[test]
fn an_unknown_endpoint_is_an_error_in_exchanges_words() {
    let desk = Desk::new();
    let request = ServerTestRequest { endpoint: Some("X".to_owned()), ..ServerTestRequest::default() };

    let error = test(&desk, request).unwrap_err();

    assert_eq!(
        (error.code.as_str(), error.category),
        ("ManagementObjectNotFoundException", ErrorCategory::NotSpecified)
    );
    assert_eq!(
        error.message,
        "The migration endpoint 'X' couldn't be found. Reason: The migration endpoint 'X' couldn't be found."
    );
}

#[test]
fn a_test_without_server_or_port_or_with_both_kinds_is_refused() {
    let desk = Desk::new();

    for request in [
        ServerTestRequest { remote_server: None, ..server() },
        ServerTestRequest { port: None, ..server() },
        ServerTestRequest { endpoint: Some("E".to_owned()), ..server() },
        ServerTestRequest { test_mailbox: Some("a@contoso.com".to_owned()), ..server() },
    ] {
        assert_eq!(test(&desk, request).unwrap_err().category, ErrorCategory::InvalidArgument);
    }
}
