//! What a message's bytes reveal while they stream past, and how two equal messages are recognised.
//!
//! Three strengths of sameness:
//! - [`Digest`]: the same bytes.
//! - [`NormalScan`]: the same bytes but for what servers are known to change and call it stored: bare LF made CRLF, bare CR
//!   dropped, NUL made 0x80, 8-bit header bytes made `X`, a final line end added.
//! - [`HeaderPrint::key`]: the same Message-ID, Date, From and Subject; for targets that rewrite messages. Weak: use it only
//!   where it is unique on both sides and the internal date agrees.
//!
//! Pure; decides nothing about copying.

mod blocks;

use crate::header::HeaderEnd;
use crate::message::Digest;
use blocks::WholeBlocks;
use memchr::memchr;

/// Traits of a message that some server is known to change at APPEND.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// It holds a NUL byte.
    pub nul: bool,
    /// It holds a CR without LF.
    pub bare_cr: bool,
    /// It holds an LF without CR.
    pub bare_lf: bool,
    /// Its header holds a byte above 0x7F.
    pub eight_bit_header: bool,
    /// It does not end in CRLF.
    pub no_final_crlf: bool,
    /// It has no bytes at all.
    pub empty: bool,
}

impl Traits {
    /// Whether a server is known to change such a message, so that it has to be read back and compared.
    #[must_use]
    pub const fn may_be_altered(self) -> bool {
        self.nul || self.bare_cr || self.bare_lf || self.eight_bit_header || self.no_final_crlf || self.empty
    }

    /// What is special about the message, in words for a report.
    #[must_use]
    pub fn describe(self) -> String {
        let named = [
            (self.empty, "no bytes at all"),
            (self.nul, "NUL bytes"),
            (self.bare_cr, "carriage returns without line feed"),
            (self.bare_lf, "line feeds without carriage return"),
            (self.eight_bit_header, "8-bit bytes in the header"),
            (self.no_final_crlf && !self.empty, "no line end at its end"),
        ];
        let words: Vec<_> = named.into_iter().filter_map(|(there, word)| there.then_some(word)).collect();
        words.join(", ")
    }
}

/// Whether this is the beginning of a notice that Exchange sends instead of a message that it cannot convert for IMAP. `beginning`:
/// the first bytes of the message, its header as a rule.
#[must_use]
pub fn is_placeholder(beginning: &[u8]) -> bool {
    let from = field(beginning, "From").unwrap_or_default();
    let subject = field(beginning, "Subject").unwrap_or_default();
    from.starts_with(b"Microsoft Exchange Server")
        && subject.starts_with(b"Retrieval using the IMAP4 protocol failed for the following")
}

/// The content of a whole message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// How many bytes.
    pub size: u64,
    /// The digest of the bytes.
    pub digest: Digest,
    /// What was seen in them.
    pub traits: Traits,
}

/// Scans a message chunk by chunk.
#[derive(Clone, Debug, Default)]
pub struct ContentScan {
    hasher: WholeBlocks,
    size: u64,
    traits: Traits,
    header: HeaderEnd,
    /// The last byte so far was a CR, and what follows is not known yet.
    after_cr: bool,
    last_two: [u8; 2],
}

impl ContentScan {
    /// A scan of a message of which nothing was seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.last() else { return };
        self.hasher.feed(bytes);
        self.size += bytes.len() as u64;
        self.traits.nul |= memchr(0, bytes).is_some();
        self.line_ends(bytes);
        let header = self.header.feed(bytes);
        self.traits.eight_bit_header |= !header.is_ascii();
        self.last_two = [if bytes.len() > 1 { bytes[bytes.len() - 2] } else { self.last_two[1] }, *last];
    }

    fn line_ends(&mut self, bytes: &[u8]) {
        self.traits.bare_cr |= self.after_cr && bytes[0] != b'\n';
        self.traits.bare_lf |= !self.after_cr && bytes[0] == b'\n';
        // Without a branch, so that the compiler makes it a look at many bytes at once.
        let (lf, cr) = bytes.iter().zip(&bytes[1..]).fold((0, 0), |(lf, cr), (before, byte)| {
            let (after_cr, is_lf) = (*before == b'\r', *byte == b'\n');
            (lf | u8::from(is_lf & !after_cr), cr | u8::from(after_cr & !is_lf))
        });
        self.traits.bare_lf |= lf != 0;
        self.traits.bare_cr |= cr != 0;
        self.after_cr = bytes.ends_with(b"\r");
    }

    /// Ends the message.
    #[must_use]
    pub fn finish(mut self) -> Content {
        self.traits.bare_cr |= self.after_cr;
        self.traits.empty = self.size == 0;
        self.traits.no_final_crlf = self.last_two != *b"\r\n";
        Content { size: self.size, digest: self.hasher.finish(), traits: self.traits }
    }
}

