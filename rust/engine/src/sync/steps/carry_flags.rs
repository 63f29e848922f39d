//! Sets of flags against each other, and changed flags carried to the target.
//!
//! Only what changed at the source is applied, to what the target has now, so that what the user did there stays.

use crate::sync::decide::diff::{FlagChange, TargetKey};
use crate::sync::failure::{Done, OnSide};
use crate::sync::work::FolderWork;
use imapmig_core::message::{Flags, SystemFlag};
use imapmig_core::ports::target::{Keywords, TargetSession};
use std::collections::HashMap;

/// How many messages one request names.
const AT_ONCE: usize = 500;

fn has_keyword(flags: &Flags, keyword: &str) -> bool {
    flags.keywords().any(|k| k.eq_ignore_ascii_case(keyword))
}

/// What of `wanted` is not in `have`.
pub(crate) fn lacking(wanted: &Flags, have: &Flags) -> Flags {
    let mut lacking = Flags::default();
    for flag in SystemFlag::ALL.into_iter().filter(|f| wanted.has(*f) && !have.has(*f)) {
        lacking.set(flag);
    }
    for keyword in wanted.keywords().filter(|k| !has_keyword(have, k)) {
        lacking.add_keyword(keyword);
    }
    lacking
}

/// Both together.
pub(crate) fn united(one: &Flags, other: &Flags) -> Flags {
    Flags::from_wire(one.wire().chain(other.wire()))
}

/// Whether the message is marked as deleted.
pub(crate) fn is_deleted(flags: &Flags) -> bool {
    flags.has(SystemFlag::Deleted)
}

/// The same without that mark.
pub(crate) fn undeleted(flags: &Flags) -> Flags {
    Flags::from_wire(flags.wire().filter(|flag| *flag != SystemFlag::Deleted.wire()))
}

/// Whether both say the same; keywords are the same in any case.
pub(crate) fn same(one: &Flags, other: &Flags) -> bool {
    one == other || (lacking(one, other).is_empty() && lacking(other, one).is_empty())
}

/// The flags that the mailbox takes.
pub(crate) fn taken(flags: &Flags, keywords: &Keywords) -> Flags {
    match keywords {
        Keywords::Any => flags.clone(),
        Keywords::Only(only) => flags.filter_keywords(|k| only.iter().any(|o| o.eq_ignore_ascii_case(k))),
    }
}

/// Carries the changes to the open target folder, then writes them into the ledger.
pub(crate) fn carry(work: &FolderWork<'_>, target: &mut dyn TargetSession, changes: &[FlagChange]) -> Done {
    for changes in changes.chunks(AT_ONCE) {
        let ids: Vec<_> = changes.iter().map(|c| c.target.clone()).collect();
        let mut now = HashMap::new();
        target
            .flags(&ids, &mut |id, flags| {
                now.insert(TargetKey::of(id), flags);
            })
            .at_target()?;
        let mut set = Vec::new();
        for change in changes {
            // What the user removed at the target has no flags any more.
            let Some(has) = now.get(&TargetKey::of(&change.target)) else { continue };
            let removed = lacking(&change.before, &change.after);
            let added = taken(&lacking(&change.after, &change.before), &work.keywords);
            let becomes = united(&lacking(has, &removed), &added);
            if !same(&becomes, has) {
                set.push((change.target.clone(), becomes));
            }
        }
        if !set.is_empty() {
            target.set_flags(&set).at_target()?;
        }
        let ledger: Vec<_> = changes.iter().map(|c| (c.uid, c.after.clone())).collect();
        work.sync.store.set_ledger_flags(work.checkpoint.id, &ledger)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(words: &str) -> Flags {
        Flags::from_wire(words.split_whitespace())
    }

    #[test]
    fn keywords_in_another_case_are_the_same() {
        assert!(same(&flags("\\Seen $Forwarded"), &flags("$forwarded \\seen")));
        assert!(!same(&flags("\\Seen"), &flags("\\Seen x")));
    }

    #[test]
    fn what_lacks_is_what_is_wanted_and_not_there() {
        assert_eq!(lacking(&flags("\\Seen \\Draft a b"), &flags("\\Seen A")), flags("\\Draft b"));
    }

    #[test]
    fn a_mailbox_with_a_fixed_list_takes_only_those_keywords() {
        let only = Keywords::Only(vec!["Work".to_owned()]);

        assert_eq!(taken(&flags("\\Seen work home"), &only), flags("\\Seen work"));
    }
}
