//! An account in memory: source and target at once, with habits and faults.

use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Conduct, Failure, FailureKind, Retry, Scope, SignIn};
use imapmig_core::folder::{Folder, FolderPath, SpecialUse, WireName};
use imapmig_core::message::{Flags, Keywords};
use imapmig_core::ports::target::{AppendHead, RefusalKind, TargetProfile};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub uid: u32,
    pub bytes: Vec<u8>,
    pub date: i64,
    pub flags: Flags,
    pub modseq: u64,
}

/// An ordinary message about something.
pub fn message(subject: &str) -> Message {
    let bytes = format!(
        "Message-ID: <{subject}@example.com>\r\nSubject: {subject}\r\nFrom: ann@example.com\r\n\r\nAbout {subject}.\r\n"
    );
    raw(bytes.as_bytes())
}

/// A message of these bytes.
pub fn raw(bytes: &[u8]) -> Message {
    Message { uid: 0, bytes: bytes.to_vec(), date: 1_000_000_000, flags: Flags::default(), modseq: 0 }
}

impl Message {
    pub fn at(mut self, seconds: i64) -> Self {
        self.date = seconds;
        self
    }

    pub fn flagged(mut self, flags: &str) -> Self {
        self.flags = Flags::from_wire(flags.split_whitespace());
        self
    }

    pub fn sized(mut self, bytes: usize) -> Self {
        self.bytes.resize(bytes - 2, b'x');
        self.bytes.extend_from_slice(b"\r\n");
        self
    }
}

/// A connection's fault at the n-th opportunity, counted from 1 over all connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The source breaks off in the middle of the n-th body.
    InFetch(usize),
    /// The target is gone when the n-th append begins.
    AtAppend(usize),
    /// The target is gone in the middle of the n-th append.
    InAppend(usize),
    /// The n-th append is stored, and its answer is lost.
    AfterStore(usize),
    /// The connection of the n-th append breaks, and the message is stored when the next one is.
    StoredLate(usize),
    /// The connection of the n-th append breaks, and the server keeps the message back.
    KeptBack(usize),
    /// The connection breaks when messages were marked as deleted, to be removed.
    AtRemoval,
}

