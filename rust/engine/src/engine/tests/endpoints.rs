//! Endpoints: made, changed, removed, and every text that says no.

use super::{Desk, batch, imap, named};
use imapmig_core::api::endpoint::{
    EndpointCreateRequest, EndpointListRequest, EndpointUpdateRequest, EndpointView,
};
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::endpoint::{Authentication, EndpointType, Limit, Security};
use imapmig_core::failure::{Connecting, Failure, FailureKind, NotConnected, Scope};
use imapmig_core::secret::Secret;

fn create(desk: &Desk, request: EndpointCreateRequest) -> Result<EndpointView, ApiError> {
    desk.end(desk.engine.endpoint_create(request))
}

fn update(desk: &Desk, request: EndpointUpdateRequest) -> Result<EndpointView, ApiError> {
    desk.end(desk.engine.endpoint_update(request))
}

fn list(desk: &Desk, identity: Option<&str>) -> Result<Vec<String>, ApiError> {
    let request = EndpointListRequest { identity: identity.map(str::to_owned), endpoint_type: None };
    let list = desk.engine.endpoint_list(request)?;
    Ok(list.endpoints.into_iter().map(|endpoint| endpoint.identity).collect())
}

#[test]
fn an_endpoint_has_exchanges_defaults() {
    let desk = Desk::new();

    let view = create(&desk, imap("E")).unwrap();

    assert_eq!((view.port, view.security), (Some(993), Some(Security::Ssl)));
    assert_eq!(view.authentication, Authentication::Basic);
    assert_eq!(view.max_concurrent_migrations, Limit::At(20));
    assert_eq!(view.max_concurrent_incremental_syncs, Limit::At(10));
    assert_eq!((view.active_migration_count, view.active_incremental_sync_count), (0, 0));
}

#[test]
fn an_endpoint_that_cannot_be_reached_is_not_made_unless_verification_is_skipped() {
    let desk = Desk::new();
    let why = NotConnected::UnknownHost("no such host".to_owned());
    let case = Connecting::NotConnected { host: "imap.contoso.com".to_owned(), why };
    let unreachable = Failure::new(Scope::User, FailureKind::Unreachable, case);
    *desk.rig.servers.answer.lock().unwrap() = Some(unreachable);

    let error = create(&desk, imap("E")).unwrap_err();
    let untested = create(&desk, EndpointCreateRequest { skip_verification: true, ..imap("F") });

    assert_eq!(error.code, "MigrationServerConnectionFailedException");
    assert_eq!(error.category, ErrorCategory::ConnectionError);
    assert!(error.message.contains("-SkipVerification"), "{}", error.message);
    assert_eq!(untested.unwrap().identity, "F");
    assert_eq!(list(&desk, None).unwrap(), ["F"]);
}

#[test]
fn names_in_use_are_refused_in_any_case() {
    let desk = Desk::new();
    desk.endpoint("E");

    let again = create(&desk, imap("e")).unwrap_err();
    let local = create(&desk, imap("local")).unwrap_err();

    assert_eq!(
        (again.category, local.category),
        (ErrorCategory::ResourceExists, ErrorCategory::ResourceExists)
    );
    assert!(again.message.contains("already exists"), "{}", again.message);
}

#[test]
fn limits_are_between_one_and_three_hundred_or_unlimited() {
    let desk = Desk::new();
    let limited = |name: &str, migrations, incremental| {
        let request = EndpointCreateRequest {
            max_concurrent_migrations: migrations,
            max_concurrent_incremental_syncs: incremental,
            ..imap(name)
        };
        create(&desk, request)
    };

    let over = limited("A", Some(Limit::At(322)), None).unwrap_err();
    let more_incremental = limited("B", Some(Limit::At(20)), Some(Limit::At(25))).unwrap_err();
    let few = limited("C", Some(Limit::At(5)), None).unwrap();
    let unlimited = limited("D", Some(Limit::UNLIMITED), Some(Limit::UNLIMITED)).unwrap();

    assert_eq!(over.code, "MaximumConcurrentMigrationLimitExceededException");
    assert_eq!(
        over.message,
        "This endpoint would make the maximum concurrent migrations '322', which would exceed the allowed limit of \
         '300' for endpoints of type 'IMAP'."
    );
    assert!(more_incremental.message.contains("must be less or equal to MaxConcurrentMigrations"));
    assert_eq!(few.max_concurrent_incremental_syncs, Limit::At(5));
    assert_eq!(unlimited.max_concurrent_migrations, Limit::UNLIMITED);
    assert!(limited("E", Some(Limit::At(0)), None).is_err());
}

#[test]
fn microsoft365_needs_an_application_and_signs_in_by_token() {
    let desk = Desk::new();
    let request = EndpointCreateRequest {
        name: "M365".to_owned(),
        endpoint_type: Some(EndpointType::Microsoft365),
        tenant_id: Some("contoso.onmicrosoft.com".to_owned()),
        application_id: Some("app".to_owned()),
        ..EndpointCreateRequest::default()
    };

    let without = create(&desk, request.clone()).unwrap_err();
    let with = EndpointCreateRequest { client_secret: Some(Secret::from("s3cret")), ..request };
    let view = create(&desk, with).unwrap();

    assert!(without.message.starts_with("-ClientSecret is missing"), "{}", without.message);
    assert_eq!(view.remote_server.as_deref(), Some("outlook.office365.com"));
    assert_eq!(view.authentication, Authentication::OAuth);
    let secrets = desk.rig.servers.trials.lock().unwrap()[0].secrets.clone();
    assert_eq!(secrets.client_credential, Some(Secret::from("s3cret")));
    assert!(!serde_json::to_string(&view).unwrap().contains("s3cret"));
}

