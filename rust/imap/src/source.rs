//! A user's mail on an IMAP server, read and never changed: EXAMINE, BODY.PEEK.

use crate::bulk::{Bulk, is_lost};
use crate::fetch;
use crate::folders::Layout;
use crate::folders::in_parts;
use crate::scan::patient::{self, Unlistable, Wanted};
use crate::scan::{self, Span};
use crate::select::{self, Access, Opened};
use crate::session::Session;
use crate::statuses;
use crate::wire::sets::Ranges;
use imapmig_core::failure::{Failure, FailureKind};
use imapmig_core::folder::{Folder, FolderStatus, WireName};
use imapmig_core::message::{MessageMeta, Uid};
use imapmig_core::ports::source::{BodySink, OpenSource, PassedOver, Scan, SourceSession};
use std::ops::ControlFlow;
use std::sync::Arc;

/// One connection to one user's mail.
#[derive(Debug)]
pub struct ImapSource {
    bulk: Bulk,
    layout: Layout,
    passed_over: PassedOver,
    again: Option<Again>,
    /// Whether all bodies of the next folder will be wanted.
    expects_bodies: bool,
}

/// How a session continues after its connection ended.
pub(crate) struct Again {
    /// Opens another connection.
    pub(crate) reopen: Box<dyn Fn() -> Result<Session, Failure> + Send>,
    /// Messages that the account's connections could not list.
    pub(crate) unlistable: Arc<Unlistable>,
}

impl std::fmt::Debug for Again {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Again").field("unlistable", &self.unlistable).finish_non_exhaustive()
    }
}

impl ImapSource {
    /// Reads through this session, which is signed in; the folders are those of `layout`.
    #[must_use]
    pub fn new(session: Session, layout: Layout) -> Self {
        Self {
            bulk: Bulk::new(session),
            layout,
            passed_over: PassedOver::default(),
            again: None,
            expects_bodies: false,
        }
    }

    /// The same session, able to open another connection when one ends during a listing.
    pub(crate) fn going_on(self, again: Again) -> Self {
        Self { again: Some(again), ..self }
    }

    /// Lists the whole mailbox in parts, after the connection was lost or because it will be.
    fn list_patiently(
        &mut self,
        name: &WireName,
        lost: Option<Failure>,
        each: &mut dyn FnMut(MessageMeta) -> ControlFlow<()>,
    ) -> Result<Opened, Failure> {
        let Some(again) = &self.again else {
            return lost.map_or_else(|| select::open(&mut self.bulk, name, Access::Read), Err);
        };
        let reopen = || (again.reopen)().map(Bulk::new);
        patient::list(&mut self.bulk, &reopen, Wanted::whole(name), (&again.unlistable, lost), each)
    }

    /// Returns `true` if connections end over a message of this mailbox.
    fn is_unlistable(&self, name: &WireName) -> bool {
        self.again.as_ref().is_some_and(|again| again.unlistable.has(name))
    }

    /// Returns `true` if another connection may continue after such an end.
    fn may_go_on(&self, failure: &Failure) -> bool {
        self.again.is_some() && is_lost(failure)
    }
}

impl SourceSession for ImapSource {
    fn folders(&mut self) -> Result<Vec<Folder>, Failure> {
        let layout = &self.layout;
        let listing = match (self.bulk.control(|session| layout.whole_listing(session)), &self.again) {
            // An endless listing is not the folder's fault.
            (Err(lost), Some(again)) if is_lost(&lost) && lost.kind != FailureKind::Broken => {
                let reopen = || (again.reopen)().map(Bulk::new);
                in_parts::listing(layout, &mut self.bulk, &reopen, &lost)?
            }
            (result, _) => result?,
        };
        self.passed_over = listing.passed_over;
        Ok(listing.folders)
    }

    fn passed_over(&self) -> PassedOver {
        self.passed_over.clone()
    }

    fn open(&mut self, name: &WireName) -> Result<OpenSource, Failure> {
        select::open(&mut self.bulk, name, Access::Read).map(open_source)
    }

    fn statuses(&mut self, names: &[&WireName]) -> Result<Vec<Option<FolderStatus>>, Failure> {
        self.bulk.control(|session| statuses::statuses(session, names, true))
    }

