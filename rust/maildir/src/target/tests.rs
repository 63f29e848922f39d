//! The target as the engine uses it, on a real directory.

use super::*;
use imapmig_core::message::{InternalDate, SystemFlag};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const ADDRESS: &str = "terry.adams@contoso.edu";
const MESSAGE: &[u8] = b"Subject: a\r\n\r\nbody\r\n";

/// A root with one user's Maildir, and sessions to it.
struct Fixture {
    root: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    fn session(&self) -> Box<dyn TargetSession> {
        target_connector(self.root.path(), ADDRESS).unwrap().connect(&Cancel::new()).unwrap()
    }

    fn inbox(&self) -> Box<dyn TargetSession> {
        let mut session = self.session();
        session.open(&inbox()).unwrap();
        session
    }

    fn maildir(&self) -> PathBuf {
        mailbox_path(self.root.path(), ADDRESS).unwrap()
    }

    fn files(&self, place: &str) -> Vec<String> {
        names(&self.maildir().join(place))
    }
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(directory).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn inbox() -> WireName {
    WireName(b"INBOX".into())
}

fn head(key: u64, size: usize, flags: &[&str]) -> AppendHead {
    AppendHead {
        key: AppendKey(key),
        size: size as u64,
        flags: Flags::from_wire(flags.iter().copied()),
        internal_date: InternalDate::utc(1_500_000_000),
        literal8: false,
        origin: format!("imap.contoso.com terry INBOX 7 {key}"),
    }
}

type Outcomes = Vec<(AppendKey, AppendOutcome)>;

fn append(session: &mut dyn TargetSession, head: &AppendHead, bytes: &[u8]) -> Outcomes {
    let mut outcomes = Vec::new();
    session.append_begin(head, &mut outcomes).unwrap();
    for chunk in bytes.chunks(7) {
        session.append_chunk(chunk).unwrap();
    }
    session.append_end(&mut outcomes).unwrap();
    outcomes
}

fn store(session: &mut dyn TargetSession, key: u64, flags: &[&str], bytes: &[u8]) -> AppendOutcome {
    let mut outcomes = append(session, &head(key, bytes.len(), flags), bytes);
    session.append_finish(&mut outcomes).unwrap();
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0).1
}

fn stored(outcome: &AppendOutcome) -> TargetId {
    match outcome {
        AppendOutcome::Stored(Some(id)) => id.clone(),
        other => panic!("{other:?}"),
    }
}

fn listed(session: &mut dyn TargetSession) -> BTreeMap<TargetId, TargetMessage> {
    let mut found = BTreeMap::new();
    session.inventory(Uid(1), &mut |m| assert!(found.insert(m.id.clone(), m).is_none())).unwrap();
    found
}

fn flags_of(session: &mut dyn TargetSession, id: &TargetId) -> Option<String> {
    let mut found = None;
    session.flags(std::slice::from_ref(id), &mut |_, flags| found = Some(flags.to_string())).unwrap();
    found
}

fn bytes_of(session: &mut dyn TargetSession, id: &TargetId) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut ends = 0;
    let mut each = |_: &TargetId, chunk: &[u8]| {
        ends += usize::from(chunk.is_empty());
        bytes.extend_from_slice(chunk);
    };
    session.read(std::slice::from_ref(id), &mut each).unwrap();
    assert_eq!(ends, 1);
    bytes
}

#[test]
fn a_message_arrives_with_its_bytes_flags_keywords_and_date() {
    let fixture = Fixture::new();
    let mut session = fixture.inbox();
    let odd = b"Subject: \xff\n\nNUL \0 bare\rcr\r\nno end";

    let id = stored(&store(&mut *session, 1, &["\\Seen", "\\Flagged", "NonJunk"], odd));

    assert_eq!(bytes_of(&mut *session, &id), odd);
    let found = listed(&mut *session).remove(&id).unwrap();
    assert_eq!(found.size, odd.len() as u64);
    assert_eq!(found.internal_date, InternalDate::utc(1_500_000_000));
    assert_eq!(found.flags, Flags::from_wire(["\\Seen", "\\Flagged", "NonJunk"]));
    let TargetId::File(base) = &id else { panic!("{id:?}") };
    assert!(base.ends_with(&format!(",S={},W={}", odd.len(), odd.len() + 2)), "{base}");
    assert_eq!(fixture.files("cur"), [format!("{base}{}2,FSa", filename::SEPARATOR)]);
    assert_eq!(fixture.files("tmp"), [""; 0]);
}

