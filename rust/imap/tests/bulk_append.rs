//! Appends in every mode that servers offer, refused messages, and what is known when the connection ends.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod bulk_support;

use bulk_support::{
    Outcomes, append, append_all, finish, head, messages, refusal, server, stored, target_in,
};
use imapmig_core::failure::{FailureKind, Scope};
use imapmig_core::folder::FolderPath;
use imapmig_core::ports::target::{AppendOutcome, RefusalKind};
use imapmig_testkit::{Fault, Message, MessageBuilder, Personality, What, When};
use std::time::Duration;

fn modes() -> Vec<(&'static str, Personality)> {
    let generic = Personality::generic;
    vec![
        ("MULTIAPPEND with LITERAL+", generic()),
        ("LITERAL+", generic().without("MULTIAPPEND")),
        ("LITERAL-", generic().without("MULTIAPPEND").without("LITERAL+").with("LITERAL-")),
        ("MULTIAPPEND with LITERAL-", generic().without("LITERAL+").with("LITERAL-")),
        ("MULTIAPPEND with synchronizing literals", generic().without("LITERAL+")),
        ("synchronizing literals", generic().without("MULTIAPPEND").without("LITERAL+")),
        ("dovecot", Personality::dovecot()),
        ("courier", Personality::courier_like()),
        ("cyrus", Personality::cyrus_like()),
        ("gmail", Personality::gmail_like()),
    ]
}

#[test]
fn every_mode_stores_every_message_once_and_in_order() {
    let messages = messages(330);
    for (mode, personality) in modes() {
        let server = server(personality);
        let mut target = target_in(server.port(), "Archive");
        let mut outcomes = Outcomes::new();

        append_all(&mut *target, &messages, &mut outcomes).unwrap();

        let there = server.messages("terry.adams", "Archive");
        assert_eq!((there.len(), outcomes.len()), (330, 330), "{mode}");
        for (key, (sent, kept)) in messages.iter().zip(&there).enumerate() {
            assert!(sent.raw == kept.raw, "{mode}: message {key}");
            assert_eq!((&sent.flags, &sent.keywords), (&kept.flags, &kept.keywords), "{mode}");
            assert_eq!(sent.internal_date, kept.internal_date, "{mode}");
            assert_eq!(stored(&outcomes[&(key as u64)]), Some(kept.uid), "{mode}");
        }
    }
}

#[test]
fn without_uidplus_messages_are_stored_without_a_place() {
    for personality in [Personality::generic(), Personality::generic().without("MULTIAPPEND")] {
        let server = server(personality.without("UIDPLUS"));
        let mut target = target_in(server.port(), "Archive");
        let mut outcomes = Outcomes::new();

        append_all(&mut *target, &messages(150), &mut outcomes).unwrap();

        assert_eq!(server.messages("terry.adams", "Archive").len(), 150);
        assert!(outcomes.len() == 150 && outcomes.values().all(|o| stored(o).is_none()));
    }
}

#[test]
fn multiappend_puts_many_messages_into_few_commands() {
    let server = server(Personality::generic());
    let mut target = target_in(server.port(), "Archive");

    append_all(&mut *target, &messages(200), &mut Outcomes::new()).unwrap();

    assert_eq!(server.count("APPEND"), 2);
}

#[test]
fn a_message_finished_by_itself_goes_by_itself() {
    let server = server(Personality::generic());
    let mut target = target_in(server.port(), "Archive");
    let mut outcomes = Outcomes::new();

    for (key, message) in messages(3).iter().enumerate() {
        append(&mut *target, &head(key, message), &message.raw, &mut outcomes).unwrap();
        finish(&mut *target, &mut outcomes).unwrap();
        assert_eq!(outcomes.len(), key + 1);
    }

    assert_eq!(server.count("APPEND"), 3);
}

