//! What the answer to an APPEND means for its messages.

use crate::answers::{Status, classify};
use crate::wire::status;
use imapmig_core::failure::{Action, Failure, FailureKind, Retry, Scope};
use imapmig_core::message::{Uid, UidValidity};
use imapmig_core::ports::target::{AppendOutcome, RefusalKind};
use imapmig_core::user::TargetId;

/// The words of servers for a disk or a mailbox without room.
const NO_ROOM: [&str; 12] = [
    "no space left",
    "disk full",
    "disk is full",
    "out of disk space",
    "insufficient disk space",
    "mailbox is full",
    "mailbox full",
    "mailbox size limit",
    "maximum mailbox size",
    "storage limit",
    "insufficient storage",
    "out of storage",
];

/// What a refusal costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// These messages only.
    Messages(AppendOutcome),
    /// Every message: the mailbox is not there.
    Mailbox(Failure),
    /// The session.
    Session(Failure),
}

/// The outcomes of `count` messages that one command stored. `next` is the lowest UID that they may have, and absent once the server
/// named one below it.
pub(super) fn stored(
    answer: &Status,
    count: usize,
    validity: Option<UidValidity>,
    next: &mut Option<Uid>,
) -> Vec<AppendOutcome> {
    match status::append_uids(answer, count) {
        Some((told, uids)) if Some(told) == validity => {
            for uid in &uids {
                *next = next.filter(|next| uid >= next).map(|_| Uid(uid.0.saturating_add(1)));
            }
            let place = |uid| next.map(|_| TargetId::Uid(uid));
            uids.into_iter().map(|uid| AppendOutcome::Stored(place(uid))).collect()
        }
        // Another UIDVALIDITY means another mailbox, so the UIDs are unknown.
        _ => vec![AppendOutcome::Stored(None); count],
    }
}

/// What a NO or BAD means for each of the `count` messages of its command.
pub(super) fn refused(answer: &Status, count: usize, host: &str) -> Refusal {
    let failure = classify(answer, Action::StoreMessage, host, Scope::Message);
    let mut pause = None;
    let kind = match failure.kind {
        FailureKind::Throttled => {
            if let Retry::After(wait) = failure.retry {
                pause = Some(wait);
            }
            RefusalKind::Throttled
        }
        FailureKind::ConnectionLimit => RefusalKind::Throttled,
        FailureKind::NotFound => return Refusal::Mailbox(failure.scope(Scope::Mailbox)),
        FailureKind::Disconnected => return Refusal::Session(failure),
        FailureKind::QuotaExceeded => RefusalKind::Quota,
        FailureKind::TooLarge => RefusalKind::TooLarge,
        FailureKind::PermissionDenied => RefusalKind::Permission,
        _ => by_words(answer),
    };
    // A group is refused as a whole because of one of its messages. Refusals that concern all of them alike are reported as they are.
    let all_alike = matches!(kind, RefusalKind::Throttled | RefusalKind::Permission);
    let kind = if count > 1 && !all_alike { RefusalKind::Neighbour } else { kind };
    Refusal::Messages(AppendOutcome::Refused { kind, text: answer.words(), pause })
}

/// Classifies refusals of servers that use words and no code.
fn by_words(answer: &Status) -> RefusalKind {
    let words = answer.text.to_ascii_lowercase();
    let any = |texts: &[&str]| texts.iter().any(|text| words.contains(text));
    // Whatever its code, a full disk refuses every message until an administrator makes room.
    if any(&NO_ROOM) {
        RefusalKind::Quota
    } else if matches!(answer.code_word().as_str(), "UNAVAILABLE" | "INUSE" | "SERVERBUG") {
        RefusalKind::Throttled
    } else if any(&[
        "size exceed",
        "maximum message size",
        "message size",
        "too large",
        "too big",
        "exceeds the maximum",
    ]) {
        RefusalKind::TooLarge
    } else if any(&["quota"]) {
        RefusalKind::Quota
    } else if any(&["access denied", "permission denied", "(acl ", "not permitted"]) {
        RefusalKind::Permission
    } else {
        RefusalKind::Message
    }
}

#[cfg(test)]
mod tests {
    use super::{Refusal, refused, stored};
    use crate::answers::Status;
    use imapmig_core::failure::{FailureKind, Scope};
    use imapmig_core::message::{Uid, UidValidity};
    use imapmig_core::ports::target::{AppendOutcome, RefusalKind};
    use imapmig_core::user::TargetId;
    use std::time::Duration;

