//! Connections to an account in memory: the ports, as the account's habits and troubles have it.

use super::account::{Account, Mailbox, Message, State, Trouble, header, path, subject};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Failure, FailureKind, Retry, Scope};
use imapmig_core::folder::{Folder, FolderPath, SpecialUse, WireName};
use imapmig_core::message::{Flags, InternalDate, MessageMeta, ModSeq, Uid, UidValidity};
use imapmig_core::ports::source::{BodyHead, BodySink, OpenSource, Scan, SourceConnector, SourceSession};
use imapmig_core::ports::target::{
    AppendHead, AppendKey, AppendOutcome, Keywords, OpenTarget, TargetConnector, TargetMessage,
    TargetProfile, TargetSession,
};
use imapmig_core::user::TargetId;
use std::ops::ControlFlow;
use std::sync::MutexGuard;

fn wire(path: &FolderPath) -> WireName {
    WireName(path.to_string().into_bytes())
}

fn lost(what: &str) -> Failure {
    Failure::new(Scope::User, FailureKind::Disconnected, what).retry(Retry::Reconnect)
}

impl State {
    fn listed(&self) -> Vec<Folder> {
        let folder = |(path, mailbox): (&FolderPath, &Mailbox)| Folder {
            wire: wire(path),
            path: path.clone(),
            special_use: mailbox.special_use,
            selectable: mailbox.selectable,
            subscribed: mailbox.subscribed,
        };
        self.folders.iter().map(folder).collect()
    }

    fn opened(&self, name: &WireName) -> Result<(FolderPath, &Mailbox), Failure> {
        let path = path(std::str::from_utf8(&name.0).unwrap());
        if self.failing_folders.contains(&path) {
            return Err(Failure::new(Scope::Mailbox, FailureKind::PermissionDenied, "no access"));
        }
        match self.folders.get(&path) {
            Some(mailbox) if mailbox.selectable => Ok((path, mailbox)),
            _ => Err(Failure::new(Scope::Mailbox, FailureKind::NotFound, "no such folder")),
        }
    }
}

struct Session {
    account: Account,
    cancel: Cancel,
    open: Option<FolderPath>,
    gone: bool,
    profile: TargetProfile,
    append: Option<(AppendHead, Vec<u8>)>,
    answers: Vec<(AppendKey, AppendOutcome)>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.account.state().open_now -= 1;
    }
}

impl Account {
    fn session(&self, cancel: &Cancel) -> Result<Session, Failure> {
        let mut state = self.state();
        if state.open_now >= state.most_connections {
            return Err(Failure::new(Scope::User, FailureKind::ConnectionLimit, "too many connections")
                .retry(Retry::Reconnect));
        }
        state.open_now += 1;
        state.connections += 1;
        Ok(Session {
            account: self.clone(),
            cancel: cancel.clone(),
            open: None,
            gone: false,
            profile: state.profile.clone(),
            append: None,
            answers: Vec::new(),
        })
    }
}

impl SourceConnector for Account {
    fn connect(&self, cancel: &Cancel) -> Result<Box<dyn SourceSession>, Failure> {
        Ok(Box::new(self.session(cancel)?))
    }
}

impl TargetConnector for Account {
    fn connect(&self, cancel: &Cancel) -> Result<Box<dyn TargetSession>, Failure> {
        Ok(Box::new(self.session(cancel)?))
    }
}

impl Session {
    fn usable(&self) -> Result<MutexGuard<'_, State>, Failure> {
        if self.cancel.is_cancelled() {
            return Err(Failure::cancelled());
        }
        if self.gone { Err(lost("the connection is gone")) } else { Ok(self.account.state()) }
    }

    fn messages(&self) -> Result<Vec<Message>, Failure> {
        let path = self.open.clone().expect("a folder is open");
        Ok(self.usable()?.folders[&path].messages.clone())
    }
}

impl SourceSession for Session {
    fn folders(&mut self) -> Result<Vec<Folder>, Failure> {
        Ok(self.usable()?.listed())
    }

    fn open(&mut self, name: &WireName) -> Result<OpenSource, Failure> {
        let state = self.usable()?;
        let (path, mailbox) = state.opened(name)?;
        let open = OpenSource {
            validity: UidValidity(mailbox.validity),
            exists: u32::try_from(mailbox.messages.len()).unwrap(),
            uid_next: Some(Uid(mailbox.next)),
            highest_modseq: state.condstore.then_some(ModSeq(state.modseq)),
        };
        drop(state);
        self.open = Some(path);
        Ok(open)
    }

