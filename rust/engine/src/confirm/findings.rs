//! Puts what differs in a folder into words, with the migration's own report beside it.

use super::compare::{Comparison, Facts, Pair};
use super::half::Half;
use crate::messages::items::confirmation as words;
use crate::sync::decide::flag_delta::lacking;
use imapmig_core::confirmation::{Finding, FindingKind};
use imapmig_core::folder::FolderPath;
use imapmig_core::message::{InternalDate, Uid};
use imapmig_core::time::UnixMs;
use imapmig_core::user::{SkippedItem, SkippedKind, TargetId};
use std::collections::HashMap;

/// A folder, and the UID of a message in it.
type About = (FolderPath, Option<Uid>);

/// What the migration reported, by folder and UID.
pub(super) struct Reported(HashMap<About, Vec<(SkippedKind, String)>>);

impl Reported {
    pub(super) fn of(items: Vec<SkippedItem>) -> Self {
        let mut reported: HashMap<_, Vec<_>> = HashMap::new();
        for item in items {
            reported.entry((item.folder, item.uid)).or_default().push((item.kind, item.reason));
        }
        Self(reported)
    }

    /// The first reason of one of these kinds; absent uid: of the folder itself.
    fn reason(
        &self,
        folder: &FolderPath,
        uid: Option<Uid>,
        fits: impl Fn(SkippedKind) -> bool,
    ) -> Option<&str> {
        let items = self.0.get(&(folder.clone(), uid))?;
        items.iter().find(|(kind, _)| fits(*kind)).map(|(_, reason)| reason.as_str())
    }
}

/// A folder on both sides.
pub(super) struct Sides<'a> {
    pub(super) source_path: &'a FolderPath,
    pub(super) target_path: &'a FolderPath,
    pub(super) source: &'a Half<Uid>,
    pub(super) target: &'a Half<TargetId>,
    pub(super) reported: &'a Reported,
    /// When the last sync of the user ended.
    pub(super) last_synced: Option<UnixMs>,
    /// Whether whole contents were read.
    pub(super) bytes: bool,
    /// Whether the report's UIDs mean the messages that the source has now.
    pub(super) same_uids: bool,
}

/// A finding whose message's header is not read yet.
pub(super) struct Draft {
    pub(super) finding: Finding,
    /// Where the header is read.
    pub(super) header: HeaderAt,
}

/// Where a header is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HeaderAt {
    /// Nowhere: the finding is about the folder.
    Nowhere,
    /// At the source.
    Source(Uid),
    /// At the target.
    Target(TargetId),
}

/// Everything that differs in a folder.
pub(super) fn drafts(sides: &Sides<'_>, comparison: &Comparison) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let undescribed = sides.source.exists.saturating_sub(sides.source.ids.len() as u64);
    if undescribed > 0 {
        let details = words::not_described(undescribed);
        let fits = |kind| matches!(kind, SkippedKind::SourceUnreadable);
        let explanation = sides.reported.reason(sides.source_path, None, fits).map(str::to_owned);
        drafts.push(of_folder(sides, FindingKind::Missing, details, explanation));
    }
    drafts.extend(comparison.missing.iter().map(|at| missing(sides, *at)));
    drafts.extend(comparison.altered.iter().map(|pair| altered(sides, pair)));
    for at in &comparison.doubled {
        let details = words::doubled();
        drafts.push(only_at_target(sides, *at, FindingKind::Doubled, details));
    }
    for at in &comparison.foreign {
        let details = words::foreign();
        drafts.push(only_at_target(sides, *at, FindingKind::Foreign, details));
    }
    for (flag, number) in &comparison.flags_added {
        let details = words::flags_added(*number, flag);
        drafts.push(of_folder(sides, FindingKind::FlagsAdded, details, None));
    }
    drafts
}

/// A finding about a folder that could not be compared.
pub(super) fn not_compared(source: &FolderPath, target: &FolderPath, details: String) -> Finding {
    Finding {
        kind: FindingKind::Missing,
        folder: source.clone(),
        target_folder: target.clone(),
        uid: None,
        target: None,
        subject: String::new(),
        message_id: String::new(),
        size: 0,
        received: None,
        details,
        explanation: None,
    }
}

fn of_folder(sides: &Sides<'_>, kind: FindingKind, details: String, explanation: Option<String>) -> Draft {
    let finding =
        Finding { kind, explanation, ..not_compared(sides.source_path, sides.target_path, details) };
    Draft { finding, header: HeaderAt::Nowhere }
}

