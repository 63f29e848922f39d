//! The steps that the test draws.

use super::mail::{AtSource, BODIES, Bits, FOLDERS};
use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;
use std::fmt;

/// What a user does at the target while the migration is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtTarget {
    /// New mail arrives, one that no other is equal to.
    Arrive {
        folder: u8,
        number: u8,
    },
    /// A message arrives that the source may hold as well.
    ArriveEqual {
        folder: u8,
        body: u8,
        date: u8,
    },
    Flag {
        folder: u8,
        pick: u8,
        bits: Bits,
    },
    Remove {
        folder: u8,
        pick: u8,
    },
    RemoveFolder {
        folder: u8,
    },
    Renumber {
        folder: u8,
    },
}

/// Which calls of the engine are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    Source,
    Target,
    Store,
}

/// What happens at a certain call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The worker dies, before or after the call was carried out.
    Kill {
        after: bool,
    },
    /// The connection ends, before or after the command was carried out.
    Cut {
        after: bool,
    },
    /// The connection ends, and what was being appended is stored so many calls later.
    StoredLate {
        calls: u8,
    },
    AtSource(AtSource),
    AtTarget(AtTarget),
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    AtSource(AtSource),
    AtTarget(AtTarget),
    /// A sync during which these things happen, each at the n-th call of its kind.
    Sync(Vec<(Calls, u8, Event)>),
    /// A sync during which nothing happens; afterwards everything must be right.
    UndisturbedSync,
}

/// A step that is printed in one line.
#[derive(Clone)]
pub struct Drawn(pub Step);

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// What the two servers can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manners {
    /// The source has CONDSTORE.
    pub condstore: bool,
    /// The target has UIDPLUS.
    pub uidplus: bool,
    pub hints: Hints,
}

/// A UIDNEXT.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Next {
    #[default]
    Right,
    /// 1 for every folder that holds messages.
    One,
    Missing,
}

/// Which of the things that servers say without need are wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The source's sizes of some messages.
    pub source_sizes: bool,
    /// The target's sizes of some messages.
    pub target_sizes: bool,
    /// The dates that the target shows are later than those it was given.
    pub target_dates: bool,
    /// What the target's UIDNEXT is.
    pub target_next: Next,
    /// How many messages more than it describes the source counts.
    pub exists: i8,
    /// Over what of certain messages the source ends the connection.
    pub source_ends: EndsOver,
    /// The same at the target.
    pub target_ends: EndsOver,
    /// What both servers report of folders that are not open.
    pub statuses: Statuses,
    /// The side that ends the connection whenever [`super::mail::BREAKING`] is opened.
    pub breaking: Option<Calls>,
}

/// Over what of certain messages a server ends the connection; what comes before is included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndsOver {
    #[default]
    Nothing,
    Bodies,
    Headers,
    /// They cannot even be listed.
    Listing,
}

/// What a server answers to STATUS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Statuses {
    #[default]
    Nothing,
    Right,
    /// Other numbers of messages and next UIDs.
    Wrong,
    /// What was right when it was asked last.
    Stale,
}

fn bits() -> impl Strategy<Value = Bits> + Clone {
    any::<Bits>()
}

fn number() -> std::ops::Range<u8> {
    0..u8::try_from(FOLDERS.len()).unwrap()
}

fn at_source() -> impl Strategy<Value = AtSource> + Clone {
    let folder = || prop_oneof![3 => Just(0_u8), 2 => number()];
    let pick = || any::<u8>();
    prop_oneof![
        12 => (folder(), 0..BODIES, 0..2_u8, bits())
            .prop_map(|(folder, body, date, bits)| AtSource::Deliver { folder, body, date, bits }),
        3 => (folder(), pick(), bits()).prop_map(|(folder, pick, bits)| AtSource::Flag { folder, pick, bits }),
        2 => (folder(), pick()).prop_map(|(folder, pick)| AtSource::Expunge { folder, pick }),
        1 => (folder(), pick(), number()).prop_map(|(folder, pick, to)| AtSource::Move { folder, pick, to }),
        1 => (number(), number()).prop_map(|(folder, to)| AtSource::Rename { folder, to }),
        1 => number().prop_map(|folder| AtSource::Delete { folder }),
        1 => folder().prop_map(|folder| AtSource::Renumber { folder }),
    ]
}

fn at_target() -> impl Strategy<Value = AtTarget> + Clone {
    let folder = || prop_oneof![3 => Just(0_u8), 2 => number()];
    prop_oneof![
        5 => (folder(), any::<u8>()).prop_map(|(folder, number)| AtTarget::Arrive { folder, number }),
        2 => (folder(), 0..BODIES, 0..2_u8)
            .prop_map(|(folder, body, date)| AtTarget::ArriveEqual { folder, body, date }),
        3 => (folder(), any::<u8>(), bits()).prop_map(|(folder, pick, bits)| AtTarget::Flag { folder, pick, bits }),
        2 => (folder(), any::<u8>()).prop_map(|(folder, pick)| AtTarget::Remove { folder, pick }),
        1 => number().prop_map(|folder| AtTarget::RemoveFolder { folder }),
        1 => folder().prop_map(|folder| AtTarget::Renumber { folder }),
    ]
}

