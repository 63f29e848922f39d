//! A user's mail on an IMAP server, written to. RFC 3501, RFC 6154 (special-use), RFC 3502 and RFC 7888 (appends).

use crate::along::Along;
use crate::append::{Appender, Way};
use crate::bulk::{Bulk, is_lost};
use crate::capability::{Capability, Literals};
use crate::folders::Layout;
use crate::literals::LiteralHabit;
use crate::made_names::KnownNames;
use crate::prepare::{self, Prepared};
use crate::profile::{self, Kind};
use crate::scan::patient::{self, Wanted};
use crate::scan::{self, Each, Span};
use crate::select::{self, Access, Opened};
use crate::source::{Again, not_yet};
use crate::wire::sets::Ranges;
use crate::{create, expunge, fetch, flag_stores, quota, statuses};
use imapmig_core::failure::{Conduct, Disk, Failure, FailureKind, Scope};
use imapmig_core::folder::{Folder, FolderPath, FolderStatus, SpecialUse, WireName};
use imapmig_core::message::{Flags, MessageMeta, TargetValidity, Uid, UidValidity};
use imapmig_core::mutf7;
use imapmig_core::ports::source::{BodyHead, BodySink};
use imapmig_core::ports::target::{
    AppendHead, AppendKey, AppendOutcome, FolderRequest, OpenTarget, ReadyTarget, Removal, Room,
    TargetMessage, TargetProfile, TargetSession, prepare_step_by_step,
};
use imapmig_core::user::TargetId;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

/// One connection to one user's mail at the target.
#[derive(Debug)]
pub struct ImapTarget {
    bulk: Bulk,
    layout: Layout,
    profile: TargetProfile,
    appender: Appender,
    along: Along,
    /// The UIDVALIDITY of the open folder.
    validity: UidValidity,
    /// Whether messages were appended that the server may not have shown yet.
    appended: bool,
    /// Whether single messages can be expunged (UIDPLUS, RFC 4315).
    expunges_by_uid: bool,
    names: Arc<KnownNames>,
    again: Option<Again>,
    /// The literals that may go unasked, on another connection too.
    habit: Option<LiteralHabit>,
}

