//! Folders that end the connection: which go last, and which are passed over.
//!
//! Some servers break the connection whenever a certain folder is opened. Such a folder goes after all others, and is passed
//! over after three such ends, unless the line breaks for every folder alike. Pure.

use imapmig_core::folder::FolderPath;
use std::collections::HashMap;

/// How often the connection may end while a folder is under way without any progress.
const ENDS: u32 = 3;

/// The same while messages of the folder are under way and none of them is finished.
const ENDS_OVER_MESSAGES: u32 = 6;

/// The folders of one user's run that were under way when a connection ended.
#[derive(Debug, Default)]
pub(crate) struct PoisonFolders {
    ends: HashMap<FolderPath, Ends>,
    over_messages: HashMap<FolderPath, Ends>,
    others_pass: bool,
}

/// What to do with a folder over whose messages connections end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OverMessages {
    /// It is tried again.
    Again,
    /// Other folders pass: it is passed over.
    PassOver,
    /// Nothing else passes either.
    Hopeless,
}

#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    times: u32,
    /// How many of the folder's messages were finished at the last one.
    finished: u64,
}

impl PoisonFolders {
    /// Some folder was finished, so the servers are well.
    pub(crate) fn passed(&mut self) {
        self.others_pass = true;
    }

    /// The connection ended while this folder was under way and none of its messages was; `finished` of them were finished by
    /// then. Returns `true` if the folder is to be passed over.
    pub(crate) fn ended(&mut self, folder: &FolderPath, finished: u64) -> bool {
        count(&mut self.ends, folder, finished) >= ENDS && self.others_pass
    }

    /// The connection ended while messages of this folder were under way; `finished` of them were finished by then.
    pub(crate) fn ended_over_messages(&mut self, folder: &FolderPath, finished: u64) -> OverMessages {
        match count(&mut self.over_messages, folder, finished) {
            times if times < ENDS_OVER_MESSAGES => OverMessages::Again,
            _ if self.others_pass => OverMessages::PassOver,
            _ => OverMessages::Hopeless,
        }
    }

    /// The folder was opened as the first thing on a connection, which did not end over it.
    pub(crate) fn opened(&mut self, folder: &FolderPath) {
        self.ends.remove(folder);
    }

    /// How suspect a folder is; those that are more so go later.
    pub(crate) fn suspicion(&self, folder: &FolderPath) -> u32 {
        self.ends.get(folder).map_or(0, |ends| ends.times)
    }
}

/// How often it has ended since messages of the folder were finished.
fn count(ends: &mut HashMap<FolderPath, Ends>, folder: &FolderPath, finished: u64) -> u32 {
    let ends = ends.entry(folder.clone()).or_default();
    if finished > ends.finished {
        *ends = Ends { times: 0, finished };
    }
    ends.times += 1;
    ends.times
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folder(name: &str) -> FolderPath {
        FolderPath::new([name])
    }

    #[test]
    fn a_folder_is_passed_over_at_the_third_end_when_others_pass() {
        let mut poison = PoisonFolders::default();
        poison.passed();

        let answers: Vec<_> = (0..3).map(|_| poison.ended(&folder("Reports "), 0)).collect();

        assert_eq!(answers, [false, false, true]);
        assert!(poison.suspicion(&folder("Reports ")) > poison.suspicion(&folder("Sent")));
    }

    #[test]
    fn progress_in_the_folder_starts_the_count_anew() {
        let mut poison = PoisonFolders::default();
        poison.passed();
        poison.ended(&folder("Big"), 0);
        poison.ended(&folder("Big"), 0);

        assert!(!poison.ended(&folder("Big"), 10));
    }

    #[test]
    fn a_folder_none_of_whose_messages_is_ever_finished_is_passed_over_when_others_pass() {
        let end = |poison: &mut PoisonFolders, times: u32, finished| {
            (0..times).map(|_| poison.ended_over_messages(&folder("Big"), finished)).last()
        };
        let mut poison = PoisonFolders::default();

        assert_eq!(end(&mut poison, 5, 0), Some(OverMessages::Again));
        assert_eq!(end(&mut poison, 5, 1), Some(OverMessages::Again));
        assert_eq!(end(&mut poison, 1, 1), Some(OverMessages::Hopeless));
        poison.passed();
        assert_eq!(end(&mut poison, 1, 1), Some(OverMessages::PassOver));
    }

    #[test]
    fn a_folder_that_opens_alone_is_no_longer_suspect() {
        let mut poison = PoisonFolders::default();
        poison.passed();
        for _ in 0..3 {
            poison.ended(&folder("Big"), 0);
        }

        poison.opened(&folder("Big"));

        assert!(!poison.ended(&folder("Big"), 0));
    }

    proptest! {
        #[test]
        fn no_folder_is_passed_over_while_none_passes(ends in proptest::collection::vec(0_u8..4, 0..40)) {
            let mut poison = PoisonFolders::default();

            for end in ends {
                prop_assert!(!poison.ended(&folder(&end.to_string()), 0));
            }
        }
    }
}
