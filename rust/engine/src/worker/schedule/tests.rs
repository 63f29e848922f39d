//! Whose turn it is, against a schedule that goes through all users each time.

use super::*;
use crate::testing::mailbox;
use proptest::prelude::*;

const USERS: usize = 7;

/// What is known of one user, by its row.
#[derive(Clone, Copy, Debug)]
struct Row {
    waits: bool,
    held: Option<i64>,
    due: bool,
    /// To be probed before any of its group copies.
    awaited: bool,
    probed: bool,
    group: Option<usize>,
}

#[derive(Clone, Debug)]
enum Event {
    Take,
    PutBack { user: usize, held: Option<i64> },
    Stop { user: usize },
    LetGo,
    Due { users: Vec<usize> },
    TakeDue,
    Later(i64),
    Reload,
}

fn event() -> impl Strategy<Value = Event> {
    let user = 0..USERS;
    prop_oneof![
        4 => Just(Event::Take),
        2 => (user.clone(), prop::option::of(0_i64..9)).prop_map(|(user, held)| Event::PutBack { user, held }),
        1 => user.clone().prop_map(|user| Event::Stop { user }),
        1 => Just(Event::LetGo),
        1 => prop::collection::vec(user, 0..4).prop_map(|users| Event::Due { users }),
        1 => Just(Event::TakeDue),
        1 => (1_i64..4).prop_map(Event::Later),
        1 => Just(Event::Reload),
    ]
}

struct Model {
    users: Vec<UserId>,
    rows: Vec<Row>,
    now: i64,
}

impl Model {
    fn may_copy(&self, row: &Row) -> bool {
        row.group.is_none_or(|group| {
            let mut others = self.rows.iter().filter(|other| other.group == Some(group));
            others.all(|other| !other.awaited)
        })
    }

    /// The first row that can be taken up.
    fn next(&self, busy: usize) -> Option<(UserId, Stage)> {
        self.rows.iter().enumerate().find_map(|(at, row)| {
            let ready = row.waits && row.held.is_none_or(|until| until <= self.now) && at != busy;
            let stage = match row.group {
                Some(_) if !row.probed => Stage::Probe,
                _ if self.may_copy(row) => Stage::Initial,
                _ => return None,
            };
            ready.then_some((self.users[at], stage))
        })
    }

    fn batch(&self, groups: &[Vec<usize>]) -> BatchUsers {
        let turns = self.users.iter().zip(&self.rows).map(|(user, row)| UserTurn {
            id: *user,
            status: if row.waits { UserStatus::Queued } else { UserStatus::Synced },
            began: !row.waits,
            next_sync: None,
        });
        let groups = groups.iter().map(|group| group.iter().map(|at| self.users[*at]).collect());
        BatchUsers { turns: turns.collect(), equal_passwords: groups.collect(), equal_logins: Vec::new() }
    }
}

