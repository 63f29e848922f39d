//! Nothing lost and nothing twice: lost answers, broken connections, changed UIDVALIDITYs, batches made anew.

mod sync_support;

use imapmig_core::failure::FailureKind;
use imapmig_core::ports::store::Catalog;
use imapmig_core::user::SkippedKind;
use sync_support::Rig;
use sync_support::account::{Account, Alter, Fault, Message, message, path, raw};

fn ten() -> Vec<Message> {
    (0..10)
        .map(|n| message(&format!("m{n}")).at(1_000 + n).flagged(if n % 2 == 0 { "\\Seen k" } else { "" }))
        .collect()
}

#[test]
fn connections_broken_at_any_place_lose_and_double_nothing() {
    let places = [Fault::InFetch, Fault::AtAppend, Fault::InAppend, Fault::AfterStore];
    for uidplus in [true, false] {
        for place in places {
            for number in 1..=10 {
                let source = Account::new().with("INBOX", ten());
                let target = Account::new().having(|t| t.uidplus = uidplus);
                let fault = place(number);
                source.state().faults.push(fault);
                target.state().faults.push(fault);

                let done = Rig::new(&source, &target).initial();

                let done = done.unwrap_or_else(|f| panic!("{fault:?}, UIDPLUS {uidplus}: {f}"));
                assert_eq!(target.mail("INBOX"), source.mail("INBOX"), "{fault:?}, UIDPLUS {uidplus}");
                assert_eq!(done.progress.synced_items, 10, "{fault:?}, UIDPLUS {uidplus}");
            }
        }
    }
}

#[test]
fn lost_append_answers_in_a_row_leave_one_copy_each() {
    let source = Account::new().with("INBOX", ten());
    let target = Account::new().having(|t| t.faults = (1..=7).map(Fault::AfterStore).collect());
    let rig = Rig::new(&source, &target);

    let done = rig.initial().unwrap();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert!(done.progress.adopted_items > 0);
}

#[test]
fn equal_twins_stay_two_after_one_answer_was_lost() {
    let twin = raw(b"Subject: twin\r\n\r\nsame\r\n");
    for lost in 1..=3 {
        let source = Account::new().with("INBOX", vec![twin.clone(); 3]);
        let target = Account::new().having(|t| t.faults = vec![Fault::AfterStore(lost)]);

        Rig::new(&source, &target).initial().unwrap();

        assert_eq!(target.mail("INBOX").len(), 3, "answer {lost} lost");
    }
}

#[test]
fn a_stop_in_the_middle_is_gone_on_with_and_nothing_is_copied_twice() {
    for at in 1..=10 {
        let source = Account::new().with("INBOX", ten());
        let target = Account::new();
        let mut rig = Rig::new(&source, &target);
        target.state().cancel_at_append = Some((at, rig.cancel.clone()));

        let stopped = rig.initial().unwrap_err();
        rig.cancel = imapmig_core::cancel::Cancel::new();
        let done = rig.initial().unwrap();

        assert!(stopped.is_cancelled());
        assert_eq!(target.mail("INBOX"), source.mail("INBOX"), "stopped at {at}");
        assert_eq!(done.progress.synced_items, 10);
    }
}

#[test]
fn a_batch_made_anew_adopts_what_is_there() {
    let source = Account::new().with("INBOX", ten());
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();

    let rig = rig.made_anew();
    let done = rig.initial().unwrap();

    assert_eq!((target.appends(), done.progress.adopted_items), (10, 10));
    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
}

#[test]
fn messages_that_merely_look_alike_are_not_adopted_for_one_another() {
    let one = raw(b"Subject: x\r\n\r\nbody one\r\n");
    let two = raw(b"Subject: x\r\n\r\nbody two\r\n");
    let source = Account::new().with("INBOX", [one]);
    let target = Account::new().with("INBOX", [two]);

    Rig::new(&source, &target).initial().unwrap();

    assert_eq!(target.mail("INBOX").len(), 2);
}

#[test]
fn of_two_messages_with_equal_headers_the_one_that_is_there_is_adopted() {
    let with = |body: &str| raw(format!("Message-ID: <1@x>\r\nSubject: x\r\n\r\n{body}\r\n").as_bytes());
    let source = Account::new().with("INBOX", [with("body one"), with("body two")]);
    let target = Account::new().with("INBOX", [with("body two")]);

    let done = Rig::new(&source, &target).initial().unwrap();

    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
    assert_eq!(done.progress.adopted_items, 1);
}

#[test]
fn messages_of_the_user_at_the_target_are_not_touched() {
    let source = Account::new().with("INBOX", ten());
    let target = Account::new().with("INBOX", [message("own").flagged("\\Seen"), message("draft")]);
    let before = target.mail("INBOX");

    Rig::new(&source, &target).initial().unwrap();

    let after = target.mail("INBOX");
    assert_eq!(after.len(), 12);
    assert!(before.iter().all(|m| after.contains(m)));
}

