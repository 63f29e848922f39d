//! Work on both sides at the same time.

use crate::sync::failure::{OnSide, SyncResult};
use imapmig_core::folder::Folder;
use imapmig_core::ports::source::SourceSession;
use imapmig_core::ports::target::TargetSession;
use std::panic::resume_unwind;
use std::thread;

/// Does one thing on this thread and the other on a thread of its own. Returns when both have ended; a panic goes on here.
pub(crate) fn both<A, B: Send>(here: impl FnOnce() -> A, there: impl FnOnce() -> B + Send) -> (A, B) {
    thread::scope(|scope| {
        let there = scope.spawn(there);
        let here = here();
        (here, there.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Lists the folders of both sides at the same time.
pub(crate) fn folders(
    source: &mut dyn SourceSession,
    target: &mut dyn TargetSession,
) -> SyncResult<(Vec<Folder>, Vec<Folder>)> {
    let (sources, targets) = both(|| source.folders(), || target.folders());
    Ok((sources.at_source()?, targets.at_target()?))
}

#[cfg(test)]
mod tests {
    use super::both;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    /// A message that never comes fails the test after this long.
    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn each_side_works_while_the_other_does() {
        let (to_there, from_here) = channel();
        let (to_here, from_there) = channel();

        let (here, there) = both(
            || to_there.send(()).is_ok() && from_there.recv_timeout(LONG).is_ok(),
            move || to_here.send(()).is_ok() && from_here.recv_timeout(LONG).is_ok(),
        );

        assert!(here && there, "here {here}, there {there}");
    }

    #[test]
    #[should_panic(expected = "there")]
    fn a_panic_of_the_other_side_goes_on_here() {
        both(|| (), || panic!("there"));
    }
}
