//! Sources that show a message or folder oddly, or end the connection over one, and lines that break all the time.

use super::servers::{mail, messages, rig, source_server, target_server};
use imapmig_core::user::SkippedKind;
use imapmig_testkit::{Fault, Mailbox, OddAnswer, Personality, RunningServer, When};

fn source_with(odd: &[(u32, OddAnswer)]) -> RunningServer {
    let mut personality = Personality::dovecot();
    personality.fetch.odd = odd.iter().cloned().collect();
    source_server(personality, vec![Mailbox::new("INBOX").with_messages(messages(20))])
}

#[test]
fn a_message_without_a_readable_date_gets_that_of_its_header_and_is_reported() {
    let none =
        ["NIL", "\"00-Jan-0000 00:00:00 +0000\"", "\"\"", ""].map(|text| OddAnswer::Date(text.to_owned()));
    let two_digits = OddAnswer::Date("\"13-Sep-20 12:26:45 +0000\"".to_owned());
    let odd: Vec<_> = (2..).zip(none).chain([(5 + 1, two_digits)]).collect();
    let (source, target) = (source_with(&odd), target_server(Personality::dovecot()));
    let rig = rig(&source, &target);

    rig.initial().unwrap();

    assert_eq!(mail(&source, "INBOX")[..], mail(&target, "INBOX")[..]);
    let expected: Vec<_> =
        (2..6).map(|uid| ("INBOX".to_owned(), Some(uid), SkippedKind::DateChanged)).collect();
    assert_eq!(rig.reported(), expected);
}

#[test]
fn a_message_without_readable_flags_arrives_without_any_and_is_reported() {
    let personality = Personality::dovecot().rewriting(|line| {
        let (Some(at), true) = (line.find("FLAGS ("), line.contains(" FETCH (UID 4 ")) else {
            return line.to_owned();
        };
        let end = at + line[at..].find(')').unwrap();
        format!("{}FLAGS Seen{}", &line[..at], &line[end + 1..])
    });
    let source = source_server(personality, vec![Mailbox::new("INBOX").with_messages(messages(5))]);
    let target = target_server(Personality::dovecot());
    let rig = rig(&source, &target);

    rig.initial().unwrap();

    let without_fourth = |(raw, date, flags): (Vec<u8>, i64, String)| {
        let is_fourth = raw == *source.messages("terry", "INBOX")[3].raw;
        (raw, date, if is_fourth { String::new() } else { flags })
    };
    let expected: Vec<_> = mail(&source, "INBOX").into_iter().map(without_fourth).collect();
    assert_ne!(expected, mail(&source, "INBOX"));
    assert_eq!(mail(&target, "INBOX"), expected);
    assert_eq!(rig.reported(), [("INBOX".to_owned(), Some(4), SkippedKind::FlagsReduced)]);
}

#[test]
fn a_message_whose_metadata_breaks_the_connection_costs_only_itself() {
    let odd = [
        OddAnswer::MetadataEnds,
        OddAnswer::Metadata(b"* 7 FETCH (FLAGS (\\Seen UID 7\r\n".to_vec()),
        OddAnswer::Metadata(b"* 7 FETCH (UID 7 ENVELOPE {4294967295}\r\n".to_vec()),
    ];
    for odd in odd {
        let (source, target) = (source_with(&[(7, odd.clone())]), target_server(Personality::dovecot()));
        let rig = rig(&source, &target);

        let done = rig.initial().unwrap_or_else(|failure| panic!("{odd:?}: {failure}"));

        let seventh = &source.messages("terry", "INBOX")[6];
        let mut expected = mail(&source, "INBOX");
        let at =
            expected.iter().position(|(raw, date, _)| *raw == *seventh.raw && *date == seventh.internal_date);
        expected.remove(at.unwrap());
        assert_eq!(mail(&target, "INBOX"), expected, "{odd:?}");
        assert_eq!(rig.reported(), [("INBOX".to_owned(), None, SkippedKind::SourceUnreadable)], "{odd:?}");
        assert_eq!((done.progress.total_items, done.progress.skipped_items), (20, 1), "{odd:?}");
    }
}

#[test]
fn a_folder_whose_list_line_breaks_the_connection_costs_only_itself() {
    let mut personality = Personality::generic();
    personality.names.fatal = Some("Archive/2019".to_owned());
    let names = ["INBOX", "Archive", "Archive/2018", "Archive/2019", "Gr\u{fc}\u{df}e", "Sent"];
    let mailboxes = names.map(|name| Mailbox::new(name).with_messages(messages(3)));
    let (source, target) =
        (source_server(personality, mailboxes.to_vec()), target_server(Personality::dovecot()));
    let rig = rig(&source, &target);

    rig.initial().unwrap();

    for name in names.iter().filter(|name| **name != "Archive/2019") {
        assert_eq!(mail(&source, name), mail(&target, name), "{name}");
    }
    let reported = rig.reported();
    assert!(
        matches!(&reported[..], [(folder, None, SkippedKind::FolderFailed)] if folder.contains("Archive/2019")),
        "{reported:?}"
    );
}

#[test]
fn a_line_that_breaks_all_the_time_costs_nothing_as_long_as_each_life_brings_something() {
    let place = |at_source: bool| if at_source { When::Sent(7_000) } else { When::Received(9_000) };
    for at_source in [true, false] {
        let source = source_server(
            Personality::dovecot(),
            vec![
                Mailbox::new("INBOX").with_messages(messages(150)),
                Mailbox::new("Sent").with_messages(messages(30)),
            ],
        );
        let target = target_server(Personality::dovecot());
        let side = if at_source { &source } else { &target };
        side.faults().arm(Fault::cut(place(at_source)).always());
        let mut rig = rig(&source, &target);
        rig.lanes = 2;

        rig.initial().unwrap_or_else(|failure| panic!("at source {at_source}: {failure}"));

        for name in ["INBOX", "Sent"] {
            assert_eq!(mail(&source, name), mail(&target, name), "{name}, at source {at_source}");
        }
        assert_eq!(rig.reported(), [], "at source {at_source}");
    }
}

#[test]
fn folders_that_a_target_takes_for_one_are_kept_apart_and_reported() {
    let mut personality = Personality::dovecot();
    personality.names.case_insensitive = true;
    let names = ["INBOX", "UPPER", "Upper", "upper"];
    let mailbox = |(number, name): (usize, &&str)| Mailbox::new(name).with_messages(messages(number + 1));
    let source = source_server(Personality::dovecot(), names.iter().enumerate().map(mailbox).collect());
    let target = target_server(personality);
    let rig = rig(&source, &target);

    rig.initial().unwrap();

    let paths: Vec<_> = target.snapshot_by_path("terry").into_keys().collect();
    let mut expected: Vec<_> = names.iter().map(|name| mail(&source, name)).collect();
    let mut found: Vec<_> = paths.iter().map(|path| mail(&target, path)).collect();
    expected.sort();
    found.sort();
    assert!(expected == found, "{paths:?}");
    let reported: Vec<_> = rig.reported().into_iter().map(|(folder, _, kind)| (folder, kind)).collect();
    assert_eq!(reported.len(), 2, "{reported:?}");
    assert!(reported.iter().all(|(_, kind)| *kind == SkippedKind::FolderRenamed), "{reported:?}");
}
