//! Source folders, a target, and the names that follow.

use super::*;
use proptest::prelude::*;

fn folder(path: &str) -> Folder {
    Folder {
        wire: WireName(path.into()),
        path: FolderPath::new(path.split('|')),
        special_use: None,
        selectable: true,
        subscribed: false,
    }
}

fn profile() -> TargetProfile {
    TargetProfile {
        delimiter: Some('/'),
        case_insensitive: false,
        reserved: Vec::new(),
        forbidden: Vec::new(),
        max_name_bytes: 255,
        max_depth: 10,
        append_limit: None,
        trims_blanks: false,
        wide_characters: true,
        literal8: false,
        parallel: true,
    }
}

fn mapped(sources: &[Folder], targets: &[Folder], profile: &TargetProfile) -> Vec<String> {
    map(sources, targets, profile, &BTreeMap::new()).iter().map(|m| m.target.segments().join("|")).collect()
}

#[test]
fn names_stay_as_they_are_where_the_target_can_hold_them() {
    let sources = ["INBOX", "Projets", "Projets|Été 2024", "日本語"].map(folder);

    assert_eq!(mapped(&sources, &[], &profile()), ["INBOX", "Projets", "Projets|Été 2024", "日本語"]);
}

#[test]
fn a_folder_whose_name_is_not_utf_8_is_reported() {
    let latin1 = Folder { wire: WireName(b"Gel\xf6schte".to_vec()), ..folder("Gel%F6schte") };

    let mapped = map(&[latin1, folder("Gel%F6schtes")], &[], &profile(), &BTreeMap::new());

    let expected = "the folder's name at the source is not UTF-8; it is \"Gel%F6schte\" at the target";
    assert_eq!(mapped.iter().map(Mapping::other_name).collect::<Vec<_>>(), [Some(expected), None]);
}

#[test]
fn the_first_of_two_target_folders_that_are_one_name_is_the_one_there() {
    let targets = [Folder { selectable: false, ..folder("archive") }, folder("ARCHIVE"), folder("Archive")];
    let profile = TargetProfile { case_insensitive: true, ..profile() };

    let mapped = map(&[folder("Archive")], &targets, &profile, &BTreeMap::new());

    assert_eq!(mapped[0].existing, Some(WireName(b"ARCHIVE".to_vec())));
}

#[test]
fn a_used_folder_and_what_is_below_it_go_to_the_targets_own() {
    let sources = ["Sent", "Sent|2017", "Trash"].map(folder);
    let targets = ["Gesendete Elemente", "Gelöschte Elemente"].map(folder);

    let found = mapped(&sources, &targets, &profile());

    assert_eq!(found, ["Gesendete Elemente", "Gesendete Elemente|2017", "Gelöschte Elemente"]);
}

#[test]
fn a_folder_below_one_that_has_another_place_is_said_to_be_with_it() {
    let sources = ["Sent", "Sent|2017"].map(folder);

    let found = map(&sources, &["Gesendete Elemente"].map(folder), &profile(), &BTreeMap::new());

    let reason = found[1].renamed.as_deref().unwrap();
    assert_eq!(
        reason,
        "the folder \"Sent/2017\" is \"Gesendete Elemente/2017\" at the target, where the folder above it is"
    );
}

#[test]
fn the_attribute_of_the_target_decides_over_names() {
    let mut sent = folder("Versandt");
    sent.special_use = Some(SpecialUse::Sent);

    assert_eq!(mapped(&["Sent"].map(folder), &[folder("Sent"), sent], &profile()), ["Versandt"]);
}

#[test]
fn a_plain_namesake_of_the_targets_used_folder_is_not_merged_into_it() {
    let mut sent = folder("Out");
    sent.special_use = Some(SpecialUse::Sent);

    let found = map(&[sent, folder("Sent Items")], &[folder("Sent Items")], &profile(), &BTreeMap::new());

    assert_eq!(found[0].target, FolderPath::new(["Sent Items"]));
    assert_eq!(found[1].target, FolderPath::new(["Sent Items (2)"]));
    assert!(found[1].renamed.is_some());
}

#[test]
fn names_that_differ_only_in_case_get_numbers_at_a_case_insensitive_target() {
    let sources = ["Trash x", "trash x", "TRASH X"].map(folder);
    let target = TargetProfile { case_insensitive: true, ..profile() };

    let found = mapped(&sources, &[], &target);

    assert_eq!(found.iter().map(|n| folded(n)).collect::<BTreeSet<_>>().len(), 3, "{found:?}");
}

#[test]
fn what_the_target_cannot_spell_is_escaped() {
    let sources = ["Offers/2024", "a=2Fb", "tab\there", ".."].map(folder);

    let found = mapped(&sources, &[], &profile());

    assert_eq!(found, ["=2E=2E", "Offers=2F2024", "a=2Fb", "tab=09here"]);
}

