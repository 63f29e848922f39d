//! Describes findings by the headers of their messages. A header over which the connection breaks is done without.

use super::findings::{Draft, HeaderAt};
use super::sessions::Sessions;
use crate::sync::decide::item::TargetKey;
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::skipped::Words;
use imapmig_core::fingerprint::field;
use imapmig_core::mapping::Mapping;
use imapmig_core::message::Uid;
use imapmig_core::user::TargetId;
use std::collections::{HashMap, HashSet, VecDeque};

/// The most characters of a Message-ID that are kept.
const LONGEST_ID: usize = 255;

/// What is known of headers that could not be read. It outlives lost connections.
#[derive(Default)]
pub(super) struct Described {
    /// Headers are requested one by one, because a request of many broke the connection.
    alone: bool,
    broke_source: HashSet<Uid>,
    broke_target: HashSet<TargetKey>,
    /// Grows with everything that need not be done again.
    pub(super) progress: u64,
}

/// Subject and Message-ID.
type Text = (String, String);

impl Described {
    /// Adds the words of the messages' headers.
    pub(super) fn describe(
        &mut self,
        sessions: &mut Sessions,
        mapping: &Mapping,
        drafts: &mut [Draft],
    ) -> SyncResult {
        let mut at_source = Vec::new();
        let mut at_target = Vec::new();
        for draft in drafts.iter() {
            match &draft.header {
                HeaderAt::Source(uid) if !self.broke_source.contains(uid) => at_source.push(*uid),
                HeaderAt::Target(id) if !self.broke_target.contains(&TargetKey::of(id)) => {
                    at_target.push(id.clone())
                }
                _ => {}
            }
        }
        let here = self.of_source(sessions, mapping, &at_source)?;
        let there = self.of_target(sessions, mapping, &at_target)?;
        for draft in drafts {
            let words = match &draft.header {
                HeaderAt::Nowhere => None,
                HeaderAt::Source(uid) => here.get(uid),
                HeaderAt::Target(id) => there.get(&TargetKey::of(id)),
            };
            (draft.finding.subject, draft.finding.message_id) = words.cloned().unwrap_or_default();
        }
        Ok(())
    }

    fn of_source(
        &mut self,
        sessions: &mut Sessions,
        mapping: &Mapping,
        uids: &[Uid],
    ) -> SyncResult<HashMap<Uid, Text>> {
        let mut read = HashMap::new();
        if uids.is_empty() {
            return Ok(read);
        }
        sessions.source.open(&mapping.source.wire).at_source()?;
        let mut request = |uids: &[Uid]| {
            let each = &mut |uid, header: &[u8]| {
                read.insert(uid, text(header));
            };
            sessions.source.headers(uids, each).at_source()
        };
        self.request(uids, &mut request, |described, uid| described.broke_source.insert(*uid))?;
        Ok(read)
    }

    fn of_target(
        &mut self,
        sessions: &mut Sessions,
        mapping: &Mapping,
        ids: &[TargetId],
    ) -> SyncResult<HashMap<TargetKey, Text>> {
        let mut read = HashMap::new();
        let Some(name) = mapping.existing.as_ref().filter(|_| !ids.is_empty()) else { return Ok(read) };
        sessions.target.open(name).at_target()?;
        let mut request = |ids: &[TargetId]| {
            let each = &mut |id: &TargetId, header: &[u8]| {
                read.insert(TargetKey::of(id), text(header));
            };
            sessions.target.headers(ids, each).at_target()
        };
        self.request(ids, &mut request, |described, id| described.broke_target.insert(TargetKey::of(id)))?;
        Ok(read)
    }

    /// After a failure, here or in a later attempt, headers are requested one by one, and one that fails alone is given up.
    fn request<I>(
        &mut self,
        ids: &[I],
        request: &mut dyn FnMut(&[I]) -> SyncResult,
        give_up: impl Fn(&mut Self, &I) -> bool,
    ) -> SyncResult {
        let at_once = if self.alone { 1 } else { ids.len() };
        let mut waiting: VecDeque<&[I]> = ids.chunks(at_once).collect();
        while let Some(asked) = waiting.pop_front() {
            let Err(failure) = request(asked) else { continue };
            let goes_on = failure.concerns_only_the_folder();
            self.alone = true;
            self.progress += 1;
            match asked {
                [one] => drop(give_up(self, one)),
                many if goes_on => waiting.extend(many.chunks(1)),
                _ => {}
            }
            if !goes_on {
                return Err(failure);
            }
        }
        Ok(())
    }
}

fn text(header: &[u8]) -> Text {
    let id = field(header, "Message-ID").unwrap_or_default();
    let id = String::from_utf8_lossy(&id).chars().filter(|c| !c.is_control()).take(LONGEST_ID).collect();
    (Words::of(header).subject, id)
}