/// The digest of a message as it would be after every change that servers are known to make.
#[derive(Clone, Debug, Default)]
pub struct NormalScan {
    hasher: blake3::Hasher,
    header: HeaderEnd,
    /// Line feeds at the end so far; they count once something follows.
    held_back: usize,
}

impl NormalScan {
    /// A scan of a message of which nothing was seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        let header = self.header.feed(bytes).len();
        let mut normal = Vec::with_capacity(bytes.len());
        for (at, byte) in bytes.iter().enumerate() {
            let byte = match byte {
                b'\r' => continue,
                b'\n' => {
                    self.held_back += 1;
                    continue;
                }
                0 | 0x80.. | b'X' if at < header => b'X',
                0 => 0x80,
                other => *other,
            };
            normal.resize(normal.len() + self.held_back, b'\n');
            self.held_back = 0;
            normal.push(byte);
        }
        self.hasher.update(&normal);
    }

    /// Ends the message.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest::finish(&self.hasher)
    }
}

/// What a header alone reveals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeaderPrint {
    /// The normalised digest of the whole header.
    pub normal: Digest,
    /// The digest of Message-ID, Date, From and Subject, where there is a Message-ID.
    pub key: Option<Digest>,
}

impl HeaderPrint {
    /// The print of a header, with or without its final empty line.
    #[must_use]
    pub fn of(header: &[u8]) -> Self {
        let mut normal = NormalScan::new();
        normal.feed(header);
        let field = |name| field(header, name);
        let key = field("Message-ID").filter(|id| !id.is_empty()).map(|id| {
            let mut key = NormalScan::new();
            for value in [Some(id), field("Date"), field("From"), field("Subject")] {
                key.feed(&value.unwrap_or_default());
                key.feed(b"\n.");
            }
            key.finish()
        });
        Self { normal: normal.finish(), key }
    }
}

