//! Modified UTF-7, the way mailbox names travel (RFC 3501, section 5.1.3).
//!
//! Knows characters, not mailboxes.

use base64::Engine;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

const BASE64: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// Encodes a Unicode name for the wire.
pub fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut run: Vec<u8> = Vec::new();
    let mut unit = [0u16; 2];
    for c in name.chars() {
        if (' '..='~').contains(&c) {
            end_run(&mut out, &mut run);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            run.extend(c.encode_utf16(&mut unit).iter().flat_map(|u| u.to_be_bytes()));
        }
    }
    end_run(&mut out, &mut run);
    out
}

fn end_run(out: &mut String, run: &mut Vec<u8>) {
    if !run.is_empty() {
        out.push('&');
        BASE64.encode_string(&run, out);
        out.push('-');
        run.clear();
    }
}

/// Decodes a name from the wire; `None` if it is not modified UTF-7.
pub fn decode(wire: &[u8]) -> Option<String> {
    let mut out = String::with_capacity(wire.len());
    let mut rest = wire;
    while let Some((&byte, tail)) = rest.split_first() {
        if byte != b'&' {
            if !(b' '..=b'~').contains(&byte) {
                return None;
            }
            out.push(char::from(byte));
            rest = tail;
            continue;
        }
        let end = tail.iter().position(|&b| b == b'-')?;
        if end == 0 {
            out.push('&');
        } else {
            let bytes = BASE64.decode(&tail[..end]).ok()?;
            if bytes.len() % 2 != 0 {
                return None;
            }
            let units: Vec<u16> = bytes.chunks_exact(2).map(|p| u16::from_be_bytes([p[0], p[1]])).collect();
            out.push_str(&String::from_utf16(&units).ok()?);
        }
        rest = &tail[end + 1..];
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_3501_example_round_trips() {
        let wire = "~peter/mail/&U,BTFw-/&ZeVnLIqe-";

        let name = decode(wire.as_bytes()).unwrap();

        assert_eq!(name, "~peter/mail/台北/日本語");
        assert_eq!(encode(&name), wire);
    }

    #[test]
    fn ampersand_and_emoji_round_trip() {
        for name in ["R&D", "&", "😀 Été", "Größe"] {
            assert_eq!(decode(encode(name).as_bytes()).as_deref(), Some(name));
        }
    }

    #[test]
    fn broken_names_are_not_decoded() {
        for wire in [&b"a&b"[..], b"a\xe9", b"&AA-", b"&2D0-"] {
            assert_eq!(decode(wire), None, "{wire:?}");
        }
    }
}
