//! The state diagrams in ARCHITECTURE.md, drawn from the tables: `UPDATE_DIAGRAMS=1` writes them anew.
//!
//! Shown are the states that are reached from the first one, and every event that leads to another state, but for removals, which
//! are possible everywhere.

use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Write};
use std::path::Path;

/// States that are drawn in one box: an arrow from the box stands for one from each of them.
type Box<S> = (&'static str, &'static [S]);

/// What makes the next state out of the states of users.
const USERS: &str = "users";

struct Diagram<S: 'static> {
    first: S,
    /// Smaller boxes first; one may lie in another.
    boxes: &'static [Box<S>],
    /// From, to and what leads there.
    arrows: Vec<(String, String, String)>,
}

/// `StopRequested` as `stop requested`.
fn words(name: &str) -> String {
    name.char_indices().fold(String::new(), |mut text, (at, c)| {
        if at > 0 && c.is_uppercase() {
            text.push(' ');
        }
        text.extend(c.to_lowercase());
        text
    })
}

fn name(of: &impl Debug) -> String {
    format!("{of:?}")
}

impl<S: Copy + Debug + Eq> Diagram<S> {
    fn named(members: &[S]) -> BTreeSet<String> {
        members.iter().map(name).collect()
    }

    /// The arrows with as many from boxes as there can be, and all events between the same two states on one.
    fn merged(&self) -> Vec<(String, String, Vec<String>)> {
        let mut by_event: Vec<((&String, &String), BTreeSet<String>)> = Vec::new();
        for (from, to, event) in &self.arrows {
            match by_event.iter_mut().find(|(key, _)| *key == (to, event)) {
                Some((_, sources)) => _ = sources.insert(from.clone()),
                None => by_event.push(((to, event), BTreeSet::from([from.clone()]))),
            }
        }
        let mut merged: Vec<(String, String, Vec<String>)> = Vec::new();
        for ((to, event), mut sources) in by_event {
            for (title, members) in self.boxes.iter().rev() {
                let members = Self::named(members);
                if members.is_subset(&sources) && !members.contains(to) {
                    sources.retain(|source| !members.contains(source));
                    sources.insert((*title).to_owned());
                }
            }
            for from in sources {
                match merged.iter_mut().find(|(f, t, _)| (f, t) == (&from, to)) {
                    Some((.., events)) => events.push(event.clone()),
                    None => merged.push((from, to.clone(), vec![event.clone()])),
                }
            }
        }
        merged
    }

    fn draw_box(&self, text: &mut String, number: usize, indent: &str) {
        let (title, members) = self.boxes[number];
        let inner =
            (0..number).rev().find(|n| self.boxes[*n].1.iter().all(|member| members.contains(member)));
        let within: &[S] = inner.map_or(&[], |inner| self.boxes[inner].1);
        let _ = writeln!(text, "{indent}state {title} {{");
        for member in members.iter().filter(|member| !within.contains(member)) {
            let _ = writeln!(text, "{indent}    {member:?}");
        }
        if let Some(inner) = inner {
            self.draw_box(text, inner, &format!("{indent}    "));
        }
        let _ = writeln!(text, "{indent}}}");
    }

    fn text(&self) -> String {
        let mut text = format!("stateDiagram-v2\n    [*] --> {:?}\n", self.first);
        if self.arrows.iter().any(|(from, ..)| from == USERS) {
            let _ = writeln!(text, "    state {USERS} <<choice>>");
        }
        let is_inner = |n: usize| {
            (n + 1..self.boxes.len()).any(|m| self.boxes[n].1.iter().all(|s| self.boxes[m].1.contains(s)))
        };
        for number in (0..self.boxes.len()).filter(|n| !is_inner(*n)) {
            self.draw_box(&mut text, number, "    ");
        }
        for (from, to, events) in self.merged() {
            let events: Vec<_> = events.into_iter().filter(|event| !event.is_empty()).collect();
            let label = if events.is_empty() { String::new() } else { format!(": {}", events.join(", ")) };
            let _ = writeln!(text, "    {from} --> {to}{label}");
        }
        text
    }
}

/// The states that are reached from the first, in the order of `all`.
fn reached<S: Copy + Eq>(first: S, all: &[S], next: impl Fn(S) -> Vec<S>) -> Vec<S> {
    let mut found = vec![first];
    let mut at = 0;
    while let Some(state) = found.get(at).copied() {
        for next in next(state) {
            if !found.contains(&next) {
                found.push(next);
            }
        }
        at += 1;
    }
    all.iter().copied().filter(|state| found.contains(state)).collect()
}

