//! Names and keywords that would be commands, or break one, if they were sent as they are.

use super::servers::{USER, mail, rig, source_server, target_server};
use imapmig_core::user::SkippedKind;
use imapmig_testkit::{Mailbox, MessageBuilder, Personality};

const NAMES: [&str; 5] =
    ["evil\r\nx9 DELETE INBOX", "nul\0x", "K\u{fc}che", "He said \"no\"", "Back\\slash {3}"];
const KEYWORDS: [&str; 9] =
    ["\u{4}Junk", "k\u{fc}che", "a\"b", "x{3}", "x{3+}", "%*", "a\\b", "\\Weird", "\\*"];
const VERBS: [&str; 14] = [
    "CAPABILITY",
    "LOGIN",
    "ID",
    "ENABLE",
    "NAMESPACE",
    "LIST",
    "LSUB",
    "STATUS",
    "CREATE",
    "SUBSCRIBE",
    "SELECT",
    "APPEND",
    "NOOP",
    "LOGOUT",
];

#[test]
fn no_name_or_keyword_of_the_source_becomes_a_command() {
    for personality in [Personality::dovecot(), Personality::generic().without("LITERAL+")] {
        let odd = |(n, keyword): (usize, &&str)| {
            MessageBuilder::new(&format!("keyword {n}")).flag("\\Seen").flag(keyword).build()
        };
        let plain = Mailbox::new("INBOX").with_messages(KEYWORDS.iter().enumerate().map(odd));
        let named = NAMES.iter().enumerate().map(|(n, name)| {
            Mailbox::new(name).with_messages([MessageBuilder::new(&format!("in folder {n}")).build()])
        });
        let source = source_server(Personality::dovecot(), [plain].into_iter().chain(named).collect());
        let target = target_server(personality);
        let rig = rig(&source, &target);

        let done = rig.initial().unwrap();

        for received in target.transcript() {
            let verb = received.verb.trim_start_matches("UID ");
            let is_ours = VERBS.contains(&verb) || ["FETCH", "STORE"].contains(&verb);
            assert!(is_ours && !received.line.contains(['\0', '\u{4}']), "{received:?}");
        }
        assert_eq!(done.progress.synced_items, (NAMES.len() + KEYWORDS.len()) as u64);
        let bytes = |name: &str| mail(&source, name).into_iter().map(|m| m.0).collect::<Vec<_>>();
        let paths = target.snapshot_by_path(USER).into_keys();
        let mut there: Vec<_> = paths.flat_map(|path| mail(&target, &path)).map(|m| m.0).collect();
        let mut here: Vec<_> = NAMES.iter().chain(&["INBOX"]).flat_map(|name| bytes(name)).collect();
        there.sort();
        here.sort();
        assert_eq!(there, here);
        let kinds = [SkippedKind::FlagsReduced, SkippedKind::FolderRenamed];
        assert!(rig.reported().iter().all(|(_, _, kind)| kinds.contains(kind)), "{:?}", rig.reported());
        assert!(
            rig.reported().iter().filter(|(_, _, kind)| *kind == kinds[0]).count() >= 6,
            "{:?}",
            rig.reported()
        );
    }
}