fn of_message(sides: &Sides<'_>, kind: FindingKind, look: &Facts, details: String) -> Finding {
    let received =
        (look.date != InternalDate::UNKNOWN).then_some(UnixMs(look.date.unix_seconds.saturating_mul(1000)));
    let about = not_compared(sides.source_path, sides.target_path, details);
    Finding { kind, size: look.size, received, ..about }
}

fn missing(sides: &Sides<'_>, at: usize) -> Draft {
    let (uid, look) = (sides.source.ids[at], &sides.source.messages[at]);
    let since = |synced: UnixMs| look.date.unix_seconds.saturating_mul(1000) > synced.0;
    let details = if look.content.is_none() {
        words::neither_delivered_nor_alike()
    } else if look.date != InternalDate::UNKNOWN && sides.last_synced.is_some_and(since) {
        words::missing_since_sync()
    } else {
        words::missing()
    };
    let explanation = explained(sides, uid, SkippedKind::is_left_out);
    let finding = of_message(sides, FindingKind::Missing, look, details);
    Draft { finding: Finding { uid: Some(uid), explanation, ..finding }, header: at_source(sides, uid, look) }
}

fn altered(sides: &Sides<'_>, pair: &Pair) -> Draft {
    let uid = sides.source.ids[pair.source];
    let (here, there) = (&sides.source.messages[pair.source], &sides.target.messages[pair.target]);
    let mut details = Vec::new();
    let mut explanations = Vec::new();
    if pair.content {
        details.push(content_words(here, there, pair.undelivered));
        let kinds = |kind| matches!(kind, SkippedKind::Altered | SkippedKind::SourceUnreadable);
        let folder = || sides.reported.reason(sides.source_path, None, |kind| kind == SkippedKind::Altered);
        explanations.push(explained(sides, uid, kinds).or_else(|| folder().map(str::to_owned)));
    }
    if pair.date {
        details.push(words::other_date(there.date, here.date));
        explanations.push(explained(sides, uid, |kind| kind == SkippedKind::DateChanged));
    }
    if pair.flags {
        let (own, its) = (sides.source.flags.set(here.flags), sides.target.flags.set(there.flags));
        details.push(words::flags_lacking(&lacking(own, its).to_string()));
        explanations.push(explained(sides, uid, |kind| kind == SkippedKind::FlagsReduced));
    }
    let explanation: Option<Vec<_>> = explanations.into_iter().collect();
    let finding = of_message(sides, FindingKind::Altered, here, details.join("; "));
    let finding = Finding {
        uid: Some(uid),
        target: Some(place(&sides.target.ids[pair.target])),
        explanation: explanation.map(|reasons| reasons.join("; ")),
        ..finding
    };
    Draft { finding, header: at_source(sides, uid, here) }
}

/// A header that was not delivered is not requested again; that of a body may well be.
fn has_header(sides: &Sides<'_>, look: &Facts) -> bool {
    sides.bytes || look.content.is_some()
}

fn at_source(sides: &Sides<'_>, uid: Uid, look: &Facts) -> HeaderAt {
    if has_header(sides, look) { HeaderAt::Source(uid) } else { HeaderAt::Nowhere }
}

fn content_words(here: &Facts, there: &Facts, undelivered: (bool, bool)) -> String {
    match undelivered {
        (true, _) => words::not_delivered_by_source(),
        (_, true) => words::not_delivered_by_target(),
        _ => words::other_content(here.size, there.size),
    }
}

fn only_at_target(sides: &Sides<'_>, at: usize, kind: FindingKind, details: String) -> Draft {
    let id = &sides.target.ids[at];
    let look = &sides.target.messages[at];
    let finding = of_message(sides, kind, look, details);
    let header = if has_header(sides, look) { HeaderAt::Target(id.clone()) } else { HeaderAt::Nowhere };
    Draft { finding: Finding { target: Some(place(id)), ..finding }, header }
}

fn explained(sides: &Sides<'_>, uid: Uid, fits: impl Fn(SkippedKind) -> bool) -> Option<String> {
    if !sides.same_uids {
        return None;
    }
    sides.reported.reason(sides.source_path, Some(uid), fits).map(str::to_owned)
}

fn place(id: &TargetId) -> String {
    match id {
        TargetId::Uid(uid) => uid.0.to_string(),
        TargetId::File(name) => name.clone(),
    }
}
