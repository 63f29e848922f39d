//! Inspects a running server, and changes it while clients are connected.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::account::{Account, Secret, split_flags};
use crate::faults::Faults;
use crate::message::Message;
use crate::shared::{Shared, locked};
use crate::store::{MailboxState, StoredMessage};
use crate::transcript::Received;

/// A server that listens; it stops, and its threads end, when this is dropped.
#[derive(Debug)]
pub struct RunningServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl RunningServer {
    pub(crate) fn new(shared: Arc<Shared>, address: SocketAddr, thread: JoinHandle<()>) -> RunningServer {
        RunningServer { shared, address, thread: Some(thread) }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The host: `127.0.0.1`.
    pub fn host(&self) -> String {
        self.address.ip().to_string()
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The faults, to arm more of them or to release a stall.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// All of an account's messages by the server's own Unicode mailbox names.
    pub fn snapshot(&self, account: &str) -> BTreeMap<String, Vec<StoredMessage>> {
        let store = self.shared.store();
        let Some(state) = store.accounts.get(account) else { return BTreeMap::new() };
        state.mailboxes.iter().map(|(name, m)| (name.clone(), m.messages.clone())).collect()
    }

    /// The same by paths with `/` and without prefix, to compare servers of different hierarchies.
    pub fn snapshot_by_path(&self, account: &str) -> BTreeMap<String, Vec<StoredMessage>> {
        let names = &self.shared.personality.names;
        self.snapshot(account).into_iter().map(|(name, messages)| (names.path_of(&name), messages)).collect()
    }

    /// One mailbox's messages; empty if there is no such mailbox.
    pub fn messages(&self, account: &str, mailbox: &str) -> Vec<StoredMessage> {
        self.on_mailbox(account, mailbox, |m| m.messages.clone()).unwrap_or_default()
    }

    /// How many messages an account holds.
    pub fn message_count(&self, account: &str) -> usize {
        let store = self.shared.store();
        store.accounts.get(account).map_or(0, |a| a.mailboxes.values().map(|m| m.messages.len()).sum())
    }

    /// Whether a mailbox exists and can be selected.
    pub fn has_mailbox(&self, account: &str, mailbox: &str) -> bool {
        self.on_mailbox(account, mailbox, |m| !m.no_select).unwrap_or(false)
    }

    /// A mailbox's special-use attribute.
    pub fn special_use(&self, account: &str, mailbox: &str) -> Option<String> {
        self.on_mailbox(account, mailbox, |m| m.special_use.clone()).flatten()
    }

    /// The names that an account is subscribed to, as the server shows them.
    pub fn subscriptions(&self, account: &str) -> Vec<String> {
        let store = self.shared.store();
        store.accounts.get(account).map(|a| a.subscribed.iter().cloned().collect()).unwrap_or_default()
    }

    /// UIDVALIDITY and UIDNEXT of a mailbox.
    pub fn uid_state(&self, account: &str, mailbox: &str) -> Option<(u32, u32)> {
        self.on_mailbox(account, mailbox, |m| (m.uid_validity, m.uid_next))
    }

    /// Delivers a message, creating the mailbox if it does not exist. Returns the message's UID.
    pub fn deliver(&self, account: &str, mailbox: &str, message: Message) -> u32 {
        self.make_mailbox(account, mailbox);
        self.on_mailbox(account, mailbox, |m| m.add(message)).unwrap_or(0)
    }

    /// Delivers the same message many times; the copies share their bytes, so that half a million cost little.
    pub fn deliver_copies(&self, account: &str, mailbox: &str, message: &Message, count: usize) {
        self.make_mailbox(account, mailbox);
        self.on_mailbox(account, mailbox, |m| {
            for _ in 0..count {
                m.add(message.clone());
            }
        });
    }

    /// Adds an account, or replaces the one with the same login.
    pub fn add_account(&self, account: Account) {
        self.shared.store().add_account(account);
    }

    /// Creates an empty mailbox if it does not exist.
    pub fn make_mailbox(&self, account: &str, mailbox: &str) {
        let mut store = self.shared.store();
        let validity = store.fresh_validity();
        let names = store.names.clone();
        let Some(state) = store.accounts.get_mut(account) else { return };
        let path = names.on_server(mailbox);
        if state.resolve(&names, mailbox).or_else(|| state.resolve(&names, &path)).is_none() {
            state.mailboxes.insert(path, MailboxState::new(validity));
        }
    }

    /// Removes a mailbox with its messages.
    pub fn remove_mailbox(&self, account: &str, mailbox: &str) {
        let mut store = self.shared.store();
        let names = store.names.clone();
        if let Some(state) = store.accounts.get_mut(account) {
            let path = names.on_server(mailbox);
            if let Some(name) = state.resolve(&names, mailbox).or_else(|| state.resolve(&names, &path)) {
                state.mailboxes.remove(&name);
            }
        }
    }

    /// Replaces a message's flags and keywords (system flags begin with a backslash).
    pub fn set_flags(&self, account: &str, mailbox: &str, uid: u32, flags: &[&str]) {
        let (system, keywords) = split_flags(flags.iter().map(|f| (*f).to_owned()));
        self.on_mailbox(account, mailbox, |m| {
            let Some(id) = m.messages.iter().find(|m| m.uid == uid).map(|m| m.id) else { return };
            m.change_flags(id, |message| (message.flags, message.keywords) = (system, keywords));
        });
    }

    /// Removes messages by UID.
    pub fn expunge(&self, account: &str, mailbox: &str, uids: &[u32]) {
        self.on_mailbox(account, mailbox, |m| m.remove(|m| uids.contains(&m.uid)));
    }

    /// Assigns a new UIDVALIDITY to a mailbox and new UIDs from 1 on to its messages, as a rebuilt index does.
    pub fn reset_uidvalidity(&self, account: &str, mailbox: &str) -> u32 {
        let validity = self.shared.store().fresh_validity();
        self.on_mailbox(account, mailbox, |m| {
            m.uid_validity = validity;
            m.uid_next = 1;
            for message in &mut m.messages {
                message.uid = m.uid_next;
                m.uid_next += 1;
            }
            m.removals += 1;
            m.vanished.clear();
        });
        validity
    }

    /// Sets a message's UID, also to one that is taken already, as in a broken index.
    pub fn set_uid(&self, account: &str, mailbox: &str, old: u32, new: u32) {
        self.on_mailbox(account, mailbox, |m| {
            if let Some(message) = m.messages.iter_mut().find(|m| m.uid == old) {
                message.uid = new;
            }
        });
    }

    /// Changes a message's bytes in place, as a damaged mailbox may.
    pub fn replace_bytes(&self, account: &str, mailbox: &str, uid: u32, raw: impl Into<Vec<u8>>) {
        self.on_mailbox(account, mailbox, |m| {
            if let Some(message) = m.messages.iter_mut().find(|m| m.uid == uid) {
                message.raw = raw.into().into();
            }
        });
    }

    /// Grants or revokes the permission for an account's mailbox.
    pub fn set_mailbox_permission(&self, account: &str, granted: bool) {
        if let Some(state) = self.shared.store().accounts.get_mut(account) {
            state.mailbox_permission = granted;
        }
    }

    /// Accepts an access token from now on.
    pub fn accept_token(&self, user: &str, token: &str) {
        self.shared.tokens().push((user.to_owned(), Secret(token.to_owned())));
    }

    /// Refuses an access token from now on; sessions that are signed in continue.
    pub fn revoke_token(&self, token: &str) {
        self.shared.tokens().retain(|(_, t)| t.0 != token);
    }

    /// Ends every session that is signed in now, at its next command:
    /// `BYE Session invalidated - AccessTokenExpired`.
    pub fn expire_sessions(&self) {
        self.shared.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// Answers every command of an account with Exchange's throttling text for a time.
    pub fn throttle(&self, account: &str, time: Duration) {
        self.shared.throttle(account, time);
    }

    /// How many commands came while their account was throttled.
    pub fn throttled_answers(&self) -> u64 {
        self.shared.throttled_answers.load(Ordering::SeqCst)
    }

    /// Closes all connections at once; new ones are accepted.
    pub fn disconnect_all(&self) {
        self.shared.disconnect_all();
    }

    /// Connections that are open now.
    pub fn connections_open(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }

    /// Connections that were accepted since the start.
    pub fn connections_accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// Round trips of all connections: commands and synchronizing literals that were sent only after the answer
    /// before them. Without [`Server::with_round_trip_time`](crate::Server::with_round_trip_time) this is an upper
    /// bound, as pipelined commands that arrive a moment late count too.
    pub fn round_trips(&self) -> u64 {
        self.round_trips_by_connection().values().sum()
    }

    /// Round trips by connection, counted from 1 as in [`Received`]; connections that never waited are left out.
    pub fn round_trips_by_connection(&self) -> BTreeMap<u64, u64> {
        locked(&self.shared.counts).by_connection()
    }

    /// Sets the count of round trips back to zero.
    pub fn clear_round_trips(&self) {
        locked(&self.shared.counts).clear();
    }

    /// Every command that clients sent, in the order of arrival.
    pub fn transcript(&self) -> Vec<Received> {
        self.shared.transcript().clone()
    }

    /// The commands alone, without tags; secrets show as `***`.
    pub fn commands(&self) -> Vec<String> {
        self.shared.transcript().iter().map(|r| r.line.clone()).collect()
    }

    /// How many commands with this verb came: `count("APPEND")`; `"FETCH"` does not count `"UID FETCH"`.
    pub fn count(&self, verb: &str) -> usize {
        self.shared.transcript().iter().filter(|r| r.verb == verb).count()
    }

    /// Empties the transcript.
    pub fn clear_transcript(&self) {
        self.shared.transcript().clear();
    }

    fn on_mailbox<T>(
        &self,
        account: &str,
        mailbox: &str,
        work: impl FnOnce(&mut MailboxState) -> T,
    ) -> Option<T> {
        let mut store = self.shared.store();
        let names = store.names.clone();
        let state = store.accounts.get_mut(account)?;
        let path = names.on_server(mailbox);
        let name = state.resolve(&names, mailbox).or_else(|| state.resolve(&names, &path))?;
        state.mailboxes.get_mut(&name).map(work)
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        self.shared.faults.stop();
        self.shared.disconnect_all();
        // Wakes the listener out of accept.
        let _woken = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}
