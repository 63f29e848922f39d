//! Modified UTF-7, the way mailbox names travel and stand in Maildir++ directories (RFC 3501 section 5.1.3).
//!
//! Knows characters, not mailboxes.

use base64::Engine;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

// Some servers leave bits set behind the last character of a run; the name is readable all the same.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &IMAP_MUTF7,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// Encodes a name.
#[must_use]
pub fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut run: Vec<u8> = Vec::new();
    for c in name.chars() {
        if (' '..='~').contains(&c) {
            end_run(&mut out, &mut run);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            run.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()));
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

/// Decodes a name; `None` when it is not modified UTF-7.
#[must_use]
pub fn decode(encoded: &[u8]) -> Option<String> {
    let mut out = String::with_capacity(encoded.len());
    let mut rest = encoded;
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
    use proptest::prelude::*;

    #[test]
    fn the_rfcs_example_goes_both_ways() {
        let encoded = "~peter/mail/&U,BTFw-/&ZeVnLIqe-";

        assert_eq!(decode(encoded.as_bytes()).as_deref(), Some("~peter/mail/台北/日本語"));
        assert_eq!(encode("~peter/mail/台北/日本語"), encoded);
    }

    #[test]
    fn what_is_no_modified_utf_7_is_not_decoded() {
        for encoded in [&b"a&b"[..], b"a\xe9", b"&AA-", b"&2D0-", b"tab\there"] {
            assert_eq!(decode(encoded), None, "{encoded:?}");
        }
    }

    proptest! {
        #[test]
        fn every_name_comes_back(name in "\\PC{0,20}|[&\\-a😀é\\x00-\\x1f]{0,12}") {
            prop_assert_eq!(decode(encode(&name).as_bytes()), Some(name));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }

        #[test]
        fn what_is_almost_modified_utf_7_is_none_or_a_name_that_comes_back(
            encoded in "(&|&-|-|[A-Za-z0-9+,]{0,9}|AC8-|2D3eAA|[ ./&a-z-]{0,3}|\\x00|\\u{e9}){0,8}"
        ) {
            if let Some(name) = decode(encoded.as_bytes()) {
                prop_assert_eq!(decode(encode(&name).as_bytes()), Some(name));
            }
        }
    }
}
