//! The .deb of packaging/packages.sh, installed on a bare Debian.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use imapmig_tests::migration::program;
use imapmig_tests::{cache, require};
use std::path::Path;
use std::process::Command;

/// Runs a command, fails the test with its output if it fails, and returns the output.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{text}");
    text
}

/// Runs a line of shell in a Debian, with /proc and a mount namespace of its own: nothing of it stays mounted.
fn inside(debian: &Path, line: &str) -> String {
    let enter = r#"mount -t proc proc "$0/proc" && exec chroot "$0" /bin/sh -euc "$1""#;
    run(Command::new("unshare")
        .args(["--mount", "sh", "-euc", enter])
        .arg(debian)
        .arg(line)
        .env("LC_ALL", "C"))
}

#[test]
fn the_debian_package_installs_on_a_bare_debian_and_its_demo_runs() {
    require!("debian", "dpkg-deb", "unshare");
    let desk = tempfile::tempdir().unwrap();
    let (out, debian) = (desk.path().join("out"), desk.path().join("debian"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/packages.sh");
    run(Command::new(script).arg(program()).arg(&out).env("IMAPMIG_PACKAGES_FAST", "1"));
    run(Command::new("cp").arg("-a").arg(cache().join("debian")).arg(&debian));
    let package = std::fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "deb"))
        .unwrap();
    std::fs::copy(package, debian.join("imapmig.deb")).unwrap();

    inside(&debian, "dpkg --install /imapmig.deb");
    let demo = inside(&debian, "cd /tmp; imapmig demo");
    let account = inside(&debian, "getent passwd imapmig");
    inside(
        &debian,
        "test -s /usr/share/man/man1/imapmig.1.gz; test -s /usr/share/bash-completion/completions/imapmig; \
         test -s /usr/lib/systemd/system/imapmig.service",
    );
    inside(&debian, "dpkg --purge imapmig");

    assert!(demo.contains("paulc@contoso.edu"), "{demo}");
    assert!(account.contains(":/var/lib/imapmigration:"), "{account}");
    assert!(!debian.join("usr/bin/imapmig").exists());
}
