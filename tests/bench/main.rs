//! Wall times of a first copy Dovecot -> Dovecot, beside the peers that are on this machine, in the same run.
//!
//! `cargo bench -p imapmig-tests --bench peers [-- S M L]`. Absolute times differ from machine to machine; the ratios are what
//! counts. Corpora: S 10,000 messages of 4 kB in 10 folders; M 5,000 messages of 1 kB to 8 MB in 12 nested folders; L 12
//! messages of 30 MB.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program for people at a terminal")]

mod corpora;
mod tools;

use imapmig_tests::{Comparison, Dovecot, Snapshot};
use std::time::Duration;
use tools::Tool;

const USER: &str = "terry.adams";
const PASSWORDS: [&str; 2] = ["1091990", "pw"];
const RUNS: usize = 3;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    if !imapmig_tests::available("peers", &["dovecot"]) {
        println!("Dovecot is missing: tests/servers/install.sh dovecot");
        return;
    }
    let tools = tools::on_this_machine();
    println!("| corpus | {} |", tools.iter().map(Tool::name).collect::<Vec<_>>().join(" | "));
    println!("|---|{}", "---|".repeat(tools.len()));
    for (name, corpus) in corpora::all() {
        if !wanted.is_empty() && !wanted.iter().any(|w| w == name) {
            continue;
        }
        let source = Dovecot::source().start();
        source.deliver(USER, &corpus);
        let cells: Vec<_> = tools.iter().map(|tool| measure(tool, &source)).collect();
        let own = cells[0].wall.as_secs_f64();
        let row = cells.iter().map(|cell| {
            let ratio = cell.wall.as_secs_f64() / own;
            format!("{:.2} s ({ratio:.1} x){}", cell.wall.as_secs_f64(), cell.remark)
        });
        println!("| {name} | {} |", row.collect::<Vec<_>>().join(" | "));
    }
}

struct Cell {
    wall: Duration,
    remark: String,
}

/// The median of some runs into empty targets, and how much is otherwise at the target of the last.
fn measure(tool: &Tool, source: &Dovecot) -> Cell {
    let mut walls = Vec::new();
    let mut remark = String::new();
    for _ in 0..RUNS {
        let target = Dovecot::target().start();
        let run = tool.run([source.port, target.port], USER, PASSWORDS);
        walls.push(run.wall);
        remark = run.peak_kb.map_or_else(String::new, |kb| format!(", {} MB", kb / 1024));
        let of =
            |server: &Dovecot, password| Snapshot::of(&mut server.login(USER, password).unwrap()).unwrap();
        let [here, there] = PASSWORDS;
        let comparison = Comparison::strict().allowing_more_mailboxes();
        let differences = of(source, here).diff(&of(&target, there), &comparison);
        if !differences.is_empty() {
            remark.push_str(&format!(", {} differences", differences.len()));
        }
    }
    walls.sort();
    Cell { wall: walls[RUNS / 2], remark }
}
