//! The worker's loop, with users that do as they are told.

mod completion;
mod completion_at_work;
mod confirmation;
mod counting_store;
mod expiry;
mod fleet;
mod lifecycle;
mod limits;
mod requests;
mod shared_mailbox;

use super::supervisor::Supervisor;
use super::user_job::{Job, UserWork};
use crate::analysis::Analysis;
use crate::sync::{AccountProbe, SyncDone, SyncKind};
use crate::testing::Rig;
use imapmig_core::batch::RequestKind;
use imapmig_core::cancel::Cancel;
use imapmig_core::failure::{Conduct, Failure, FailureKind, Retry, Scope, SignIn};
use imapmig_core::ids::{BatchId, ConfirmationId};
use imapmig_core::ports::store::{BatchChange, Outcome};
use imapmig_core::user::UserProgress;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// How a user's next sync ends.
enum End {
    Done,
    Fails(Failure),
    /// Not before it is stopped or let go.
    Holds,
}

/// Work that ends as tests say; done at once unless they say otherwise.
#[derive(Default)]
struct FakeWork {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Default)]
struct Inner {
    ends: HashMap<String, VecDeque<End>>,
    probes: HashMap<String, AccountProbe>,
    unseen: HashMap<String, Failure>,
    /// Every sync that began, in order.
    began: Vec<(String, SyncKind)>,
    /// Every comparison that began, in order, and whether it was by bytes.
    confirmed: Vec<(String, bool)>,
    probed: Vec<String>,
    analyzed: Vec<String>,
    running: usize,
    most_running: usize,
    let_go: bool,
}

impl FakeWork {
    fn plan(&self, address: &str, end: End) {
        self.inner.lock().unwrap().ends.entry(address.to_owned()).or_default().push_back(end);
    }

    fn let_go(&self) {
        self.inner.lock().unwrap().let_go = true;
        self.changed.notify_all();
    }

    fn began(&self) -> Vec<(String, SyncKind)> {
        self.inner.lock().unwrap().began.clone()
    }
}

impl UserWork for FakeWork {
    fn probe(&self, job: &Job) -> Result<Option<AccountProbe>, Failure> {
        let mut inner = self.inner.lock().unwrap();
        inner.probed.push(job.user.email_address.clone());
        match inner.unseen.remove(&job.user.email_address) {
            Some(failure) => Err(failure),
            None => Ok(inner.probes.get(&job.user.email_address).cloned()),
        }
    }

    fn analyze(&self, job: &Job) -> Result<Analysis, Failure> {
        let mut inner = self.inner.lock().unwrap();
        inner.analyzed.push(job.user.email_address.clone());
        match inner.ends.get_mut(&job.user.email_address).and_then(VecDeque::pop_front) {
            Some(End::Fails(failure)) => Err(failure),
            _ => {
                let progress =
                    UserProgress { total_items: 7, total_bytes: 7 * 1024 * 1024, ..UserProgress::default() };
                Ok(Analysis { progress, folders: 2, ..Analysis::default() })
            }
        }
    }

    fn sync(&self, job: &Job, kind: SyncKind) -> Result<SyncDone, Failure> {
        self.inner.lock().unwrap().began.push((job.user.email_address.clone(), kind));
        self.run(job).map(|()| SyncDone { progress: UserProgress::default(), folders: 1 })
    }

    fn confirm(&self, job: &Job, _: ConfirmationId, bytes: bool) -> Result<(), Failure> {
        self.inner.lock().unwrap().confirmed.push((job.user.email_address.clone(), bytes));
        self.run(job)
    }
}

impl FakeWork {
    /// Ends as planned.
    fn run(&self, job: &Job) -> Result<(), Failure> {
        let address = &job.user.email_address;
        let mut inner = self.inner.lock().unwrap();
        inner.running += 1;
        inner.most_running = inner.most_running.max(inner.running);
        let end = inner.ends.get_mut(address).and_then(VecDeque::pop_front).unwrap_or(End::Done);
        let result = match end {
            End::Done => Ok(()),
            End::Fails(failure) => Err(failure),
            End::Holds => {
                while !inner.let_go && !job.cancel.is_cancelled() {
                    inner = self.changed.wait_timeout(inner, Duration::from_millis(10)).unwrap().0;
                }
                if job.cancel.is_cancelled() { Err(Failure::cancelled()) } else { Ok(()) }
            }
        };
        inner.running -= 1;
        result
    }
}

/// A worker's mind on a state directory.
struct Stage {
    rig: Rig,
    work: Arc<FakeWork>,
    supervisor: Supervisor,
}

impl Stage {
    fn new() -> Self {
        let rig = Rig::new();
        let work = Arc::new(FakeWork::default());
        let supervisor = Supervisor::new(rig.context.clone(), work.clone(), Cancel::new());
        Self { rig, work, supervisor }
    }

    fn request(&self, kind: RequestKind, batch: BatchId) {
        let now = self.rig.context.now();
        let outcome =
            self.rig.context.requests.request(batch, &[kind], &BatchChange::default(), now).unwrap();
        assert!(matches!(outcome, Outcome::Done(_)), "{kind:?}: {outcome:?}");
    }

    /// Turns until it is so.
    fn until(&mut self, what: &str, so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            self.supervisor.turn().unwrap();
            if so(self) {
                return;
            }
            assert!(Instant::now() < deadline, "never came true: {what}");
            self.supervisor.rest(Duration::from_millis(20));
        }
    }

    /// Turns until no user runs and none can be taken up now.
    fn until_idle(&mut self) {
        self.until("nobody runs", |stage| !stage.supervisor.is_busy());
        self.supervisor.turn().unwrap();
    }

    fn began(&self) -> Vec<(String, SyncKind)> {
        self.work.began()
    }
}

fn refused() -> Failure {
    Failure::new(Scope::User, FailureKind::LoginRefused, SignIn::OtherMailboxNotPermitted)
}

fn lost() -> Failure {
    Failure::new(Scope::User, FailureKind::Disconnected, Conduct::Closed).retry(Retry::Reconnect)
}
