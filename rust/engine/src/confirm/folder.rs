//! Compares one folder: reads both sides at the same time, compares them, and writes down what differs.

use super::UserConfirm;
use super::compare::{Comparison, Pair, compare};
use super::findings::{Reported, Sides, drafts, not_compared};
use super::half::{Half, MessageId as _, Reading};
use super::read_side;
use super::sessions::Sessions;
use super::words::Described;
use crate::messages::failures;
use crate::messages::items::confirmation::folder_not_compared;
use crate::sync::both::both;
use crate::sync::failure::SyncResult;
use imapmig_core::cancel::Cancel;
use imapmig_core::confirmation::{ConfirmationCounts, ConfirmedFolder, Finding};
use imapmig_core::failure::Failure;
use imapmig_core::folder::FolderPath;
use imapmig_core::mapping::Mapping;
use imapmig_core::message::{Digest, TargetValidity, Uid, UidValidity};
use imapmig_core::user::TargetId;

/// How many findings are described and written at once.
const AT_ONCE: usize = 500;

/// What was read of a folder so far. It outlives lost connections.
#[derive(Default)]
pub(super) struct Partly {
    source: Half<Uid>,
    target: Half<TargetId>,
    /// Messages whose headers are the same and whose sizes are not: whole contents of both.
    whole_source: Half<Uid>,
    whole_target: Half<TargetId>,
    described: Described,
}

impl Partly {
    /// Grows with everything that need not be done again.
    pub(super) const fn progress(&self) -> u64 {
        self.source.progress
            + self.target.progress
            + self.whole_source.progress
            + self.whole_target.progress
            + self.described.progress
    }
}

/// A folder that is to be compared.
pub(super) struct Task<'a> {
    pub(super) confirm: &'a UserConfirm,
    /// Ends the comparison.
    pub(super) cancel: &'a Cancel,
    pub(super) mapping: &'a Mapping,
    /// The UIDVALIDITY that the migration's report refers to.
    pub(super) known: Option<UidValidity>,
    pub(super) reported: &'a Reported,
    /// Is called with the number of source messages that were read since the last call.
    pub(super) each: &'a (dyn Fn(u64) -> SyncResult + Sync),
}

/// Numbers the target's flags as the source's are.
fn share_flags(source: &Half<Uid>, target: &mut Half<TargetId>) {
    let own = std::mem::replace(&mut target.flags, source.flags.clone());
    for look in &mut target.messages {
        look.flags = target.flags.number(own.set(look.flags));
    }
}