#[test]
fn an_administrators_login_format_names_the_user() {
    let desk = Desk::new();
    let request = EndpointCreateRequest {
        administrator_user_name: Some("mailadmin".to_owned()),
        administrator_password: Some(Secret::from("p")),
        login_format: Some("mailadmin".to_owned()),
        ..imap("E")
    };

    let error = create(&desk, request.clone()).unwrap_err();
    let format = Some("{EmailAddress}*mailadmin".to_owned());
    let view = create(&desk, EndpointCreateRequest { login_format: format.clone(), ..request }).unwrap();

    assert!(error.message.starts_with("-LoginFormat holds neither"), "{}", error.message);
    assert_eq!((view.administrator_user_name.as_deref(), view.login_format), (Some("mailadmin"), format));
}

#[test]
fn what_is_missing_is_named() {
    let desk = Desk::new();
    let missing = |request| create(&desk, request).unwrap_err().message;

    assert!(
        missing(EndpointCreateRequest { remote_server: None, ..imap("E") })
            .starts_with("-RemoteServer is missing")
    );
    assert!(
        missing(EndpointCreateRequest { name: " ".to_owned(), ..imap("E") }).starts_with("Name is empty")
    );
    let no_password = EndpointCreateRequest { administrator_user_name: Some("a".to_owned()), ..imap("E") };
    assert!(missing(no_password).starts_with("The password of -Credential is missing"));
}

#[test]
fn all_are_listed_without_identity_and_local_by_its_name_only() {
    let desk = Desk::new();
    desk.endpoint("B");
    desk.endpoint("A");

    assert_eq!(list(&desk, None).unwrap(), ["B", "A"]);
    assert_eq!(list(&desk, Some("a")).unwrap(), ["A"]);
    assert_eq!(list(&desk, Some("LOCAL")).unwrap(), ["Local"]);
    let error = list(&desk, Some("C")).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("ManagementObjectNotFoundException", "The migration endpoint 'C' couldn't be found.")
    );
}

#[test]
fn a_change_keeps_the_rest_and_is_verified_only_when_it_matters() {
    let desk = Desk::new();
    desk.endpoint("E");
    let change = EndpointUpdateRequest { identity: "E".to_owned(), ..EndpointUpdateRequest::default() };

    let limit = EndpointUpdateRequest { max_concurrent_migrations: Some(Limit::At(5)), ..change.clone() };
    let limited = update(&desk, limit).unwrap();
    let tried = desk.rig.servers.trials.lock().unwrap().len();
    let port = EndpointUpdateRequest { port: Some(143), security: Some(Security::Tls), ..change };
    let moved = update(&desk, port).unwrap();

    assert_eq!(limited.max_concurrent_incremental_syncs, Limit::At(5));
    assert_eq!((tried, desk.rig.servers.trials.lock().unwrap().len()), (1, 2));
    assert_eq!((moved.port, moved.remote_server.as_deref()), (Some(143), Some("imap.contoso.com")));
}

#[test]
fn an_endpoint_in_use_and_local_cannot_be_removed() {
    let desk = Desk::new();
    desk.endpoint("E");
    desk.create(batch("B", "a@b.c,u,p\n")).unwrap();

    let used = desk.engine.endpoint_remove(named("E")).unwrap_err();
    let local = desk.engine.endpoint_remove(named("Local")).unwrap_err();
    let unknown = desk.engine.endpoint_remove(named("X")).unwrap_err();

    assert_eq!(used.code, "CannotRemoveEndpointWithAssociatedBatchesException");
    assert!(used.message.contains("\"E\"") && used.message.contains("\"B\""), "{}", used.message);
    assert_eq!(local.category, ErrorCategory::InvalidOperation);
    assert_eq!(unknown.code, "ManagementObjectNotFoundException");
}

#[test]
fn an_unused_endpoint_is_removed() {
    let desk = Desk::new();
    desk.endpoint("E");

    desk.engine.endpoint_remove(named("E")).unwrap();

    assert!(list(&desk, None).unwrap().is_empty());
}

#[test]
fn a_maildir_endpoint_has_a_folder_and_no_server() {
    let desk = Desk::new();
    let request = EndpointCreateRequest {
        name: "M".to_owned(),
        endpoint_type: Some(EndpointType::Maildir),
        ..EndpointCreateRequest::default()
    };

    let without = create(&desk, request.clone()).unwrap_err();
    let path = desk.rig.context.directory.root().display().to_string();
    let view = create(&desk, EndpointCreateRequest { path: Some(path.clone()), ..request }).unwrap();

    assert!(without.message.starts_with("-Path is missing"), "{}", without.message);
    assert_eq!((view.path, view.remote_server, view.port), (Some(path), None, None));
}
