//! The sentences and Exchange error names that people see.

pub(crate) mod availability;
