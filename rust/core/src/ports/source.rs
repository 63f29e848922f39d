//! Where mail is read from: one signed-in connection to one user's mail. Never changes anything there.

use crate::cancel::Cancel;
use crate::failure::Failure;
use crate::folder::{Folder, FolderStatus, WireName};
use crate::message::{MessageMeta, ModSeq, Uid, UidValidity};
use std::ops::ControlFlow;

/// Opens connections to one user's mail; lanes and retries ask again.
pub trait SourceConnector: Send + Sync {
    /// Connects, signs in and finds the UserRoot.
    ///
    /// # Errors
    /// Scope `User` or `Batch`.
    fn connect(&self, cancel: &Cancel) -> Result<Box<dyn SourceSession>, Failure>;
}

/// A mailbox that was opened for reading (EXAMINE).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSource {
    /// Its UIDVALIDITY.
    pub validity: UidValidity,
    /// How many messages it holds.
    pub exists: u32,
    /// The next UID; from STATUS where SELECT does not return it.
    pub uid_next: Option<Uid>,
    /// Its HIGHESTMODSEQ where the server has CONDSTORE.
    pub highest_modseq: Option<ModSeq>,
    /// The identifier that no other folder has at the same time (MAILBOXID, RFC 8474), where the server sends one.
    pub id: Option<String>,
}

/// Which messages a scan lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// All.
    All,
    /// Those that changed since (CONDSTORE), new ones among them.
    ChangedSince(ModSeq),
}

/// A body as it begins to arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyHead {
    /// Whose body.
    pub uid: Uid,
    /// How many bytes follow, exactly; RFC822.SIZE may have said something else.
    pub size: u64,
}

/// Takes bodies as they arrive.
pub trait BodySink {
    /// A body begins. `Break` ends the fetch; the session is then closed.
    fn begin(&mut self, head: BodyHead) -> ControlFlow<()>;
    /// Its next bytes.
    fn chunk(&mut self, bytes: &[u8]) -> ControlFlow<()>;
    /// Its last byte has been given.
    fn end(&mut self) -> ControlFlow<()>;
}

/// What a listing showed beside the folders that are migrated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassedOver {
    /// Lines that cannot be read and names that name nothing, fit for a message. Mail may be behind them.
    pub unreadable: Vec<String>,
    /// Folders of other users and public ones, which are left out by rule.
    pub foreign: Vec<String>,
}

/// One connection to one user's mail.
pub trait SourceSession: Send {
    /// All folders below the UserRoot, parents that cannot be selected included.
    ///
    /// # Errors
    /// Scope `User`.
    fn folders(&mut self) -> Result<Vec<Folder>, Failure>;

    /// Returns what the last call of `folders` passed over.
    fn passed_over(&self) -> PassedOver {
        PassedOver::default()
    }

    /// Opens a folder for reading; it stays open until the next one is.
    ///
    /// # Errors
    /// Scope `Mailbox`, or `User` when the connection is gone.
    fn open(&mut self, name: &WireName) -> Result<OpenSource, Failure>;

    /// Returns what the server reports about each of these folders without opening it, in their order; `None` where it
    /// reports nothing usable.
    ///
    /// # Errors
    /// Scope `User`.
    fn statuses(&mut self, names: &[&WireName]) -> Result<Vec<Option<FolderStatus>>, Failure> {
        Ok(vec![None; names.len()])
    }

    /// Says that all bodies of the folder that [`Self::open_and_scan`] opens next will most likely be fetched next, so that they may be
    /// asked for together with the listing.
    fn expect_bodies(&mut self) {}

    /// Opens a folder and scans it, in one round trip where the server allows that. The messages arrive before the caller
    /// knows the folder's UIDVALIDITY.
    ///
    /// # Errors
    /// As [`Self::open`] and [`Self::scan`].
    fn open_and_scan(
        &mut self,
        name: &WireName,
        scan: Scan,
        each: &mut dyn FnMut(MessageMeta) -> ControlFlow<()>,
    ) -> Result<OpenSource, Failure> {
        let open = self.open(name)?;
        if open.exists > 0 {
            self.scan(scan, each)?;
        }
        Ok(open)
    }

    /// Lists the open folder's messages one by one, as they arrive, in no particular order; a UID may come twice.
    ///
    /// # Errors
    /// Scope `Mailbox` or `User`.
    fn scan(
        &mut self,
        scan: Scan,
        each: &mut dyn FnMut(MessageMeta) -> ControlFlow<()>,
    ) -> Result<(), Failure>;

    /// Returns `true` if the open folder has messages that no listing describes, because the connection ends over them.
    fn has_unlistable(&self) -> bool {
        false
    }

    /// Lists the first and the last messages of the open folder, at most `count` of each, in no particular order.
    ///
    /// # Errors
    /// Scope `Mailbox` or `User`.
    fn ends(&mut self, count: u32, each: &mut dyn FnMut(MessageMeta)) -> Result<(), Failure>;

    /// Streams bodies, several requests in flight, in the order given where the server keeps it. Messages that vanished
    /// are left out without an error; a body that the server refuses alone (NO) is left out too.
    ///
    /// # Errors
    /// Scope `Mailbox` or `User`; after an error in the middle of a body, `end` was not called for it.
    fn fetch(&mut self, uids: &[Uid], sink: &mut dyn BodySink) -> Result<(), Failure>;

    /// Streams bodies as [`Self::fetch`] does, window after window, without a pause between them where the server allows that.
    /// `next` is called for the next window early; with `false` while earlier ones still arrive, and it may then return an
    /// empty window to be asked again later. `None` ends the stream.
    ///
    /// # Errors
    /// As [`Self::fetch`].
    fn fetch_windows(
        &mut self,
        next: &mut dyn FnMut(bool) -> Option<Vec<Uid>>,
        sink: &mut dyn BodySink,
    ) -> Result<(), Failure> {
        while let Some(uids) = next(true) {
            self.fetch(&uids, sink)?;
        }
        Ok(())
    }

    /// The header of each of these messages, up to the blank line.
    ///
    /// # Errors
    /// Scope `Mailbox` or `User`.
    fn headers(&mut self, uids: &[Uid], each: &mut dyn FnMut(Uid, &[u8])) -> Result<(), Failure>;

    /// What this server adds to an account's identity: host, port, login and UserRoot in one line, for derived names.
    fn account(&self) -> &str;
}
