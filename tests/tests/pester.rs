//! The PowerShell module: Pester on what `cargo test` built, without servers and against real ones.
//!
//! The module is put together in a folder of the test's own as `build.ps1` does it, library and worker included.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use imapmig_tests::migration::{EMAILS, Migration, account, assert_same};
use imapmig_tests::{
    ADMIN, Certificate, Comparison, Courier, Dovecot, PEOPLE, Server, Snapshot, corpus, powershell, require,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The editions of the document that Runbook.Tests.ps1 knows.
const EDITIONS: usize = 5;

/// The real messages of each of [`PEOPLE`]: many for one run, few for the others, which differ in how they sign in.
const MANY: [usize; 3] = [1_500, 400, 200];
const FEW: [usize; 3] = [150, 40, 20];

/// The files that the documents show, for servers that have administrators or plain users.
const STYLES: [(&str, &str); 4] = [
    (
        "the user's own name",
        "\
EmailAddress,UserName,Password
terrya@contoso.edu,terry.adams,1091990
annb@contoso.edu,ann.beebe,2111991
paulc@contoso.edu,paul.cannon,3281986
",
    ),
    (
        "Microsoft Exchange",
        "\
EmailAddress,UserName,Password
terrya@contoso.edu,contoso-students/mailadmin/terry.adams,P@ssw0rd
annb@contoso.edu,contoso-students/mailadmin/ann.beebe,P@ssw0rd
paulc@contoso.edu,contoso-students/mailadmin/paul.cannon,P@ssw0rd
",
    ),
    (
        "Dovecot",
        "\
EmailAddress,UserName,Password
terrya@contoso.edu,terry.adams*mailadmin,P@ssw0rd
annb@contoso.edu,ann.beebe*mailadmin,P@ssw0rd
paulc@contoso.edu,paul.cannon*mailadmin,P@ssw0rd
",
    ),
    (
        "Mirapoint",
        "\
EmailAddress,UserName,Password
terrya@contoso.edu,#terry.adams@contoso-students.edu#mailadmin#,P@ssw0rd
annb@contoso.edu,#ann.beebe@contoso-students.edu#mailadmin#,P@ssw0rd
paulc@contoso.edu,#paul.cannon@contoso-students.edu#mailadmin#,P@ssw0rd
",
    ),
];

/// The file that the documents show for virtual shared folders.
const COURIER: (&str, &str) = (
    "Courier IMAP",
    "\
EmailAddress,UserName,Password,UserRoot
terrya@contoso.edu,mailadmin,P@ssw0rd,/users/terry.adams
annb@contoso.edu,mailadmin,P@ssw0rd,/users/ann.beebe
paulc@contoso.edu,mailadmin,P@ssw0rd,/users/paul.cannon
",
);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Builds library and worker into the target directory of this test, and tells the folder.
fn built() -> PathBuf {
    // <target>/<profile>/deps/<this program>
    let own = std::env::current_exe().unwrap();
    let folder = own.ancestors().nth(2).unwrap();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    // All crates, as two of them alone ask their dependencies for fewer features: nearly everything would be built a second time.
    command.args(["build", "--quiet", "--locked", "--workspace", "--target-dir"]);
    command.arg(folder.parent().unwrap()).current_dir(root());
    if folder.ends_with("release") {
        command.arg("--release");
    }
    // What cargo tells a test about its package makes some build scripts run again.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_")
            || name == "CARGO_MANIFEST_DIR"
            || name == "CARGO_MANIFEST_PATH"
        {
            command.env_remove(name);
        }
    }
    assert!(command.status().unwrap().success(), "library and worker cannot be built");
    folder.to_owned()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// The module in a folder named as it must be for Import-Module.
fn module(desk: &Path) -> PathBuf {
    let (os, library, built_library, worker) = if cfg!(windows) {
        ("win", "imapmig.dll", "imapmig.dll", "imapmig.exe")
    } else if cfg!(target_os = "macos") {
        ("osx", "imapmig.dylib", "libimapmig.dylib", "imapmig")
    } else {
        ("linux", "imapmig.so", "libimapmig.so", "imapmig")
    };
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    let (built, module) = (built(), desk.join("ImapMigration"));
    let bin = module.join("bin").join(format!("{os}-{architecture}"));
    copy(&root().join("ps-module/ImapMigration"), &module);
    let manifest = module.join("ImapMigration.psd1");
    let text = std::fs::read_to_string(&manifest).unwrap();
    assert!(text.contains("'0.0.0'"));
    std::fs::write(&manifest, text.replace("'0.0.0'", concat!("'", env!("CARGO_PKG_VERSION"), "'"))).unwrap();
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::copy(built.join(built_library), bin.join(library)).unwrap();
    std::fs::copy(built.join(worker), bin.join(worker)).unwrap();
    module
}

/// A folder that the mail servers' user can enter.
fn desk() -> TempDir {
    tempfile::Builder::new().prefix("imapmig-pester-").tempdir().unwrap()
}

/// Runs the named files of tests/pester, and fails with what Pester printed.
fn pester(desk: &Path, names: &str, servers: Option<&Value>) {
    let mut command = powershell();
    command
        .args(["-NoProfile", "-NonInteractive", "-File"])
        .arg(root().join("tests/pester/Invoke-Tests.ps1"))
        .args(["-Name", names, "-Module"])
        .arg(module(desk))
        .env("IMAPMIGRATION_HOME", desk.join("home"))
        .env_remove("IMAPMIGRATION_LIBRARY")
        .env_remove("IMAPMIG_TEST_SERVERS");
    if let Some(servers) = servers {
        let file = desk.join("servers.json");
        std::fs::write(&file, servers.to_string()).unwrap();
        command.env("IMAPMIG_TEST_SERVERS", file);
    }

    let output = command.output().unwrap();

    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// One run of the runbook, with a state directory of its own that trusts the server's authority.
struct Run {
    migration: Migration,
    told: Value,
}

impl Run {
    fn new(
        desk: &Path,
        at: usize,
        (style, csv): (&str, &str),
        (server, before): (&Server, &[Snapshot; 3]),
        security: &str,
    ) -> Self {
        let folder = desk.join(format!("run-{at}"));
        std::fs::create_dir(&folder).unwrap();
        let migration = trusting(server);
        // As the documents' text, and as Windows' editors write it.
        let csv = if security == "Ssl" { csv.to_owned() } else { csv.replace('\n', "\r\n") };
        let told = json!({
            "Edition": at % EDITIONS, "Style": style, "Security": security, "Server": server.host, "Port": server.port,
            "TlsPort": server.tls_port, "Csv": csv, "Folder": folder, "Home": migration.home(),
            "Messages": before.iter().map(Snapshot::messages).sum::<usize>(),
        });
        Self { migration, told }
    }

    /// What a second Dovecot serves of the run's Maildirs is what the source holds.
    fn assert_arrived(&self, sources: &[Snapshot], comparison: &dyn Fn() -> Comparison) {
        let target = self.migration.serve();
        for (email, source) in EMAILS.into_iter().zip(sources) {
            assert_same(source, &account(&target, email, "pw"), &comparison());
        }
    }
}

fn trusting(server: &Server) -> Migration {
    Migration::new().trusting(&[&std::fs::read_to_string(&server.ca).unwrap()])
}

fn told<'a>(runs: impl IntoIterator<Item = &'a Run>) -> Value {
    json!({ "Runs": runs.into_iter().map(|run| &run.told).collect::<Vec<_>>() })
}

#[test]
fn the_cmdlets_pass_their_own_tests() {
    require!("pwsh", "pester");
    let desk = desk();

    pester(
        desk.path(),
        "*-Migration*,BadInput,Conformance,Errors,Help,Manifest,Meta,Native,Objects,Examples,Parameters,Preferences,Scripts,Splat,Twins,Verbose,MigrationUser",
        None,
    );
}

#[test]
fn the_packages_install_and_their_demo_runs() {
    require!("pwsh", "pester");
    let desk = desk();

    pester(desk.path(), "Packages", None);
}

#[test]
fn the_documents_runbook_brings_every_message_from_dovecot_in_every_sign_in_style() {
    require!("pwsh", "pester", "dovecot", "corpus");
    let desk = desk();
    let sources = [MANY, FEW].map(|messages| {
        let source = Dovecot::source().start();
        for ((name, _), messages) in PEOPLE.into_iter().zip(messages) {
            source.deliver(name, &corpus::spam_assassin(messages));
        }
        let before = PEOPLE.map(|(name, password)| account(&source, name, password));
        assert_eq!(before.each_ref().map(Snapshot::messages), messages);
        (source, before)
    });
    // Each edition and each style, and both securities for a plain user and for an administrator.
    let chosen = [(0, "Ssl"), (1, "Tls"), (2, "Ssl"), (3, "Tls"), (0, "Tls")];
    let runs: Vec<_> = (0..EDITIONS)
        .zip(chosen)
        .map(|(at, (style, security))| {
            let (source, before) = &sources[usize::from(at > 0)];
            (Run::new(desk.path(), at, STYLES[style], (source, before), security), before)
        })
        .collect();

    pester(desk.path(), "Runbook", Some(&told(runs.iter().map(|(run, _)| run))));

    for (run, before) in &runs {
        run.assert_arrived(*before, &|| Comparison::strict().with_subscriptions());
    }
}

#[test]
fn the_documents_runbook_brings_every_message_from_couriers_shared_folders() {
    require!("pwsh", "pester", "courier", "dovecot", "corpus");
    let desk = desk();
    let source = Courier::shared_folders().start();
    for ((name, password), messages) in PEOPLE.into_iter().zip(FEW) {
        source.login(name, password).unwrap().seed(&corpus::spam_assassin(messages)).unwrap();
    }
    let mut admin = source.login(ADMIN.0, ADMIN.1).unwrap();
    let before =
        PEOPLE.map(|(name, _)| Snapshot::below(&mut admin, &Courier::shared_name(name), '.').unwrap());
    assert_eq!(before.each_ref().map(Snapshot::messages), FEW);
    let runs = [(4, "Ssl"), (9, "Tls")]
        .map(|(at, security)| Run::new(desk.path(), at, COURIER, (&source, &before), security));

    pester(desk.path(), "Runbook", Some(&told(&runs)));

    for run in &runs {
        run.assert_arrived(&before, &Comparison::strict);
    }
}

#[test]
fn what_goes_wrong_at_servers_is_told_in_powershell() {
    require!("pwsh", "pester", "dovecot", "courier");
    let desk = desk();
    let source = Dovecot::source().start();
    for (name, _) in PEOPLE {
        source.deliver(name, &corpus::small(30));
    }
    let shared = Courier::shared_folders().start();
    shared.login(ADMIN.0, ADMIN.1).unwrap().seed(&corpus::small(5)).unwrap();
    let target = Dovecot::target().start();
    let shown = |certificate| Dovecot::source().certificate(certificate).start();
    let (expired, elsewhere, own) =
        (shown(Certificate::Expired), shown(Certificate::WrongHost), shown(Certificate::SelfSigned));

    let homes = trusting(&source);
    let servers = json!({
        "Authority": source.ca, "Homes": homes.home(), "Plain": source.port, "Tls": source.tls_port,
        "Courier": shared.port, "Target": target.port,
        "Expired": expired.tls_port, "WrongHost": elsewhere.tls_port, "SelfSigned": own.tls_port,
    });

    pester(desk.path(), "Servers", Some(&servers));
}
