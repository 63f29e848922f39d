//! The cmdlets and parameters that sentences name, in the words of each face.
//!
//! A sentence holds a term between two control characters (SO and SI, "shift out" and "shift in"), so that one stored by the worker reads
//! right for whichever face shows it later. Texts from servers and files cannot hold marks: `printable` escapes control characters.

use imapmig_core::api::engine::Face;
use std::fmt;

/// Begins a term in a sentence.
const BEGIN: char = '\u{e}';
/// Ends it.
const END: char = '\u{f}';

macro_rules! terms {
    ($($term:ident = $powershell:literal, $command_line:literal;)*) => {
        /// A cmdlet, parameter or value that a sentence names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each is what it is called")]
        pub enum Term { $($term,)* }

        impl Term {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$term,)*];

            /// What it is called in PowerShell.
            #[must_use]
            pub const fn powershell(self) -> &'static str {
                match self { $(Self::$term => $powershell,)* }
            }

            /// What it is called on the command line.
            #[must_use]
            pub const fn command_line(self) -> &'static str {
                match self { $(Self::$term => $command_line,)* }
            }
        }
    };
}

terms! {
    ConfirmBatch = "Confirm-MigrationBatch", "imapmig batch confirm";
    GetUser = "Get-MigrationUser", "imapmig user get";
    SetBatch = "Set-MigrationBatch", "imapmig batch set";
    SetConfig = "Set-MigrationConfig", "imapmig config set";
    SetEndpoint = "Set-MigrationEndpoint", "imapmig endpoint set";
    StartBatch = "Start-MigrationBatch", "imapmig batch start";
    StartUser = "Start-MigrationUser", "imapmig user start";
    StopBatch = "Stop-MigrationBatch", "imapmig batch stop";
    StopUser = "Stop-MigrationUser", "imapmig user stop";
    WaitBatch = "Wait-MigrationBatch", "imapmig wait";
    AcceptUntrustedCertificates = "-AcceptUntrustedCertificates", "--accept-untrusted-certificates";
    AddUsers = "-AddUsers -CSVData", "--add-users-csv-file";
    AllowUnknownColumns = "-AllowUnknownColumnsInCsv $true", "--allow-unknown-columns-in-csv";
    ApplicationId = "-ApplicationId", "--application-id";
    Authentication = "-Authentication", "--authentication";
    Authority = "-Authority", "--authority";
    Bytes = "-Bytes", "--bytes";
    CertificateFile = "-CertificateFile", "--certificate-file";
    CertificatePassword = "-CertificatePassword", "--certificate-password-file";
    ClientSecret = "-ClientSecret", "--client-secret-file";
    CompleteAfter = "-CompleteAfter", "--complete-after";
    Credential = "-Credential", "--administrator-user-name";
    CredentialPassword = "The password of -Credential", "--administrator-password-file";
    CsvData = "-CSVData", "--csv-file";
    ExcludeFolders = "-ExcludeFolders", "--exclude-folders";
    LoginFormat = "-LoginFormat", "--login-format";
    MaxConcurrentIncrementalSyncs = "-MaxConcurrentIncrementalSyncs", "--max-concurrent-incremental-syncs";
    MaxConcurrentMigrations = "-MaxConcurrentMigrations", "--max-concurrent-migrations";
    MaxNumberOfBatches = "-MaxNumberOfBatches", "--max-number-of-batches";
    Path = "-Path", "--path";
    Port = "-Port", "--port";
    RemoteServer = "-RemoteServer", "--remote-server";
    Scope = "-Scope", "--scope";
    Security = "-Security", "--security";
    SkipVerification = "-SkipVerification", "--skip-verification";
    SourceEndpoint = "-SourceEndpoint", "--source-endpoint";
    StartAfter = "-StartAfter", "--start-after";
    Stop = "-Stop", "--stop";
    SyncAndComplete = "-SyncAndComplete", "--sync-and-complete";
    TargetEndpoint = "-TargetEndpoint", "--target-endpoint";
    TenantId = "-TenantId", "--tenant-id";
    TestMailbox = "-TestMailbox", "--test-mailbox";
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{BEGIN}{}{END}", self.powershell())
    }
}

/// The sentence for a log, which administrators of any face read.
pub(crate) fn plain(text: &str) -> String {
    spoken(text, Face::PowerShell)
}

/// The sentence in the words of a face.
pub(crate) fn spoken(text: &str, face: Face) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.split_once(BEGIN) {
        out.push_str(before);
        let (term, behind) = from.split_once(END).unwrap_or((from, ""));
        let known = Term::ALL.iter().find(|known| known.powershell() == term);
        match (face, known) {
            (Face::CommandLine, Some(known)) => out.push_str(known.command_line()),
            // A newer version may have written it.
            _ => out.push_str(&term.replace(BEGIN, "")),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_face_reads_its_own_words() {
        let text = format!("set {} with {} first", Term::ClientSecret, Term::SetEndpoint);

        assert_eq!(spoken(&text, Face::PowerShell), "set -ClientSecret with Set-MigrationEndpoint first");
        assert_eq!(
            spoken(&text, Face::CommandLine),
            "set --client-secret-file with imapmig endpoint set first"
        );
    }

    #[test]
    fn no_two_terms_are_written_alike() {
        for (at, term) in Term::ALL.iter().enumerate() {
            let earlier = Term::ALL[..at].iter().find(|other| other.powershell() == term.powershell());
            assert!(earlier.is_none(), "{term:?} and {earlier:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_no_term_stays_as_it_is(text in "[^\u{e}\u{f}]*") {
            prop_assert_eq!(spoken(&text, Face::CommandLine), text.clone());
            prop_assert_eq!(spoken(&text, Face::PowerShell), text);
        }

        #[test]
        fn no_mark_is_left(text in "([\u{e}\u{f}]|[a-z -])*") {
            let out = spoken(&text, Face::CommandLine);

            prop_assert!(!out.contains(BEGIN));
        }
    }
}
