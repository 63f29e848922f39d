//! Appends: what becomes visible when, repeats, lanes, and what a crash leaves.

use super::tests::{
    ADDRESS, Fixture, MESSAGE, Outcomes, append, bytes_of, flags_of, head, inbox, store, stored,
};
use super::*;

#[test]
fn nothing_is_visible_before_append_finish() {
    let fixture = Fixture::new();
    let mut session = fixture.inbox();

    let outcomes = append(&mut *session, &head(1, MESSAGE.len(), &[]), MESSAGE);

    assert_eq!(outcomes, []);
    assert_eq!(fixture.files("cur"), [""; 0]);
    assert_eq!(fixture.files("tmp").len(), 1);
}

#[test]
fn a_repeat_lands_on_itself_whatever_flags_the_message_has_by_now() {
    let fixture = Fixture::new();
    let id = stored(&store(&mut *fixture.inbox(), 1, &["\\Seen"], MESSAGE));
    let TargetId::File(base) = &id else { panic!("{id:?}") };
    let cur = fixture.maildir().join("cur");
    let new = fixture.maildir().join("new");
    fs::rename(cur.join(&fixture.files("cur")[0]), new.join(base)).unwrap();

    let again = store(&mut *fixture.inbox(), 1, &["\\Flagged"], MESSAGE);

    assert_eq!(again, AppendOutcome::AlreadyThere(id.clone()));
    assert_eq!(&fixture.files("new")[..], std::slice::from_ref(base));
    assert_eq!(fixture.files("cur"), [""; 0]);
}

#[test]
fn an_origin_with_other_bytes_is_another_message() {
    let fixture = Fixture::new();
    let mut session = fixture.inbox();
    let first = stored(&store(&mut *session, 1, &[], MESSAGE));

    let second = stored(&store(&mut *session, 1, &[], b"Subject: b\r\n\r\nbody\r\n"));
    let again = store(&mut *session, 1, &[], b"Subject: b\r\n\r\nbody\r\n");

    assert_ne!(first, second);
    assert_eq!(again, AppendOutcome::AlreadyThere(second));
    assert_eq!(fixture.files("cur").len(), 2);
}

#[test]
fn a_message_that_the_user_deleted_meanwhile_is_stored_again_when_appended_again() {
    let fixture = Fixture::new();
    let mut session = fixture.inbox();
    store(&mut *session, 1, &[], MESSAGE);
    fs::remove_file(fixture.maildir().join("cur").join(&fixture.files("cur")[0])).unwrap();

    stored(&store(&mut *session, 1, &[], MESSAGE));

    assert_eq!(fixture.files("cur").len(), 1);
}

#[test]
fn lanes_write_every_origin_once() {
    let fixture = Fixture::new();
    let mut lanes: Vec<_> = (0..6).map(|_| fixture.inbox()).collect();

    let outcomes: Vec<Outcomes> = std::thread::scope(|scope| {
        let work = |(lane, mut session): (usize, Box<dyn TargetSession>)| {
            scope.spawn(move || {
                let mut outcomes = Vec::new();
                // Every message is appended by two lanes, with keywords that all lanes bring.
                for key in (0..120).filter(|key| key % 6 == lane as u64 || (key + 1) % 6 == lane as u64) {
                    let bytes = format!("Subject: {key}\r\n\r\n");
                    let keyword = format!("k{}", key % 20);
                    outcomes.extend(append(
                        &mut *session,
                        &head(key, bytes.len(), &[&keyword]),
                        bytes.as_bytes(),
                    ));
                    if key % 10 == 0 {
                        session.append_finish(&mut outcomes).unwrap();
                    }
                }
                session.append_finish(&mut outcomes).unwrap();
                outcomes
            })
        };
        let threads: Vec<_> = lanes.drain(..).enumerate().map(work).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });

    let all: Vec<_> = outcomes.into_iter().flatten().collect();
    assert_eq!(all.len(), 240);
    assert_eq!(all.iter().filter(|(_, o)| matches!(o, AppendOutcome::Stored(_))).count(), 120);
    assert_eq!(fixture.files("cur").len(), 120);
    let mut session = fixture.inbox();
    for (key, outcome) in all {
        let (AppendOutcome::Stored(Some(id)) | AppendOutcome::AlreadyThere(id)) = outcome else { panic!() };
        assert_eq!(flags_of(&mut *session, &id), Some(format!("k{}", key.0 % 20)));
        assert_eq!(bytes_of(&mut *session, &id), format!("Subject: {}\r\n\r\n", key.0).as_bytes());
    }
}

