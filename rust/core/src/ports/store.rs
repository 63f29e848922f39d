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
pub use ledger::{Doubts, Ledger, LedgerResult};
pub use requests::{Requests, WorkerLease};

/// A database behind all ports.
pub trait Store: Catalog + Requests + Ledger + Diary + Confirmations {}

impl<T: Catalog + Requests + Ledger + Diary + Confirmations + ?Sized> Store for T {}
