//! A connection that writes into an account in memory.

use super::account::{Fault, Message, header, lost, path, subject, wire};
use super::session::Session;
use imapmig_core::failure::{Action, Conduct, Failure, FailureKind, Scope};
use imapmig_core::folder::{Folder, FolderPath, SpecialUse, WireName};
use imapmig_core::message::{Flags, InternalDate, Keywords, SystemFlag, TargetValidity, Uid, UidValidity};
use imapmig_core::ports::target::{
    AppendHead, AppendKey, AppendOutcome, OpenTarget, Removal, TargetMessage, TargetProfile, TargetSession,
};
use imapmig_core::user::TargetId;

fn uid_of(id: &TargetId) -> u32 {
    match id {
        TargetId::Uid(uid) => uid.0,
        TargetId::File(name) => panic!("{name} is no UID"),
    }
}

impl TargetSession for Session {
    fn profile(&self) -> &TargetProfile {
        &self.profile
    }

    fn folders(&mut self) -> Result<Vec<Folder>, Failure> {
        Ok(self.usable()?.listed())
    }

    fn create(&mut self, path: &FolderPath, special_use: Option<SpecialUse>) -> Result<WireName, Failure> {
        let mut state = self.usable()?;
        if path.to_string().contains(&*state.refused_characters) {
            return Err(Failure::new(
                Scope::Mailbox,
                FailureKind::Refused,
                Conduct::Refused(Action::CreateFolder("one".to_owned())),
            ));
        }
        let meant = state.meant(path.clone());
        let mailbox = state.make(&meant);
        mailbox.special_use = special_use;
        mailbox.subscribed = false;
        Ok(wire(path))
    }

    fn subscribe(&mut self, name: &WireName) -> Result<(), Failure> {
        let mut state = self.usable()?;
        let path = state.meant(path(std::str::from_utf8(&name.0).unwrap()));
        state.folders.get_mut(&path).unwrap().subscribed = true;
        Ok(())
    }

    fn open(&mut self, name: &WireName) -> Result<OpenTarget, Failure> {
        let state = self.usable()?;
        let (path, mailbox) = state.opened(name)?;
        let open = OpenTarget {
            validity: TargetValidity::Uids(UidValidity(mailbox.validity)),
            uid_next: (!state.states_no_uidnext).then_some(Uid(mailbox.next)),
            exists: u32::try_from(mailbox.messages.len()).unwrap(),
            keywords: state.keywords.clone(),
        };
        drop(state);
        self.open = Some(path);
        Ok(open)
    }

    fn inventory(&mut self, from: Uid, each: &mut dyn FnMut(TargetMessage)) -> Result<(), Failure> {
        for message in self.messages()?.iter().filter(|m| m.uid >= from.0) {
            each(TargetMessage {
                id: TargetId::Uid(Uid(message.uid)),
                size: message.bytes.len() as u64,
                internal_date: InternalDate::utc(message.date),
                flags: message.flags.clone(),
            });
        }
        Ok(())
    }

