//! Reported items: what is said about one message, with the words of its header.
//!
//! Headers are hostile text: fields are decoded (RFC 2047), stripped of control characters and cut.

use crate::messages::items;
use crate::sync::decide::item::{FlagSets, Item};
use crate::sync::decide::sided_failure::{Side, SidedFailure};
use crate::sync::failure::{OnSide, SyncResult};
use crate::sync::originals;
use crate::sync::outcome::Altered;
use crate::sync::sessions::Lane;
use crate::sync::work::FolderWork;

use encoding_rs::WINDOWS_1252;
use imapmig_core::fingerprint::field;
use imapmig_core::message::{InternalDate, Uid};
use imapmig_core::ports::source::SourceSession;
use imapmig_core::time::UnixMs;
use imapmig_core::user::{LedgerEntry, LedgerState, SkippedItem, SkippedKind};
use mail_parser::parsers::MessageStream;
use std::collections::HashMap;

/// The longest text that is taken from a header, in characters.
const LONGEST: usize = 255;
/// How many messages that are left out are written down at once: an account may hold millions beyond the limit.
pub(crate) const NOTED_AT_ONCE: usize = 500;
/// Of how many messages at once the headers are fetched for a report; beyond that items go without.
const MOST_HEADERS: usize = 1_000;

/// What there is to say about one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) uid: Uid,
    pub(crate) kind: SkippedKind,
    pub(crate) size: u64,
    pub(crate) internal_date: InternalDate,
    pub(crate) reason: String,
    pub(crate) kept_file: Option<String>,
}

impl Note {
    /// A note without a kept original.
    pub(crate) fn new(item: &Item, kind: SkippedKind, reason: String) -> Self {
        Self::about((item.uid, item.size, item.date()), kind, reason)
    }

    fn about(
        (uid, size, internal_date): (Uid, u64, InternalDate),
        kind: SkippedKind,
        reason: String,
    ) -> Self {
        Self { uid, kind, size, internal_date, reason, kept_file: None }
    }

    /// The target holds a second copy of the message of this entry, for this reason.
    pub(crate) fn doubled(entry: &LedgerEntry, why: &str) -> Self {
        Self::about((entry.uid, entry.size, entry.internal_date), SkippedKind::Doubled, items::doubled(why))
    }

    /// The target shows another internal date.
    pub(crate) fn other_date(item: &Item, there: InternalDate) -> Self {
        Self::new(item, SkippedKind::DateChanged, items::other_date(there, item.date()))
    }

    /// The message is larger than it may be.
    pub(crate) fn large(item: &Item, size: u64, reason: String) -> Self {
        Self { size, ..Self::new(item, SkippedKind::LargeItem, reason) }
    }

    /// The same with its original in this file.
    pub(crate) fn kept(self, kept_file: Option<String>) -> Self {
        Self { kept_file, ..self }
    }
}

/// Reports items about messages of the folder, some at a time: all messages of a mailbox may be concerned.
pub(crate) fn report(
    work: &FolderWork<'_>,
    lane: &mut Lane,
    notes: impl IntoIterator<Item = Note>,
) -> SyncResult {
    let mut notes = notes.into_iter();
    loop {
        let some: Vec<_> = notes.by_ref().take(NOTED_AT_ONCE).collect();
        if some.is_empty() {
            return Ok(());
        }
        let items = described(work, &mut lane.source, some)?;
        work.sync.diary.add_skipped(work.sync.sides.user.id, &items)?;
    }
}

/// Records that these messages are left out.
pub(crate) fn leave_out(
    work: &FolderWork<'_>,
    lane: &mut Lane,
    flags: &FlagSets,
    skipped: Vec<(Item, Note)>,
) -> SyncResult {
    for skipped in skipped.chunks(NOTED_AT_ONCE) {
        report(work, lane, skipped.iter().map(|(_, note)| note.clone()))?;
        let finals = skipped.iter().map(|(item, _)| (*item, LedgerState::Skipped, None, None));
        work.ledger.finish(flags, finals.collect())?;
    }
    Ok(())
}

/// Keeps the original of a message as a file, unless the source ends the connection over it.
pub(crate) fn keep(work: &FolderWork<'_>, lane: &mut Lane, uid: Uid) -> SyncResult<Option<String>> {
    if work.reader().why_unreadable(uid).is_some_and(|(side, _)| side == Side::Source) {
        return Ok(None);
    }
    let whose = (work.checkpoint.source_validity, uid);
    let kept =
        originals::keep(&mut lane.source, &work.sync.kept_dir, work.sync.sides.user.id, work.path(), whose);
    if let Some(failure) = kept.as_ref().err().filter(|failure| failure.is_lost_connection()) {
        work.reader().ended(failure, &[uid.into()], false, lane.brought);
    }
    kept
}

