//! Reads LIST, LSUB and NAMESPACE answers. RFC 3501 section 7.2.2, RFC 5258, RFC 2342.
//!
//! Knows syntax, not what a name means. Names are bytes here and may hold anything.

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Atom(Vec<u8>),
    /// A quoted string or a literal.
    Text(Vec<u8>),
}

/// A line of a LIST or LSUB answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Its attributes, e.g. `\Noselect`.
    pub(crate) attributes: Vec<String>,
    /// What separates levels.
    pub(crate) delimiter: Option<char>,
    /// The name, unquoted.
    pub(crate) name: Vec<u8>,
}

impl Listed {
    /// Reads what follows `* `; absent when it is something else or no proper LIST answer.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let rest = strip_word(line, b"LIST ").or_else(|| strip_word(line, b"LSUB "))?;
        let mut tokens = tokens(rest)?.into_iter();
        if tokens.next()? != Token::Open {
            return None;
        }
        let mut attributes = Vec::new();
        loop {
            match tokens.next()? {
                Token::Close => break,
                Token::Atom(word) | Token::Text(word) => {
                    attributes.push(String::from_utf8_lossy(&word).into_owned());
                }
                Token::Open => return None,
            }
        }
        let delimiter = delimiter(tokens.next()?)?;
        match tokens.next()? {
            Token::Atom(name) | Token::Text(name) => Some(Self { attributes, delimiter, name }),
            Token::Open | Token::Close => None,
        }
    }

    /// Whether it has this attribute, in any case.
    pub(crate) fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|a| a.eq_ignore_ascii_case(attribute))
    }
}

/// A prefix of a namespace and its delimiter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Namespace {
    pub(crate) prefix: Vec<u8>,
    pub(crate) delimiter: Option<char>,
}

/// The answer to NAMESPACE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Namespaces {
    pub(crate) personal: Vec<Namespace>,
    pub(crate) other_users: Vec<Namespace>,
    pub(crate) shared: Vec<Namespace>,
}

impl Namespaces {
    /// Reads what follows `* `; absent when it is something else.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let mut tokens = tokens(strip_word(line, b"NAMESPACE ")?)?.into_iter();
        Some(Self {
            personal: namespaces(&mut tokens)?,
            other_users: namespaces(&mut tokens)?,
            shared: namespaces(&mut tokens)?,
        })
    }
}

/// `NIL`, or a list of `("prefix" "delimiter" extensions...)`.
fn namespaces(tokens: &mut impl Iterator<Item = Token>) -> Option<Vec<Namespace>> {
    match tokens.next()? {
        Token::Atom(word) if word.eq_ignore_ascii_case(b"NIL") => return Some(Vec::new()),
        Token::Open => {}
        _ => return None,
    }
    let mut found = Vec::new();
    loop {
        match tokens.next()? {
            Token::Close => return Some(found),
            Token::Open => {}
            _ => return None,
        }
        let prefix = match tokens.next()? {
            Token::Text(prefix) | Token::Atom(prefix) => prefix,
            _ => return None,
        };
        found.push(Namespace { prefix, delimiter: delimiter(tokens.next()?)? });
        let mut depth = 1;
        while depth > 0 {
            match tokens.next()? {
                Token::Open => depth += 1,
                Token::Close => depth -= 1,
                _ => {}
            }
        }
    }
}

/// `NIL` is no delimiter; else one character.
fn delimiter(token: Token) -> Option<Option<char>> {
    match token {
        Token::Atom(word) if word.eq_ignore_ascii_case(b"NIL") => Some(None),
        Token::Atom(text) | Token::Text(text) => {
            let text = String::from_utf8(text).ok()?;
            let mut characters = text.chars();
            let first = characters.next();
            characters.next().is_none().then_some(first)
        }
        Token::Open | Token::Close => None,
    }
}

fn strip_word<'a>(line: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let head = line.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| &line[word.len()..])
}

