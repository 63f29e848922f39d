//! A lane: one connection to each side, both of which know the folder that they have open.
//!
//! Opening a folder is recorded where it happens, so a step that needs a folder asks for it by name ([`Lane::enter`]) and can
//! never work in another one.

use crate::messages::engine_failures;
use crate::sync::both::both;
use crate::sync::decide::sided_failure::{Side, SidedFailure};
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::sides::Sides;
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Failure, Side as End};
use imapmig_core::folder::{Folder, FolderPath, FolderStatus, SpecialUse, WireName};
use imapmig_core::message::{Flags, MessageMeta, TargetValidity, Uid, UidValidity};
use imapmig_core::ports::source::{BodySink, OpenSource, PassedOver, Scan, SourceConnector, SourceSession};
use imapmig_core::ports::target::{
    AppendHead, AppendKey, AppendOutcome, FolderRequest, OpenTarget, ReadyTarget, Removal, TargetConnector,
    TargetMessage, TargetProfile, TargetSession,
};
use imapmig_core::user::TargetId;
use std::ops::ControlFlow;
use std::sync::Arc;

/// A folder on both sides, as a lane enters it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FolderPair {
    /// Its name at the source.
    pub(crate) source: WireName,
    /// The UIDVALIDITY that the ledger's source UIDs belong to.
    pub(crate) source_validity: UidValidity,
    /// Its name at the target.
    pub(crate) target: WireName,
    /// How the ledger identifies the target's messages.
    pub(crate) target_validity: TargetValidity,
}

/// A connection to each side.
pub(crate) struct Lane {
    pub(crate) source: LaneSource,
    pub(crate) target: LaneTarget,
    /// Whether a message was stored on it: if it ends later, the message under way then may not be to blame.
    pub(crate) brought: bool,
}

/// What a lane is opened with, for a thread that may outlive the sync.
#[derive(Clone)]
pub(crate) struct Connectors {
    source: Arc<dyn SourceConnector>,
    target: Arc<dyn TargetConnector>,
    cancel: Cancel,
}

impl Connectors {
    pub(crate) fn of(sides: &Sides) -> Self {
        Self::under(sides, &sides.cancel)
    }

    /// The same, for work that `cancel` stops.
    pub(crate) fn under(sides: &Sides, cancel: &Cancel) -> Self {
        let (source, target) = (Arc::clone(&sides.source), Arc::clone(&sides.target));
        Self { source, target, cancel: cancel.clone() }
    }

    /// Connects to both sides at the same time.
    pub(crate) fn connect(&self) -> SyncResult<(Box<dyn SourceSession>, Box<dyn TargetSession>)> {
        let (source, target) =
            both(|| self.source.connect(&self.cancel), || self.target.connect(&self.cancel));
        Ok((source.at_source()?, target.at_target()?))
    }
}

impl Lane {
    /// Opens a lane.
    pub(crate) fn connect(sides: &Sides) -> SyncResult<Self> {
        Self::open(&Connectors::of(sides))
    }

    /// Opens a lane on a thread that may outlive the sync.
    pub(crate) fn open(connectors: &Connectors) -> SyncResult<Self> {
        let (source, target) = connectors.connect()?;
        Ok(Self {
            source: LaneSource { session: source, open: None },
            target: LaneTarget { session: target, open: None },
            brought: false,
        })
    }

    /// Opens the folder on both sides, unless it is open already. Fails if either folder was replaced by another one.
    pub(crate) fn enter(&mut self, folder: &FolderPair) -> SyncResult {
        if self.source.open.as_ref() != Some(&folder.source) {
            let open = self.source.open(&folder.source).at_source()?;
            if open.validity != folder.source_validity {
                return Err(replaced(Side::Source));
            }
        }
        if self.target.open.as_ref() != Some(&folder.target) {
            self.enter_target(folder)?;
        }
        Ok(())
    }

    /// Reopens the target folder, for what it holds now. Fails if it was replaced by another one.
    pub(crate) fn enter_target(&mut self, folder: &FolderPair) -> SyncResult<OpenTarget> {
        let open = self.target.open(&folder.target).at_target()?;
        if open.validity == folder.target_validity {
            return Ok(open);
        }
        self.target.open = None;
        Err(replaced(Side::Target))
    }
}

fn replaced(side: Side) -> SidedFailure {
    let failure = match side {
        Side::Source => engine_failures::folder_replaced(End::Source),
        Side::Target | Side::Own => engine_failures::folder_replaced(End::Target),
    };
    SidedFailure { side, failure }
}

/// A source session that knows its open folder.
pub(crate) struct LaneSource {
    session: Box<dyn SourceSession>,
    open: Option<WireName>,
}

impl LaneSource {
    fn opened<T>(&mut self, name: &WireName, result: Result<T, Failure>) -> Result<T, Failure> {
        self.open = result.is_ok().then(|| name.clone());
        result
    }
}

impl SourceSession for LaneSource {
    fn passed_over(&self) -> PassedOver {
        self.session.passed_over()
    }

    fn folders(&mut self) -> Result<Vec<Folder>, Failure> {
        self.session.folders()
    }

