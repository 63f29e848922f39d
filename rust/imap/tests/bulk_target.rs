//! The target beside appends: folders, inventory, reading back, flags.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod bulk_support;

use bulk_support::{
    Outcomes, Scripted, Step, append, append_all, finish, head, inbox, message, server, target, target_in,
};
use imapmig_core::failure::Scope;
use imapmig_core::folder::{FolderPath, SpecialUse, WireName};
use imapmig_core::message::{Flags, Keywords, Uid};
use imapmig_core::ports::target::{TargetMessage, TargetSession};
use imapmig_core::user::TargetId;
use imapmig_testkit::{Fault, Message, Personality, What, When};

fn messages(count: usize) -> Vec<Message> {
    (0..count).map(|n| message(n, 2000)).collect()
}

fn ids(numbers: impl IntoIterator<Item = u32>) -> Vec<TargetId> {
    numbers.into_iter().map(|n| TargetId::Uid(Uid(n))).collect()
}

fn inventory(target: &mut dyn TargetSession, from: u32) -> Vec<TargetMessage> {
    let mut found = Vec::new();
    target.inventory(Uid(from), &mut |message| found.push(message)).unwrap();
    found
}

#[test]
fn a_folder_is_made_with_its_parents_and_its_use() {
    for personality in [Personality::generic(), Personality::dovecot(), Personality::courier_like()] {
        let uses = personality.has("CREATE-SPECIAL-USE");
        let server = server(personality);
        let mut target = target(server.port());
        let path = FolderPath::new(["Projets", "\u{c9}t\u{e9} 2024", "Envoy\u{e9}s"]);

        let name = target.create(&path, Some(SpecialUse::Sent)).unwrap();
        target.subscribe(&name).unwrap();

        let folders = target.folders().unwrap();
        let made = folders.iter().find(|f| f.path == path).unwrap();
        assert_eq!((&made.wire, made.subscribed), (&name, true));
        assert_eq!(made.special_use, uses.then_some(SpecialUse::Sent));
        assert_eq!(target.create(&path, None).unwrap(), name, "a second time is fine");
    }
}

#[test]
fn a_folder_that_gets_another_name_is_filled_under_that_name() {
    let peer = Scripted::new(
        "",
        vec![
            Step::Hear("CREATE \"Customer/ PROBLEM\""),
            Step::Say(b"A3 OK\r\n"),
            Step::Hear("LIST \"\" \"Customer/ PROBLEM\""),
            Step::Say(b"A4 OK\r\n"),
            Step::Hear("LIST \"\" \"*\""),
            Step::Say(b"* LIST () \"/\" Customer/Other\r\n* LIST () \"/\" Customer/PROBLEM\r\nA5 OK\r\n"),
        ],
    );
    let mut target = target(peer.port);

    let name = target.create(&FolderPath::new(["Customer", " PROBLEM"]), None).unwrap();

    assert_eq!(name, WireName(b"Customer/PROBLEM".to_vec()));
    peer.finish();
}

#[test]
fn a_folder_that_is_there_in_another_spelling_is_used() {
    let peer = Scripted::new(
        "",
        vec![
            Step::Hear("CREATE \"WORK\""),
            Step::Say(b"A3 NO CREATE failed. Mailbox WORK already exists.\r\n"),
            Step::Hear("LIST \"\" \"WORK\""),
            Step::Say(b"A4 OK\r\n"),
            Step::Hear("LIST \"\" \"*\""),
            Step::Say(b"* LIST () \"/\" Work\r\nA5 OK\r\n"),
        ],
    );
    let mut target = target(peer.port);

    let name = target.create(&FolderPath::new(["WORK"]), None).unwrap();

    assert_eq!(name, WireName(b"Work".to_vec()));
    peer.finish();
}

#[test]
fn a_folder_that_is_there_and_not_listed_is_used() {
    let peer = Scripted::new(
        "",
        vec![
            Step::Hear("CREATE \"WORK\""),
            Step::Say(b"A3 NO CREATE failed. Mailbox WORK already exists.\r\n"),
            Step::Hear("LIST \"\" \"WORK\""),
            Step::Say(b"A4 OK\r\n"),
            Step::Hear("LIST \"\" \"*\""),
            Step::Say(b"* LIST () \"/\" Other\r\nA5 OK\r\n"),
            Step::Hear("STATUS \"WORK\" (UIDVALIDITY)"),
            Step::Say(b"* STATUS \"WORK\" (UIDVALIDITY 7)\r\nA6 OK\r\n"),
        ],
    );
    let mut target = target(peer.port);

    let name = target.create(&FolderPath::new(["WORK"]), None).unwrap();

    assert_eq!(name, WireName(b"WORK".to_vec()));
    peer.finish();
}

