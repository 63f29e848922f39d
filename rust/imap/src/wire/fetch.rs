//! The items of a FETCH answer about one message, in any order. RFC 3501 section 7.4.2, RFC 7162, RFC 3516.

use crate::wire::date;
use crate::wire::reader::{Input, Reader, State};
use crate::wire::token;
use imapmig_core::failure::Failure;
use imapmig_core::message::{Flags, InternalDate, ModSeq, Uid};

/// The largest number of 63 bits.
const LARGEST: u64 = i64::MAX.cast_unsigned();
/// The longest date that is read as a literal.
const LONGEST_DATE: u64 = 256;

/// Which part of a message a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// `BODY[]`
    Whole,
    /// `BODY[HEADER]` or some of its fields.
    Header,
    /// A part that is never requested.
    Other,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// UID; `None` if it is zero or has more than 32 bits.
    Uid(Option<Uid>),
    /// FLAGS
    Flags(Flags),
    /// INTERNALDATE; `None` if it cannot be parsed.
    InternalDate(Option<InternalDate>),
    /// RFC822.SIZE; `None` if it is not a number.
    Size(Option<u64>),
    /// MODSEQ
    ModSeq(ModSeq),
    /// A body begins; [`Reader::body`] passes on its bytes. Without a size it is NIL.
    Body { section: Section, size: Option<u64> },
    /// Anything else; it was skipped.
    Other,
}

/// Returns the next item of the current FETCH answer; `None` at its end.
///
/// # Errors
/// If the input ends or is not IMAP.
pub(crate) fn item(reader: &mut Reader, input: &mut impl Input) -> Result<Option<Item>, Failure> {
    // The rest of the previous body.
    let _ = reader.body(input, &mut |_| std::ops::ControlFlow::Continue(()))?;
    reader.skip_blanks();
    match reader.peek() {
        None => return Err(reader.not_imap()),
        Some(b')') => {
            reader.state = State::Done;
            return Ok(None);
        }
        Some(_) => {}
    }
    let name = take_while(reader, |b| !matches!(b, b' ' | b'(' | b')' | b'[' | b'"')).to_ascii_uppercase();
    if name.is_empty() {
        return Err(reader.not_imap());
    }
    let section = if reader.peek() == Some(b'[') { Some(section(reader, input)?) } else { None };
    reader.skip_blanks();
    match (name.as_slice(), section) {
        (b"UID", None) => {
            let uid = token::number(atom(reader)).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
            Ok(Some(Item::Uid(uid.map(Uid))))
        }
        (b"RFC822.SIZE", None) if reader.peek() != Some(b'(') => {
            // RFC 9051 allows 63 bits; a larger number is invalid.
            Ok(Some(Item::Size(token::number(atom(reader)).map(|size| size.min(LARGEST)))))
        }
        (b"FLAGS", None) => flags(reader, input).map(Some),
        (b"INTERNALDATE", None) if reader.peek() == Some(b'"') => {
            unquote(reader)?;
            Ok(Some(Item::InternalDate(date::parse(&reader.quoted))))
        }
        (b"INTERNALDATE", None) if reader.literal_here().is_some_and(|size| size <= LONGEST_DATE) => {
            let mut date = Vec::new();
            begin_body(reader)?;
            let _ = reader.body(input, &mut |bytes| {
                date.extend_from_slice(bytes);
                std::ops::ControlFlow::Continue(())
            })?;
            Ok(Some(Item::InternalDate(date::parse(&date))))
        }
        (b"MODSEQ", None) if reader.peek() == Some(b'(') => {
            reader.at += 1;
            let value = token::number(take_while(reader, |b| b != b')' && b != b' '));
            reader.skip_blanks();
            match (value, reader.peek()) {
                (Some(value), Some(b')')) => {
                    reader.at += 1;
                    Ok(Some(Item::ModSeq(ModSeq(value.min(LARGEST)))))
                }
                _ => Err(reader.not_imap()),
            }
        }
        // Some servers answer with the older names of these items.
        (b"RFC822" | b"RFC822.HEADER", None) => {
            let section = if name == b"RFC822" { Section::Whole } else { Section::Header };
            begin_body(reader).map(|size| Some(Item::Body { section, size }))
        }
        // Some servers repeat the item as requested.
        (b"BODY" | b"BODY.PEEK" | b"BINARY", Some(section)) => {
            let section = if name == b"BINARY" { Section::Other } else { section };
            begin_body(reader).map(|size| Some(Item::Body { section, size }))
        }
        _ => {
            skip_value(reader, input)?;
            Ok(Some(Item::Other))
        }
    }
}

