//! Endpoints and what is sealed beside them.

use crate::columns::{instant, name_key, of_word, parse, parsed, word};
use crate::confirmations;
use crate::directory::StateDirectory;
use crate::errors::Fault;
use crate::seal::{Place, Sealer};
use imapmig_core::endpoint::{Endpoint, EndpointSecrets, EndpointSettings, Limit};
use imapmig_core::ids::EndpointId;
use imapmig_core::ports::store::StoreError;
use imapmig_core::secret::Secret;
use rusqlite::{Connection, OptionalExtension, Row, params};

const COLUMNS: &str = "guid, name, kind, settings, max_migrations, max_incremental_syncs, created, changed";

pub(crate) fn add(
    connection: &Connection,
    sealer: Option<&Sealer>,
    endpoint: &Endpoint,
    secrets: &EndpointSecrets,
) -> Result<(), Fault> {
    refuse_taken_name(connection, endpoint)?;
    connection.execute(
        "INSERT INTO endpoints (guid, name, name_key, kind, settings, max_migrations, max_incremental_syncs,
             created, changed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            endpoint.id.to_string(),
            endpoint.name,
            name_key(&endpoint.name),
            word(endpoint.endpoint_type)?,
            serde_json::to_string(&endpoint.settings)?,
            limit_column(endpoint.max_concurrent_migrations),
            limit_column(endpoint.max_concurrent_incremental_syncs),
            endpoint.created.0,
            endpoint.changed.0,
        ],
    )?;
    set_secrets(connection, sealer, endpoint.id, secrets)
}

pub(crate) fn change(
    connection: &Connection,
    sealer: Option<&Sealer>,
    endpoint: &Endpoint,
    secrets: &EndpointSecrets,
) -> Result<(), Fault> {
    refuse_taken_name(connection, endpoint)?;
    if by_id(connection, endpoint.id)?.is_some_and(|before| leads_to(&before) != leads_to(endpoint)) {
        confirmations::endpoint_changed(connection, endpoint.id, endpoint.changed)?;
    }
    let changed = connection.execute(
        "UPDATE endpoints SET name = ?2, name_key = ?3, kind = ?4, settings = ?5, max_migrations = ?6,
             max_incremental_syncs = ?7, changed = ?8
         WHERE guid = ?1",
        params![
            endpoint.id.to_string(),
            endpoint.name,
            name_key(&endpoint.name),
            word(endpoint.endpoint_type)?,
            serde_json::to_string(&endpoint.settings)?,
            limit_column(endpoint.max_concurrent_migrations),
            limit_column(endpoint.max_concurrent_incremental_syncs),
            endpoint.changed.0,
        ],
    )?;
    if changed == 0 {
        return Err(Fault::Gone("migration endpoint"));
    }
    set_secrets(connection, sealer, endpoint.id, secrets)
}

/// Whether there is anything to seal.
pub(crate) fn any(secrets: &EndpointSecrets) -> bool {
    secrets.administrator_password.is_some() || secrets.client_credential.is_some()
}

pub(crate) fn all(connection: &Connection) -> Result<Vec<Endpoint>, Fault> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM endpoints ORDER BY seq"))?
        .query_and_then([], read)?
        .collect()
}

pub(crate) fn find(connection: &Connection, identity: &str) -> Result<Option<Endpoint>, Fault> {
    let by_name = one(connection, "name_key", &name_key(identity))?;
    match (by_name, identity.parse::<EndpointId>()) {
        (None, Ok(id)) => by_id(connection, id),
        (found, _) => Ok(found),
    }
}

pub(crate) fn by_id(connection: &Connection, id: EndpointId) -> Result<Option<Endpoint>, Fault> {
    one(connection, "guid", &id.to_string())
}

