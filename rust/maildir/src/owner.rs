//! Marks what this process leaves on disk while it works, so that a later one knows what a crash left behind.

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

static TOKEN: LazyLock<String> = LazyLock::new(|| {
    // The number alone is not enough: in a container the next process often gets the same one.
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("{}-{started:x}", std::process::id())
});

/// What marks this process; without blanks or dots.
pub(crate) fn token() -> &'static str {
    &TOKEN
}

/// Whether the process with this token has certainly ended.
pub(crate) fn is_gone(token: &str) -> bool {
    if token == self::token() {
        return false;
    }
    match token.split('-').next().map(str::parse) {
        Some(Ok(pid)) => pid == std::process::id() || !is_running(pid),
        _ => false,
    }
}

#[cfg(unix)]
fn is_running(pid: u32) -> bool {
    use rustix::process::{Pid, test_kill_process};
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
    !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH))
}

// Without a cheap way to ask, callers fall back on the age of what they found.
#[cfg(not(unix))]
fn is_running(_: u32) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_not_gone_but_an_earlier_one_of_its_number_is() {
        assert!(!is_gone(token()));
        assert!(is_gone(&format!("{}-1", std::process::id())));
        assert!(is_gone(&format!("{}-1", i32::MAX)));
        assert!(!is_gone("rubbish"));
        if cfg!(unix) {
            assert!(!is_gone("1-1"), "somebody else runs under number 1");
        }
    }
}
