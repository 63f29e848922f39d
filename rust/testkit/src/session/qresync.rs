//! Quick resynchronization (RFC 7162, section 3.2): what changed and what vanished since a client last looked.

use crate::sets::{NumberSet, compact, contains};
use crate::store::MailboxState;
use crate::syntax::Args;

/// The client's state of a mailbox that it selects.
pub(super) struct Known {
    validity: u32,
    modseq: u64,
    uids: Option<NumberSet>,
}

/// The parameters of SELECT: `(CONDSTORE)`, `(QRESYNC (validity modseq [uids [sequence match]]))`, or none.
/// `None` if they are not understood. The sequence match is only a hint, and ignored.
pub(super) fn parameters(args: &mut Args) -> Option<Option<Known>> {
    if args.is_empty() {
        return Some(None);
    }
    let words = args.list()?;
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|w| !is(w, "CONDSTORE")).collect();
    match words[..] {
        [] => Some(None),
        [name, validity, modseq, ref rest @ ..] if is(name, "QRESYNC") => {
            let uids = match rest.first() {
                Some(set) => Some(NumberSet::parse(set)?),
                None => None,
            };
            Some(Some(Known { validity: validity.parse().ok()?, modseq: modseq.parse().ok()?, uids }))
        }
        _ => None,
    }
}

fn is(word: &str, name: &str) -> bool {
    word.eq_ignore_ascii_case(name)
}

impl Known {
    /// Returns the responses that follow those of SELECT; none if the client's UIDVALIDITY is out of date.
    pub(super) fn changes(&self, mailbox: &MailboxState) -> Vec<String> {
        if mailbox.uid_validity != self.validity {
            return Vec::new();
        }
        let known = self.uids.as_ref().map(|set| set.resolve(mailbox.uid_next.saturating_sub(1)));
        let concerns = |uid: u32| known.as_ref().is_none_or(|ranges| contains(ranges, uid));
        let mut lines: Vec<String> = vanished(mailbox, self.modseq, concerns).into_iter().collect();
        for (i, m) in mailbox.messages.iter().enumerate() {
            if m.modseq > self.modseq && concerns(m.uid) {
                let flags = m.flag_list();
                lines.push(format!(
                    "* {} FETCH (UID {} FLAGS ({flags}) MODSEQ ({}))",
                    i + 1,
                    m.uid,
                    m.modseq
                ));
            }
        }
        lines
    }
}

/// `* VANISHED (EARLIER) uids`: what was removed since, as far as it concerns the client.
pub(super) fn vanished(mailbox: &MailboxState, since: u64, concerns: impl Fn(u32) -> bool) -> Option<String> {
    let removed = mailbox.vanished.iter().filter(|(uid, modseq)| *modseq > since && concerns(*uid));
    let mut uids: Vec<u32> = removed.map(|(uid, _)| *uid).collect();
    uids.sort_unstable();
    (!uids.is_empty()).then(|| format!("* VANISHED (EARLIER) {}", compact(&uids)))
}
