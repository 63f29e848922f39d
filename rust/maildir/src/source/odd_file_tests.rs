//! What a user can put into a Maildir to be shown other people's files, or to hold the migration up.

use super::tests::{Fixture, MESSAGE, fetched, scanned};
use super::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::os::unix::net::UnixListener;

fn fifo(path: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};

    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o644), 0).expect("the folder is the test's own");
}

fn inbox() -> WireName {
    WireName(b"INBOX".into())
}

#[test]
fn links_fifos_and_sockets_among_the_messages_are_listed_and_not_delivered() {
    let fixture = Fixture::new();
    let secret = fixture.root.path().join("secret");
    fs::write(&secret, "Subject: not yours\r\n\r\n").unwrap();
    fixture.write("cur/1.mail:2,S", MESSAGE);
    let at = |name: &str| fixture.maildir().join(name);
    symlink(&secret, at("cur/2.link")).unwrap();
    symlink("/nowhere", at("cur/3.dangling")).unwrap();
    fifo(&at("new/4.fifo"));
    let _listening = UnixListener::bind(at("new/5.socket")).unwrap();
    symlink("/dev/zero", at("cur/6.device")).unwrap();
    fixture.write("cur/7.mail:2,", MESSAGE);

    let mut session = fixture.session();
    let opened = session.open(&inbox()).unwrap();
    let listed: Vec<u32> = scanned(&mut *session).into_keys().collect();
    let bodies = fetched(&mut *session, &listed);

    assert_eq!((opened.exists, listed.as_slice()), (7, [1, 2, 3, 4, 5, 6, 7].as_slice()));
    let whole = |uid| (uid, MESSAGE.len() as u64, MESSAGE.as_bytes().to_vec());
    assert_eq!(bodies.all, [whole(1), whole(7)]);
    let mut headers = Vec::new();
    let uids: Vec<Uid> = listed.into_iter().map(Uid).collect();
    session.headers(&uids, &mut |uid, _| headers.push(uid.0)).unwrap();
    assert_eq!(headers, [1, 7]);
}

#[test]
fn a_hard_link_to_a_file_of_another_user_is_listed_and_not_delivered() {
    let fixture = Fixture::new();
    let secret = fixture.root.path().join("secret");
    fs::write(&secret, "Subject: not yours\r\n\r\n").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    fixture.write("cur/1.mail:2,S", MESSAGE);
    fs::hard_link(fixture.maildir().join("cur/1.mail:2,S"), fixture.maildir().join("cur/2.copy:2,S"))
        .unwrap();
    fs::hard_link(&secret, fixture.maildir().join("cur/3.secret:2,")).unwrap();
    let owned = [&fixture.maildir().join("cur"), &fixture.maildir().join("cur/1.mail:2,S")]
        .map(|path| chown(path, Some(65_534), Some(65_534)));
    if owned.iter().any(std::io::Result::is_err) {
        // Only root can give files away; the rule has a test of its own.
        return;
    }

    let mut session = fixture.session();
    let opened = session.open(&inbox()).unwrap();
    let bodies = fetched(&mut *session, &[1, 2, 3]);

    let whole = |uid| (uid, MESSAGE.len() as u64, MESSAGE.as_bytes().to_vec());
    assert_eq!(opened.exists, 3);
    assert_eq!(bodies.all, [whole(1), whole(2)]);
}

#[test]
fn a_linked_folder_is_listed_and_says_why_it_is_not_read() {
    let fixture = Fixture::new();
    let outside = fixture.root.path().join("outside");
    fs::create_dir_all(outside.join("cur")).unwrap();
    fs::create_dir_all(outside.join("new")).unwrap();
    fs::write(outside.join("cur/1.secret"), MESSAGE).unwrap();
    symlink(&outside, fixture.maildir().join(".Linked")).unwrap();
    fixture.folder(".Half");
    fs::remove_dir(fixture.maildir().join(".Half/cur")).unwrap();
    symlink(outside.join("cur"), fixture.maildir().join(".Half/cur")).unwrap();

    let mut session = fixture.session();
    let mut names: Vec<_> =
        session.folders().unwrap().into_iter().filter(|f| f.selectable).map(|f| f.path.to_string()).collect();
    names.sort();

    assert_eq!(names, ["Half", "INBOX", "Linked"]);
    for name in [".Linked", ".Half"] {
        let failure = session.open(&WireName(name.into())).unwrap_err();
        assert_eq!(failure.scope, Scope::Mailbox);
        assert!(failure.to_string().contains("is a link"), "{failure}");
    }
    assert!(session.open(&inbox()).is_ok());
}

#[test]
fn a_maildir_that_is_a_link_is_refused_but_the_root_may_be_one() {
    let fixture = Fixture::new();
    symlink(fixture.root.path().join("mail"), fixture.root.path().join("linked root")).unwrap();
    let mail = fixture.root.path().join("mail");
    fs::create_dir(mail.join("ann@contoso.edu")).unwrap();
    symlink(fixture.maildir(), mail.join("ann@contoso.edu/Maildir")).unwrap();

    let refused = fixture.connect("ann@contoso.edu", None).err().unwrap();
    let index = fixture.root.path().join("index");
    let through_the_root =
        source_connector(&fixture.root.path().join("linked root"), "terry@contoso.edu", None, &index)
            .unwrap()
            .connect(&Cancel::new());

    assert_eq!(refused.scope, Scope::User);
    assert!(refused.to_string().contains("is a link"), "{refused}");
    assert!(through_the_root.is_ok());
}

#[test]
fn messages_of_an_open_folder_stay_those_of_the_folder_when_it_is_exchanged_for_a_link() {
    let fixture = Fixture::new();
    fixture.write("cur/1.mail", MESSAGE);
    let outside = fixture.root.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("1.mail"), "Subject: not yours\r\n\r\n").unwrap();
    let mut session = fixture.inbox();

    fs::rename(fixture.maildir().join("cur"), fixture.maildir().join("old")).unwrap();
    symlink(&outside, fixture.maildir().join("cur")).unwrap();
    let bodies = fetched(&mut *session, &[1]);

    assert_eq!(bodies.all, [(1, MESSAGE.len() as u64, MESSAGE.as_bytes().to_vec())]);
}

#[test]
fn lists_that_are_no_regular_files_hold_nothing_up() {
    let fixture = Fixture::new();
    fixture.write("cur/1.mail", MESSAGE);
    fifo(&fixture.maildir().join("dovecot-uidlist"));
    fifo(&fixture.maildir().join("subscriptions"));
    fixture.folder(".Other");
    fifo(&fixture.maildir().join(".Other/dovecot-keywords"));

    let mut session = fixture.session();

    assert_eq!(session.folders().unwrap().len(), 2);
    assert_eq!(session.open(&inbox()).unwrap().exists, 1);
    // Without its list of keywords the folder would lose them without a word.
    let failure = session.open(&WireName(b".Other".into())).unwrap_err();
    assert!(failure.to_string().contains("dovecot-keywords"), "{failure}");
}
