//! Where a message's header ends: with its first empty line (RFC 5322 section 2.1).
//!
//! Lines end in LF, with or without CR. A line that holds nothing but CRs is empty too, since servers drop those that precede no LF.
//! Every piece of code that needs the end of a header asks here, so that none reads a body's line as a field.

/// Finds the end of a header in a message that comes in chunks.
#[derive(Clone, Copy, Debug)]
pub struct HeaderEnd {
    over: bool,
    line_is_empty: bool,
}

impl Default for HeaderEnd {
    fn default() -> Self {
        Self { over: false, line_is_empty: true }
    }
}

impl HeaderEnd {
    /// Takes the next bytes, and returns those of them that belong to the header, its final empty line included.
    pub fn feed<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.over {
            return &[];
        }
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' if self.line_is_empty => {
                    self.over = true;
                    return &bytes[..=at];
                }
                b'\n' => self.line_is_empty = true,
                b'\r' => {}
                _ => self.line_is_empty = false,
            }
        }
        bytes
    }

    /// Whether the empty line was seen.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::field;
    use proptest::prelude::*;

    fn header(message: &str) -> &str {
        std::str::from_utf8(HeaderEnd::default().feed(message.as_bytes())).unwrap()
    }

    #[test]
    fn the_header_ends_with_the_first_empty_line_whatever_its_line_ends_are() {
        for (message, expected) in [
            ("A: b\r\n\r\nbody\r\n\r\n", "A: b\r\n\r\n"),
            ("A: b\n\nbody", "A: b\n\n"),
            ("A: b\r\n\nbody", "A: b\r\n\n"),
            ("A: b\r\n\r\r\nbody\r\n\r\n", "A: b\r\n\r\r\n"),
            ("A: b\r\r\n\rC: d\r\n\r\n", "A: b\r\r\n\rC: d\r\n\r\n"),
            ("\r\nbody", "\r\n"),
            ("A: b\r\n", "A: b\r\n"),
            ("", ""),
        ] {
            assert_eq!(header(message), expected, "{message:?}");
        }
    }

    proptest! {
        #[test]
        fn the_chunks_in_which_a_message_comes_change_nothing(message in "[\\r\\na: ]{0,60}", size in 1_usize..7) {
            let mut end = HeaderEnd::default();
            let pieces: Vec<u8> =
                message.as_bytes().chunks(size).flat_map(|chunk| end.feed(chunk).iter().copied()).collect();

            prop_assert_eq!(pieces, header(&message).as_bytes());
        }

        /// Lines without their CRs and LF: the last of the header is the first that is empty.
        #[test]
        fn the_only_empty_line_of_a_header_is_its_last(message in "[\\r\\na: ]{0,60}") {
            let header = header(&message);
            let is_empty = |line: &&str| line.ends_with('\n') && line.trim_matches(['\r', '\n']).is_empty();
            let first = message.split_inclusive('\n').position(|line| is_empty(&line));
            let lines = header.split_inclusive('\n').count();

            prop_assert_eq!(lines, first.map_or(message.split_inclusive('\n').count(), |at| at + 1));
            prop_assert!(message.starts_with(header));
        }

        #[test]
        fn no_field_is_read_from_a_body(message in "[\\r\\nab: ]{0,60}") {
            prop_assert_eq!(field(message.as_bytes(), "a"), field(header(&message).as_bytes(), "a"));
        }
    }
}
