//! The library exports what the header names, and nothing else of ours.
#![cfg(target_os = "linux")]

mod common;

use std::collections::BTreeSet;
use std::process::Command;

#[test]
fn the_library_exports_exactly_what_the_header_declares() {
    let header = include_str!("../include/imapmig.h");
    let declared: BTreeSet<_> = header
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .zip(header.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').skip(1))
        .map(|(word, _)| word)
        .filter(|word| word.starts_with("imapmig_") && header.contains(&format!("{word}(")))
        .map(str::to_owned)
        .collect();

    imapmig_tests::require!("nm");
    let output = Command::new("nm").args(["-D", "--defined-only"]).arg(common::library()).output().unwrap();

    let exported: BTreeSet<_> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.rsplit(' ').next())
        .filter(|name| name.starts_with("imapmig_"))
        .map(str::to_owned)
        .collect();
    assert_eq!(exported, declared);
    assert!(exported.len() > 20);
}
