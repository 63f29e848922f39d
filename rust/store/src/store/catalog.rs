//! The port [`Catalog`], method by method: which transaction, how durable, which sealing key.

use super::SqliteStore;
use crate::connection::Durability;
use crate::seal::Sealer;
use crate::{batches, due, endpoints, logins, moves, passwords, settings, turns, users};
use imapmig_core::batch::Batch;
use imapmig_core::endpoint::{Endpoint, EndpointSecrets};
use imapmig_core::ids::{BatchId, EndpointId, UserId};
use imapmig_core::ports::store::{
    BatchChange, BatchFilter, LoginChange, Outcome, StoreResult, UserChange, UserFilter, UserPosition,
};
use imapmig_core::status::{BatchEvent, UserEvent, UserStatus};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{NewUser, User, UserProgress, UserSecrets, UserTurn};

use imapmig_core::ports::store::Catalog;

impl Catalog for SqliteStore {
    fn setting(&self, name: &str) -> StoreResult<Option<String>> {
        self.read(|c| settings::get(c, name))
    }

    fn set_setting(&self, name: &str, value: Option<&str>) -> StoreResult<()> {
        self.write(Durability::Power, |t| settings::set(t, name, value))
    }

    fn add_endpoint(&self, endpoint: &Endpoint, secrets: &EndpointSecrets) -> StoreResult<()> {
        self.write(Durability::Power, |t| {
            endpoints::add(t, self.sealer_for(secrets)?.as_ref(), endpoint, secrets)
        })
    }

    fn endpoints(&self) -> StoreResult<Vec<Endpoint>> {
        self.read(endpoints::all)
    }

    fn endpoint(&self, identity: &str) -> StoreResult<Option<Endpoint>> {
        self.read(|c| endpoints::find(c, identity))
    }

    fn endpoint_by_id(&self, id: EndpointId) -> StoreResult<Option<Endpoint>> {
        self.read(|c| endpoints::by_id(c, id))
    }

    fn endpoint_secrets(&self, id: EndpointId) -> StoreResult<EndpointSecrets> {
        self.read(|c| endpoints::secrets(c, &self.directory, id))
    }

    fn change_endpoint(&self, endpoint: &Endpoint, secrets: &EndpointSecrets) -> StoreResult<()> {
        self.write(Durability::Power, |t| {
            endpoints::change(t, self.sealer_for(secrets)?.as_ref(), endpoint, secrets)
        })?;
        if endpoints::any(secrets) { self.empty_log() } else { Ok(()) }
    }

    fn remove_endpoint(&self, id: EndpointId) -> StoreResult<()> {
        self.write(Durability::Power, |t| endpoints::remove(t, id))?;
        self.empty_log()
    }

    fn add_batch(&self, batch: &Batch, new_users: &[NewUser]) -> StoreResult<()> {
        self.write(Durability::Power, |t| {
            batches::add(t, batch)?;
            users::add(t, &Sealer::existing_or_new(&self.directory)?, batch.id, new_users, batch.created)
        })
        .map(drop)
    }

    fn add_batch_of(&self, batch: &Batch, moved: &[UserId]) -> StoreResult<()> {
        self.write(Durability::Power, |t| moves::add_batch_of(t, &self.directory, batch, moved))?;
        self.purger.start();
        Ok(())
    }

    fn add_users(&self, batch: BatchId, new_users: &[NewUser], now: UnixMs) -> StoreResult<u32> {
        self.write(Durability::Power, |t| {
            let added = users::add(t, &Sealer::existing_or_new(&self.directory)?, batch, new_users, now)?;
            if added > 0 {
                batches::event(t, batch, &[BatchEvent::UsersRequeued], &BatchChange::default(), now)?;
            }
            Ok(added)
        })
    }

