//! Text that must not be seen: passwords, client secrets, tokens.
//!
//! Zeroed when dropped, written out by no `Debug`, `Display` or `Serialize`. What a server may repeat of a secret that it was sent is
//! hidden in every text of a server, as long as a [`Sent`] lives.

use serde::{Deserialize, Deserializer};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// A secret text.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes `text` as a secret; the caller's own copies are the caller's to clear.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A shorter text would be found in the midst of other words, and the words be lost.
const SHORTEST_HIDDEN: usize = 4;

/// What is hidden at the moment.
static HIDDEN: Mutex<Hidden> = Mutex::new(Hidden { last: 0, forms: Vec::new() });

/// Forms of secrets in lower case, the longest first, with the numbers by which they are taken out again.
struct Hidden {
    last: u64,
    forms: Vec<(u64, Zeroizing<String>)>,
}

/// Secrets in the forms in which they were sent; while this lives, [`hide`] takes them out of texts.
#[must_use]
#[derive(Debug)]
pub struct Sent(u64);

/// Hides these forms of a secret in the texts of servers from now on.
pub fn sent<'a>(forms: impl IntoIterator<Item = &'a str>) -> Sent {
    let mut hidden = HIDDEN.lock().unwrap_or_else(PoisonError::into_inner);
    hidden.last += 1;
    let number = hidden.last;
    for form in forms {
        // A server may leave out the padding of base64.
        let form = form.trim_end_matches('=');
        if form.len() >= SHORTEST_HIDDEN {
            hidden.forms.push((number, Zeroizing::new(form.to_ascii_lowercase())));
        }
    }
    // A form that holds another one goes first, or its rest would be left.
    hidden.forms.sort_by_key(|(_, form)| std::cmp::Reverse(form.len()));
    Sent(number)
}

impl Drop for Sent {
    fn drop(&mut self) {
        HIDDEN.lock().unwrap_or_else(PoisonError::into_inner).forms.retain(|(number, _)| *number != self.0);
    }
}

/// The text of a server without what it repeats of secrets, also where a line ends within one.
#[must_use]
pub fn hide(mut text: String) -> String {
    let hidden = HIDDEN.lock().unwrap_or_else(PoisonError::into_inner);
    for (_, form) in &hidden.forms {
        text = without(text, form);
    }
    for (_, form) in &hidden.forms {
        text = without_piece(text, form);
    }
    text
}

/// The text of one line without the beginning of a form at its end, the end of one at its beginning, and all of it if it is the
/// middle of one.
fn without_piece(mut text: String, form: &str) -> String {
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    let shown = lower.trim_matches(AROUND);
    if shown.len() < SHORTEST_HIDDEN {
        return text;
    }
    if form.contains(shown) {
        return "***".to_owned();
    }
    let cuts = || form.char_indices().map(|(at, _)| at).filter(|at| *at > 0);
    let end = lower.trim_end_matches(AROUND).len();
    let begun = cuts().rev().map(|at| &form[..at]).find(|piece| {
        lower[..end].ends_with(piece) && is_telling(piece, lower[..end - piece.len()].chars().next_back())
    });
    if let Some(piece) = begun {
        text.replace_range(end - piece.len()..end, "***");
    }
    let start = lower.len() - lower.trim_start_matches(AROUND).len();
    let ended = cuts().map(|at| &form[at..]).find(|piece| {
        lower[start..].starts_with(piece) && is_telling(piece, lower[start + piece.len()..].chars().next())
    });
    if let Some(piece) = ended
        && begun.is_none()
    {
        text.replace_range(start..start + piece.len(), "***");
    }
    text
}

/// What may stand around a secret that a server repeats.
const AROUND: [char; 6] = [' ', '"', '\'', '\r', '\n', '\t'];

/// Returns whether these letters are more likely a piece of a secret than a part of a word.
fn is_telling(piece: &str, beside: Option<char>) -> bool {
    piece.len() >= 2 * SHORTEST_HIDDEN
        || (piece.len() >= SHORTEST_HIDDEN && !beside.is_some_and(char::is_alphanumeric))
}

/// The text without a form, in upper or lower case: some servers repeat commands in capitals.
fn without(text: String, form: &str) -> String {
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    let mut rest = 0;
    let mut left = String::new();
    for (at, found) in lower.match_indices(form) {
        left.push_str(&text[rest..at]);
        left.push_str("***");
        rest = at + found.len();
    }
    if rest == 0 {
        return text;
    }
    left.push_str(&text[rest..]);
    left
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::{hide, sent};

    #[test]
    fn what_was_sent_is_hidden_as_long_as_it_may_come_back() {
        let first = sent(["P@ssw0rd-7f3", "UEBzc3cwcmQtN2Yz=="]);
        let second = sent(["P@ssw0rd-7f3 and more"]);

        let text = || "no P@ssw0rd-7f3 and more, UEBzc3cwcmQtN2Yz= P@ssw0rd-7f3".to_owned();
        assert_eq!(hide(text()), "no ***, ***= ***");
        drop(second);
        assert_eq!(hide(text()), "no *** and more, ***= ***");
        drop(first);
        assert_eq!(hide(text()), text());
    }

    #[test]
    fn a_secret_that_is_cut_at_a_line_end_is_hidden_on_both_lines() {
        let _sent = sent(["blue-horse-17"]);

        for (line, shown) in [
            ("LOGIN terry \"blue-ho", "LOGIN terry \"***"),
            ("rse-17\" refused", "***\" refused"),
            ("xblue-horse", "x***"),
            ("e-horse", "***"),
            ("-17", "-17"),
            ("Out of the blue", "Out of the ***"),
            ("Out of theblue", "Out of theblue"),
            ("blue", "***"),
        ] {
            assert_eq!(hide(line.to_owned()), shown, "{line}");
        }
    }
}
