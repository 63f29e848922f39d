//! A Maildir++ as a target: the session that the engine writes through.

mod folder;
mod index;
mod links;
mod window;

#[cfg(test)]
mod append_tests;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod disk_tests;
#[cfg(test)]
mod tests;

use crate::subscriptions::Subscriptions;
use crate::tree::Layout;
use crate::{disk, filename, folder_name, header, mailbox_path, subscriptions, tree};
use folder::Folder;
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Disk, Doing, Failure, FailureKind, Misuse, Scope};
use imapmig_core::folder::{Folder as ListedFolder, FolderPath, SpecialUse, WireName};
use imapmig_core::message::{Flags, Keywords, TargetValidity, Uid};
use imapmig_core::ports::target::{
    AppendHead, AppendKey, AppendOutcome, OpenTarget, TargetConnector, TargetMessage, TargetProfile,
    TargetSession,
};
use imapmig_core::user::TargetId;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use window::{Window, Writing};

/// The longest directory name we make; a file system's limit is 255, Dovecot's index files beside it need some room.
const MAX_NAME_BYTES: usize = 240;
const MAX_DEPTH: usize = 100;
const CHUNK: usize = 64 << 10;
/// How many files are looked at between two looks at the cancel switch.
const PAGE: usize = 512;

/// Opens sessions to one user's Maildir.
#[derive(Clone, Debug)]
pub struct MaildirTargets {
    maildir: PathBuf,
}

/// A connector to the Maildir of this address below `root`. The Maildir is made when the first session opens it.
///
/// # Errors
/// Scope `User`: the address cannot name a directory.
pub fn target_connector(root: &Path, email_address: &str) -> Result<Arc<dyn TargetConnector>, Failure> {
    Ok(Arc::new(MaildirTargets { maildir: mailbox_path(root, email_address)? }))
}

impl TargetConnector for MaildirTargets {
    fn connect(&self, cancel: &Cancel) -> Result<Box<dyn TargetSession>, Failure> {
        // The root is the administrator's, and may be reached by links; what lies below may be the user's.
        self.maildir.parent().map_or(Ok(()), |above| links::check(above, Scope::User))?;
        folder::make(&self.maildir).map_err(|f| f.scope(Scope::User))?;
        // One spelling of the path, so that all sessions of this process share what they know of a folder.
        let maildir = fs::canonicalize(&self.maildir)
            .map_err(|e| disk::failure(Scope::User, Doing::Opening, &self.maildir, &e))?;
        let profile = TargetProfile {
            delimiter: Some('.'),
            case_insensitive: cfg!(any(windows, target_os = "macos")),
            reserved: Vec::new(),
            // Dovecot opens no name that begins with a tilde; a profile cannot say "at the beginning only".
            forbidden: folder_name::FORBIDDEN.iter().copied().chain(['~']).collect(),
            max_name_bytes: MAX_NAME_BYTES,
            max_depth: MAX_DEPTH,
            append_limit: None,
            trims_blanks: false,
            wide_characters: true,
            literal8: true,
            parallel: true,
        };
        Ok(Box::new(MaildirTarget { maildir, profile, cancel: cancel.clone(), open: None }))
    }
}

/// A session to one user's Maildir.
#[derive(Debug)]
pub struct MaildirTarget {
    maildir: PathBuf,
    profile: TargetProfile,
    cancel: Cancel,
    open: Option<OpenFolder>,
}

#[derive(Debug)]
struct OpenFolder {
    folder: Arc<Folder>,
    window: Window,
    writing: Option<Writing>,
}

impl MaildirTarget {
    fn open_folder(&mut self) -> Result<&mut OpenFolder, Failure> {
        self.open.as_mut().ok_or_else(|| misuse(Misuse::NoFolderOpen))
    }

    fn folder(&mut self) -> Result<Arc<Folder>, Failure> {
        Ok(Arc::clone(&self.open_folder()?.folder))
    }

    fn check(&self) -> Result<(), Failure> {
        if self.cancel.is_cancelled() { Err(Failure::cancelled()) } else { Ok(()) }
    }
}

impl TargetSession for MaildirTarget {
    fn profile(&self) -> &TargetProfile {
        &self.profile
    }

    fn folders(&mut self) -> Result<Vec<ListedFolder>, Failure> {
        tree::folders(&self.maildir, Layout::PlusPlus, &Subscriptions::read(&self.maildir)?)
    }

    fn create(&mut self, path: &FolderPath, _: Option<SpecialUse>) -> Result<WireName, Failure> {
        let wire = folder_name::wire_name(path)?;
        let directory = folder_name::directory(&self.maildir, &wire)?;
        folder::make(&directory)?;
        if directory != self.maildir {
            // What tells a Maildir++ folder from a Maildir of its own.
            let mark = directory.join("maildirfolder");
            match disk::new_file(&mark) {
                Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => {
                    return Err(disk::failure(Scope::Mailbox, Doing::Making, &mark, &e));
                }
                _ => {}
            }
        }
        Ok(wire)
    }

