//! A user's mail on an IMAP server, written to. RFC 3501, RFC 6154 (special-use), RFC 3502 and RFC 7888 (appends).

use crate::along::Along;
use crate::append::{Appender, Way, is_flag};
use crate::bulk::Bulk;
use crate::capability::{Capability, Literals};
use crate::folders::Layout;
use crate::literals::LiteralHabit;
use crate::prepare::{self, Prepared};
use crate::profile::{self, Kind};
use crate::scan::{self, Span};
use crate::select::{self, Access, Opened};
use crate::wire::reader::Response;
use crate::wire::sets;
use crate::{create, expunge, fetch, statuses};
use imapmig_core::failure::{Failure, FailureKind, Scope};
use imapmig_core::folder::{Folder, FolderPath, FolderStatus, SpecialUse, WireName};
use imapmig_core::message::{Flags, MessageMeta, TargetValidity, Uid, UidValidity};
use imapmig_core::ports::source::{BodyHead, BodySink};
use imapmig_core::ports::target::{
    AppendHead, AppendKey, AppendOutcome, FolderRequest, OpenTarget, ReadyTarget, Removal, TargetMessage,
    TargetProfile, TargetSession, prepare_step_by_step,
};
use imapmig_core::user::TargetId;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// How many messages one STORE names at most.
const STORE_AT_ONCE: usize = 1000;

/// One connection to one user's mail at the target.
#[derive(Debug)]
pub struct ImapTarget {
    bulk: Bulk,
    layout: Layout,
    profile: TargetProfile,
    appender: Appender,
    along: Along,
    /// Whether messages were appended that the server may not have told of yet.
    appended: bool,
    /// Whether single messages can be expunged (UIDPLUS, RFC 4315).
    expunges_by_uid: bool,
}

impl ImapTarget {
    /// Writes through this session, which is signed in; the folders are those of `layout`. `literals` is what the server has
    /// earned by its habit.
    pub(crate) fn new(mut bulk: Bulk, layout: Layout, literals: Literals, habit: &LiteralHabit) -> Self {
        if literals != Literals::Synchronizing {
            bulk.sends_unasked(habit);
        }
        let capabilities = &bulk.session().capabilities;
        let profile = profile::profile(capabilities, layout.delimiter);
        let way = Way::of(capabilities, literals, Kind::of(capabilities).earliest_date());
        let expunges_by_uid = capabilities.has(Capability::UidPlus);
        let appender = Appender::new(way);
        // No folder is open yet, and no server has this UIDVALIDITY.
        let along = Along::opened(UidValidity(0), Uid(1));
        Self { bulk, layout, profile, appender, along, appended: false, expunges_by_uid }
    }

    /// From now on appends go to this mailbox, which was opened.
    fn opened(&mut self, name: &WireName, opened: Opened) -> Result<OpenTarget, Failure> {
        let above_last = match opened.uid_next {
            Some(uid) => uid,
            None => scan::above_last(&mut self.bulk)?,
        };
        self.appender.open(name.clone(), opened.validity);
        self.along = Along::opened(opened.validity, above_last);
        self.appended = false;
        Ok(OpenTarget {
            validity: TargetValidity::Uids(opened.validity),
            uid_next: opened.uid_next,
            exists: opened.exists,
            keywords: opened.keywords,
        })
    }

    /// Waits for appends in flight, and has the server tell of them: Courier shows them only after a NOOP.
    fn refresh(&mut self, always: bool) -> Result<(), Failure> {
        self.appender.settle(&mut self.bulk)?;
        if self.appended || always {
            let status = self.bulk.run("NOOP")?;
            if !status.is_ok() {
                return Err(self.bulk.judge(&status, "go on", Scope::Mailbox));
            }
            self.appended = false;
        }
        Ok(())
    }
}

impl TargetSession for ImapTarget {
    fn profile(&self) -> &TargetProfile {
        &self.profile
    }

    fn folders(&mut self) -> Result<Vec<Folder>, Failure> {
        settle_for_another_mailbox(&mut self.appender, &mut self.bulk)?;
        let layout = &self.layout;
        let listing = self.bulk.control(|session| layout.listing(session))?;
        if listing.layout.delimiter != self.layout.delimiter {
            self.profile = profile::profile(&self.bulk.session().capabilities, listing.layout.delimiter);
        }
        self.layout = listing.layout;
        Ok(listing.folders)
    }

