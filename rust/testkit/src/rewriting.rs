//! Answers that a server words otherwise than it should: every line goes through a function before it is sent.

use std::fmt;
use std::sync::Arc;

/// Turns a line, line end included, into what is sent instead: another line, several, or nothing.
///
/// The line that announces a literal and the one that goes on behind it are passed each by itself; the literal is not.
#[derive(Clone)]
pub struct Rewrite(Arc<dyn Fn(&str) -> String + Send + Sync>);

impl Rewrite {
    pub(crate) fn new(rewrite: impl Fn(&str) -> String + Send + Sync + 'static) -> Rewrite {
        Rewrite(Arc::new(rewrite))
    }

    pub(crate) fn apply(&self, line: &str) -> String {
        (self.0)(line)
    }
}

impl fmt::Debug for Rewrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rewrite")
    }
}