#[test]
fn a_use_that_is_taken_does_not_keep_the_folder_from_being_made() {
    let peer = Scripted::new(
        "CREATE-SPECIAL-USE",
        vec![
            Step::Hear("CREATE \"Sent2\" (USE (\\Sent))"),
            Step::Say(b"A3 NO [USEATTR] SPECIAL-USE flag conflict\r\n"),
            Step::Hear("CREATE \"Sent2\""),
            Step::Say(b"A4 OK\r\n"),
            Step::Hear("LIST \"\" \"Sent2\""),
            Step::Say(b"* LIST () \"/\" Sent2\r\nA5 OK\r\n"),
        ],
    );
    let mut target = target(peer.port);

    let name = target.create(&FolderPath::new(["Sent2"]), Some(SpecialUse::Sent)).unwrap();

    assert_eq!(name, WireName(b"Sent2".to_vec()));
    peer.finish();
}

#[test]
fn parents_are_made_where_the_server_does_not() {
    let peer = Scripted::new(
        "",
        vec![
            Step::Hear("CREATE \"a/b\""),
            Step::Say(b"A3 NO parent is missing\r\n"),
            Step::Hear("LIST \"\" \"a/b\""),
            Step::Say(b"A4 OK\r\n"),
            Step::Hear("CREATE \"a\""),
            Step::Say(b"A5 OK\r\n"),
            Step::Hear("LIST \"\" \"a\""),
            Step::Say(b"* LIST () \"/\" a\r\nA6 OK\r\n"),
            Step::Hear("CREATE \"a/b\""),
            Step::Say(b"A7 OK\r\n"),
            Step::Hear("LIST \"\" \"a/b\""),
            Step::Say(b"* LIST () \"/\" a/b\r\nA8 OK\r\n"),
        ],
    );
    let mut target = target(peer.port);

    target.create(&FolderPath::new(["a", "b"]), None).unwrap();

    peer.finish();
}

#[test]
fn a_refused_name_costs_the_mailbox() {
    let server = server(Personality::cyrus_like());
    let mut target = target(server.port());

    let failure = target.create(&FolderPath::new(["50 %"]), None).unwrap_err();

    assert_eq!(failure.scope, Scope::Mailbox);
    assert!(failure.to_string().contains("Invalid mailbox name"), "{failure}");
}

#[test]
fn opening_tells_which_keywords_are_taken() {
    let mut refusing = Personality::generic();
    refusing.append.keywords = imapmig_testkit::Keywords::Drop;
    for (personality, any) in [(Personality::generic(), true), (refusing, false)] {
        let server = server(personality);
        let mut target = target(server.port());

        let open = target.open(&inbox()).unwrap();

        assert_eq!(open.keywords == Keywords::Any, any, "{:?}", open.keywords);
        assert_eq!(open.uid_next, Some(Uid(1)));
    }
}

