//! Originals of messages that the target refused or changed, as files in the state directory.
//!
//! The path is made here alone, from the user's GUID, an escaped folder name and two numbers; nothing that a server says can
//! lead out of it. A file is there whole or not at all.

use crate::messages::engine_failures;
use crate::sync::decide::sided_failure::SidedFailure;
use crate::sync::failure::{OnSide, SyncResult};
use imapmig_core::folder::FolderPath;
use imapmig_core::ids::UserId;
use imapmig_core::message::{Uid, UidValidity};
use imapmig_core::ports::source::{BodyHead, BodySink, SourceSession};
use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;

/// The longest readable part of a folder's name.
const READABLE: usize = 60;

/// Where the original of a message is kept, relative to the folder for originals.
fn place(user: UserId, folder: &FolderPath, validity: UidValidity, uid: Uid) -> String {
    let name = folder.to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let readable: String = name.chars().map(|c| if plain(c) { c } else { '_' }).take(READABLE).collect();
    let digest = blake3::hash(folder.segments().join("\0").as_bytes()).to_hex();
    format!("{user}/{readable}~{}/{}-{}.eml", &digest[..16], validity.0, uid.0)
}

/// Streams the message from the open source folder into its file. Returns the file's path relative to the state directory, or
/// `None` when the source does not deliver the message.
pub(crate) fn keep(
    source: &mut dyn SourceSession,
    kept_dir: &Path,
    user: UserId,
    folder: &FolderPath,
    (validity, uid): (UidValidity, Uid),
) -> SyncResult<Option<String>> {
    let place = place(user, folder, validity, uid);
    let path = kept_dir.join(&place);
    let temporary = path.with_extension("tmp");
    let local = |error: io::Error| SidedFailure::own(engine_failures::original_not_kept(&path, &error));
    let file = create(&temporary).map_err(local)?;
    let mut sink = Sink { file, whole: false, failed: None };
    let fetched = source.fetch(&[uid], &mut sink);
    if sink.failed.is_none() && fetched.is_ok() && sink.whole {
        sink.file.sync_all().map_err(local)?;
        imapmig_os::files::rename(&temporary, &path)
            .and_then(|()| make_durable(&path, kept_dir))
            .map_err(local)?;
        let state = kept_dir.file_name().map_or_else(String::new, |n| format!("{}/", n.to_string_lossy()));
        return Ok(Some(format!("{state}{place}")));
    }
    drop(imapmig_os::files::remove(&temporary));
    if let Some(error) = sink.failed {
        return Err(local(error));
    }
    fetched.at_source()?;
    Ok(None)
}

fn create(path: &Path) -> io::Result<File> {
    let folder = path.parent().unwrap_or(path);
    let mut folders = fs::DirBuilder::new();
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folders.mode(0o700);
        options.mode(0o600);
    }
    folders.recursive(true).create(folder)?;
    options.open(path)
}

/// Makes the file's name durable, and those of the folders above it up to the one for originals.
fn make_durable(path: &Path, kept_dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    for folder in path.ancestors().skip(1).take_while(|folder| folder.starts_with(kept_dir)) {
        File::open(folder)?.sync_all()?;
    }
    // Elsewhere a folder cannot be opened as a file; the file system's journal has to do.
    #[cfg(not(unix))]
    let _ = (path, kept_dir);
    Ok(())
}

struct Sink {
    file: File,
    whole: bool,
    failed: Option<io::Error>,
}

impl BodySink for Sink {
    fn begin(&mut self, _head: BodyHead) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        match self.file.write_all(bytes) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn end(&mut self) -> ControlFlow<()> {
        self.whole = true;
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_folder_name_leads_out_of_the_user_s_folder() {
        let user = UserId::new();

        for name in ["../../etc", "..", "a/b", "C:\\x", "\0", "", "CON"] {
            let place = place(user, &FolderPath::new([name]), UidValidity(1), Uid(2));
            let parts: Vec<_> = place.split('/').collect();
            assert_eq!(parts.len(), 3, "{place}");
            assert!(parts[1].contains('~') && !parts[1].contains(['.', '\\', '\0']), "{place}");
        }
    }

    #[test]
    fn folders_that_read_alike_have_places_of_their_own() {
        let user = UserId::new();
        let of = |segments: &[&str]| place(user, &FolderPath::new(segments.to_vec()), UidValidity(1), Uid(2));

        assert_ne!(of(&["a", "b"]), of(&["a/b"]));
        assert_ne!(of(&["ä"]), of(&["ö"]));
    }
}
