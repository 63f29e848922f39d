//! Connections to the two servers: the ports, as the world has it.

mod target;

use super::mail::{Account, BREAKING, FOLDERS, Mail, flags, is_poison, path};
use super::steps::{Calls, EndsOver, Manners, Statuses};
use super::world::{Fate, Shared, World};
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Conduct, Failure, FailureKind, Retry, Scope, Work};
use imapmig_core::folder::{Folder, FolderStatus, WireName};
use imapmig_core::message::{DateOrigin, InternalDate, MessageMeta, ModSeq, Uid, UidValidity};
use imapmig_core::ports::source::{BodyHead, BodySink, OpenSource, Scan, SourceConnector, SourceSession};
use imapmig_core::ports::target::{
    AppendHead, AppendKey, AppendOutcome, TargetConnector, TargetProfile, TargetSession,
};
use imapmig_core::user::TargetId;
use std::ops::ControlFlow;

/// A connection to one side.
struct Session {
    world: Shared,
    side: Calls,
    gone: bool,
    open: Option<(&'static str, u32)>,
    profile: TargetProfile,
    append: Option<(AppendHead, Vec<u8>)>,
    answers: Vec<(AppendKey, AppendOutcome)>,
}

pub struct Source(pub Shared);
pub struct Target(pub Shared);

impl SourceConnector for Source {
    fn connect(&self, _: &Cancel) -> Result<Box<dyn SourceSession>, Failure> {
        Ok(Box::new(Session::connect(&self.0, Calls::Source)?))
    }
}

impl TargetConnector for Target {
    fn connect(&self, _: &Cancel) -> Result<Box<dyn TargetSession>, Failure> {
        Ok(Box::new(Session::connect(&self.0, Calls::Target)?))
    }
}

fn dead() -> Failure {
    Failure::new(Scope::Batch, FailureKind::Local, Work::Fault)
}

fn cut() -> Failure {
    Failure::new(Scope::User, FailureKind::Disconnected, Conduct::Closed).retry(Retry::Reconnect)
}

fn no_folder() -> Failure {
    Failure::new(Scope::Mailbox, FailureKind::NotFound, Conduct::Closed)
}

fn replaced() -> Failure {
    Failure::new(Scope::User, FailureKind::Disconnected, Conduct::Closed).retry(Retry::Reconnect)
}

fn target_id(uid: u32) -> TargetId {
    TargetId::Uid(Uid(uid))
}

/// The size that a server shows.
fn shown_size(mail: &Mail, is_wrong: bool) -> u64 {
    mail.bytes.len() as u64 + u64::from(is_wrong && mail.uid % 2 == 1) * 5
}

fn header(bytes: &[u8]) -> &[u8] {
    let end = |mark: &[u8]| bytes.windows(mark.len()).position(|w| w == mark).map(|at| at + mark.len());
    &bytes[..end(b"\r\n\r\n").or(end(b"\n\n")).unwrap()]
}

impl Session {
    fn connect(world: &Shared, side: Calls) -> Result<Self, Failure> {
        let profile = TargetProfile {
            delimiter: Some('/'),
            case_insensitive: false,
            reserved: Vec::new(),
            forbidden: Vec::new(),
            max_name_bytes: 1_000,
            max_depth: 50,
            append_limit: None,
            trims_blanks: false,
            wide_characters: true,
            literal8: false,
            parallel: false,
        };
        let mut session = Self {
            world: world.clone(),
            side,
            gone: false,
            open: None,
            profile,
            append: None,
            answers: Vec::new(),
        };
        session.call(|_, _| Ok(()))?;
        Ok(session)
    }

