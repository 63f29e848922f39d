//! The rules of the repository that no compiler knows.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod impls;
mod imports;
mod levels;
mod map;
mod pure;
mod sentences;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The files that belong to the repository, by git where it is one; else by walking the folders that hold sources.
fn files(endings: &[&str]) -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    let mut found = Vec::new();
    match listed {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8(output.stdout).unwrap();
            found.extend(text.lines().map(|line| root().join(line)));
        }
        _ => ["rust", "tests", "ps-module"].iter().for_each(|folder| walk(&root().join(folder), &mut found)),
    }
    found.retain(|p| p.is_file() && endings.iter().any(|e| p.extension().is_some_and(|x| x == *e)));
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, found) } else { found.push(path) }
    }
}

fn report(what: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{what}:\n{}", offenders.join("\n"));
}

#[test]
fn no_source_file_is_longer_than_one_reads_in_one_go() {
    let long: Vec<_> = files(&["rs", "ps1", "psm1", "c", "sh"])
        .iter()
        .map(|p| (p, std::fs::read_to_string(p).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > 400)
        .map(|(p, lines)| format!("{} has {lines} lines", p.display()))
        .collect();

    report("files over 400 lines", &long);
}

#[test]
fn every_rust_module_says_what_it_is_for() {
    let silent: Vec<_> = files(&["rs"])
        .iter()
        .filter(|p| !std::fs::read_to_string(p).unwrap().starts_with("//!"))
        .map(|p| p.display().to_string())
        .collect();

    report("modules without `//!` at their head", &silent);
}

#[test]
fn scripts_of_the_module_are_plain_ascii() {
    let odd: Vec<_> = files(&["ps1", "psm1", "psd1", "ps1xml"])
        .iter()
        .filter(|p| p.starts_with(root().join("ps-module")) || p.parent() == Some(&root()))
        .filter(|p| !std::fs::read(p).unwrap().is_ascii())
        .map(|p| p.display().to_string())
        .collect();

    report("Windows PowerShell 5.1 reads these wrongly", &odd);
}

#[test]
fn only_the_c_abi_and_the_calls_of_windows_allow_unsafe_code() {
    let without: Vec<_> = files(&["rs"])
        .iter()
        .filter(|p| p.ends_with("src/lib.rs") || p.ends_with("src/main.rs"))
        .filter(|p| !p.starts_with(root().join("rust/ffi")) && !p.starts_with(root().join("tests")))
        .filter(|p| {
            let text = std::fs::read_to_string(p).unwrap();
            let on_windows = p.starts_with(root().join("rust/os"));
            let forbids = if on_windows {
                "cfg_attr(not(windows), forbid(unsafe_code))"
            } else {
                "forbid(unsafe_code)"
            };
            !text.contains(&format!("#![{forbids}]"))
        })
        .map(|p| p.display().to_string())
        .collect();

    report("crates that do not forbid unsafe code", &without);
}

#[test]
fn crates_depend_on_lower_layers_only() {
    let allowed: [(&str, &[&str]); 9] = [
        ("core", &[]),
        ("os", &[]),
        ("imap", &["core"]),
        ("maildir", &["core", "os"]),
        ("store", &["core", "os"]),
        ("engine", &["core", "imap", "maildir", "os", "store"]),
        ("ffi", &["core", "engine"]),
        ("cli", &["core", "engine", "testkit"]),
        ("testkit", &["core"]),
    ];

    for (name, lower) in allowed {
        let Ok(manifest) = std::fs::read_to_string(root().join("rust").join(name).join("Cargo.toml")) else {
            continue;
        };
        let dependencies = manifest.split("[dev-dependencies]").next().unwrap();
        let used: BTreeSet<_> = dependencies
            .lines()
            .filter_map(|l| l.strip_prefix("imapmig-"))
            .filter_map(|l| l.split(['.', ' ']).next())
            .collect();
        let beyond: Vec<_> = used.iter().filter(|u| !lower.contains(u)).map(ToString::to_string).collect();
        report(&format!("rust/{name} depends on"), &beyond);
    }
}

#[test]
fn the_packages_that_were_asked_for_are_used() {
    let manifests: String = files(&["toml"]).iter().map(|p| std::fs::read_to_string(p).unwrap()).collect();

    for package in ["cbindgen", "libc", "serde", "csv", "imap", "native-tls", "once_cell", "thiserror"] {
        assert!(manifests.contains(&format!("\n{package}.workspace = true")), "{package}");
    }
}
