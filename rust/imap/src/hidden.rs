//! The forms in which a server may repeat a secret: verbatim, quoted, escaped, and in the usual encodings.
//!
//! A secret that a server encodes in another way is not recognised.

use crate::Login;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use imapmig_core::failure::printable;
use imapmig_core::mutf7;
use imapmig_core::secret::{Secret, Sent, sent};
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// A form of a secret; wiped when it is dropped.
type Form = Zeroizing<String>;

/// Hides a login's password in servers' texts for as long as the returned guards live.
pub(crate) fn login(login: &Login) -> Option<Sent> {
    match login {
        Login::Password { password, .. } | Login::Plain { password, .. } => Some(secret(password)),
        // Tokens are hidden when there is one.
        Login::OAuth { .. } => None,
    }
}

/// Hides a secret in servers' texts for as long as the returned guard lives.
pub(crate) fn secret(secret: &Secret) -> Sent {
    let forms = forms(secret.expose());
    sent(forms.iter().map(|form| form.as_str()))
}

fn forms(plain: &str) -> Vec<Form> {
    let bytes = plain.as_bytes();
    let mut forms = vec![
        Form::new(plain.to_owned()),
        Form::new(plain.replace('\\', "\\\\").replace('"', "\\\"")),
        Form::new(printable(plain.to_owned())),
        Form::new(plain.escape_default().to_string()),
        Form::new(json(plain)),
        Form::new(percent(plain)),
        Form::new(percent(plain).replace("%20", "+")),
        Form::new(mutf7::encode(plain)),
        Form::new(bytes.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })),
        // In an 8-bit character set, as such bytes are shown.
        Form::new(
            plain.chars().map(|c| if c.is_ascii() { c } else { char::REPLACEMENT_CHARACTER }).collect(),
        ),
        Form::new(URL_SAFE.encode(bytes)),
        Form::new(STANDARD.encode(bytes)),
    ];
    forms.extend((0..3).map(|before| within_base64(bytes, before)));
    forms.dedup();
    forms
}

/// The part of the base64 of a longer text that does not depend on what stands before and behind the secret. `before`: the
/// number of bytes before it, of which only the remainder by three matters.
fn within_base64(secret: &[u8], before: usize) -> Form {
    let padded = Zeroizing::new([&[0; 3][..before], secret].concat());
    let whole = Zeroizing::new(STANDARD.encode(padded.as_slice()));
    let (from, to) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    Form::new(whole.get(from..to).unwrap_or_default().to_owned())
}

fn percent(plain: &str) -> String {
    plain.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

fn json(plain: &str) -> String {
    plain.chars().fold(String::new(), |mut text, c| {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if c.is_ascii() => text.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use imapmig_core::secret::hide;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_form_of_a_password_is_left_in_a_text(
            password in "[ -~äß€😀]{6,24}",
            before in "[a-z\0]{0,7}",
            behind in "[a-z\0]{0,7}",
        ) {
            let _hidden = secret(&Secret::from(password.as_str()));
            let forms = [
                password.clone(),
                password.to_ascii_uppercase(),
                password.replace('\\', "\\\\").replace('"', "\\\""),
                percent(&password).to_lowercase(),
                json(&password),
                mutf7::encode(&password),
                STANDARD.encode(&password),
            ];

            for form in &forms {
                let shown = hide(format!("NO [{before}] {form} {behind}"));
                prop_assert!(!shown.contains(form.as_str()), "{form}: {shown}");
            }
            let plain = STANDARD.encode(format!("{before}\0{password}{behind}"));
            let left = hide(format!("BAD {plain}"));
            let core = within_base64(password.as_bytes(), (before.len() + 1) % 3);
            prop_assert!(plain.contains(core.as_str()) && !left.contains(core.as_str()), "{plain} {left}");
        }
    }
}
