//! `imapmig_engine_open`.

use serde::{Deserialize, Serialize};

/// In whose words sentences name commands and parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Face {
    /// Cmdlets and their parameters.
    #[default]
    PowerShell,
    /// The subcommands and options of `imapmig`.
    CommandLine,
}

/// Opens a state directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct OpenRequest {
    /// The state directory; absent: `IMAPMIGRATION_HOME`, else the platform's place.
    pub state_directory: Option<String>,
    /// The worker's executable; absent: `imapmig` beside the library or program.
    pub worker: Option<String>,
    /// In whose words errors and reports name commands and parameters.
    pub face: Face,
}

/// An opened state directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Opened {
    /// The handle for every further call.
    pub engine: u64,
    /// Where the state is.
    pub state_directory: String,
    /// The library's version.
    pub version: String,
}
