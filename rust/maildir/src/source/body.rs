//! A message file as an IMAP server would send it.
//!
//! Local delivery often writes files with LF line ends, and every server sends those with CRLF. So a file whose first
//! line ends in a bare LF is read with CRLF; any other file is read byte for byte (RFC 5322 section 2.3).

use crate::filename::BareLf;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::ops::ControlFlow;

const CHUNK: usize = 64 << 10;

/// An open message file.
pub(super) struct Body {
    file: File,
    on_disk: u64,
    adds_cr: bool,
}

impl Body {
    pub(super) fn new(mut file: File) -> io::Result<Self> {
        let on_disk = file.metadata()?.len();
        let adds_cr = first_line_is_local(&mut file)?;
        file.rewind()?;
        Ok(Self { file, on_disk, adds_cr })
    }

    /// Returns the exact size of the message in bytes.
    pub(super) fn size(&mut self) -> io::Result<u64> {
        if !self.adds_cr {
            return Ok(self.on_disk);
        }
        let mut bare_lf = BareLf::default();
        let mut buffer = vec![0; CHUNK];
        loop {
            let count = self.file.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            bare_lf.feed(&buffer[..count]);
        }
        self.file.rewind()?;
        Ok(self.on_disk + bare_lf.count())
    }

    /// Passes the message's bytes to `each`. Returns how many were passed, and whether it was stopped.
    pub(super) fn stream(
        &mut self,
        chunk: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> io::Result<(u64, ControlFlow<()>)> {
        let mut buffer = vec![0; CHUNK];
        let mut crlf = Crlf::default();
        let mut given = 0;
        loop {
            let count = self.file.read(&mut buffer)?;
            if count == 0 {
                return Ok((given, ControlFlow::Continue(())));
            }
            let bytes = if self.adds_cr { crlf.convert(&buffer[..count]) } else { &buffer[..count] };
            given += bytes.len() as u64;
            if chunk(bytes).is_break() {
                return Ok((given, ControlFlow::Break(())));
            }
        }
    }

    /// Returns the message's header.
    pub(super) fn header(self) -> io::Result<Vec<u8>> {
        let header = crate::header::read(self.file)?;
        Ok(if self.adds_cr { Crlf::default().convert(&header).to_vec() } else { header })
    }
}

/// Inserts a CR before every LF that has none.
#[derive(Default)]
struct Crlf {
    out: Vec<u8>,
    after_cr: bool,
}

impl Crlf {
    fn convert(&mut self, bytes: &[u8]) -> &[u8] {
        self.out.clear();
        let mut rest = bytes;
        while let Some(at) = memchr::memchr(b'\n', rest) {
            let line = &rest[..at];
            let has_cr = if line.is_empty() { self.after_cr } else { line.ends_with(b"\r") };
            self.out.extend_from_slice(line);
            self.out.extend_from_slice(if has_cr { b"\n" } else { b"\r\n" });
            self.after_cr = false;
            rest = &rest[at + 1..];
        }
        self.out.extend_from_slice(rest);
        if let Some(last) = rest.last() {
            self.after_cr = *last == b'\r';
        }
        &self.out
    }
}

fn first_line_is_local(file: &mut File) -> io::Result<bool> {
    let mut buffer = [0; 4096];
    let mut after_cr = false;
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(false);
        }
        if let Some(at) = memchr::memchr(b'\n', &buffer[..count]) {
            return Ok(if at == 0 { !after_cr } else { buffer[at - 1] != b'\r' });
        }
        after_cr = buffer[count - 1] == b'\r';
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    fn body(bytes: &[u8]) -> Body {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        Body::new(file).unwrap()
    }

    fn read(bytes: &[u8]) -> Vec<u8> {
        let mut body = body(bytes);
        let size = body.size().unwrap();
        let mut out = Vec::new();
        let mut take = |bytes: &[u8]| {
            out.extend_from_slice(bytes);
            ControlFlow::Continue(())
        };
        let (given, _) = body.stream(&mut take).unwrap();
        assert_eq!((size, given), (out.len() as u64, out.len() as u64));
        out
    }

    #[test]
    fn a_file_with_local_line_ends_is_read_as_it_would_be_sent() {
        assert_eq!(read(b"A: b\n\nline\r\nend\n"), b"A: b\r\n\r\nline\r\nend\r\n");
        assert_eq!(body(b"A: b\n\nline").header().unwrap(), b"A: b\r\n\r\n");
    }

    #[test]
    fn any_other_file_is_read_byte_for_byte() {
        for bytes in [&b"A: b\r\n\r\nbare\nlf\0\r"[..], b"no line end", b"", b"\r\n\n"] {
            assert_eq!(read(bytes), bytes);
        }
    }

    #[test]
    fn a_first_line_longer_than_a_buffer_is_seen_to_its_end() {
        let long = "a".repeat(4096);

        assert_eq!(read(format!("{long}\nb\n").as_bytes()), format!("{long}\r\nb\r\n").as_bytes());
        let wire = format!("{}\r\nb\n", "a".repeat(4095));
        assert_eq!(read(wire.as_bytes()), wire.as_bytes());
    }

    proptest! {
        #[test]
        fn conversion_does_not_depend_on_where_chunks_end(text in "[\\r\\na]{0,30}", cut in 0usize..30) {
            let bytes = text.as_bytes();
            let cut = cut.min(bytes.len());
            let mut crlf = Crlf::default();

            let mut out = crlf.convert(&bytes[..cut]).to_vec();
            out.extend_from_slice(crlf.convert(&bytes[cut..]));

            prop_assert_eq!(String::from_utf8(out).unwrap(), text.replace("\r\n", "\n").replace('\n', "\r\n"));
        }
    }
}