#[test]
fn a_refused_group_stores_nothing_and_blames_nobody() {
    let personality = Personality::generic()
        .refusing(|m| m.raw.windows(9).any(|w| w == b"Message 5").then(|| "NO I do not like it".to_owned()));
    let server = server(personality);
    let mut target = target_in(server.port(), "Archive");
    let messages = messages(10);
    let mut outcomes = Outcomes::new();

    append_all(&mut *target, &messages, &mut outcomes).unwrap();

    assert!(outcomes.len() == 10 && outcomes.values().all(|o| refusal(o).0 == RefusalKind::Neighbour));
    assert!(server.messages("terry.adams", "Archive").is_empty());

    // One by one, only the culprit stays out.
    let mut alone = Outcomes::new();
    for (key, message) in messages.iter().enumerate() {
        append(&mut *target, &head(key, message), &message.raw, &mut alone).unwrap();
        finish(&mut *target, &mut alone).unwrap();
    }
    assert_eq!(refusal(&alone[&5]).0, RefusalKind::Message);
    assert_eq!(server.messages("terry.adams", "Archive").len(), 9);
}

#[test]
fn a_refused_message_in_the_window_is_the_only_one_left_out() {
    for literals in ["LITERAL+", "LITERAL-", ""] {
        let mut personality = Personality::generic().without("MULTIAPPEND").without("LITERAL+");
        if !literals.is_empty() {
            personality = personality.with(literals);
        }
        let server = server(personality.refusing(|m| {
            m.raw
                .windows(10)
                .any(|w| w == b"Message 77")
                .then(|| "NO Message contains NUL characters".to_owned())
        }));
        let mut target = target_in(server.port(), "Archive");
        let mut outcomes = Outcomes::new();

        append_all(&mut *target, &messages(150), &mut outcomes).unwrap();

        assert_eq!(server.messages("terry.adams", "Archive").len(), 149, "{literals}");
        let refused: Vec<_> =
            outcomes.iter().filter(|(_, o)| matches!(o, AppendOutcome::Refused { .. })).collect();
        assert_eq!(refused.len(), 1, "{literals}");
        assert_eq!((*refused[0].0, refusal(refused[0].1).0), (77, RefusalKind::Message), "{literals}");
    }
}

#[test]
fn what_is_over_the_told_limit_is_refused_unsent() {
    let server = server(Personality::generic().with("APPENDLIMIT=5000"));
    let mut target = target_in(server.port(), "Archive");
    let mut outcomes = Outcomes::new();

    append_all(&mut *target, &messages(8), &mut outcomes).unwrap();

    assert_eq!(refusal(&outcomes[&3]).0, RefusalKind::TooLarge);
    assert_eq!(outcomes.values().filter(|o| matches!(o, AppendOutcome::Stored(_))).count(), 6);
    assert_eq!(server.messages("terry.adams", "Archive").len(), 6);
}

#[test]
fn an_untold_limit_refuses_before_or_after_the_bytes_and_the_connection_goes_on() {
    for personality in [
        Personality::generic().without("MULTIAPPEND"),
        Personality::generic().without("MULTIAPPEND").without("LITERAL+"),
        Personality::exchange_online(),
    ] {
        let exchange = !personality.login.passwords;
        let mut personality = personality.with_max_size(20_000, "NO Maximum message size exceeded. 11");
        personality.login.passwords = true;
        let server = server(personality);
        let mut target = target_in(server.port(), "Import");
        let mut outcomes = Outcomes::new();

        append_all(&mut *target, &messages(8), &mut outcomes).unwrap();

        assert_eq!(refusal(&outcomes[&3]).0, RefusalKind::TooLarge, "exchange: {exchange}");
        assert_eq!(server.messages("terry.adams", "Import").len(), 6);
    }
}

#[test]
fn a_full_mailbox_is_told_as_quota() {
    let server = server(Personality::generic().without("MULTIAPPEND").with_quota(30_000));
    let mut target = target_in(server.port(), "Archive");
    let mut outcomes = Outcomes::new();

    append_all(&mut *target, &messages(8), &mut outcomes).unwrap();

    assert_eq!(refusal(&outcomes[&7]).0, RefusalKind::Quota);
}

