//! What is tried, in order, with a message that the target refused. Pure.
//!
//! The bytes are never changed. As a literal8 where the message holds what only that may carry (RFC 3516); without its keywords; with a date that
//! every server accepts. Verification reports what is missing then.

use imapmig_core::fingerprint::Traits;
use imapmig_core::message::InternalDate;

/// The earliest date that every server accepts: some refuse or misread what lies before 1970, others what lies ahead.
const EARLIEST: i64 = 2 * 86_400;

/// One way to append a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    AsItIs,
    Literal8,
    WithoutKeywords,
    OtherDate,
}

impl Step {
    /// All, in the order in which they are tried.
    pub(crate) const ALL: [Self; 4] = [Self::AsItIs, Self::Literal8, Self::WithoutKeywords, Self::OtherDate];
}

/// What is known of the message and the target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// The target takes literal8.
    pub(crate) takes_literal8: bool,
    /// What was seen of the message's bytes.
    pub(crate) traits: Traits,
    pub(crate) has_keywords: bool,
    pub(crate) date: InternalDate,
    /// The time in seconds since 1970.
    pub(crate) now: i64,
}

/// How a message is appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) literal8: bool,
    pub(crate) keywords: bool,
    pub(crate) date: InternalDate,
}

/// The form that the message has at this step, unless the step changes nothing for it.
pub(crate) fn form(step: Step, facts: &Facts) -> Option<Form> {
    let needs_literal8 = facts.takes_literal8 && (facts.traits.nul || facts.traits.bare_lf);
    let date = accepted_everywhere(facts.date, facts.now);
    let changes = match step {
        Step::AsItIs => true,
        Step::Literal8 => needs_literal8,
        Step::WithoutKeywords => facts.has_keywords,
        Step::OtherDate => date != facts.date,
    };
    changes.then_some(Form {
        literal8: step != Step::AsItIs && needs_literal8,
        keywords: step != Step::WithoutKeywords,
        date: if step == Step::OtherDate { date } else { facts.date },
    })
}

fn accepted_everywhere(date: InternalDate, now: i64) -> InternalDate {
    let unix_seconds = date.unix_seconds.clamp(EARLIEST, now.max(EARLIEST));
    if unix_seconds == date.unix_seconds { date } else { InternalDate::utc(unix_seconds) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 1_800_000_000;

    fn plain() -> Facts {
        Facts {
            takes_literal8: true,
            traits: Traits::default(),
            has_keywords: false,
            date: InternalDate::utc(1_000_000_000),
            now: NOW,
        }
    }

    fn steps(facts: &Facts) -> Vec<Step> {
        Step::ALL.into_iter().filter(|step| form(*step, facts).is_some()).collect()
    }

    #[test]
    fn a_plain_message_is_tried_once() {
        assert_eq!(steps(&plain()), [Step::AsItIs]);
    }

    #[test]
    fn only_what_a_message_has_is_left_away() {
        let keywords = Facts { has_keywords: true, ..plain() };
        let binary = Facts { traits: Traits { nul: true, ..Traits::default() }, ..plain() };
        let old = Facts { date: InternalDate::utc(-5), ..plain() };
        let future = Facts { date: InternalDate::utc(NOW + 86_400), ..plain() };

        assert_eq!(steps(&keywords), [Step::AsItIs, Step::WithoutKeywords]);
        assert_eq!(steps(&binary), [Step::AsItIs, Step::Literal8]);
        assert_eq!(steps(&Facts { takes_literal8: false, ..binary }), [Step::AsItIs]);
        assert_eq!(form(Step::OtherDate, &old).map(|form| form.date), Some(InternalDate::utc(EARLIEST)));
        assert_eq!(form(Step::OtherDate, &future).map(|form| form.date), Some(InternalDate::utc(NOW)));
    }

    #[test]
    fn only_dates_that_servers_refuse_are_changed() {
        let now = 1_800_000_000;
        let kept = InternalDate { unix_seconds: 1_000_000_000, offset_minutes: 120 };

        assert_eq!(accepted_everywhere(kept, now), kept);
        assert_eq!(accepted_everywhere(InternalDate::utc(-86_400 * 3650), now), InternalDate::utc(EARLIEST));
        assert_eq!(accepted_everywhere(InternalDate::utc(now + 5_000_000), now), InternalDate::utc(now));
    }

    proptest! {
        #[test]
        fn the_first_form_is_the_message_itself_and_no_later_one_is_the_same(
            takes_literal8: bool, nul: bool, bare_lf: bool, has_keywords: bool, seconds in -1_000_000_i64..4_000_000_000,
        ) {
            let facts = Facts {
                takes_literal8,
                traits: Traits { nul, bare_lf, ..Traits::default() },
                has_keywords,
                date: InternalDate::utc(seconds),
                now: NOW,
            };
            let itself = Form { literal8: false, keywords: true, date: facts.date };

            let forms: Vec<_> = Step::ALL.into_iter().filter_map(|step| form(step, &facts)).collect();

            prop_assert_eq!(forms[0], itself);
            prop_assert!(forms[1..].iter().all(|later| *later != itself));
            prop_assert!(forms.iter().all(|form| takes_literal8 || !form.literal8));
        }
    }
}
