//! A Maildir as a source: read as an IMAP server would show it, and never written to.

mod body;
mod files;
#[cfg(all(test, unix))]
mod odd_file_tests;
#[cfg(test)]
mod tests;
mod uids;

use crate::directory::Directory;
use crate::subscriptions::Subscriptions;
use crate::tree::Layout;
use crate::{disk, folder_name, mailbox_path, tree};
use body::Body;
use files::Files;
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Disk, Doing, Failure, FailureKind, Retry, Scope};
use imapmig_core::folder::{Folder, FolderPath, WireName};
use imapmig_core::message::{MessageMeta, Uid};
use imapmig_core::ports::source::{BodyHead, BodySink, OpenSource, Scan, SourceConnector, SourceSession};
use std::io;
use std::ops::ControlFlow;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// How many messages are read between two checks for cancellation.
const PAGE: usize = 256;

#[derive(Clone, Debug)]
struct MaildirSources {
    root: PathBuf,
    /// Below the root.
    candidates: Vec<PathBuf>,
    user_root: Option<FolderPath>,
    index: PathBuf,
}

/// Returns a connector to the Maildir of `user` below `root`: `<user>/Maildir`, or the folder `<user>` itself. `user` is an address or a
/// relative path; no part of it may be a link, because users could have created it. `user_root` is a folder, written with `/`: it becomes
/// the INBOX, and only the folders below it are listed. `index_dir` is where the UIDs are kept.
///
/// # Errors
/// Scope `User`: the name leads out of `root`.
pub fn source_connector(
    root: &Path,
    user: &str,
    user_root: Option<&str>,
    index_dir: &Path,
) -> Result<Arc<dyn SourceConnector>, Failure> {
    let plain = Path::new(user).components().all(|c| matches!(c, Component::Normal(_)));
    let mut candidates = Vec::new();
    if plain && !user.is_empty() && !user.contains('\0') {
        candidates.push(Path::new(user).join("Maildir"));
        candidates.push(user.into());
    }
    candidates.push(mailbox_path(Path::new(""), user)?);
    let segments: Vec<_> = user_root.unwrap_or_default().split('/').filter(|s| !s.is_empty()).collect();
    let user_root = (!segments.is_empty()).then(|| FolderPath::new(segments));
    Ok(Arc::new(MaildirSources { root: root.to_owned(), candidates, user_root, index: index_dir.to_owned() }))
}

impl SourceConnector for MaildirSources {
    fn connect(&self, cancel: &Cancel) -> Result<Box<dyn SourceSession>, Failure> {
        let tree = self.open()?;
        let maildir = tree.path().to_owned();
        let below = self.user_root.as_ref().map(|root| format!(" {root}")).unwrap_or_default();
        let session = MaildirSource {
            account: format!("maildir:{}{below}", maildir.display()),
            tree,
            maildir,
            user_root: self.user_root.clone(),
            index: self.index.clone(),
            cancel: cancel.clone(),
            open: None,
        };
        session.check_user_root()?;
        Ok(Box::new(session))
    }
}

impl MaildirSources {
    /// Opens the first place that is a Maildir.
    fn open(&self) -> Result<Directory, Failure> {
        let fail = |path: &Path, error: &io::Error| disk::failure(Scope::User, Doing::Opening, path, error);
        // The root is the administrator's, and may be reached by links; what lies below is the users'.
        let root = std::fs::canonicalize(&self.root).and_then(|root| Directory::at(&root));
        let root = match root {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            result => Some(result.map_err(|e| fail(&self.root, &e))?),
        };
        for candidate in &self.candidates {
            let place = self.root.join(candidate);
            let Some(root) = root.as_ref().filter(|_| place.join("cur").is_dir()) else { continue };
            return root.below(candidate).map_err(|e| fail(&place, &e));
        }
        let places = self.candidates.iter().map(|place| self.root.join(place)).collect();
        Err(Failure::new(Scope::User, FailureKind::NotFound, Disk::NoMaildir(places)))
    }
}

/// A session to one user's Maildir.
#[derive(Debug)]
pub struct MaildirSource {
    tree: Directory,
    /// Where the tree was opened.
    maildir: PathBuf,
    account: String,
    user_root: Option<FolderPath>,
    index: PathBuf,
    cancel: Cancel,
    open: Option<Files>,
}

impl MaildirSource {
    fn check_user_root(&self) -> Result<(), Failure> {
        let Some(root) = &self.user_root else { return Ok(()) };
        if self.listed()?.iter().any(|f| below(root, &f.path).is_some()) {
            return Ok(());
        }
        let case = Disk::NoUserRoot { user_root: root.to_string(), maildir: self.maildir.clone() };
        Err(Failure::new(Scope::User, FailureKind::NotFound, case))
    }

