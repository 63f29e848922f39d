//! Decides whether this machine has what a test needs.
//!
//! The servers' own scripts know what they need and say what is missing. `IMAPMIG_TEST_REQUIRE` (a list with commas)
//! names what must be there: a test that misses one of these fails instead of being left out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use crate::cache::cache;
use crate::{SmallDisk, corpus, left_out};

/// Ends the test here, and records that it was left out, unless everything named is on this machine.
///
/// Known names: `dovecot`, `courier`, `cyrus`, `greenmail`, `mox`, `imapmemserver`, `corpus` (the SpamAssassin messages), `pester`, `small-disk` (the right to mount one),
/// `debian` (a bare one, to install packages in), `application-tokens` (a Dovecot in which one token opens every mailbox),
/// `minutes` (somebody who has them); any other is a program to be found on `PATH`, such as `pwsh` or `valgrind`.
#[macro_export]
macro_rules! require {
    ($($what:expr),+ $(,)?) => {
        if !$crate::available($crate::test_name!(), &[$($what),+]) {
            return;
        }
    };
}

/// The full name of the function it stands in.
#[macro_export]
macro_rules! test_name {
    () => {{
        fn here() {}
        let name = ::std::any::type_name_of_val(&here);
        name.strip_suffix("::here").unwrap_or(name)
    }};
}

/// Whether all of `needs` are there; if not, the test is recorded as left out.
///
/// # Panics
///
/// If something is missing that `IMAPMIG_TEST_REQUIRE` names.
pub fn available(test: &str, needs: &[&str]) -> bool {
    for need in needs {
        let Some(reason) = missing(need) else { continue };
        let must = std::env::var("IMAPMIG_TEST_REQUIRE").unwrap_or_default();
        assert!(
            !must.split(',').any(|name| name.trim() == *need),
            "{test} needs {need}, which IMAPMIG_TEST_REQUIRE names, but {reason}"
        );
        left_out::record(test, &reason, installable(need));
        return false;
    }
    true
}

/// The folder with the scripts that start servers.
pub(crate) fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("servers")
}

fn missing(what: &str) -> Option<String> {
    static KNOWN: Mutex<BTreeMap<String, Option<String>>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    known.entry(what.to_owned()).or_insert_with(|| look_for(what)).clone()
}

/// Whether `tests/servers/install.sh all` brings it onto a Debian machine, and `IMAPMIG_TEST_MINUTES` the time.
fn installable(what: &str) -> bool {
    match what {
        "greenmail" | "mox" | "imapmemserver" | "application-tokens" => false,
        "pwsh" | "pester" => on_path("dotnet"),
        _ => true,
    }
}

fn look_for(what: &str) -> Option<String> {
    match what {
        "dovecot" | "courier" | "cyrus" | "greenmail" | "mox" | "imapmemserver" => script_says(what, None),
        "application-tokens" => script_says("dovecot", Some("oauth")),
        "corpus" => (!corpus::spam_assassin_is_there())
            .then(|| "the SpamAssassin corpus is missing (tests/servers/install.sh corpus)".to_owned()),
        "small-disk" => {
            SmallDisk::mount("1m").err().map(|error| format!("no small disk can be mounted: {error}"))
        }
        "debian" => (!cache().join("debian/etc/os-release").is_file())
            .then(|| "there is no bare Debian to install packages in (tests/servers/install.sh debian)".to_owned()),
        "minutes" => std::env::var_os("IMAPMIG_TEST_MINUTES")
            .is_none()
            .then(|| "it takes minutes (IMAPMIG_TEST_MINUTES=1 runs it)".to_owned()),
        "pwsh" => (!on_path("pwsh") && !cache().join("pwsh").join("pwsh").is_file())
            .then(|| "pwsh is not on PATH (with dotnet, tests/servers/install.sh pwsh installs it)".to_owned()),
        "pester" => (!has_pester()).then(|| {
            "PowerShell's module Pester 5.4 is missing (with dotnet, tests/servers/install.sh pwsh installs it)"
                .to_owned()
        }),
        program => (!on_path(program)).then(|| format!("{program} is not on PATH")),
    }
}

fn script_says(server: &str, role: Option<&str>) -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some(format!("{server} is started on Linux only"));
    }
    let mut check = Command::new(scripts().join(format!("{server}.sh")));
    match check.arg("check").envs(role.map(|role| ("ROLE", role))).output() {
        Ok(answer) if answer.status.success() => None,
        Ok(answer) => Some(String::from_utf8_lossy(&answer.stdout).trim().to_owned()),
        Err(error) => Some(format!("{server}.sh cannot be run: {error}")),
    }
}

/// Returns a command of PowerShell: the one on `PATH`, else the one that `tests/servers/install.sh pwsh` installed. Either finds the
/// cache's modules, and itself on `PATH`.
pub fn powershell() -> Command {
    let installed = cache().join("pwsh");
    let mut command =
        if on_path("pwsh") { Command::new("pwsh") } else { Command::new(installed.join("pwsh")) };
    for (variable, folder) in [("PATH", installed), ("PSModulePath", cache().join("modules"))] {
        let known = std::env::var_os(variable).unwrap_or_default();
        let folders = std::env::split_paths(&known).filter(|path| path.is_absolute()).chain([folder]);
        if let Ok(folders) = std::env::join_paths(folders) {
            command.env(variable, folders);
        }
    }
    command
}

fn has_pester() -> bool {
    let look = "exit [int](-not (Get-Module Pester -ListAvailable | Where-Object { $_.Version -ge [version]'5.4' }))";
    let answer = powershell().args(["-NoProfile", "-NonInteractive", "-Command", look]).output();
    answer.is_ok_and(|answer| answer.status.success())
}

fn on_path(program: &str) -> bool {
    let Some(folders) = std::env::var_os("PATH") else { return false };
    std::env::split_paths(&folders)
        .any(|folder| folder.join(program).is_file() || folder.join(format!("{program}.exe")).is_file())
}