/// Cuts an answer into its tokens; absent when a quote or literal does not end.
fn tokens(mut rest: &[u8]) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    while let Some((&byte, tail)) = rest.split_first() {
        match byte {
            b' ' | b'\r' | b'\n' => rest = tail,
            b'(' => {
                found.push(Token::Open);
                rest = tail;
            }
            b')' => {
                found.push(Token::Close);
                rest = tail;
            }
            b'"' => {
                let (text, behind) = quoted(tail)?;
                found.push(Token::Text(text));
                rest = behind;
            }
            b'{' => {
                let (text, behind) = literal(tail)?;
                found.push(Token::Text(text));
                rest = behind;
            }
            _ => {
                let end = rest.iter().position(|b| matches!(b, b' ' | b'(' | b')' | b'\r' | b'\n'));
                let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
                found.push(Token::Atom(word.to_vec()));
                rest = behind;
            }
        }
    }
    Some(found)
}

fn quoted(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut text = Vec::new();
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'"' => return Some((text, &bytes[at + 1..])),
            b'\\' => {
                text.push(*bytes.get(at + 1)?);
                at += 2;
            }
            byte => {
                text.push(*byte);
                at += 1;
            }
        }
    }
}

fn literal(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let brace = bytes.iter().position(|b| *b == b'}')?;
    let digits = std::str::from_utf8(&bytes[..brace]).ok()?;
    let length: usize = digits.trim_end_matches('+').parse().ok()?;
    let end = bytes[brace..].iter().position(|b| *b == b'\n')? + brace + 1;
    let text = bytes.get(end..end.checked_add(length)?)?;
    Some((text.to_vec(), &bytes[end + length..]))
}

#[cfg(test)]
mod tests {
    use super::{Listed, Namespace, Namespaces};
    use proptest::prelude::*;

    #[test]
    fn a_name_comes_as_atom_quoted_or_literal() {
        for line in [
            &b"LIST (\\HasNoChildren) \"/\" Sent\r\n"[..],
            b"list (\\HasNoChildren) \"/\" \"Sent\"\r\n",
            b"LIST (\\HasNoChildren) \"/\" {4}\r\nSent\r\n",
        ] {
            let listed = Listed::parse(line).unwrap();

            assert_eq!(listed.name, b"Sent");
            assert_eq!(listed.delimiter, Some('/'));
            assert!(listed.has("\\hasnochildren"));
        }
    }

    #[test]
    fn escapes_are_undone_and_a_missing_delimiter_is_none() {
        let listed = Listed::parse(b"LSUB () NIL \"a\\\"b\\\\c\"\r\n").unwrap();

        assert_eq!(listed.name, b"a\"b\\c");
        assert_eq!(listed.delimiter, None);
    }

    #[test]
    fn extended_data_behind_the_name_is_left_aside() {
        let line = b"LIST (\\Subscribed) \"/\" \"x\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n";

        assert_eq!(Listed::parse(line).unwrap().name, b"x");
    }

    #[test]
    fn couriers_namespaces_are_read() {
        let line = b"NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"#shared.\" \".\")(\"shared.\" \".\"))\r\n";

        let namespaces = Namespaces::parse(line).unwrap();

        let namespace = |prefix: &str| Namespace { prefix: prefix.as_bytes().to_vec(), delimiter: Some('.') };
        assert_eq!(namespaces.personal, [namespace("INBOX.")]);
        assert!(namespaces.other_users.is_empty());
        assert_eq!(namespaces.shared, [namespace("#shared."), namespace("shared.")]);
    }

    #[test]
    fn extensions_of_a_namespace_are_left_aside() {
        let line = b"NAMESPACE ((\"\" \"/\" \"X-PARAM\" (\"FLAG1\" \"FLAG2\"))) NIL NIL\r\n";

        assert_eq!(Namespaces::parse(line).unwrap().personal.len(), 1);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, open: bool) {
            let head: &[u8] = if open { b"LIST (" } else { b"NAMESPACE (" };
            let line = [head, &bytes].concat();

            let _ = (Listed::parse(&line), Namespaces::parse(&line));
        }
    }
}
