//! Parses what servers send on the bulk path, strictly and as a stream. RFC 3501, 4315, 7162, 7888.
//!
//! Handles bytes and lines, independent of connections, commands and the purpose of the answers. Memory stays bounded whatever
//! arrives: text by [`reader::MAX_TEXT`], literals because they are never held.

pub(crate) mod date;
pub(crate) mod fetch;
#[cfg(test)]
mod mutated;
#[cfg(test)]
mod oracle;
pub(crate) mod reader;
pub(crate) mod sets;
pub(crate) mod status;
#[cfg(test)]
mod tests;
pub(crate) mod token;