    fn create(&mut self, path: &FolderPath, special_use: Option<SpecialUse>) -> Result<WireName, Failure> {
        settle_for_another_mailbox(&mut self.appender, &mut self.bulk)?;
        let layout = &self.layout;
        self.bulk.control(|session| create::create(session, layout, path, special_use))
    }

    fn subscribe(&mut self, name: &WireName) -> Result<(), Failure> {
        settle_for_another_mailbox(&mut self.appender, &mut self.bulk)?;
        self.bulk.control(|session| create::subscribe(session, name))
    }

    fn open(&mut self, name: &WireName) -> Result<OpenTarget, Failure> {
        settle_for_another_mailbox(&mut self.appender, &mut self.bulk)?;
        let opened = select::open(&mut self.bulk, name, Access::Write)?;
        self.opened(name, opened)
    }

    fn statuses(&mut self, names: &[&WireName]) -> Result<Vec<Option<FolderStatus>>, Failure> {
        settle_for_another_mailbox(&mut self.appender, &mut self.bulk)?;
        self.bulk.control(|session| statuses::statuses(session, names))
    }

    fn prepare(&mut self, folder: &FolderRequest<'_>) -> Result<ReadyTarget, Failure> {
        settle_for_another_mailbox(&mut self.appender, &mut self.bulk)?;
        let layout = &self.layout;
        let prepared = self.bulk.control(|session| prepare::together(session, layout, folder))?;
        let Some(Prepared { wire, opened, not_subscribed }) = prepared else {
            return prepare_step_by_step(self, folder);
        };
        self.bulk.exists = opened.exists;
        self.bulk.moved = false;
        let open = self.opened(&wire, opened)?;
        Ok(ReadyTarget { wire, open, not_subscribed })
    }

    fn list(&mut self, ids: &[TargetId], each: &mut dyn FnMut(TargetMessage)) -> Result<(), Failure> {
        let uids = uids_of(ids)?;
        if let Some(listed) = self.along.take(&uids) {
            listed.into_iter().for_each(|message| each(target_message(message)));
            return Ok(());
        }
        self.appender.settle(&mut self.bulk)?;
        self.appended = false;
        scan::listed(&mut self.bulk, &uids, &mut |message| {
            each(target_message(message));
            ControlFlow::Continue(())
        })
    }

    fn inventory(&mut self, from: Uid, each: &mut dyn FnMut(TargetMessage)) -> Result<(), Failure> {
        // From a UID on, the scan itself asks for news.
        self.refresh(from <= Uid(1))?;
        scan::scan(&mut self.bulk, Span::From(from), &mut |message| {
            each(target_message(message));
            ControlFlow::Continue(())
        })
    }

