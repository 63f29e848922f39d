//! What servers send on the bulk path, read strictly and as a stream. RFC 3501, 4315, 7162, 7888.
//!
//! Knows bytes and lines; nothing of connections, commands or what the answers are wanted for. Whatever arrives, memory stays
//! bounded: text by [`reader::MAX_TEXT`], literals by never being held.

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
