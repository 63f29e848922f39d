//! The state directory: the database in it, and the authorities that the administrator trusts.

use crate::messages::engine_failures;
use imapmig_core::failure::Failure;
use imapmig_core::ports::store::{Ports, StoreResult};
use imapmig_store::SqliteStore;
use std::fs;
use std::io;
use std::sync::Arc;

pub(crate) use imapmig_store::{DirectoryError, HOME_VARIABLE, StateDirectory};

/// Opens the database of this directory, and makes it when it is not there.
pub(crate) fn open(directory: &StateDirectory) -> StoreResult<Ports> {
    Ok(Ports::of(&Arc::new(SqliteStore::open(directory)?)))
}

/// The authorities that the administrator trusts beside the system's.
pub(super) fn trusted_authorities(directory: &StateDirectory) -> Result<Option<Arc<Vec<u8>>>, Failure> {
    let path = directory.trusted_authorities();
    match fs::read(&path) {
        Ok(pem) => Ok(Some(Arc::new(pem))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(engine_failures::unreadable_authorities(&path, &error)),
    }
}