    fn listed(&self) -> Result<Vec<Folder>, Failure> {
        tree::folders(&self.maildir, Layout::Any, &Subscriptions::inside(&self.tree))
    }

    fn check(&self) -> Result<(), Failure> {
        if self.cancel.is_cancelled() { Err(Failure::cancelled()) } else { Ok(()) }
    }

    fn files(&mut self) -> Result<&mut Files, Failure> {
        self.open.as_mut().ok_or_else(|| Failure::new(Scope::User, FailureKind::Local, Disk::NoSourceOpen))
    }

    /// The message's body; `None` when it is gone or may not be read.
    fn body(&mut self, uid: Uid) -> Result<Option<Body>, Failure> {
        self.check()?;
        let files = self.files()?;
        let Some(file) = files.file(uid)? else { return Ok(None) };
        Body::new(file).map(Some).map_err(|e| files.failure(&e))
    }
}

impl SourceSession for MaildirSource {
    fn folders(&mut self) -> Result<Vec<Folder>, Failure> {
        let mut folders = self.listed()?;
        if let Some(root) = &self.user_root {
            folders.retain_mut(|folder| below(root, &folder.path).map(|path| folder.path = path).is_some());
        }
        Ok(folders)
    }

    fn open(&mut self, name: &WireName) -> Result<OpenSource, Failure> {
        self.open = None;
        let directory = folder_name::directory(&self.maildir, name)?;
        let place = blake3::hash(&[directory.as_os_str().as_encoded_bytes(), b"\0"].concat()).to_hex();
        let index = self.index.join(format!("{}.uids", &place[..32]));
        let relative = directory.strip_prefix(&self.maildir).unwrap_or(Path::new(""));
        let folder = self
            .tree
            .below(relative)
            .map_err(|e| disk::failure(Scope::Mailbox, Doing::Opening, &directory, &e))?;
        let (files, open) = Files::open(folder, &index)?;
        self.open = Some(files);
        Ok(open)
    }

    fn scan(&mut self, _: Scan, each: &mut dyn FnMut(MessageMeta) -> ControlFlow<()>) -> Result<(), Failure> {
        let uids = self.files()?.uids();
        for page in uids.chunks(PAGE) {
            self.check()?;
            for uid in page {
                if let Some(meta) = self.files()?.meta(*uid)?
                    && each(meta).is_break()
                {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn ends(&mut self, count: u32, each: &mut dyn FnMut(MessageMeta)) -> Result<(), Failure> {
        let uids = self.files()?.uids();
        let count = count as usize;
        for (at, uid) in uids.iter().enumerate() {
            if (at < count || at + count >= uids.len())
                && let Some(meta) = self.files()?.meta(*uid)?
            {
                each(meta);
            }
        }
        Ok(())
    }

    fn fetch(&mut self, uids: &[Uid], sink: &mut dyn BodySink) -> Result<(), Failure> {
        for uid in uids {
            let Some(mut body) = self.body(*uid)? else { continue };
            let fail =
                |e: &io::Error| self.open.as_ref().map_or_else(Failure::cancelled, |files| files.failure(e));
            let size = body.size().map_err(|e| fail(&e))?;
            if sink.begin(BodyHead { uid: *uid, size }).is_break() {
                return Ok(());
            }
            let (given, flow) = body.stream(&mut |bytes| sink.chunk(bytes)).map_err(|e| fail(&e))?;
            if flow.is_break() {
                return Ok(());
            }
            if given != size {
                let changed = Disk::ChangedWhileRead(self.maildir.clone());
                let failure = Failure::new(Scope::Mailbox, FailureKind::Local, changed);
                return Err(failure.retry(Retry::Reconnect));
            }
            if sink.end().is_break() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn headers(&mut self, uids: &[Uid], each: &mut dyn FnMut(Uid, &[u8])) -> Result<(), Failure> {
        for uid in uids {
            if let Some(body) = self.body(*uid)? {
                let header = body.header();
                each(
                    *uid,
                    &header
                        .map_err(|e| self.open.as_ref().map_or_else(Failure::cancelled, |f| f.failure(&e)))?,
                );
            }
        }
        Ok(())
    }

    fn account(&self) -> &str {
        &self.account
    }
}

/// Returns the path below the UserRoot, which itself becomes the INBOX; `None` if the path lies elsewhere.
fn below(root: &FolderPath, path: &FolderPath) -> Option<FolderPath> {
    match path.segments().strip_prefix(root.segments())? {
        [] => Some(FolderPath::inbox()),
        rest => {
            let path = FolderPath::new(rest.iter().cloned());
            Some(if path.is_inbox() { path.child("INBOX") } else { path })
        }
    }
}
