//! Messages to migrate, with the folders, flags and dates that they are to have.

mod odd;
mod spam_assassin;

use crate::{MailboxPath, path};

pub use odd::{odd_folders, odd_messages};
pub use spam_assassin::spam_assassin;
pub(crate) use spam_assassin::{is_there as spam_assassin_is_there, with_crlf};

/// A message to be put into a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The bytes as IMAP carries them, with CRLF line ends unless oddness is the point.
    pub bytes: Vec<u8>,
    /// Flags and keywords.
    pub flags: Vec<String>,
    /// The internal date, in seconds since 1970 UTC.
    pub date: i64,
}

/// The content of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corpus {
    /// The mailboxes, parents first, with their messages.
    pub mailboxes: Vec<(MailboxPath, Vec<Message>)>,
    /// The mailboxes to subscribe to.
    pub subscribed: Vec<MailboxPath>,
}

/// Nested and non-ASCII, and such that Dovecot, Courier and Cyrus all take them.
const FOLDERS: [&str; 12] = [
    "INBOX",
    "Archiv",
    "Archiv/2021",
    "Archiv/2022",
    "Archiv/2022/Q1",
    "Entwürfe",
    "Gesendete Elemente",
    "Projets",
    "Projets/Été 2024",
    "Projets/Größe & Maß",
    "日本語",
    "日本語/受信箱",
];

/// `n` short messages of the tests' own, in INBOX, `Projets` and `Projets/Été`.
pub fn small(n: usize) -> Corpus {
    let mut chance = Chance::new(7);
    let messages = (0..n).map(|i| {
        let text = format!(
            "Message-ID: <small.{i}@example.net>\r\nFrom: Sender {i} <s{i}@example.net>\r\nTo: user@example.org\r\n\
             Subject: Small message {i}\r\n\r\n{}\r\n",
            "Some words in a row. ".repeat(1 + i % 7)
        );
        chance.message(text.into_bytes())
    });
    spread(&["INBOX", "Projets", "Projets/Été"], messages.collect())
}

/// `n` pairs of true duplicates in INBOX and `Projets`; the two of a pair have other flags and another date.
pub fn twins(n: usize) -> Corpus {
    let mut chance = Chance::new(11);
    let twin = |i: usize, flags: &[&str], date: i64| Message {
        bytes: format!("From: a@example.net\r\nSubject: twin {i}\r\n\r\n{}\r\n", "twice ".repeat(1 + i % 9))
            .into_bytes(),
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        date,
    };
    let mut mailboxes = ["INBOX", "Projets"].map(|folder| (path(folder), Vec::new()));
    for i in 0..n {
        let date = 1_200_000_000 + i64::try_from(i).unwrap_or_default() * 60;
        let (one, other): (&[&str], &[&str]) =
            if chance.percent(50) { (&["\\Seen"], &["\\Flagged", "\\Answered"]) } else { (&[], &["\\Seen"]) };
        mailboxes[i % 2].1.extend([twin(i, one, date), twin(i, other, date + 7)]);
    }
    Corpus { mailboxes: mailboxes.into(), subscribed: vec![path("Projets")] }
}

/// `n` short messages, all in INBOX.
pub fn small_inbox(n: usize) -> Corpus {
    let messages = small(n).mailboxes.into_iter().flat_map(|(_, messages)| messages).collect();
    Corpus { mailboxes: vec![(path("INBOX"), messages)], subscribed: Vec::new() }
}

impl Corpus {
    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.mailboxes.iter().map(|(_, messages)| messages.len()).sum()
    }

    /// Whether there is no message.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Deals the messages out, the same way for the same number of messages.
fn spread(folders: &[&str], messages: Vec<Message>) -> Corpus {
    let mut mailboxes: Vec<(MailboxPath, Vec<Message>)> =
        folders.iter().map(|folder| (path(folder), Vec::new())).collect();
    for (i, message) in messages.into_iter().enumerate() {
        // Every other message goes to INBOX, the rest round the folders.
        let at = if i % 2 == 0 { 0 } else { (i / 2) % folders.len() };
        mailboxes[at].1.push(message);
    }
    let subscribed = mailboxes.iter().skip(1).step_by(2).map(|(path, _)| path.clone()).collect();
    Corpus { mailboxes, subscribed }
}

/// Repeatable randomness (splitmix64).
struct Chance(u64);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    /// The message with flags, keywords and a date between 2005 and 2024.
    fn message(&mut self, bytes: Vec<u8>) -> Message {
        const FLAGS: [(&str, u64); 7] = [
            ("\\Seen", 70),
            ("\\Answered", 20),
            ("\\Flagged", 10),
            ("\\Draft", 2),
            ("$Forwarded", 8),
            ("NonJunk", 5),
            ("Wichtig-1", 3),
        ];
        let flags = FLAGS
            .iter()
            .filter(|(_, share)| self.percent(*share))
            .map(|(flag, _)| (*flag).to_owned())
            .collect();
        let date = 1_104_537_600 + i64::try_from(self.next() % 615_000_000).unwrap_or_default();
        Message { bytes, flags, date }
    }
}

#[cfg(test)]
mod tests {
    use super::{odd_folders, odd_messages, small};

    #[test]
    fn corpora_have_the_promised_sizes_and_are_the_same_each_time() {
        assert_eq!(small(100).len(), 100);
        assert_eq!(small(100), small(100));
        assert_eq!(odd_messages().len(), 23);
        assert_eq!(odd_folders().mailboxes.len(), 17);
    }
}
