//! Listings as servers write them, proper and odd ones.

use super::{Listed, Namespace, Namespaces, as_written};
use proptest::prelude::*;

#[test]
fn a_name_comes_as_atom_quoted_or_literal() {
    for line in [
        &b"LIST (\\HasNoChildren) \"/\" Sent\r\n"[..],
        b"list (\\HasNoChildren) \"/\" \"Sent\"\r\n",
        b"LIST (\\HasNoChildren) \"/\" {4}\r\nSent\r\n",
    ] {
        let listed = Listed::parse(line).unwrap();

        assert_eq!(listed.name, b"Sent");
        assert_eq!(listed.delimiter, Some('/'));
        assert!(listed.has("\\hasnochildren"));
    }
}

#[test]
fn escapes_are_undone_and_a_missing_delimiter_is_none() {
    let listed = Listed::parse(b"LSUB () NIL \"a\\\"b\\\\c\"\r\n").unwrap();

    assert_eq!(listed.name, b"a\"b\\c");
    assert_eq!(listed.delimiter, None);
}

#[test]
fn extended_data_behind_the_name_is_left_aside() {
    let line = b"LIST (\\Subscribed) \"/\" \"x\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n";

    assert_eq!(Listed::parse(line).unwrap().name, b"x");
}

#[test]
fn what_stands_behind_a_name_belongs_to_it() {
    let cases: [(&[u8], &[u8], Option<char>); 9] = [
        (b"LIST () \"/\" Sent Items\r\n", b"Sent Items", Some('/')),
        (b"LIST (\\HasNoChildren) \"\\\\\" Folder\\Subfolder 1\r\n", b"Folder\\Subfolder 1", Some('\\')),
        (b"LIST () \"\\\" Folder\\Sub\r\n", b"Folder\\Sub", Some('\\')),
        (b"LIST () \"/\" \"ab\"cd\"\r\n", b"ab\"cd", Some('/')),
        (b"LIST () \"/\" \"Back\\slash\"\r\n", b"Backslash", Some('/')),
        (b"LIST () \"/\" \"ends with\\\"\r\n", b"ends with\\", Some('/')),
        (b"LIST () \"/\" Old (2019)\r\n", b"Old (2019)", Some('/')),
        (b"LIST () \"/\" Sent Items (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n", b"Sent Items", Some('/')),
        (b"LIST () \"\" tab\there\r\n", b"tab\there", None),
    ];

    for (line, name, delimiter) in cases {
        let listed = Listed::parse(line).unwrap();

        assert_eq!((&*listed.name, listed.delimiter), (name, delimiter), "{}", line.escape_ascii());
    }
}

#[test]
fn a_server_that_escapes_nothing_once_escapes_nothing_ever() {
    let lines: [&[u8]; 3] =
        [b"LIST () \"/\" \"a\\\\b\"", b"LIST () \"/\" \"Back\\slash\"", b"LIST () \"/\" \"Q\"d\""];
    let names = |lines: &[&[u8]]| {
        let mut listed: Vec<_> = lines.iter().map(|line| Listed::parse(line).unwrap()).collect();
        as_written(&mut listed);
        listed.into_iter().map(|entry| entry.name).collect::<Vec<_>>()
    };

    assert_eq!(names(&lines), [&b"a\\\\b"[..], b"Back\\slash", b"Q\"d"]);
    assert_eq!(names(&lines[..1]), [b"a\\b"]);
}

#[test]
fn a_line_that_cannot_be_read_is_no_folder() {
    for line in [
        &b"LIST () \"/\"\r\n"[..],
        b"LIST Sent\r\n",
        b"LIST (\\Noselect \"/\" x\r\n",
        b"LIST () \"ab\" x\r\n",
        b"LIST () \"/\" \"open\r\n",
    ] {
        assert_eq!(Listed::parse(line), None, "{}", line.escape_ascii());
    }
}

#[test]
fn couriers_namespaces_are_read() {
    let line = b"NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"#shared.\" \".\")(\"shared.\" \".\"))\r\n";

    let namespaces = Namespaces::parse(line).unwrap();

    let namespace = |prefix: &str| Namespace { prefix: prefix.as_bytes().to_vec(), delimiter: Some('.') };
    assert_eq!(namespaces.personal, [namespace("INBOX.")]);
    assert!(namespaces.other_users.is_empty());
    assert_eq!(namespaces.shared, [namespace("#shared."), namespace("shared.")]);
}

#[test]
fn extensions_of_a_namespace_are_left_aside() {
    let line = b"NAMESPACE ((\"\" \"/\" \"X-PARAM\" (\"FLAG1\" \"FLAG2\"))) NIL NIL\r\n";

    assert_eq!(Namespaces::parse(line).unwrap().personal.len(), 1);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, open: bool) {
        let head: &[u8] = if open { b"LIST (" } else { b"NAMESPACE (" };
        let line = [head, &bytes].concat();

        let _ = (Listed::parse(&line), Namespaces::parse(&line));
    }
}
