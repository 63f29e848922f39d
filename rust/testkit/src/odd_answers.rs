//! Incorrect answers to FETCH.

/// What is answered about one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OddAnswer {
    /// Sent in place of the quoted INTERNALDATE, e.g. `NIL`; if empty, the item is missing.
    Date(String),
    /// The connection ends in place of a description without the body.
    MetadataEnds,
    /// These bytes are sent in place of a description without the body.
    Metadata(Vec<u8>),
}
