//! The raw floor: what fetching and appending cost when nothing is written down, compared or done again.
//!
//! Several pairs of connections take portions of folders from a queue. A pair fetches ahead and appends what has
//! arrived as MULTIAPPEND without waiting for answers. What is faster than this does less.

mod connection;

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use connection::{Connection, Message, Reader, Writer};

use crate::job::{Job, Pass, TARGET_PASSWORD, source_password};
use crate::measure::{Cost, own_cpu};

/// Messages fetched by one command and appended by one.
const PORTION: usize = 100;
/// Bytes after which an APPEND ends, so that a commit does not wait for too much.
const APPEND_BYTES: usize = 4 << 20;
/// Messages on their way from one connection to the other.
const ON_THE_WAY: usize = 256;

type Result<T> = std::result::Result<T, String>;

/// Messages `first` to `last` of a folder.
#[derive(Clone, Debug)]
struct Portion {
    folder: String,
    first: usize,
    last: usize,
}

pub(crate) fn run(pairs: usize, job: &Job<'_>, pass: Pass) -> Result<Cost> {
    let (began, cpu) = (Instant::now(), own_cpu());
    match (pass, job.users) {
        (Pass::Again, users) => each(pairs, users, |user| look_again(job, user))?,
        (Pass::First, [user]) => copy(pairs, job, user)?,
        (Pass::First, users) => each(pairs, users, |user| copy(1, job, user))?,
    }
    let (wall, cpu) = (began.elapsed(), own_cpu().saturating_sub(cpu));
    Ok(Cost { wall, cpu, ..Cost::default() })
}

/// Does something for every user, for so many at once.
fn each(at_once: usize, users: &[String], work: impl Fn(&str) -> Result<()> + Sync) -> Result<()> {
    let queue = Mutex::new(users.iter().collect::<VecDeque<_>>());
    let take = || queue.lock().ok().and_then(|mut q| q.pop_front());
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..at_once)
            .map(|_| scope.spawn(|| std::iter::from_fn(take).try_for_each(|user| work(user))))
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| "a thread panicked".to_owned())?)
    })
}

/// What "nothing new" costs at least: the counts of all folders on both sides.
fn look_again(job: &Job<'_>, user: &str) -> Result<()> {
    at_source(job, user)?.counts()?;
    at_target(job, user)?.counts()?;
    Ok(())
}

fn at_source(job: &Job<'_>, user: &str) -> Result<Connection> {
    Connection::open(job.ends.source, user, &source_password(user))
}

fn at_target(job: &Job<'_>, user: &str) -> Result<Connection> {
    Connection::open(job.ends.target, user, TARGET_PASSWORD)
}

fn copy(pairs: usize, job: &Job<'_>, user: &str) -> Result<()> {
    let counts = at_source(job, user)?.counts()?;
    let folders: Vec<&str> = counts.iter().map(|(folder, _)| folder.as_str()).collect();
    at_target(job, user)?.create(&folders)?;
    let queue: VecDeque<Portion> =
        counts.iter().flat_map(|(folder, count)| portions(folder, *count, pairs)).collect();
    let queue = Mutex::new(queue);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..pairs).map(|_| scope.spawn(|| one_pair(job, user, &queue))).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| "a thread panicked".to_owned())?)
    })
}

fn portions(folder: &str, count: usize, pairs: usize) -> Vec<Portion> {
    let size = count.div_ceil(pairs).clamp(1, PORTION);
    let starts = (1..=count).step_by(size);
    starts
        .map(|first| Portion { folder: folder.to_owned(), first, last: (first + size - 1).min(count) })
        .collect()
}

fn one_pair(job: &Job<'_>, user: &str, queue: &Mutex<VecDeque<Portion>>) -> Result<()> {
    let source = at_source(job, user)?;
    let target = at_target(job, user)?;
    let (mut asking, mut answers) = source.split();
    let (appending, mut outcomes) = target.split();
    let (portions, asked) = sync_channel::<Portion>(4);
    let (messages, arriving) = sync_channel::<(String, Message)>(ON_THE_WAY);
    std::thread::scope(|scope| {
        // Asks a few portions ahead: the queue of what was asked for is short.
        let ask = scope.spawn(move || -> Result<()> {
            while let Some(portion) = queue.lock().ok().and_then(|mut q| q.pop_front()) {
                asking.fetch(&portion.folder, portion.first, portion.last)?;
                if portions.send(portion).is_err() {
                    break;
                }
            }
            Ok(())
        });
        let read = scope.spawn(move || read_all(&mut answers, &asked, &messages));
        let append = scope.spawn(move || append_all(appending, &arriving));
        let confirm = scope.spawn(move || outcomes.until_tag("end"));
        for thread in [ask, read, append, confirm] {
            thread.join().map_err(|_| "a thread panicked".to_owned())??;
        }
        Ok(())
    })
}

fn read_all(
    answers: &mut Reader,
    asked: &Receiver<Portion>,
    messages: &SyncSender<(String, Message)>,
) -> Result<()> {
    while let Ok(portion) = asked.recv() {
        answers.fetched(|message| {
            messages.send((portion.folder.clone(), message)).map_err(|_| "appending has ended".to_owned())
        })?;
    }
    Ok(())
}

fn append_all(mut target: Writer, arriving: &Receiver<(String, Message)>) -> Result<()> {
    let mut open: Option<(String, usize, usize)> = None;
    while let Ok((folder, message)) = arriving.recv() {
        let goes_on = open
            .as_ref()
            .is_some_and(|(name, count, bytes)| *name == folder && *count < PORTION && *bytes < APPEND_BYTES);
        if !goes_on && open.is_some() {
            target.end_append()?;
            open = None;
        }
        let (_, count, bytes) = match &mut open {
            Some(open) => open,
            None => {
                target.begin_append(&folder)?;
                open.insert((folder, 0, 0))
            }
        };
        target.append(&message)?;
        *count += 1;
        *bytes += message.bytes.len();
    }
    if open.is_some() {
        target.end_append()?;
    }
    target.end()
}