    fn status(line: &str) -> Status {
        Status::parse(line.as_bytes()).unwrap()
    }

    fn kind(line: &str, count: usize) -> (RefusalKind, Option<Duration>) {
        match refused(&status(line), count, "h") {
            Refusal::Messages(AppendOutcome::Refused { kind, pause, .. }) => (kind, pause),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn servers_words_tell_why_a_message_was_refused() {
        let cases = [
            ("NO [TOOBIG] Message size exceeds fixed limit", RefusalKind::TooLarge),
            ("NO Message size exceeds maximum message size", RefusalKind::TooLarge),
            ("NO [OVERQUOTA] Quota exceeded (mailbox for user is full)", RefusalKind::Quota),
            ("NO Over the quota.", RefusalKind::Quota),
            ("NO Disk quota exceeded", RefusalKind::Quota),
            ("NO [SERVERBUG] write failed: No space left on device", RefusalKind::Quota),
            ("NO [UNAVAILABLE] Disk is full", RefusalKind::Quota),
            ("NO write: No space left on device", RefusalKind::Quota),
            ("NO Mailbox is full", RefusalKind::Quota),
            ("NO [LIMIT] maximum mailbox size reached", RefusalKind::Quota),
            ("BAD Insufficient storage", RefusalKind::Quota),
            (
                "NO Access denied for APPEND on #shared.users.terry adams (ACL \"i\" required)",
                RefusalKind::Permission,
            ),
            ("NO [NOPERM] no", RefusalKind::Permission),
            ("NO Message contains NUL characters", RefusalKind::Message),
            ("BAD Command Argument Error. 11", RefusalKind::Message),
            ("NO [UNAVAILABLE] later", RefusalKind::Throttled),
            ("NO [SERVERBUG] Internal error", RefusalKind::Throttled),
            ("NO [LIMIT] Too many header fields", RefusalKind::Message),
            ("NO [LIMIT] Maximum number of connections exceeded", RefusalKind::Throttled),
        ];

        for (line, expected) in cases {
            assert_eq!(kind(line, 1).0, expected, "{line}");
        }
    }

    #[test]
    fn a_stated_pause_is_kept_for_every_message_of_the_group() {
        let line = "NO Request is throttled. Suggested Backoff Time: 300000 milliseconds";

        assert_eq!(kind(line, 50), (RefusalKind::Throttled, Some(Duration::from_secs(300))));
    }

    #[test]
    fn a_refused_group_says_nothing_of_its_single_messages() {
        assert_eq!(kind("NO Message contains invalid header", 2).0, RefusalKind::Neighbour);
        assert_eq!(kind("NO [OVERQUOTA] Quota exceeded", 2).0, RefusalKind::Neighbour);
    }

    #[test]
    fn a_missing_mailbox_concerns_the_mailbox() {
        let refusal = refused(&status("NO [TRYCREATE] Mailbox doesn't exist"), 1, "h");

        assert!(
            matches!(refusal, Refusal::Mailbox(failure) if failure.kind == FailureKind::NotFound && failure.scope == Scope::Mailbox)
        );
    }

    #[test]
    fn uids_are_taken_only_for_the_mailbox_that_is_open() {
        let answer = status("OK [APPENDUID 7 30:31] done");

        let here = stored(&answer, 2, Some(UidValidity(7)), &mut Some(Uid(1)));
        let elsewhere = stored(&answer, 2, Some(UidValidity(8)), &mut Some(Uid(1)));

        let place = |uid| AppendOutcome::Stored(Some(TargetId::Uid(Uid(uid))));
        assert_eq!(here, [place(30), place(31)]);
        assert_eq!(elsewhere, [AppendOutcome::Stored(None), AppendOutcome::Stored(None)]);
    }

    #[test]
    fn a_server_that_names_a_uid_again_is_not_believed_any_more() {
        let mut next = Some(Uid(30));
        let mut ids = |uid: u32| {
            stored(&status(&format!("OK [APPENDUID 7 {uid}] x")), 1, Some(UidValidity(7)), &mut next)
        };
        let place = |uid| vec![AppendOutcome::Stored(Some(TargetId::Uid(Uid(uid))))];

        assert_eq!([ids(30), ids(35)], [place(30), place(35)]);
        assert_eq!(
            [ids(35), ids(36)],
            [vec![AppendOutcome::Stored(None)], vec![AppendOutcome::Stored(None)]]
        );
    }
}
