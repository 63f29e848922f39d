//! The source as the engine uses it, on a real directory.

use super::*;
use crate::filename::SEPARATOR;
use imapmig_core::message::{Flags, InternalDate};
use std::collections::BTreeMap;
use std::fs;

pub(super) const MESSAGE: &str = "Subject: a\r\n\r\nbody\r\n";

/// A Maildir at `<root>/terry@contoso.edu/Maildir`, and sessions to it.
pub(super) struct Fixture {
    pub(super) root: tempfile::TempDir,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let fixture = Self { root: tempfile::tempdir().unwrap() };
        fixture.folder("");
        fixture
    }

    pub(super) fn maildir(&self) -> PathBuf {
        self.root.path().join("mail/terry@contoso.edu/Maildir")
    }

    pub(super) fn folder(&self, name: &str) {
        for place in ["cur", "new", "tmp"] {
            fs::create_dir_all(self.maildir().join(name).join(place)).unwrap();
        }
    }

    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.maildir().join(spelled(name)), bytes).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.maildir().join(spelled(from)), self.maildir().join(spelled(to))).unwrap();
    }

    pub(super) fn connect(
        &self,
        user: &str,
        user_root: Option<&str>,
    ) -> Result<Box<dyn SourceSession>, Failure> {
        let root = self.root.path().join("mail");
        source_connector(&root, user, user_root, &self.root.path().join("index"))?.connect(&Cancel::new())
    }

    pub(super) fn session(&self) -> Box<dyn SourceSession> {
        self.connect("Terry@contoso.edu", None).unwrap()
    }

    pub(super) fn inbox(&self) -> Box<dyn SourceSession> {
        let mut session = self.session();
        session.open(&WireName(b"INBOX".into())).unwrap();
        session
    }
}

fn spelled(name: &str) -> String {
    name.replace(':', &SEPARATOR.to_string())
}

pub(super) fn scanned(session: &mut dyn SourceSession) -> BTreeMap<u32, MessageMeta> {
    let mut found = BTreeMap::new();
    let mut each = |meta: MessageMeta| {
        found.insert(meta.uid.0, meta);
        ControlFlow::Continue(())
    };
    session.scan(Scan::All, &mut each).unwrap();
    found
}

#[derive(Default)]
pub(super) struct Bodies {
    pub(super) all: Vec<(u32, u64, Vec<u8>)>,
    ended: usize,
    stop_after: Option<usize>,
}

impl BodySink for Bodies {
    fn begin(&mut self, head: BodyHead) -> ControlFlow<()> {
        self.all.push((head.uid.0, head.size, Vec::new()));
        ControlFlow::Continue(())
    }

    fn chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.all.last_mut().unwrap().2.extend_from_slice(bytes);
        ControlFlow::Continue(())
    }

    fn end(&mut self) -> ControlFlow<()> {
        self.ended += 1;
        if self.stop_after == Some(self.ended) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

pub(super) fn fetched(session: &mut dyn SourceSession, uids: &[u32]) -> Bodies {
    let mut bodies = Bodies::default();
    let uids: Vec<_> = uids.iter().map(|uid| Uid(*uid)).collect();
    session.fetch(&uids, &mut bodies).unwrap();
    bodies
}

#[test]
fn messages_are_told_with_flags_keywords_date_and_size() {
    let fixture = Fixture::new();
    fixture.write("dovecot-keywords", "0 NonJunk\n3 Work\n");
    fixture.write("cur/1.a,S=99:2,FPSad", MESSAGE);
    fixture.write("new/2.b:2,FS", "x\n");
    let date =
        fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1234));
    let path = fixture.maildir().join(spelled("cur/1.a,S=99:2,FPSad"));
    fs::File::options().write(true).open(path).unwrap().set_times(date).unwrap();

    let found = scanned(&mut *fixture.inbox());

    assert_eq!(found[&1].flags, Flags::from_wire(["\\Flagged", "\\Seen", "$Forwarded", "NonJunk", "Work"]));
    assert_eq!(found[&1].internal_date, InternalDate::utc(1234));
    assert_eq!(found[&1].size, MESSAGE.len() as u64);
    assert_eq!(found[&2].flags, Flags::from_wire(["\\Flagged"]), "mail in new/ was seen by nobody");
}

#[test]
fn bodies_come_in_the_order_asked_for_and_vanished_ones_are_left_out() {
    let fixture = Fixture::new();
    for n in 1..=4 {
        fixture.write(&format!("cur/{n}.a:2,"), format!("Subject: {n}\n\n"));
    }
    let mut session = fixture.inbox();
    fs::remove_file(fixture.maildir().join(spelled("cur/2.a:2,"))).unwrap();

    let bodies = fetched(&mut *session, &[3, 2, 1, 77]);

    let expected = [(3, 14, b"Subject: 3\r\n\r\n".to_vec()), (1, 14, b"Subject: 1\r\n\r\n".to_vec())];
    assert_eq!(bodies.all, expected);
    assert_eq!(bodies.ended, 2);
}

#[test]
fn the_ends_of_a_folder_are_told_alone() {
    let fixture = Fixture::new();
    for n in 1..=5 {
        fixture.write(&format!("cur/{n}.a:2,"), MESSAGE);
    }
    let mut session = fixture.inbox();
    let mut told = |count| {
        let mut uids = Vec::new();
        session.ends(count, &mut |meta| uids.push(meta.uid.0)).unwrap();
        uids
    };

    assert_eq!((told(1), told(2), told(3)), (vec![1, 5], vec![1, 2, 4, 5], vec![1, 2, 3, 4, 5]));
}

