//! Messages that the target refuses or changes, and targets that are full, slow or forgetful.

mod sync_support;

use imapmig_core::failure::FailureKind;
use imapmig_core::message::Keywords;
use imapmig_core::ports::target::RefusalKind;
use imapmig_core::user::SkippedKind;
use std::time::Duration;
use sync_support::Rig;
use sync_support::account::{Account, Alter, Message, message, raw, subject};

fn five() -> Vec<Message> {
    (0..5).map(|n| message(&format!("m{n}")).at(1_000 + n)).collect()
}

#[test]
fn a_refused_message_is_kept_and_told_and_its_neighbours_go_through() {
    let source = Account::new().with("INBOX", five());
    let target = Account::new().having(|t| {
        t.judge = Some(Box::new(|bytes, _| {
            (subject(bytes) == "m2").then_some((RefusalKind::Message, "NO Message contains invalid header"))
        }));
    });
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap();

    let item = rig.items().remove(0);
    assert_eq!(
        (item.uid.map(|u| u.0), item.kind, item.subject.as_str()),
        (Some(3), SkippedKind::Refused, "m2")
    );
    assert!(item.reason.contains("NO Message contains invalid header"), "{}", item.reason);
    assert_eq!(rig.kept(&item), message("m2").bytes);
    assert_eq!((done.progress.synced_items, done.progress.skipped_items), (4, 1));
    assert_eq!(target.subjects("INBOX"), ["m4", "m3", "m1", "m0"]);
}

#[test]
fn a_refusal_that_does_not_come_again_is_no_refusal() {
    let once = std::sync::atomic::AtomicBool::new(true);
    let source = Account::new().with("INBOX", five());
    let target = Account::new().having(|t| {
        t.judge = Some(Box::new(move |bytes, _| {
            (subject(bytes) == "m2" && once.swap(false, std::sync::atomic::Ordering::SeqCst))
                .then_some((RefusalKind::Message, "NO internal error"))
        }));
    });
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert_eq!(rig.items(), []);
}

#[test]
fn neighbours_of_a_refused_message_are_sent_again_without_it() {
    // As Cyrus does with MULTIAPPEND: one that is refused keeps all of its command from being stored.
    let bad = std::sync::atomic::AtomicUsize::new(0);
    let source = Account::new().with("INBOX", five());
    let target = Account::new().having(|t| {
        t.judge = Some(Box::new(move |bytes, _| {
            let first_five = bad.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 5;
            match subject(bytes).as_str() {
                "m1" => Some((RefusalKind::Message, "NO contains NUL characters")),
                _ if first_five => Some((RefusalKind::Neighbour, "NO contains NUL characters")),
                _ => None,
            }
        }));
    });
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap();

    assert_eq!(target.mail("INBOX").len(), 4);
    assert_eq!((done.progress.synced_items, done.progress.skipped_items), (4, 1));
}

#[test]
fn literal8_carries_what_is_refused_without_it() {
    let source = Account::new().with("INBOX", [raw(b"Subject: nul\r\n\r\na\0b\r\n"), message("plain")]);
    let target = Account::new().having(|t| {
        t.profile.literal8 = true;
        t.judge = Some(Box::new(|bytes, head| {
            (bytes.contains(&0) && !head.literal8)
                .then_some((RefusalKind::Message, "NO Message contains NUL characters"))
        }));
    });
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert_eq!(rig.items(), []);
}

#[test]
fn a_keyword_that_makes_the_target_refuse_is_set_afterwards() {
    let source = Account::new().with("INBOX", [message("a").flagged("\\Seen VeryLong")]);
    let target = Account::new().having(|t| {
        t.judge = Some(Box::new(|_, head| {
            head.flags
                .keywords()
                .next()
                .map(|_| (RefusalKind::Message, "NO [CANNOT] Keyword length too long"))
        }));
    });
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"), "a STORE may take what an APPEND does not");
    assert_eq!(rig.items(), []);
}

#[test]
fn a_date_that_makes_the_target_refuse_is_changed_and_told() {
    let source = Account::new().with("INBOX", [message("a").at(-300_000_000)]);
    let target = Account::new().having(|t| {
        t.judge = Some(Box::new(|_, head| {
            (head.internal_date.unix_seconds < 0)
                .then_some((RefusalKind::Message, "BAD Invalid date-time in Append command"))
        }));
    });
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap();

    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(1), SkippedKind::DateChanged)]);
    assert_eq!(done.progress.synced_items, 1);
}

#[test]
fn too_large_for_the_target_is_told_with_its_answer_and_kept() {
    let source = Account::new().with("INBOX", [message("large").sized(3_000), message("small")]);
    let target = Account::new().having(|t| {
        t.judge = Some(Box::new(|bytes, _| {
            (bytes.len() > 2_000)
                .then_some((RefusalKind::TooLarge, "NO [TOOBIG] Message size exceeds fixed limit"))
        }));
    });
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    let item = rig.items().remove(0);
    assert_eq!((item.kind, rig.kept(&item).len()), (SkippedKind::LargeItem, 3_000));
    assert!(item.reason.contains("[TOOBIG]"), "{}", item.reason);
}

