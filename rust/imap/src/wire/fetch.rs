//! What a FETCH answer tells of one message, item by item and in any order. RFC 3501 section 7.4.2, RFC 7162, RFC 3516.

use crate::wire::date;
use crate::wire::reader::{Input, Reader, State};
use crate::wire::token;
use imapmig_core::failure::Failure;
use imapmig_core::message::{Flags, InternalDate, ModSeq, Uid};

/// The largest number of 63 bits.
const LARGEST: u64 = i64::MAX.cast_unsigned();

/// Which part of a message a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// `BODY[]`
    Whole,
    /// `BODY[HEADER]` or some of its fields.
    Header,
    /// A part that is never asked for.
    Other,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// UID; none when it is zero or has more than 32 bits.
    Uid(Option<Uid>),
    /// FLAGS
    Flags(Flags),
    /// INTERNALDATE; none when it cannot be read.
    InternalDate(Option<InternalDate>),
    /// RFC822.SIZE; none when it is no number.
    Size(Option<u64>),
    /// MODSEQ
    ModSeq(ModSeq),
    /// A body begins; [`Reader::body`] passes on its bytes. Without a size it is NIL.
    Body { section: Section, size: Option<u64> },
    /// Anything else; it was skipped.
    Other,
}

impl Reader {
    /// The next item of the FETCH answer at hand; none at its end.
    ///
    /// # Errors
    /// When the input ends, or what it holds is no IMAP.
    pub(crate) fn item(&mut self, input: &mut impl Input) -> Result<Option<Item>, Failure> {
        // What is left of the body before.
        let _ = self.body(input, &mut |_| std::ops::ControlFlow::Continue(()))?;
        self.skip_blanks();
        match self.peek() {
            None => return Err(self.not_imap()),
            Some(b')') => {
                self.state = State::Done;
                return Ok(None);
            }
            Some(_) => {}
        }
        let name = self.take_while(|b| !matches!(b, b' ' | b'(' | b')' | b'[' | b'"')).to_ascii_uppercase();
        if name.is_empty() {
            return Err(self.not_imap());
        }
        let section = if self.peek() == Some(b'[') { Some(self.section(input)?) } else { None };
        self.skip_blanks();
        match (name.as_slice(), section) {
            (b"UID", None) => {
                let uid = token::number(self.atom()).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
                Ok(Some(Item::Uid(uid.map(Uid))))
            }
            (b"RFC822.SIZE", None) if self.peek() != Some(b'(') => {
                // RFC 9051 has 63 bits; what says more is as wrong as what says so.
                Ok(Some(Item::Size(token::number(self.atom()).map(|size| size.min(LARGEST)))))
            }
            (b"FLAGS", None) if self.peek() == Some(b'(') => self.flags().map(Some),
            (b"INTERNALDATE", None) if self.peek() == Some(b'"') => {
                self.unquote()?;
                Ok(Some(Item::InternalDate(date::parse(&self.quoted))))
            }
            (b"MODSEQ", None) if self.peek() == Some(b'(') => {
                self.at += 1;
                let value = token::number(self.take_while(|b| b != b')' && b != b' '));
                self.skip_blanks();
                match (value, self.peek()) {
                    (Some(value), Some(b')')) => {
                        self.at += 1;
                        Ok(Some(Item::ModSeq(ModSeq(value.min(LARGEST)))))
                    }
                    _ => Err(self.not_imap()),
                }
            }
            // Some repeat the item as it was asked for.
            (b"BODY" | b"BODY.PEEK" | b"BINARY", Some(section)) => {
                let section = if name == b"BINARY" { Section::Other } else { section };
                self.begin_body().map(|size| Some(Item::Body { section, size }))
            }
            _ => {
                self.skip_value(input)?;
                Ok(Some(Item::Other))
            }
        }
    }

