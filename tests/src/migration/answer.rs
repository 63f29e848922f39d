//! What a command printed, and the JSON in it.

use std::process::Output;

use serde_json::Value;

/// What a command answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked.
    pub command: String,
    /// The exit code; absent if it was ended by a signal.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

/// The error of a command that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The exception's name.
    pub code: String,
    /// PowerShell's category.
    pub category: String,
    /// What is wrong, and the remedy.
    pub message: String,
    /// Whether the same command can succeed later.
    pub retryable: bool,
}

impl Answer {
    pub(super) fn of(arguments: &[&str], output: Output) -> Self {
        Self {
            command: arguments.join(" "),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Whether it says that it worked.
    pub fn worked(&self) -> bool {
        self.code == Some(0)
    }

    /// The reply of a command that worked, with `--json`.
    ///
    /// # Panics
    ///
    /// If it did not work or printed something else.
    pub fn reply(&self) -> Value {
        assert!(self.worked(), "{self:#?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The error of a command that failed, with `--json`.
    ///
    /// # Panics
    ///
    /// If it worked, or said nothing that can be read.
    pub fn refusal(&self) -> Refusal {
        assert!(matches!(self.code, Some(1 | 3..=7)), "{self:#?}");
        let start = self.stderr.find('{').unwrap_or_else(|| panic!("no error in {self:#?}"));
        let error: Value =
            serde_json::from_str(&self.stderr[start..]).unwrap_or_else(|error| panic!("{error}: {self:#?}"));
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        Refusal {
            code: text("Code"),
            category: text("Category"),
            message: text("Message"),
            retryable: error["Retryable"] == Value::Bool(true),
        }
    }
}
