//! What the session does at the target.

use super::super::mail::{bits, flags, is_poison};
use super::super::steps::{EndsOver, Next};
use super::super::world::{Fate, World, name};
use super::{Session, cut, dead, header, no_folder, replaced, shown_size, target_id};
use imapmig_core::failure::Failure;
use imapmig_core::folder::{Folder, FolderPath, FolderStatus, SpecialUse, WireName};
use imapmig_core::message::{Flags, InternalDate, Keywords, TargetValidity, Uid, UidValidity};
use imapmig_core::ports::target::{
    AppendHead, AppendKey, AppendOutcome, OpenTarget, Removal, TargetMessage, TargetProfile, TargetSession,
};
use imapmig_core::user::TargetId;

impl TargetSession for Session {
    fn profile(&self) -> &TargetProfile {
        &self.profile
    }

    fn folders(&mut self) -> Result<Vec<Folder>, Failure> {
        self.listed()
    }

    fn create(&mut self, path: &FolderPath, _: Option<SpecialUse>) -> Result<WireName, Failure> {
        let folder = name(path).ok_or_else(no_folder)?;
        self.call(|world, _| {
            world.target.make(folder);
            Ok(WireName(folder.as_bytes().to_vec()))
        })
    }

    fn statuses(&mut self, names: &[&WireName]) -> Result<Vec<Option<FolderStatus>>, Failure> {
        self.reported(names)
    }

    fn unlistable(&self) -> Vec<TargetId> {
        let (Some((folder, _)), EndsOver::Listing) = (self.open, self.ends_over()) else { return Vec::new() };
        let world = self.world.lock();
        let mails = world.target.folders.get(folder).map_or(&[][..], |mailbox| &mailbox.mails);
        mails.iter().filter(|mail| is_poison(&mail.bytes)).map(|mail| target_id(mail.uid)).collect()
    }

    fn subscribe(&mut self, _: &WireName) -> Result<(), Failure> {
        self.call(|_, _| Ok(()))
    }

    fn open(&mut self, name: &WireName) -> Result<OpenTarget, Failure> {
        let (validity, next, exists, _) = self.opened(name)?;
        Ok(OpenTarget {
            validity: TargetValidity::Uids(UidValidity(validity)),
            // An empty folder whose UIDNEXT is 1 is a new one.
            uid_next: match self.world.lock().manners.hints.target_next {
                Next::One if exists > 0 => Some(Uid(1)),
                Next::Missing => None,
                Next::Right | Next::One => Some(Uid(next)),
            },
            exists,
            keywords: Keywords::Any,
        })
    }

    /// Mail that arrives while a folder is listed lets the listing begin anew, as `UID FETCH n:*` after an untagged EXISTS does.
    fn inventory(&mut self, from: Uid, each: &mut dyn FnMut(TargetMessage)) -> Result<(), Failure> {
        loop {
            let arrivals = self.world.lock().arrivals;
            let hints = self.world.lock().manners.hints;
            for mail in self.listable()?.into_iter().filter(|m| m.uid >= from.0) {
                each(TargetMessage {
                    id: target_id(mail.uid),
                    size: shown_size(&mail, hints.target_sizes),
                    internal_date: InternalDate::utc(mail.date + i64::from(hints.target_dates) * 30),
                    flags: flags(mail.bits),
                });
            }
            self.call(|_, _| Ok(()))?;
            if self.world.lock().arrivals == arrivals {
                return Ok(());
            }
        }
    }

    fn headers(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, &[u8])) -> Result<(), Failure> {
        for mail in self.mails()? {
            if let Some(id) = ids.iter().find(|id| **id == target_id(mail.uid)) {
                self.deliver(&mail, EndsOver::Headers)?;
                each(id, header(&mail.bytes));
            }
        }
        Ok(())
    }

    fn read(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, &[u8])) -> Result<(), Failure> {
        for mail in self.mails()? {
            if let Some(id) = ids.iter().find(|id| **id == target_id(mail.uid)) {
                self.deliver(&mail, EndsOver::Bodies)?;
                each(id, &mail.bytes);
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
        self.call(|_, _| Ok(()))?;
        outcomes.append(&mut self.answers);
        self.append = Some((head.clone(), Vec::new()));
        Ok(())
    }

    fn append_chunk(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.gone {
            return Err(cut());
        }
        self.append.as_mut().unwrap().1.extend_from_slice(bytes);
        Ok(())
    }

    fn append_end(&mut self, _: &mut Vec<(AppendKey, AppendOutcome)>) -> Result<(), Failure> {
        let (head, bytes) = self.append.take().unwrap();
        if self.gone {
            return Err(cut());
        }
        let mail = (bytes, head.internal_date.unix_seconds, bits(&head.flags));
        let fate = self.world.tick(self.side);
        let (folder, validity) = self.open.expect("a folder is open");
        let mut world = self.world.lock();
        let store = |world: &mut World| {
            // NO [TRYCREATE]
            if !world.target.folders.contains_key(folder) {
                return Err(no_folder());
            }
            let there = world.target.folders.get(folder).is_some_and(|m| m.validity == validity);
            if there {
                Ok(world.target.store(folder, mail.0.clone(), mail.1, mail.2))
            } else {
                Err(replaced())
            }
        };
        match fate {
            Fate::Done => {
                let uid = store(&mut world)?;
                let told = world.manners.uidplus.then_some(target_id(uid));
                self.answers.push((head.key, AppendOutcome::Stored(told)));
                return Ok(());
            }
            Fate::Dead => return Err(dead()),
            Fate::DoneAndDead => return store(&mut world).and(Err(dead())),
            Fate::Cut => {}
            Fate::DoneAndCut => {
                store(&mut world)?;
            }
            Fate::Late(calls) => world.late.push((calls, folder, mail)),
        }
        drop(world);
        self.gone = true;
        Err(cut())
    }

    fn append_finish(&mut self, outcomes: &mut Vec<(AppendKey, AppendOutcome)>) -> Result<(), Failure> {
        self.call(|_, _| Ok(()))?;
        outcomes.append(&mut self.answers);
        Ok(())
    }

    fn set_flags(&mut self, changes: &[(TargetId, Flags)]) -> Result<(), Failure> {
        self.call(|world, open| {
            let (folder, validity) = open.expect("a folder is open");
            let mailbox = world.target.folders.get_mut(folder).filter(|m| m.validity == validity);
            for mail in &mut mailbox.ok_or_else(replaced)?.mails {
                if let Some((_, flags)) = changes.iter().find(|(id, _)| *id == target_id(mail.uid)) {
                    mail.bits = bits(flags);
                }
            }
            Ok(())
        })
    }

    fn remove(&mut self, ids: &[TargetId]) -> Result<Removal, Failure> {
        self.call(|world, open| {
            let (folder, validity) = open.expect("a folder is open");
            let mailbox = world.target.folders.get_mut(folder).filter(|m| m.validity == validity);
            mailbox.ok_or_else(replaced)?.mails.retain(|m| !ids.contains(&target_id(m.uid)));
            Ok(Removal::Removed)
        })
    }

    fn flags(&mut self, ids: &[TargetId], each: &mut dyn FnMut(&TargetId, Flags)) -> Result<(), Failure> {
        for mail in self.listable()? {
            if let Some(id) = ids.iter().find(|id| **id == target_id(mail.uid)) {
                each(id, flags(mail.bits));
            }
        }
        Ok(())
    }
}
