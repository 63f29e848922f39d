//! The mail that is copied. The same bytes in every run.

use imapmig_tests::{Corpus, Message, path};

/// The accounts that are copied together, and what a reader has to know of their mail.
pub(crate) struct Load {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    /// User name and mail.
    pub(crate) accounts: Vec<(String, Corpus)>,
}

/// The loads with these names, all if none is named. `scale` divides the number of messages, for trials.
pub(crate) fn named(wanted: &[String], scale: usize) -> Vec<Load> {
    type Make = fn(usize) -> Vec<Corpus>;
    let all: [(&str, &str, Make); 5] = [
        ("S", "10,000 messages of 4 kB in 10 folders", small),
        ("M", "5,000 messages of 1 kB to 8 MB in 12 nested folders", mixed),
        ("L", "12 messages of 30 MB in one folder", large),
        ("U", "50 users with 400 messages of 4 kB in 4 folders each", users),
        ("F", "300 folders with 10 messages of 4 kB each", folders),
    ];
    all.into_iter()
        .filter(|(name, ..)| wanted.is_empty() || wanted.iter().any(|w| w == name))
        .map(|(name, text, make)| {
            let accounts = make(scale.max(1)).into_iter().enumerate();
            let accounts = accounts.map(|(i, corpus)| (format!("user{:02}", i + 1), corpus)).collect();
            Load { name, text, accounts }
        })
        .collect()
}

fn small(scale: usize) -> Vec<Corpus> {
    let each = 1_000 / scale;
    vec![corpus((0..10).map(|f| (numbered(f), (0..each).map(|i| message(f * each + i, 4_096)).collect())))]
}

fn mixed(scale: usize) -> Vec<Corpus> {
    let names = [
        "INBOX",
        "Archiv",
        "Archiv/2021",
        "Archiv/2022",
        "Archiv/2022/Q1",
        "Entwürfe",
        "Projets",
        "Projets/Été 2024",
        "Projets/Größe",
        "日本語",
        "日本語/受信箱",
        "Sent",
    ];
    vec![corpus(names.into_iter().enumerate().map(|(f, name)| {
        let messages = (f..5_000 / scale).step_by(names.len()).map(|i| message(i, size(i))).collect();
        (name.to_owned(), messages)
    }))]
}

fn large(scale: usize) -> Vec<Corpus> {
    let count = (12 / scale).max(2);
    vec![corpus([("INBOX".to_owned(), (0..count).map(|i| message(i, 30 << 20)).collect())])]
}

fn users(scale: usize) -> Vec<Corpus> {
    let each = (100 / scale).max(1);
    let of = |user: usize| {
        (0..4).map(move |f| {
            (numbered(f), (0..each).map(|i| message(user * 1_000 + f * each + i, 4_096)).collect())
        })
    };
    (0..(50 / scale).max(2)).map(|user| corpus(of(user))).collect()
}

fn folders(scale: usize) -> Vec<Corpus> {
    let count = 300 / scale;
    vec![corpus((0..count).map(|f| (numbered(f), (0..10).map(|i| message(f * 10 + i, 4_096)).collect())))]
}

fn numbered(folder: usize) -> String {
    if folder == 0 { "INBOX".to_owned() } else { format!("Folder {folder}") }
}

/// About log-normal: most are some kB, few are some MB.
fn size(i: usize) -> usize {
    let mixed = (i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let uniform = |shift: u32| ((mixed >> shift) & 0xFFF) as f64 / 4096.0;
    let normal = (0..4).map(|n| uniform(n * 12)).sum::<f64>() - 2.0;
    let bytes = 9_000.0 * (normal * 4.0).exp();
    (bytes as usize).clamp(1_000, 8 << 20)
}

fn corpus(folders: impl IntoIterator<Item = (String, Vec<Message>)>) -> Corpus {
    let mailboxes = folders.into_iter().map(|(name, messages)| (path(&name), messages)).collect();
    Corpus { mailboxes, subscribed: Vec::new() }
}

fn message(number: usize, size: usize) -> Message {
    let head = format!(
        "Message-ID: <bench.{number}.{size}@example.net>\r\nFrom: a@example.net\r\nTo: b@example.org\r\n\
         Subject: Message {number}\r\nDate: Mon, 2 Jan 2023 10:00:00 +0000\r\n\r\n"
    );
    let mut bytes = head.into_bytes();
    let mut state = number as u64 + 1;
    while bytes.len() + 78 < size {
        for _ in 0..76 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            bytes.push(b'0' + ((state >> 60) as u8));
        }
        bytes.extend_from_slice(b"\r\n");
    }
    let flags: &[&str] = match number % 5 {
        0 => &["\\Seen"],
        1 => &["\\Seen", "\\Answered"],
        2 => &["\\Flagged", "NonJunk"],
        _ => &[],
    };
    let flags = flags.iter().map(|f| (*f).to_owned()).collect();
    Message { bytes, flags, date: 1_600_000_000 + number as i64 * 60 }
}
