//! A store that passes every call through an interceptor: tests count calls with it, or let the worker die at one.

use imapmig_core::batch::{Batch, Request, RequestKind};
use imapmig_core::confirmation::{BatchFinding, Confirmation, ConfirmedFolder, Finding, UserConfirmation};
use imapmig_core::endpoint::{Endpoint, EndpointSecrets};
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::{BatchId, ConfirmationId, EndpointId, MailboxId, UserId, WorkerId};
use imapmig_core::message::{Flags, TargetValidity, Uid, UidValidity};
use imapmig_core::ports::store::{
    BatchChange, BatchFilter, Catalog, Confirmations, Diary, ItemPosition, LateDuplicates, Ledger,
    LedgerResult, LinePosition, LoginChange, Outcome, Ports, ReportLine, Requests, Store, StoreResult,
    UserChange, UserFilter, UserPosition, WorkerLease,
};
use imapmig_core::status::{BatchEvent, UserEvent, UserStatus};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{
    Checkpoint, LedgerEntry, LedgerState, Level, NewUser, SkippedItem, SkippedKind, Suspect, User,
    UserProgress, UserSecrets, UserTurn,
};
use std::ops::{ControlFlow, Deref, RangeInclusive};

/// What happens at a call of the store.
pub(crate) trait Interceptor: Send + Sync {
    /// Runs the call of this method on the store behind, or fails in its place.
    fn call<T: Users>(
        &self,
        method: &'static str,
        run: impl FnOnce(&dyn Store) -> StoreResult<T>,
    ) -> StoreResult<T>;
    /// The store for work under a lease.
    fn fenced(&self, worker: WorkerId) -> Ports;
}

/// A store whose calls go through an interceptor.
pub(crate) struct Intercepted<I>(pub(crate) I);

impl<I> Deref for Intercepted<I> {
    type Target = I;

    fn deref(&self) -> &I {
        &self.0
    }
}

/// How many users a reply names.
pub(crate) trait Users {
    fn users(&self) -> usize {
        0
    }
}

macro_rules! no_users {
    ($($reply:ty),* $(,)?) => { $(impl Users for $reply {})* };
}

no_users!(
    (),
    bool,
    u32,
    i64,
    Outcome,
    UserProgress,
    UserSecrets,
    EndpointSecrets,
    Checkpoint,
    LateDuplicates,
    Confirmation,
    Option<String>,
    Option<Batch>,
    Option<Endpoint>,
    Option<WorkerLease>,
    Option<Confirmation>,
    Vec<Batch>,
    Vec<Endpoint>,
    Vec<Request>,
    Vec<LoginChange>,
    Vec<(String, String)>,
    Vec<Checkpoint>,
    Option<SkippedItem>,
    Vec<SkippedItem>,
    Vec<Suspect>,
    Vec<ReportLine>,
    (Vec<ReportLine>, Option<LinePosition>),
    Vec<Confirmation>,
    Vec<ConfirmedFolder>,
    Vec<BatchFinding>,
    Vec<(MailboxId, UserProgress)>,
    Vec<(LedgerState, Level, u64)>,
);

impl Users for Option<User> {
    fn users(&self) -> usize {
        usize::from(self.is_some())
    }
}

impl Users for Vec<Vec<UserId>> {
    fn users(&self) -> usize {
        self.iter().map(Vec::len).sum()
    }
}

macro_rules! each_is_a_user {
    ($($row:ty),*) => {
        $(impl Users for Vec<$row> {
            fn users(&self) -> usize {
                self.len()
            }
        })*
    };
}

each_is_a_user!(User, UserId, UserTurn, UserConfirmation);

impl Users for (Vec<User>, Option<UserPosition>) {
    fn users(&self) -> usize {
        self.0.len()
    }
}

impl Users for (Vec<UserId>, Option<UnixMs>) {
    fn users(&self) -> usize {
        self.0.len()
    }
}