    /// One command: counted, carried out as fate has it.
    fn call<T>(
        &mut self,
        run: impl FnOnce(&mut World, Option<(&'static str, u32)>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if self.gone {
            return Err(cut());
        }
        let fate = self.world.tick(self.side);
        let run = |this: &mut Self| run(&mut this.world.lock(), this.open);
        match fate {
            Fate::Done => run(self),
            Fate::Dead => Err(dead()),
            Fate::Cut | Fate::Late(_) => {
                self.gone = true;
                Err(cut())
            }
            Fate::DoneAndDead => run(self).and(Err(dead())),
            Fate::DoneAndCut => {
                self.gone = true;
                run(self).and(Err(cut()))
            }
        }
    }

    fn account(side: Calls, world: &mut World) -> &mut Account {
        if side == Calls::Source { &mut world.source } else { &mut world.target }
    }

    /// The messages of the open folder; a folder that was replaced ends the connection.
    fn mails(&mut self) -> Result<Vec<Mail>, Failure> {
        let side = self.side;
        self.call(|world, open| {
            let (folder, validity) = open.expect("a folder is open");
            let mailbox = Self::account(side, world).folders.get(folder);
            Ok(mailbox.filter(|m| m.validity == validity).ok_or_else(replaced)?.mails.clone())
        })
    }

    /// Over what of certain messages this server ends the connection.
    fn ends_over(&self) -> EndsOver {
        let hints = self.world.lock().manners.hints;
        if self.side == Calls::Source { hints.source_ends } else { hints.target_ends }
    }

    /// Ends the connection if the server cannot deliver this part of the message.
    fn deliver(&mut self, mail: &Mail, part: EndsOver) -> Result<(), Failure> {
        if is_poison(&mail.bytes) && self.ends_over() >= part {
            self.gone = true;
            return Err(cut());
        }
        Ok(())
    }

    /// The messages of the open folder that can be listed: connections of this program end over the others, and go on without them.
    fn listable(&mut self) -> Result<Vec<Mail>, Failure> {
        let mut mails = self.mails()?;
        if self.ends_over() == EndsOver::Listing {
            mails.retain(|mail| !is_poison(&mail.bytes));
        }
        Ok(mails)
    }

    /// What the server answers to STATUS.
    fn reported(&mut self, names: &[&WireName]) -> Result<Vec<Option<FolderStatus>>, Failure> {
        let Manners { condstore, hints, .. } = self.world.lock().manners;
        if hints.statuses == Statuses::Nothing {
            return Ok(vec![None; names.len()]);
        }
        let side = self.side;
        self.call(|world, _| {
            let of = |name: &&WireName| {
                let folder = FOLDERS.into_iter().find(|f| f.as_bytes() == name.0)?;
                let account = Self::account(side, world);
                let mailbox = account.folders.get(folder)?;
                let is_wrong = u32::from(hints.statuses == Statuses::Wrong);
                let now = FolderStatus {
                    validity: UidValidity(mailbox.validity),
                    uid_next: Uid(mailbox.next + is_wrong),
                    messages: u32::try_from(mailbox.mails.len()).unwrap() + is_wrong,
                    highest_modseq: condstore.then_some(ModSeq(account.modseq)),
                    bytes: None,
                };
                let before = world.statuses.insert((side as usize, folder), now);
                if hints.statuses == Statuses::Stale { before.or(Some(now)) } else { Some(now) }
            };
            Ok(names.iter().map(of).collect())
        })
    }

    fn listed(&mut self) -> Result<Vec<Folder>, Failure> {
        let side = self.side;
        self.call(|world, _| {
            let folder = |folder: &&'static str| Folder {
                wire: WireName(folder.as_bytes().to_vec()),
                path: path(folder),
                special_use: None,
                selectable: true,
                subscribed: true,
            };
            Ok(Self::account(side, world).folders.keys().map(folder).collect())
        })
    }

