//! Reading over lines that break, and past messages that break them.

use super::*;
use crate::sync::decide::sided_failure::SidedFailure;
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Conduct, Failure, FailureKind, Retry, Scope};
use imapmig_core::message::{Digest, InternalDate, UidValidity};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn unread() -> Facts {
    Facts { size: 1, date: InternalDate::utc(0), flags: 0, content: None, header: None, key: None }
}

fn listing(uids: impl IntoIterator<Item = u32>) -> Listing<Uid> {
    let described: Vec<_> = uids.into_iter().map(|uid| (Uid(uid), unread())).collect();
    Listing {
        validity: TargetValidity::Uids(UidValidity(7)),
        exists: described.len() as u64,
        described,
        flags: FlagSets::default(),
    }
}

fn digest(uid: Uid) -> Digest {
    Digest::of(&uid.0.to_be_bytes())
}

fn seen(uid: Uid) -> Seen {
    Seen::Body {
        size: 5,
        digest: digest(uid),
        header: imapmig_core::fingerprint::HeaderPrint::of(b"a: b\r\n\r\n"),
        has_header: true,
    }
}

/// A server that breaks the connection at some messages, refuses others, and breaks every line after so many messages.
struct Peer {
    poison: BTreeSet<u32>,
    refused: BTreeSet<u32>,
    line: usize,
}

impl Peer {
    /// Reads over ever new connections; returns how many there were.
    fn read(&self, half: &mut Half<Uid>, messages: u32) -> usize {
        let cancel = Cancel::new();
        let reading = Reading { bytes: true, cancel: &cancel, each: &|_| Ok(()) };
        for connections in 1..100_000 {
            half.relist(listing(1..=messages));
            let mut left = self.line;
            let end = half.read(reading, |uids, see| {
                for uid in uids {
                    if left == 0 || self.poison.contains(&uid.0) {
                        return Err(failure(Scope::User));
                    }
                    if self.refused.contains(&uid.0) {
                        return Err(failure(Scope::Mailbox));
                    }
                    left -= 1;
                    see(uid, seen(*uid));
                }
                Ok(())
            });
            if end.is_ok() {
                return connections;
            }
        }
        panic!("it does not end");
    }
}

fn failure(scope: Scope) -> SidedFailure {
    SidedFailure::target(
        Failure::new(scope, FailureKind::Disconnected, Conduct::Closed).retry(Retry::Reconnect),
    )
}

fn read_of(half: &Half<Uid>) -> BTreeSet<u32> {
    let read = half.ids.iter().zip(&half.messages).filter(|(id, look)| look.content == Some(digest(**id)));
    read.map(|(id, _)| id.0).collect()
}

#[test]
fn what_vanishes_while_it_is_read_is_forgotten_and_what_arrives_is_not_added() {
    let mut half = Half::default();
    half.relist(listing([1, 2, 3]));

    half.drop_vanished(&listing([1, 3, 4]));

    assert_eq!((half.ids, half.exists), (vec![Uid(1), Uid(3)], 2));
}

#[test]
fn what_was_read_under_another_uidvalidity_is_read_again() {
    let mut half = Half::default();
    let peer = Peer { poison: BTreeSet::new(), refused: BTreeSet::new(), line: usize::MAX };
    peer.read(&mut half, 3);

    half.relist(Listing { validity: TargetValidity::Uids(UidValidity(8)), ..listing(1..=3) });

    assert_eq!(read_of(&half), BTreeSet::new());
}

proptest! {
    #[test]
    fn all_but_the_messages_that_break_the_line_are_read_in_bounded_time(
        messages in 1_u32..1_200,
        poison in proptest::collection::btree_set(1_u32..1_200, 0..4),
        refused in proptest::collection::btree_set(1_u32..1_200, 0..4),
        line in prop_oneof![Just(usize::MAX), 1_usize..50],
    ) {
        let mut half = Half::default();
        let peer = Peer { poison, refused, line };

        let connections = peer.read(&mut half, messages);

        let bad: BTreeSet<u32> = peer.poison.union(&peer.refused).copied().collect();
        let good: BTreeSet<u32> = (1..=messages).filter(|uid| !bad.contains(uid)).collect();
        prop_assert_eq!(read_of(&half), good);
        prop_assert_eq!(half.ids.len(), messages as usize);
        prop_assert!(!half.may_have_lost());
        // Each line that breaks brings some messages or makes requests smaller; each bad message costs a few lines of its own.
        let lines = messages as usize / peer.line.min(1_200) + 1;
        prop_assert!(connections <= 2 * lines + 8 * (bad.len() + 1), "{connections} connections");
    }
}
