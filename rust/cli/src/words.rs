//! Puts the cmdlets and parameters that a message names into this program's words: `-SkipVerification` is `--skip-verification` here.
//!
//! Knows what can be typed from the definition of the arguments, so that it never names an option that does not exist.

use crate::arguments::Arguments;
use clap::{Command, CommandFactory};
use std::collections::HashSet;

/// The message for somebody who types here.
pub(crate) fn translated(message: &str) -> String {
    let mut options = HashSet::new();
    collect(&Arguments::command(), &mut options);
    let mut text = message.replace("Wait-MigrationBatch", "imapmig wait");
    for (verb, noun) in [
        ("New", "Endpoint"),
        ("Get", "Endpoint"),
        ("Set", "Endpoint"),
        ("Remove", "Endpoint"),
        ("New", "Batch"),
        ("Get", "Batch"),
        ("Set", "Batch"),
        ("Start", "Batch"),
        ("Stop", "Batch"),
        ("Complete", "Batch"),
        ("Confirm", "Batch"),
        ("Remove", "Batch"),
        ("Get", "User"),
        ("Set", "User"),
        ("Start", "User"),
        ("Stop", "User"),
        ("Remove", "User"),
        ("Get", "Config"),
        ("Set", "Config"),
    ] {
        let (cmdlet, here) = (format!("{verb}-Migration{noun}"), format!("imapmig {noun} {verb}"));
        text = text.replace(&cmdlet, &here.to_lowercase());
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find('-') {
        let (before, parameter) = rest.split_at(at);
        out.push_str(before);
        let name: String = parameter[1..].chars().take_while(char::is_ascii_alphabetic).collect();
        let in_a_word = out.ends_with(|c: char| c.is_alphanumeric() || c == '-')
            || parameter[1 + name.len()..].starts_with('-');
        let option = if in_a_word { None } else { option_of(&name, &options) };
        match option {
            Some(option) => {
                out.push_str("--");
                out.push_str(option);
                let behind = &parameter[1 + name.len()..];
                rest = behind.strip_prefix(" $true").unwrap_or(behind);
            }
            None => {
                out.push('-');
                rest = &parameter[1..];
            }
        }
    }
    out + rest
}

fn collect(command: &Command, options: &mut HashSet<String>) {
    options.extend(command.get_arguments().filter_map(|a| a.get_long()).map(str::to_owned));
    command.get_subcommands().for_each(|c| collect(c, options));
}

/// The option for a parameter; secrets come from files here.
fn option_of<'a>(parameter: &str, options: &'a HashSet<String>) -> Option<&'a str> {
    if !parameter.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    let mut name = String::new();
    for c in parameter.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    options.get(&name).or_else(|| options.get(&format!("{name}-file"))).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::translated;

    #[test]
    fn parameters_and_cmdlets_are_named_as_they_are_typed_here() {
        for (message, here) in [
            ("use -AcceptUntrustedCertificates.", "use --accept-untrusted-certificates."),
            ("(Set-MigrationEndpoint -TestMailbox)", "(imapmig endpoint set --test-mailbox)"),
            (
                "have them ignored with -AllowUnknownColumnsInCsv $true.",
                "have them ignored with --allow-unknown-columns-in-csv.",
            ),
            ("set it with -ClientSecret", "set it with --client-secret-file"),
        ] {
            assert_eq!(translated(message), here);
        }
    }

    #[test]
    fn what_is_no_parameter_of_ours_stays() {
        for message in [
            "Add-MailboxPermission -AccessRights FullAccess",
            "the e-Mail-Name of X-Scope - and -",
            "35651584 -Port-al --Port",
        ] {
            assert_eq!(translated(message), message);
        }
    }
}
