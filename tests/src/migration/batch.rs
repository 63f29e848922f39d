//! Batches: made, started, waited for, stopped.

use std::time::Duration;

use serde_json::Value;

use super::{Migration, Row};
use crate::wait_until;

/// How long a migration of a test may take.
const LIMIT: Duration = Duration::from_secs(240);

impl Migration {
    /// Makes a batch without starting it. Without `target` it goes to the configured one, else `Local`.
    pub fn batch(&self, name: &str, source: &str, target: Option<&str>, rows: &[Row]) -> Value {
        self.batch_with(name, source, target, rows, &[])
    }

    /// The same with further options.
    pub fn batch_with(
        &self,
        name: &str,
        source: &str,
        target: Option<&str>,
        rows: &[Row],
        more: &[&str],
    ) -> Value {
        let file = self.write_file(&format!("{name}.csv"), Row::csv(rows).as_bytes());
        let file = file.to_str().expect("our own names are UTF-8");
        let mut arguments =
            vec!["batch", "new", "--name", name, "--csv-file", file, "--source-endpoint", source];
        if let Some(target) = target {
            arguments.extend(["--target-endpoint", target]);
        }
        arguments.extend(more);
        self.json(&arguments)
    }

    /// Makes a batch, starts it, and waits until it is in step with its source, or synced with errors.
    pub fn migrate(&self, name: &str, source: &str, target: Option<&str>, rows: &[Row]) -> Value {
        self.batch_with(name, source, target, rows, &["--auto-start"]);
        self.wait_until(name, &["Synced", "SyncedWithErrors"])
    }

    /// Start-MigrationBatch.
    pub fn start(&self, name: &str) {
        self.json(&["batch", "start", name]);
    }

    /// Stop-MigrationBatch.
    pub fn stop(&self, name: &str) {
        self.json(&["batch", "stop", name, "--yes"]);
    }

    /// Set-MigrationBatch -SyncNow, until the sync that it asked for is done.
    pub fn sync_now(&self, name: &str) -> Value {
        let before = self.batch_view(name)["LastSyncedUnixMs"].clone();
        self.json(&["batch", "set", name, "--sync-now"]);
        self.wait_for(name, LIMIT, |batch| {
            let at_rest = matches!(batch["Status"].as_str(), Some("Synced" | "SyncedWithErrors"));
            at_rest && batch["LastSyncedUnixMs"] != before
        })
    }

    /// Confirm-MigrationBatch, until its end: the exit code, and how both sides compare.
    ///
    /// # Panics
    ///
    /// If the command fails otherwise than by its result.
    pub fn confirm(&self, name: &str, more: &[&str]) -> (Option<i32>, Value) {
        let arguments = ["batch", "confirm", name, "--wait", "--json", "--timeout-seconds", "240"];
        let answer = self.run(&[&arguments, more].concat());
        let view = serde_json::from_str(&answer.stdout).unwrap_or_else(|_| panic!("{answer:#?}"));
        (answer.code, view)
    }

    /// Remove-MigrationBatch, until it is gone.
    pub fn remove(&self, name: &str) {
        self.json(&["batch", "remove", name, "--yes"]);
        let gone = wait_until(LIMIT, || !self.run(&["batch", "get", name]).worked());
        assert!(gone, "the batch is still there: {}", self.account(name));
    }

    /// Get-MigrationBatch.
    pub fn batch_view(&self, name: &str) -> Value {
        self.json(&["batch", "get", name])["Batches"][0].clone()
    }

    /// The status of a batch.
    pub fn status(&self, name: &str) -> String {
        self.batch_view(name)["Status"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the batch has one of these statuses, and gives it.
    ///
    /// # Panics
    ///
    /// If that takes too long, or it comes to rest in another one.
    pub fn wait_until(&self, name: &str, wanted: &[&str]) -> Value {
        const REST: [&str; 5] = ["Synced", "SyncedWithErrors", "Failed", "Stopped", "Corrupted"];
        let batch = self.wait_for(name, LIMIT, |batch| {
            let status = batch["Status"].as_str().unwrap_or_default();
            wanted.contains(&status) || REST.contains(&status)
        });
        let status = batch["Status"].as_str().unwrap_or_default();
        assert!(wanted.contains(&status), "waited for {wanted:?}: {}", self.account(name));
        batch
    }

    /// Waits until `reached` says so of the batch, and gives it.
    ///
    /// # Panics
    ///
    /// If that takes longer than `limit`.
    pub fn wait_for(&self, name: &str, limit: Duration, reached: impl Fn(&Value) -> bool) -> Value {
        let mut batch = Value::Null;
        let done = wait_until(limit, || {
            batch = self.batch_view(name);
            reached(&batch)
        });
        assert!(done, "not within {limit:?}: {}", self.account(name));
        batch
    }

    /// Waits until `reached` says so of the user, and gives it.
    ///
    /// # Panics
    ///
    /// If that takes longer than `limit`.
    pub fn wait_for_user(&self, email: &str, limit: Duration, reached: impl Fn(&Value) -> bool) -> Value {
        let mut user = Value::Null;
        let done = wait_until(limit, || {
            user = self.user(email);
            reached(&user)
        });
        assert!(done, "not within {limit:?}: {user:#}");
        user
    }

    /// The users of a batch that was got.
    pub fn users(&self, batch: &Value) -> Value {
        self.json(&["user", "get", "--batch-id", batch["Identity"].as_str().unwrap_or_default()])
    }

    /// Everything that explains how a batch stands.
    pub fn account(&self, name: &str) -> String {
        let batch = self.run(&["batch", "get", name, "--include-report", "--json"]);
        let users = self.run(&["user", "get", "--batch-id", name, "--json"]);
        let log = std::fs::read_dir(self.home()).into_iter().flatten().flatten();
        let logs: Vec<String> = log
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
            .filter_map(|path| std::fs::read_to_string(path).ok())
            .collect();
        format!("{}{}\n{}{}\n{}", batch.stdout, batch.stderr, users.stdout, users.stderr, logs.join("\n"))
    }
}