#[test]
fn a_full_mailbox_stops_the_user_and_room_lets_it_go_on() {
    let source = Account::new().with("INBOX", five());
    let target = Account::new().having(|t| {
        t.judge = Some(Box::new(|bytes, _| {
            ["m0", "m1"]
                .contains(&subject(bytes).as_str())
                .then_some((RefusalKind::Quota, "NO [OVERQUOTA] Quota exceeded (mailbox for user is full)"))
        }));
    });
    let rig = Rig::new(&source, &target);

    let failure = rig.initial().unwrap_err();
    let skipped = rig.items();
    target.state().judge = None;
    rig.initial().unwrap();

    assert_eq!(failure.kind, FailureKind::QuotaExceeded);
    assert!(failure.to_string().contains("[OVERQUOTA]"), "{failure}");
    assert_eq!(skipped, []);
    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
}

#[test]
fn a_target_that_asks_to_slow_down_is_obeyed_and_loses_nothing() {
    let asked = std::sync::atomic::AtomicBool::new(true);
    let source = Account::new().with("INBOX", five());
    let target = Account::new().having(|t| {
        t.pause = Some(Duration::from_secs(5));
        t.judge = Some(Box::new(move |bytes, _| {
            (subject(bytes) == "m3" && asked.swap(false, std::sync::atomic::Ordering::SeqCst)).then_some((
                RefusalKind::Throttled,
                "NO Request is throttled. Suggested Backoff Time: 5000 milliseconds",
            ))
        }));
    });
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert!(rig.report().iter().any(|line| line.contains("5 seconds") && line.contains("throttled")));
}

#[test]
fn a_message_that_is_put_off_for_ever_is_refused_when_the_others_are_stored() {
    let source = Account::new().with("INBOX", five());
    let target = Account::new().having(|t| {
        t.judge = Some(Box::new(|bytes, _| {
            (subject(bytes) == "m3").then_some((RefusalKind::Throttled, "NO [UNAVAILABLE] Internal error"))
        }));
    });
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap();

    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(4), SkippedKind::Refused)]);
    assert_eq!(done.progress.synced_items, 4);
}

#[test]
fn a_target_that_stores_nothing_for_a_while_ends_the_run_and_refuses_no_message() {
    // "Backoff Time: 0 milliseconds" is no time either.
    for pause in [None, Some(Duration::ZERO)] {
        let source = Account::new().with("INBOX", five());
        let target = Account::new().having(|t| {
            t.pause = pause;
            t.judge =
                Some(Box::new(|_, _| Some((RefusalKind::Throttled, "NO [UNAVAILABLE] Internal error"))));
        });
        let rig = Rig::new(&source, &target);

        let failure = rig.initial().unwrap_err();

        assert_eq!((failure.kind, rig.items()), (FailureKind::Throttled, Vec::new()));
    }
}

#[test]
fn no_permission_fails_the_folder_and_not_the_user_s_others() {
    let source = Account::new().with("A", [message("a")]).with("B", [message("b")]);
    let target = Account::new().having(|t| {
        t.judge = Some(Box::new(|bytes, _| {
            (subject(bytes) == "a").then_some((RefusalKind::Permission, "NO [NOPERM] Permission denied"))
        }));
    });
    let rig = Rig::new(&source, &target);

    let failure = rig.initial().unwrap_err();

    assert_eq!(failure.kind, FailureKind::PermissionDenied);
    assert_eq!(target.mail("B").len(), 1);
}

#[test]
fn a_message_over_which_the_target_dies_does_not_hold_up_the_others() {
    let source = Account::new().with("INBOX", five());
    let target = Account::new().having(|t| t.poison = Some(message("m2").bytes));
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap();

    assert_eq!(target.mail("INBOX").len(), 4);
    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(3), SkippedKind::Refused)]);
    assert_eq!((done.progress.synced_items, done.progress.skipped_items), (4, 1));
}

