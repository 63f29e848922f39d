//! Migrations from Dovecot to Dovecot beside the peers on this machine and the raw floor, in turn within one run.
//!
//! Absolute times differ from machine to machine; the ratios within one run are what counts. After every first copy the
//! target is compared with the source message by message. See [`arguments::USAGE`].
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people at a terminal"
)]

mod arguments;
mod corpora;
mod disk;
mod floor;
mod job;
mod line;
mod measure;
mod report;
mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use arguments::{Arguments, Leg, USAGE};
use corpora::Load;
use disk::Disk;
use imapmig_tests::{Comparison, Dovecot, Snapshot};
use job::{Job, Pass, TARGET_PASSWORD, source_password};
use report::{Cell, Report};
use tools::Tool;

fn main() {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(text) => {
            eprintln!("{text}\n\n{USAGE}");
            std::process::exit(2);
        }
    };
    if !imapmig_tests::available("peers", &["dovecot"]) {
        println!("Dovecot is missing: tests/servers/install.sh dovecot");
        return;
    }
    let program = arguments.program.clone().unwrap_or_else(built);
    let wanted = |tool: &Tool| arguments.only.is_empty() || arguments.only.contains(&tool.name());
    let tools: Vec<Tool> = tools::on_this_machine(program).into_iter().filter(wanted).collect();
    let mut report = Report::new(&tools, arguments.scale);
    let loads = corpora::named(&arguments.corpora, arguments.scale);
    for leg in &arguments.legs {
        measure_line(&mut report, &arguments, &tools, &loads, *leg);
        if let Some(file) = &arguments.write {
            std::fs::write(file, report.text()).unwrap();
        }
    }
    println!("{}", report.text());
}

/// One table: all loads over one line onto one disk.
fn measure_line(report: &mut Report, arguments: &Arguments, tools: &[Tool], loads: &[Load], leg: Leg) {
    let Leg { line, fsync, runs } = leg;
    let in_all = if runs == 1 { "one run".to_owned() } else { format!("median of {runs} runs") };
    let mut title = line.to_string();
    for load in loads {
        let source_disk = Disk::memory().unwrap();
        let users: Vec<String> = load.accounts.iter().map(|(user, _)| user.clone()).collect();
        let passwords: Vec<String> = users.iter().map(|user| source_password(user)).collect();
        let names: Vec<_> =
            users.iter().map(String::as_str).zip(passwords.iter().map(String::as_str)).collect();
        let source = Dovecot::source().accounts(&names).below(source_disk.path()).start();
        for (user, corpus) in &load.accounts {
            source.deliver(user, corpus);
        }
        let there: Vec<Snapshot> =
            users.iter().map(|user| snapshot(&source, user, &source_password(user))).collect();
        let mut cells = vec![[Cell::default(), Cell::default()]; tools.len()];
        for run in 1..=runs {
            for (tool, cells) in tools.iter().zip(&mut cells) {
                // What failed or took too long once is not tried again.
                if cells.iter().any(Cell::is_given_up) {
                    continue;
                }
                let disk = if fsync { Disk::real() } else { Disk::memory() }.unwrap();
                title = format!("{line}, target on {}, {in_all}", disk.text);
                eprintln!("{title}: {} by {}, run {run}", load.name, tool.name());
                let target = Dovecot::target().fsync(fsync).below(disk.path()).start();
                let home = tempfile::tempdir().unwrap();
                let ends = line.lay(&source, &target);
                if !tool.can(&ends) {
                    continue;
                }
                let limit = arguments.limit;
                let job = Job { ends: &ends, target: &target, users: &users, home: home.path(), limit };
                for (pass, cell) in [Pass::First, Pass::Again].into_iter().zip(cells) {
                    let before = servers_cpu(&source, &target);
                    let mut outcome = tool.run(&job, pass);
                    if let Ok(Some(cost)) = &mut outcome {
                        cost.servers = servers_cpu(&source, &target).saturating_sub(before);
                    }
                    let complete = matches!(outcome, Ok(Some(_)));
                    cell.add(outcome, arguments.limit);
                    if complete && pass == Pass::First {
                        cell.differences = there
                            .iter()
                            .zip(&users)
                            .flat_map(|(there, user)| differences(there, &target, user))
                            .collect();
                    }
                    if !complete {
                        break;
                    }
                }
                tool.clear(home.path());
            }
        }
        report.add_row(&title, load, cells);
    }
}

/// The CPU time of both servers so far, the processes for connections included.
fn servers_cpu(source: &Dovecot, target: &Dovecot) -> Duration {
    [source, target].into_iter().filter_map(|server| server.process()).map(measure::cpu_below).sum()
}

fn snapshot(server: &Dovecot, user: &str, password: &str) -> Snapshot {
    Snapshot::of(&mut server.login(user, password).unwrap()).unwrap()
}

/// What is otherwise at the target than at the source.
fn differences(there: &Snapshot, target: &Dovecot, user: &str) -> Vec<String> {
    Comparison::strict()
        .allowing_more_mailboxes()
        .differences(there, &snapshot(target, user, TARGET_PASSWORD))
}

/// Our own program, built anew as it is released.
fn built() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let words = ["build", "--profile", "dist", "-p", "imapmig-cli"];
    let status = Command::new(cargo).args(words).current_dir(root).status();
    assert!(status.unwrap().success(), "imapmig cannot be built");
    // This program is <target>/release/deps/peers-<hash>.
    std::env::current_exe().unwrap().ancestors().nth(3).unwrap().join("dist/imapmig")
}
