//! Chooses the target folder for every source folder.
//!
//! A folder with a use goes to the target's own folder with that use; everything else keeps its place. What the target
//! cannot spell is escaped as `=XX` (the UTF-8 bytes in hexadecimal, as in `Offers=2F2024`), what it would merge gets a
//! number behind it; both are reported with the reason. A name that only looks escaped is kept. A folder mapped in an earlier run keeps
//! its target. Pure: knows names and uses, not servers.

use crate::folder::{Folder, FolderPath, SpecialUse, WireName};
use crate::folder_filter::FolderFilter;
use crate::folder_use::{FolderUses, folded};
use crate::ports::target::TargetProfile;
use std::collections::{BTreeMap, BTreeSet};

/// How much of a name stays in its short form.
const SHORT: usize = 10;

/// Where one source folder goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The source folder.
    pub source: Folder,
    /// Its use, found by attribute or name.
    pub special_use: Option<SpecialUse>,
    /// Its place at the target.
    pub target: FolderPath,
    /// The target's name for it, where the target has it already.
    pub existing: Option<WireName>,
    /// Whether it is subscribed at the target already.
    pub subscribed: bool,
    /// Why it has another name at the target, if it has.
    pub renamed: Option<String>,
}

impl Mapping {
    /// Returns why users find the folder under another name at the target. One that goes to the target's own folder for the same
    /// use, or with the folder above it, is where they look for it, unless nobody could read its name.
    #[must_use]
    pub fn other_name(&self) -> Option<&str> {
        let is_found = self.special_use.is_some()
            || self.source.path.segments().last() == self.target.segments().last()
                && is_readable(&self.source);
        self.renamed.as_deref().filter(|_| !is_found)
    }
}

/// Which folders of the source are migrated, and where each goes.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Those that are migrated, INBOX first, then by path.
    pub mappings: Vec<Mapping>,
    /// Views of messages that lie in other folders too; migrated only where they are named.
    pub views: Vec<Mapping>,
}

/// Chooses the folders that the filter takes, and maps them; see [`map`] for `known`.
///
/// Every flagged message lies in another folder too. With "all mail" that is not so: what was archived may lie only there.
#[must_use]
pub fn choose<'k>(
    sources: Vec<Folder>,
    targets: &[Folder],
    profile: &TargetProfile,
    filter: &FolderFilter,
    known: impl IntoIterator<Item = (&'k FolderPath, &'k FolderPath)>,
) -> Choice {
    let uses = FolderUses::of(&sources);
    let use_of = |path: &FolderPath| uses.of_path(path);
    let is_taken = |folder: &Folder| folder.selectable && filter.takes(&folder.path, &use_of);
    let taken: Vec<Folder> = sources.into_iter().filter(is_taken).collect();
    let (views, mappings) = map(&taken, targets, profile, known).into_iter().partition(|mapping| {
        mapping.special_use == Some(SpecialUse::Flagged) && !filter.asks_for(&mapping.source.path, &use_of)
    });
    Choice { mappings, views }
}

/// Maps the selectable ones of `sources`, INBOX first, then by path. `known` holds the places that are decided already, such as
/// those of earlier runs; where two of them are one folder at the target, the first keeps it.
#[must_use]
pub fn map<'k>(
    sources: &[Folder],
    targets: &[Folder],
    profile: &TargetProfile,
    known: impl IntoIterator<Item = (&'k FolderPath, &'k FolderPath)>,
) -> Vec<Mapping> {
    let mut chosen = Chosen {
        source_uses: FolderUses::of(sources),
        target_uses: FolderUses::of(targets),
        profile,
        paths: BTreeMap::new(),
        taken: BTreeSet::new(),
    };
    for (source, target) in known {
        if !chosen.paths.contains_key(source) {
            chosen.claim(source, target);
        }
    }
    let reserved = profile.reserved.iter();
    chosen.taken.extend(reserved.map(|name| collision_key(profile, &FolderPath::new([name.clone()]))));
    let mut order: Vec<_> = sources.iter().filter(|f| f.selectable).collect();
    order.sort_by(|a, b| (!a.path.is_inbox(), &a.path).cmp(&(!b.path.is_inbox(), &b.path)));
    order.dedup_by(|a, b| a.path == b.path);
    // Folders with a use claim their places first, so that no plain namesake takes them.
    for folder in &order {
        if chosen.source_uses.of_path(&folder.path).is_some() {
            chosen.choose(&folder.path);
        }
    }
    let mut there: BTreeMap<FolderPath, &Folder> = BTreeMap::new();
    for target in targets.iter().filter(|t| t.selectable) {
        there.entry(collision_key(profile, &target.path)).or_insert(target);
    }
    order
        .into_iter()
        .map(|source| {
            let target = chosen.choose(&source.path);
            let special_use = chosen.source_uses.of_path(&source.path);
            let found = there.get(&collision_key(profile, &target));
            let renamed = reason(source, &target, special_use);
            Mapping {
                source: source.clone(),
                special_use,
                existing: found.map(|f| f.wire.clone()),
                subscribed: found.is_some_and(|f| f.subscribed),
                target,
                renamed,
            }
        })
        .collect()
}

