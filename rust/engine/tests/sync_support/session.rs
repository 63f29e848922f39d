//! Connections to an account in memory: the ports, as the account's habits and faults have it.

use super::account::{Account, Fault, Message, State, header, lost};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Conduct, Failure, FailureKind, Retry, Scope, SignIn};
use imapmig_core::folder::{Folder, FolderPath, WireName};
use imapmig_core::message::{DateOrigin, InternalDate, MessageMeta, ModSeq, Uid, UidValidity};
use imapmig_core::ports::source::{BodyHead, BodySink, OpenSource, Scan, SourceConnector, SourceSession};
use imapmig_core::ports::target::{
    AppendHead, AppendKey, AppendOutcome, TargetConnector, TargetProfile, TargetSession,
};
use std::ops::ControlFlow;
use std::sync::MutexGuard;

pub(super) struct Session {
    pub(super) account: Account,
    pub(super) cancel: Cancel,
    pub(super) open: Option<FolderPath>,
    pub(super) gone: bool,
    pub(super) profile: TargetProfile,
    pub(super) append: Option<(AppendHead, Vec<u8>)>,
    pub(super) answers: Vec<(AppendKey, AppendOutcome)>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.account.state().open_now -= 1;
    }
}

fn session(account: &Account, cancel: &Cancel) -> Result<Session, Failure> {
    let mut state = account.state();
    if state.most_connections_ever.is_some_and(|most| state.connections >= most) {
        return Err(Failure::new(Scope::User, FailureKind::LoginRefused, SignIn::MailboxNotPermitted)
            .retry(Retry::Never));
    }
    if state.open_now >= state.most_connections {
        return Err(Failure::new(Scope::User, FailureKind::ConnectionLimit, Conduct::ConnectionLimit)
            .retry(Retry::Reconnect));
    }
    state.open_now += 1;
    state.connections += 1;
    Ok(Session {
        account: account.clone(),
        cancel: cancel.clone(),
        open: None,
        gone: false,
        profile: state.profile.clone(),
        append: None,
        answers: Vec::new(),
    })
}

impl SourceConnector for Account {
    fn connect(&self, cancel: &Cancel) -> Result<Box<dyn SourceSession>, Failure> {
        Ok(Box::new(session(self, cancel)?))
    }
}

impl TargetConnector for Account {
    fn connect(&self, cancel: &Cancel) -> Result<Box<dyn TargetSession>, Failure> {
        Ok(Box::new(session(self, cancel)?))
    }
}

impl Session {
    pub(super) fn usable(&self) -> Result<MutexGuard<'_, State>, Failure> {
        if self.cancel.is_cancelled() {
            return Err(Failure::cancelled());
        }
        if self.gone { Err(lost(Conduct::Closed)) } else { Ok(self.account.state()) }
    }

    pub(super) fn cut<T>(&mut self) -> Result<T, Failure> {
        self.gone = true;
        Err(lost(Conduct::Closed))
    }

    pub(super) fn messages(&self) -> Result<Vec<Message>, Failure> {
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
            exists: state.claimed.unwrap_or(u32::try_from(mailbox.messages.len()).unwrap()),
            uid_next: Some(Uid(mailbox.next)),
            highest_modseq: state.condstore.then_some(ModSeq(state.modseq)),
            id: None,
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
        let (wrong, claimed, doubled) = {
            let mut state = self.usable()?;
            state.scans.push(if scan == Scan::All { "all" } else { "changed" });
            (state.wrong_sizes, state.claimed_size, state.doubled_in_scans)
        };
        let copies = if doubled { 2 } else { 1 };
        for message in messages.iter().flat_map(|m| std::iter::repeat_n(m, copies)) {
            if matches!(scan, Scan::ChangedSince(since) if message.modseq <= since.0) {
                continue;
            }
            let meta = MessageMeta {
                uid: Uid(message.uid),
                size: claimed.unwrap_or(message.bytes.len() as u64 + u64::from(wrong)),
                internal_date: InternalDate::utc(message.date),
                flags: message.flags.clone(),
                date: DateOrigin::Told,
                flags_known: true,
                modseq: None,
            };
            if each(meta).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn ends(&mut self, _: u32, _: &mut dyn FnMut(MessageMeta)) -> Result<(), Failure> {
        Ok(())
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
            let broken = state.strikes(Fault::InFetch(number)) || state.is_deadly(&message.bytes, true);
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
                return Err(lost(Conduct::Closed));
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
            if self.account.state().is_deadly(&message.bytes, false) {
                return self.cut();
            }
            each(Uid(message.uid), header(&message.bytes));
        }
        Ok(())
    }

    fn account(&self) -> &str {
        "source.example:143 terry"
    }
}
