//! Flags and keywords as sets: what one side lacks, what a change makes of what the target has.

use imapmig_core::message::{Flags, Keywords, SystemFlag, Uid};
use imapmig_core::user::TargetId;

/// Flags that changed at the source since the ledger was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FlagChange {
    pub(crate) uid: Uid,
    pub(crate) target: TargetId,
    pub(crate) before: Flags,
    pub(crate) after: Flags,
}

impl FlagChange {
    /// The flags that the target message gets, unless it has them already: what was removed at the source goes, what was added
    /// comes, and what the user changed at the target stays.
    pub(crate) fn applied_to(&self, has: &Flags, keywords: &Keywords) -> Option<Flags> {
        let removed = lacking(&self.before, &self.after);
        let added = taken(&lacking(&self.after, &self.before), keywords);
        let becomes = united(&lacking(has, &removed), &added);
        (!same(&becomes, has)).then_some(becomes)
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    fn some_flags() -> impl Strategy<Value = Flags> {
        let words = prop::sample::subsequence(
            vec!["\\Seen", "\\Flagged", "\\Draft", "work", "home", "$Forwarded"],
            0..6,
        );
        words.prop_map(Flags::from_wire)
    }

    proptest! {
        #[test]
        fn what_is_lacking_and_what_is_there_make_the_whole(wanted in some_flags(), have in some_flags()) {
            let whole = united(&have, &lacking(&wanted, &have));

            prop_assert!(lacking(&wanted, &whole).is_empty());
            prop_assert!(same(&lacking(&whole, &have), &lacking(&wanted, &have)));
        }

        #[test]
        fn a_change_at_the_source_arrives_and_the_users_own_flags_stay(
            before in some_flags(), after in some_flags(), has in some_flags(),
        ) {
            let change = FlagChange { uid: Uid(1), target: TargetId::Uid(Uid(1)), before: before.clone(), after: after.clone() };
            let becomes = change.applied_to(&has, &Keywords::Any).unwrap_or_else(|| has.clone());

            let (added, removed) = (lacking(&after, &before), lacking(&before, &after));
            prop_assert!(lacking(&added, &becomes).is_empty());
            prop_assert!(same(&lacking(&removed, &becomes), &removed));
            let untouched = lacking(&lacking(&has, &added), &removed);
            prop_assert!(lacking(&untouched, &becomes).is_empty());
            prop_assert!(lacking(&becomes, &united(&has, &added)).is_empty());
        }
    }
}
