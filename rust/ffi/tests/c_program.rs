//! A C program drives the library under -Wall -Werror, the address and undefined-behaviour sanitizers, and Valgrind.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

fn compiled(folder: &Path, name: &str, flags: &[&str]) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = common::library();
    let program = folder.join(name);
    let output = Command::new("cc")
        .args(["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-pthread"])
        .args(flags)
        .arg("-I")
        .arg(here.join("include"))
        .arg(here.join("../../tests/c/smoke.c"))
        .arg(&library)
        .arg(format!("-Wl,-rpath,{}", library.parent().unwrap().display()))
        .arg("-o")
        .arg(&program)
        .output()
        .expect("a C compiler is there, since Rust links with it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    program
}

fn runs(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_c_program_leaks_nothing_and_gets_an_error_for_every_rubbish() {
    let folder = tempfile::tempdir().unwrap();
    let program =
        compiled(folder.path(), "smoke", &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);

    let mut command = Command::new(program);
    command.arg(folder.path().join("state"));

    runs(command);
}

#[test]
fn valgrind_finds_no_fault_in_a_c_program() {
    imapmig_tests::require!("valgrind");
    let folder = tempfile::tempdir().unwrap();
    let program = compiled(folder.path(), "smoke", &[]);

    let mut command = Command::new("valgrind");
    command
        .args([
            "-q",
            "--error-exitcode=99",
            "--leak-check=full",
            "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite",
        ])
        .arg(program)
        .arg(folder.path().join("state"));

    runs(command);
}