#[test]
fn outer_blanks_are_escaped_where_the_target_drops_them() {
    let target = TargetProfile { trims_blanks: true, ..profile() };

    assert_eq!(mapped(&[folder(" a ")], &[], &target), ["=20a=20"]);
}

#[test]
fn emoji_are_escaped_where_the_target_cannot_spell_them() {
    let target = TargetProfile { wide_characters: false, ..profile() };

    assert_eq!(mapped(&[folder("\u{1F600} \u{e9}")], &[], &target), ["=F0=9F=98=80 \u{e9}"]);
}

#[test]
fn a_reserved_name_gets_a_number() {
    let target = TargetProfile { reserved: vec!["Files".into()], case_insensitive: true, ..profile() };

    assert_eq!(mapped(&[folder("files")], &[], &target), ["files (2)"]);
}

#[test]
fn a_target_without_levels_gets_flat_names() {
    let target = TargetProfile { delimiter: None, ..profile() };

    assert_eq!(mapped(&["a", "a|b"].map(folder), &[], &target), ["a", "a=2Fb"]);
}

#[test]
fn a_parent_that_cannot_be_selected_is_only_a_parent() {
    let parent = Folder { selectable: false, ..folder("Clients") };

    assert_eq!(mapped(&[parent, folder("Clients|A")], &[], &profile()), ["Clients|A"]);
}

#[test]
fn a_known_mapping_stays_whatever_the_target_has_now() {
    let known = BTreeMap::from([(FolderPath::new(["Sent"]), FolderPath::new(["Sent"]))]);

    let found = map(&[folder("Sent")], &[folder("Sent Items")], &profile(), &known);

    assert_eq!(found[0].target, FolderPath::new(["Sent"]));
}

proptest! {
    #[test]
    fn no_two_folders_share_a_target_and_every_name_fits(
        names in proptest::collection::btree_set("[a-cA-C=/. é\\x01]{0,40}(\\|[a-c=2F/é]{0,40}){0,3}", 1..12),
        case_insensitive: bool,
        trims_blanks: bool,
    ) {
        let sources: Vec<_> = names.iter().map(|n| folder(n)).collect();
        let target = TargetProfile { case_insensitive, trims_blanks, max_name_bytes: 60, max_depth: 2, ..profile() };

        let found = map(&sources, &[], &target, &BTreeMap::new());

        let keys: BTreeSet<_> = found.iter().map(|m| collision_key(&target, &m.target)).collect();
        prop_assert_eq!(keys.len(), found.len());
        for m in &found {
            prop_assert!(m.target.segments().len() <= 2);
            prop_assert!(m.target.segments().iter().all(|s| !s.contains('/') && !s.is_empty()));
        }
    }
}

#[test]
fn a_plain_name_has_nothing_that_a_server_could_refuse_and_says_what_it_was() {
    let plain_of = |name: &str| plain(&FolderPath::new([name])).to_string();

    assert_eq!(plain_of("Person K."), "Person K=2E");
    assert_eq!(plain_of("~tilde"), "=7Etilde");
    assert_eq!(plain_of("trail "), "trail=20");
    assert_eq!(plain_of("Ärzte 2024"), "Ärzte 2024");
    assert_ne!(plain_of("=7Etilde"), plain_of("~tilde"));
}

#[test]
fn of_two_folders_that_were_known_to_share_one_the_first_keeps_it() {
    let sources = ["a", "b", "c"].map(folder);
    let place = |source: &str, target: &str| (FolderPath::new([source]), FolderPath::new([target]));
    let known = [place("b", "Old"), place("a", "Old"), place("c", "Old (2)")];

    let found = map(&sources, &[], &profile(), known.iter().map(|(source, target)| (source, target)));

    let found: Vec<_> = found.iter().map(|m| m.target.to_string()).collect();
    assert_eq!(found, ["Old (2)", "Old", "Old (2) (2)"]);
}

#[test]
fn a_folder_below_one_whose_place_is_decided_goes_with_it() {
    let sources = ["a:", "a:|b"].map(folder);
    let known = [(FolderPath::new(["a:"]), FolderPath::new(["a=3A"]))];

    let found = map(&sources, &[], &profile(), known.iter().map(|(source, target)| (source, target)));

    assert_eq!(found[1].target, FolderPath::new(["a=3A", "b"]));
}

#[test]
fn a_refused_name_has_others_until_one_beside_all_folders() {
    let names = |path: &[&str]| {
        let names = other_names(&FolderPath::new(path.iter().copied()));
        names.iter().map(|name| name.segments().join("|")).collect::<Vec<_>>()
    };

    assert_eq!(names(&["upper"]), ["upper (2)", "upper (3)", "upper (4)", "upper (5)"]);
    assert_eq!(names(&["A", "B!"])[..3], ["A|B=21", "A|B=21 (2)", "A=2FB=21"]);
    assert_eq!(names(&["A", "B"])[..2], ["A|B (2)", "A=2FB"]);
}