    fn headers(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, &[u8])) -> Result<(), Failure> {
        let messages = self.messages()?;
        for (id, uid) in ids.iter().map(|id| (id, uid_of(id))) {
            let Some(message) = messages.iter().find(|m| m.uid == uid) else { continue };
            if self.account.state().is_deadly(&message.bytes, false) {
                return self.cut();
            }
            each(id, header(&message.bytes));
        }
        Ok(())
    }

    fn read(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, &[u8])) -> Result<(), Failure> {
        let messages = self.messages()?;
        for id in ids {
            let Some(message) = messages.iter().find(|m| m.uid == uid_of(id)) else { continue };
            let (deadly, withheld) = {
                let state = self.account.state();
                let withheld = state.withheld.contains(&*subject(&message.bytes));
                (state.is_deadly(&message.bytes, true), withheld)
            };
            if deadly {
                each(id, &message.bytes[..message.bytes.len() / 2]);
                return self.cut();
            }
            if !withheld {
                if !message.bytes.is_empty() {
                    each(id, &message.bytes);
                }
                each(id, &[]);
            }
        }
        Ok(())
    }

    fn append_begin(
        &mut self,
        head: &AppendHead,
        outcomes: &mut Vec<(AppendKey, AppendOutcome)>,
    ) -> Result<(), Failure> {
        let mut state = self.usable()?;
        state.appends += 1;
        let number = state.appends;
        if let Some((at, cancel)) = &state.cancel_at_append
            && *at == number
        {
            cancel.cancel();
        }
        if state.strikes(Fault::AtAppend(number)) {
            drop(state);
            return self.cut();
        }
        drop(state);
        outcomes.append(&mut self.answers);
        self.append = Some((head.clone(), Vec::new()));
        Ok(())
    }

    fn append_chunk(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut state = self.usable()?;
        let number = state.appends;
        if state.strikes(Fault::InAppend(number)) {
            drop(state);
            return self.cut();
        }
        drop(state);
        self.append.as_mut().unwrap().1.extend_from_slice(bytes);
        Ok(())
    }

    fn append_end(&mut self, _outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> Result<(), Failure> {
        let (head, bytes) = self.append.take().unwrap();
        assert_eq!(head.size, bytes.len() as u64, "the announced size is exact");
        let path = self.open.clone().expect("a folder is open");
        let mut state = self.usable()?;
        state.appended.push(subject(&bytes));
        if state.poison.as_ref() == Some(&bytes) {
            drop(state);
            self.gone = true;
            return Err(lost(Conduct::Closed));
        }
        if let Some((kind, text)) = state.judge.as_ref().and_then(|judge| judge(&bytes, &head)) {
            let pause = state.pause;
            drop(state);
            let refused = AppendOutcome::Refused { kind, text: text.to_owned(), pause };
            self.answers.push((head.key, refused));
            return Ok(());
        }
        let mut stored = Message {
            uid: 0,
            bytes: state
                .alter
                .filter(|_| !head.literal8)
                .map_or_else(|| bytes.clone(), |alter| alter(&bytes)),
            date: if state.drops_dates { 2_000_000_000 } else { head.internal_date.unix_seconds },
            flags: if state.drops_flags { Flags::default() } else { head.flags.clone() },
            modseq: 0,
        };
        if let Some(flag) = state.adds_flag {
            stored.flags.add_keyword(flag);
        }
        let number = state.appends;
        if state.strikes(Fault::KeptBack(number)) {
            state.kept_back = Some(stored);
            drop(state);
            return self.cut();
        }
        if state.strikes(Fault::StoredLate(number)) {
            state.late.push((path, stored));
            drop(state);
            return self.cut();
        }
        let swallowed = state.swallows.is_some_and(|swallows| swallows(number));
        let uid = if swallowed { 9_000 + u32::try_from(number).unwrap() } else { state.store(&path, stored) };
        let named = state.names.map_or(uid, |names| names(number, uid));
        let told = state.uidplus.then_some(TargetId::Uid(Uid(named)));
        if state.strikes(Fault::AfterStore(number)) {
            drop(state);
            return self.cut();
        }
        drop(state);
        self.answers.push((head.key, AppendOutcome::Stored(told)));
        Ok(())
    }

    fn append_finish(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> Result<(), Failure> {
        drop(self.usable()?);
        outcomes.append(&mut self.answers);
        Ok(())
    }

    fn remove(&mut self, ids: &[TargetId]) -> Result<Removal, Failure> {
        let path = self.open.clone().expect("a folder is open");
        let mut state = self.usable()?;
        let ours = |m: &Message| ids.contains(&TargetId::Uid(Uid(m.uid)));
        let by_uid = state.uidplus;
        let cut = state.strikes(Fault::AtRemoval);
        let messages = &mut state.folders.get_mut(&path).unwrap().messages;
        if !by_uid && messages.iter().any(|m| !ours(m) && m.flags.has(SystemFlag::Deleted)) {
            return Ok(Removal::Left("others are marked as deleted".to_owned()));
        }
        messages.iter_mut().filter(|m| ours(m)).for_each(|m| m.flags.set(SystemFlag::Deleted));
        if cut {
            drop(state);
            return Err(self.cut::<()>().unwrap_err());
        }
        messages.retain(|m| !ours(m));
        Ok(Removal::Removed)
    }

    fn set_flags(&mut self, changes: &[(TargetId, Flags)]) -> Result<(), Failure> {
        let path = self.open.clone().expect("a folder is open");
        let mut state = self.usable()?;
        let allowed = state.keywords.clone();
        for (id, flags) in changes {
            let mailbox = state.folders.get_mut(&path).unwrap();
            let flags = flags.filter_keywords(|k| match &allowed {
                Keywords::Any => true,
                Keywords::Only(only) => only.iter().any(|o| o == k),
            });
            if let Some(message) = mailbox.messages.iter_mut().find(|m| m.uid == uid_of(id)) {
                message.flags = flags;
            }
        }
        Ok(())
    }

    fn flags(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, Flags)) -> Result<(), Failure> {
        let messages = self.messages()?;
        for id in ids {
            if let Some(message) = messages.iter().find(|m| m.uid == uid_of(id)) {
                each(id, message.flags.clone());
            }
        }
        Ok(())
    }
}
