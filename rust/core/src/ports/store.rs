//! The state directory's database, as the engine sees it: one truth for cmdlets and workers.
//!
//! Four ports, so that code takes the narrowest one it needs and another database can stand behind each. Every method is one
//! transaction. SQL and sealing are the adapter's business.

mod catalog;
mod diary;
mod error;
mod ledger;
mod requests;

pub use catalog::{
    BatchChange, BatchFilter, Catalog, LoginChange, Outcome, UserChange, UserFilter, UserPosition,
};
pub use diary::{Diary, ItemPosition, LinePosition, ReportLine};
pub use error::{StoreError, StoreResult};
pub use ledger::{Doubts, Ledger, LedgerResult};
pub use requests::{Requests, WorkerLease};

/// A database behind all four ports.
pub trait Store: Catalog + Requests + Ledger + Diary {}

impl<T: Catalog + Requests + Ledger + Diary + ?Sized> Store for T {}
