//! The real servers start, let in whom the runbook's sign-in styles name, and give back what was put in.

use imapmig_tests::{ADMIN, Client, Comparison, Dovecot, PEOPLE, Snapshot, corpus, path, require};

/// A mailbox with one message whose text names its owner.
fn mark(client: &mut Client, owner: &str) {
    let mut marked = corpus::small_inbox(1);
    marked.mailboxes[0].1[0].bytes = format!("Subject: mailbox of {owner}\r\n\r\nx\r\n").into_bytes();
    client.seed(&marked).unwrap();
}

/// Whose mailbox this is.
fn owner(client: &mut Client) -> String {
    client.examine(&path("INBOX")).unwrap();
    let first = client.fetch_all().unwrap().remove(0);
    let text = String::from_utf8(first.bytes).unwrap();
    text.lines().next().unwrap().trim_start_matches("Subject: mailbox of ").to_owned()
}

#[test]
fn every_sign_in_style_of_the_runbook_opens_the_right_mailbox_at_dovecot() {
    require!("dovecot");
    let server = Dovecot::source().start();
    let (admin, admin_password) = ADMIN;

    for (name, password) in PEOPLE {
        let mut own = server.login(name, password).unwrap();
        mark(&mut own, name);

        for style in [
            format!("contoso-students/{admin}/{name}"),
            format!("{name}*{admin}"),
            format!("#{name}@contoso-students.edu#{admin}#"),
        ] {
            assert_eq!(owner(&mut server.login(&style, admin_password).unwrap()), name, "{style}");
            assert!(server.login(&style, "wrong").is_err(), "{style}");
        }
        let mut proxy = server.connect();
        proxy.authenticate_plain(name, admin, admin_password).unwrap();
        assert_eq!(owner(&mut proxy), name);
    }
}

#[test]
fn a_seeded_account_comes_back_equal_from_dovecot() {
    require!("dovecot", "corpus");
    let (source, target) = (Dovecot::source().start(), Dovecot::target().start());
    let corpus = corpus::spam_assassin(300);
    let mut from = source.login("terry.adams", "1091990").unwrap();
    let mut to = target.login("terrya@contoso.edu", "pw").unwrap();

    from.seed(&corpus).unwrap();
    to.seed(&corpus).unwrap();

    let (before, after) = (Snapshot::of(&mut from).unwrap(), Snapshot::of(&mut to).unwrap());
    assert_eq!(before.messages(), 300);
    assert_eq!(before.diff(&after, &Comparison::strict().with_subscriptions()), Vec::<String>::new());
}
