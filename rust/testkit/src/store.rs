//! The mail that a server holds: accounts, mailboxes, messages.
//!
//! Knows UIDs, flags and modification sequences, not the protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::account::{Account, Mailbox, Name};
use crate::message::{Excerpt, Message};
use crate::naming::{KnownBy, Names};
use imapmig_core::mutf7;

/// A message as a server keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// Its UID.
    pub uid: u32,
    /// System flags with their backslash.
    pub flags: BTreeSet<String>,
    /// Keywords.
    pub keywords: BTreeSet<String>,
    /// Seconds since 1970.
    pub internal_date: i64,
    /// The bytes.
    pub raw: Arc<Vec<u8>>,
    /// Its modification sequence (RFC 7162).
    pub modseq: u64,
    pub(crate) id: u64,
}

impl StoredMessage {
    /// System flags and keywords as FETCH writes them, without parentheses.
    pub(crate) fn flag_list(&self) -> String {
        let all: Vec<&str> = self.flags.iter().chain(&self.keywords).map(String::as_str).collect();
        all.join(" ")
    }
}

impl std::fmt::Debug for StoredMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredMessage")
            .field("uid", &self.uid)
            .field("flags", &self.flags)
            .field("keywords", &self.keywords)
            .field("internal_date", &self.internal_date)
            .field("raw", &Excerpt(&self.raw))
            .finish_non_exhaustive()
    }
}

/// A mailbox with its messages, oldest first.
#[derive(Debug, Clone)]
pub(crate) struct MailboxState {
    pub(crate) messages: Vec<StoredMessage>,
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: u32,
    pub(crate) highest_modseq: u64,
    pub(crate) next_id: u64,
    /// The modification sequence of the last change of flags.
    pub(crate) flags_modseq: u64,
    /// Counts removals, so that a session notices them.
    pub(crate) removals: u64,
    /// UIDs of removed messages, with the modification sequence of the removal.
    pub(crate) vanished: Vec<(u32, u64)>,
    pub(crate) special_use: Option<String>,
    pub(crate) no_select: bool,
    pub(crate) wire: Option<Vec<u8>>,
    pub(crate) size: u64,
}

impl MailboxState {
    pub(crate) fn new(uid_validity: u32) -> MailboxState {
        MailboxState {
            messages: Vec::new(),
            uid_validity,
            uid_next: 1,
            highest_modseq: 1,
            next_id: 0,
            flags_modseq: 0,
            removals: 0,
            vanished: Vec::new(),
            special_use: None,
            no_select: false,
            wire: None,
            size: 0,
        }
    }

    /// Adds a message and returns its UID.
    pub(crate) fn add(&mut self, message: Message) -> u32 {
        let uid = self.uid_next;
        self.uid_next = self.uid_next.saturating_add(1);
        self.highest_modseq += 1;
        self.size += message.raw.len() as u64;
        self.messages.push(StoredMessage {
            uid,
            flags: message.flags,
            keywords: message.keywords,
            internal_date: message.internal_date,
            raw: message.raw,
            modseq: self.highest_modseq,
            id: self.next_id,
        });
        self.next_id += 1;
        uid
    }

    /// The message with an internal id.
    pub(crate) fn by_id(&self, id: u64) -> Option<&StoredMessage> {
        let at = self.messages.binary_search_by_key(&id, |m| m.id).ok()?;
        Some(&self.messages[at])
    }

    /// Changes a message's flags; the modification sequence grows only if something changed.
    pub(crate) fn change_flags(&mut self, id: u64, change: impl FnOnce(&mut StoredMessage)) {
        let Ok(at) = self.messages.binary_search_by_key(&id, |m| m.id) else { return };
        let message = &mut self.messages[at];
        let before = (message.flags.clone(), message.keywords.clone());
        change(message);
        if before != (message.flags.clone(), message.keywords.clone()) {
            self.highest_modseq += 1;
            message.modseq = self.highest_modseq;
            self.flags_modseq = self.highest_modseq;
        }
    }

    /// Removes the messages that `gone` chooses.
    pub(crate) fn remove(&mut self, mut gone: impl FnMut(&StoredMessage) -> bool) -> usize {
        let mut removed = Vec::new();
        self.messages.retain(|m| {
            let stays = !gone(m);
            if !stays {
                removed.push(m.uid);
            }
            stays
        });
        self.size = self.messages.iter().map(|m| m.raw.len() as u64).sum();
        if !removed.is_empty() {
            self.removals += 1;
            self.highest_modseq += 1;
            self.vanished.extend(removed.iter().map(|uid| (*uid, self.highest_modseq)));
        }
        removed.len()
    }