impl ImapTarget {
    /// Writes through this signed-in session, to the folders of `layout`, with literals that the server has earned.
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
        let validity = UidValidity(0);
        let along = Along::opened(validity, Uid(1));
        Self {
            bulk,
            layout,
            profile,
            appender,
            along,
            validity,
            appended: false,
            expunges_by_uid,
            names: Arc::default(),
            again: None,
            habit: (literals != Literals::Synchronizing).then(|| habit.clone()),
        }
    }

    /// The same session, able to open another connection when one ends during a listing.
    pub(crate) fn going_on(self, again: Again) -> Self {
        Self { again: Some(again), ..self }
    }

    /// The same session, sharing what other connections have listed.
    pub(crate) fn knowing(self, names: Arc<KnownNames>) -> Self {
        Self { names, ..self }
    }

    /// Runs a listing; where the connection ends over it, the messages from `uids.0` to `uids.1` are listed in parts.
    fn list_or_go_on(
        &mut self,
        uids: (u32, u32),
        each: Each<'_>,
        list: impl FnOnce(&mut Bulk, Each<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let open = self.bulk.session().selected.clone();
        let (Some(name), Some(again)) = (open, &self.again) else { return list(&mut self.bulk, each) };
        let mut passed = Ranges::default();
        let mut lost = None;
        if !again.unlistable.has(&name) {
            let listed = list(&mut self.bulk, &mut |message| {
                passed.insert(message.uid.0);
                each(message)
            });
            match listed {
                Err(failure) if is_lost(&failure) => lost = Some(failure),
                result => return result,
            }
        }
        let habit = self.habit.clone();
        let reopen = || {
            let mut bulk = Bulk::new((again.reopen)()?);
            if let Some(habit) = &habit {
                bulk.sends_unasked(habit);
            }
            Ok(bulk)
        };
        let wanted = Wanted { name: &name, access: Access::Write, uids };
        let mut each = not_yet(&mut passed, each);
        let opened = patient::list(&mut self.bulk, &reopen, wanted, (&again.unlistable, lost), &mut each)?;
        if opened.validity == self.validity {
            return Ok(());
        }
        Err(self.bulk.session().protocol(Conduct::NewUidValidity))
    }

    /// From now on appends go to this mailbox, which was opened.
    fn opened(&mut self, name: &WireName, opened: Opened) -> Result<OpenTarget, Failure> {
        let above_last = match opened.uid_next {
            Some(uid) => uid,
            None => scan::above_last(&mut self.bulk)?,
        };
        self.appender.open(name.clone(), opened.validity, above_last);
        self.along = Along::opened(opened.validity, above_last);
        self.validity = opened.validity;
        self.appended = false;
        Ok(OpenTarget {
            validity: TargetValidity::Uids(opened.validity),
            uid_next: opened.uid_next,
            exists: opened.exists,
            keywords: opened.keywords,
        })
    }

    /// Waits for appends in flight and makes the server show them: Courier does so only after a NOOP.
    fn refresh(&mut self, always: bool) -> Result<(), Failure> {
        self.appender.drain(&mut self.bulk)?;
        if self.appended || always {
            self.bulk.noop()?;
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
        drain_for_another_mailbox(&mut self.appender, &mut self.bulk)?;
        let layout = &self.layout;
        let listing = self.bulk.control(|session| layout.listing(session))?;
        if listing.layout.delimiter != self.layout.delimiter {
            self.profile = profile::profile(&self.bulk.session().capabilities, listing.layout.delimiter);
        }
        self.layout = listing.layout;
        self.names.note(listing.folders.iter().map(|folder| &folder.wire));
        Ok(listing.folders)
    }

    fn create(&mut self, path: &FolderPath, special_use: Option<SpecialUse>) -> Result<WireName, Failure> {
        drain_for_another_mailbox(&mut self.appender, &mut self.bulk)?;
        let (layout, names) = (&self.layout, &self.names);
        let made = self.bulk.control(|session| create::create(session, layout, names, path, special_use))?;
        self.names.note(std::iter::once(&made));
        Ok(made)
    }

    fn path_of(&self, name: &WireName) -> Option<FolderPath> {
        // A server that answers ENABLE and keeps names in modified UTF-7 is read otherwise by its next connection.
        let utf8 = self.bulk.session().utf8;
        let is_clear = !utf8 || mutf7::decode(&name.0).is_none_or(|text| text.as_bytes() == name.0);
        self.layout.path_of(&name.0, utf8).filter(|_| is_clear)
    }

    fn unlistable(&self) -> Vec<TargetId> {
        let (Some(again), Some(open)) = (&self.again, self.bulk.session().selected.as_ref()) else {
            return Vec::new();
        };
        let uids = again.unlistable.of(open, self.validity);
        uids.into_iter().map(|uid| TargetId::Uid(Uid(uid))).collect()
    }

    fn subscribe(&mut self, name: &WireName) -> Result<(), Failure> {
        drain_for_another_mailbox(&mut self.appender, &mut self.bulk)?;
        self.bulk.control(|session| create::subscribe(session, name))
    }

    fn open(&mut self, name: &WireName) -> Result<OpenTarget, Failure> {
        drain_for_another_mailbox(&mut self.appender, &mut self.bulk)?;
        let opened = select::open(&mut self.bulk, name, Access::Write)?;
        self.opened(name, opened)
    }

    fn statuses(&mut self, names: &[&WireName]) -> Result<Vec<Option<FolderStatus>>, Failure> {
        drain_for_another_mailbox(&mut self.appender, &mut self.bulk)?;
        self.bulk.control(|session| statuses::statuses(session, names, false))
    }

    fn room(&mut self) -> Result<Room, Failure> {
        drain_for_another_mailbox(&mut self.appender, &mut self.bulk)?;
        self.bulk.control(quota::room)
    }

    fn prepare(&mut self, folder: &FolderRequest<'_>) -> Result<ReadyTarget, Failure> {
        drain_for_another_mailbox(&mut self.appender, &mut self.bulk)?;
        let layout = &self.layout;
        let prepared = self.bulk.control(|session| prepare::together(session, layout, folder))?;
        let Some(Prepared { wire, opened, not_subscribed }) = prepared else {
            return prepare_step_by_step(self, folder);
        };
        self.bulk.exists = opened.exists;
        self.bulk.moved = false;
        let open = self.opened(&wire, opened)?;
        self.names.note(std::iter::once(&wire));
        Ok(ReadyTarget { wire, open, not_subscribed })
    }

    fn list(&mut self, ids: &[TargetId], each: &mut dyn FnMut(TargetMessage)) -> Result<(), Failure> {
        let uids = uids_of(ids)?;
        if let Some(listed) = self.along.take(&uids) {
            listed.into_iter().for_each(|message| each(target_message(message)));
            return Ok(());
        }
        self.appender.drain(&mut self.bulk)?;
        self.appended = false;
        let Some(ends) = ends(&uids) else { return Ok(()) };
        let wanted: BTreeSet<Uid> = uids.iter().copied().collect();
        let mut each = |message: MessageMeta| {
            if wanted.contains(&message.uid) {
                each(target_message(message));
            }
            ControlFlow::Continue(())
        };
        self.list_or_go_on(ends, &mut each, |bulk, each| scan::listed(bulk, &uids, each))
    }

    fn inventory(&mut self, from: Uid, each: &mut dyn FnMut(TargetMessage)) -> Result<(), Failure> {
        // From a UID on, the scan itself asks for news.
        self.refresh(from <= Uid(1))?;
        let mut each = |message| {
            each(target_message(message));
            ControlFlow::Continue(())
        };
        let uids = (from.0.max(1), u32::MAX);
        self.list_or_go_on(uids, &mut each, |bulk, each| scan::scan(bulk, Span::From(from), each))
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
        flag_stores::run(&mut self.bulk, alike)
    }

    fn remove(&mut self, ids: &[TargetId]) -> Result<Removal, Failure> {
        self.along.forget();
        self.refresh(true)?;
        expunge::remove(&mut self.bulk, &uids_of(ids)?, self.expunges_by_uid)
    }

    fn flags(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, Flags)) -> Result<(), Failure> {
        let uids = uids_of(ids)?;
        let Some(ends) = ends(&uids) else { return Ok(()) };
        self.refresh(false)?;
        let wanted: BTreeSet<Uid> = uids.iter().copied().collect();
        let mut each = |message: MessageMeta| {
            if wanted.contains(&message.uid) {
                each(&TargetId::Uid(message.uid), message.flags);
            }
            ControlFlow::Continue(())
        };
        self.list_or_go_on(ends, &mut each, |bulk, each| {
            scan::flags(bulk, &uids, &mut |uid, flags| {
                let _ = each(scan::of_flags(uid, flags));
            })
        })
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

/// A removed mailbox does not matter to another one.
fn drain_for_another_mailbox(appender: &mut Appender, bulk: &mut Bulk) -> Result<(), Failure> {
    match appender.drain(bulk) {
        Err(failure) if failure.scope == Scope::Mailbox => bulk.usable(),
        result => result,
    }
}

/// Passes on bodies as `read` promises: chunks, then an empty one.
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

/// The lowest and the highest.
fn ends(uids: &[Uid]) -> Option<(u32, u32)> {
    Some((uids.iter().min()?.0, uids.iter().max()?.0))
}

fn uids_of(ids: &[TargetId]) -> Result<Vec<Uid>, Failure> {
    ids.iter().map(uid_of).collect()
}

fn uid_of(id: &TargetId) -> Result<Uid, Failure> {
    if let TargetId::Uid(uid) = id {
        return Ok(*uid);
    }
    Err(Failure::new(Scope::Mailbox, FailureKind::State, Disk::LedgerOfMaildir))
}
