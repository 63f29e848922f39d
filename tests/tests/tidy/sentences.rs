//! Sentences that people see stand in `rust/engine/src/messages/`, and nothing below it names cmdlets or parameters.

use crate::imports::{after_item, ident, is_test, punct};
use crate::{files, report, root};
use proc_macro2::{TokenStream, TokenTree};
use std::path::Path;

/// So many words make a sentence.
const SENTENCE: usize = 4;

/// The literals of a file that people may see: not those of tests, of attributes, of the log and of invariants.
fn literals(tokens: TokenStream, found: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if punct(&tokens, at, '#') {
            at += 1 + usize::from(punct(&tokens, at + 1, '!'));
            let attribute = tokens.get(at);
            at += 1;
            if let Some(TokenTree::Group(group)) = attribute {
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                if is_test(&group.stream()) {
                    at = after_item(&tokens, at);
                } else if ident(&inside, 0).as_deref() == Some("error") {
                    literals(group.stream(), found);
                }
            }
            continue;
        }
        let name = ident(&tokens, at);
        let is_log = name.as_deref() == Some("tracing");
        if is_log || name.as_deref() == Some("expect") {
            // Up to the arguments.
            at += 1;
            while at < tokens.len() && !matches!(tokens[at], TokenTree::Group(_)) && !punct(&tokens, at, ';')
            {
                at += 1;
            }
        } else if let TokenTree::Group(group) = &tokens[at] {
            literals(group.stream(), found);
        } else if let TokenTree::Literal(literal) = &tokens[at] {
            found.extend(
                literal.to_string().strip_prefix('"').map(|text| text.trim_end_matches('"').to_owned()),
            );
        }
        at += 1;
    }
}

/// The literals of every file in these folders, with the file's name.
fn literals_in(folders: &[&str]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for file in files(&["rs"]) {
        let name = file.strip_prefix(root()).unwrap().display().to_string().replace('\\', "/");
        let is_of_tests =
            name.contains("/tests") || name.ends_with("/testing.rs") || name.ends_with("/mutated.rs");
        if is_of_tests || !folders.iter().any(|folder| name.starts_with(folder)) {
            continue;
        }
        let mut found = Vec::new();
        literals(read(&file), &mut found);
        all.extend(found.into_iter().map(|text| (name.clone(), text)));
    }
    all
}

fn read(file: &Path) -> TokenStream {
    let tokens: TokenStream = std::fs::read_to_string(file).unwrap().parse().unwrap();
    if is_test(&tokens) { TokenStream::new() } else { tokens }
}

fn is_sentence(text: &str) -> bool {
    let is_word = |word: &&str| word.chars().filter(|c| c.is_alphabetic()).count() >= 2;
    text.split_whitespace().filter(is_word).count() >= SENTENCE
}

fn is_exception(text: &str) -> bool {
    text.ends_with("Exception") && !text.contains(' ')
}

#[test]
fn the_engines_sentences_and_error_names_stand_in_one_folder() {
    let all = literals_in(&["rust/engine/src/"]);
    let (inside, outside): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(file, _)| file.starts_with("rust/engine/src/messages/"));
    let offenders: Vec<_> = outside
        .iter()
        .filter(|(_, text)| is_sentence(text) || is_exception(text))
        .map(|(file, text)| format!("{file}: {text}"))
        .collect();

    assert!(inside.iter().any(|(_, text)| is_sentence(text)), "nothing was looked at");
    report("sentences outside rust/engine/src/messages", &offenders);
}

#[test]
fn only_the_faces_and_their_terms_name_cmdlets_and_parameters() {
    let names_one = |text: &str| {
        let is_parameter = |word: &str| {
            let name = word.trim_start_matches('(').strip_prefix('-').unwrap_or_default();
            name.len() > 2 && name.starts_with(|c: char| c.is_ascii_uppercase())
        };
        text.contains("-Migration") || text.split_whitespace().any(is_parameter)
    };
    let folders = ["core", "imap", "maildir", "store", "engine"].map(|name| format!("rust/{name}/src/"));
    let folders: Vec<_> = folders.iter().map(String::as_str).collect();
    // Exchange's own cmdlets are no commands of ours.
    let is_exchanges =
        |text: &str| text.contains("Add-MailboxPermission") || text.contains("New-ServicePrincipal");
    let offenders: Vec<_> = literals_in(&folders)
        .into_iter()
        .filter(|(file, text)| !file.ends_with("messages/terms.rs") && names_one(text) && !is_exchanges(text))
        .map(|(file, text)| format!("{file}: {text}"))
        .collect();

    report("texts that name commands without a term", &offenders);
}
