//! Folders as servers list them: delimiters, prefixes, encodings, attributes, subscriptions, hostile names.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod support;

use imapmig_core::cancel::Cancel;
use imapmig_core::endpoint::Security;
use imapmig_core::failure::{Conduct, FailureKind};
use imapmig_core::folder::{Folder, FolderPath, SpecialUse};
use imapmig_core::ports::source::PassedOver;
use imapmig_imap::connectors::{source_connector, target_connector};
use imapmig_imap::folders::Layout;
use imapmig_imap::literals::LiteralHabits;
use imapmig_testkit::{Account, Fault, Mailbox, Personality, Server, When};
use support::{Scripted, at, connect, password, plain};

fn listed(personality: Personality, mailboxes: Vec<Mailbox>) -> Vec<Folder> {
    let mut account = Account::new("terry.adams", "1091990");
    for mailbox in mailboxes {
        account = account.with_mailbox(mailbox);
    }
    let server = Server::new(personality).with_account(account).start().unwrap();
    let mut session = connect(&plain(&server), &password("terry.adams", "1091990")).unwrap();
    let layout = Layout::learn(&mut session).unwrap();
    layout.folders(&mut session).unwrap()
}

fn paths(folders: &[Folder]) -> Vec<String> {
    let mut paths: Vec<String> = folders.iter().map(|f| f.path.to_string()).collect();
    paths.sort();
    paths
}

fn scripted(script: &'static str) -> Result<Vec<Folder>, imapmig_core::failure::Failure> {
    let server = Scripted::new(script);
    let mut session =
        connect(&at("127.0.0.1", server.port, Security::None), &password("terry.adams", "1091990")).unwrap();
    let layout = Layout::learn(&mut session)?;
    let folders = layout.folders(&mut session)?;
    server.finish();
    Ok(folders)
}

#[test]
fn the_same_folders_look_the_same_on_every_server() {
    for personality in [
        Personality::generic(),
        Personality::generic().without("UTF8=ACCEPT"),
        Personality::generic().without("LIST-EXTENDED"),
        Personality::generic().without("NAMESPACE").with_hierarchy('.', "INBOX."),
        Personality::dovecot(),
        Personality::courier_like(),
        Personality::cyrus_like().with_hierarchy('.', ""),
    ] {
        let name = personality.name.clone();
        let mailboxes = ["Projets/\u{c9}t\u{e9} 2024", "\u{53f0}\u{5317} & more", "Sent"];

        let folders = listed(personality, mailboxes.map(Mailbox::new).to_vec());

        let paths: Vec<String> = paths(&folders).into_iter().filter(|p| p != "Projets").collect();
        assert_eq!(
            paths,
            ["INBOX", "Projets/\u{c9}t\u{e9} 2024", "Sent", "\u{53f0}\u{5317} & more"],
            "{name}"
        );
    }
}

#[test]
fn attributes_and_subscriptions_are_told_with_and_without_list_extended() {
    for personality in [Personality::generic(), Personality::generic().without("LIST-EXTENDED")] {
        let folders = listed(
            personality,
            vec![
                Mailbox::new("Gesendet").special_use("\\Sent"),
                Mailbox::new("Alt").unsubscribed(),
                Mailbox::new("Ordner").no_select(),
            ],
        );

        let find = |path: &str| folders.iter().find(|f| f.path.to_string() == path).unwrap();
        assert_eq!(find("Gesendet").special_use, Some(SpecialUse::Sent));
        assert!(find("Gesendet").subscribed && !find("Alt").subscribed);
        assert!(find("Gesendet").selectable && !find("Ordner").selectable);
    }
}

#[test]
fn other_peoples_folders_are_not_listed() {
    let folders = listed(
        Personality::courier_like(),
        vec![Mailbox::new("Mine"), Mailbox::exact("#shared.users.ann beebe")],
    );

    assert_eq!(paths(&folders), ["INBOX", "Mine"]);
}