#[test]
fn a_folder_without_any_uidnext_is_opened_without_one() {
    let peer = Scripted::new(
        "",
        vec![
            Step::Hear("SELECT \"INBOX\""),
            Step::Say(b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nA3 OK open\r\n"),
            Step::Hear("STATUS \"INBOX\" (UIDNEXT)"),
            Step::Say(b"A4 BAD what\r\n"),
            Step::Hear("FETCH 3 (UID)"),
            Step::Say(b"* 3 FETCH (UID 40)\r\nA5 OK\r\n"),
        ],
    );
    let mut target = target(peer.port);

    assert_eq!(target.open(&inbox()).unwrap().uid_next, None);
    peer.finish();
}

#[test]
fn an_inventory_begins_at_a_uid_and_shows_what_was_just_appended() {
    for personality in
        [Personality::generic(), Personality::courier_like(), Personality::generic().without("UIDPLUS")]
    {
        let server = server(personality);
        let mut target = target_in(server.port(), "Archive");
        append_all(&mut *target, &messages(30), &mut Outcomes::new()).unwrap();

        let all = inventory(&mut *target, 1);
        let late = inventory(&mut *target, 25);
        let none = inventory(&mut *target, 31);

        assert_eq!((all.len(), late.len(), none.len()), (30, 6, 0));
        assert_eq!(late[0].id, TargetId::Uid(Uid(25)));
        assert_eq!(all[3].size, messages(30)[3].raw.len() as u64);
    }
}

#[test]
fn an_inventory_with_a_gap_in_it_is_made_again() {
    let peer = Scripted::new(
        "",
        vec![
            Step::Hear("SELECT \"INBOX\""),
            Step::Say(b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 40] x\r\nA3 OK open\r\n"),
            Step::Hear("NOOP"),
            Step::Say(b"* 4 EXISTS\r\nA4 OK\r\n"),
            Step::Hear("UID FETCH 5:* (UID FLAGS INTERNALDATE RFC822.SIZE)"),
            Step::Say(b"* 2 FETCH (UID 5 FLAGS () RFC822.SIZE 3 INTERNALDATE \"01-Jan-2020 00:00:00 +0000\")\r\nA5 OK\r\n"),
            Step::Hear("FETCH 1:4 (UID FLAGS INTERNALDATE RFC822.SIZE)"),
            Step::Say(b"* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 3 INTERNALDATE \"01-Jan-2020 00:00:00 +0000\")\r\n* 2 FETCH (UID 5 FLAGS () RFC822.SIZE 3 INTERNALDATE \"01-Jan-2020 00:00:00 +0000\")\r\n* 3 FETCH (UID 6 FLAGS () RFC822.SIZE 3 INTERNALDATE \"01-Jan-2020 00:00:00 +0000\")\r\n* 4 FETCH (UID 7 FLAGS () RFC822.SIZE 3 INTERNALDATE \"01-Jan-2020 00:00:00 +0000\")\r\nA6 OK\r\n"),
        ],
    );
    let mut target = target(peer.port);
    target.open(&inbox()).unwrap();

    let mut found: Vec<_> = inventory(&mut *target, 5).into_iter().map(|m| m.id).collect();
    found.dedup();

    assert_eq!(found, ids([5, 6, 7]));
    peer.finish();
}

#[test]
fn bytes_are_read_back_as_they_were_appended() {
    let server = server(Personality::generic());
    let mut target = target_in(server.port(), "Archive");
    let messages = messages(10);
    append_all(&mut *target, &messages, &mut Outcomes::new()).unwrap();
    let (mut read, mut headers) = (Vec::new(), 0);

    target
        .read(&ids(1..=10), &mut |id, bytes| match (id, bytes) {
            (TargetId::Uid(uid), []) => read.push((uid.0, Vec::new())),
            (_, bytes) => match read.last_mut() {
                Some((0, body)) => body.extend_from_slice(bytes),
                _ => read.push((0, bytes.to_vec())),
            },
        })
        .unwrap();
    target.headers(&ids([2, 3]), &mut |_, header| headers += usize::from(!header.is_empty())).unwrap();

    assert_eq!(read.len(), 20);
    for (pair, message) in read.chunks(2).zip(&messages) {
        assert!(pair[0].1 == *message.raw);
    }
    assert_eq!(headers, 2);
}

#[test]
fn flags_are_set_in_few_commands_and_told_back() {
    let server = server(Personality::generic());
    let mut target = target_in(server.port(), "Archive");
    append_all(&mut *target, &messages(100), &mut Outcomes::new()).unwrap();
    let seen = Flags::from_wire(["\\Seen", "\\Answered"]);
    let keyword = Flags::from_wire(["$Forwarded"]);
    let changes: Vec<_> = ids(1..=100)
        .into_iter()
        .enumerate()
        .map(|(n, id)| {
            (
                id,
                if n < 60 {
                    seen.clone()
                } else if n < 90 {
                    keyword.clone()
                } else {
                    Flags::default()
                },
            )
        })
        .collect();

    target.set_flags(&changes).unwrap();
    let mut told = Vec::new();
    target.flags(&ids((1..=100).chain([500])), &mut |id, flags| told.push((id.clone(), flags))).unwrap();

    assert_eq!(server.count("UID STORE"), 3);
    assert_eq!(told, changes);
}

#[test]
fn a_refused_store_does_not_keep_the_others_from_being_sent() {
    let server = server(Personality::generic());
    let mut target = target_in(server.port(), "Archive");
    append_all(&mut *target, &messages(2), &mut Outcomes::new()).unwrap();
    server
        .faults()
        .arm(Fault::new(When::BeforeCommand("STORE".to_owned()), What::Answer("NO not this".to_owned())));
    let changes =
        [(TargetId::Uid(Uid(1)), Flags::default()), (TargetId::Uid(Uid(2)), Flags::from_wire(["\\Flagged"]))];

    let failure = target.set_flags(&changes).unwrap_err();

    assert_eq!(failure.scope, Scope::Mailbox);
    assert!(server.messages("terry.adams", "Archive")[1].flags.contains("\\Flagged"));
}

#[test]
fn other_work_waits_for_appends_in_flight_and_loses_no_outcome() {
    let server = server(Personality::generic());
    let mut target = target_in(server.port(), "Archive");
    let mut outcomes = Outcomes::new();
    for (key, message) in messages(10).iter().enumerate() {
        append(&mut *target, &head(key, message), &message.raw, &mut outcomes).unwrap();
    }

    let there = inventory(&mut *target, 1).len();
    target.open(&inbox()).unwrap();
    finish(&mut *target, &mut outcomes).unwrap();

    assert_eq!((there, outcomes.len()), (10, 10));
}
