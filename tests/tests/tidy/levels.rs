//! What is counted as verified is said in the same words wherever people read of it: no text claims more than was done.

use crate::{report, root};
use std::fs;

/// Where people read of it, and the names that the counters have there.
const TEXTS: [(&str, &[&str]); 6] = [
    ("README.md", &["`VerifiedItemCount`", "`ComparedItemCount`", "`NotVerifiedItemCount`", "`Perfect`"]),
    ("ps-module/ImapMigration/Public/Get-MigrationUserStatistics.ps1", COUNTERS),
    ("docs/cmdlets/Get-MigrationUserStatistics.md", COUNTERS),
    ("rust/core/src/api/user.rs", &["verified_item_count", "compared_item_count", "not_verified_item_count"]),
    ("rust/cli/src/demo/runbook.rs", &["{verified}", "{compared}"]),
    ("rust/engine/src/messages/reports.rs", &["verified", "compared"]),
];
const COUNTERS: &[&str] = &["VerifiedItemCount", "ComparedItemCount", "NotVerifiedItemCount"];

/// What *listed* means, and what *compared* adds.
const LISTED: &str = "UID, size, date and flags were listed";
const COMPARED: [&str; 3] = ["bytes were read", "compared", "as well"];

/// The text without line breaks, signs of comments and continued strings.
fn words(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim().trim_start_matches("/// ").trim_end_matches('\\'));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// What is missing in this text.
fn missing(text: &str, counters: &[&str]) -> Vec<String> {
    let text = words(text);
    let mut missing: Vec<_> =
        counters.iter().filter(|name| !text.contains(**name)).map(|name| format!("no {name}")).collect();
    match text.split_once(LISTED) {
        None => missing.push(format!("\"{LISTED}\" is not said")),
        Some((_, behind)) => {
            let mut rest = behind;
            for part in COMPARED {
                match rest.split_once(part) {
                    Some((_, behind)) => rest = behind,
                    None => missing.push(format!("\"{part}\" is not said of what is compared")),
                }
            }
        }
    }
    missing
}

#[test]
fn every_text_says_in_the_same_words_what_is_listed_and_what_is_compared() {
    let wrong: Vec<_> = TEXTS
        .iter()
        .flat_map(|(path, counters)| {
            let text = fs::read_to_string(root().join(path)).unwrap();
            missing(&text, counters).into_iter().map(move |what| format!("{path}: {what}"))
        })
        .collect();

    report("levels of verification", &wrong);
}

#[test]
fn a_text_that_claims_more_is_found() {
    assert_eq!(
        missing("/// VerifiedItemCount: compared byte by\n/// byte.", &["VerifiedItemCount"]).len(),
        1
    );
    assert_eq!(missing("its UID, size, date\n/// and flags were listed", &["{compared}"]).len(), 4);
}