#[test]
fn hostile_names_stay_data() {
    let folders = listed(
        Personality::generic().without("UTF8=ACCEPT"),
        vec![
            Mailbox::wire(b"../../etc"),
            Mailbox::wire(b"a\0b"),
            Mailbox::wire(b"caf\xe9"),
            Mailbox::wire(b"Tom & Jerry"),
            Mailbox::wire(&[b'x'; 300]),
        ],
    );

    let long = "x".repeat(300);
    assert_eq!(
        paths(&folders),
        ["..", "../..", "../../etc", "INBOX", "Tom & Jerry", "a\0b", "caf%E9", &long]
    );
    let odd = folders.iter().find(|f| f.path.to_string() == "caf%E9").unwrap();
    assert_eq!(odd.wire.0, b"caf\xe9");
}

#[test]
fn two_names_that_read_the_same_stay_two_folders() {
    let folders = scripted(
        "S: * OK [CAPABILITY IMAP4rev1] ready
         C: A1 LOGIN \"terry.adams\" \"1091990\"
         S: A1 OK [CAPABILITY IMAP4rev1 NAMESPACE] done
         C: A2 NAMESPACE
         S: * NAMESPACE ((\"\" \"/\")) NIL NIL
         S: A2 OK done
         C: A3 LIST \"\" \"*\"
         S: * LIST () \"/\" INBOX
         S: * LIST () \"/\" \"Tom &- Jerry\"
         S: * LIST () \"/\" \"Tom & Jerry\"
         S: A3 OK done
         C: A4 LSUB \"\" *
         S: A4 OK done",
    )
    .unwrap();

    assert_eq!(paths(&folders), ["INBOX", "Tom & Jerry", "Tom & Jerry (2)"]);
}

#[test]
fn a_folder_called_inbox_below_the_prefix_is_not_the_inbox() {
    let layout = Personality::courier_like();

    let folders = listed(layout, vec![Mailbox::exact("INBOX.INBOX"), Mailbox::exact("INBOX.INBOX.Old")]);

    assert_eq!(paths(&folders), ["INBOX", "INBOX/INBOX", "INBOX/Old"]);
}

#[test]
fn folders_listed_twice_count_once_and_no_delimiter_is_no_level() {
    let folders = scripted(
        "S: * OK [CAPABILITY IMAP4rev1] ready
         C: A1 LOGIN \"terry.adams\" \"1091990\"
         S: A1 OK [CAPABILITY IMAP4rev1] done
         C: A2 LIST \"\" *
         S: * LIST () NIL inbox
         S: * LIST () NIL \"a/b\"
         S: A2 OK done
         C: A3 LIST \"\" \"*\"
         S: * LIST () NIL inbox
         S: * LIST () NIL INBOX
         S: * LIST () NIL \"a/b\"
         S: * LIST () NIL \"a/b\"
         S: A3 OK done
         C: A4 LSUB \"\" *
         S: A4 OK done",
    )
    .unwrap();

    assert_eq!(folders.len(), 2);
    assert_eq!(folders[1].path.segments(), ["a/b"]);
}

/// Cyrus without unixhierarchysep, for a user name with a dot.
const NOTHING_LISTED: &str = "S: * OK [CAPABILITY IMAP4rev1] ready
    C: A1 LOGIN \"terry.adams\" \"1091990\"
    S: A1 OK [CAPABILITY IMAP4rev1 NAMESPACE] done
    C: A2 NAMESPACE
    S: * NAMESPACE ((\"INBOX.\" \".\")) ((\"user.\" \".\")) ((\"\" \".\"))
    S: A2 OK done
    C: A3 LIST \"\" \"*\"
    S: A3 OK done
    C: A4 STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 1)
    S: A4 OK done";

#[test]
fn a_target_that_lists_nothing_has_an_inbox_all_the_same() {
    assert_eq!(paths(&scripted(NOTHING_LISTED).unwrap()), ["INBOX"]);
}

#[test]
fn a_source_that_lists_nothing_is_a_failure_and_not_an_empty_account() {
    let server = Scripted::new(NOTHING_LISTED);
    let mut session =
        connect(&at("127.0.0.1", server.port, Security::None), &password("terry.adams", "1091990")).unwrap();
    let layout = Layout::learn(&mut session).unwrap();

    let failure = layout.all_folders(&mut session).unwrap_err();

    assert_eq!(failure.kind, FailureKind::Refused);
    assert_eq!(*failure.case, Conduct::NoFolders.of("127.0.0.1"));
}

/// A source that is told these lines at LIST and answers LSUB so.
fn listing(namespace: &str, lines: &str, lsub: &str) -> (Vec<Folder>, PassedOver) {
    let capability = if namespace.is_empty() { "" } else { " NAMESPACE" };
    let ask = if namespace.is_empty() {
        format!("C: A2 LIST \"\" *\n{lines}\nS: A2 OK done\n")
    } else {
        format!("C: A2 NAMESPACE\nS: * NAMESPACE {namespace}\nS: A2 OK done\n")
    };
    let script = format!(
        "S: * OK [CAPABILITY IMAP4rev1{capability}] ready
         C: A1 LOGIN \"terry.adams\" \"1091990\"
         S: A1 OK [CAPABILITY IMAP4rev1{capability}] done
         {ask}
         C: A3 LIST \"\" \"*\"
         {lines}
         S: A3 OK done
         C: A4 LSUB \"\" *
         S: A4 {lsub}"
    );
    let server = Scripted::new(script.leak());
    let login = password("terry.adams", "1091990");
    let connector = source_connector(at("127.0.0.1", server.port, Security::None), login, None);
    let mut source = connector.connect(&Cancel::new()).unwrap();
    let folders = source.folders().unwrap();
    (folders, source.passed_over())
}

#[test]
fn what_cannot_be_read_of_a_listing_is_told_and_the_other_folders_are_listed() {
    let (folders, passed_over) = listing(
        "",
        "S: * LIST () \"/\" INBOX
         S: * LIST (\\Marked \"/\" \"x
         S: * LIST () \"/\" \"\"
         S: * LIST (\\Noselect) \"/\" \"/\"
         S: * LIST () \"/\" \"/\"
         S: * LIST () \"/\" Sent
         S: * LIST () \"/\" Sent Items",
        "BAD Command not recognized",
    );

    assert_eq!(paths(&folders), ["INBOX", "Sent", "Sent Items"]);
    assert!(folders.iter().all(|folder| folder.subscribed));
    let expected =
        ["the line \"LIST (\\\\Marked \\\"/\\\" \\\"x\"", "a folder called \"\"", "a folder called \"/\""];
    assert_eq!(passed_over.unreadable, expected);
}

#[test]
fn the_delimiter_of_the_listing_counts_whatever_namespace_says() {
    let (folders, passed_over) = listing(
        "((\"INBOX.\" \".\")) ((\"user.\" \".\")) NIL",
        "S: * LIST () \"/\" INBOX
         S: * LIST () \"/\" INBOX/Old.Mail/2019
         S: * LIST () \".\" user.ann.Work",
        "OK done",
    );

    assert_eq!(paths(&folders), ["INBOX", "Old.Mail/2019"]);
    assert_eq!(passed_over.foreign, ["user.ann.Work"]);
}

#[test]
fn a_server_that_lists_one_level_at_a_time_is_asked_for_the_next() {
    let server = Scripted::new(
        "S: * OK [CAPABILITY IMAP4rev1 NAMESPACE] ready
         C: A1 LOGIN \"terry.adams\" \"1091990\"
         S: A1 OK [CAPABILITY IMAP4rev1 NAMESPACE] done
         C: A2 NAMESPACE
         S: * NAMESPACE ((\"\" \"/\")) NIL NIL
         S: A2 OK done
         C: A3 LIST \"\" \"*\"
         S: * LIST (\\HasNoChildren) \"/\" INBOX
         S: * LIST (\\HasChildren) \"/\" Work
         S: * LIST (\\HasChildren) \"/\" Home
         S: * LIST () \"/\" Home/Bills
         S: A3 OK done
         C: A4 LIST \"\" \"Work/*\"
         S: * LIST (\\HasChildren) \"/\" Work/2020
         S: A4 OK done
         C: A5 LIST \"\" \"Work/2020/*\"
         S: A5 OK done
         C: A6 LSUB \"\" *
         S: A6 BAD what",
    );
    let login = password("terry.adams", "1091990");
    let connector = source_connector(at("127.0.0.1", server.port, Security::None), login, None);
    let folders = connector.connect(&Cancel::new()).unwrap().folders().unwrap();

    assert_eq!(paths(&folders), ["Home", "Home/Bills", "INBOX", "Work", "Work/2020"]);
}

#[test]
fn a_path_becomes_the_name_it_came_from() {
    let mailboxes = ["Projets/\u{c9}t\u{e9}", "INBOX", "INBOX/INBOX", "INBOX/Old", "a&b"];
    for personality in [Personality::generic(), Personality::courier_like(), Personality::cyrus_like()] {
        let server = Server::new(personality).with_account(Account::new("u", "p")).start().unwrap();
        let mut session = connect(&plain(&server), &password("u", "p")).unwrap();
        let layout = Layout::learn(&mut session).unwrap();
        for path in mailboxes {
            let path = FolderPath::new(path.split('/'));

            let name = layout.wire_of(&path, session.utf8);

            assert_eq!(layout.path_of(&name.0, session.utf8), Some(path), "{name:?}");
        }
    }
}

/// What a source and a target connector make of two odd names on this server; the target first makes a folder with a third.
fn through_connectors(server: &imapmig_testkit::RunningServer) -> (Vec<String>, Vec<String>) {
    let login = password("terry.adams", "1091990");
    let target = target_connector(plain(server), login.clone(), &LiteralHabits::default());
    let mut target = target.connect(&Cancel::new()).unwrap();
    target.create(&FolderPath::new(["Q&A \u{e9}"]), None).unwrap();
    let at_target = paths(&target.folders().unwrap());
    let mut source = source_connector(plain(server), login, None).connect(&Cancel::new()).unwrap();
    (paths(&source.folders().unwrap()), at_target)
}

#[test]
fn names_are_right_on_a_server_that_enables_utf_8_and_keeps_modified_utf_7() {
    let mut personality = Personality::generic();
    personality.names.utf8_in_name_only = true;
    let account = Account::new("terry.adams", "1091990")
        .with_mailbox(Mailbox::new("Gr\u{f6}\u{df}e"))
        .with_mailbox(Mailbox::new("R&D"));
    let server = Server::new(personality).with_account(account).start().unwrap();

    let (at_source, at_target) = through_connectors(&server);

    assert_eq!(at_source, ["Gr\u{f6}\u{df}e", "INBOX", "Q&A \u{e9}", "R&D"]);
    assert_eq!(at_target, at_source);
}

#[test]
fn a_server_that_dies_of_enable_is_used_without() {
    let account = Account::new("terry.adams", "1091990").with_mailbox(Mailbox::new("Gr\u{f6}\u{df}e"));
    let enable = Fault::cut(When::BeforeCommand("ENABLE".into())).always();
    let server =
        Server::new(Personality::generic()).with_account(account).with_fault(enable).start().unwrap();
    let source = source_connector(plain(&server), password("terry.adams", "1091990"), None);

    let ends: Vec<_> = (0..2).map(|_| source.connect(&Cancel::new()).err().unwrap().kind).collect();

    assert_eq!(ends, [FailureKind::Disconnected; 2]);
    let folders = source.connect(&Cancel::new()).unwrap().folders().unwrap();
    assert_eq!(paths(&folders), ["Gr\u{f6}\u{df}e", "INBOX"]);
}
