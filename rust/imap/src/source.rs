//! A user's mail on an IMAP server, read and never changed: EXAMINE, BODY.PEEK.

use crate::bulk::Bulk;
use crate::fetch;
use crate::folders::Layout;
use crate::scan::{self, Span};
use crate::select::{self, Access, Opened};
use crate::session::Session;
use crate::statuses;
use imapmig_core::failure::Failure;
use imapmig_core::folder::{Folder, FolderStatus, WireName};
use imapmig_core::message::{MessageMeta, Uid};
use imapmig_core::ports::source::{BodySink, OpenSource, PassedOver, Scan, SourceSession};
use std::ops::ControlFlow;

/// One connection to one user's mail.
#[derive(Debug)]
pub struct ImapSource {
    bulk: Bulk,
    layout: Layout,
    passed_over: PassedOver,
}

impl ImapSource {
    /// Reads through this session, which is signed in; the folders are those of `layout`.
    #[must_use]
    pub fn new(session: Session, layout: Layout) -> Self {
        Self { bulk: Bulk::new(session), layout, passed_over: PassedOver::default() }
    }
}

impl SourceSession for ImapSource {
    fn folders(&mut self) -> Result<Vec<Folder>, Failure> {
        let layout = &self.layout;
        let listing = self.bulk.control(|session| layout.whole_listing(session))?;
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
        self.bulk.control(|session| statuses::statuses(session, names))
    }

    fn open_and_scan(
        &mut self,
        name: &WireName,
        scan: Scan,
        each: &mut dyn FnMut(MessageMeta) -> ControlFlow<()>,
    ) -> Result<OpenSource, Failure> {
        scan::open_and_scan(&mut self.bulk, name, span_of(scan), each).map(open_source)
    }

    fn scan(
        &mut self,
        scan: Scan,
        each: &mut dyn FnMut(MessageMeta) -> ControlFlow<()>,
    ) -> Result<(), Failure> {
        scan::scan(&mut self.bulk, span_of(scan), each)
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