/// Facts of every kind: two users in every state, with all that may be pending.
fn facts() -> Vec<BatchFacts> {
    let mut all = Vec::new();
    for one in UserStatus::ALL {
        for other in UserStatus::ALL {
            for bits in 0..16_u8 {
                let mut counts = UserCounts::default();
                counts.add(*one, 1);
                counts.add(*other, 1);
                let [start_pending, sync_pending, repeats, completes] =
                    [1, 2, 4, 8].map(|bit| bits & bit > 0);
                all.push(BatchFacts { counts, start_pending, sync_pending, repeats, completes });
            }
        }
    }
    all
}

fn of_batch() -> Diagram<BatchStatus> {
    use BatchStatus::{
        Completed, CompletedWithErrors, Completing, Created, IncrementalSyncing, Stopped, Synced,
        SyncedWithErrors, Syncing,
    };
    let facts = facts();
    let next = |state: BatchStatus, event: BatchEvent| {
        let mut after: Vec<BatchStatus> = Vec::new();
        for next in facts.iter().filter_map(|facts| state.on(event, facts)) {
            if next != state && !after.contains(&next) {
                after.push(next);
            }
        }
        after
    };
    let events = || BatchEvent::ALL.iter().copied().filter(|event| *event != BatchEvent::RemoveRequested);
    let states =
        reached(Created, BatchStatus::ALL, |state| events().flat_map(|event| next(state, event)).collect());
    let mut arrows = Vec::new();
    let mut by_users = BTreeMap::new();
    for event in events() {
        for state in &states {
            let after = next(*state, event);
            if matches!(event, BatchEvent::Begun | BatchEvent::UsersChanged) && !after.is_empty() {
                arrows.push((name(state), USERS.to_owned(), words(&name(&event))));
                by_users.extend(after.iter().map(|after| (*after as usize, *after)));
            } else {
                arrows.extend(after.iter().map(|after| (name(state), name(after), words(&name(&event)))));
            }
        }
    }
    arrows.extend(by_users.values().map(|after| (USERS.to_owned(), name(after), String::new())));
    Diagram {
        first: Created,
        boxes: &[
            ("InStep", &[Synced, SyncedWithErrors, IncrementalSyncing]),
            ("Started", &[Syncing, Completing, Synced, SyncedWithErrors, IncrementalSyncing]),
            ("Ended", &[Stopped, Completed, CompletedWithErrors]),
        ],
        arrows,
    }
}

fn of_user() -> Diagram<UserStatus> {
    use UserStatus::{Completing, IncrementalSyncing, Queued, Synced, Syncing, Validating};
    let next = |state: UserStatus, event: UserEvent| state.on(event).filter(|next| *next != state);
    let events = || UserEvent::ALL.iter().copied().filter(|event| *event != UserEvent::RemoveRequested);
    let states =
        reached(Queued, UserStatus::ALL, |state| events().filter_map(|event| next(state, event)).collect());
    let arrows = events().flat_map(|event| {
        states
            .iter()
            .filter_map(move |state| Some((name(state), name(&next(*state, event)?), words(&name(&event)))))
    });
    Diagram {
        first: Queued,
        arrows: arrows.collect(),
        boxes: &[
            ("Initial", &[Queued, Validating, Syncing]),
            ("InStep", &[Synced, IncrementalSyncing, Completing]),
        ],
    }
}

#[test]
fn the_diagrams_in_architecture_md_are_those_of_the_tables() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ARCHITECTURE.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let drawn = [of_batch().text(), of_user().text()];

    let mut parts = page.split("```mermaid\n");
    let mut expected = parts.next().unwrap().to_owned();
    for (number, part) in parts.enumerate() {
        let (_, after) = part.split_once("```\n").unwrap();
        expected = expected + "```mermaid\n" + drawn.get(number).unwrap() + "```\n" + after;
    }
    if std::env::var_os("UPDATE_DIAGRAMS").is_some() {
        std::fs::write(&file, &expected).unwrap();
    }

    assert!(
        page == expected,
        "ARCHITECTURE.md is to be written with UPDATE_DIAGRAMS=1; drawn:\n{}",
        drawn.join("\n")
    );
}
