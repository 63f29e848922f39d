//! Whether a folder changed since its last sync, by what both servers report without opening it. Pure. RFC 3501, RFC 7162.

use imapmig_core::folder::FolderStatus;
use imapmig_core::message::TargetValidity;
use imapmig_core::user::Checkpoint;

/// Returns `true` if nothing can be new: the source's mod-sequence, which grows with every new message and every changed flag, is
/// the one of the last complete sync, and the target holds what it held then.
pub(crate) fn is_unchanged(known: &Checkpoint, source: &FolderStatus, target: &FolderStatus) -> bool {
    known.complete
        && source.validity == known.source_validity
        && source.highest_modseq.is_some()
        && source.highest_modseq == known.source_modseq
        && known.target_validity == TargetValidity::Uids(target.validity)
        && target.uid_next == known.target_known_below
}

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::folder::FolderPath;
    use imapmig_core::ids::{MailboxId, UserId};
    use imapmig_core::message::{ModSeq, Uid, UidValidity};
    use proptest::prelude::*;

    fn unchanged_folder() -> (Checkpoint, FolderStatus, FolderStatus) {
        let known = Checkpoint {
            id: MailboxId(1),
            user: UserId::new(),
            source: FolderPath::inbox(),
            source_validity: UidValidity(7),
            target: FolderPath::inbox(),
            target_validity: TargetValidity::Uids(UidValidity(9)),
            target_known_below: Uid(31),
            source_modseq: Some(ModSeq(500)),
            complete: true,
        };
        let source = FolderStatus {
            validity: UidValidity(7),
            uid_next: Uid(20),
            messages: 5,
            highest_modseq: Some(ModSeq(500)),
            bytes: Some(9_000),
        };
        let target = FolderStatus {
            validity: UidValidity(9),
            uid_next: Uid(31),
            messages: 5,
            highest_modseq: None,
            bytes: None,
        };
        (known, source, target)
    }

    #[test]
    fn equal_numbers_on_both_sides_mean_nothing_changed() {
        let (known, source, target) = unchanged_folder();

        assert!(is_unchanged(&known, &source, &target));
    }

    #[test]
    fn any_other_number_is_a_change() {
        let (known, source, target) = unchanged_folder();
        let other_source = [
            FolderStatus { validity: UidValidity(8), ..source },
            FolderStatus { highest_modseq: Some(ModSeq(501)), ..source },
            FolderStatus { highest_modseq: Some(ModSeq(499)), ..source },
            FolderStatus { highest_modseq: None, ..source },
        ];
        let other_target = [
            FolderStatus { validity: UidValidity(8), ..target },
            FolderStatus { uid_next: Uid(32), ..target },
            FolderStatus { uid_next: Uid(30), ..target },
        ];

        assert!(other_source.iter().all(|source| !is_unchanged(&known, source, &target)));
        assert!(other_target.iter().all(|target| !is_unchanged(&known, &source, target)));
        assert!(!is_unchanged(&Checkpoint { complete: false, ..known.clone() }, &source, &target));
    }

    #[test]
    fn a_source_without_mod_sequences_may_always_have_changed() {
        let (known, source, target) = unchanged_folder();
        let known = Checkpoint { source_modseq: None, ..known };

        assert!(!is_unchanged(&known, &FolderStatus { highest_modseq: None, ..source }, &target));
    }

    proptest! {
        #[test]
        fn a_folder_is_unchanged_only_if_every_number_is_the_known_one(
            validity in 7_u32..9, modseq in 499_u64..502, target_validity in 8_u32..10, uid_next in 30_u32..33, complete: bool,
        ) {
            let (known, source, target) = unchanged_folder();
            let source = FolderStatus {
                validity: UidValidity(validity),
                highest_modseq: Some(ModSeq(modseq)),
                ..source
            };
            let target =
                FolderStatus { validity: UidValidity(target_validity), uid_next: Uid(uid_next), ..target };
            let known = Checkpoint { complete, ..known };

            let same = (validity, modseq, target_validity, uid_next, complete) == (7, 500, 9, 31, true);

            prop_assert_eq!(is_unchanged(&known, &source, &target), same);
        }
    }
}
