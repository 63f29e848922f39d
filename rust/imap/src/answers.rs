//! What a server's status answer means: which words are a wrong password, a limit, a throttle, a missing permission.
//!
//! The one place that reads servers' texts. RFC 5530 codes first, then the words that well-known servers use without a code.

use imapmig_core::failure::{Action, Conduct, Failure, FailureKind, Retry, Scope, SignIn, printable};
use imapmig_core::secret::hide;
use std::time::Duration;

/// Longest pause that is honoured; a server that asks for more is mistaken.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_hours(24);

/// The condition of a status answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Done.
    Ok,
    /// Not done.
    No,
    /// Not understood.
    Bad,
    /// The server ends the connection.
    Bye,
    /// Signed in from the start; only as a greeting.
    PreAuth,
}

/// A status answer: `OK [CODE arguments] text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its condition.
    pub condition: Condition,
    /// The text in square brackets, in the server's own case.
    pub code: Option<String>,
    /// The human-readable text, without code and line end.
    pub text: String,
}

impl Status {
    /// Parses what follows the tag or `* `. Returns `None` if it is not a status answer.
    #[must_use]
    pub fn parse(line: &[u8]) -> Option<Self> {
        let line = String::from_utf8_lossy(line);
        let line = printable(line.trim_end_matches(['\r', '\n']).to_owned());
        let line = line.as_str();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let condition = match word.to_ascii_uppercase().as_str() {
            "OK" => Condition::Ok,
            "NO" => Condition::No,
            "BAD" => Condition::Bad,
            "BYE" => Condition::Bye,
            "PREAUTH" => Condition::PreAuth,
            _ => return None,
        };
        let (code, text) = match rest.strip_prefix('[').and_then(split_code) {
            Some((code, text)) => (Some(code.to_owned()), text.trim_start()),
            None => (None, rest),
        };
        Some(Self { condition, code, text: text.to_owned() })
    }

    /// Returns `true` if the condition is OK.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.condition == Condition::Ok
    }

    /// The code's first word in upper case, empty without a code.
    #[must_use]
    pub fn code_word(&self) -> String {
        let code = self.code.as_deref().unwrap_or("");
        code.split(' ').next().unwrap_or("").to_ascii_uppercase()
    }

    /// Returns what follows the first word of the code, if that is `word`.
    #[must_use]
    pub fn code_arguments(&self, word: &str) -> Option<&str> {
        let code = self.code.as_deref()?;
        let (name, arguments) = code.split_once(' ').unwrap_or((code, ""));
        name.eq_ignore_ascii_case(word).then_some(arguments)
    }

    /// The answer in the server's own words, code included.
    #[must_use]
    pub fn words(&self) -> String {
        let condition = match self.condition {
            Condition::Ok => "OK",
            Condition::No => "NO",
            Condition::Bad => "BAD",
            Condition::Bye => "BYE",
            Condition::PreAuth => "PREAUTH",
        };
        let text = hide(self.text.clone());
        match &self.code {
            Some(code) => format!("{condition} [{}] {text}", hide(code.clone())),
            None => format!("{condition} {text}"),
        }
    }
}

/// Splits what follows `[` at the end of the code. A list in it (`PERMANENTFLAGS (a]b)`) may hold what is no end.
fn split_code(rest: &str) -> Option<(&str, &str)> {
    let (code, text) = rest.split_once(']')?;
    if !code.contains('(') || code.contains(')') {
        return Some((code, text));
    }
    let end = rest.find(")]").filter(|_| !text.starts_with(' '));
    end.map_or(Some((code, text)), |end| Some((&rest[..=end], &rest[end + 2..])))
}

/// Returns the failure for a refusal of `action` by the server at `host`. `scope` is the scope of an ordinary refusal.
///
/// Limits, throttling and the end of the connection have the scope `User` whatever the action.
#[must_use]
pub fn classify(status: &Status, action: Action, host: &str, scope: Scope) -> Failure {
    let words = status.words();
    let code = status.code_word();
    // The text of an answer about a folder may contain the folder's name, which may read like anything.
    let about_folder = matches!(code.as_str(), "NONEXISTENT" | "TRYCREATE" | "ALREADYEXISTS" | "CANNOT");
    let lower = if about_folder { String::new() } else { words.to_ascii_lowercase() };
    let user = |kind, conduct: Conduct| Failure::new(Scope::User, kind, conduct.of(host));

    let failure = if let Some(pause) = stated_pause(&lower) {
        user(FailureKind::Throttled, Conduct::AskedToWait(pause)).retry(Retry::After(pause))
    } else if lower.contains("accesstokenexpired") || lower.contains("session invalidated") {
        user(FailureKind::Disconnected, Conduct::TokenExpired)
    } else if lower.contains("authenticated but not connected") {
        Failure::new(Scope::User, FailureKind::PermissionDenied, SignIn::MailboxNotPermitted)
    } else if code == "THROTTLED" || lower.contains("throttled") || lower.contains("rate limit") {
        user(FailureKind::Throttled, Conduct::AskedToSlowDown).retry(Retry::After(Duration::from_secs(60)))
    } else if (code == "LIMIT" && scope >= Scope::User) || is_connection_limit(&lower) {
        user(FailureKind::ConnectionLimit, Conduct::ConnectionLimit)
    } else if code == "OVERQUOTA" || lower.contains("quota exceeded") || lower.contains("over quota") {
        user(FailureKind::QuotaExceeded, Conduct::MailboxFull)
    } else if status.condition == Condition::Bye {
        user(FailureKind::Disconnected, Conduct::Bye)
    } else if code == "UNAVAILABLE" || code == "INUSE" || code == "SERVERBUG" {
        Failure::new(scope, FailureKind::Refused, Conduct::Unable(action).of(host)).retry(Retry::Reconnect)
    } else {
        let kind = match code.as_str() {
            "NOPERM" | "AUTHORIZATIONFAILED" => FailureKind::PermissionDenied,
            "NONEXISTENT" | "TRYCREATE" => FailureKind::NotFound,
            "TOOBIG" => FailureKind::TooLarge,
            _ => FailureKind::Refused,
        };
        Failure::new(scope, kind, Conduct::Refused(action).of(host))
    };
    failure.said(words)
}

