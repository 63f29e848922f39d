//! Who imports whom: no circles among the files of a crate.
//!
//! A file imports another if a path in it leads there, in a `use` or in the middle of the code; names are followed through
//! re-exports to the file that defines them. Parents and children do not count for each other, and tests may import anything.

use crate::{files, report, root};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::{Path, PathBuf};

/// A module of a crate; an inline module shares the file of the one around it.
#[derive(Default)]
struct Module {
    file: PathBuf,
    parent: Option<usize>,
    children: HashMap<String, usize>,
    /// What `use` binds, by the name it has here.
    names: HashMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    /// Every path that is written in the module.
    paths: Vec<Vec<String>>,
}

pub(crate) struct Crate {
    modules: Vec<Module>,
}

impl Crate {
    /// Reads the crate with this root file.
    fn read(file: &Path) -> Self {
        let mut read = Self { modules: Vec::new() };
        read.file(file, file.parent().unwrap(), None);
        read
    }

    fn file(&mut self, file: &Path, folder: &Path, parent: Option<usize>) -> usize {
        let module = self.modules.len();
        self.modules.push(Module { file: file.to_path_buf(), parent, ..Module::default() });
        let text = std::fs::read_to_string(file).unwrap();
        let tokens: TokenStream = text.parse().unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        if !is_test(&tokens) {
            self.tokens(module, folder, tokens);
        }
        module
    }

    /// Notes the modules, uses and paths among the tokens. `folder` is where the module's children lie.
    fn tokens(&mut self, module: usize, folder: &Path, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            if punct(&tokens, at, '#') {
                let attribute = tokens.get(at + 1);
                at += 2;
                if matches!(attribute, Some(TokenTree::Group(g)) if is_test(&g.stream())) {
                    at = after_item(&tokens, at);
                }
            } else if ident(&tokens, at).as_deref() == Some("mod") && ident(&tokens, at + 1).is_some() {
                let name = ident(&tokens, at + 1).unwrap();
                self.child(module, folder, &name, tokens.get(at + 2));
                at += 3;
            } else if ident(&tokens, at).as_deref() == Some("use") {
                let end = (at..tokens.len()).find(|i| punct(&tokens, *i, ';')).unwrap_or(tokens.len());
                self.uses(module, &[], &tokens[at + 1..end]);
                at = end + 1;
            } else if let Some((path, next)) = path_at(&tokens, at) {
                self.modules[module].paths.push(path);
                at = next;
            } else {
                if let TokenTree::Group(group) = &tokens[at] {
                    self.tokens(module, folder, group.stream());
                }
                at += 1;
            }
        }
    }

    fn child(&mut self, module: usize, folder: &Path, name: &str, body: Option<&TokenTree>) {
        let below = folder.join(name);
        let child = if let Some(TokenTree::Group(body)) = body {
            let file = self.modules[module].file.clone();
            let child = self.modules.len();
            self.modules.push(Module { file, parent: Some(module), ..Module::default() });
            self.tokens(child, &below, body.stream());
            child
        } else {
            let file =
                [folder.join(format!("{name}.rs")), below.join("mod.rs")].into_iter().find(|f| f.is_file());
            let Some(file) = file else { return };
            self.file(&file, &below, Some(module))
        };
        self.modules[module].children.insert(name.to_owned(), child);
    }

    /// Notes what a use tree binds.
    fn uses(&mut self, module: usize, before: &[String], tree: &[TokenTree]) {
        let mut path = before.to_vec();
        for (at, token) in tree.iter().enumerate() {
            match token {
                TokenTree::Ident(word) if *word == "as" => {
                    let name = ident(tree, at + 1).unwrap_or_default();
                    self.modules[module].names.insert(name, path.clone());
                    return self.modules[module].paths.push(path);
                }
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Punct(mark) if mark.as_char() == '*' => {
                    return self.modules[module].globs.push(path);
                }
                TokenTree::Group(group) => {
                    let inner: Vec<_> = group.stream().into_iter().collect();
                    for branch in inner.split(|t| matches!(t, TokenTree::Punct(p) if p.as_char() == ',')) {
                        if !branch.is_empty() {
                            self.uses(module, &path, branch);
                        }
                    }
                    return;
                }
                _ => {}
            }
        }
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if let Some(name) = path.last().cloned() {
            self.modules[module].names.insert(name, path.clone());
        }
        self.modules[module].paths.push(path);
    }

    /// The module that a path leads to or that defines the item it leads to; `None` for other crates and local names.
    fn resolve(&self, from: usize, path: &[String], depth: usize) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        let here = &self.modules[from];
        let start = match first.as_str() {
            "crate" => 0,
            "self" => from,
            "super" => here.parent?,
            name => match (here.children.get(name), here.names.get(name)) {
                (Some(child), _) => *child,
                (None, Some(bound)) if depth < 8 && bound != path && bound[0] != *name => {
                    let whole: Vec<_> = bound.iter().chain(rest).cloned().collect();
                    return self.resolve(from, &whole, depth + 1);
                }
                _ => return None,
            },
        };
        Some(self.descend(start, rest, depth))
    }

    fn descend(&self, module: usize, rest: &[String], depth: usize) -> usize {
        let Some((next, rest)) = rest.split_first() else { return module };
        let here = &self.modules[module];
        if next == "super" {
            return here.parent.map_or(module, |parent| self.descend(parent, rest, depth));
        }
        if let Some(child) = here.children.get(next) {
            return self.descend(*child, rest, depth);
        }
        if depth >= 8 {
            return module;
        }
        if let Some(bound) = here.names.get(next) {
            let whole: Vec<_> = bound.iter().chain(rest).cloned().collect();
            return self.resolve(module, &whole, depth + 1).unwrap_or(module);
        }
        module
    }

    /// Every path that is written in a file, and the file of this crate that it leads to.
    pub(crate) fn paths(&self) -> impl Iterator<Item = (&Path, &[String], Option<&Path>)> {
        self.modules.iter().enumerate().flat_map(move |(from, module)| {
            module.paths.iter().chain(&module.globs).map(move |path| {
                let to = self.resolve(from, path, 0).map(|to| self.modules[to].file.as_path());
                (module.file.as_path(), path.as_slice(), to)
            })
        })
    }

    /// Which file imports which, by the path that shows it.
    fn imports(&self) -> BTreeMap<PathBuf, BTreeMap<PathBuf, String>> {
        let mut imports: BTreeMap<PathBuf, BTreeMap<PathBuf, String>> = BTreeMap::new();
        for (from, module) in self.modules.iter().enumerate() {
            for path in module.paths.iter().chain(&module.globs) {
                let Some(to) = self.resolve(from, path, 0) else { continue };
                let file = &self.modules[to].file;
                if *file != module.file && !self.is_above(from, to) && !self.is_above(to, from) {
                    let to_file = imports.entry(module.file.clone()).or_default();
                    to_file.entry(file.clone()).or_insert_with(|| path.join("::"));
                }
            }
        }
        imports
    }

    fn is_above(&self, upper: usize, lower: usize) -> bool {
        std::iter::successors(Some(lower), |m| self.modules[*m].parent).any(|m| m == upper)
    }
}