proptest! {
    #[test]
    fn the_first_row_that_may_run_is_next_whatever_has_happened(
        pair in any::<bool>(),
        events in prop::collection::vec(event(), 0..50),
        busy in 0..2 * USERS,
    ) {
        // Rows 1 and 4 share a password, or none do.
        let groups: &[Vec<usize>] = if pair { &[vec![1, 4]] } else { &[] };
        let in_group = |at: usize| pair && [1, 4].contains(&at);
        let row = |at| Row {
            waits: true, held: None, due: false, awaited: in_group(at), probed: false, group: in_group(at).then_some(0),
        };
        let mut model =
            Model { users: (0..USERS).map(|_| UserId::new()).collect(), rows: (0..USERS).map(row).collect(), now: 0 };
        let mut schedule = Schedule::new(model.batch(groups), None);
        let busy_user = model.users.get(busy).copied();
        let free = |user: UserId| Some(user) != busy_user;

        for event in events {
            match event {
                Event::Take => {
                    let next = schedule.next_initial(UnixMs(model.now), free);
                    prop_assert_eq!(next, model.next(busy));
                    let Some((user, stage)) = next else { continue };
                    schedule.take(user);
                    let at = model.users.iter().position(|one| *one == user).unwrap();
                    (model.rows[at].waits, model.rows[at].due) = (false, false);
                    if stage == Stage::Probe {
                        schedule.shared_mailboxes.saw(user, Some(mailbox(u32::try_from(at).unwrap() + 1, 3)));
                        (model.rows[at].probed, model.rows[at].awaited) = (true, false);
                        schedule.put_back(user, None);
                        (model.rows[at].waits, model.rows[at].held) = (true, None);
                    }
                }
                Event::PutBack { user, held } => {
                    schedule.put_back(model.users[user], held.map(UnixMs));
                    (model.rows[user].waits, model.rows[user].held) = (true, held);
                }
                Event::Stop { user } => {
                    schedule.take(model.users[user]);
                    schedule.shared_mailboxes.pass_over(model.users[user]);
                    let row = &mut model.rows[user];
                    (row.waits, row.due, row.awaited) = (false, false, false);
                }
                Event::LetGo => {
                    let mut waiting = schedule.let_go();
                    waiting.sort_unstable();
                    let mut expected: Vec<_> =
                        (0..USERS).filter(|at| model.rows[*at].waits).map(|at| model.users[at]).collect();
                    expected.sort_unstable();
                    prop_assert_eq!(waiting, expected);
                    model.rows.iter_mut().for_each(|row| row.held = None);
                }
                Event::Due { users } => {
                    for user in &users {
                        model.rows[*user].due = true;
                    }
                    schedule.add_due(users.into_iter().map(|at| model.users[at]).collect(), None);
                }
                Event::TakeDue => {
                    let next = schedule.next_incremental(free);
                    let at = (0..USERS).find(|at| model.rows[*at].due && *at != busy);
                    prop_assert_eq!(next, at.map(|at| model.users[at]));
                    if let (Some(user), Some(at)) = (next, at) {
                        schedule.take(user);
                        (model.rows[at].due, model.rows[at].waits) = (false, false);
                    }
                }
                Event::Later(span) => model.now += span,
                // The batch is read anew when users were added; those that wait keep their pauses.
                Event::Reload => {
                    if pair {
                        continue;
                    }
                    schedule = Schedule::new(model.batch(groups), Some(schedule));
                    model.rows.iter_mut().for_each(|row| row.due = false);
                    let waiting = model.rows.iter().filter(|row| row.waits).count();
                    prop_assert!(schedule.knows_all(u32::try_from(waiting).unwrap()));
                    prop_assert!(!schedule.knows_all(u32::try_from(waiting).unwrap() + 1));
                }
            }
        }
    }
}

#[test]
fn what_is_due_is_looked_for_only_when_there_may_be_something() {
    let user = UserId::new();
    let turn = UserTurn { id: user, status: UserStatus::Synced, began: true, next_sync: Some(UnixMs(10)) };
    let users = BatchUsers { turns: vec![turn], ..BatchUsers::default() };
    let mut schedule = Schedule::new(users, None);

    assert!(!schedule.may_have_due(UnixMs(9)) && schedule.may_have_due(UnixMs(10)));
    assert!(!schedule.add_due(vec![user], Some(UnixMs(20))));
    assert!(!schedule.may_have_due(UnixMs(30)), "one is known already");
    schedule.take(user);
    assert!(!schedule.may_have_due(UnixMs(19)) && schedule.may_have_due(UnixMs(20)));
}

#[test]
fn a_request_to_sync_now_is_met_when_no_user_is_due_any_more() {
    let user = UserId::new();
    let mut schedule = Schedule::default();
    schedule.sync_now.push(1);

    assert!(schedule.may_have_due(UnixMs(0)));
    assert!(!schedule.add_due(vec![user], None));
    schedule.take(user);
    assert!(schedule.add_due(Vec::new(), None));
}