    fn headers(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, &[u8])) -> Result<(), Failure> {
        let uids = uids_of(ids)?;
        self.refresh(false)?;
        fetch::headers(&mut self.bulk, &uids, &mut |uid, header| each(&TargetId::Uid(uid), header))
    }

    fn read(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, &[u8])) -> Result<(), Failure> {
        let uids = uids_of(ids)?;
        self.refresh(false)?;
        fetch::bodies(&mut self.bulk, &uids, &mut Reading { id: TargetId::Uid(Uid(0)), each })
    }

    fn append_begin(
        &mut self,
        head: &AppendHead,
        outcomes: &mut Vec<(AppendKey, AppendOutcome)>,
    ) -> Result<(), Failure> {
        self.appended = true;
        self.along.appends();
        self.appender.begin(&mut self.bulk, head, outcomes)
    }

    fn append_chunk(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.appender.chunk(&mut self.bulk, bytes)
    }

    fn append_end(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> Result<(), Failure> {
        self.appender.end(&mut self.bulk, outcomes)
    }

    fn append_finish(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> Result<(), Failure> {
        self.appender.finish(&mut self.bulk, outcomes)
    }

    fn append_finish_all(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> Result<(), Failure> {
        let closed = self.appender.close(&mut self.bulk);
        // What fails here fails again where the outcomes that have arrived are handed over.
        let select = closed.and_then(|()| self.along.ask(&mut self.bulk)).unwrap_or_default();
        self.appender.finish(&mut self.bulk, outcomes)?;
        if let Some(select) = select {
            self.along.read(&mut self.bulk, &select)?;
            self.appended = false;
        }
        Ok(())
    }

    fn set_flags(&mut self, changes: &[(TargetId, Flags)]) -> Result<(), Failure> {
        self.along.forget();
        let mut alike: BTreeMap<&Flags, Vec<Uid>> = BTreeMap::new();
        for (id, flags) in changes {
            alike.entry(flags).or_default().push(uid_of(id)?);
        }
        self.refresh(false)?;
        store(&mut self.bulk, alike)
    }

    fn remove(&mut self, ids: &[TargetId]) -> Result<Removal, Failure> {
        self.along.forget();
        let uids = uids_of(ids)?;
        self.refresh(true)?;
        expunge::remove(&mut self.bulk, &uids, self.expunges_by_uid)
    }

    fn flags(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, Flags)) -> Result<(), Failure> {
        let uids = uids_of(ids)?;
        self.refresh(false)?;
        scan::flags(&mut self.bulk, &uids, &mut |uid, flags| each(&TargetId::Uid(uid), flags))
    }
}

fn target_message(message: MessageMeta) -> TargetMessage {
    TargetMessage {
        id: TargetId::Uid(message.uid),
        size: message.size,
        internal_date: message.internal_date,
        flags: message.flags,
    }
}

/// Sends a STORE for each group of equal flags.
fn store(bulk: &mut Bulk, alike: BTreeMap<&Flags, Vec<Uid>>) -> Result<(), Failure> {
    let commands = alike.into_iter().flat_map(|(flags, mut uids)| {
        uids.sort_unstable();
        uids.dedup();
        let words: Vec<&str> = flags.wire().filter(|flag| is_flag(flag)).collect();
        let words = words.join(" ");
        let sets: Vec<String> =
            sets::commands(&uids, STORE_AT_ONCE).into_iter().map(|(set, _)| set).collect();
        sets.into_iter().map(move |set| format!("UID STORE {set} FLAGS.SILENT ({words})"))
    });
    pipelined(bulk, commands, "set flags")
}

/// Sends commands that are answered by a status alone; a refused one does not keep the others from being sent.
fn pipelined(bulk: &mut Bulk, mut commands: impl Iterator<Item = String>, what: &str) -> Result<(), Failure> {
    bulk.settle()?;
    let mut refusal = None;
    loop {
        while bulk.in_flight() < bulk.window() {
            let Some(command) = commands.next() else { break };
            bulk.send(&command)?;
        }
        if bulk.in_flight() == 0 {
            return refusal.map_or(Ok(()), Err);
        }
        if let Response::Tagged { status, .. } = bulk.next()?
            && !status.is_ok()
        {
            let failure = bulk.judge(&status, what, Scope::Mailbox);
            if failure.scope >= Scope::User {
                return Err(failure);
            }
            refusal.get_or_insert(failure);
        }
    }
}

/// That a mailbox has gone is no trouble for another one.
fn settle_for_another_mailbox(appender: &mut Appender, bulk: &mut Bulk) -> Result<(), Failure> {
    match appender.settle(bulk) {
        Err(failure) if failure.scope == Scope::Mailbox => bulk.usable(),
        result => result,
    }
}

/// Tells bodies as `read` promises: chunks, then an empty one.
struct Reading<'a> {
    id: TargetId,
    each: &'a mut dyn FnMut(&TargetId, &[u8]),
}

impl BodySink for Reading<'_> {
    fn begin(&mut self, head: BodyHead) -> ControlFlow<()> {
        self.id = TargetId::Uid(head.uid);
        ControlFlow::Continue(())
    }

    fn chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        if !bytes.is_empty() {
            (self.each)(&self.id, bytes);
        }
        ControlFlow::Continue(())
    }

    fn end(&mut self) -> ControlFlow<()> {
        (self.each)(&self.id, &[]);
        ControlFlow::Continue(())
    }
}

fn uids_of(ids: &[TargetId]) -> Result<Vec<Uid>, Failure> {
    ids.iter().map(uid_of).collect()
}

fn uid_of(id: &TargetId) -> Result<Uid, Failure> {
    match id {
        TargetId::Uid(uid) => Ok(*uid),
        TargetId::File(_) => Err(Failure::new(
            Scope::Mailbox,
            FailureKind::State,
            "the ledger speaks of a Maildir file, but the target is an IMAP server",
        )),
    }
}