pub(crate) fn punct(tokens: &[TokenTree], at: usize, mark: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == mark)
}

pub(crate) fn ident(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(TokenTree::Ident(word)) => Some(word.to_string()),
        _ => None,
    }
}

/// The path of two or more segments that begins here, and the index behind it.
fn path_at(tokens: &[TokenTree], at: usize) -> Option<(Vec<String>, usize)> {
    let mut path = vec![ident(tokens, at)?];
    let mut next = at + 1;
    while punct(tokens, next, ':') && punct(tokens, next + 1, ':') {
        let Some(segment) = ident(tokens, next + 2) else { break };
        path.push(segment);
        next += 3;
    }
    (path.len() > 1).then_some((path, next))
}

/// `cfg(test)` stands among these tokens, as an attribute's content or as an inner attribute.
pub(crate) fn is_test(tokens: &TokenStream) -> bool {
    let text: String = tokens.to_string().split_whitespace().collect();
    text.starts_with("cfg(test)") || text.starts_with("#![cfg(test)]")
}

/// The index behind the item that begins here, with further attributes of it.
pub(crate) fn after_item(tokens: &[TokenTree], mut at: usize) -> usize {
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Punct(p) if p.as_char() == ';' => return at + 1,
            TokenTree::Group(g) if g.delimiter() == Delimiter::Brace => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// The root files of all crates: libraries, programs, tests and benchmarks.
pub(crate) fn crates() -> Vec<Crate> {
    let is_root = |file: &PathBuf| {
        let relative = file.strip_prefix(root()).unwrap();
        let parts: Vec<_> = relative.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let in_crate = match parts.as_slice() {
            ["rust", _, inside @ ..] | ["tests", inside @ ..] => inside,
            _ => return false,
        };
        matches!(
            in_crate,
            ["src", "lib.rs" | "main.rs"]
                | ["tests" | "benches" | "bench", _]
                | ["tests" | "bench", _, "main.rs"]
        )
    };
    files(&["rs"]).iter().filter(|file| is_root(file)).map(|file| Crate::read(file)).collect()
}

/// The shortest way from a file back to itself.
fn circle(imports: &BTreeMap<PathBuf, BTreeMap<PathBuf, String>>, file: &Path) -> Option<Vec<PathBuf>> {
    let mut ways = VecDeque::from([vec![file.to_path_buf()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in imports.get(way.last()?).into_iter().flat_map(BTreeMap::keys) {
            if next == file {
                return Some(way);
            }
            if seen.insert(next.clone()) {
                ways.push_back(way.iter().chain([next]).cloned().collect());
            }
        }
    }
    None
}

pub(crate) fn short(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

#[test]
fn no_file_imports_a_file_that_imports_it() {
    let mut found = BTreeSet::new();
    for read in crates() {
        let imports = read.imports();
        for file in imports.keys() {
            let Some(mut way) = circle(&imports, file) else { continue };
            let first = (0..way.len()).min_by_key(|i| &way[*i]).unwrap();
            way.rotate_left(first);
            let steps = (0..way.len()).map(|i| {
                let (from, to) = (&way[i], &way[(i + 1) % way.len()]);
                format!("{} uses {}", short(from), imports[from][to])
            });
            found.insert(steps.collect::<Vec<_>>().join("\n    "));
        }
    }

    report("files that import each other in a circle", &found.into_iter().collect::<Vec<_>>());
}
