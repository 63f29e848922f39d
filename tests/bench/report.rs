//! The report: machine, versions, date, tables of medians, and the ratios that count.

use std::fmt::Write;
use std::time::Duration;

use crate::corpora::Load;
use crate::measure::Cost;
use crate::tools::Tool;

/// All runs of one program with one load.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    costs: Vec<Cost>,
    /// What is otherwise at the target, after the last run.
    pub(crate) differences: Vec<String>,
    given_up: Option<String>,
}

impl Cell {
    pub(crate) fn add(&mut self, outcome: Result<Option<Cost>, String>, limit: Duration) {
        match outcome {
            Ok(Some(cost)) => self.costs.push(cost),
            Ok(None) => self.given_up = Some(format!("over {} s", limit.as_secs())),
            Err(text) => {
                println!("{text}");
                self.given_up = Some("fails".into());
            }
        }
    }

    pub(crate) fn is_given_up(&self) -> bool {
        self.given_up.is_some()
    }

    /// The run with the median wall time.
    fn median(&self) -> Option<Cost> {
        let mut costs = self.costs.clone();
        costs.sort_by_key(|cost| cost.wall);
        costs.get(costs.len() / 2).copied().filter(|_| self.given_up.is_none())
    }

    fn is_faithful(&self) -> bool {
        self.differences.is_empty()
    }

    fn text(&self, own: Option<Cost>) -> String {
        let Some(cost) = self.median() else { return self.given_up.clone().unwrap_or_else(|| "-".into()) };
        let mut text = format!("{:.2} s", cost.wall.as_secs_f64());
        if let Some(own) = own {
            let _ = write!(text, " ({:.2}x)", ratio(cost, own));
        }
        let (own_cpu, servers) = (cost.cpu.as_secs_f64(), cost.servers.as_secs_f64());
        let _ = write!(text, ", {own_cpu:.2} + {servers:.2} s CPU");
        if cost.peak_kb > 0 {
            let _ = write!(text, ", {} MB", cost.peak_kb / 1024);
        }
        if !self.is_faithful() {
            let _ = write!(text, ", **{} differences**", self.differences.len());
        }
        text
    }
}

fn ratio(cost: Cost, own: Cost) -> f64 {
    cost.wall.as_secs_f64() / own.wall.as_secs_f64().max(0.000_001)
}

/// A line and a disk.
struct Table {
    title: String,
    rows: Vec<(&'static str, Vec<[Cell; 2]>)>,
}

/// All that was measured.
pub(crate) struct Report {
    tools: Vec<Tool>,
    head: String,
    tables: Vec<Table>,
    loads: Vec<(&'static str, &'static str)>,
}

impl Report {
    pub(crate) fn new(tools: &[Tool], scale: usize) -> Report {
        let mut head = format!(
            "# Benchmarks\n\n{}\n\nRuns of all programs in turn, {}.\n",
            "Written by `cargo bench -p imapmig-tests --bench peers -- --write docs/benchmarks.md`; see \
             [tests/bench](../tests/bench/main.rs).",
            jiff::Zoned::now().strftime("%-d %B %Y")
        );
        if scale > 1 {
            let _ = writeln!(head, "\n**A trial: the corpora were divided by {scale}.**");
        }
        let _ = writeln!(head, "\nMachine: {}.\n", machine());
        for tool in tools {
            if let Some(version) = tool.version() {
                let _ = writeln!(head, "- {}: {version}", tool.name());
            }
        }
        Report { tools: tools.to_vec(), head, tables: Vec::new(), loads: Vec::new() }
    }

    pub(crate) fn add_row(&mut self, title: &str, load: &Load, cells: Vec<[Cell; 2]>) {
        if !self.loads.iter().any(|(name, _)| *name == load.name) {
            self.loads.push((load.name, load.text));
        }
        if self.tables.last().is_none_or(|table| table.title != title) {
            self.tables.push(Table { title: title.to_owned(), rows: Vec::new() });
        }
        if let Some(table) = self.tables.last_mut() {
            table.rows.push((load.name, cells));
        }
    }

