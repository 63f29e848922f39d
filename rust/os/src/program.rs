//! A program and what it is started with.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;

/// A program to be started in the background.
#[derive(Debug)]
pub struct Program<'a> {
    /// The executable.
    pub program: &'a Path,
    /// Its arguments.
    pub arguments: &'a [OsString],
    /// Where it starts.
    pub directory: &'a Path,
    /// An environment variable on top of the caller's.
    pub variable: (&'a str, &'a str),
    /// Where standard output and standard error go. Standard input is empty.
    pub log: File,
}
