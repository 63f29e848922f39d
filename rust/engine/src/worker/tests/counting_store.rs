//! A store that counts how often it is called and how many users it reads.

use crate::testing::intercepted_store::{Intercepted, Interceptor, Users};
use imapmig_core::ids::WorkerId;
use imapmig_core::ports::store::{Ports, Requests as _, Store, StoreResult};
use imapmig_store::SqliteStore;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(super) type CountingStore = Intercepted<Counter>;

pub(super) struct Counter {
    inner: Arc<SqliteStore>,
    calls: AtomicUsize,
    users: AtomicUsize,
}

impl Counter {
    pub(super) fn between(inner: Arc<SqliteStore>) -> Arc<CountingStore> {
        Arc::new(Intercepted(Self { inner, calls: AtomicUsize::new(0), users: AtomicUsize::new(0) }))
    }

    /// Calls and users read since the last time.
    pub(super) fn take(&self) -> (usize, usize) {
        (self.calls.swap(0, Ordering::SeqCst), self.users.swap(0, Ordering::SeqCst))
    }
}

impl Interceptor for Counter {
    fn call<T: Users>(
        &self,
        _method: &'static str,
        run: impl FnOnce(&dyn Store) -> StoreResult<T>,
    ) -> StoreResult<T> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let result = run(self.inner.as_ref());
        if let Ok(read) = &result {
            self.users.fetch_add(read.users(), Ordering::SeqCst);
        }
        result
    }

    /// Counted no longer.
    fn fenced(&self, worker: WorkerId) -> Ports {
        self.inner.fenced(worker)
    }
}