#[test]
fn a_new_uidvalidity_at_the_source_copies_only_what_is_new() {
    let source = Account::new().with("INBOX", ten());
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    source.expunge("INBOX", 1);
    source.renumber("INBOX");
    source.deliver("INBOX", message("new"));

    let done = rig.incremental().unwrap();

    assert_eq!((target.appends(), done.progress.adopted_items), (11, 9));
    assert_eq!(target.mail("INBOX").len(), 11);
}

#[test]
fn a_new_uidvalidity_at_the_target_copies_only_what_is_missing() {
    let source = Account::new().with("INBOX", ten());
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    target.expunge("INBOX", 3);
    target.renumber("INBOX");

    rig.incremental().unwrap();

    assert_eq!(target.appends(), 11);
    assert_eq!(target.mail("INBOX"), source.mail("INBOX"));
}

#[test]
fn after_a_new_uidvalidity_what_the_user_did_to_flags_stays() {
    let source = Account::new().with("INBOX", [message("a").flagged("\\Flagged")]);
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    target.set_flags("INBOX", 1, "\\Seen");
    source.renumber("INBOX");

    rig.incremental().unwrap();

    assert_eq!(target.mail("INBOX")[0].2, "\\Seen");
}

#[test]
fn an_adopted_message_is_given_the_flags_that_it_lacks() {
    let source = Account::new().with("INBOX", [message("a").flagged("\\Flagged \\Deleted Work")]);
    let target = Account::new().with("INBOX", [message("a").flagged("\\Seen")]);

    Rig::new(&source, &target).initial().unwrap();

    assert_eq!(target.mail("INBOX")[0].2, "\\Seen \\Flagged Work");
}

#[test]
fn what_the_user_removed_at_the_target_is_not_brought_back() {
    let source = Account::new().with("INBOX", ten());
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    target.expunge("INBOX", 1);
    source.set_flags("INBOX", 10, "\\Answered");

    rig.incremental().unwrap();

    assert_eq!((target.appends(), target.mail("INBOX").len()), (10, 9));
}

#[test]
fn a_message_that_the_target_had_altered_is_recognised_after_a_lost_answer() {
    let changes: [(&[u8], Alter); 4] = [
        (b"Subject: lf\n\nbare\nlines\n", |b| String::from_utf8_lossy(b).replace('\n', "\r\n").into_bytes()),
        (b"Subject: nul\r\n\r\na\0b\r\n", |b| b.iter().map(|c| if *c == 0 { 0x80 } else { *c }).collect()),
        (b"Subject: gr\xfcn\r\n\r\nx\r\n", |b| b.iter().map(|c| if *c > 127 { b'X' } else { *c }).collect()),
        (b"Subject: end\r\n\r\nno end", |b| [b, b"\r\n"].concat()),
    ];
    for (bytes, alter) in changes {
        let source = Account::new().with("INBOX", [raw(bytes)]);
        let target = Account::new().having(|t| {
            t.alter = Some(alter);
            t.faults = vec![Fault::AfterStore(1)];
        });
        let rig = Rig::new(&source, &target);

        rig.initial().unwrap();

        assert_eq!(target.appends(), 1, "{:?}", bytes.escape_ascii().to_string());
        let item = rig.items().remove(0);
        assert_eq!((item.kind, rig.kept(&item)), (SkippedKind::Altered, bytes.to_vec()));
    }
}

#[test]
fn a_message_that_the_target_wrote_anew_is_recognised_by_its_key_and_date() {
    let source = Account::new().with("INBOX", ten());
    let target = Account::new().having(|t| {
        t.alter = Some(|b| [b"X-Exchange: yes\r\n".as_slice(), b].concat());
        t.faults = vec![Fault::AfterStore(4)];
    });

    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();

    assert_eq!((target.appends(), target.mail("INBOX").len()), (10, 10));
}

#[test]
fn a_folder_that_was_removed_and_made_anew_at_the_target_is_filled_again() {
    let source = Account::new().with("Work", ten());
    let target = Account::new();
    let rig = Rig::new(&source, &target);
    rig.initial().unwrap();
    target.state().folders.remove(&path("Work"));
    target.clone().with("Other", []).with("Work", []).renumber("Work");

    rig.incremental().unwrap();

    assert_eq!(target.mail("Work"), source.mail("Work"));
}

#[test]
fn connections_that_never_come_back_end_the_run_with_their_failure() {
    let source = Account::new().with("INBOX", ten());
    let target = Account::new().having(|t| t.faults = vec![Fault::AtAppend(1); 1]);
    target.state().most_connections = 1;
    let rig = Rig::new(&source, &target);
    let held = rig.target.connect(&rig.cancel).unwrap();

    let failure = rig.initial().unwrap_err();

    assert_eq!(failure.kind, FailureKind::ConnectionLimit);
    assert!(rig.report().iter().any(|line| line.contains("allows no more connections")));
    drop(held);
    assert_eq!(rig.store.user_by_id(rig.user().id).unwrap().unwrap().waiting, None);
}