    /// Opens a folder and returns its UIDVALIDITY, next UID and number of messages.
    fn opened(&mut self, wire: &WireName) -> Result<(u32, u32, u32, u64), Failure> {
        let side = self.side;
        let folder = FOLDERS.into_iter().find(|f| f.as_bytes() == wire.0).ok_or_else(no_folder)?;
        self.open = None;
        let opened = self.call(|world, _| {
            let account = Self::account(side, world);
            let mailbox = account.folders.get(folder).ok_or_else(no_folder)?;
            Ok((mailbox.validity, mailbox.next, u32::try_from(mailbox.mails.len()).unwrap(), account.modseq))
        })?;
        if folder == BREAKING && self.world.lock().manners.hints.breaking == Some(side) {
            self.gone = true;
            return Err(cut());
        }
        self.open = Some((folder, opened.0));
        Ok(opened)
    }
}

impl SourceSession for Session {
    fn folders(&mut self) -> Result<Vec<Folder>, Failure> {
        self.listed()
    }

    fn open(&mut self, name: &WireName) -> Result<OpenSource, Failure> {
        let (validity, next, exists, modseq) = self.opened(name)?;
        let Manners { condstore, hints, .. } = self.world.lock().manners;
        // A folder that is said to be empty is taken to be empty.
        let exists = exists.saturating_add_signed(hints.exists.into()).max(exists.min(1));
        Ok(OpenSource {
            validity: UidValidity(validity),
            exists,
            uid_next: Some(Uid(next)),
            highest_modseq: condstore.then_some(ModSeq(modseq)),
            id: None,
        })
    }

    fn statuses(&mut self, names: &[&WireName]) -> Result<Vec<Option<FolderStatus>>, Failure> {
        self.reported(names)
    }

    fn scan(
        &mut self,
        scan: Scan,
        each: &mut dyn FnMut(MessageMeta) -> ControlFlow<()>,
    ) -> Result<(), Failure> {
        let sizes_are_wrong = self.world.lock().manners.hints.source_sizes;
        for mail in self.listable()? {
            if matches!(scan, Scan::ChangedSince(since) if mail.modseq <= since.0) {
                continue;
            }
            let meta = MessageMeta {
                uid: Uid(mail.uid),
                size: shown_size(&mail, sizes_are_wrong),
                internal_date: InternalDate::utc(mail.date),
                date: DateOrigin::Told,
                flags_known: true,
                flags: flags(mail.bits),
                modseq: None,
            };
            if each(meta).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn has_unlistable(&self) -> bool {
        let (Some((folder, _)), EndsOver::Listing) = (self.open, self.ends_over()) else { return false };
        let world = self.world.lock();
        world.source.folders.get(folder).is_some_and(|m| m.mails.iter().any(|mail| is_poison(&mail.bytes)))
    }

    fn ends(&mut self, _: u32, _: &mut dyn FnMut(MessageMeta)) -> Result<(), Failure> {
        Ok(())
    }

    fn fetch(&mut self, uids: &[Uid], sink: &mut dyn BodySink) -> Result<(), Failure> {
        for uid in uids {
            let mails = self.mails()?;
            let Some(mail) = mails.into_iter().find(|m| m.uid == uid.0) else { continue };
            self.deliver(&mail, EndsOver::Bodies)?;
            let half = mail.bytes.len() / 2;
            let broken = sink.begin(BodyHead { uid: *uid, size: mail.bytes.len() as u64 }).is_break()
                || sink.chunk(&mail.bytes[..half]).is_break();
            let failed = self.call(|_, _| Ok(()));
            let broken = broken
                || failed.is_err()
                || sink.chunk(&mail.bytes[half..]).is_break()
                || sink.end().is_break();
            if broken {
                self.gone = true;
                return failed;
            }
        }
        Ok(())
    }

    fn headers(&mut self, uids: &[Uid], each: &mut dyn FnMut(Uid, &[u8])) -> Result<(), Failure> {
        for mail in self.mails()?.iter().filter(|m| uids.contains(&Uid(m.uid))) {
            self.deliver(mail, EndsOver::Headers)?;
            each(Uid(mail.uid), header(&mail.bytes));
        }
        Ok(())
    }

    fn account(&self) -> &str {
        "source.example:143 terry"
    }
}