#[cfg(unix)]
#[test]
fn nobody_but_the_owner_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::new();
    let mut session = fixture.inbox();

    store(&mut *session, 1, &["k"], MESSAGE);
    session.subscribe(&inbox()).unwrap();

    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let maildir = fixture.maildir();
    assert_eq!(mode(maildir.join("cur").join(&fixture.files("cur")[0])), 0o600);
    for file in ["dovecot-keywords", "subscriptions"] {
        assert_eq!(mode(maildir.join(file)), 0o600, "{file}");
    }
    for directory in ["", "cur", "new", "tmp", ".."] {
        assert_eq!(mode(maildir.join(directory)), 0o700, "{directory}");
    }
}

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
fn flags_are_replaced_and_a_file_that_another_program_renamed_is_found() {
    let fixture = Fixture::new();
    let mut session = fixture.inbox();
    let id = stored(&store(&mut *session, 1, &["\\Seen"], MESSAGE));
    let TargetId::File(base) = &id else { panic!("{id:?}") };
    let cur = fixture.maildir().join("cur");
    fs::rename(
        cur.join(&fixture.files("cur")[0]),
        cur.join(filename::with_flags(
            base,
            &Flags::from_wire(["\\Answered"]),
            &crate::keywords::KeywordTable::default(),
            "",
        )),
    )
    .unwrap();
    assert_eq!(flags_of(&mut *session, &id).as_deref(), Some("\\Answered"));
    assert_eq!(bytes_of(&mut *session, &id), MESSAGE);

    let mut wanted = Flags::from_wire(["Work"]);
    wanted.set(SystemFlag::Deleted);
    session
        .set_flags(&[(id.clone(), wanted.clone()), (TargetId::File("gone".into()), Flags::default())])
        .unwrap();

    assert_eq!(fixture.files("cur"), [format!("{base}{}2,Ta", filename::SEPARATOR)]);
    assert_eq!(listed(&mut *session)[&id].flags, wanted);
    assert_eq!(flags_of(&mut *session, &TargetId::File("gone".into())), None);
}

#[test]
fn mail_in_new_is_part_of_the_inventory_and_moves_to_cur_with_its_flags() {
    let fixture = Fixture::new();
    drop(fixture.session());
    fs::write(fixture.maildir().join("new/1700000000.M1.host"), MESSAGE).unwrap();
    let mut session = fixture.session();
    assert_eq!(session.open(&inbox()).unwrap().exists, 1);
    let id = TargetId::File("1700000000.M1.host".into());

    session.set_flags(&[(id.clone(), Flags::from_wire(["\\Seen"]))]).unwrap();

    assert_eq!(fixture.files("new"), [""; 0]);
    assert_eq!(listed(&mut *session)[&id].flags, Flags::from_wire(["\\Seen"]));
    let mut header = Vec::new();
    session.headers(&[id], &mut |_, h| header = h.to_vec()).unwrap();
    assert_eq!(header, b"Subject: a\r\n\r\n");
}

#[test]
fn a_folder_that_holds_26_keywords_says_so_and_keeps_what_fits() {
    let fixture = Fixture::new();
    let mut session = fixture.inbox();
    let names: Vec<_> = (0..30).map(|n| format!("k{n:02}")).collect();
    let all: Vec<_> = names.iter().map(String::as_str).collect();

    let id = stored(&store(&mut *session, 1, &all, MESSAGE));

    assert_eq!(flags_of(&mut *session, &id).unwrap(), names[..26].join(" "));
    assert_eq!(fixture.session().open(&inbox()).unwrap().keywords, Keywords::Only(names[..26].to_vec()));
}

#[test]
fn folders_are_made_subscribed_and_listed() {
    let fixture = Fixture::new();
    let mut session = fixture.session();
    let path = FolderPath::new(["Projets", "Été 2024"]);

    let wire = session.create(&path, None).unwrap();
    assert_eq!(session.create(&path, None).unwrap(), wire);
    session.subscribe(&wire).unwrap();
    session.open(&wire).unwrap();
    store(&mut *session, 1, &[], MESSAGE);

    let folders = session.folders().unwrap();
    let found = folders.iter().find(|f| f.path == path).unwrap();
    assert_eq!((&found.wire, found.selectable, found.subscribed), (&wire, true, true));
    assert!(folders.iter().any(|f| f.path == FolderPath::new(["Projets"]) && !f.selectable));
    let directory = fixture.maildir().join(".Projets.&AMk-t&AOk- 2024");
    assert!(directory.join("maildirfolder").exists());
    assert_eq!(names(&directory.join("cur")).len(), 1);
}

#[test]
fn hostile_folder_names_make_nothing() {
    let fixture = Fixture::new();
    let mut session = fixture.session();
    let before = names(fixture.root.path());

    for segment in ["..", "../../etc", "a/b", "a\0b", "a.b", ""] {
        assert_eq!(session.create(&FolderPath::new([segment]), None).unwrap_err().scope, Scope::Mailbox);
    }
    for wire in ["../x", "/etc", "..", ""] {
        let wire = WireName(wire.into());
        assert_eq!(session.open(&wire).unwrap_err().scope, Scope::Mailbox);
        assert_eq!(session.subscribe(&wire).unwrap_err().scope, Scope::Mailbox);
    }

    assert_eq!(names(fixture.root.path()), before);
    assert_eq!(names(&fixture.maildir()), ["cur", "new", "tmp"]);
}

#[test]
fn a_folder_that_is_missing_is_not_opened() {
    let fixture = Fixture::new();

    let failure = fixture.session().open(&WireName(b".Gone".into())).unwrap_err();

    assert_eq!((failure.scope, failure.kind), (Scope::Mailbox, FailureKind::NotFound));
}

#[test]
fn a_cancelled_session_appends_no_more() {
    let fixture = Fixture::new();
    let cancel = Cancel::new();
    let mut session = target_connector(fixture.root.path(), ADDRESS).unwrap().connect(&cancel).unwrap();
    session.open(&inbox()).unwrap();

    cancel.cancel();

    let failure = session.append_begin(&head(1, 1, &[]), &mut Vec::new()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
}