    fn statuses(&mut self, names: &[&WireName]) -> Result<Vec<Option<FolderStatus>>, Failure> {
        self.session.statuses(names)
    }

    fn open(&mut self, name: &WireName) -> Result<OpenSource, Failure> {
        self.open = None;
        let result = self.session.open(name);
        self.opened(name, result)
    }

    fn expect_bodies(&mut self) {
        self.session.expect_bodies();
    }

    fn open_and_scan(
        &mut self,
        name: &WireName,
        scan: Scan,
        each: &mut dyn FnMut(MessageMeta) -> ControlFlow<()>,
    ) -> Result<OpenSource, Failure> {
        self.open = None;
        let result = self.session.open_and_scan(name, scan, each);
        self.opened(name, result)
    }

    fn scan(
        &mut self,
        scan: Scan,
        each: &mut dyn FnMut(MessageMeta) -> ControlFlow<()>,
    ) -> Result<(), Failure> {
        self.session.scan(scan, each)
    }

    fn has_unlistable(&self) -> bool {
        self.session.has_unlistable()
    }

    fn ends(&mut self, count: u32, each: &mut dyn FnMut(MessageMeta)) -> Result<(), Failure> {
        self.session.ends(count, each)
    }

    fn fetch(&mut self, uids: &[Uid], sink: &mut dyn BodySink) -> Result<(), Failure> {
        self.session.fetch(uids, sink)
    }

    fn fetch_windows(
        &mut self,
        next: &mut dyn FnMut(bool) -> Option<Vec<Uid>>,
        sink: &mut dyn BodySink,
    ) -> Result<(), Failure> {
        self.session.fetch_windows(next, sink)
    }

    fn headers(&mut self, uids: &[Uid], each: &mut dyn FnMut(Uid, &[u8])) -> Result<(), Failure> {
        self.session.headers(uids, each)
    }

    fn account(&self) -> &str {
        self.session.account()
    }
}

/// A target session that knows its open folder.
pub(crate) struct LaneTarget {
    session: Box<dyn TargetSession>,
    open: Option<WireName>,
}

type Outcomes = Vec<(AppendKey, AppendOutcome)>;

impl TargetSession for LaneTarget {
    fn profile(&self) -> &TargetProfile {
        self.session.profile()
    }

    fn folders(&mut self) -> Result<Vec<Folder>, Failure> {
        self.session.folders()
    }

    fn statuses(&mut self, names: &[&WireName]) -> Result<Vec<Option<FolderStatus>>, Failure> {
        self.session.statuses(names)
    }

    fn create(&mut self, path: &FolderPath, special_use: Option<SpecialUse>) -> Result<WireName, Failure> {
        self.session.create(path, special_use)
    }

    fn path_of(&self, name: &WireName) -> Option<FolderPath> {
        self.session.path_of(name)
    }

    fn unlistable(&self) -> Vec<TargetId> {
        self.session.unlistable()
    }

    fn subscribe(&mut self, name: &WireName) -> Result<(), Failure> {
        self.session.subscribe(name)
    }

    fn open(&mut self, name: &WireName) -> Result<OpenTarget, Failure> {
        self.open = None;
        let open = self.session.open(name)?;
        self.open = Some(name.clone());
        Ok(open)
    }

    fn prepare(&mut self, folder: &FolderRequest<'_>) -> Result<ReadyTarget, Failure> {
        self.open = None;
        let ready = self.session.prepare(folder)?;
        self.open = Some(ready.wire.clone());
        Ok(ready)
    }

    fn inventory(&mut self, from: Uid, each: &mut dyn FnMut(TargetMessage)) -> Result<(), Failure> {
        self.session.inventory(from, each)
    }

    fn list(&mut self, ids: &[TargetId], each: &mut dyn FnMut(TargetMessage)) -> Result<(), Failure> {
        self.session.list(ids, each)
    }

    fn headers(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, &[u8])) -> Result<(), Failure> {
        self.session.headers(ids, each)
    }

    fn read(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, &[u8])) -> Result<(), Failure> {
        self.session.read(ids, each)
    }

    fn append_begin(&mut self, head: &AppendHead, outcomes: &mut Outcomes) -> Result<(), Failure> {
        self.session.append_begin(head, outcomes)
    }

    fn append_chunk(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.session.append_chunk(bytes)
    }

    fn append_end(&mut self, outcomes: &mut Outcomes) -> Result<(), Failure> {
        self.session.append_end(outcomes)
    }

    fn append_finish(&mut self, outcomes: &mut Outcomes) -> Result<(), Failure> {
        self.session.append_finish(outcomes)
    }

    fn append_finish_all(&mut self, outcomes: &mut Outcomes) -> Result<(), Failure> {
        self.session.append_finish_all(outcomes)
    }

    fn set_flags(&mut self, changes: &[(TargetId, Flags)]) -> Result<(), Failure> {
        self.session.set_flags(changes)
    }

    fn remove(&mut self, ids: &[TargetId]) -> Result<Removal, Failure> {
        self.session.remove(ids)
    }

    fn flags(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, Flags)) -> Result<(), Failure> {
        self.session.flags(ids, each)
    }
}
