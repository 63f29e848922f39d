//! Which looks prove that two rows open one mailbox, and which do not.

use super::*;

/// When the looks happen, in seconds; mail came before unless a test says otherwise.
const NOW: i64 = 1_800_000_000;

fn message(uid: u32, date: i64, header: &str) -> MessageProbe {
    let header = *blake3::hash(header.as_bytes()).as_bytes();
    MessageProbe { uid: Uid(uid), size: 100, date: InternalDate::utc(date), header }
}

/// Messages that arrived long ago, one with each UID.
fn old(uids: impl IntoIterator<Item = u32>) -> Vec<MessageProbe> {
    uids.into_iter().map(|uid| message(uid, NOW - 1_000_000 + i64::from(uid), &format!("{uid}"))).collect()
}

/// A folder of these messages; `uid_next` is above the last.
fn folder(name: &str, messages: Vec<MessageProbe>) -> FolderProbe {
    let uid_next = Uid(messages.last().map_or(1, |m| m.uid.0 + 1));
    let all = messages.len() <= 2 * ENDS as usize;
    let count = messages.len();
    let ends = messages.into_iter().enumerate();
    let ends = ends.filter(|(at, _)| all || *at < ENDS as usize || at + ENDS as usize >= count);
    FolderProbe {
        path: if name == "INBOX" { FolderPath::inbox() } else { FolderPath::new([name]) },
        id: None,
        validity: UidValidity(7),
        uid_next,
        messages: Some(ends.map(|(_, message)| message).collect()),
        all,
    }
}

fn account(folders: Vec<FolderProbe>) -> AccountProbe {
    AccountProbe { at: UnixMs(NOW * 1000), folders }
}

fn inbox(messages: Vec<MessageProbe>) -> AccountProbe {
    account(vec![folder("INBOX", messages)])
}

/// In either order.
fn same(one: &AccountProbe, other: &AccountProbe) -> bool {
    let same = one.proves_same_mailbox(other);
    assert_eq!(same, other.proves_same_mailbox(one), "it does not matter who is looked at first");
    same
}

#[test]
fn one_mailbox_looked_at_twice_is_the_same() {
    assert!(same(&inbox(old(1..=3)), &inbox(old(1..=3))));
    assert!(same(&inbox(old(1..=500)), &inbox(old(1..=500))));
}

#[test]
fn it_is_the_same_after_mail_has_come() {
    for before in [1, 3, 12, 500] {
        let mut after = old(1..=before);
        after.extend((1..=7).map(|n| message(before + n, NOW - 60, "just arrived")));

        assert!(same(&inbox(old(1..=before)), &inbox(after)), "{before}");
    }
}

#[test]
fn it_is_the_same_after_mail_has_gone() {
    let mut after = inbox(old(3..=10));
    after.folders[0].uid_next = Uid(11);

    assert!(same(&inbox(old(1..=10)), &after));
}

#[test]
fn empty_mailboxes_and_those_that_only_begin_to_fill_prove_nothing() {
    let empty = inbox(Vec::new());

    assert!(!same(&empty, &empty));
    assert!(!same(&empty, &inbox(vec![message(1, NOW, "just arrived")])));
    let all = ["INBOX", "Drafts", "Sent", "Trash"].map(|name| folder(name, Vec::new())).to_vec();
    assert!(!same(&account(all.clone()), &account(all)));
}

#[test]
fn one_whose_inbox_is_empty_is_known_by_its_other_folders() {
    let archived = || account(vec![folder("INBOX", Vec::new()), folder("Archive", old(1..=20))]);

    assert!(same(&archived(), &archived()));
}

#[test]
fn other_folders_with_other_uidvalidities_are_another_mailbox() {
    let one = account(vec![folder("INBOX", old(1..=3)), folder("Sent", Vec::new())]);
    let mut other = one.clone();
    other.folders[1].validity = UidValidity(8);

    assert!(!same(&one, &other));
}

#[test]
fn a_welcome_that_tells_whom_it_welcomes_is_another_mailbox() {
    let welcome = |whom| inbox(vec![message(1, 7, whom)]);

    assert!(!same(&welcome("To: ann"), &welcome("To: bob")));
}

#[test]
fn mailboxes_made_alike_differ_by_what_came_since() {
    let welcome = || old(1..=1);
    let mut used = welcome();
    used.extend(old([2, 3]));
    let sent = |number| account(vec![folder("INBOX", welcome()), folder("Sent", old(1..=number))]);

    assert!(!same(&inbox(welcome()), &inbox(used)), "one had mail long before the look at the other");
    assert!(!same(&sent(0), &sent(2)), "one has sent mail, which is no news either");
}

#[test]
fn mailboxes_made_alike_that_share_little_are_not_taken_for_one() {
    let (mut one, mut other) = (inbox(old([1, 4, 6])), inbox(old([1, 2, 3, 5])));
    one.folders[0].uid_next = Uid(7);
    other.folders[0].uid_next = Uid(7);

    assert!(!same(&one, &other));
}

#[test]
fn where_a_server_tells_identities_they_decide() {
    let with = |id: &str| {
        let mut probe = inbox(old(1..=3));
        probe.folders[0].id = Some(id.to_owned());
        probe
    };

    assert!(same(&with("F1"), &with("F1")));
    assert!(!same(&with("F1"), &with("F2")));
}
