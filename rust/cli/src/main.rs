//! `imapmig`: the cmdlets' nouns and verbs for machines without PowerShell, the worker, and the demo.
//!
//! Every command builds one request, asks the engine, and shows the reply: as a table for people, or with `--json` as the very
//! JSON of the C ABI. There is no logic here; what a command may do and what it says is the engine's.

#![forbid(unsafe_code)]

mod arguments;
mod client;
mod commands;
mod demo;
mod exit;
mod failed;
mod files;
mod output;
mod shell;
mod tables;
mod values;
mod worker;

use arguments::{Arguments, Command, HOME_VARIABLE};
use clap::Parser;
use client::Client;
use failed::Failed;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    arguments.common.without_empty_variable(std::env::var_os(HOME_VARIABLE).as_deref());
    match run(arguments) {
        Ok(code) if output::is_whole() => code,
        Ok(_) => exit::Exit::Failed.into(),
        Err(failed) => {
            output::error(&failed);
            exit::Exit::of_error(&failed.error).into()
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, Failed> {
    let common = arguments.common;
    match arguments.command {
        Command::Completions(shell) => Ok(shell::completions(&shell)),
        Command::Man(man) => shell::man(&man, common.json),
        Command::Worker(worker) => worker::run(&common, &worker),
        Command::Demo(demo) => demo::run(&common, &demo),
        Command::TestServer(test) => commands::server::test(&Client::open(&common)?, test),
        Command::Endpoint(command) => commands::endpoint::run(&Client::open(&common)?, command),
        Command::Batch(command) => commands::batch::run(&Client::open(&common)?, command),
        Command::User(command) => commands::user::run(&Client::open(&common)?, command),
        Command::Statistics => commands::statistics::show(&Client::open(&common)?),
        Command::Report(report) => commands::statistics::export(&Client::open(&common)?, report),
        Command::Wait(wait) => commands::wait::run(&Client::open(&common)?, &wait),
        Command::Config(command) => commands::config::run(&Client::open(&common)?, command),
    }
}