impl Task<'_> {
    /// Compares the folder and returns its numbers.
    pub(super) fn run(&self, sessions: &mut Sessions, partly: &mut Partly) -> SyncResult<ConfirmationCounts> {
        let Self { confirm, mapping, .. } = *self;
        confirm.confirmations.clear_findings(
            confirm.confirmation,
            confirm.sides.user.id,
            &mapping.source.path,
        )?;
        let reading = Reading { bytes: confirm.bytes, cancel: self.cancel, each: self.each };
        let (here, there) = (&mut partly.source, &mut partly.target);
        let name = mapping.existing.as_ref();
        let Sessions { source, target } = sessions;
        let (listed_here, listed_there) = both(
            || read_side::source(&mut **source, &mapping.source.wire, reading, here),
            || read_side::target(&mut **target, name, reading, there),
        );
        if let Err(failure) = listed_here.and(listed_there) {
            return if failure.concerns_only_the_folder() {
                could_not(confirm, mapping, &failure.failure)
            } else {
                Err(failure)
            };
        }
        share_flags(&partly.source, &mut partly.target);
        let (here, there) = (&partly.source, &partly.target);
        let mut comparison = compare(&here.messages, &there.messages, &there.flags);
        if !confirm.bytes {
            self.compare_contents(sessions, partly, &mut comparison)?;
        }
        let Partly { source: here, target: there, described, .. } = partly;
        let sides = Sides {
            source_path: &mapping.source.path,
            target_path: &mapping.target,
            source: here,
            target: there,
            last_synced: confirm.sides.user.last_synced,
            reported: self.reported,
            same_uids: self.known.is_some() && self.known.map(TargetValidity::Uids) == here.validity,
            bytes: confirm.bytes,
        };
        let mut counts = ConfirmationCounts {
            source_items: here.exists.max(here.ids.len() as u64),
            target_items: there.ids.len() as u64,
            matched: comparison.matched,
            ..ConfirmationCounts::default()
        };
        for drafts in drafts(&sides, &comparison).chunks_mut(AT_ONCE) {
            described.describe(sessions, mapping, drafts)?;
            let findings: Vec<Finding> = drafts.iter().map(|draft| draft.finding.clone()).collect();
            findings.iter().for_each(|finding| counts.count(finding));
            confirm.confirmations.add_findings(confirm.confirmation, confirm.sides.user.id, &findings)?;
        }
        done(confirm, &mapping.source.path, counts)
    }

    /// Sizes are what servers claim. Messages with one header and two sizes are read whole, and are the same if their bytes are.
    fn compare_contents(
        &self,
        sessions: &mut Sessions,
        partly: &mut Partly,
        comparison: &mut Comparison,
    ) -> SyncResult {
        let Some(name) = &self.mapping.existing else { return Ok(()) };
        let Partly { source: here, target: there, whole_source, whole_target, .. } = partly;
        let open = |pair: &&mut Pair| {
            let (one, other) = (&here.messages[pair.source], &there.messages[pair.target]);
            pair.content && one.content.is_some() && other.content.is_some() && one.header == other.header
        };
        let mut pairs: Vec<&mut Pair> = comparison.altered.iter_mut().filter(open).collect();
        if pairs.is_empty() {
            return Ok(());
        }
        whole_source.relist(here.some_of(pairs.iter().map(|pair| pair.source)));
        whole_target.relist(there.some_of(pairs.iter().map(|pair| pair.target)));
        // They are counted already.
        let reading = Reading { bytes: true, cancel: self.cancel, each: &|_| Ok(()) };
        let Sessions { source, target } = sessions;
        let (read_here, read_there) = both(
            || read_side::whole_source(&mut **source, &self.mapping.source.wire, reading, whole_source),
            || read_side::whole_target(&mut **target, name, reading, whole_target),
        );
        read_here.and(read_there)?;
        let (sent, seen) = (whole_source.contents(), whole_target.contents());
        let mut sizes = Vec::with_capacity(pairs.len());
        for pair in &mut pairs {
            let (one, other) =
                (sent.get(&here.ids[pair.source].key()), seen.get(&there.ids[pair.target].key()));
            let digest = |seen: Option<&(Digest, u64)>| seen.map(|(digest, _)| *digest);
            pair.content = one.is_none() || digest(one) != digest(other);
            pair.undelivered = (one.is_none(), other.is_none());
            sizes.push((pair.source, one.map(|(_, size)| *size), pair.target, other.map(|(_, size)| *size)));
        }
        // What was claimed is no news any more.
        for (source, one, target, other) in sizes {
            here.messages[source].size = one.unwrap_or(here.messages[source].size);
            there.messages[target].size = other.unwrap_or(there.messages[target].size);
        }
        let before = comparison.altered.len();
        comparison.altered.retain(Pair::differs);
        comparison.matched += (before - comparison.altered.len()) as u64;
        Ok(())
    }
}

/// Notes a folder that cannot be compared.
pub(super) fn could_not(
    confirm: &UserConfirm,
    mapping: &Mapping,
    failure: &Failure,
) -> SyncResult<ConfirmationCounts> {
    let details = folder_not_compared(&failures::words(failure));
    whole(confirm, not_compared(&mapping.source.path, &mapping.target, details))
}

/// Notes a finding that is all there is to say about a folder.
pub(super) fn whole(confirm: &UserConfirm, finding: Finding) -> SyncResult<ConfirmationCounts> {
    confirm.confirmations.clear_findings(confirm.confirmation, confirm.sides.user.id, &finding.folder)?;
    let mut counts = ConfirmationCounts::default();
    counts.count(&finding);
    confirm.confirmations.add_findings(
        confirm.confirmation,
        confirm.sides.user.id,
        std::slice::from_ref(&finding),
    )?;
    done(confirm, &finding.folder, counts)
}

fn done(
    confirm: &UserConfirm,
    source: &FolderPath,
    counts: ConfirmationCounts,
) -> SyncResult<ConfirmationCounts> {
    let folder = ConfirmedFolder { source: source.clone(), counts };
    confirm.confirmations.add_confirmed_folder(confirm.confirmation, confirm.sides.user.id, &folder)?;
    Ok(counts)
}
