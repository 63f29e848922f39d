//! What `user statistics` tells of a user.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Migration;

/// A user's numbers, reported items and report.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// The whole reply.
    pub view: Value,
}

/// A reported item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Refused, Altered and so on.
    pub kind: String,
    /// Whether the message is missing at the target.
    pub left_out: bool,
    /// The source folder.
    pub folder: String,
    /// The message's UID at the source; 0 for a folder.
    pub uid: u64,
    /// The subject.
    pub subject: String,
    /// The reason, with the server's words.
    pub failure: String,
    /// The kept original, as an absolute path.
    pub kept: Option<PathBuf>,
}

impl Migration {
    /// Get-MigrationUserStatistics with the skipped items and the report.
    pub fn statistics(&self, email: &str) -> Statistics {
        let arguments = ["user", "statistics", email, "--include-skipped-items", "--include-report"];
        let mut view = self.json(&arguments);
        for item in view["SkippedItems"].as_array_mut().into_iter().flatten() {
            if let Some(kept) = item["KeptFile"].as_str().map(|kept| self.home().join(kept)) {
                item["KeptFile"] = kept.display().to_string().into();
            }
        }
        Statistics { view }
    }

    /// Get-MigrationUser for one user.
    pub fn user(&self, email: &str) -> Value {
        let list = self.json(&["user", "get", email]);
        list["Users"][0].clone()
    }
}

impl Statistics {
    /// A number by its property's name.
    ///
    /// # Panics
    ///
    /// If there is no such number.
    pub fn number(&self, name: &str) -> u64 {
        self.view[name].as_u64().unwrap_or_else(|| panic!("no number {name} in {:#}", self.view))
    }

    /// A text by its property's name; empty if absent.
    pub fn text(&self, name: &str) -> String {
        self.view[name].as_str().unwrap_or_default().to_owned()
    }

    /// Messages that are at the target, those found there included.
    pub fn synced(&self) -> u64 {
        self.number("SyncedItemCount")
    }

    /// Messages that were left out.
    pub fn skipped(&self) -> u64 {
        self.number("SkippedItemCount")
    }

    /// Messages at the source.
    pub fn total(&self) -> u64 {
        self.number("TotalItemsInSourceMailboxCount")
    }

    /// Messages that were found at the target.
    pub fn adopted(&self) -> u64 {
        self.number("AdoptedItemCount")
    }

    /// Messages that were copied.
    pub fn copied(&self) -> u64 {
        self.synced() - self.adopted()
    }

    /// Whether every message of the source ended as synced or skipped.
    pub fn adds_up(&self) -> bool {
        self.synced() + self.skipped() == self.total()
    }

    /// The lines of the report.
    pub fn report(&self) -> Vec<String> {
        let entries = self.view["Report"].as_array().into_iter().flatten();
        entries.filter_map(|entry| Some(entry["Message"].as_str()?.to_owned())).collect()
    }

    /// The reported items.
    pub fn items(&self) -> Vec<Item> {
        self.view["SkippedItems"].as_array().into_iter().flatten().map(Item::of).collect()
    }

    /// The reported items of one kind.
    pub fn items_of(&self, kind: &str) -> Vec<Item> {
        self.items().into_iter().filter(|item| item.kind == kind).collect()
    }
}

impl Item {
    fn of(view: &Value) -> Self {
        let text = |name: &str| view[name].as_str().unwrap_or_default().to_owned();
        Self {
            kind: text("Kind"),
            left_out: view["LeftOut"] == Value::Bool(true),
            folder: text("FolderName"),
            uid: view["Uid"].as_u64().unwrap_or_default(),
            subject: text("Subject"),
            failure: text("Failure"),
            kept: view["KeptFile"].as_str().map(PathBuf::from),
        }
    }

    /// The bytes of the kept original.
    ///
    /// # Panics
    ///
    /// If none was kept.
    pub fn original(&self) -> Vec<u8> {
        let path: &Path = self.kept.as_deref().unwrap_or_else(|| panic!("no original kept: {self:#?}"));
        std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}
