//! Compares one folder: reads both sides at the same time, compares them, and writes down what differs.

use super::UserConfirm;
use super::compare::{Comparison, Pair, compare};
use super::findings::{Draft, HeaderAt, Reported, Sides, drafts, not_compared};
use super::half::{Half, Reading};
use super::look;
use crate::sync::decide::item::TargetKey;
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::skipped::Words;
use crate::sync::steps::content;
use imapmig_core::confirmation::{ConfirmationCounts, ConfirmedFolder, Finding};
use imapmig_core::failure::Failure;
use imapmig_core::fingerprint::field;
use imapmig_core::folder::FolderPath;
use imapmig_core::mapping::Mapping;
use imapmig_core::message::{TargetValidity, Uid, UidValidity};
use imapmig_core::ports::source::SourceSession;
use imapmig_core::ports::target::TargetSession;
use imapmig_core::user::TargetId;
use std::collections::HashMap;
use std::thread;

/// How many findings are described and written at once.
const AT_ONCE: usize = 500;

/// A connection to each side.
pub(super) struct Sessions {
    pub(super) source: Box<dyn SourceSession>,
    pub(super) target: Box<dyn TargetSession>,
}

/// What was read of a folder so far. It outlives lost connections.
#[derive(Default)]
pub(super) struct Partly {
    source: Half<Uid>,
    target: Half<TargetId>,
}

impl Partly {
    /// Grows with everything that need not be done again.
    pub(super) const fn progress(&self) -> u64 {
        self.source.progress + self.target.progress
    }
}

/// Numbers the target's flags as the source's are.
fn share_flags(source: &Half<Uid>, target: &mut Half<TargetId>) {
    let own = std::mem::replace(&mut target.flags, source.flags.clone());
    for look in &mut target.looks {
        look.flags = target.flags.number(own.set(look.flags));
    }
}