struct Chosen<'a> {
    source_uses: FolderUses,
    target_uses: FolderUses,
    profile: &'a TargetProfile,
    paths: BTreeMap<FolderPath, FolderPath>,
    taken: BTreeSet<FolderPath>,
}

impl Chosen<'_> {
    fn choose(&mut self, source: &FolderPath) -> FolderPath {
        if let Some(target) = self.paths.get(source) {
            return target.clone();
        }
        let wanted = self.wanted(source);
        self.claim(source, &wanted)
    }

    /// Claims this place for the folder, with a number behind its name if another folder has it.
    fn claim(&mut self, source: &FolderPath, wanted: &FolderPath) -> FolderPath {
        let mut target = wanted.clone();
        let mut number = 2;
        while self.taken.contains(&collision_key(self.profile, &target)) {
            target = numbered(wanted, number);
            number += 1;
        }
        self.taken.insert(collision_key(self.profile, &target));
        self.paths.insert(source.clone(), target.clone());
        target
    }

    fn wanted(&mut self, source: &FolderPath) -> FolderPath {
        if source.is_inbox() {
            return FolderPath::inbox();
        }
        let target_uses = &self.target_uses;
        if let Some(own) = self.source_uses.of_path(source).and_then(|u| target_uses.folder(u)) {
            return own.clone();
        }
        let name = source.segments().last().map_or("", String::as_str);
        let segment = escaped(name, self.profile);
        match source.parent() {
            None => shortened(FolderPath::new([segment]), self.profile),
            Some(parent) => {
                let parent = self.choose(&parent);
                if self.profile.delimiter.is_some() && parent.segments().len() < self.profile.max_depth {
                    shortened(parent.child(segment), self.profile)
                } else {
                    shortened(flattened(&parent, &segment), self.profile)
                }
            }
        }
    }
}

/// The form in which two names are one mailbox at the target.
fn collision_key(profile: &TargetProfile, path: &FolderPath) -> FolderPath {
    if profile.case_insensitive {
        FolderPath::new(path.segments().iter().map(|s| folded(s)))
    } else {
        path.clone()
    }
}

/// The segment as the target can spell it.
fn escaped(segment: &str, profile: &TargetProfile) -> String {
    let last = segment.chars().count().saturating_sub(1);
    let mut out = String::with_capacity(segment.len());
    for (at, c) in segment.chars().enumerate() {
        let outer_blank = profile.trims_blanks && c == ' ' && (at == 0 || at == last);
        if c.is_control()
            || Some(c) == profile.delimiter
            || profile.forbidden.contains(&c)
            || outer_blank
            || (!profile.wide_characters && c > '\u{FFFF}')
        {
            push_escaped(&mut out, c);
        } else {
            out.push(c);
        }
    }
    match out.as_str() {
        "" => "=".to_owned(),
        "." => "=2E".to_owned(),
        ".." => "=2E=2E".to_owned(),
        _ => out,
    }
}

/// Adds the character's bytes as `=XX`.
fn push_escaped(out: &mut String, c: char) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        out.push_str(&format!("={byte:02X}"));
    }
}

/// One level fewer: the parent's last segment and this one, joined by an escaped delimiter.
fn flattened(parent: &FolderPath, segment: &str) -> FolderPath {
    let last = parent.segments().last().map_or("", String::as_str);
    let joined = format!("{last}=2F{segment}");
    match parent.parent() {
        Some(above) => above.child(joined),
        None => FolderPath::new([joined]),
    }
}

/// The same path, or one that fits with a digest of the whole name at its end.
fn shortened(path: FolderPath, profile: &TargetProfile) -> FolderPath {
    let length = |p: &FolderPath| p.segments().iter().map(|s| wire_len(s) + 1).sum::<usize>();
    if length(&path) <= profile.max_name_bytes {
        return path;
    }
    let digest = blake3::hash(path.to_string().as_bytes()).to_hex();
    let tail = format!("~{}", &digest[..16]);
    let room = |above: &FolderPath| profile.max_name_bytes.checked_sub(length(above) + tail.len() + 1);
    let top = FolderPath::new(Vec::<String>::new());
    // Beside its siblings where there is room for a readable part, else at the top.
    let (above, room) = match path.parent().map(|p| (room(&p), p)) {
        Some((Some(room), parent)) if room >= 8 => (parent, room),
        _ => (top.clone(), room(&top).unwrap_or(0)),
    };
    let mut kept = String::new();
    for c in path.segments().last().map_or("", String::as_str).chars() {
        kept.push(c);
        if wire_len(&kept) > room {
            kept.pop();
            break;
        }
    }
    above.child(kept + &tail)
}

