//! Puts a corpus straight into a Dovecot's Maildirs: quick, and without the changes and refusals of APPEND.
//!
//! Maildir++ as Dovecot writes it: LF line ends, keywords as letters, the file's time as internal date.

use std::fmt::Write;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use crate::corpus::with_crlf;
use crate::{Corpus, Message, mutf7};

const LETTERS: [(&str, char); 5] =
    [("\\Draft", 'D'), ("\\Flagged", 'F'), ("\\Answered", 'R'), ("\\Seen", 'S'), ("\\Deleted", 'T')];

/// Adds a corpus to the mail in `root`, as the owner of `model`'s.
pub(crate) fn deliver(root: &Path, model: &Path, corpus: &Corpus) -> io::Result<()> {
    write(root, corpus)?;
    give_to_owner_of(model, root)
}

fn write(root: &Path, corpus: &Corpus) -> io::Result<()> {
    for (path, messages) in &corpus.mailboxes {
        let folder = if *path == ["INBOX"] { root.to_owned() } else { root.join(format!(".{}", name(path))) };
        let mut maildir = Maildir::open(folder)?;
        for message in messages {
            maildir.add(message)?;
        }
        maildir.close()?;
    }
    let known = std::fs::read_to_string(root.join("subscriptions")).unwrap_or_else(|_| "V\t2\n\n".to_owned());
    let more: String = corpus.subscribed.iter().fold(String::new(), |mut lines, path| {
        let names: Vec<String> = path.iter().map(|name| mutf7::encode(name)).collect();
        let _ = writeln!(lines, "{}", names.join("\t"));
        lines
    });
    std::fs::write(root.join("subscriptions"), known + &more)
}

fn name(path: &[String]) -> String {
    assert!(path.iter().all(|name| !name.contains('.')), "Maildir++ cannot name {path:?}");
    path.iter().map(|name| mutf7::encode(name)).collect::<Vec<_>>().join(".")
}

struct Maildir {
    folder: PathBuf,
    keywords: Vec<String>,
    count: usize,
}

impl Maildir {
    fn open(folder: PathBuf) -> io::Result<Self> {
        for part in ["cur", "new", "tmp"] {
            std::fs::create_dir_all(folder.join(part))?;
        }
        let known = std::fs::read_to_string(folder.join("dovecot-keywords")).unwrap_or_default();
        let keywords = known.lines().filter_map(|line| Some(line.split_once(' ')?.1.to_owned())).collect();
        let count = std::fs::read_dir(folder.join("cur"))?.count();
        Ok(Self { folder, keywords, count })
    }

    fn add(&mut self, message: &Message) -> io::Result<()> {
        let mut flags: Vec<char> = message.flags.iter().map(|flag| self.letter(flag)).collect();
        flags.sort_unstable();
        let bytes = with_lf(&message.bytes);
        let crlf_size = with_crlf(&bytes).len();
        self.count += 1;
        // Dovecot gives UIDs in the order of names.
        let name = format!(
            "1700000000.M{:06}P1.tests,S={},W={crlf_size}:2,{}",
            self.count,
            bytes.len(),
            String::from_iter(flags)
        );
        let path = self.folder.join("cur").join(name);
        std::fs::write(&path, bytes)?;
        let since = Duration::from_secs(message.date.unsigned_abs());
        let time = if message.date < 0 { UNIX_EPOCH - since } else { UNIX_EPOCH + since };
        File::options().write(true).open(path)?.set_modified(time)
    }

    fn letter(&mut self, flag: &str) -> char {
        if let Some((_, letter)) = LETTERS.iter().find(|(name, _)| *name == flag) {
            return *letter;
        }
        let at = self.keywords.iter().position(|known| known == flag).unwrap_or_else(|| {
            self.keywords.push(flag.to_owned());
            self.keywords.len() - 1
        });
        u8::try_from(at)
            .ok()
            .filter(|at| *at < 26)
            .map_or_else(|| panic!("26 keywords at most"), |at| char::from(b'a' + at))
    }

    fn close(self) -> io::Result<()> {
        let lines = self.keywords.iter().enumerate().fold(String::new(), |mut lines, (at, keyword)| {
            let _ = writeln!(lines, "{at} {keyword}");
            lines
        });
        std::fs::write(self.folder.join("dovecot-keywords"), lines)
    }
}

fn with_lf(message: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(message.len());
    for byte in message {
        if *byte == b'\n' && bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        bytes.push(*byte);
    }
    bytes
}

#[cfg(unix)]
fn give_to_owner_of(model: &Path, root: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};

    let owner = model.metadata()?;
    let mut left = vec![root.parent().unwrap_or(root).to_owned()];
    while let Some(path) = left.pop() {
        chown(&path, Some(owner.uid()), Some(owner.gid()))?;
        if path.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                left.push(entry?.path());
            }
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn give_to_owner_of(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
