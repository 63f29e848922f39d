//! One scan: which messages were described, which items are missing, and when they are requested again.

use super::{COMPLETED_AT_ONCE, Each, LEAST, Lacking, Parts, items, read};
use crate::bulk::Bulk;
use crate::capability::Capability;
use crate::fetch;
use crate::wire::date;
use crate::wire::reader::Response;
use crate::wire::sets::{self, Ranges};
use crate::wire::status;
use imapmig_core::failure::{Action, Conduct, Failure, FailureKind, Retry, Scope};
use imapmig_core::message::{DateOrigin, MessageMeta, ModSeq, Uid};
use std::collections::{BTreeMap, HashMap};

pub(super) struct Scanner<'a, 'b> {
    pub(super) bulk: &'a mut Bulk,
    pub(super) each: Each<'b>,
    pub(super) modseq: bool,
    pub(super) stopped: bool,
    /// Lowest UID that is reported.
    pub(super) from: Uid,
    /// Sequence numbers that were described at least in part.
    pub(super) heard: Ranges,
    /// Sequence numbers that were described completely.
    pub(super) told: Ranges,
    /// Whether every message is wanted. If not, unrequested descriptions are ignored.
    pub(super) every: bool,
    /// Incomplete descriptions by sequence number.
    pub(super) partly: BTreeMap<u32, Parts>,
    /// Messages without a readable date.
    pub(super) undated: Vec<MessageMeta>,
    pub(super) wrong_uid: bool,
    /// How many messages were passed on.
    passed_on: u64,
    pub(super) refusal: Option<Failure>,
    /// Whether the server reported that it left messages out.
    pub(super) partial: bool,
}

impl<'a, 'b> Scanner<'a, 'b> {
    pub(super) fn new(bulk: &'a mut Bulk, each: Each<'b>, every: bool) -> Self {
        Self {
            modseq: bulk.session().has(Capability::Condstore),
            bulk,
            each,
            stopped: false,
            from: Uid(1),
            heard: Ranges::default(),
            told: Ranges::default(),
            every,
            partly: BTreeMap::new(),
            undated: Vec::new(),
            wrong_uid: false,
            passed_on: 0,
            refusal: None,
            partial: false,
        }
    }

    pub(super) fn all(&mut self) -> Result<(), Failure> {
        let last = self.bulk.exists;
        for items in [self.items(), LEAST] {
            loop {
                let gaps = self.heard.gaps(1, last);
                if gaps.is_empty() || self.stopped {
                    return Ok(());
                }
                let before = self.heard.len();
                self.run(gaps.iter().map(|set| format!("FETCH {set} {items}")))?;
                if self.heard.len() == before {
                    break;
                }
            }
        }
        // A message that is never described has vanished meanwhile.
        Ok(())
    }

    pub(super) fn changed(&mut self, since: ModSeq) -> Result<(), Failure> {
        let command = format!("UID FETCH 1:* {} (CHANGEDSINCE {})", self.items(), since.0);
        self.run(std::iter::once(command))?;
        // A mailbox without mod-sequences refuses CHANGEDSINCE, even if other mailboxes of the server have them.
        let refused = self.refusal.take().is_some();
        if (self.partial || refused) && !self.stopped {
            self.anew()?;
        }
        Ok(())
    }

    /// Scans the messages from a UID on. They are the last ones, so their descriptions must reach the last message without a gap.
    pub(super) fn above(&mut self, uid: Uid) -> Result<(), Failure> {
        self.from = uid;
        self.bulk.noop()?;
        self.bulk.moved = false;
        self.by_uid(&[format!("{}:*", uid.0)])?;
        let first = self.heard.first().unwrap_or(1);
        let gap = !self.bulk.moved && !self.heard.gaps(first, self.bulk.exists).is_empty();
        if (gap || self.partial) && !self.stopped {
            self.anew()?;
        }
        Ok(())
    }

    /// Asks for these sets of UIDs; of a server that refuses the items together only for the least, so that each is asked for by itself.
    pub(super) fn by_uid(&mut self, sets: &[String]) -> Result<(), Failure> {
        let fetch = |items: &'static str| sets.iter().map(move |set| format!("UID FETCH {set} {items}"));
        self.run(fetch(self.items()))?;
        if self.heard.len() == 0 && self.refusal.is_some() && !self.stopped {
            let refusal = self.refusal.take();
            self.run(fetch(LEAST))?;
            self.refusal = self.refusal.take().and(refusal);
        }
        Ok(())
    }

    pub(super) fn anew(&mut self) -> Result<(), Failure> {
        self.heard = Ranges::default();
        self.told = Ranges::default();
        self.partly.clear();
        self.undated.clear();
        self.every = true;
        self.all()
    }

    pub(super) fn ends(&mut self, count: u32) -> Result<(), Failure> {
        let last = self.bulk.exists;
        let set = if last <= count.saturating_mul(2) {
            format!("1:{last}")
        } else {
            format!("1:{count},{}:{last}", last - count + 1)
        };
        let command = format!("FETCH {set} {}", self.items());
        self.run(std::iter::once(command))
    }