/// Reads `[HEADER.FIELDS (...)]<origin>`.
fn section(reader: &mut Reader, input: &mut impl Input) -> Result<Section, Failure> {
    reader.at += 1;
    let name = take_while(reader, |b| !matches!(b, b' ' | b']' | b'(')).to_ascii_uppercase();
    loop {
        match reader.peek() {
            None => return Err(reader.not_imap()),
            Some(b']') => break,
            Some(b'"') if !reader.skip_quoted() => return Err(reader.not_imap()),
            Some(b'"') => {}
            Some(_) => match reader.literal_here() {
                Some(size) => skip_literal(reader, input, size)?,
                None => reader.at += 1,
            },
        }
    }
    reader.at += 1;
    let mut partial = reader.peek() == Some(b'<');
    if partial {
        // No partial fetches are used, so an origin of zero means the whole body.
        partial = take_while(reader, |b| b != b'>' && b != b' ') != b"<0";
        reader.at += usize::from(reader.peek() == Some(b'>'));
    }
    Ok(match name.as_slice() {
        _ if partial => Section::Other,
        b"" => Section::Whole,
        b"HEADER" | b"HEADER.FIELDS" | b"HEADER.FIELDS.NOT" => Section::Header,
        _ => Section::Other,
    })
}

/// The begin of a literal, a quoted string or NIL.
fn begin_body(reader: &mut Reader) -> Result<Option<u64>, Failure> {
    if let Some(size) = reader.literal_here() {
        reader.begin_literal(size)?;
        return Ok(Some(size));
    }
    if reader.peek() == Some(b'"') {
        unquote(reader)?;
        reader.state = State::Quoted;
        return Ok(Some(reader.quoted.len() as u64));
    }
    // Exchange and Yandex leave out the value: `BODY[] )`.
    let word = atom(reader);
    if word.is_empty() || word.eq_ignore_ascii_case(b"NIL") { Ok(None) } else { Err(reader.not_imap()) }
}

/// Reads a list of flags. Some servers leave out the parentheses or put commas between system flags, whose names hold none.
fn flags(reader: &mut Reader, input: &mut impl Input) -> Result<Item, Failure> {
    if reader.peek() != Some(b'(') {
        return bare_flags(reader, input);
    }
    reader.at += 1;
    let list = take_while(reader, |b| b != b')');
    let flags = of_words(list);
    if reader.peek() != Some(b')') {
        return Err(reader.not_imap());
    }
    reader.at += 1;
    Ok(Item::Flags(flags))
}

/// Flags without parentheses: words that begin as a flag does and as no item does. NIL is an empty list.
fn bare_flags(reader: &mut Reader, input: &mut impl Input) -> Result<Item, Failure> {
    let mut list = Vec::new();
    while matches!(reader.peek(), Some(b'\\' | b'$')) {
        list.extend_from_slice(atom(reader));
        list.push(b' ');
        reader.skip_blanks();
    }
    if !list.is_empty() {
        return Ok(Item::Flags(of_words(&list)));
    }
    let begin = reader.at;
    if atom(reader).eq_ignore_ascii_case(b"NIL") {
        return Ok(Item::Flags(Flags::default()));
    }
    reader.at = begin;
    skip_value(reader, input)?;
    Ok(Item::Other)
}

fn of_words(list: &[u8]) -> Flags {
    let list = String::from_utf8_lossy(list);
    let words = list.split_ascii_whitespace().flat_map(|word| {
        let at_commas = word.starts_with('\\');
        word.split(move |c| at_commas && c == ',')
    });
    Flags::from_wire(words)
}

/// Reads a quoted string into `quoted`.
fn unquote(reader: &mut Reader) -> Result<(), Failure> {
    let begin = reader.at + 1;
    if !reader.skip_quoted() {
        return Err(reader.not_imap());
    }
    reader.quoted = token::unescaped(&reader.line[begin..reader.at - 1]);
    Ok(())
}

/// Skips one value of any kind.
fn skip_value(reader: &mut Reader, input: &mut impl Input) -> Result<(), Failure> {
    let mut depth = 0_u32;
    loop {
        if depth > 0 {
            reader.skip_blanks();
        }
        match reader.peek() {
            Some(b'(') => {
                reader.at += 1;
                depth += 1;
                continue;
            }
            Some(b')') if depth > 0 => {
                reader.at += 1;
                depth -= 1;
            }
            Some(b'"') => {
                if !reader.skip_quoted() {
                    return Err(reader.not_imap());
                }
            }
            Some(b')') | None => return Err(reader.not_imap()),
            Some(_) => match reader.literal_here() {
                Some(size) => skip_literal(reader, input, size)?,
                None => {
                    if atom(reader).is_empty() {
                        return Err(reader.not_imap());
                    }
                }
            },
        }
        if depth == 0 {
            return Ok(());
        }
    }
}

fn skip_literal(reader: &mut Reader, input: &mut impl Input, size: u64) -> Result<(), Failure> {
    reader.begin_literal(size)?;
    let _ = reader.body(input, &mut |_| std::ops::ControlFlow::Continue(()))?;
    Ok(())
}

fn atom(reader: &mut Reader) -> &[u8] {
    let begin = reader.at;
    reader.at += token::atom_end(&reader.line[begin..]);
    &reader.line[begin..reader.at]
}

fn take_while(reader: &mut Reader, wanted: impl Fn(u8) -> bool) -> &[u8] {
    let begin = reader.at;
    let rest = &reader.line[begin..];
    reader.at += rest.iter().position(|b| !wanted(*b)).unwrap_or(rest.len());
    &reader.line[begin..reader.at]
}