    fn expect_bodies(&mut self) {
        self.expects_bodies = true;
    }

    fn open_and_scan(
        &mut self,
        name: &WireName,
        scan: Scan,
        each: &mut dyn FnMut(MessageMeta) -> ControlFlow<()>,
    ) -> Result<OpenSource, Failure> {
        let pipelining = Arc::clone(&self.bulk.session().pipelining);
        let bodies = std::mem::take(&mut self.expects_bodies) && pipelining.allows_early_bodies();
        if self.is_unlistable(name) {
            return self.list_patiently(name, None, each).map(open_source);
        }
        let mut passed = Ranges::default();
        let opened = scan::open_and_scan(&mut self.bulk, name, span_of(scan), bodies, &mut |message| {
            passed.insert(message.uid.0);
            each(message)
        });
        match opened {
            // The listing may not be to blame.
            Err(lost) if bodies && is_lost(&lost) => {
                pipelining.give_up_early_bodies();
                Err(lost)
            }
            // The caller deals with mailboxes whose opening ends the connection.
            Err(lost) if self.may_go_on(&lost) && self.bulk.session().selected.as_ref() == Some(name) => {
                self.list_patiently(name, Some(lost), &mut not_yet(&mut passed, each)).map(open_source)
            }
            result => result.map(open_source),
        }
    }

    fn scan(
        &mut self,
        scan: Scan,
        each: &mut dyn FnMut(MessageMeta) -> ControlFlow<()>,
    ) -> Result<(), Failure> {
        let open = self.bulk.session().selected.clone();
        let Some(name) = open.filter(|_| scan == Scan::All) else {
            return scan::scan(&mut self.bulk, span_of(scan), each);
        };
        if self.is_unlistable(&name) {
            return self.list_patiently(&name, None, each).map(drop);
        }
        let mut passed = Ranges::default();
        let scanned = scan::scan(&mut self.bulk, Span::All, &mut |message| {
            passed.insert(message.uid.0);
            each(message)
        });
        match scanned {
            Err(lost) if self.may_go_on(&lost) => {
                self.list_patiently(&name, Some(lost), &mut not_yet(&mut passed, each)).map(drop)
            }
            result => result,
        }
    }

    fn has_unlistable(&self) -> bool {
        self.bulk.session().selected.as_ref().is_some_and(|name| self.is_unlistable(name))
    }

    fn ends(&mut self, count: u32, each: &mut dyn FnMut(MessageMeta)) -> Result<(), Failure> {
        scan::scan(&mut self.bulk, Span::Ends(count), &mut |message| {
            each(message);
            ControlFlow::Continue(())
        })
    }

    fn fetch(&mut self, uids: &[Uid], sink: &mut dyn BodySink) -> Result<(), Failure> {
        fetch::bodies(&mut self.bulk, uids, sink)
    }

    fn fetch_windows(
        &mut self,
        next: &mut dyn FnMut(bool) -> Option<Vec<Uid>>,
        sink: &mut dyn BodySink,
    ) -> Result<(), Failure> {
        fetch::windows(&mut self.bulk, next, sink)
    }

    fn headers(&mut self, uids: &[Uid], each: &mut dyn FnMut(Uid, &[u8])) -> Result<(), Failure> {
        fetch::headers(&mut self.bulk, uids, each)
    }

    fn account(&self) -> &str {
        &self.bulk.session().account
    }
}

/// Passes on those that were not passed on before. Only after a connection ended: two messages with one UID are both passed on.
pub(crate) fn not_yet(
    passed: &mut Ranges,
    each: &mut dyn FnMut(MessageMeta) -> ControlFlow<()>,
) -> impl FnMut(MessageMeta) -> ControlFlow<()> {
    |message| if passed.insert(message.uid.0) { each(message) } else { ControlFlow::Continue(()) }
}

fn span_of(scan: Scan) -> Span {
    match scan {
        Scan::All => Span::All,
        Scan::ChangedSince(modseq) => Span::ChangedSince(modseq),
    }
}

fn open_source(opened: Opened) -> OpenSource {
    OpenSource {
        validity: opened.validity,
        exists: opened.exists,
        uid_next: opened.uid_next,
        highest_modseq: opened.highest_modseq,
        id: opened.id,
    }
}
