//! ARCHITECTURE.md and the code say the same: what the map names exists, and every file of the engine is on it.

use crate::{files, report, root};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where the map's paths begin.
const BASES: [&str; 8] = [
    "",
    "rust",
    "rust/core/src",
    "rust/engine",
    "rust/engine/src",
    "rust/engine/src/confirm",
    "rust/engine/src/sync",
    "rust/engine/src/worker",
];

/// What stands between backticks in a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// `a/{b,c}.rs` as `a/b.rs` and `a/c.rs`.
fn expanded(text: &str) -> Vec<String> {
    let Some((before, rest)) = text.split_once('{') else { return vec![text.to_owned()] };
    let Some((within, after)) = rest.split_once('}') else { return vec![text.to_owned()] };
    within.split(',').flat_map(|one| expanded(&format!("{before}{}{after}", one.trim()))).collect()
}

fn is_path(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-{},".contains(c);
    (text.contains('/') || text.ends_with(".rs")) && text.replace(", ", ",").chars().all(plain)
}

/// The file or folder, as it stands or without its ending, below one of these folders.
fn found(path: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let below = |folder: &PathBuf| [folder.join(path), folder.join(format!("{path}.rs"))];
    folders.iter().flat_map(below).find(|candidate| candidate.exists())
}

/// All that the map names, and what of it does not exist.
fn read() -> (BTreeSet<PathBuf>, Vec<String>) {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (mut named, mut missing) = (BTreeSet::new(), Vec::new());
    for line in text.lines() {
        // Further files of a line lie beside the ones before.
        let mut folders: Vec<PathBuf> = BASES.iter().map(|base| root().join(base)).collect();
        for path in quoted(line).flat_map(expanded).filter(|path| is_path(path)) {
            let Some(at) = found(path.trim_end_matches('/'), &folders) else {
                missing.push(format!("{path}, in: {line}"));
                continue;
            };
            folders.push(if at.is_dir() { at.clone() } else { at.parent().unwrap().to_path_buf() });
            named.insert(at);
        }
    }
    (named, missing)
}

#[test]
fn everything_that_the_map_names_exists() {
    let (named, missing) = read();

    assert!(named.len() > 100, "only {} paths were read", named.len());
    report("ARCHITECTURE.md names what is not there", &missing);
}

#[test]
fn every_file_of_the_engine_is_on_the_map() {
    let (named, _) = read();
    let engine = root().join("rust/engine/src");
    let is_test = |file: &Path| {
        let mut parts = file.strip_prefix(&engine).unwrap().iter().map(|part| part.to_string_lossy());
        parts.any(|part| ["tests", "tests.rs", "testing", "testing.rs"].contains(&part.as_ref()))
    };
    let by_folder = |file: &Path| {
        file.ancestors().skip(1).any(|f| f != engine && f.starts_with(&engine) && named.contains(f))
    };

    let lost: Vec<_> = files(&["rs"])
        .iter()
        .filter(|file| file.starts_with(&engine) && !is_test(file))
        .filter(|file| !["lib.rs", "mod.rs"].iter().any(|name| file.ends_with(name)))
        .filter(|file| !named.contains(*file) && !by_folder(file))
        .map(|file| file.display().to_string())
        .collect();

    report("files that ARCHITECTURE.md does not name, nor their folder", &lost);
}

#[test]
fn a_folder_s_way_is_described_in_the_order_of_its_steps() {
    let code = std::fs::read_to_string(root().join("rust/engine/src/sync/folder.rs")).unwrap();
    let run = &code[code.find("pub(crate) fn run").unwrap()..];
    let run = &run[..run.find("\n}\n").unwrap()];
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let way = &map[map.find("## A message's way").unwrap()..];
    let way = &way[..way[3..].find("\n## ").unwrap() + 3];
    let steps = ["scan", "adopt", "copy", "late_duplicates", "carry_flags", "verify", "late_duplicates"];

    let in_order = |text: &str, word: &dyn Fn(&str) -> String| {
        let mut rest = text;
        steps.iter().all(|step| match rest.find(&word(step)) {
            Some(at) => {
                rest = &rest[at + 1..];
                true
            }
            None => false,
        })
    };

    assert!(in_order(run, &|step| format!("{step}::")), "folder.rs goes another way:\n{run}");
    assert!(in_order(way, &|step| format!("steps/{step}")), "ARCHITECTURE.md tells another way:\n{way}");
}