    pub(crate) fn text(&self) -> String {
        let mut text = self.head.clone();
        text.push_str("\nCorpora:\n\n");
        for (name, what) in &self.loads {
            let _ = writeln!(text, "- {name}: {what}");
        }
        text.push_str(
            "\nWall time (ratio to ours), CPU of the program and its children + that of both servers, the most memory the program \
             and its children held at once. Ours includes process start, the worker and `imapmig wait`. Peers copy up to eight users at once. doveadm writes \
             into its own store, without APPEND. `floor-n` fetches and appends over n pairs of connections and keeps no \
             books. After each first copy every message at the target is compared with the source: bytes, flags, keywords, \
             internal date.\n",
        );
        for table in &self.tables {
            for (pass, name) in ["First copy", "Nothing new"].into_iter().enumerate() {
                self.table(&mut text, table, pass, name);
            }
        }
        self.ratios(&mut text);
        text
    }

    fn table(&self, text: &mut String, table: &Table, pass: usize, name: &str) {
        let names: Vec<String> = self.tools.iter().map(Tool::name).collect();
        let _ = write!(text, "\n## {name}: {}\n\n| | {} |\n|---|", table.title, names.join(" | "));
        let _ = writeln!(text, "{}", "---|".repeat(names.len()));
        for (load, cells) in &table.rows {
            let own = self.own(cells, pass);
            let row: Vec<String> = cells.iter().map(|cell| cell[pass].text(own)).collect();
            let _ = writeln!(text, "| {load} | {} |", row.join(" | "));
        }
    }

    fn own(&self, cells: &[[Cell; 2]], pass: usize) -> Option<Cost> {
        let at = self.tools.iter().position(|tool| matches!(tool, Tool::Imapmig(_)))?;
        cells[at][pass].median()
    }

    /// How much faster ours is than the fastest faithful peer, and how near the fastest floor.
    fn ratios(&self, text: &mut String) {
        text.push_str(
            "\n## Ratios\n\n| | | fastest faithful peer : ours | ours : fastest floor |\n|---|---|---|---|\n",
        );
        for table in &self.tables {
            for (load, cells) in &table.rows {
                for (pass, name) in ["first copy", "nothing new"].into_iter().enumerate() {
                    let Some(own) = self.own(cells, pass) else { continue };
                    let best = |wanted: &dyn Fn(&Tool) -> bool| {
                        let all = self
                            .tools
                            .iter()
                            .zip(cells)
                            .filter(|(tool, cell)| wanted(tool) && cell[0].is_faithful());
                        all.filter_map(|(tool, cell)| Some((cell[pass].median()?, tool.name())))
                            .min_by_key(|(c, _)| c.wall)
                    };
                    let peer = best(&Tool::is_peer);
                    let floor = best(&|tool| matches!(tool, Tool::Floor(_)));
                    let peer =
                        peer.map_or("-".into(), |(cost, who)| format!("{:.2} ({who})", ratio(cost, own)));
                    let floor =
                        floor.map_or("-".into(), |(cost, who)| format!("{:.2} ({who})", ratio(own, cost)));
                    let _ = writeln!(text, "| {load}, {name} | {} | {peer} | {floor} |", table.title);
                }
            }
        }
    }
}

fn machine() -> String {
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?.split_once(':')?.1.trim().to_owned();
        Some(line)
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpu = field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".into());
    let memory = field(&read("/proc/meminfo"), "MemTotal")
        .and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    let kernel = read("/proc/sys/kernel/osrelease");
    format!(
        "{cores} cores of {cpu}, {:.0} GB of memory, Linux {}",
        memory.unwrap_or(0) as f64 / 1_048_576.0,
        kernel.trim()
    )
}