#[test]
fn a_file_that_moved_while_the_folder_is_open_is_found() {
    let fixture = Fixture::new();
    fixture.write("new/1.a", MESSAGE);
    let mut session = fixture.inbox();
    fixture.rename("new/1.a", "cur/1.a:2,S");

    let bodies = fetched(&mut *session, &[1]);

    assert_eq!(bodies.all[0].2, MESSAGE.as_bytes());
    assert_eq!(scanned(&mut *session)[&1].flags, Flags::from_wire(["\\Seen"]));
    let mut headers = Vec::new();
    session.headers(&[Uid(1)], &mut |uid, header| headers.push((uid, header.to_vec()))).unwrap();
    assert_eq!(headers, [(Uid(1), b"Subject: a\r\n\r\n".to_vec())]);
}

#[test]
fn a_fetch_that_is_stopped_reads_no_more() {
    let fixture = Fixture::new();
    fixture.write("cur/1.a", MESSAGE);
    fixture.write("cur/2.a", MESSAGE);
    let mut bodies = Bodies { stop_after: Some(1), ..Bodies::default() };

    fixture.inbox().fetch(&[Uid(1), Uid(2)], &mut bodies).unwrap();

    assert_eq!(bodies.all.len(), 1);
}

#[test]
fn uids_stay_over_runs_and_nothing_is_written_into_the_source() {
    let fixture = Fixture::new();
    fixture.write("cur/5.a:2,S", MESSAGE);
    let before = tree_of(&fixture.maildir());
    let mut session = fixture.session();
    let first = session.open(&WireName(b"INBOX".into())).unwrap();
    scanned(&mut *session);
    assert_eq!(tree_of(&fixture.maildir()), before);

    fixture.rename("cur/5.a:2,S", "cur/5.a:2,RS");
    fixture.write("new/4.b", MESSAGE);
    let second = fixture.session().open(&WireName(b"INBOX".into())).unwrap();

    assert_eq!(second.validity, first.validity);
    assert_eq!((first.exists, first.uid_next), (1, Some(Uid(2))));
    assert_eq!((second.exists, second.uid_next), (2, Some(Uid(3))));
    assert_eq!(scanned(&mut *fixture.inbox())[&1].flags, Flags::from_wire(["\\Seen", "\\Answered"]));
}

fn tree_of(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(tree_of(&entry.path()));
        }
        found.push(entry.path());
    }
    found.sort();
    found
}

#[test]
fn an_empty_folder_keeps_its_uidvalidity_when_mail_comes() {
    let fixture = Fixture::new();
    let empty = fixture.session().open(&WireName(b"INBOX".into())).unwrap();

    fixture.write("new/1.a", MESSAGE);
    let filled = fixture.session().open(&WireName(b"INBOX".into())).unwrap();

    assert_eq!(filled.validity, empty.validity);
}

#[test]
fn two_files_with_one_base_are_two_messages_even_with_odd_names() {
    let fixture = Fixture::new();
    for name in ["cur/1.a:2,", "cur/1.a:2,S", "cur/b\nc:2,"] {
        if !cfg!(windows) {
            fixture.write(name, MESSAGE);
        }
    }

    let first = scanned(&mut *fixture.inbox());
    let second = scanned(&mut *fixture.inbox());

    assert_eq!(first.len(), if cfg!(windows) { 0 } else { 3 });
    assert_eq!(first, second);
}

#[test]
fn only_what_lies_below_the_user_root_is_told() {
    let fixture = Fixture::new();
    for name in [".users.terry", ".users.terry.Sent", ".users.ann", ".users.terry.INBOX"] {
        fixture.folder(name);
    }
    let mut session = fixture.connect("terry@contoso.edu", Some("/users/terry")).unwrap();

    let mut paths: Vec<_> = session.folders().unwrap().into_iter().map(|f| f.path.to_string()).collect();
    paths.sort();

    assert_eq!(paths, ["INBOX", "INBOX/INBOX", "Sent"]);
    let missing = fixture.connect("terry@contoso.edu", Some("users/nobody")).err().unwrap();
    assert_eq!((missing.scope, missing.kind), (Scope::User, FailureKind::NotFound));
}

#[test]
fn a_user_is_found_by_address_or_path_but_never_outside_the_root() {
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.root.path().join("outside/Maildir/cur")).unwrap();

    assert!(fixture.connect("terry@contoso.edu", None).is_ok());
    assert!(fixture.connect("terry@contoso.edu/Maildir", None).is_ok());
    for user in ["../outside", "/", "..", "", "nobody", "x\0"] {
        assert!(fixture.connect(user, None).is_err(), "{user:?}");
    }
}

#[test]
fn plain_subfolders_are_opened_by_their_path() {
    let fixture = Fixture::new();
    fixture.folder("Archive/2024");
    fixture.write("Archive/2024/cur/1.a", MESSAGE);
    let mut session = fixture.session();
    let folders = session.folders().unwrap();
    let folder = folders.iter().find(|f| f.path == FolderPath::new(["Archive", "2024"])).unwrap();

    session.open(&folder.wire).unwrap();

    assert_eq!(scanned(&mut *session).len(), 1);
}