#[test]
fn what_the_target_alters_is_told_and_its_original_kept() {
    let changes: [(&str, &[u8], Alter); 4] = [
        ("line feeds", b"Subject: lf\n\nbare\nlines\n", |b| {
            String::from_utf8_lossy(b).replace('\n', "\r\n").into_bytes()
        }),
        ("NUL", b"Subject: nul\r\n\r\na\0b\r\n", |b| {
            b.iter().map(|c| if *c == 0 { 0x80 } else { *c }).collect()
        }),
        ("8-bit", b"Subject: gr\xfcn\r\n\r\nx\r\n", |b| {
            b.iter().map(|c| if *c > 127 { b'X' } else { *c }).collect()
        }),
        ("carriage returns", b"Subject: cr\r\n\r\na\rb\r\n", |b| {
            String::from_utf8_lossy(b).replace("a\rb", "ab").into_bytes()
        }),
    ];
    for uidplus in [true, false] {
        for (words, bytes, alter) in changes {
            let source = Account::new().with("INBOX", [raw(bytes), message("plain")]);
            let target = Account::new().having(|t| {
                t.alter = Some(alter);
                t.uidplus = uidplus;
            });
            if words == "line feeds" {
                source.expunge("INBOX", 2);
            }
            let rig = Rig::new(&source, &target);

            let done = rig.initial().unwrap();

            let item = rig.items().remove(0);
            assert_eq!((item.kind, rig.kept(&item)), (SkippedKind::Altered, bytes.to_vec()), "{words}");
            assert!(item.reason.contains(words), "{}", item.reason);
            assert_eq!((rig.items().len(), done.progress.skipped_items), (1, 0), "{words}");
        }
    }
}

#[test]
fn a_target_that_writes_every_message_anew_is_told_of_once_beyond_the_first_thousand() {
    let source = Account::new().with("INBOX", (0..1_200).map(|n| message(&format!("m{n}"))));
    let target = Account::new().having(|t| t.alter = Some(|b| [b"X-New: yes\r\n".as_slice(), b].concat()));
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap();

    let items = rig.items();
    let of_folder: Vec<_> = items.iter().filter(|i| i.uid.is_none()).collect();
    assert_eq!((items.len(), of_folder.len()), (1_001, 1));
    assert!(of_folder[0].reason.contains("200 more"), "{}", of_folder[0].reason);
    assert_eq!((done.progress.synced_items, done.progress.skipped_items), (1_200, 0));
}

#[test]
fn odd_messages_that_the_target_keeps_are_no_items() {
    let source = Account::new().with("INBOX", [raw(b"Subject: lf\n\nx\n"), raw(b"\0"), raw(b"")]);
    let target = Account::new();
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert_eq!((rig.items(), done.progress.verified_items), (Vec::new(), 3));
}

#[test]
fn flags_that_the_target_drops_at_append_are_set_afterwards() {
    let source = Account::new().with("INBOX", [message("a").flagged("\\Flagged Work"), message("b")]);
    let target = Account::new().having(|t| t.drops_flags = true);
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert_eq!(rig.items(), []);
}

#[test]
fn keywords_that_the_mailbox_does_not_take_are_told_once() {
    let source = Account::new().with("INBOX", [message("a").flagged("\\Seen Work Home")]);
    let target = Account::new().having(|t| t.keywords = Keywords::Only(vec!["Home".to_owned()]));
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();
    rig.incremental().unwrap();

    assert_eq!(target.mail("INBOX")[0].2, "\\Seen Home");
    let items = rig.items();
    assert_eq!((items.len(), items[0].kind), (1, SkippedKind::FlagsReduced));
    assert!(items[0].reason.contains("Work") && !items[0].reason.contains("Home"), "{}", items[0].reason);
}

#[test]
fn dates_that_the_target_does_not_keep_are_told() {
    let source = Account::new().with("INBOX", [message("a")]);
    let target = Account::new().having(|t| t.drops_dates = true);
    let rig = Rig::new(&source, &target);

    rig.initial().unwrap();

    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(1), SkippedKind::DateChanged)]);
}

#[test]
fn flags_changed_at_the_source_are_carried_and_the_user_s_own_changes_stay() {
    // source before, source after, target by the user, target after
    let table = [
        ("", "\\Seen", "", "\\Seen"),
        ("\\Seen", "", "\\Seen", ""),
        ("", "\\Seen", "\\Flagged", "\\Seen \\Flagged"),
        ("\\Seen", "\\Seen", "", ""),
        ("\\Seen", "\\Seen k", "", "k"),
        ("k", "", "k own", "own"),
    ];
    for (before, after, user, expected) in table {
        let source = Account::new().with("INBOX", [message("a").flagged(before)]);
        let target = Account::new();
        let rig = Rig::new(&source, &target);
        rig.initial().unwrap();
        target.set_flags("INBOX", 1, user);
        source.set_flags("INBOX", 1, after);

        rig.incremental().unwrap();

        assert_eq!(target.mail("INBOX")[0].2, expected, "{before:?} -> {after:?} with {user:?}");
    }
}

#[test]
fn what_was_noted_before_a_crash_and_copied_after_it_is_no_longer_told() {
    let source = Account::new().with("INBOX", five());
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.note_left_out("INBOX", 3);

    rig.initial().unwrap();

    assert_eq!(target.mail("INBOX").len(), 5);
    assert_eq!(rig.reported(), []);
}
