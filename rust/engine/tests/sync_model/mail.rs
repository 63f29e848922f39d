//! Accounts as both servers hold them: folders of messages, and the changes that their users make.

use imapmig_core::folder::FolderPath;
use imapmig_core::message::Flags;
use std::collections::BTreeMap;

/// The folders that exist in this world.
pub const FOLDERS: [&str; 3] = ["INBOX", "Lists", "Work"];
/// The flags that messages have; a [`Bits`] says which.
pub const FLAGS: [&str; 3] = ["\\Seen", "\\Flagged", "todo"];
/// The folder over whose opening a server may end the connection.
pub const BREAKING: &str = FOLDERS[2];
/// How many different messages the source receives again and again.
pub const BODIES: u8 = 8;

/// Which of [`FLAGS`] are set.
pub type Bits = [bool; 3];

pub fn flags(bits: Bits) -> Flags {
    Flags::from_wire(FLAGS.into_iter().zip(bits).filter(|(_, set)| *set).map(|(flag, _)| flag))
}

pub fn bits(flags: &Flags) -> Bits {
    FLAGS.map(|flag| flags.wire().any(|f| f == flag))
}

pub fn path(folder: &str) -> FolderPath {
    FolderPath::new(folder.split('/'))
}

/// The bytes of a message. Some differ in one respect only: 1 has the header of 0, 2 and 3 have no Message-ID, 4 has line ends that
/// servers change, 5 has the size of 0.
pub fn bytes(body: u8) -> Vec<u8> {
    let text = |id: &str, text: &str| {
        format!("Message-ID: <{id}@example.com>\r\nSubject: a\r\nFrom: ann@example.com\r\n\r\n{text}\r\n")
    };
    match body {
        1 => text("0", "two"),
        2 | 3 => format!("Subject: no identifier\r\n\r\nbody {body}\r\n"),
        4 => "Message-ID: <4@example.com>\nSubject: b\n\nbare\n".to_owned(),
        5 => text("5", "one"),
        0 => text("0", "one"),
        other => text(&other.to_string(), &"long ".repeat(usize::from(other))),
    }
    .into_bytes()
}

/// Whether this is one of the messages over which a server may end the connection.
pub fn is_poison(mail: &[u8]) -> bool {
    mail == bytes(4) || mail == bytes(7)
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Which delivery it was; unique, and unknown to the engine. 0 at the target.
    pub serial: u32,
    pub uid: u32,
    pub bytes: Vec<u8>,
    pub date: i64,
    pub bits: Bits,
    pub modseq: u64,
}

/// One folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    pub validity: u32,
    pub next: u32,
    pub mails: Vec<Mail>,
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub folders: BTreeMap<&'static str, Mailbox>,
    validity: u32,
    serial: u32,
    pub modseq: u64,
}

impl Account {
    pub fn new(validity: u32) -> Self {
        let mut account = Self { folders: BTreeMap::new(), validity, serial: 0, modseq: 1 };
        account.make("INBOX");
        account
    }

    pub fn make(&mut self, folder: &'static str) -> &mut Mailbox {
        let validity = &mut self.validity;
        self.folders.entry(folder).or_insert_with(|| {
            *validity += 1;
            Mailbox { validity: *validity, next: 1, mails: Vec::new() }
        })
    }

    /// Stores a message and returns its UID.
    pub fn store(&mut self, folder: &'static str, bytes: Vec<u8>, date: i64, bits: Bits) -> u32 {
        self.serial += 1;
        self.modseq += 1;
        let (serial, modseq) = (self.serial, self.modseq);
        let mailbox = self.make(folder);
        let uid = mailbox.next;
        mailbox.next += 1;
        mailbox.mails.push(Mail { serial, uid, bytes, date, bits, modseq });
        uid
    }

    /// The message that `pick` means, if the folder holds any.
    pub fn pick(&mut self, folder: &str, pick: u8) -> Option<&mut Mail> {
        let mails = &mut self.folders.get_mut(folder)?.mails;
        let at = usize::from(pick).checked_rem(mails.len())?;
        mails.get_mut(at)
    }

    pub fn expunge(&mut self, folder: &str, uid: u32) {
        if let Some(mailbox) = self.folders.get_mut(folder) {
            mailbox.mails.retain(|m| m.uid != uid);
        }
    }

    /// Gives the folder a new UIDVALIDITY and its messages new UIDs.
    pub fn renumber(&mut self, folder: &str) {
        self.validity += 1;
        let validity = self.validity;
        let Some(mailbox) = self.folders.get_mut(folder) else { return };
        mailbox.validity = validity;
        for (mail, uid) in mailbox.mails.iter_mut().zip(1..) {
            mail.uid = uid;
        }
        mailbox.next = mailbox.mails.last().map_or(1, |m| m.uid + 1);
    }

    /// Renames a folder, which other servers show as a new one.
    fn rename(&mut self, from: &'static str, to: &'static str) {
        if from == "INBOX" || self.folders.contains_key(to) {
            return;
        }
        let Some(mut moved) = self.folders.remove(from) else { return };
        for mail in &mut moved.mails {
            self.serial += 1;
            mail.serial = self.serial;
        }
        self.folders.insert(to, moved);
        self.renumber(to);
    }
}

/// What the user does at the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtSource {
    Deliver { folder: u8, body: u8, date: u8, bits: Bits },
    Flag { folder: u8, pick: u8, bits: Bits },
    Expunge { folder: u8, pick: u8 },
    Move { folder: u8, pick: u8, to: u8 },
    Rename { folder: u8, to: u8 },
    Delete { folder: u8 },
    Renumber { folder: u8 },
}

pub fn folder(number: u8) -> &'static str {
    FOLDERS[usize::from(number) % FOLDERS.len()]
}

pub fn date(number: u8) -> i64 {
    1_000_000_000 + 3_600 * i64::from(number)
}

impl Account {
    pub fn change(&mut self, step: &AtSource) {
        match *step {
            AtSource::Deliver { folder: to, body, date: at, bits } => {
                self.store(folder(to), bytes(body), date(at), bits);
            }
            AtSource::Flag { folder: of, pick, bits } => {
                self.modseq += 1;
                let modseq = self.modseq;
                if let Some(mail) = self.pick(folder(of), pick) {
                    (mail.bits, mail.modseq) = (bits, modseq);
                }
            }
            AtSource::Expunge { folder: of, pick } => {
                if let Some(uid) = self.pick(folder(of), pick).map(|m| m.uid) {
                    self.expunge(folder(of), uid);
                }
            }
            AtSource::Move { folder: of, pick, to } => {
                if let Some(mail) = self.pick(folder(of), pick).cloned() {
                    self.store(folder(to), mail.bytes, mail.date, mail.bits);
                    self.expunge(folder(of), mail.uid);
                }
            }
            AtSource::Rename { folder: of, to } => self.rename(folder(of), folder(to)),
            AtSource::Delete { folder: of } if folder(of) != "INBOX" => {
                self.folders.remove(folder(of));
            }
            AtSource::Delete { .. } => {}
            AtSource::Renumber { folder: of } => self.renumber(folder(of)),
        }
    }
}