    fn change_logins(&self, batch: BatchId, rows: &[&NewUser], now: UnixMs) -> StoreResult<Vec<LoginChange>> {
        let changes = self.write(Durability::Power, |t| {
            let changes = logins::change(t, &Sealer::existing_or_new(&self.directory)?, batch, rows, now)?;
            if changes.contains(&LoginChange::Login) {
                batches::event(t, batch, &[BatchEvent::UsersRequeued], &BatchChange::default(), now)?;
            }
            Ok(changes)
        })?;
        if changes.contains(&LoginChange::Login) {
            self.purger.start();
        }
        self.empty_log()?;
        Ok(changes)
    }

    fn addresses_in_use(
        &self,
        addresses: &[&str],
        except: Option<BatchId>,
    ) -> StoreResult<Vec<(String, String)>> {
        self.read(|c| users::in_use(c, addresses, except))
    }

    fn batches(&self, filter: &BatchFilter) -> StoreResult<Vec<Batch>> {
        self.read(|c| batches::list(c, filter))
    }

    fn batch_by_id(&self, id: BatchId) -> StoreResult<Option<Batch>> {
        self.read(|c| batches::by_id(c, id))
    }

    fn change_batch(&self, id: BatchId, change: &BatchChange) -> StoreResult<()> {
        self.write(Durability::Process, |t| batches::change(t, id, change))
    }

    fn batch_event(
        &self,
        id: BatchId,
        event: BatchEvent,
        change: &BatchChange,
        now: UnixMs,
    ) -> StoreResult<Outcome> {
        self.write(Durability::Process, |t| batches::event(t, id, &[event], change, now))
    }

    /// The batch is gone when this returns; its ledger is deleted in the background.
    fn remove_batch(&self, id: BatchId) -> StoreResult<()> {
        self.write(Durability::Power, |t| batches::remove(t, id))?;
        self.purger.start();
        self.empty_log()
    }

    fn remove_user(&self, id: UserId) -> StoreResult<()> {
        self.write(Durability::Power, |t| users::remove(t, id))?;
        self.purger.start();
        self.empty_log()
    }

    fn users(&self, filter: &UserFilter) -> StoreResult<Vec<User>> {
        self.read(|c| users::list(c, filter))
    }

    fn users_after(
        &self,
        filter: &UserFilter,
        after: Option<UserPosition>,
    ) -> StoreResult<(Vec<User>, Option<UserPosition>)> {
        self.read(|c| users::page(c, filter, after))
    }

    fn batch_progress(&self, batch: BatchId) -> StoreResult<UserProgress> {
        self.read(|c| users::progress(c, batch))
    }

    fn user_by_id(&self, id: UserId) -> StoreResult<Option<User>> {
        self.read(|c| users::by_id(c, id))
    }

    fn user_secrets(&self, id: UserId) -> StoreResult<UserSecrets> {
        self.read(|c| passwords::open(c, &self.directory, id))
    }

    fn change_user(&self, id: UserId, when: &[UserStatus], change: &UserChange) -> StoreResult<bool> {
        self.write(Durability::Process, |t| users::change(t, id, when, change))
    }

    fn change_user_statuses(&self, batch: BatchId, event: UserEvent, now: UnixMs) -> StoreResult<u32> {
        self.write(Durability::Process, |t| users::change_all(t, batch, event, now))
    }

    fn due_users(&self, batch: BatchId, now: UnixMs) -> StoreResult<(Vec<UserId>, Option<UnixMs>)> {
        self.read(|c| due::users(c, batch, now))
    }

    fn make_due(&self, batch: BatchId, now: UnixMs) -> StoreResult<()> {
        self.write(Durability::Process, |t| due::make(t, batch, now))
    }

    fn turns(&self, batch: BatchId) -> StoreResult<Vec<UserTurn>> {
        self.read(|c| turns::of_batch(c, batch))
    }

    fn users_with_equal_logins(&self, batch: BatchId) -> StoreResult<Vec<Vec<UserId>>> {
        self.read(|c| turns::with_equal_logins(c, batch))
    }

    fn users_with_equal_passwords(&self, batch: BatchId) -> StoreResult<Vec<Vec<UserId>>> {
        self.read(|c| passwords::equal(c, batch))
    }
}
