//! The methods of a type stand with it: an `impl` block without a trait lies in the file that declares its type, or in a file of
//! a module below it.

use crate::imports::{ident, punct, short};
use crate::{files, report};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What the items of a file declare, and whose methods they hold.
#[derive(Default)]
struct Types {
    declared: BTreeSet<String>,
    with_methods: BTreeSet<String>,
}

impl Types {
    fn of(text: &str) -> Self {
        let mut types = Self::default();
        types.items(text.parse().unwrap());
        types
    }

    /// Reads items; what stands in functions is theirs alone.
    fn items(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for at in 0..tokens.len() {
            match ident(&tokens, at).as_deref() {
                Some("struct" | "enum" | "union") => self.declared.extend(ident(&tokens, at + 1)),
                Some("mod") => {
                    if let Some(TokenTree::Group(inside)) = tokens.get(at + 2) {
                        self.items(inside.stream());
                    }
                }
                Some("impl") if begins_item(&tokens[..at]) => {
                    self.with_methods.extend(own_type(&tokens[at + 1..]))
                }
                // What a macro declares: `statuses!(... Status { ... })`.
                Some(_) if punct(&tokens, at + 1, '!') => {
                    if let Some(TokenTree::Group(inside)) = tokens.get(at + 2) {
                        self.declared.extend(before_braces(inside.stream()));
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether an item begins behind these tokens, and not `impl Trait` as a type.
fn begins_item(before: &[TokenTree]) -> bool {
    match before.last() {
        None => true,
        Some(TokenTree::Group(group)) => group.delimiter() != Delimiter::Parenthesis,
        Some(_) => punct(before, before.len() - 1, ';'),
    }
}

/// The type of the `impl` block whose tokens these are; `None` if it implements a trait.
fn own_type(tokens: &[TokenTree]) -> Option<String> {
    let is_body = |t: &TokenTree| matches!(t, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace);
    let head = &tokens[..tokens.iter().position(is_body)?];
    let (mut depth, mut name) = (0_i32, None);
    for (at, token) in head.iter().enumerate() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '<' => depth += 1,
            TokenTree::Punct(mark) if mark.as_char() == '>' && !punct(head, at.wrapping_sub(1), '-') => {
                depth -= 1
            }
            TokenTree::Ident(word) if depth == 0 && *word == "for" => return None,
            TokenTree::Ident(word) if depth == 0 && *word == "where" => break,
            TokenTree::Ident(word) if depth == 0 => name = Some(word.to_string()),
            _ => {}
        }
    }
    name
}

fn before_braces(tokens: TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_braces = |t: &TokenTree| matches!(t, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace);
    (1..tokens.len()).filter(|at| is_braces(&tokens[*at])).filter_map(|at| ident(&tokens, at - 1)).collect()
}

/// The files that a module may lie in whose child lies in this file, and those above it.
fn above(file: &Path) -> impl Iterator<Item = PathBuf> + '_ {
    let folders = file.ancestors().skip(1).take_while(|folder| !folder.ends_with("src"));
    folders.flat_map(|folder| [folder.with_extension("rs"), folder.join("mod.rs"), folder.join("main.rs")])
}

#[test]
fn methods_stand_with_their_type() {
    let read = |file: &PathBuf| (file.clone(), Types::of(&std::fs::read_to_string(file).unwrap()));
    let all: BTreeMap<PathBuf, Types> = files(&["rs"]).iter().map(read).collect();
    let declares = |file: &Path, name: &String| all.get(file).is_some_and(|t| t.declared.contains(name));

    let offenders: Vec<_> = all
        .iter()
        .flat_map(|(file, types)| types.with_methods.iter().map(move |name| (file, name)))
        .filter(|(file, name)| !declares(file, name) && !above(file).any(|up| declares(&up, name)))
        .map(|(file, name)| format!("{}: {name}", short(file)))
        .collect();

    report("methods of types that another file declares", &offenders);
}

#[test]
fn the_type_of_an_impl_block_is_found_behind_generics_and_a_trait_s_is_left_aside() {
    let text = "struct Own; impl<T: Fn() -> u8> other::Away<T> where T: Copy {} impl Clone for Own {} \
                impl<'a> Own {} words! { #[one] Made { A } } impl Made {} fn f() -> impl Fn() { impl Local {} }";
    let types = Types::of(text);
    let names = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>();

    assert_eq!(names(&types.declared), ["Made", "Own"]);
    assert_eq!(names(&types.with_methods), ["Away", "Made", "Own"]);
}
