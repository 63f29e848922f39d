//! Answers to FETCH that are not as they should be.

/// What is answered about one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OddAnswer {
    /// This stands for the quoted INTERNALDATE, e.g. `NIL`; empty: the item is missing.
    Date(String),
    /// The connection ends where the message would be described without its body.
    MetadataEnds,
    /// These bytes come where the message would be described without its body.
    Metadata(Vec<u8>),
}
