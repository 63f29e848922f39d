//! The text of an APPEND command. RFC 3501 section 6.3.11, RFC 3502, RFC 3516, RFC 7888.

use crate::capability::Literals;
use crate::command::goes_at_once;
use crate::wire::date;
use imapmig_core::message::InternalDate;
use imapmig_core::ports::target::AppendHead;

/// From this size on, a message is sent in a command of its own and waits for the continuation request, so that the server can refuse
/// it before its bytes are sent. With LITERAL+ Cyrus ends the connection over a message that is too large.
pub(super) const LARGE: u64 = 4 * 1024 * 1024;

/// Returns `true` if the message needs a command of its own: in MULTIAPPEND an empty message means abort (RFC 3502).
pub(super) fn goes_alone(size: u64) -> bool {
    size == 0 || size >= LARGE
}

/// Returns `true` if the message's bytes follow without waiting for a continuation request.
pub(super) fn follows_at_once(literals: Literals, size: u64) -> bool {
    // Dovecot and Cyrus refuse an empty message at once, and Cyrus takes the line end behind it for a command.
    !goes_alone(size) && usize::try_from(size).is_ok_and(|size| goes_at_once(literals, size))
}

/// What stands before a message's bytes: ` (flags) "date" {n+}` and the line end.
pub(crate) fn message_head(head: &AppendHead, date: InternalDate, literal8: bool, at_once: bool) -> String {
    let flags: Vec<&str> = head.flags.wire().filter(|flag| is_flag(flag)).collect();
    let mut text = String::new();
    if !flags.is_empty() {
        text.push_str(&format!(" ({})", flags.join(" ")));
    }
    if let Some(date) = date::format(date) {
        text.push_str(&format!(" {date}"));
    }
    let tilde = if literal8 { "~" } else { "" };
    let plus = if at_once { "+" } else { "" };
    text.push_str(&format!(" {tilde}{{{}{plus}}}\r\n", head.size));
    text
}

/// Returns `true` if a flag can be written at all; some servers list keywords that no client could set.
pub(crate) fn is_flag(flag: &str) -> bool {
    let word = flag.strip_prefix('\\').unwrap_or(flag);
    let forbidden =
        |b: u8| !b.is_ascii_graphic() || matches!(b, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']');
    !word.is_empty() && !word.bytes().any(forbidden)
}

#[cfg(test)]
mod tests {
    use super::{LARGE, follows_at_once, message_head};
    use crate::capability::Literals;
    use imapmig_core::message::{Flags, InternalDate};
    use imapmig_core::ports::target::{AppendHead, AppendKey};

    fn head(flags: &[&str]) -> AppendHead {
        AppendHead {
            key: AppendKey(1),
            size: 310,
            flags: Flags::from_wire(flags.iter().copied()),
            internal_date: InternalDate { unix_seconds: 837_596_665, offset_minutes: -420 },
            literal8: false,
            origin: String::new(),
        }
    }

    #[test]
    fn flags_and_date_stand_before_the_literal() {
        let head = head(&["\\Seen", "$Forwarded"]);

        let text = message_head(&head, head.internal_date, false, true);

        assert_eq!(text, " (\\Seen $Forwarded) \"17-Jul-1996 02:44:25 -0700\" {310+}\r\n");
    }

    #[test]
    fn a_literal8_waits_where_it_must() {
        let head = head(&[]);

        let text = message_head(&head, head.internal_date, true, false);

        assert_eq!(text, " \"17-Jul-1996 02:44:25 -0700\" ~{310}\r\n");
    }

    #[test]
    fn a_keyword_that_no_client_can_write_is_left_out() {
        let head = head(&["a(b", "\u{e4}", "x]y", "ok"]);

        let text = message_head(&head, head.internal_date, false, true);

        assert!(text.starts_with(" (ok) "), "{text}");
    }

    #[test]
    fn empty_and_large_messages_wait_for_leave() {
        let at_once = |literals, size| follows_at_once(literals, size);

        assert!(at_once(Literals::All, LARGE - 1));
        assert!(!at_once(Literals::All, LARGE));
        assert!(!at_once(Literals::All, 0));
        assert!(at_once(Literals::Small, 4096));
        assert!(!at_once(Literals::Small, 4097));
        assert!(!at_once(Literals::Synchronizing, 1));
    }
}