    pub(crate) fn unseen(&self) -> usize {
        self.messages.iter().filter(|m| !m.flags.contains("\\Seen")).count()
    }
}

/// One account's mailboxes by their Unicode names on this server.
#[derive(Debug, Clone)]
pub(crate) struct AccountState {
    pub(crate) password: crate::account::Secret,
    pub(crate) admin: bool,
    pub(crate) mailbox_permission: bool,
    pub(crate) mailboxes: BTreeMap<String, MailboxState>,
    pub(crate) subscribed: BTreeSet<String>,
}

/// All accounts.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) names: Names,
    pub(crate) accounts: BTreeMap<String, AccountState>,
    next_validity: u32,
}

impl Store {
    pub(crate) fn new(names: Names) -> Store {
        Store { names, accounts: BTreeMap::new(), next_validity: 1_700_000_000 }
    }

    /// A UIDVALIDITY that was not used before.
    pub(crate) fn fresh_validity(&mut self) -> u32 {
        self.next_validity += 1;
        self.next_validity
    }

    pub(crate) fn add_account(&mut self, account: Account) {
        let inbox = MailboxState::new(self.fresh_validity());
        let mut state = AccountState {
            password: account.password,
            admin: account.admin,
            mailbox_permission: account.mailbox_permission,
            mailboxes: BTreeMap::from([("INBOX".to_owned(), inbox)]),
            subscribed: BTreeSet::from(["INBOX".to_owned()]),
        };
        for (path, attribute) in self.names.default_folders.clone() {
            let name = self.names.on_server(&path);
            let mut mailbox = MailboxState::new(self.fresh_validity());
            mailbox.no_select = attribute.as_deref() == Some("\\Noselect");
            mailbox.special_use = attribute.filter(|a| a != "\\Noselect");
            state.subscribed.insert(name.clone());
            state.mailboxes.insert(name, mailbox);
        }
        for mailbox in account.mailboxes {
            self.add_mailbox(&mut state, mailbox);
        }
        state.subscribed.extend(account.extra_subscriptions);
        self.accounts.insert(account.login, state);
    }

    fn add_mailbox(&mut self, account: &mut AccountState, mailbox: Mailbox) {
        let (name, wire) = match mailbox.name {
            Name::Path(path) => (self.names.on_server(&path), None),
            Name::Exact(name) => (name, None),
            Name::Wire(wire) => (
                mutf7::decode(&wire).unwrap_or_else(|| String::from_utf8_lossy(&wire).into_owned()),
                Some(wire),
            ),
        };
        let validity = mailbox.uid_validity.unwrap_or_else(|| self.fresh_validity());
        let state = account.mailboxes.entry(name.clone()).or_insert_with(|| MailboxState::new(validity));
        state.uid_validity = mailbox.uid_validity.unwrap_or(state.uid_validity);
        state.uid_next = mailbox.uid_next.unwrap_or(state.uid_next);
        state.special_use = mailbox.special_use.or(state.special_use.take());
        state.no_select = mailbox.no_select;
        state.wire = wire;
        for message in mailbox.messages {
            state.add(message);
        }
        if mailbox.subscribed && !mailbox.no_select {
            account.subscribed.insert(name);
        } else {
            account.subscribed.remove(&name);
        }
    }
}

impl AccountState {
    /// Finds a mailbox by its name on the wire.
    pub(crate) fn resolve_wire(&self, names: &Names, wire: &[u8], utf8: bool) -> Option<String> {
        if let Some((name, _)) = self.mailboxes.iter().find(|(_, m)| m.wire.as_deref() == Some(wire)) {
            return Some(name.clone());
        }
        self.resolve(names, &names.decode(wire, utf8)?)
    }

    /// Finds a mailbox by its Unicode name.
    pub(crate) fn resolve(&self, names: &Names, name: &str) -> Option<String> {
        let name = match names.makes {
            Some((made, KnownBy::AnyName)) => made.of(&names.normal(name)),
            _ => names.normal(name),
        };
        if self.mailboxes.contains_key(&name) {
            return Some(name);
        }
        let folded = name.to_lowercase();
        names
            .case_insensitive
            .then(|| self.mailboxes.keys().find(|k| k.to_lowercase() == folded).cloned())
            .flatten()
    }

    pub(crate) fn size(&self) -> u64 {
        self.mailboxes.values().map(|m| m.size).sum()
    }
}