/// The pause a server asks for, where it states one (`Suggested Backoff Time: 299961 milliseconds`).
#[must_use]
pub fn stated_pause(text: &str) -> Option<Duration> {
    let lower = text.to_ascii_lowercase();
    let at = ["backoff time:", "backoff:", "retry after", "try again in"]
        .iter()
        .find_map(|words| lower.find(words).map(|at| at + words.len()))?;
    let rest = lower[at..].trim_start_matches([' ', ':']);
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let count: u64 = rest[..digits].parse().ok()?;
    let unit = rest[digits..].trim_start();
    let millis = if unit.starts_with("ms") || unit.starts_with("milli") {
        count
    } else if unit.starts_with("min") {
        count.saturating_mul(60_000)
    } else {
        count.saturating_mul(1000)
    };
    Some(Duration::from_millis(millis).min(LONGEST_PAUSE))
}

/// Recognises servers that report a connection limit without a code: Courier, Dovecot before 2.0, Gmail, Cyrus.
fn is_connection_limit(lower: &str) -> bool {
    lower.contains("too many")
        && (lower.contains("connection") || lower.contains("session") || lower.contains("login"))
        || lower.contains("maximum number of connections")
        || lower.contains("connection limit")
}

#[cfg(test)]
mod tests {
    use super::{Condition, Status, classify, stated_pause};
    use imapmig_core::failure::{Action, FailureKind, Retry, Scope, SignIn};
    use std::time::Duration;

    fn kind_of(line: &str) -> (FailureKind, Retry) {
        let status = Status::parse(line.as_bytes()).unwrap();
        let failure = classify(&status, Action::OpenInbox, "imap.contoso.com", Scope::Mailbox);
        (failure.kind, failure.retry)
    }

    #[test]
    fn a_status_is_read_with_its_code() {
        let status = Status::parse(b"no [AUTHENTICATIONFAILED] Authentication failed.\r\n").unwrap();

        assert_eq!(status.condition, Condition::No);
        assert_eq!(status.code_word(), "AUTHENTICATIONFAILED");
        assert_eq!(status.text, "Authentication failed.");
    }

    #[test]
    fn a_status_in_another_character_set_is_still_read() {
        let status = Status::parse(b"NO Anmeldung ung\xfcltig\r\n").unwrap();

        assert_eq!(status.condition, Condition::No);
    }

    #[test]
    fn a_folders_name_in_an_answer_is_no_reason_to_wait() {
        let asked = kind_of(
            "NO [NONEXISTENT] Mailbox doesn't exist: Rate limit/Quota exceeded/Retry after 5 minutes",
        );

        assert_eq!(asked, (FailureKind::NotFound, Retry::Never));
    }

    #[test]
    fn exchanges_stated_backoff_is_the_pause() {
        let text = "Request is throttled. Suggested Backoff Time: 299961 milliseconds";

        assert_eq!(stated_pause(text), Some(Duration::from_millis(299_961)));
        assert_eq!(
            kind_of(&format!("BAD {text}")),
            (FailureKind::Throttled, Retry::After(Duration::from_millis(299_961)))
        );
    }

    #[test]
    fn no_server_keeps_a_user_waiting_for_more_than_a_day() {
        for text in ["Backoff Time: 18446744073709551615 milliseconds", "retry after 999999999 minutes"] {
            assert_eq!(stated_pause(text), Some(Duration::from_hours(24)), "{text}");
        }
    }

    #[test]
    fn what_a_server_says_cannot_drive_a_terminal() {
        let status = Status::parse(b"NO [ALERT\x07] \x1b[2Jno\tmail\0\r\n").unwrap();

        assert_eq!(status.words(), "NO [ALERT\\u{7}] \\u{1b}[2Jno mail\\u{0}");
    }

    #[test]
    fn a_connection_too_many_is_worth_another_try() {
        let line =
            "NO [LIMIT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=2)";

        assert_eq!(kind_of(line), (FailureKind::ConnectionLimit, Retry::Reconnect));
    }

    #[test]
    fn a_limit_that_one_folder_meets_is_about_that_folder() {
        assert_eq!(kind_of("NO [LIMIT] Too deeply nested"), (FailureKind::Refused, Retry::Never));
    }

    #[test]
    fn an_expired_token_is_worth_another_try() {
        assert_eq!(
            kind_of("BYE Session invalidated - AccessTokenExpired"),
            (FailureKind::Disconnected, Retry::Reconnect)
        );
    }

    #[test]
    fn a_missing_mailbox_permission_is_named() {
        let status = Status::parse(b"BAD User is authenticated but not connected.").unwrap();

        let failure = classify(&status, Action::OpenInbox, "outlook.office365.com", Scope::Mailbox);

        assert_eq!((failure.kind, failure.retry), (FailureKind::PermissionDenied, Retry::Never));
        assert_eq!(*failure.case, SignIn::MailboxNotPermitted.into());
    }
}