#[test]
fn a_throttled_append_tells_the_stated_pause() {
    let server = server(Personality::generic().without("MULTIAPPEND"));
    let mut target = target_in(server.port(), "Archive");
    server.faults().arm(Fault::new(When::BeforeCommit, What::Throttle(Duration::from_secs(300))));
    let mut outcomes = Outcomes::new();

    append_all(&mut *target, &messages(1), &mut outcomes).unwrap();

    let (kind, pause) = refusal(&outcomes[&0]);
    assert_eq!(kind, RefusalKind::Throttled);
    assert!(pause.is_some_and(|p| p > Duration::from_secs(290)), "{pause:?}");
}

#[test]
fn a_vanished_mailbox_costs_the_mailbox_and_not_the_session() {
    for personality in [Personality::generic(), Personality::generic().without("MULTIAPPEND")] {
        let server = server(personality);
        let mut target = target_in(server.port(), "Archive");
        server.remove_mailbox("terry.adams", "Archive");

        let failure = append_all(&mut *target, &messages(5), &mut Outcomes::new()).unwrap_err();

        assert_eq!((failure.scope, failure.kind), (Scope::Mailbox, FailureKind::NotFound));
        let other = target.create(&FolderPath::new(["Other"]), None).unwrap();
        target.open(&other).unwrap();
        append_all(&mut *target, &messages(5), &mut Outcomes::new()).unwrap();
        assert_eq!(server.messages("terry.adams", "Other").len(), 5);
    }
}

#[test]
fn an_empty_message_never_shares_a_command() {
    for (personality, refused) in
        [(Personality::generic(), false), (Personality::dovecot(), true), (Personality::cyrus_like(), true)]
    {
        let server = server(personality);
        let mut target = target_in(server.port(), "Archive");
        let mut outcomes = Outcomes::new();
        let mut messages = messages(5);
        messages[2] = Message::from_bytes("");

        append_all(&mut *target, &messages, &mut outcomes).unwrap();

        assert_eq!(
            matches!(outcomes[&2], AppendOutcome::Refused { kind: RefusalKind::Message, .. }),
            refused
        );
        assert_eq!(server.messages("terry.adams", "Archive").len(), if refused { 4 } else { 5 });
    }
}

#[test]
fn a_literal8_is_sent_where_the_server_takes_it() {
    for (personality, mark) in [
        (Personality::cyrus_like(), " ~{"),
        (Personality::cyrus_like().without("MULTIAPPEND").without("LITERAL+"), " ~{"),
        (Personality::cyrus_like().without("BINARY"), " {"),
    ] {
        let server = server(personality);
        let mut target = target_in(server.port(), "Archive");
        let message = MessageBuilder::new("NUL").nul().build();
        let head = imapmig_core::ports::target::AppendHead { literal8: true, ..head(0, &message) };
        let mut outcomes = Outcomes::new();

        append(&mut *target, &head, &message.raw, &mut outcomes).unwrap();
        finish(&mut *target, &mut outcomes).unwrap();

        let command = server.commands().into_iter().find(|c| c.starts_with("APPEND")).unwrap();
        assert!(command.contains(mark), "{command}");
        assert_eq!(matches!(outcomes[&0], AppendOutcome::Stored(_)), mark == " ~{");
    }
}

#[test]
fn outcomes_come_while_more_is_appended() {
    let server = server(Personality::generic().without("MULTIAPPEND"));
    let mut target = target_in(server.port(), "Archive");
    let mut outcomes = Outcomes::new();

    for (key, message) in messages(200).iter().enumerate() {
        append(&mut *target, &head(key, message), &message.raw, &mut outcomes).unwrap();
    }

    assert!(outcomes.len() >= 200 - 64, "{}", outcomes.len());
}
