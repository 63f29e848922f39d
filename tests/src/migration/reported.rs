//! Comparison with a target that alters, refuses or renames: every difference must have been reported.

use std::collections::BTreeMap;

use super::{Item, Statistics};
use crate::{Comparison, Entry, MailboxPath, Snapshot};

/// Fails unless the target differs from the source exactly in what the user's items say, and every message that was refused or
/// altered lies kept with the source's bytes.
///
/// # Panics
///
/// If there is an unreported difference, or a report of something that is not so.
#[track_caller]
pub fn assert_same_but_reported(source: &Snapshot, target: &Snapshot, statistics: &Statistics) {
    let (mut source, mut target) = (source.clone(), target.clone());
    let renamed = renamed(statistics);
    source.mailboxes =
        source.mailboxes.into_iter().map(|(path, entries)| (moved(&path, &renamed), entries)).collect();
    for item in statistics.items() {
        let place = MailboxPath::from_iter(item.folder.split('/').map(str::to_owned));
        // A folder's name may hold what separates levels; then the place is found by its message.
        let place = renamed.get(&item.folder).cloned().unwrap_or_else(|| moved(&place, &renamed));
        match item.kind.as_str() {
            // Flags that the target added show in the comparison, unless the test takes them out.
            "FolderRenamed" | "FlagsAdded" | "NotVerified" => {}
            "Altered" => altered(&mut source, &mut target, &place, &item),
            "Refused" => {
                let original = blake3::hash(&item.original());
                take(&mut source, &place, |entry| entry.digest == original && is(entry, &item), &item);
            }
            "LargeItem" => drop(take(&mut source, &place, |entry| is(entry, &item), &item)),
            "FlagsReduced" => {
                let entry = find(&mut source, &place, |entry| is(entry, &item), &item);
                let digest = entry.digest;
                let has = find(&mut target, &place, |found| found.digest == digest, &item).flags.clone();
                let entry = find(&mut source, &place, |entry| is(entry, &item), &item);
                assert!(has.is_subset(&entry.flags) && has != entry.flags, "not reduced: {item:#?}");
                entry.flags = has;
            }
            "DateChanged" => {
                let entry = find(&mut source, &place, |entry| is(entry, &item), &item);
                let (digest, date) = (entry.digest, entry.date);
                // Of several like it, each is set right once.
                let wrong = |found: &Entry| found.digest == digest && found.date != date;
                find(&mut target, &place, wrong, &item).date = date;
            }
            other => panic!("an unexpected report of kind {other}: {item:#?}"),
        }
    }
    super::assert_same(&source, &target, &Comparison::strict().allowing_more_mailboxes());
}

/// Takes the original out of the source, and out of the target what became of it.
fn altered(source: &mut Snapshot, target: &mut Snapshot, place: &MailboxPath, item: &Item) {
    let original = blake3::hash(&item.original());
    let entry = take(source, place, |entry| entry.digest == original && is(entry, item), item);
    let same_bytes = source.mailboxes[place].iter().filter(|other| other.digest == original).count();
    let kept_as_is = target.mailboxes[place].iter().filter(|found| found.digest == original).count();
    assert!(kept_as_is <= same_bytes, "reported as altered, and is not: {item:#?}");
    let known: Vec<_> = source.mailboxes[place].iter().map(|other| other.digest).collect();
    take(
        target,
        place,
        |found| found.date == entry.date && found.flags == entry.flags && !known.contains(&found.digest),
        item,
    );
}

fn is(entry: &Entry, item: &Item) -> bool {
    u64::from(entry.uid) == item.uid
}

fn take(side: &mut Snapshot, place: &MailboxPath, wanted: impl Fn(&Entry) -> bool, item: &Item) -> Entry {
    let entries = side.mailboxes.get_mut(place).unwrap_or_else(|| panic!("no {place:?} for {item:#?}"));
    let at = entries.iter().position(wanted).unwrap_or_else(|| panic!("no such message: {item:#?}"));
    entries.remove(at)
}

fn find<'a>(
    side: &'a mut Snapshot,
    place: &MailboxPath,
    wanted: impl Fn(&Entry) -> bool,
    item: &Item,
) -> &'a mut Entry {
    let entries = side.mailboxes.get_mut(place).unwrap_or_else(|| panic!("no {place:?} for {item:#?}"));
    entries.iter_mut().find(|entry| wanted(entry)).unwrap_or_else(|| panic!("no such message: {item:#?}"))
}

/// The new places of folders by their old ones in words, as items and the report tell them.
fn renamed(statistics: &Statistics) -> BTreeMap<String, MailboxPath> {
    let items = statistics.items_of("FolderRenamed").into_iter().map(|item| item.failure);
    items
        .chain(statistics.report())
        .filter_map(|text| {
            let (source, rest) = text.strip_prefix("the folder \"")?.split_once("\" is ")?;
            let rest = rest.strip_prefix("the target's ").unwrap_or(rest).strip_prefix('"')?;
            let target = rest.split("\" at the target").next()?.split("\" (\\").next()?;
            Some((source.to_owned(), crate::path(target)))
        })
        .collect()
}

fn moved(path: &MailboxPath, renamed: &BTreeMap<String, MailboxPath>) -> MailboxPath {
    renamed.get(&path.join("/")).cloned().unwrap_or_else(|| path.clone())
}