fn event() -> impl Strategy<Value = (Calls, u8, Event)> + Clone {
    let calls = prop_oneof![Just(Calls::Source), Just(Calls::Target), Just(Calls::Store)];
    let connection = prop_oneof![1 => Just(Calls::Source), 3 => Just(Calls::Target)];
    let at = 0..40_u8;
    prop_oneof![
        4 => (calls.clone(), at.clone(), any::<bool>()).prop_map(|(c, n, after)| (c, n, Event::Kill { after })),
        3 => (connection, at.clone(), any::<bool>()).prop_map(|(c, n, after)| (c, n, Event::Cut { after })),
        2 => (at.clone(), 1..12_u8).prop_map(|(n, calls)| (Calls::Target, n, Event::StoredLate { calls })),
        2 => (calls.clone(), at.clone(), at_source()).prop_map(|(c, n, s)| (c, n, Event::AtSource(s))),
        3 => (calls, at, at_target()).prop_map(|(c, n, t)| (c, n, Event::AtTarget(t))),
    ]
}

fn hints() -> impl Strategy<Value = Hints> {
    // Drawn together with EXISTS, so that the kept seeds stay the cases that they were.
    let next = |is_wrong, exists| match (is_wrong, exists) {
        (true, _) => Next::One,
        (false, -1) => Next::Missing,
        (false, _) => Next::Right,
    };
    let wrong = (any::<[bool; 4]>(), prop_oneof![2 => Just(0_i8), 1 => Just(1), 1 => Just(-1)]).prop_map(
        move |([source_sizes, target_sizes, target_dates, is_wrong], exists)| match (is_wrong, exists) {
            (true, 1) => Hints { target_ends: EndsOver::Headers, ..Hints::default() },
            _ => Hints {
                source_sizes,
                target_sizes,
                target_dates,
                target_next: next(is_wrong, exists),
                exists,
                ..Hints::default()
            },
        },
    );
    prop_oneof![Just(Hints::default()), wrong]
}

/// What breaks connections, each time at the same place, and lies about folders that are not open; nothing else is wrong.
fn breaking() -> impl Strategy<Value = Hints> {
    let ends = || {
        prop_oneof![
            2 => Just(EndsOver::Nothing),
            1 => Just(EndsOver::Bodies),
            1 => Just(EndsOver::Headers),
            1 => Just(EndsOver::Listing),
        ]
    };
    let statuses = prop_oneof![
        Just(Statuses::Nothing),
        Just(Statuses::Right),
        Just(Statuses::Wrong),
        Just(Statuses::Stale)
    ];
    let breaking =
        prop_oneof![2 => Just(None), 1 => Just(Some(Calls::Source)), 1 => Just(Some(Calls::Target))];
    (ends(), ends(), statuses, breaking).prop_map(|(source_ends, target_ends, statuses, breaking)| Hints {
        source_ends,
        target_ends,
        statuses,
        breaking,
        ..Hints::default()
    })
}

/// Draws the steps. What they mean depends on what both accounts hold by then, so no state is kept here.
pub struct Draw<const BREAKING: bool>;

impl<const BREAKING: bool> ReferenceStateMachine for Draw<BREAKING> {
    type State = Manners;
    type Transition = Drawn;

    fn init_state() -> BoxedStrategy<Manners> {
        let manners = (any::<bool>(), any::<bool>(), hints())
            .prop_map(|(condstore, uidplus, hints)| Manners { condstore, uidplus, hints });
        if BREAKING {
            let both = |(manners, breaking): (Manners, Hints)| {
                let Hints { source_ends, target_ends, statuses, breaking, .. } = breaking;
                // A copy that is neither named nor listed is nowhere, so that a target of such messages alone takes none.
                let most = if manners.uidplus { EndsOver::Listing } else { EndsOver::Headers };
                let target_ends = target_ends.min(most);
                let hints = Hints { source_ends, target_ends, statuses, breaking, ..manners.hints };
                Manners { hints, ..manners }
            };
            (manners, breaking()).prop_map(both).boxed()
        } else {
            manners.boxed()
        }
    }

    fn transitions(_: &Manners) -> BoxedStrategy<Drawn> {
        prop_oneof![
            10 => at_source().prop_map(Step::AtSource),
            3 => at_target().prop_map(Step::AtTarget),
            4 => proptest::collection::vec(event(), 1..4).prop_map(Step::Sync),
            2 => Just(Step::UndisturbedSync),
        ]
        .prop_map(Drawn)
        .boxed()
    }

    fn apply(manners: Manners, _: &Drawn) -> Manners {
        manners
    }
}
