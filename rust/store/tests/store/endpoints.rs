//! Endpoints as the store keeps them.

use crate::support::{Place, added_batch, batch, endpoint, row};
use imapmig_core::endpoint::{AdministratorLogin, EndpointSecrets, Limit};
use imapmig_core::ports::store::{Catalog, StoreError};
use imapmig_core::secret::Secret;

fn secrets() -> EndpointSecrets {
    EndpointSecrets {
        administrator_password: Some(Secret::from("administrator's")),
        client_credential: Some(Secret::from("client's")),
    }
}

#[test]
fn an_endpoint_comes_back_as_it_was_added() {
    let place = Place::new();
    let store = place.open();
    let added = endpoint("Contoso");

    store.add_endpoint(&added, &secrets()).unwrap();

    assert_eq!(store.endpoint_by_id(added.id).unwrap(), Some(added.clone()));
    assert_eq!(store.endpoint_secrets(added.id).unwrap(), secrets());
    assert_eq!(store.endpoints().unwrap(), [added]);
}

#[test]
fn an_endpoint_is_found_by_its_name_in_any_case_and_script_and_by_its_guid() {
    let place = Place::new();
    let store = place.open();
    let added = endpoint("Übersee");
    store.add_endpoint(&added, &EndpointSecrets::default()).unwrap();

    let found = ["übersee", "ÜBERSEE", &added.id.to_string().to_uppercase()]
        .map(|identity| store.endpoint(identity).unwrap().map(|e| e.id));

    assert_eq!(found, [Some(added.id); 3]);
    assert_eq!(store.endpoint("Oversea").unwrap(), None);
}

#[test]
fn a_name_is_taken_before_a_guid() {
    let place = Place::new();
    let store = place.open();
    let first = endpoint("first");
    let second = endpoint(&first.id.to_string());
    store.add_endpoint(&first, &EndpointSecrets::default()).unwrap();
    store.add_endpoint(&second, &EndpointSecrets::default()).unwrap();

    let found = store.endpoint(&first.id.to_string()).unwrap().unwrap();

    assert_eq!(found.id, second.id);
}

#[test]
fn a_second_endpoint_of_the_same_name_in_another_case_is_refused() {
    let place = Place::new();
    let store = place.open();
    store.add_endpoint(&endpoint("Contoso"), &EndpointSecrets::default()).unwrap();

    let refused = store.add_endpoint(&endpoint("CONTOSO"), &EndpointSecrets::default());

    assert!(matches!(refused, Err(StoreError::NameInUse(name)) if name == "CONTOSO"));
}

#[test]
fn a_change_keeps_the_secrets_that_are_not_given() {
    let place = Place::new();
    let store = place.open();
    let mut changed = endpoint("Contoso");
    store.add_endpoint(&changed, &secrets()).unwrap();

    changed.name = "contoso 2".to_owned();
    changed.max_concurrent_migrations = Limit::UNLIMITED;
    changed.settings.administrator =
        Some(AdministratorLogin { user_name: "cyrus".to_owned(), login_format: None });
    let new = EndpointSecrets { client_credential: Some(Secret::from("new")), ..EndpointSecrets::default() };
    store.change_endpoint(&changed, &new).unwrap();

    assert_eq!(store.endpoint("CONTOSO 2").unwrap(), Some(changed.clone()));
    let kept = store.endpoint_secrets(changed.id).unwrap();
    assert_eq!(kept, EndpointSecrets { client_credential: new.client_credential, ..secrets() });
}

#[test]
fn an_endpoint_cannot_be_removed_while_a_batch_uses_it_as_source_or_target() {
    let place = Place::new();
    let store = place.open();
    let (source, target) = (endpoint("source"), endpoint("target"));
    store.add_endpoint(&source, &EndpointSecrets::default()).unwrap();
    store.add_endpoint(&target, &EndpointSecrets::default()).unwrap();
    let mut using = batch("Using it", source.id);
    using.target = Some(target.id);
    store.add_batch(&using, &[row("a@contoso.example", "x")]).unwrap();

    for id in [source.id, target.id] {
        let refused = store.remove_endpoint(id);
        assert!(matches!(refused, Err(StoreError::EndpointInUse { batch, .. }) if batch == "Using it"));
    }

    store.remove_batch(using.id).unwrap();
    store.remove_endpoint(source.id).unwrap();
    store.remove_endpoint(target.id).unwrap();
    assert_eq!(store.endpoints().unwrap(), []);
}

#[test]
fn settings_are_kept_replaced_and_cleared() {
    let place = Place::new();
    let store = place.open();

    store.set_setting("TargetEndpoint", Some("one")).unwrap();
    store.set_setting("TargetEndpoint", Some("two")).unwrap();
    let kept = place.open().setting("TargetEndpoint").unwrap();
    store.set_setting("TargetEndpoint", None).unwrap();

    assert_eq!(kept.as_deref(), Some("two"));
    assert_eq!(store.setting("TargetEndpoint").unwrap(), None);
}

#[test]
fn changing_an_endpoint_that_is_gone_says_so() {
    let place = Place::new();
    let store = place.open();
    added_batch(&store, "one", &[]);

    let refused = store.change_endpoint(&endpoint("gone"), &EndpointSecrets::default());

    assert!(refused.unwrap_err().to_string().contains("Gone(\"migration endpoint\")"));
}
