//! Servers that word their answers otherwise than they should, or refuse commands that are not needed: nothing is lost, altered or
//! reported.

use super::servers::{USER, mail, messages, rig, source_server, target_server};
use imapmig_core::user::SkippedKind;
use imapmig_testkit::{
    Fault, Mailbox, MessageBuilder, OddAnswer, Personality, RunningServer, StoredMessage, What, When,
};
use std::sync::atomic::{AtomicU32, Ordering};

const FOLDERS: [&str; 3] = ["INBOX", "Archive/2019", "Sent"];

fn source(personality: Personality) -> RunningServer {
    let mailbox = |(name, n): (&&str, usize)| Mailbox::new(name).with_messages(messages(n));
    source_server(personality, FOLDERS.iter().zip(5..).map(mailbox).collect())
}

/// Syncs twice, with one new message in between, and compares everything.
fn assert_all_arrives(source: &RunningServer, target: &RunningServer, what: &str) {
    let rig = rig(source, target);
    rig.initial().unwrap_or_else(|failure| panic!("{what}: {failure}"));
    source.deliver(USER, "Sent", MessageBuilder::new("later").build());
    let done = rig.incremental().unwrap_or_else(|failure| panic!("{what}, again: {failure}"));

    for name in FOLDERS {
        assert_eq!(mail(source, name), mail(target, name), "{name}, {what}");
    }
    assert_eq!(rig.reported(), [], "{what}");
    assert_eq!(done.progress.verified_items, 19, "{what}");
}

/// Whether a line describes a message without its body.
fn is_description(line: &str) -> bool {
    line.contains(" FETCH (") && !line.contains("BODY[")
}

/// A line without the word and what follows it up to the next blank.
fn without(line: &str, word: &str) -> String {
    let Some((before, behind)) = line.split_once(word) else { return line.to_owned() };
    let end = behind.find([' ', ')']).unwrap_or(0);
    format!("{before}{}", behind[end..].strip_prefix(' ').unwrap_or(&behind[end..]))
}

fn in_lower_case(line: &str) -> String {
    let words =
        ["EXISTS", "FETCH", "FLAGS", "UIDVALIDITY", "UIDNEXT", "APPENDUID", "LIST", "STATUS", "MESSAGES"];
    let line = words.iter().fold(line.to_owned(), |line, word| line.replace(word, &word.to_lowercase()));
    ["UID", "INTERNALDATE", "RFC822.SIZE", "BODY", "OK"]
        .iter()
        .fold(line, |line, word| line.replace(&format!("{word} "), &format!("{} ", word.to_lowercase())))
}

fn with_date_as_literal(line: &str) -> String {
    let Some((before, date)) = line.split_once("INTERNALDATE \"") else { return line.to_owned() };
    let (date, behind) = date.split_once('"').unwrap();
    format!("{before}INTERNALDATE {{{}}}\r\n{date}{behind}", date.len())
}

/// A line whose flags stand without parentheses, where none is a plain word.
fn with_bare_flags(line: &str) -> String {
    let Some((before, flags)) = line.split_once("FLAGS (") else { return line.to_owned() };
    let (flags, behind) = flags.split_once(')').unwrap();
    if !is_description(line) || flags.split(' ').any(|flag| !flag.starts_with(['\\', '$'])) {
        return line.to_owned();
    }
    format!("{before}FLAGS {flags}{behind}")
}

fn with_commas_between_flags(line: &str) -> String {
    if is_description(line) { line.replace("\\Seen $", "\\Seen,$") } else { line.to_owned() }
}

