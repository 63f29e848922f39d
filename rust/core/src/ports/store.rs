//! The state directory's database, as the engine sees it: one truth for cmdlets and workers.
//!
//! Five ports, so that code takes the narrowest one it needs and another database can stand behind each. Every method is one
//! transaction. SQL and sealing are the adapter's business.

mod catalog;
mod confirmations;
mod diary;
mod error;
mod ledger;
mod requests;

pub use catalog::{
    BatchChange, BatchFilter, Catalog, LoginChange, Outcome, UserChange, UserFilter, UserPosition,
};
pub use confirmations::Confirmations;
pub use diary::{Diary, ItemPosition, LinePosition, ReportLine};
pub use error::{StoreError, StoreResult};
pub use ledger::{LateDuplicates, Ledger, LedgerResult};
pub use requests::{Requests, WorkerLease};

use std::sync::Arc;

/// The five ports, each with its database behind it.
#[derive(Clone)]
#[allow(missing_docs, reason = "each is its trait")]
pub struct Ports {
    pub catalog: Arc<dyn Catalog>,
    pub requests: Arc<dyn Requests>,
    pub ledger: Arc<dyn Ledger>,
    pub diary: Arc<dyn Diary>,
    pub confirmations: Arc<dyn Confirmations>,
}

impl Ports {
    /// One database behind all ports.
    #[must_use]
    pub fn of<S: Store + 'static>(store: &Arc<S>) -> Self {
        Self {
            catalog: store.clone(),
            requests: store.clone(),
            ledger: store.clone(),
            diary: store.clone(),
            confirmations: store.clone(),
        }
    }
}

/// A database behind all ports.
pub trait Store: Catalog + Requests + Ledger + Diary + Confirmations {}

impl<T: Catalog + Requests + Ledger + Diary + Confirmations + ?Sized> Store for T {}
