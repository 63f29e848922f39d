//! The two servers and what happens to them while the engine talks to them.

use super::mail::{Account, BREAKING, bytes, date, folder, path};
use super::steps::{AtTarget, Calls, Event, Manners};
use imapmig_core::folder::{FolderPath, FolderStatus};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// What a call of the engine meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Done,
    /// The worker is dead: nothing is carried out any more.
    Dead,
    /// Carried out, and the worker dies before it hears of it.
    DoneAndDead,
    /// The connection ends before the call is carried out.
    Cut,
    /// Carried out, and the connection ends before the answer.
    DoneAndCut,
    /// The connection ends; what was being appended is stored so many calls later.
    Late(u8),
}

/// What was done to the target by others than the engine, with what it met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    Arrived {
        folder: &'static str,
        bytes: Vec<u8>,
    },
    /// `copies`: how many messages with these bytes the folder held.
    Flagged {
        folder: &'static str,
        bytes: Vec<u8>,
        bit: [Option<bool>; 3],
        copies: usize,
    },
    Removed {
        folder: &'static str,
        bytes: Vec<u8>,
    },
    RemovedFolder {
        folder: &'static str,
    },
    Renumbered {
        folder: &'static str,
    },
}

/// A message that the target stores once so many calls have passed.
type LateMail = (u8, &'static str, (Vec<u8>, i64, [bool; 3]));

pub struct World {
    pub manners: Manners,
    pub source: Account,
    pub target: Account,
    pub late: Vec<LateMail>,
    pub deeds: Vec<Deed>,
    /// What the source held after each change during this run.
    pub sources: Vec<Account>,
    /// How many messages have arrived at the target during this run.
    pub arrivals: u32,
    /// How many events of this run have happened.
    pub happened: usize,
    /// What was right of each side's folders when their status was asked for last.
    pub statuses: BTreeMap<(usize, &'static str), FolderStatus>,
    events: Vec<(Calls, u8, Event)>,
    calls: [u32; 3],
    dead: bool,
}

#[derive(Clone)]
pub struct Shared(Arc<Mutex<World>>);

impl Shared {
    pub fn new(manners: Manners) -> Self {
        Self(Arc::new(Mutex::new(World {
            manners,
            source: Account::new(1_000),
            target: Account::new(2_000),
            late: Vec::new(),
            deeds: Vec::new(),
            sources: Vec::new(),
            arrivals: 0,
            happened: 0,
            statuses: BTreeMap::new(),
            events: Vec::new(),
            calls: [0; 3],
            dead: false,
        })))
    }

    pub fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    /// Counts a call and lets happen what is due.
    pub fn tick(&self, calls: Calls) -> Fate {
        self.lock().tick(calls)
    }
}

impl World {
    /// Begins a run with these events.
    pub fn begin(&mut self, events: Vec<(Calls, u8, Event)>) {
        (self.events, self.calls, self.dead, self.happened) = (events, [0; 3], false, 0);
    }

    /// Ends a run: what has not happened happens now, and what is stored late is stored.
    pub fn end(&mut self) {
        self.dead = false;
        for (_, _, event) in std::mem::take(&mut self.events) {
            self.happened += usize::from(matches!(event, Event::AtSource(_) | Event::AtTarget(_)));
            self.happen(&event);
        }
        for late in std::mem::take(&mut self.late) {
            self.store_late(late);
        }
    }

    fn store_late(&mut self, (_, folder, (bytes, date, bits)): LateMail) {
        if self.target.folders.contains_key(folder) {
            self.target.store(folder, bytes, date, bits);
        }
    }

    fn tick(&mut self, calls: Calls) -> Fate {
        if self.dead {
            return Fate::Dead;
        }
        let number = self.calls[calls as usize];
        self.calls[calls as usize] += 1;
        let mut fate = Fate::Done;
        let due = |(of, at, _): &mut (Calls, u8, Event)| *of == calls && u32::from(*at) == number;
        for (_, _, event) in self.events.extract_if(.., due).collect::<Vec<_>>() {
            self.happened += 1;
            fate = self.happen(&event).unwrap_or(fate);
        }
        for late in &mut self.late {
            late.0 = late.0.saturating_sub(1);
        }
        for late in self.late.extract_if(.., |late| late.0 == 0).collect::<Vec<_>>() {
            self.store_late(late);
        }
        fate
    }

    fn happen(&mut self, event: &Event) -> Option<Fate> {
        match event {
            Event::Kill { after } => {
                self.dead = true;
                Some(if *after { Fate::DoneAndDead } else { Fate::Dead })
            }
            Event::Cut { after } => Some(if *after { Fate::DoneAndCut } else { Fate::Cut }),
            Event::StoredLate { calls } => Some(Fate::Late(*calls)),
            Event::AtSource(change) => {
                self.source.change(change);
                self.sources.push(self.source.clone());
                None
            }
            Event::AtTarget(change) => {
                self.act(change);
                None
            }
        }
    }

    /// What a user does at the target.
    pub fn act(&mut self, change: &AtTarget) {
        let deed = match *change {
            AtTarget::Arrive { folder: to, number } => Some(self.arrive(folder(to), 100 + number % 100, 0)),
            AtTarget::ArriveEqual { folder: to, body, date } => Some(self.arrive(folder(to), body, date)),
            AtTarget::Flag { folder: of, pick, bits } => self
                .target
                .pick(folder(of), pick)
                .map(|mail| {
                    let changed = |bit: usize| (mail.bits[bit] != bits[bit]).then_some(bits[bit]);
                    let bit = [0, 1, 2].map(changed);
                    mail.bits = bits;
                    (mail.bytes.clone(), bit)
                })
                .map(|(bytes, bit)| {
                    let copies =
                        self.target.folders[folder(of)].mails.iter().filter(|m| m.bytes == bytes).count();
                    Deed::Flagged { folder: folder(of), bytes, bit, copies }
                }),
            AtTarget::Remove { folder: of, pick } => {
                let mail = self.target.pick(folder(of), pick).cloned();
                mail.map(|mail| {
                    self.target.expunge(folder(of), mail.uid);
                    Deed::Removed { folder: folder(of), bytes: mail.bytes }
                })
            }
            AtTarget::RemoveFolder { folder: of } => {
                let gone = folder(of) != "INBOX" && self.target.folders.remove(folder(of)).is_some();
                gone.then(|| Deed::RemovedFolder { folder: folder(of) })
            }
            AtTarget::Renumber { folder: of } => {
                self.target.renumber(folder(of));
                Some(Deed::Renumbered { folder: folder(of) })
            }
        };
        self.deeds.extend(deed);
    }

    /// Whether the source has a folder that is passed over, because connections end over it.
    pub fn passes_over(&self) -> bool {
        self.manners.hints.breaking.is_some() && self.source.folders.contains_key(BREAKING)
    }

    /// The folder and bytes of a message of the source.
    pub fn source_mail(&self, folder: &FolderPath, uid: u32) -> Option<(&'static str, Vec<u8>)> {
        let folder = name(folder)?;
        let mail = self.source.folders.get(folder)?.mails.iter().find(|m| m.uid == uid)?;
        Some((folder, mail.bytes.clone()))
    }

    fn arrive(&mut self, folder: &'static str, body: u8, at: u8) -> Deed {
        self.arrivals += 1;
        self.target.store(folder, bytes(body), date(at), [false; 3]);
        Deed::Arrived { folder, bytes: bytes(body) }
    }
}

/// The folder that a path names.
pub fn name(of: &FolderPath) -> Option<&'static str> {
    super::mail::FOLDERS.into_iter().find(|folder| path(folder) == *of)
}
