//! Reads a message's header without its body.

use imapmig_core::header::HeaderEnd;
use std::io::{self, Read};

/// A longer header is truncated.
const LONGEST: usize = 1 << 20;
const STEP: usize = 8 << 10;

/// Returns the header with the empty line that ends it, or the whole message if no line is empty.
pub(crate) fn read(mut file: impl Read) -> io::Result<Vec<u8>> {
    let mut header = Vec::new();
    let mut end = HeaderEnd::default();
    let mut step = [0; STEP];
    while !end.is_over() && header.len() < LONGEST {
        let count = file.read(&mut step)?;
        if count == 0 {
            break;
        }
        header.extend_from_slice(end.feed(&step[..count]));
    }
    header.truncate(LONGEST);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns one byte at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(1);
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn the_header_ends_with_the_first_empty_line() {
        for (message, expected) in [
            ("A: b\r\n\r\nbody\r\n\r\n", "A: b\r\n\r\n"),
            ("A: b\n\nbody", "A: b\n\n"),
            ("A: b\r\n\nbody", "A: b\r\n\n"),
            ("A: b\r\n\r\r\nbody\n\n", "A: b\r\n\r\r\n"),
            ("\r\nbody", "\r\n"),
            ("A: b\r\n", "A: b\r\n"),
            ("", ""),
        ] {
            assert_eq!(read(message.as_bytes()).unwrap(), expected.as_bytes(), "{message:?}");
        }
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_the_bytes_come(message in "[\\r\\na]{0,20}") {
            prop_assert_eq!(read(message.as_bytes()).unwrap(), read(Slow(message.as_bytes())).unwrap());
        }
    }
}
