//! The words in which sentences name commands and options are those that can be typed.

use super::Arguments;
use clap::{Command, CommandFactory};
use imapmig_engine::Term;
use std::collections::HashSet;
use std::path::Path;

fn options(command: &Command) -> HashSet<String> {
    let own = command.get_arguments().filter_map(|a| a.get_long()).map(|long| format!("--{long}"));
    own.chain(command.get_subcommands().flat_map(options)).collect()
}

/// Whether `imapmig a b` is a command.
fn is_command(words: &str) -> bool {
    let mut words = words.split(' ');
    let mut command = Arguments::command();
    words.next() == Some("imapmig")
        && words.all(|word| {
            let found = command.find_subcommand(word).cloned();
            found.map(|found| command = found).is_some()
        })
}

#[test]
fn every_command_and_option_that_a_sentence_names_can_be_typed() {
    let options = options(&Arguments::command());

    let unknown: Vec<_> = Term::ALL
        .iter()
        .map(|term| term.command_line())
        .filter(|words| !options.contains(*words) && !is_command(words))
        .collect();

    assert_eq!(unknown, [""; 0]);
}

#[test]
fn every_cmdlet_and_parameter_that_a_sentence_names_is_one_of_the_modules() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ps-module/ImapMigration/Public");
    let scripts: String = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();

    let unknown: Vec<_> = Term::ALL
        .iter()
        .flat_map(|term| term.powershell().split(' '))
        .filter(|word| match word.strip_prefix('-') {
            Some(parameter) => !scripts.contains(&format!("] ${parameter}")),
            None => word.contains('-') && !folder.join(format!("{word}.ps1")).is_file(),
        })
        .collect();

    assert_eq!(unknown, [""; 0]);
}