/// A way to word answers.
type Wording = (&'static str, fn(&str) -> String);

const WORDINGS: [Wording; 18] = [
    ("lower case", in_lower_case),
    ("lines end with LF", |line| line.replace("\r\n", "\n")),
    ("more blanks", |line| {
        if is_description(line) {
            line.replace(" FLAGS", "  FLAGS").replace(")\r\n", " ) \r\n")
        } else {
            line.to_owned()
        }
    }),
    ("remarks in front", |line| {
        if line.contains(" OK ") && !line.starts_with('*') {
            format!(
                "* OK [ALERT] the licence (1 of 2 ends, [UIDVALIDITY 9]\r\n* NO disk is 98% full\r\n{line}"
            )
        } else {
            line.to_owned()
        }
    }),
    ("what has vanished before", |line| {
        if line.contains(" OK ") && !line.starts_with('*') {
            format!("* VANISHED (EARLIER) 900:1000\r\n{line}")
        } else {
            line.to_owned()
        }
    }),
    ("EXISTS is too low", |line| {
        if line.ends_with(" EXISTS\r\n") && line != "* 0 EXISTS\r\n" {
            "* 1 EXISTS\r\n".to_owned()
        } else {
            line.to_owned()
        }
    }),
    ("EXISTS is zero", |line| {
        if line.ends_with(" EXISTS\r\n") { "* 0 EXISTS\r\n".to_owned() } else { line.to_owned() }
    }),
    ("no EXISTS", |line| if line.ends_with(" EXISTS\r\n") { String::new() } else { line.to_owned() }),
    ("no UID in descriptions", |line| {
        if is_description(line) && line.contains("RFC822.SIZE") {
            without(line, "UID ")
        } else {
            line.to_owned()
        }
    }),
    (
        "no UID beside bodies",
        |line| if line.contains("BODY[") { without(line, "UID ") } else { line.to_owned() },
    ),
    ("older names of bodies", |line| {
        line.replace("BODY[] ", "RFC822 ").replace("BODY[HEADER] ", "RFC822.HEADER ")
    }),
    ("bodies from the first byte on", |line| line.replace("BODY[] ", "BODY[]<0> ")),
    ("dates as literals", with_date_as_literal),
    ("flags without parentheses", with_bare_flags),
    ("commas between flags", with_commas_between_flags),
    ("NIL for no flags", |line| {
        if is_description(line) { line.replace("FLAGS ()", "FLAGS NIL") } else { line.to_owned() }
    }),
    ("everything twice", |line| if is_description(line) { line.repeat(2) } else { line.to_owned() }),
    ("a bracket in a keyword", |line| line.replace("[PERMANENTFLAGS (", "[PERMANENTFLAGS (a]b ")),
];

#[test]
fn a_source_that_words_its_answers_oddly_costs_nothing() {
    for (what, wording) in WORDINGS {
        let source = source(Personality::dovecot().rewriting(wording));

        assert_all_arrives(&source, &target_server(Personality::dovecot()), what);
    }
}

#[test]
fn a_target_that_words_its_answers_oddly_costs_nothing() {
    for (what, wording) in WORDINGS.into_iter().filter(|(what, _)| !what.contains("EXISTS")) {
        let target = target_server(Personality::dovecot().rewriting(wording));

        assert_all_arrives(&source(Personality::dovecot()), &target, what);
    }
}

#[test]
fn a_server_that_refuses_or_dies_of_commands_that_are_not_needed_is_used_without() {
    let bad = || What::Answer("BAD what is that".to_owned());
    let faults: [(&str, &str, What); 7] = [
        ("CAPABILITY", "", bad()),
        ("NOOP", "", bad()),
        ("STATUS", "", bad()),
        ("ID", "", What::Cut),
        ("NAMESPACE", "", What::Cut),
        ("FETCH", "INTERNALDATE RFC822.SIZE", bad()),
        ("UID FETCH", "INTERNALDATE RFC822.SIZE", bad()),
    ];
    for (verb, holding, what) in faults {
        for at_source in [true, false] {
            let mut personality = Personality::dovecot();
            personality.announce_after_login = verb != "CAPABILITY";
            let odd = |here: bool| if here { personality.clone() } else { Personality::dovecot() };
            let (source, target) = (source(odd(at_source)), target_server(odd(!at_source)));
            let side = if at_source { &source } else { &target };
            side.faults().arm(Fault::new(When::before(verb, holding), what.clone()).always());

            assert_all_arrives(&source, &target, &format!("{verb} {holding}, at source {at_source}"));
            // A source is sent no NOOP.
            assert!(side.faults().fired() > 0 || (at_source && verb == "NOOP"), "{verb} {holding}");
        }
    }
}

#[test]
fn a_message_with_the_uid_zero_costs_only_itself() {
    let mut personality = Personality::dovecot();
    let description =
        b"* 3 FETCH (UID 0 FLAGS () RFC822.SIZE 9 INTERNALDATE \"01-Jan-2020 00:00:00 +0000\")\r\n";
    personality.fetch.odd.insert(3, OddAnswer::Metadata(description.to_vec()));
    let inbox = vec![Mailbox::new("INBOX").with_messages(messages(8))];
    let (source, target) = (source_server(personality, inbox), target_server(Personality::dovecot()));
    let rig = rig(&source, &target);

    rig.initial().unwrap();

    let here = source.messages(USER, "INBOX");
    let raw = |messages: &[StoredMessage]| messages.iter().map(|m| m.raw.to_vec()).collect::<Vec<_>>();
    let mut expected = raw(&here.into_iter().filter(|message| message.uid != 3).collect::<Vec<_>>());
    let mut found = raw(&target.messages(USER, "INBOX"));
    expected.sort();
    found.sort();
    assert!(expected == found);
    assert_eq!(rig.reported(), [("INBOX".to_owned(), None, SkippedKind::SourceUnreadable)]);
}

#[test]
fn a_target_that_names_uids_of_other_messages_at_append_is_not_believed() {
    let lowered = |line: &str| {
        let Some((before, rest)) = line.split_once("[APPENDUID ") else { return line.to_owned() };
        let (code, behind) = rest.split_once(']').unwrap();
        let (validity, uids) = code.split_once(' ').unwrap();
        let lower = |uid: &str| uid.parse::<u32>().unwrap().saturating_sub(1).max(1).to_string();
        let uids: Vec<_> = uids.split(':').map(lower).collect();
        format!("{before}[APPENDUID {validity} {}]{behind}", uids.join(":"))
    };
    for multi in [true, false] {
        let mut personality = Personality::dovecot().rewriting(lowered);
        if !multi {
            personality = personality.without("MULTIAPPEND");
        }

        assert_all_arrives(&source(Personality::dovecot()), &target_server(personality), &format!("{multi}"));
    }
}

#[test]
fn what_a_target_stored_and_refused_for_a_fault_of_its_own_is_there_once() {
    let appends = AtomicU32::new(0);
    let personality = Personality::dovecot().without("MULTIAPPEND").rewriting(move |line| {
        let number = if line.contains("[APPENDUID") { appends.fetch_add(1, Ordering::AcqRel) } else { 0 };
        match line.split_once(' ') {
            Some((tag, _)) if number == 2 || number == 6 => {
                format!("{tag} NO [UNAVAILABLE] index timed out\r\n")
            }
            _ => line.to_owned(),
        }
    });

    assert_all_arrives(&source(Personality::dovecot()), &target_server(personality), "stored and refused");
}

#[test]
fn a_target_folder_whose_messages_are_not_listed_is_filled_once_and_named() {
    let (source, target) = (source(Personality::dovecot()), target_server(Personality::dovecot()));
    let refused = What::Answer("BAD too many items".to_owned());
    target.faults().arm(Fault::new(When::BeforeCommand("UID FETCH".to_owned()), refused).always());
    let rig = rig(&source, &target);

    for _ in 0..3 {
        rig.initial().unwrap_err();
    }

    let mut reported = rig.reported();
    reported.sort_by(|a, b| a.0.cmp(&b.0));
    let failed = |name: &str| (name.to_owned(), None, SkippedKind::FolderFailed);
    assert_eq!(reported, ["Archive/2019", "INBOX", "Sent"].map(failed));
    let there: Vec<_> = target.snapshot_by_path(USER).into_keys().filter(|name| name != "Archive").collect();
    assert_eq!(there.len(), FOLDERS.len(), "{there:?}");
    for name in FOLDERS {
        assert_eq!(mail(&source, name), mail(&target, name), "{name}");
    }
}

#[test]
fn a_target_without_room_for_a_folder_is_asked_for_few_names_and_the_folder_is_named() {
    let (source, target) = (source(Personality::dovecot()), target_server(Personality::dovecot()));
    let limit = What::Answer("NO [LIMIT] Maximum number of mailboxes reached".to_owned());
    target.faults().arm(Fault::new(When::before("CREATE", "Sent"), limit).always());
    let rig = rig(&source, &target);

    let failure = rig.initial().unwrap_err();

    assert!(failure.to_string().contains("\"Sent\""), "{failure}");
    assert_eq!(rig.reported(), [("Sent".to_owned(), None, SkippedKind::FolderFailed)]);
    assert!(target.count("CREATE") <= 10, "{:?}", target.commands());
    assert_eq!(mail(&source, "INBOX"), mail(&target, "INBOX"));
}

#[test]
fn a_source_folder_that_goes_away_while_it_is_synced_is_listed_again_and_fails_nothing() {
    let (source, target) = (source(Personality::dovecot()), target_server(Personality::dovecot()));
    let gone = What::Answer("NO [NONEXISTENT] Mailbox doesn't exist: Sent".to_owned());
    // A refused EXAMINE is sent by itself and without CONDSTORE before the refusal counts.
    source.faults().arm(Fault::new(When::before("EXAMINE", "Sent"), gone).times(3));
    let rig = rig(&source, &target);

    rig.initial().unwrap();

    for name in FOLDERS {
        assert_eq!(mail(&source, name), mail(&target, name), "{name}");
    }
    assert_eq!((rig.reported(), source.faults().fired()), (Vec::new(), 3));
    assert!(source.count("LIST") >= 2, "{:?}", source.commands());
}
