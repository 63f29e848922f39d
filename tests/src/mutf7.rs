//! Mailbox names in modified UTF-7 (RFC 3501, 5.1.3).

use base64::Engine;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;

const BASE64: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

pub(crate) fn encode(name: &str) -> String {
    let mut wire = String::new();
    let mut shifted = String::new();
    for c in name.chars() {
        if (' '..='~').contains(&c) {
            leave(&mut wire, &mut shifted);
            wire.push(c);
            if c == '&' {
                wire.push('-');
            }
        } else {
            shifted.push(c);
        }
    }
    leave(&mut wire, &mut shifted);
    wire
}

fn leave(wire: &mut String, shifted: &mut String) {
    if !shifted.is_empty() {
        let units: Vec<u8> = shifted.encode_utf16().flat_map(u16::to_be_bytes).collect();
        wire.push_str(&format!("&{}-", BASE64.encode(units)));
        shifted.clear();
    }
}

/// The name, or `None` if it is no modified UTF-7.
pub(crate) fn decode(wire: &str) -> Option<String> {
    let mut name = String::new();
    let mut rest = wire;
    while let Some((plain, shifted)) = rest.split_once('&') {
        name.push_str(plain);
        let (code, after) = shifted.split_once('-')?;
        if code.is_empty() {
            name.push('&');
        } else {
            let bytes = BASE64.decode(code).ok()?;
            let units: Vec<u16> =
                bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            name.push_str(&String::from_utf16(&units).ok()?);
        }
        rest = after;
    }
    name.push_str(rest);
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn the_example_of_the_rfc_is_written_and_read() {
        let wire = "~peter/mail/&U,BTFw-/&ZeVnLIqe-";

        assert_eq!(encode("~peter/mail/台北/日本語"), wire);
        assert_eq!(decode(wire).as_deref(), Some("~peter/mail/台北/日本語"));
    }

    #[test]
    fn ampersands_and_characters_beyond_the_bmp_come_back() {
        for name in ["A & B", "😀 &-", "Größe", "&"] {
            assert_eq!(decode(&encode(name)).as_deref(), Some(name));
        }
    }
}