pub(crate) fn secrets(
    connection: &Connection,
    directory: &StateDirectory,
    id: EndpointId,
) -> Result<EndpointSecrets, Fault> {
    let sealed: (Option<Vec<u8>>, Option<Vec<u8>>) = connection
        .query_row(
            "SELECT administrator_password, client_credential FROM endpoints WHERE guid = ?1",
            [id.to_string()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?
        .ok_or(Fault::Gone("migration endpoint"))?;
    let open = |column, sealed: Option<Vec<u8>>| -> Result<Option<Secret>, Fault> {
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        Sealer::existing(directory)?.open(&place(id, column), &sealed).map(Some)
    };
    Ok(EndpointSecrets {
        administrator_password: open("administrator_password", sealed.0)?,
        client_credential: open("client_credential", sealed.1)?,
    })
}

pub(crate) fn remove(connection: &Connection, id: EndpointId) -> Result<(), Fault> {
    let Some(endpoint) = by_id(connection, id)? else {
        return Ok(());
    };
    let user: Option<String> = connection
        .query_row(
            "SELECT name FROM batches WHERE source = ?1 OR target = ?1 ORDER BY seq LIMIT 1",
            [id.to_string()],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(batch) = user {
        return Err(StoreError::EndpointInUse { endpoint: endpoint.name, batch }.into());
    }
    connection.execute("DELETE FROM endpoints WHERE guid = ?1", [id.to_string()])?;
    Ok(())
}

/// What decides which mailboxes an endpoint leads to.
fn leads_to(endpoint: &Endpoint) -> impl PartialEq + '_ {
    let EndpointSettings { remote_server, port, administrator, path, .. } = &endpoint.settings;
    (endpoint.endpoint_type, remote_server, port, administrator, path)
}

fn one(connection: &Connection, column: &str, value: &str) -> Result<Option<Endpoint>, Fault> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM endpoints WHERE {column} = ?1"))?
        .query_and_then([value], read)?
        .next()
        .transpose()
}

fn read(row: &Row<'_>) -> Result<Endpoint, Fault> {
    Ok(Endpoint {
        id: parsed(row, "guid")?,
        name: row.get("name")?,
        endpoint_type: of_word(row, "kind")?,
        settings: serde_json::from_str(&row.get::<_, String>("settings")?)?,
        max_concurrent_migrations: limit(row, "max_migrations")?,
        max_concurrent_incremental_syncs: limit(row, "max_incremental_syncs")?,
        created: instant(row, "created")?,
        changed: instant(row, "changed")?,
    })
}

fn refuse_taken_name(connection: &Connection, endpoint: &Endpoint) -> Result<(), Fault> {
    let holder: Option<String> = connection
        .query_row("SELECT guid FROM endpoints WHERE name_key = ?1", [name_key(&endpoint.name)], |row| {
            row.get(0)
        })
        .optional()?;
    match holder {
        Some(holder) if parse::<EndpointId>(&holder)? != endpoint.id => {
            Err(StoreError::NameInUse(endpoint.name.clone()).into())
        }
        _ => Ok(()),
    }
}

fn set_secrets(
    connection: &Connection,
    sealer: Option<&Sealer>,
    id: EndpointId,
    secrets: &EndpointSecrets,
) -> Result<(), Fault> {
    let Some(sealer) = sealer else {
        return Ok(());
    };
    let seal = |column, secret: &Option<Secret>| -> Result<Option<Vec<u8>>, Fault> {
        secret.as_ref().map(|secret| sealer.seal(&place(id, column), secret)).transpose()
    };
    connection.execute(
        "UPDATE endpoints SET administrator_password = COALESCE(?2, administrator_password),
             client_credential = COALESCE(?3, client_credential)
         WHERE guid = ?1",
        params![
            id.to_string(),
            seal("administrator_password", &secrets.administrator_password)?,
            seal("client_credential", &secrets.client_credential)?,
        ],
    )?;
    Ok(())
}

const fn place(id: EndpointId, column: &str) -> Place<'_, EndpointId> {
    Place { table: "endpoints", row: id, column }
}

const fn limit_column(limit: Limit) -> Option<u32> {
    match limit {
        Limit::At(number) => Some(number),
        Limit::Unlimited(_) => None,
    }
}

fn limit(row: &Row<'_>, column: &str) -> Result<Limit, Fault> {
    Ok(row.get::<_, Option<u32>>(column)?.map_or(Limit::UNLIMITED, Limit::At))
}
