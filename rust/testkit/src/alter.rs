//! What real servers do to a message's bytes while they answer OK.

use std::io::BufRead;

/// The changes that a server makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changes {
    /// NUL becomes 0x80 (Dovecot).
    pub nul_to_0x80: bool,
    /// LF without CR becomes CRLF (Dovecot, Courier).
    pub lf_to_crlf: bool,
    /// CR without LF is removed (Courier).
    pub drop_bare_cr: bool,
    /// Each 8-bit byte of the header becomes X (Cyrus).
    pub header_8bit_to_x: bool,
    /// A last line without an end gets one (Courier).
    pub add_final_crlf: bool,
    /// NUL and bare LF are refused, except in a literal8 (Cyrus).
    pub refuse_nul_and_lf: bool,
}

impl Changes {
    /// A server that keeps every byte.
    pub const NONE: Changes = Changes {
        nul_to_0x80: false,
        lf_to_crlf: false,
        drop_bare_cr: false,
        header_8bit_to_x: false,
        add_final_crlf: false,
        refuse_nul_and_lf: false,
    };

    /// The message as the server keeps it, or its refusal.
    pub(crate) fn apply(&self, raw: Vec<u8>, binary: bool) -> Result<Vec<u8>, String> {
        if self.refuse_nul_and_lf && !binary {
            if raw.contains(&0) {
                return Err("NO Message contains NUL characters".into());
            }
            if has_bare_lf(&raw) {
                return Err("NO Message contains bare newlines".into());
            }
        }
        Ok(if *self == Changes::NONE { raw } else { self.rewrite(&raw) })
    }

    /// Goes line by line and touches single bytes only where there is something to change.
    fn rewrite(&self, raw: &[u8]) -> Vec<u8> {
        let nul = self.nul_to_0x80 && raw.contains(&0);
        let mut out = Vec::with_capacity(raw.len() + raw.len() / 32 + 2);
        let mut in_header = true;
        for line in lines(raw) {
            let (text, end) = split_end(line);
            in_header &= !text.is_empty();
            let munge = in_header && self.header_8bit_to_x && !text.is_ascii();
            let bare_cr = self.drop_bare_cr && text.contains(&b'\r');
            if nul || munge || bare_cr {
                out.extend(text.iter().filter_map(|&byte| match byte {
                    0 if nul => Some(0x80),
                    b'\r' if bare_cr => None,
                    0x80.. if munge => Some(b'X'),
                    _ => Some(byte),
                }));
            } else {
                out.extend_from_slice(text);
            }
            out.extend_from_slice(if end == b"\n" && self.lf_to_crlf { b"\r\n" } else { end });
        }
        if self.add_final_crlf && !out.ends_with(b"\n") {
            out.extend_from_slice(b"\r\n");
        }
        out
    }
}

/// The lines with their ends. `skip_until` searches by words, which matters for messages of 30 MB.
fn lines(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = raw;
    std::iter::from_fn(move || {
        let start = rest;
        let length = rest.skip_until(b'\n').ok().filter(|n| *n > 0)?;
        Some(&start[..length])
    })
}

fn split_end(line: &[u8]) -> (&[u8], &[u8]) {
    let length = if line.ends_with(b"\r\n") { 2 } else { usize::from(line.ends_with(b"\n")) };
    line.split_at(line.len() - length)
}

fn has_bare_lf(raw: &[u8]) -> bool {
    lines(raw).any(|line| split_end(line).1 == b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_touches_only_its_bytes() {
        let raw = b"Subject: \xe9\r\n\r\na\nb\rc\0\xe9";
        let with = |c: Changes| c.apply(raw.to_vec(), false).unwrap();

        assert_eq!(with(Changes::NONE), raw);
        assert_eq!(
            with(Changes { header_8bit_to_x: true, ..Changes::NONE }),
            b"Subject: X\r\n\r\na\nb\rc\0\xe9"
        );
        assert_eq!(
            with(Changes { lf_to_crlf: true, drop_bare_cr: true, add_final_crlf: true, ..Changes::NONE }),
            b"Subject: \xe9\r\n\r\na\r\nbc\0\xe9\r\n"
        );
        assert_eq!(
            with(Changes { nul_to_0x80: true, ..Changes::NONE }),
            b"Subject: \xe9\r\n\r\na\nb\rc\x80\xe9"
        );
    }

    #[test]
    fn refusal_of_nul_and_lf_spares_literal8() {
        let strict = Changes { refuse_nul_and_lf: true, ..Changes::NONE };

        assert!(strict.apply(b"a\nb".to_vec(), false).is_err());
        assert!(strict.apply(b"a\0b".to_vec(), false).is_err());
        assert_eq!(strict.apply(b"a\0\nb".to_vec(), true).unwrap(), b"a\0\nb");
    }
}