/// Reports messages that the target changed, keeps their originals, and only then records where they are.
pub(crate) fn finish_altered(
    work: &FolderWork<'_>,
    lane: &mut Lane,
    flags: &FlagSets,
    altered: Vec<Altered>,
    state: LedgerState,
) -> SyncResult {
    for one in altered {
        // What the target does not deliver is looked at again by the verification, as it has no digest then.
        let digest = one.now.and(one.sent).map(|sent| sent.digest);
        if let Some(now) = one.now {
            report_altered(work, lane, std::slice::from_ref(&one))?;
            work.has_size(&one.item, now.size);
            work.is_compared(one.item.uid);
        }
        work.ledger.finish(flags, vec![(one.item, state, Some(one.id), digest)])?;
    }
    Ok(())
}

/// Reports messages that the target changed, and keeps their originals.
pub(crate) fn report_altered(work: &FolderWork<'_>, lane: &mut Lane, altered: &[Altered]) -> SyncResult {
    for Altered { item, sent, now, .. } in altered {
        let kept_file = keep(work, lane, item.uid)?;
        let note = Note::new(item, SkippedKind::Altered, items::altered(*sent, *now)).kept(kept_file);
        report(work, lane, [note])?;
    }
    Ok(())
}

/// The notes as items, with the words of the messages' headers at the source. A header that may break the connection is not read.
fn described(
    work: &FolderWork<'_>,
    source: &mut dyn SourceSession,
    notes: Vec<Note>,
) -> SyncResult<Vec<SkippedItem>> {
    let mut uids: Vec<_> = notes.iter().map(|n| n.uid).collect();
    uids.sort_unstable();
    uids.dedup();
    uids.retain(|uid| work.may_read_header(*uid));
    uids.truncate(MOST_HEADERS);
    let mut words = HashMap::new();
    let each = &mut |uid, header: &[u8]| {
        words.insert(uid, Words::of(header));
    };
    let read = source.headers(&uids, each).at_source();
    if read.as_ref().is_err_and(SidedFailure::is_lost_connection) {
        uids.retain(|uid| !words.contains_key(uid));
        if !uids.is_empty() {
            work.headers_broke(&uids);
            work.progress.step();
        }
    }
    read?;
    let item = |note: Note| {
        let words = words.get(&note.uid).cloned().unwrap_or_default();
        SkippedItem {
            folder: work.path().clone(),
            uid: Some(note.uid),
            kind: note.kind,
            size: note.size,
            subject: words.subject,
            sender: words.sender,
            recipient: words.recipient,
            date_sent: words.date_sent,
            date_received: Some(UnixMs(note.internal_date.unix_seconds.saturating_mul(1000))),
            reason: note.reason,
            kept_file: note.kept_file,
        }
    };
    Ok(notes.into_iter().map(item).collect())
}

/// What a header says for people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    pub(crate) subject: String,
    sender: String,
    recipient: String,
    date_sent: Option<UnixMs>,
}

impl Words {
    pub(crate) fn of(header: &[u8]) -> Self {
        let text = |name| field(header, name).map_or_else(String::new, |value| decoded(&value));
        let date =
            jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text("Date"));
        Self {
            subject: text("Subject"),
            sender: text("From"),
            recipient: text("To"),
            date_sent: date.ok().map(|at| UnixMs(at.as_millisecond())),
        }
    }
}

/// The text of a field's value: encoded words (RFC 2047) and 8-bit bytes decoded.
fn decoded(value: &[u8]) -> String {
    let mut line = match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(value).0.into_owned(),
    };
    // The parser reads up to the end of a line.
    line.push('\n');
    let text = MessageStream::new(line.as_bytes()).parse_unstructured();
    let text = text.as_text().unwrap_or_default();
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn encoded_words_are_decoded_and_the_blank_between_them_goes() {
        assert_eq!(
            decoded(b"Re: =?utf-8?B?R3LDvMOf?=\t=?iso-8859-1?q?e_=FC?= end"),
            "Re: Gr\u{fc}\u{df}e \u{fc} end"
        );
    }

    #[test]
    fn raw_bytes_and_broken_words_stay_readable() {
        assert_eq!(decoded(b"Gr\xfc\xdfe =?utf-8?X?zz?= \x07"), "Gr\u{fc}\u{df}e =?utf-8?X?zz?=  ");
    }

    proptest! {
        #[test]
        fn whatever_a_header_holds_its_text_is_short_and_cannot_drive_a_terminal(
            value in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'='), Just(b'?'), Just(b'\n')], 0..600),
        ) {
            let text = decoded(&value);

            prop_assert!(text.chars().count() <= LONGEST && !text.chars().any(char::is_control));
        }

        #[test]
        fn what_is_encoded_is_read_as_it_was(text in "[a-z\u{e4}\u{fc}\u{3042}]{1,10}") {
            use base64::Engine as _;
            let word = base64::engine::general_purpose::STANDARD.encode(&text);

            prop_assert_eq!(decoded(format!("=?utf-8?b?{word}?=").as_bytes()), text);
        }
    }

    #[test]
    fn the_date_field_is_read() {
        let words = Words::of(b"Date: Mon, 02 Jan 2006 15:04:05 +0100\r\nTo: ann@example.com\r\n\r\n");

        assert_eq!(words.date_sent, Some(UnixMs(1_136_210_645_000)));
        assert_eq!(words.recipient, "ann@example.com");
    }
}