#[test]
fn what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not() {
    let fixture = Fixture::new();
    drop(fixture.session());
    let tmp = fixture.maildir().join("tmp");
    fs::write(tmp.join(format!("imapmig.{}-1.5", i32::MAX)), "half a mess").unwrap();
    fs::write(tmp.join(format!("imapmig.{}-1.5", std::process::id())), "half a mess").unwrap();
    fs::write(tmp.join("1700000000.P1.theirs"), "being delivered").unwrap();
    let mut first = fixture.inbox();
    append(&mut *first, &head(1, MESSAGE.len(), &[]), MESSAGE);

    let second = fixture.inbox();

    let left = fixture.files("tmp");
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.contains(&"1700000000.P1.theirs".to_owned()));
    drop((first, second));
    assert_eq!(fixture.files("tmp"), ["1700000000.P1.theirs"]);
}

#[test]
fn after_a_crash_in_the_middle_of_a_window_the_same_window_completes_it() {
    let fixture = Fixture::new();
    let mut session = fixture.inbox();
    for key in 0..10 {
        store(&mut *session, key, &[], format!("Subject: {key}\r\n\r\n").as_bytes());
    }
    drop(session);
    // The process ended after five of ten renames.
    for (n, name) in fixture.files("cur").iter().enumerate().skip(5) {
        let tmp = fixture.maildir().join("tmp").join(format!("imapmig.{}-1.{n}", i32::MAX));
        fs::rename(fixture.maildir().join("cur").join(name), tmp).unwrap();
    }

    let mut session = fixture.inbox();
    let mut outcomes = Vec::new();
    for key in 0..10 {
        let bytes = format!("Subject: {key}\r\n\r\n");
        outcomes.extend(append(&mut *session, &head(key, bytes.len(), &[]), bytes.as_bytes()));
    }
    session.append_finish(&mut outcomes).unwrap();

    let there = outcomes.iter().filter(|(_, o)| matches!(o, AppendOutcome::AlreadyThere(_))).count();
    assert_eq!((outcomes.len(), there), (10, 5));
    assert_eq!(fixture.files("cur").len(), 10);
    assert_eq!(fixture.files("tmp"), [""; 0]);
}

#[test]
fn a_long_run_tells_outcomes_before_it_is_finished() {
    let fixture = Fixture::new();
    let mut session = fixture.inbox();
    let mut outcomes = Vec::new();

    for key in 0..600 {
        outcomes.extend(append(&mut *session, &head(key, MESSAGE.len(), &[]), MESSAGE));
    }

    assert_eq!(outcomes.len(), 512);
    session.append_finish(&mut outcomes).unwrap();
    assert_eq!(outcomes.len(), 600);
}

#[test]
fn a_message_that_is_not_as_long_as_promised_is_not_stored() {
    let fixture = Fixture::new();
    let mut session = fixture.inbox();
    let mut outcomes = Vec::new();
    session.append_begin(&head(1, MESSAGE.len() + 1, &[]), &mut outcomes).unwrap();
    session.append_chunk(MESSAGE).unwrap();

    let failure = session.append_end(&mut outcomes).unwrap_err();

    assert_eq!(failure.scope, Scope::User);
    assert_eq!((fixture.files("tmp"), fixture.files("cur")), (vec![], vec![]));
}

#[test]
fn a_cancelled_session_appends_no_more() {
    let fixture = Fixture::new();
    let cancel = Cancel::new();
    let mut session = target_connector(fixture.root.path(), ADDRESS).unwrap().connect(&cancel).unwrap();
    session.open(&inbox()).unwrap();

    cancel.cancel();

    let failure = session.append_begin(&head(1, 1, &[]), &mut Vec::new()).unwrap_err();
    assert!(failure.is_cancelled());
}