/// The first field of this name, unfolded and trimmed (RFC 5322 section 2.2).
#[must_use]
pub fn field(header: &[u8], name: &str) -> Option<Vec<u8>> {
    let header = HeaderEnd::default().feed(header);
    let mut lines = header.split(|b| *b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l));
    let starts = |line: &[u8]| {
        let colon = memchr(b':', line)?;
        line[..colon]
            .trim_ascii_end()
            .eq_ignore_ascii_case(name.as_bytes())
            .then(|| line[colon + 1..].to_vec())
    };
    let mut value = lines.find_map(starts)?;
    for line in lines.take_while(|l| matches!(l.first(), Some(b' ' | b'\t'))) {
        value.push(b' ');
        value.extend_from_slice(line.trim_ascii_start());
    }
    Some(value.trim_ascii().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn traits(message: &[u8]) -> Traits {
        let mut scan = ContentScan::new();
        scan.feed(message);
        scan.finish().traits
    }

    fn normal(message: &[u8]) -> Digest {
        let mut scan = NormalScan::new();
        scan.feed(message);
        scan.finish()
    }

    #[test]
    fn exchange_s_notice_of_a_failed_retrieval_is_a_placeholder_and_a_forwarded_one_is_none() {
        let notice = |from: &str, subject: &str| {
            let text = format!(
                "From: {from}\r\nSubject: {subject}Retrieval using the IMAP4 protocol failed for the following\r\n message: 12\r\n\r\n"
            );
            is_placeholder(text.as_bytes())
        };

        assert!(notice("Microsoft Exchange Server 2010", ""));
        assert!(!notice("Ann <ann@example.com>", ""));
        assert!(!notice("Microsoft Exchange Server 2010", "FW: "));
    }

    #[test]
    fn an_ordinary_message_has_no_trait_that_servers_change() {
        assert!(!traits(b"Subject: a\r\n\r\nbody with \xe9\r\n").may_be_altered());
    }

    #[test]
    fn each_trait_that_servers_change_is_seen() {
        assert!(traits(b"Subject: a\r\n\r\nb\0\r\n").nul);
        assert!(traits(b"Subject: a\n\nb\r\n").bare_lf);
        assert!(traits(b"Subject: a\r\n\r\nb\rc\r\n").bare_cr);
        assert!(traits(b"Subject: a\r\n\r\nb\r").bare_cr);
        assert!(traits(b"Subject: \xe9\r\n\r\nb\r\n").eight_bit_header);
        assert!(traits(b"Subject: a\r\n\r\nb").no_final_crlf);
        assert!(traits(b"").empty);
    }

    #[test]
    fn what_real_servers_change_keeps_the_normal_digest() {
        let sent = b"Subject: gr\xc3\xbcn\nX: 1\n\na\0b\rc";

        assert_eq!(normal(sent), normal(b"Subject: gr\xc3\xbcn\r\nX: 1\r\n\r\na\x80b\rc"), "Dovecot");
        assert_eq!(normal(sent), normal(b"Subject: gr\xc3\xbcn\r\nX: 1\r\n\r\na\0bc\r\n"), "Courier");
        assert_eq!(normal(sent), normal(b"Subject: grXXn\r\nX: 1\r\n\r\na\0b\rc"), "Cyrus");
    }

    #[test]
    fn another_body_has_another_normal_digest() {
        assert_ne!(normal(b"Subject: a\r\n\r\nb\r\n"), normal(b"Subject: a\r\n\r\nc\r\n"));
        assert_ne!(normal(b"Subject: a\r\n\r\nb\r\n"), normal(b"Subject: a\r\n\r\nb\r\n\r\nb\r\n"));
    }

    #[test]
    fn a_field_is_found_in_any_case_and_unfolded() {
        let header = b"Received: x\r\nMESSAGE-ID :\r\n <1@a>\r\nSubject: two\r\n\tlines\r\n\r\n";

        assert_eq!(field(header, "message-id").unwrap(), b"<1@a>");
        assert_eq!(field(header, "Subject").unwrap(), b"two lines");
        assert_eq!(field(header, "Date"), None);
    }

    #[test]
    fn a_header_without_message_id_has_no_key() {
        assert_eq!(HeaderPrint::of(b"Subject: a\r\n\r\n").key, None);
        assert!(HeaderPrint::of(b"Message-ID: <1>\r\n\r\n").key.is_some());
    }

    proptest! {
        #[test]
        fn lone_line_ends_are_seen_wherever_they_stand_and_however_the_message_arrives(
            message in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'x')], 1..100),
            chunk in 1_usize..9,
        ) {
            let mut scan = ContentScan::new();
            message.chunks(chunk).for_each(|bytes| scan.feed(bytes));
            let traits = scan.finish().traits;
            let without_pairs = String::from_utf8_lossy(&message).replace("\r\n", "");

            prop_assert_eq!(traits.bare_lf, without_pairs.contains('\n'));
            prop_assert_eq!(traits.bare_cr, without_pairs.contains('\r'));
        }

        #[test]
        fn the_cut_into_chunks_changes_nothing(
            message in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(0), any::<u8>()], 0..200),
            size in 1_usize..20,
        ) {
            let (mut content, mut norm) = (ContentScan::new(), NormalScan::new());
            for chunk in message.chunks(size) {
                content.feed(chunk);
                norm.feed(chunk);
            }
            let mut whole = ContentScan::new();
            whole.feed(&message);

            prop_assert_eq!(content.finish(), whole.finish());
            prop_assert_eq!(norm.finish(), normal(&message));
        }
    }
}