/// What a target makes of a message.
pub type Alter = fn(&[u8]) -> Vec<u8>;
type Judge = Box<dyn Fn(&[u8], &AppendHead) -> Option<(RefusalKind, &'static str)> + Send>;

#[derive(Clone, Debug)]
pub struct Mailbox {
    pub validity: u32,
    pub next: u32,
    pub messages: Vec<Message>,
    pub special_use: Option<SpecialUse>,
    pub selectable: bool,
    pub subscribed: bool,
}

pub struct State {
    pub folders: BTreeMap<FolderPath, Mailbox>,
    pub faults: Vec<Fault>,
    pub appends: usize,
    pub fetches: usize,
    pub connections: usize,
    pub most_connections: usize,
    /// After so many connections over all, no more are possible.
    pub most_connections_ever: Option<usize>,
    pub open_now: usize,
    pub modseq: u64,
    pub condstore: bool,
    pub uidplus: bool,
    pub alter: Option<Alter>,
    pub judge: Option<Judge>,
    /// Which appends, counted from 1, are answered with OK and not stored.
    pub swallows: Option<fn(usize) -> bool>,
    /// The UID that the answer to an append names instead of the true one, by the append's number from 1.
    pub names: Option<fn(usize, u32) -> u32>,
    pub drops_flags: bool,
    pub drops_dates: bool,
    pub keywords: Keywords,
    pub profile: TargetProfile,
    /// Every message that an append brought, by its first line, also refused ones.
    pub appended: Vec<String>,
    pub late: Vec<(FolderPath, Message)>,
    pub kept_back: Option<Message>,
    pub undeliverable: BTreeSet<u32>,
    pub wrong_sizes: bool,
    /// The size of every message, whatever it is.
    pub claimed_size: Option<u64>,
    pub doubled_in_scans: bool,
    /// How many messages are said to be in each folder, whatever there is.
    pub claimed: Option<u32>,
    pub vanish_at_fetch: BTreeSet<u32>,
    pub failing_folders: BTreeSet<FolderPath>,
    /// Characters that no folder made at the target may have.
    pub refused_characters: Vec<char>,
    /// Folders that end the connection when they are opened.
    pub killing_folders: BTreeSet<FolderPath>,
    pub scans: Vec<&'static str>,
    pub poison: Option<Vec<u8>>,
    pub cancel_at_append: Option<(usize, Cancel)>,
    pub pause: Option<Duration>,
    /// Names that differ in case and outer blanks only are one folder's, as with servers that do not say so.
    pub folds_names: bool,
    /// A flag that every message is given when it is stored.
    pub adds_flag: Option<&'static str>,
    /// Neither SELECT nor STATUS names the next UID.
    pub states_no_uidnext: bool,
    /// Subjects of messages over whose bodies the connection ends, and over whose headers too.
    pub deadly: BTreeSet<&'static str>,
    pub deadly_headers: BTreeSet<&'static str>,
    /// Subjects of messages that the target lists and does not deliver.
    pub withheld: BTreeSet<&'static str>,
}

/// The account.
#[derive(Clone)]
pub struct Account(Arc<Mutex<State>>);

impl Account {
    pub fn new() -> Self {
        let state = State {
            folders: BTreeMap::new(),
            faults: Vec::new(),
            appends: 0,
            fetches: 0,
            connections: 0,
            most_connections: usize::MAX,
            most_connections_ever: None,
            open_now: 0,
            modseq: 1,
            condstore: false,
            uidplus: true,
            alter: None,
            judge: None,
            swallows: None,
            names: None,
            drops_flags: false,
            drops_dates: false,
            keywords: Keywords::Any,
            profile: TargetProfile {
                delimiter: Some('/'),
                case_insensitive: false,
                reserved: Vec::new(),
                forbidden: Vec::new(),
                max_name_bytes: 1000,
                max_depth: 50,
                append_limit: None,
                trims_blanks: false,
                wide_characters: true,
                literal8: false,
                parallel: true,
            },
            appended: Vec::new(),
            late: Vec::new(),
            kept_back: None,
            undeliverable: BTreeSet::new(),
            wrong_sizes: false,
            claimed_size: None,
            doubled_in_scans: false,
            claimed: None,
            vanish_at_fetch: BTreeSet::new(),
            failing_folders: BTreeSet::new(),
            refused_characters: Vec::new(),
            killing_folders: BTreeSet::new(),
            scans: Vec::new(),
            poison: None,
            cancel_at_append: None,
            pause: None,
            folds_names: false,
            adds_flag: None,
            states_no_uidnext: false,
            deadly: BTreeSet::new(),
            deadly_headers: BTreeSet::new(),
            withheld: BTreeSet::new(),
        };
        let account = Self(Arc::new(Mutex::new(state)));
        account.with("INBOX", [])
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Changes a habit.
    pub fn having(self, change: impl FnOnce(&mut State)) -> Self {
        change(&mut self.state());
        self
    }

    /// With messages in a folder, which is made when it is not there.
    pub fn with(self, folder: &str, messages: impl IntoIterator<Item = Message>) -> Self {
        let path = path(folder);
        self.state().make(&path);
        for message in messages {
            self.deliver(folder, message);
        }
        self
    }

    /// Delivers a message and tells its UID.
    pub fn deliver(&self, folder: &str, message: Message) -> u32 {
        self.state().store(&path(folder), message)
    }

    pub fn set_flags(&self, folder: &str, uid: u32, flags: &str) {
        let mut state = self.state();
        state.modseq += 1;
        let modseq = state.modseq;
        let mailbox = state.folders.get_mut(&path(folder)).unwrap();
        let message = mailbox.messages.iter_mut().find(|m| m.uid == uid).unwrap();
        message.flags = Flags::from_wire(flags.split_whitespace());
        message.modseq = modseq;
    }

    pub fn expunge(&self, folder: &str, uid: u32) {
        self.state().folders.get_mut(&path(folder)).unwrap().messages.retain(|m| m.uid != uid);
    }

    /// Gives the folder a new UIDVALIDITY and its messages new UIDs from 1 on.
    pub fn renumber(&self, folder: &str) {
        let mut state = self.state();
        let mailbox = state.folders.get_mut(&path(folder)).unwrap();
        mailbox.validity += 1;
        for (message, uid) in mailbox.messages.iter_mut().zip(1..) {
            message.uid = uid;
        }
        mailbox.next = u32::try_from(mailbox.messages.len()).unwrap() + 1;
    }

    /// The messages of a folder: bytes, date, flags; sorted.
    pub fn mail(&self, folder: &str) -> Vec<(Vec<u8>, i64, String)> {
        let state = self.state();
        let Some(mailbox) = state.folders.get(&path(folder)) else { return Vec::new() };
        let mut mail: Vec<_> =
            mailbox.messages.iter().map(|m| (m.bytes.clone(), m.date, m.flags.to_string())).collect();
        mail.sort();
        mail
    }

    /// The second lines (the subjects) of a folder's messages in order of UID.
    pub fn subjects(&self, folder: &str) -> Vec<String> {
        let state = self.state();
        state.folders[&path(folder)].messages.iter().map(|m| subject(&m.bytes)).collect()
    }

    /// How many appends have begun.
    pub fn appends(&self) -> usize {
        self.state().appends
    }

    pub fn folder_names(&self) -> Vec<String> {
        self.state().folders.keys().map(ToString::to_string).collect()
    }
}

pub fn path(folder: &str) -> FolderPath {
    FolderPath::new(folder.split('/'))
}

pub fn subject(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().find_map(|l| l.strip_prefix("Subject: "));
    line.unwrap_or_default().to_owned()
}

/// A message's header with its empty line.
pub fn header(bytes: &[u8]) -> &[u8] {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").map(|at| at + 4);
    let lf = bytes.windows(2).position(|w| w == b"\n\n").map(|at| at + 2);
    &bytes[..end.into_iter().chain(lf).min().unwrap_or(bytes.len())]
}

impl State {
    pub(super) fn listed(&self) -> Vec<Folder> {
        let folder = |(path, mailbox): (&FolderPath, &Mailbox)| Folder {
            wire: wire(path),
            path: path.clone(),
            special_use: mailbox.special_use,
            selectable: mailbox.selectable,
            subscribed: mailbox.subscribed,
        };
        self.folders.iter().map(folder).collect()
    }

    /// The folder that a name means.
    pub(super) fn meant(&self, path: FolderPath) -> FolderPath {
        let fold = |path: &FolderPath| path.to_string().trim().to_lowercase();
        let there = self.folders.keys().find(|there| self.folds_names && fold(there) == fold(&path));
        there.cloned().unwrap_or(path)
    }

    pub(super) fn opened(&self, name: &WireName) -> Result<(FolderPath, &Mailbox), Failure> {
        let path = self.meant(path(std::str::from_utf8(&name.0).unwrap()));
        if self.failing_folders.contains(&path) {
            return Err(Failure::new(
                Scope::Mailbox,
                FailureKind::PermissionDenied,
                SignIn::MailboxNotPermitted,
            ));
        }
        if self.killing_folders.contains(&path) {
            return Err(lost(Conduct::Closed));
        }
        match self.folders.get(&path) {
            Some(mailbox) if mailbox.selectable => Ok((path, mailbox)),
            _ => Err(Failure::new(Scope::Mailbox, FailureKind::NotFound, Conduct::Closed)),
        }
    }

    /// Whether the connection ends when this message, or its header, is read.
    pub(super) fn is_deadly(&self, bytes: &[u8], whole: bool) -> bool {
        let subject = subject(bytes);
        self.deadly_headers.contains(&*subject) || whole && self.deadly.contains(&*subject)
    }

    pub(super) fn make(&mut self, path: &FolderPath) -> &mut Mailbox {
        let validity = 1_000 + u32::try_from(self.folders.len()).unwrap();
        self.folders.entry(path.clone()).or_insert_with(|| Mailbox {
            validity,
            next: 1,
            messages: Vec::new(),
            special_use: None,
            selectable: true,
            subscribed: true,
        })
    }

    pub(super) fn store(&mut self, path: &FolderPath, mut message: Message) -> u32 {
        for (path, late) in std::mem::take(&mut self.late) {
            self.store(&path, late);
        }
        self.modseq += 1;
        let modseq = self.modseq;
        let mailbox = self.make(path);
        message.uid = mailbox.next;
        message.modseq = modseq;
        mailbox.next += 1;
        mailbox.messages.push(message);
        mailbox.next - 1
    }

    /// Whether this fault is due; it is over then.
    pub(super) fn strikes(&mut self, fault: Fault) -> bool {
        let at = self.faults.iter().position(|t| *t == fault);
        at.map(|at| self.faults.remove(at)).is_some()
    }
}

pub(super) fn wire(path: &FolderPath) -> WireName {
    WireName(path.to_string().into_bytes())
}

pub(super) fn lost(what: Conduct) -> Failure {
    Failure::new(Scope::User, FailureKind::Disconnected, what).retry(Retry::Reconnect)
}