macro_rules! through {
    ($(fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        $(fn $name(&self, $($argument: $type),*) -> StoreResult<$result> {
            self.0.call(stringify!($name), |store| store.$name($($argument),*))
        })*
    };
}

impl<I: Interceptor> Catalog for Intercepted<I> {
    through! {
        fn setting(name: &str) -> Option<String>;
        fn set_setting(name: &str, value: Option<&str>) -> ();
        fn add_endpoint(endpoint: &Endpoint, secrets: &EndpointSecrets) -> ();
        fn endpoints() -> Vec<Endpoint>;
        fn endpoint(identity: &str) -> Option<Endpoint>;
        fn endpoint_by_id(id: EndpointId) -> Option<Endpoint>;
        fn endpoint_secrets(id: EndpointId) -> EndpointSecrets;
        fn change_endpoint(endpoint: &Endpoint, secrets: &EndpointSecrets) -> ();
        fn remove_endpoint(id: EndpointId) -> ();
        fn add_batch(batch: &Batch, users: &[NewUser]) -> ();
        fn add_batch_of(batch: &Batch, users: &[UserId]) -> ();
        fn add_users(batch: BatchId, users: &[NewUser], now: UnixMs) -> u32;
        fn change_logins(batch: BatchId, rows: &[&NewUser], now: UnixMs) -> Vec<LoginChange>;
        fn addresses_in_use(addresses: &[&str], except: Option<BatchId>) -> Vec<(String, String)>;
        fn batches(filter: &BatchFilter) -> Vec<Batch>;
        fn batch_by_id(id: BatchId) -> Option<Batch>;
        fn change_batch(id: BatchId, change: &BatchChange) -> ();
        fn batch_event(id: BatchId, event: BatchEvent, change: &BatchChange, now: UnixMs) -> Outcome;
        fn remove_user(id: UserId) -> ();
        fn remove_batch(id: BatchId) -> ();
        fn users(filter: &UserFilter) -> Vec<User>;
        fn users_after(
            filter: &UserFilter, after: Option<UserPosition>
        ) -> (Vec<User>, Option<UserPosition>);
        fn user_by_id(id: UserId) -> Option<User>;
        fn user_secrets(id: UserId) -> UserSecrets;
        fn change_user(id: UserId, when: &[UserStatus], change: &UserChange) -> bool;
        fn change_user_statuses(batch: BatchId, event: UserEvent, now: UnixMs) -> u32;
        fn due_users(batch: BatchId, now: UnixMs) -> (Vec<UserId>, Option<UnixMs>);
        fn make_due(batch: BatchId, now: UnixMs) -> ();
        fn turns(batch: BatchId) -> Vec<UserTurn>;
        fn users_with_equal_logins(batch: BatchId) -> Vec<Vec<UserId>>;
        fn users_with_equal_passwords(batch: BatchId) -> Vec<Vec<UserId>>;
        fn batch_progress(batch: BatchId) -> UserProgress;
    }
}

impl<I: Interceptor> Requests for Intercepted<I> {
    through! {
        fn version() -> i64;
        fn request(batch: BatchId, kinds: &[RequestKind], change: &BatchChange, now: UnixMs) -> Outcome;
        fn request_for_user(
            kind: RequestKind, user: UserId, shown: (Option<UserEvent>, Option<BatchEvent>), now: UnixMs
        ) -> ();
        fn requests() -> Vec<Request>;
        fn remove_request(id: i64) -> ();
        fn lease(worker: WorkerId, holder: &str, now: UnixMs, stale_before: UnixMs) -> bool;
        fn release(worker: WorkerId) -> ();
        fn renew_lease(worker: WorkerId, now: UnixMs) -> bool;
        fn worker() -> Option<WorkerLease>;
    }

    fn fenced(&self, worker: WorkerId) -> Ports {
        self.0.fenced(worker)
    }
}

impl<I: Interceptor> Ledger for Intercepted<I> {
    through! {
        fn checkpoints(user: UserId) -> Vec<Checkpoint>;
        fn checkpoint(new: &Checkpoint) -> Checkpoint;
        fn save_checkpoint(checkpoint: &Checkpoint) -> ();
        fn reset_mailbox(mailbox: MailboxId, source: UidValidity, target: TargetValidity) -> ();
        fn forget_targets(mailbox: MailboxId) -> ();
        fn add_intents(mailbox: MailboxId, entries: &[LedgerEntry], known_below: Uid) -> ();
        fn record(mailbox: MailboxId, results: &[LedgerResult], entries: &[LedgerEntry]) -> ();
        fn drop_intents(mailbox: MailboxId, uids: &[Uid]) -> ();
        fn ledger(mailbox: MailboxId, each: &mut dyn FnMut(LedgerEntry) -> ControlFlow<()>) -> ();
        fn unverified(mailbox: MailboxId, each: &mut dyn FnMut(LedgerEntry) -> ControlFlow<()>) -> ();
        fn ledger_numbers(mailbox: MailboxId) -> Vec<(LedgerState, Level, u64)>;
        fn set_ledger_flags(mailbox: MailboxId, flags: &[(Uid, Flags)]) -> ();
        fn note_sent_again(mailbox: MailboxId, messages: &[Uid], from: Uid, now: UnixMs) -> ();
        fn late_duplicates(mailbox: MailboxId) -> LateDuplicates;
        fn set_second_copies(mailbox: MailboxId, second_copies: &[Uid]) -> ();
        fn forget_sent_again(mailbox: MailboxId, before: UnixMs) -> ();
        fn raise_levels(mailbox: MailboxId, levels: &[(RangeInclusive<Uid>, Level)]) -> ();
        fn save_suspects(user: UserId, suspects: &[Suspect]) -> ();
        fn retry_suspects(user: UserId) -> Vec<Suspect>;
        fn finished(user: UserId) -> Vec<(MailboxId, UserProgress)>;
    }
}

impl<I: Interceptor> Diary for Intercepted<I> {
    through! {
        fn having_items(users: &[UserId]) -> Vec<UserId>;
        fn add_skipped(user: UserId, items: &[SkippedItem]) -> ();
        fn skipped(user: UserId, limit: Option<u32>) -> Vec<SkippedItem>;
        fn skipped_after(user: UserId, after: Option<&ItemPosition>, limit: u32) -> Vec<SkippedItem>;
        fn forget_skipped(user: UserId, folder: Option<&FolderPath>) -> ();
        fn folder_item(user: UserId, folder: &FolderPath, kind: SkippedKind) -> Option<SkippedItem>;
        fn forget_given_up(user: UserId) -> ();
        fn remove_folder_item(user: UserId, folder: &FolderPath, kind: SkippedKind) -> ();
        fn remove_items(user: UserId, folder: &FolderPath, kind: SkippedKind) -> ();
        fn remove_refuted_items(mailbox: MailboxId) -> ();
        fn add_report(user: UserId, at: UnixMs, text: &str) -> ();
        fn report(user: UserId) -> Vec<ReportLine>;
        fn report_after(
            user: UserId, after: Option<LinePosition>, limit: u32
        ) -> (Vec<ReportLine>, Option<LinePosition>);
        fn users_with_reported_items(batch: BatchId) -> Vec<User>;
    }
}

impl<I: Interceptor> Confirmations for Intercepted<I> {
    through! {
        fn request_confirmation(batch: BatchId, bytes: bool, now: UnixMs) -> Confirmation;
        fn confirmation(batch: BatchId) -> Option<Confirmation>;
        fn open_confirmations() -> Vec<Confirmation>;
        fn stop_confirmation(batch: BatchId) -> bool;
        fn end_confirmation(of: ConfirmationId, now: UnixMs) -> ();
        fn user_confirmations(batch: BatchId) -> Vec<UserConfirmation>;
        fn note_compared(of: ConfirmationId, user: UserId, messages: u64) -> ();
        fn end_user_confirmation(
            of: ConfirmationId, user: UserId, error: Option<&str>, now: UnixMs
        ) -> ();
        fn confirmed_folders(user: UserId) -> Vec<ConfirmedFolder>;
        fn clear_findings(of: ConfirmationId, user: UserId, folder: &FolderPath) -> ();
        fn add_findings(of: ConfirmationId, user: UserId, findings: &[Finding]) -> ();
        fn add_confirmed_folder(of: ConfirmationId, user: UserId, folder: &ConfirmedFolder) -> ();
        fn findings(batch: BatchId, after: Option<i64>, limit: u32) -> Vec<BatchFinding>;
    }
}