    /// Returns `true` if items are missing and will be requested.
    pub(super) fn lacks_anything(&self) -> bool {
        !self.partly.is_empty() || !self.undated.is_empty()
    }

    /// Requests the missing items only. Items that are still missing afterwards are left empty.
    pub(super) fn complete(&mut self) -> Result<(), Failure> {
        if !self.every {
            let from = self.from;
            // An answer without a UID counts if it holds every other requested item.
            self.partly.retain(|_, parts| match parts.uid {
                Some(uid) => uid.is_some_and(|uid| uid >= from),
                None => parts.is_described(),
            });
        }
        for (lacking, items) in Lacking::ALL {
            let numbers: Vec<Uid> =
                self.partly.iter().filter(|(_, parts)| parts.lacks(lacking)).map(|(n, _)| Uid(*n)).collect();
            if self.stopped || numbers.is_empty() {
                continue;
            }
            let refusal = self.refusal.take();
            let sets = sets::commands(&numbers, COMPLETED_AT_ONCE);
            self.run(sets.into_iter().map(|(set, _)| format!("FETCH {set} {items}")))?;
            // A server that refuses one item has described the messages all the same.
            self.refusal = refusal;
        }
        for (number, parts) in std::mem::take(&mut self.partly) {
            if let Some(Some(uid)) = parts.uid {
                self.told.insert(number);
                self.pass_on(parts.message(uid));
            }
        }
        Ok(())
    }

    /// Takes dates that the server does not send from the headers.
    pub(super) fn date(&mut self) -> Result<(), Failure> {
        let undated = std::mem::take(&mut self.undated);
        if self.stopped || undated.is_empty() {
            return Ok(());
        }
        let uids: Vec<Uid> = undated.iter().map(|message| message.uid).collect();
        let mut dates = HashMap::new();
        match fetch::headers(self.bulk, &uids, &mut |uid, header| {
            if let Some(date) = date::of_header(header) {
                dates.insert(uid, date);
            }
        }) {
            Err(failure) if failure.scope > Scope::Mailbox => return Err(failure),
            _ => {}
        }
        for mut message in undated {
            if let Some(date) = dates.get(&message.uid) {
                message.internal_date = *date;
                message.date = DateOrigin::Header;
            }
            if !self.stopped {
                self.stopped = (self.each)(message).is_break();
            }
        }
        Ok(())
    }

    pub(super) fn items(&self) -> &'static str {
        items(self.modseq)
    }

    pub(super) fn run(&mut self, commands: impl Iterator<Item = String>) -> Result<(), Failure> {
        let mut commands = commands.fuse();
        loop {
            while self.bulk.in_flight() < self.bulk.most_in_flight() && !self.stopped {
                let Some(command) = commands.next() else { break };
                self.bulk.send(&command)?;
            }
            if self.bulk.in_flight() == 0 {
                return Ok(());
            }
            match self.bulk.next()? {
                Response::Fetch(number) => {
                    let parts = read(self.bulk)?;
                    self.tell(number, parts);
                }
                Response::Tagged { status, .. } => {
                    self.partial |= status::is_partial(&status);
                    if !status.is_ok() {
                        let failure = self.bulk.judge(&status, Action::ListMessages, Scope::Mailbox);
                        if failure.scope >= Scope::User {
                            return Err(failure);
                        }
                        self.refusal = Some(failure);
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn tell(&mut self, number: u32, parts: Parts) {
        // EXISTS is only a hint: a completely described message exists.
        if number == 0 || (number > self.bulk.exists && !parts.is_described()) {
            return;
        }
        // A change to a message that was passed on already is seen by the next scan.
        if !parts.is_whole() && self.told.contains(number) {
            return;
        }
        self.heard.insert(number);
        let mut all = self.partly.remove(&number).unwrap_or_default();
        all.add(parts);
        match all.uid {
            Some(None) => {
                self.wrong_uid = true;
                // Not described, and reported as such.
                self.told.insert(number);
            }
            Some(Some(uid)) if all.is_whole() => {
                self.told.insert(number);
                self.pass_on(all.message(uid));
            }
            _ => {
                self.partly.insert(number, all);
            }
        }
    }

    pub(super) fn pass_on(&mut self, message: MessageMeta) {
        if self.stopped || message.uid < self.from {
            return;
        }
        self.passed_on += 1;
        if message.date == DateOrigin::Told {
            self.stopped = (self.each)(message).is_break();
        } else {
            self.undated.push(message);
        }
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        if self.wrong_uid && self.passed_on == 0 {
            let failure = Failure::new(Scope::Mailbox, FailureKind::Protocol, Conduct::UnusableUid);
            return Err(failure.retry(Retry::Never));
        }
        match self.refusal {
            // The server described some messages, so its NO refers to those that no longer exist.
            Some(failure) if self.heard.len() == 0 => Err(failure),
            _ => Ok(()),
        }
    }
}
