//! Settings of the whole installation.

use super::{Desk, batch, named};
use imapmig_core::api::Empty;
use imapmig_core::api::config::ConfigUpdateRequest;
use imapmig_core::endpoint::Limit;

fn target(name: &str) -> ConfigUpdateRequest {
    ConfigUpdateRequest { target_endpoint: Some(name.to_owned()), ..ConfigUpdateRequest::default() }
}

#[test]
fn a_new_installation_has_exchanges_limits_and_the_local_target() {
    let desk = Desk::new();

    let config = desk.engine.config_get(Empty {}).unwrap();

    assert_eq!((config.max_number_of_batches, config.max_concurrent_migrations), (100, Limit::At(300)));
    assert_eq!((config.target_endpoint.as_str(), config.worker), ("Local", None));
    assert!(config.can_submit_new_batch && !config.has_batches);
}

#[test]
fn the_configured_target_is_that_of_batches_that_name_none() {
    let desk = Desk::new();
    desk.endpoint("E");
    desk.rig.endpoint("T", 20, 10);
    desk.engine.config_set(target("T")).unwrap();
    let mut local = batch("B2", "d@e.f,u,p\n");
    local.target_endpoint = Some("Local".to_owned());

    let rows = "EmailAddress,UserName,Password,TargetPassword\na@b.c,u,p,q\n";
    let mut request = batch("B1", "");
    request.csv_base64 = super::csv(rows);
    let configured = desk.create(request).unwrap();
    let named_local = desk.create(local).unwrap();

    assert_eq!(configured.target_endpoint, "T");
    assert_eq!(named_local.target_endpoint, "Local");
}

#[test]
fn the_configured_target_cannot_be_removed_before_another_is_chosen() {
    let desk = Desk::new();
    desk.rig.endpoint("T", 20, 10);
    desk.engine.config_set(target("T")).unwrap();

    let error = desk.engine.endpoint_remove(named("T")).unwrap_err();
    desk.engine.config_set(target("Local")).unwrap();

    assert!(error.message.contains("Set-MigrationConfig -TargetEndpoint"), "{}", error.message);
    desk.engine.endpoint_remove(named("T")).unwrap();
}

#[test]
fn an_unknown_target_and_impossible_numbers_are_refused() {
    let desk = Desk::new();

    assert_eq!(desk.engine.config_set(target("X")).unwrap_err().code, "ManagementObjectNotFoundException");
    let none = ConfigUpdateRequest { max_number_of_batches: Some(0), ..ConfigUpdateRequest::default() };
    assert!(desk.engine.config_set(none).is_err());
    let nobody = ConfigUpdateRequest {
        max_concurrent_migrations: Some(Limit::At(0)),
        ..ConfigUpdateRequest::default()
    };
    assert!(desk.engine.config_set(nobody).is_err());
}

#[test]
fn settings_are_kept() {
    let desk = Desk::new();
    let request = ConfigUpdateRequest {
        max_concurrent_migrations: Some(Limit::UNLIMITED),
        max_number_of_batches: Some(7),
        ..ConfigUpdateRequest::default()
    };

    desk.engine.config_set(request).unwrap();

    let config = desk.engine.config_get(Empty {}).unwrap();
    assert_eq!((config.max_concurrent_migrations, config.max_number_of_batches), (Limit::UNLIMITED, 7));
}
