//! What other tools lose, double or alter: 23 odd messages and 16 odd folder names.

use super::spam_assassin::with_crlf;
use super::{Corpus, Message};
use crate::path;

const T: i64 = 1_300_000_000;

/// 23 messages in INBOX: true duplicates, look-alikes, no Message-ID, no header, 8-bit headers, a very long line, a bare CR,
/// no line end at the end, \Deleted, keywords, dates of 1980 and 2037, no bytes at all.
///
/// APPEND of the last one is refused by Dovecot and Cyrus; `Dovecot::deliver` puts it in.
pub fn odd_messages() -> Corpus {
    let base = "Message-ID: <duplicate@example.net>\nDate: Sun, 13 Mar 2011 07:06:40 +0000\nFrom: Sender <s@example.net>\n\
                To: User <user@example.org>\nSubject: twice\nMIME-Version: 1.0\n\nThe same words, twice.\n";
    let long_line = format!("Message-ID: <long@x>\nSubject: long line\n\n{}\n", "x".repeat(300_000));
    let mut messages = vec![
        odd(base, "\\Seen", T),
        odd(base, "\\Flagged", T + 99),
        odd(base.replace("Subject: ", "Subject: other "), "\\Seen", T),
        odd(format!("{base}one more line\n"), "\\Seen", T),
    ];
    for i in 0..4 {
        let text = format!(
            "From: a@example.net\nSubject: no message id {i}\nDate: Mon, 03 Jan 2011 10:00:00 +0000\n\nbody {i}\n"
        );
        messages.push(odd(&text, "\\Seen", T + i));
    }
    messages.extend([
        odd("From: a@example.net\n\nsame\n", "", T),
        odd("From: a@example.net\n\nsame\n", "", T),
        odd("\nbody without any header\n", "\\Seen", T),
        odd(
            b"Message-ID: <8bit@x>\nSubject: Gr\xfc\xdfe \xe4\xf6\nFrom: M\xfcller <m@example.net>\n\n\xe4\xf6\xfc \xff\n",
            "\\Seen",
            T,
        ),
        odd(&long_line, "\\Seen", T),
        odd("Message-ID: <from@x>\nSubject: from\n\nFrom me to you\n>From quoted\n.\n..dot\n", "\\Seen", T),
        odd("Message-ID: <cr@x>\nSubject: bare cr\n\na\rb\rc\n", "\\Seen", T),
        odd("Message-ID: <nonl@x>\nSubject: no newline at end\n\nlast line", "\\Seen", T),
        odd("Message-ID: <old@x>\nSubject: old\n\n1980\n", "\\Seen", 315_532_800),
        odd("Message-ID: <new@x>\nSubject: future\n\n2037\n", "\\Seen", 2_114_380_800),
        odd("Message-ID: <draft@x>\nSubject: draft\n\nx\n", "\\Draft", T),
        odd("Message-ID: <del@x>\nSubject: deleted flag\n\nx\n", "\\Seen \\Deleted", T),
        odd("Message-ID: <kw@x>\nSubject: keywords\n\nx\n", "\\Seen $Forwarded NonJunk Wichtig-1", T),
        odd("Subject: folded header only\n continued\nMessage-ID:\n <folded@x>\n\nx\n", "\\Seen", T),
        odd("", "\\Seen", T),
    ]);
    Corpus { mailboxes: vec![(path("INBOX"), messages)], subscribed: Vec::new() }
}

/// INBOX and 16 folders with odd names, one message in each but INBOX, `Leer` and `Leer/Kind`. Dovecot takes them all.
pub fn odd_folders() -> Corpus {
    let long = "x".repeat(60);
    let names = [
        "Sent Items",
        "Klammer (x)",
        "Größe",
        "日本/語",
        "A & B",
        "INBOX/Sub",
        "Leer",
        "Leer/Kind",
        "UPPER",
        "upper",
        &long,
        "Trail ",
        "Per%cent",
        "Star*",
        "Back\\slash",
        "Quote\"d",
    ];
    let mut mailboxes = vec![(path("INBOX"), Vec::new())];
    for name in names {
        let text =
            format!("Message-ID: <{}@x>\nSubject: in folder\n\nx\n", blake3::hash(name.as_bytes()).to_hex());
        let messages = if name.starts_with("Leer") { Vec::new() } else { vec![odd(&text, "\\Seen", T)] };
        mailboxes.push((path(name), messages));
    }
    Corpus { mailboxes, subscribed: vec![path("Sent Items")] }
}

fn odd(text: impl AsRef<[u8]>, flags: &str, date: i64) -> Message {
    let flags = flags.split_whitespace().map(str::to_owned).collect();
    Message { bytes: with_crlf(text.as_ref()), flags, date }
}
