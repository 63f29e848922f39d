//! The items that FETCH asks for, and the sections of a message.

/// One item of a FETCH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Uid,
    Flags,
    InternalDate,
    Size,
    Modseq,
    /// `BODY[...]`, `BODY.PEEK[...]`, `RFC822` and its kin.
    Body {
        /// What stands before the value in the answer.
        label: String,
        section: Section,
        peek: bool,
        partial: Option<(usize, usize)>,
    },
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Section {
    Whole,
    Header,
    Text,
    Fields(Vec<String>),
    FieldsNot(Vec<String>),
}

/// Reads the items; `None` if one is unknown.
pub(super) fn parse(words: &[String]) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    for word in words {
        match word.to_ascii_uppercase().as_str() {
            "UID" => items.push(Item::Uid),
            "FLAGS" => items.push(Item::Flags),
            "INTERNALDATE" => items.push(Item::InternalDate),
            "RFC822.SIZE" => items.push(Item::Size),
            "MODSEQ" => items.push(Item::Modseq),
            "FAST" => items.extend([Item::Flags, Item::InternalDate, Item::Size]),
            "RFC822" => items.push(plain("RFC822", Section::Whole, false)),
            "RFC822.HEADER" => items.push(plain("RFC822.HEADER", Section::Header, true)),
            "RFC822.TEXT" => items.push(plain("RFC822.TEXT", Section::Text, false)),
            upper => items.push(body(upper)?),
        }
    }
    Some(items)
}

fn plain(label: &str, section: Section, peek: bool) -> Item {
    Item::Body { label: label.to_owned(), section, peek, partial: None }
}

fn body(upper: &str) -> Option<Item> {
    let (head, rest) = upper.split_once('[')?;
    let peek = match head {
        "BODY" => false,
        "BODY.PEEK" => true,
        _ => return None,
    };
    let (inner, tail) = rest.split_once(']')?;
    let fields = |list: &str| -> Option<Vec<String>> {
        let list = list.trim().strip_prefix('(')?.strip_suffix(')')?;
        Some(list.split_whitespace().map(str::to_owned).collect())
    };
    let section = match inner {
        "" => Section::Whole,
        "HEADER" => Section::Header,
        "TEXT" => Section::Text,
        _ => match (inner.strip_prefix("HEADER.FIELDS.NOT "), inner.strip_prefix("HEADER.FIELDS ")) {
            (Some(list), _) => Section::FieldsNot(fields(list)?),
            (None, Some(list)) => Section::Fields(fields(list)?),
            (None, None) => return None,
        },
    };
    let partial = match tail {
        "" => None,
        _ => {
            let (from, length) = tail.strip_prefix('<')?.strip_suffix('>')?.split_once('.')?;
            Some((from.parse().ok()?, length.parse().ok()?))
        }
    };
    let origin = partial.map_or(String::new(), |(from, _)| format!("<{from}>"));
    Some(Item::Body { label: format!("BODY[{inner}]{origin}"), section, peek, partial })
}

impl Section {
    /// The bytes of this section.
    pub(super) fn cut<'a>(&self, raw: &'a [u8]) -> std::borrow::Cow<'a, [u8]> {
        let header_end = header_end(raw);
        match self {
            Section::Whole => raw.into(),
            Section::Header => raw[..header_end].into(),
            Section::Text => raw[header_end..].into(),
            Section::Fields(names) => select_fields(&raw[..header_end], names, true).into(),
            Section::FieldsNot(names) => select_fields(&raw[..header_end], names, false).into(),
        }
    }
}

/// Where the body begins, behind the blank line.
fn header_end(raw: &[u8]) -> usize {
    let mut start = 0;
    for line in raw.split_inclusive(|&b| b == b'\n') {
        start += line.len();
        if line == b"\r\n" || line == b"\n" {
            break;
        }
    }
    start
}

/// The header fields with (or without) these names, and the blank line.
pub(super) fn select_fields(header: &[u8], names: &[String], wanted: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut keep = false;
    for line in header.split_inclusive(|&b| b == b'\n') {
        if line == b"\r\n" || line == b"\n" {
            break;
        }
        if !matches!(line.first(), Some(b' ' | b'\t')) {
            let name = line.split(|&b| b == b':').next().unwrap_or(line);
            keep = names.iter().any(|n| n.as_bytes().eq_ignore_ascii_case(name.trim_ascii_end())) == wanted;
        }
        if keep {
            out.extend_from_slice(line);
        }
    }
    out.extend_from_slice(b"\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &[u8] = b"From: a\r\nSubject: one\r\n two\r\nTo: b\r\n\r\ntext\r\n";

    #[test]
    fn sections_are_cut_at_the_blank_line() {
        let fields = Section::Fields(vec!["SUBJECT".into()]);

        assert_eq!(&*Section::Text.cut(RAW), b"text\r\n");
        assert_eq!(&*fields.cut(RAW), b"Subject: one\r\n two\r\n\r\n");
        assert_eq!(&*Section::Header.cut(b"no end"), b"no end");
    }

    #[test]
    fn items_keep_their_label_and_partial() {
        let items = parse(&["uid".into(), "body.peek[]<10.20>".into()]).unwrap();

        let Item::Body { label, peek, partial, .. } = &items[1] else { panic!("{items:?}") };
        assert_eq!((label.as_str(), *peek, *partial), ("BODY[]<10>", true, Some((10, 20))));
        assert_eq!(parse(&["NONSENSE".into()]), None);
    }
}
