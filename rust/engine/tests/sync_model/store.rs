//! The state database of a worker that may die between any two of its calls.

use super::intercepted_store::{Intercepted, Interceptor, Users};
use super::steps::Calls;
use super::world::{Fate, Shared};
use imapmig_core::ids::WorkerId;
use imapmig_core::ports::store::{Ports, Store, StoreError, StoreResult};
use imapmig_store::SqliteStore;
use std::sync::Arc;

pub struct Mortal {
    pub world: Shared,
    pub inner: Arc<SqliteStore>,
}

impl Interceptor for Mortal {
    fn call<T: Users>(
        &self,
        _method: &'static str,
        run: impl FnOnce(&dyn Store) -> StoreResult<T>,
    ) -> StoreResult<T> {
        let dead = || StoreError::Other { detail: "the worker was killed".to_owned() };
        match self.world.tick(Calls::Store) {
            Fate::Dead => Err(dead()),
            Fate::DoneAndDead => run(self.inner.as_ref()).and(Err(dead())),
            Fate::Done | Fate::Cut | Fate::DoneAndCut | Fate::Late(_) => run(self.inner.as_ref()),
        }
    }

    /// The model has one worker at a time.
    fn fenced(&self, _worker: WorkerId) -> Ports {
        Ports::of(&Arc::new(Intercepted(Self { world: self.world.clone(), inner: Arc::clone(&self.inner) })))
    }
}