    /// Reads `[HEADER.FIELDS (...)]<origin>`.
    fn section(&mut self, input: &mut impl Input) -> Result<Section, Failure> {
        self.at += 1;
        let name = self.take_while(|b| !matches!(b, b' ' | b']' | b'(')).to_ascii_uppercase();
        loop {
            match self.peek() {
                None => return Err(self.not_imap()),
                Some(b']') => break,
                Some(b'"') if !self.skip_quoted() => return Err(self.not_imap()),
                Some(b'"') => {}
                Some(_) => match self.literal_here() {
                    Some(size) => self.skip_literal(input, size)?,
                    None => self.at += 1,
                },
            }
        }
        self.at += 1;
        let partial = self.peek() == Some(b'<');
        if partial {
            let _ = self.take_while(|b| b != b'>' && b != b' ');
            self.at += usize::from(self.peek() == Some(b'>'));
        }
        Ok(match name.as_slice() {
            _ if partial => Section::Other,
            b"" => Section::Whole,
            b"HEADER" | b"HEADER.FIELDS" | b"HEADER.FIELDS.NOT" => Section::Header,
            _ => Section::Other,
        })
    }

    /// The begin of a literal, a quoted string or NIL.
    fn begin_body(&mut self) -> Result<Option<u64>, Failure> {
        if let Some(size) = self.literal_here() {
            self.begin_literal(size)?;
            return Ok(Some(size));
        }
        if self.peek() == Some(b'"') {
            self.unquote()?;
            self.state = State::Quoted;
            return Ok(Some(self.quoted.len() as u64));
        }
        // Exchange and Yandex leave out what should stand here: `BODY[] )`.
        let word = self.atom();
        if word.is_empty() || word.eq_ignore_ascii_case(b"NIL") { Ok(None) } else { Err(self.not_imap()) }
    }

    fn flags(&mut self) -> Result<Item, Failure> {
        self.at += 1;
        let list = self.take_while(|b| b != b')');
        let list = String::from_utf8_lossy(list);
        let flags = Flags::from_wire(list.split_ascii_whitespace());
        if self.peek() != Some(b')') {
            return Err(self.not_imap());
        }
        self.at += 1;
        Ok(Item::Flags(flags))
    }

    /// Takes a quoted string into `quoted`.
    fn unquote(&mut self) -> Result<(), Failure> {
        let begin = self.at + 1;
        if !self.skip_quoted() {
            return Err(self.not_imap());
        }
        self.quoted = token::unescaped(&self.line[begin..self.at - 1]);
        Ok(())
    }

    /// Skips one value of any kind.
    fn skip_value(&mut self, input: &mut impl Input) -> Result<(), Failure> {
        let mut depth = 0_u32;
        loop {
            if depth > 0 {
                self.skip_blanks();
            }
            match self.peek() {
                Some(b'(') => {
                    self.at += 1;
                    depth += 1;
                    continue;
                }
                Some(b')') if depth > 0 => {
                    self.at += 1;
                    depth -= 1;
                }
                Some(b'"') => {
                    if !self.skip_quoted() {
                        return Err(self.not_imap());
                    }
                }
                Some(b')') | None => return Err(self.not_imap()),
                Some(_) => match self.literal_here() {
                    Some(size) => self.skip_literal(input, size)?,
                    None => {
                        if self.atom().is_empty() {
                            return Err(self.not_imap());
                        }
                    }
                },
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn skip_literal(&mut self, input: &mut impl Input, size: u64) -> Result<(), Failure> {
        self.begin_literal(size)?;
        let _ = self.body(input, &mut |_| std::ops::ControlFlow::Continue(()))?;
        Ok(())
    }

    fn atom(&mut self) -> &[u8] {
        let begin = self.at;
        self.at += token::atom_end(&self.line[begin..]);
        &self.line[begin..self.at]
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &[u8] {
        let begin = self.at;
        let rest = &self.line[begin..];
        self.at += rest.iter().position(|b| !wanted(*b)).unwrap_or(rest.len());
        &self.line[begin..self.at]
    }
}
