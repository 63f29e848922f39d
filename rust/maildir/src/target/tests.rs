//! The target as the engine uses it, on a real directory.

use super::*;
use imapmig_core::message::{InternalDate, SystemFlag};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub(super) const ADDRESS: &str = "terry.adams@contoso.edu";
pub(super) const MESSAGE: &[u8] = b"Subject: a\r\n\r\nbody\r\n";

/// A root with one user's Maildir, and sessions to it.
pub(super) struct Fixture {
    pub(super) root: tempfile::TempDir,
}

impl Fixture {
    pub(super) fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    pub(super) fn session(&self) -> Box<dyn TargetSession> {
        target_connector(self.root.path(), ADDRESS).unwrap().connect(&Cancel::new()).unwrap()
    }

    pub(super) fn inbox(&self) -> Box<dyn TargetSession> {
        let mut session = self.session();
        session.open(&inbox()).unwrap();
        session
    }

    pub(super) fn maildir(&self) -> PathBuf {
        mailbox_path(self.root.path(), ADDRESS).unwrap()
    }

    pub(super) fn files(&self, place: &str) -> Vec<String> {
        names(&self.maildir().join(place))
    }
}

pub(super) fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(directory).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

pub(super) fn inbox() -> WireName {
    WireName(b"INBOX".into())
}

pub(super) fn head(key: u64, size: usize, flags: &[&str]) -> AppendHead {
    AppendHead {
        key: AppendKey(key),
        size: size as u64,
        flags: Flags::from_wire(flags.iter().copied()),
        internal_date: InternalDate::utc(1_500_000_000),
        literal8: false,
        origin: format!("imap.contoso.com terry INBOX 7 {key}"),
    }
}

pub(super) type Outcomes = Vec<(AppendKey, AppendOutcome)>;

pub(super) fn append(session: &mut dyn TargetSession, head: &AppendHead, bytes: &[u8]) -> Outcomes {
    let mut outcomes = Vec::new();
    session.append_begin(head, &mut outcomes).unwrap();
    for chunk in bytes.chunks(7) {
        session.append_chunk(chunk).unwrap();
    }
    session.append_end(&mut outcomes).unwrap();
    outcomes
}

pub(super) fn store(
    session: &mut dyn TargetSession,
    key: u64,
    flags: &[&str],
    bytes: &[u8],
) -> AppendOutcome {
    let mut outcomes = append(session, &head(key, bytes.len(), flags), bytes);
    session.append_finish(&mut outcomes).unwrap();
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0).1
}

pub(super) fn stored(outcome: &AppendOutcome) -> TargetId {
    match outcome {
        AppendOutcome::Stored(Some(id)) => id.clone(),
        other => panic!("{other:?}"),
    }
}

pub(super) fn listed(session: &mut dyn TargetSession) -> BTreeMap<TargetId, TargetMessage> {
    let mut found = BTreeMap::new();
    session.inventory(Uid(1), &mut |m| assert!(found.insert(m.id.clone(), m).is_none())).unwrap();
    found
}

pub(super) fn flags_of(session: &mut dyn TargetSession, id: &TargetId) -> Option<String> {
    let mut found = None;
    session.flags(std::slice::from_ref(id), &mut |_, flags| found = Some(flags.to_string())).unwrap();
    found
}

pub(super) fn bytes_of(session: &mut dyn TargetSession, id: &TargetId) -> Vec<u8> {
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
fn flags_change_under_dovecots_lock_and_a_dead_process_does_not_hold_it() {
    let fixture = Fixture::new();
    let mut session = fixture.inbox();
    let id = stored(&store(&mut *session, 1, &[], MESSAGE));
    let lock = fixture.maildir().join("dovecot-uidlist.lock");
    fs::write(fixture.maildir().join("dovecot-uidlist"), "").unwrap();
    fs::write(&lock, format!("imapmig {}-1\n", i32::MAX)).unwrap();

    session.set_flags(&[(id.clone(), Flags::from_wire(["\\Seen"]))]).unwrap();

    assert!(!lock.exists(), "it was broken, taken and given back");
    assert_eq!(flags_of(&mut *session, &id).as_deref(), Some("\\Seen"));
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