/// How many bytes a segment takes in modified UTF-7 (RFC 3501 section 5.1.3), never too few.
fn wire_len(segment: &str) -> usize {
    let plain = segment.chars().filter(|c| (' '..='~').contains(c) && *c != '&').count();
    let ampersands = segment.chars().filter(|c| *c == '&').count();
    let shifted: usize = segment.chars().filter(|c| !(' '..='~').contains(c)).map(char::len_utf16).sum();
    plain + 2 * ampersands + shifted * 5
}

/// The path in letters, digits, blanks, `-` and `_`, for a target that refuses it as it is; everything else becomes `=XX`, as
/// where the target is known not to take a character, so that the name can be read back.
#[must_use]
pub fn plain(path: &FolderPath) -> FolderPath {
    let segment = |segment: &String| {
        let last = segment.chars().count().saturating_sub(1);
        let mut out = String::with_capacity(segment.len());
        for (at, c) in segment.chars().enumerate() {
            let inner_blank = c == ' ' && at != 0 && at != last;
            if c.is_alphanumeric() || matches!(c, '-' | '_') || inner_blank {
                out.push(c);
            } else {
                push_escaped(&mut out, c);
            }
        }
        out
    };
    FolderPath::new(path.segments().iter().map(segment))
}

/// The names that a folder may have at a target that refuses this one, in the order in which they are worth trying: in plain
/// characters, with a number behind it, and beside all other folders, for a folder above it that can have none below.
#[must_use]
pub fn other_names(path: &FolderPath) -> Vec<FolderPath> {
    let plain = plain(path);
    let beside_all = FolderPath::new([plain.segments().join("=2F")]);
    let mut names = vec![plain.clone(), numbered(&plain, 2), beside_all];
    // At a target that knows no case, others may have taken the number.
    names.extend((3..=5).map(|number| numbered(&plain, number)));
    names.extend(short(&plain));
    names.retain(|name| name != path);
    names.dedup();
    names
}

/// Returns whether nothing in the path is out of the ordinary, so that no server has a reason to refuse it.
#[must_use]
pub fn is_plain(path: &FolderPath) -> bool {
    plain(path) == *path
}

/// A name for a target that cuts long ones off: its beginning, and letters that hardly another path has.
fn short(path: &FolderPath) -> Option<FolderPath> {
    let last = path.segments().last()?;
    let fnv = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let hash = path.to_string().bytes().fold(0x811C_9DC5, fnv);
    let name = format!("{} {:04X}", last.chars().take(SHORT).collect::<String>().trim_end(), hash >> 16);
    (last.chars().count() > SHORT + 5).then(|| match path.parent() {
        Some(parent) => parent.child(name),
        None => FolderPath::new([name]),
    })
}

/// The path with a number behind its last segment.
#[must_use]
pub fn numbered(path: &FolderPath, number: u32) -> FolderPath {
    let last = path.segments().last().map_or("", String::as_str);
    let name = format!("{last} ({number})");
    match path.parent() {
        Some(parent) => parent.child(name),
        None => FolderPath::new([name]),
    }
}

/// Whether the source's name is text; in the path of any other, `%XX` stands for each byte that is none.
fn is_readable(source: &Folder) -> bool {
    std::str::from_utf8(&source.wire.0).is_ok()
}

fn reason(source: &Folder, target: &FolderPath, special_use: Option<SpecialUse>) -> Option<String> {
    let is_readable = is_readable(source);
    let source = &source.path;
    if source == target {
        return (!is_readable).then(|| {
            format!("the folder's name at the source is not UTF-8; it is \"{target}\" at the target")
        });
    }
    Some(match special_use {
        Some(special_use) => {
            format!("the folder \"{source}\" is the target's \"{target}\" ({})", special_use.attribute())
        }
        None if source.segments().last() == target.segments().last() => {
            format!("the folder \"{source}\" is \"{target}\" at the target, where the folder above it is")
        }
        None => format!(
            "the folder \"{source}\" is \"{target}\" at the target, which cannot hold it under its own name beside the others"
        ),
    })
}

#[cfg(test)]
mod tests;