/// Compares a folder and returns its numbers. `known`: the UIDVALIDITY that the migration's report refers to.
pub(super) fn run(
    confirm: &UserConfirm,
    sessions: &mut Sessions,
    mapping: &Mapping,
    known: Option<UidValidity>,
    reported: &Reported,
    each: &(dyn Fn(u64) -> SyncResult + Sync),
    partly: &mut Partly,
) -> SyncResult<ConfirmationCounts> {
    confirm.store.clear_findings(confirm.confirmation, confirm.user.id, &mapping.source.path)?;
    let reading = Reading { bytes: confirm.bytes, cancel: &confirm.cancel, each };
    let Sessions { source, target } = sessions;
    let (here, there) = thread::scope(|scope| {
        let target = &mut **target;
        let (here, there) = (&mut partly.source, &mut partly.target);
        let there = scope.spawn(move || look::target(target, mapping.existing.as_ref(), reading, there));
        let here = look::source(&mut **source, &mapping.source.wire, reading, here);
        (here, there.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    if let Err(failure) = here.and(there) {
        return if failure.concerns_only_the_folder() {
            could_not(confirm, mapping, &failure.failure)
        } else {
            Err(failure)
        };
    }
    let Partly { source: here, target: there, .. } = partly;
    share_flags(here, there);
    let mut comparison = compare(&here.looks, &there.looks, &there.flags);
    if !confirm.bytes {
        settle(sessions, mapping, here, there, &mut comparison)?;
    }
    let sides = Sides {
        source_path: &mapping.source.path,
        target_path: &mapping.target,
        source: here,
        target: there,
        last_synced: confirm.user.last_synced,
        reported,
        same_uids: known.is_some() && known.map(TargetValidity::Uids) == here.validity,
    };
    let mut counts = ConfirmationCounts {
        source_items: here.exists.max(here.ids.len() as u64),
        target_items: there.ids.len() as u64,
        matched: comparison.matched,
        ..ConfirmationCounts::default()
    };
    let mut drafts = drafts(&sides, &comparison);
    for drafts in drafts.chunks_mut(AT_ONCE) {
        describe(sessions, mapping, drafts)?;
        let findings: Vec<Finding> = drafts.iter().map(|draft| draft.finding.clone()).collect();
        findings.iter().for_each(|finding| counts.count(finding));
        confirm.store.add_findings(confirm.confirmation, confirm.user.id, &findings)?;
    }
    done(confirm, &mapping.source.path, counts)
}

/// Notes a folder that cannot be compared.
pub(super) fn could_not(
    confirm: &UserConfirm,
    mapping: &Mapping,
    failure: &Failure,
) -> SyncResult<ConfirmationCounts> {
    let details = format!("the folder could not be compared: {failure}");
    whole(confirm, not_compared(&mapping.source.path, &mapping.target, details))
}

/// Notes a finding that is all there is to say about a folder.
pub(super) fn whole(confirm: &UserConfirm, finding: Finding) -> SyncResult<ConfirmationCounts> {
    confirm.store.clear_findings(confirm.confirmation, confirm.user.id, &finding.folder)?;
    let mut counts = ConfirmationCounts::default();
    counts.count(&finding);
    confirm.store.add_findings(confirm.confirmation, confirm.user.id, std::slice::from_ref(&finding))?;
    done(confirm, &finding.folder, counts)
}

fn done(
    confirm: &UserConfirm,
    source: &FolderPath,
    counts: ConfirmationCounts,
) -> SyncResult<ConfirmationCounts> {
    let folder = ConfirmedFolder { source: source.clone(), counts };
    confirm.store.add_confirmed_folder(confirm.confirmation, confirm.user.id, &folder)?;
    Ok(counts)
}

/// Sizes are what servers claim. Messages with one header and two sizes are read whole, and are the same if their bytes are.
fn settle(
    sessions: &mut Sessions,
    mapping: &Mapping,
    here: &Half<Uid>,
    there: &Half<TargetId>,
    comparison: &mut Comparison,
) -> SyncResult {
    let Some(name) = &mapping.existing else { return Ok(()) };
    let open = |pair: &Pair| {
        let (one, other) = (&here.looks[pair.source], &there.looks[pair.target]);
        pair.content && one.content.is_some() && other.content.is_some() && one.header == other.header
    };
    let pairs: Vec<Pair> = comparison.altered.iter().copied().filter(open).collect();
    if pairs.is_empty() {
        return Ok(());
    }
    sessions.source.open(&mapping.source.wire).at_source()?;
    sessions.target.open(name).at_target()?;
    let mut same = HashMap::new();
    for pairs in pairs.chunks(AT_ONCE) {
        let uids: Vec<_> = pairs.iter().map(|pair| here.ids[pair.source]).collect();
        let ids: Vec<_> = pairs.iter().map(|pair| there.ids[pair.target].clone()).collect();
        let sent = content::at_source(&mut *sessions.source, &uids)?;
        let seen = content::at_target(&mut *sessions.target, &ids)?;
        for (pair, (uid, id)) in pairs.iter().zip(uids.iter().zip(&ids)) {
            let (one, other) = (sent.get(uid), seen.get(&TargetKey::of(id)));
            let equal = one.zip(other).is_some_and(|(one, other)| one.content.digest == other.content.digest);
            same.insert(pair.source, equal);
        }
    }
    for pair in &mut comparison.altered {
        if same.get(&pair.source) == Some(&true) {
            pair.content = false;
        }
    }
    let before = comparison.altered.len();
    comparison.altered.retain(Pair::differs);
    comparison.matched += (before - comparison.altered.len()) as u64;
    Ok(())
}

/// Adds the words of the messages' headers.
fn describe(sessions: &mut Sessions, mapping: &Mapping, drafts: &mut [Draft]) -> SyncResult {
    let at_source: Vec<Uid> = drafts
        .iter()
        .filter_map(|draft| if let HeaderAt::Source(uid) = draft.header { Some(uid) } else { None })
        .collect();
    let at_target: Vec<_> = drafts
        .iter()
        .filter_map(|draft| if let HeaderAt::Target(id) = &draft.header { Some(id.clone()) } else { None })
        .collect();
    let words_of = |header: &[u8]| {
        let id = field(header, "Message-ID").unwrap_or_default();
        (Words::of(header).subject, String::from_utf8_lossy(&id).into_owned())
    };
    let (mut here, mut there) = (HashMap::new(), HashMap::new());
    if !at_source.is_empty() {
        sessions.source.open(&mapping.source.wire).at_source()?;
        let each = &mut |uid, header: &[u8]| {
            here.insert(uid, words_of(header));
        };
        sessions.source.headers(&at_source, each).at_source()?;
    }
    if let (false, Some(name)) = (at_target.is_empty(), &mapping.existing) {
        sessions.target.open(name).at_target()?;
        let each = &mut |id: &_, header: &[u8]| {
            there.insert(TargetKey::of(id), words_of(header));
        };
        sessions.target.headers(&at_target, each).at_target()?;
    }
    for draft in drafts {
        let words = match &draft.header {
            HeaderAt::Nowhere => None,
            HeaderAt::Source(uid) => here.get(uid),
            HeaderAt::Target(id) => there.get(&TargetKey::of(id)),
        };
        let (subject, message_id) = words.cloned().unwrap_or_default();
        draft.finding.subject = subject;
        draft.finding.message_id = message_id.chars().filter(|c| !c.is_control()).take(255).collect();
    }
    Ok(())
}
