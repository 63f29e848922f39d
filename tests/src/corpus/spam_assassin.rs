//! Real messages: the SpamAssassin corpus, from the cache that `tests/servers/install.sh` fills.

use std::path::PathBuf;

use super::{Chance, Corpus, FOLDERS, spread};
use crate::cache::cache;

/// Up to 6,046 real messages over nested and non-ASCII folders, with varied flags, keywords and dates.
///
/// # Panics
///
/// If the corpus is not in the cache; say `require!("corpus")` first.
pub fn spam_assassin(n: usize) -> Corpus {
    let mut files = Vec::new();
    for group in ["easy-ham-1", "hard-ham-1", "spam-1", "spam-2", "easy-ham-2"] {
        let entries =
            std::fs::read_dir(data().join(group)).unwrap_or_else(|error| panic!("{group}: {error}"));
        files.extend(
            entries
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| path.extension() == Some("txt".as_ref())),
        );
    }
    files.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
    files.truncate(n);
    let mut chance = Chance::new(1);
    let messages = files.iter().map(|file| {
        let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        chance.message(as_imap(&bytes))
    });
    spread(&FOLDERS, messages.collect())
}

pub(crate) fn is_there() -> bool {
    cache().join("spam-assassin/.complete").is_file()
}

fn data() -> PathBuf {
    cache().join("spam-assassin/package/data")
}

/// Without the mbox line at the top, and with CRLF.
fn as_imap(file: &[u8]) -> Vec<u8> {
    let start = if file.starts_with(b"From ") {
        file.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1)
    } else {
        0
    };
    with_crlf(&file[start..])
}

/// The text with every line end as CRLF.
pub(crate) fn with_crlf(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + text.len() / 32);
    for byte in text {
        if *byte == b'\n' && bytes.last() != Some(&b'\r') {
            bytes.push(b'\r');
        }
        bytes.push(*byte);
    }
    bytes
}
