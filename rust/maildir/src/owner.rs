//! Marks the temporary files of this process, so that a later one recognises what a crash left behind.

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

static TOKEN: LazyLock<String> = LazyLock::new(|| {
    // The process id alone is not enough: in a container the next process often gets the same one.
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("{}-{started:x}", std::process::id())
});

/// Returns the token of this process, without blanks or dots.
pub(crate) fn token() -> &'static str {
    &TOKEN
}

/// Returns `true` if the process with this token has certainly ended.
pub(crate) fn is_gone(token: &str) -> bool {
    if token == self::token() {
        return false;
    }
    match token.split('-').next().map(str::parse) {
        Some(Ok(pid)) => pid == std::process::id() || !imapmig_os::process::is_running(pid),
        _ => false,
    }
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
    }

    #[test]
    fn a_process_that_runs_is_not_gone() {
        let mut other = std::process::Command::new(std::env::current_exe().unwrap());
        let mut other = other
            .args(["--exact", "owner::tests::waits_for_its_input", "--nocapture"])
            .env("IMAPMIG_TEST_WAIT", "1")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let token = format!("{}-1", other.id());

        assert!(!is_gone(&token));
        drop(other.stdin.take());
        other.wait().unwrap();
        drop(other);
        assert!(is_gone(&token));
    }

    /// The other process of the test above; by itself it does nothing.
    #[test]
    fn waits_for_its_input() {
        if std::env::var_os("IMAPMIG_TEST_WAIT").is_some() {
            std::io::read_to_string(std::io::stdin()).unwrap();
        }
    }
}
