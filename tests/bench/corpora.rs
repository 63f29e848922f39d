//! The mail that is copied. The same bytes in every run.

use imapmig_tests::{Corpus, Message, path};

/// All corpora, by name.
pub(crate) fn all() -> Vec<(&'static str, Corpus)> {
    vec![("S", small()), ("M", mixed()), ("L", large())]
}

fn small() -> Corpus {
    let folder = |i: usize| if i == 0 { "INBOX".to_owned() } else { format!("Folder {i}") };
    corpus((0..10).map(|f| (folder(f), (0..1_000).map(|i| message(f * 1_000 + i, 4_096)).collect())))
}

fn mixed() -> Corpus {
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
    corpus(names.into_iter().enumerate().map(|(f, name)| {
        let messages = (f..5_000).step_by(names.len()).map(|i| message(i, size(i))).collect();
        (name.to_owned(), messages)
    }))
}

fn large() -> Corpus {
    corpus([("INBOX".to_owned(), (0..12).map(|i| message(i, 30 << 20)).collect())])
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