    fn subscribe(&mut self, name: &WireName) -> Result<(), Failure> {
        folder_name::directory(&self.maildir, name)?;
        subscriptions::add(&self.maildir, name)
    }

    fn open(&mut self, name: &WireName) -> Result<OpenTarget, Failure> {
        self.open = None;
        let folder = Folder::open(folder_name::directory(&self.maildir, name)?)?;
        let state = folder.state();
        let keywords = state.table().all_if_full().map_or(Keywords::Any, Keywords::Only);
        let exists = u32::try_from(state.index.len()).unwrap_or(u32::MAX);
        drop(state);
        self.open = Some(OpenFolder { folder, window: Window::default(), writing: None });
        Ok(OpenTarget { validity: TargetValidity::Names, uid_next: Some(Uid(1)), exists, keywords })
    }

    fn inventory(&mut self, _: Uid, each: &mut dyn FnMut(TargetMessage)) -> Result<(), Failure> {
        let folder = self.folder()?;
        let mut state = folder.fresh()?;
        let table = state.table().clone();
        let mut after: Option<Box<str>> = None;
        loop {
            self.check()?;
            let page = state.index.page(after.as_deref(), PAGE);
            drop(state);
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(last.clone());
            for (name, place) in &page {
                let id = TargetId::File(filename::base(name).to_owned());
                let path = place.path(folder.directory(), &**name);
                let metadata = match fs::metadata(&path) {
                    Ok(metadata) => Some(metadata),
                    // Another program gave it other flags meanwhile.
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                        folder.file(&id)?.and_then(|f| f.metadata().ok())
                    }
                    Err(e) => return Err(disk::failure(Scope::Mailbox, Doing::Reading, &path, &e)),
                };
                if let Some(metadata) = metadata {
                    each(TargetMessage {
                        id,
                        size: metadata.len(),
                        internal_date: disk::date(&metadata),
                        flags: filename::flags(name, &table),
                    });
                }
            }
            state = folder.state();
        }
    }

    fn headers(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, &[u8])) -> Result<(), Failure> {
        let folder = self.folder()?;
        for id in ids {
            self.check()?;
            if let Some(file) = folder.file(id)? {
                let header = header::read(file).map_err(|e| {
                    disk::failure(Scope::Mailbox, Doing::ReadingMessage, folder.directory(), &e)
                })?;
                each(id, &header);
            }
        }
        Ok(())
    }

    fn read(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, &[u8])) -> Result<(), Failure> {
        let folder = self.folder()?;
        let mut buffer = vec![0; CHUNK];
        for id in ids {
            let Some(mut file) = folder.file(id)? else { continue };
            loop {
                self.check()?;
                let count = file.read(&mut buffer).map_err(|e| {
                    disk::failure(Scope::Mailbox, Doing::ReadingMessage, folder.directory(), &e)
                })?;
                each(id, &buffer[..count]);
                if count == 0 {
                    break;
                }
            }
        }
        Ok(())
    }

    fn append_begin(
        &mut self,
        head: &AppendHead,
        _: &mut Vec<(AppendKey, AppendOutcome)>,
    ) -> Result<(), Failure> {
        self.check()?;
        let open = self.open_folder()?;
        if open.writing.is_some() {
            return Err(misuse(Misuse::MessageNotEnded));
        }
        open.folder.assign(&head.flags)?;
        open.writing = Some(Writing::begin(&open.folder, head)?);
        Ok(())
    }

    fn append_chunk(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let writing = self.open_folder()?.writing.as_mut().ok_or_else(|| misuse(Misuse::NoMessageBegun))?;
        writing.chunk(bytes)
    }

    fn append_end(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> Result<(), Failure> {
        self.check()?;
        let open = self.open_folder()?;
        let writing = open.writing.take().ok_or_else(|| misuse(Misuse::NoMessageBegun))?;
        if open.window.add(writing)? { open.window.commit(&open.folder, outcomes) } else { Ok(()) }
    }

    fn append_finish(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> Result<(), Failure> {
        self.check()?;
        let Some(open) = &mut self.open else { return Ok(()) };
        open.window.commit(&open.folder, outcomes)
    }

    fn set_flags(&mut self, changes: &[(TargetId, Flags)]) -> Result<(), Failure> {
        self.check()?;
        self.folder()?.set_flags(changes)
    }

    fn flags(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, Flags)) -> Result<(), Failure> {
        let folder = self.folder()?;
        let state = folder.fresh()?;
        for id in ids {
            let TargetId::File(base) = id else { continue };
            if let Some((name, _)) = state.index.of_base(base) {
                each(id, filename::flags(name, state.table()));
            }
        }
        Ok(())
    }
}

fn misuse(how: Misuse) -> Failure {
    Failure::new(Scope::User, FailureKind::Local, Disk::Misused(how))
}