    fn scan(
        &mut self,
        scan: Scan,
        each: &mut dyn FnMut(MessageMeta) -> ControlFlow<()>,
    ) -> Result<(), Failure> {
        let messages = self.messages()?;
        let (wrong, doubled) = {
            let mut state = self.usable()?;
            state.scans.push(if scan == Scan::All { "all" } else { "changed" });
            (state.wrong_sizes, state.doubled_in_scans)
        };
        let copies = if doubled { 2 } else { 1 };
        for message in messages.iter().flat_map(|m| std::iter::repeat_n(m, copies)) {
            if matches!(scan, Scan::ChangedSince(since) if message.modseq <= since.0) {
                continue;
            }
            let meta = MessageMeta {
                uid: Uid(message.uid),
                size: message.bytes.len() as u64 + u64::from(wrong),
                internal_date: InternalDate::utc(message.date),
                flags: message.flags.clone(),
                modseq: None,
            };
            if each(meta).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn first_uids(&mut self, count: u32) -> Result<Vec<Uid>, Failure> {
        Ok(self.messages()?.iter().take(count as usize).map(|m| Uid(m.uid)).collect())
    }

    fn fetch(&mut self, uids: &[Uid], sink: &mut dyn BodySink) -> Result<(), Failure> {
        for uid in uids {
            let path = self.open.clone().expect("a folder is open");
            let mut state = self.usable()?;
            if state.vanish_at_fetch.remove(&uid.0) {
                state.folders.get_mut(&path).unwrap().messages.retain(|m| m.uid != uid.0);
            }
            if state.undeliverable.contains(&uid.0) {
                continue;
            }
            let found = state.folders[&path].messages.iter().find(|m| m.uid == uid.0).cloned();
            let Some(message) = found else { continue };
            state.fetches += 1;
            let number = state.fetches;
            let broken = state.strikes(Trouble::InFetch(number));
            drop(state);
            let head = BodyHead { uid: *uid, size: message.bytes.len() as u64 };
            let half = message.bytes.len() / 2;
            let flow = sink.begin(head).is_break()
                || sink.chunk(&message.bytes[..half]).is_break()
                || broken
                || sink.chunk(&message.bytes[half..]).is_break()
                || sink.end().is_break();
            if broken {
                self.gone = true;
                return Err(lost("the source closed the connection"));
            }
            if flow {
                self.gone = true;
                return Ok(());
            }
        }
        Ok(())
    }

    fn headers(&mut self, uids: &[Uid], each: &mut dyn FnMut(Uid, &[u8])) -> Result<(), Failure> {
        for message in self.messages()?.iter().filter(|m| uids.contains(&Uid(m.uid))) {
            each(Uid(message.uid), header(&message.bytes));
        }
        Ok(())
    }

    fn account(&self) -> &str {
        "source.example:143 terry"
    }
}

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
        let mailbox = state.make(path);
        mailbox.special_use = special_use;
        mailbox.subscribed = false;
        Ok(wire(path))
    }

    fn subscribe(&mut self, name: &WireName) -> Result<(), Failure> {
        let path = path(std::str::from_utf8(&name.0).unwrap());
        self.usable()?.folders.get_mut(&path).unwrap().subscribed = true;
        Ok(())
    }

    fn open(&mut self, name: &WireName) -> Result<OpenTarget, Failure> {
        let state = self.usable()?;
        let (path, mailbox) = state.opened(name)?;
        let open = OpenTarget {
            validity: UidValidity(mailbox.validity),
            uid_next: Uid(mailbox.next),
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
            messages.iter().filter(|m| m.uid == uid).for_each(|m| each(id, header(&m.bytes)));
        }
        Ok(())
    }

    fn read(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, &[u8])) -> Result<(), Failure> {
        let messages = self.messages()?;
        for id in ids {
            if let Some(message) = messages.iter().find(|m| m.uid == uid_of(id)) {
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
        if state.strikes(Trouble::AtAppend(number)) {
            drop(state);
            self.gone = true;
            return Err(lost("the target closed the connection"));
        }
        drop(state);
        outcomes.append(&mut self.answers);
        self.append = Some((head.clone(), Vec::new()));
        Ok(())
    }

    fn append_chunk(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut state = self.usable()?;
        let number = state.appends;
        if state.strikes(Trouble::InAppend(number)) {
            drop(state);
            self.gone = true;
            return Err(lost("the target closed the connection"));
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
            return Err(lost("the target died"));
        }
        if let Some((kind, text)) = state.judge.as_ref().and_then(|judge| judge(&bytes, &head)) {
            let pause = state.pause;
            drop(state);
            let refused = AppendOutcome::Refused { kind, text: text.to_owned(), pause };
            self.answers.push((head.key, refused));
            return Ok(());
        }
        let stored = Message {
            uid: 0,
            bytes: state
                .alter
                .filter(|_| !head.literal8)
                .map_or_else(|| bytes.clone(), |alter| alter(&bytes)),
            date: if state.drops_dates { 2_000_000_000 } else { head.internal_date.unix_seconds },
            flags: if state.drops_flags { Flags::default() } else { head.flags.clone() },
            modseq: 0,
        };
        let uid = state.store(&path, stored);
        let number = state.appends;
        let told = state.uidplus.then_some(TargetId::Uid(Uid(uid)));
        if state.strikes(Trouble::AfterStore(number)) {
            drop(state);
            self.gone = true;
            return Err(lost("the target closed the connection"));
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
