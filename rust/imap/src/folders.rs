//! A server's folder hierarchy: which names belong to the user, and how names map to paths and back.
//!
//! RFC 3501 section 5.1, RFC 2342 (NAMESPACE), RFC 5258 (LIST-EXTENDED), RFC 6154 (special-use), RFC 6855 (UTF-8). Where a part of
//! the hierarchy is the root (UserRoot), [`crate::userroot`] finds it.

mod answers;
pub(crate) mod in_parts;

pub(crate) use answers::{list, list_any};

use crate::capability::Capability;
use crate::command::Command;
use crate::listing::{Listed, Namespace, Namespaces};
use crate::session::Session;
use answers::{Subscriptions, list_extended, subscriptions};
use imapmig_core::failure::{Action, Conduct, Failure, FailureKind, Scope};
use imapmig_core::folder::{Folder, FolderPath, SpecialUse, WireName};
use imapmig_core::mapping::numbered;
use imapmig_core::mutf7;
use imapmig_core::ports::source::PassedOver;
use std::collections::{HashMap, HashSet};

/// How names map to paths on one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The hierarchy delimiter; `None` if there are no levels.
    pub delimiter: Option<char>,
    /// The prefix of the user's own names, `INBOX.` or empty.
    prefix: Vec<u8>,
    /// The prefixes of other users' and shared names.
    pub(crate) foreign: Vec<Namespace>,
    /// The mailbox that counts as INBOX, with everything below it; absent: the account's own.
    root: Option<Vec<u8>>,
}

impl Layout {
    /// Asks a server for its namespaces.
    ///
    /// # Errors
    /// When the connection fails.
    pub fn learn(session: &mut Session) -> Result<Self, Failure> {
        if session.has(Capability::Namespace) {
            let reply = session.run(&Command::new("NAMESPACE"))?;
            if let Some(namespaces) = reply.untagged.iter().find_map(|line| Namespaces::parse(line)) {
                return Ok(Self::of_namespaces(namespaces));
            }
        }
        Self::of_listing(session)
    }

    /// Learns the hierarchy of a server without NAMESPACE.
    pub(crate) fn of_listing(session: &mut Session) -> Result<Self, Failure> {
        let listed = list(session, &Command::new("LIST \"\" *"), Action::ListFolders)?;
        Ok(Self::of_evidence(&listed))
    }

    fn of_namespaces(namespaces: Namespaces) -> Self {
        let mut foreign = namespaces.other_users;
        foreign.extend(namespaces.shared);
        // A Cyrus administrator has no personal namespace, but the others show the delimiter.
        let delimiter = namespaces.personal.first().or(foreign.first()).and_then(|n| n.delimiter);
        let prefix = namespaces.personal.into_iter().next().map(|n| n.prefix).unwrap_or_default();
        Self { delimiter, prefix, foreign, root: None }
    }

    /// Infers the prefix without NAMESPACE: if every name is below `INBOX.`, that is the prefix.
    fn of_evidence(listed: &[Listed]) -> Self {
        let delimiter = listed.iter().find_map(|l| l.delimiter);
        let inbox = delimiter.map(|d| format!("INBOX{d}").into_bytes());
        let others: Vec<_> = listed.iter().filter(|l| !l.name.eq_ignore_ascii_case(b"INBOX")).collect();
        let all_below = |prefix: &Vec<u8>| {
            !others.is_empty() && others.iter().all(|l| starts_with_ignore_case(&l.name, prefix))
        };
        let prefix = inbox.filter(all_below).unwrap_or_default();
        Self { delimiter, prefix, foreign: Vec::new(), root: None }
    }

    /// Returns the same hierarchy with this mailbox as the user's INBOX and everything below it as the user's folders.
    #[must_use]
    pub fn rooted(mut self, root: Vec<u8>, delimiter: Option<char>) -> Self {
        self.delimiter = delimiter;
        self.root = Some(root);
        self
    }

    /// The folders: listed, decoded, each once, with subscriptions.
    ///
    /// # Errors
    /// Scope `User`.
    pub fn folders(&self, session: &mut Session) -> Result<Vec<Folder>, Failure> {
        Ok(self.listing(session)?.folders)
    }

    /// The folders, with what was learnt from the listing and what it passed over.
    ///
    /// # Errors
    /// Scope `User`.
    pub(crate) fn listing(&self, session: &mut Session) -> Result<Listing, Failure> {
        let listing = self.listed_folders(session)?;
        self.with_inbox(session, listing)
    }

    fn with_inbox(&self, session: &mut Session, mut listing: Listing) -> Result<Listing, Failure> {
        // Cyrus lists nothing to some users, not even their INBOX, which exists all the same.
        if self.root.is_none() && !listing.folders.iter().any(|f| f.path.is_inbox()) {
            let reply = session.run(&Command::new("STATUS INBOX (MESSAGES)"))?;
            if reply.status.is_ok() {
                listing.folders.insert(0, inbox());
            }
        }
        Ok(listing)
    }

    /// The folders of a source, where overlooking one would lose mail.
    ///
    /// # Errors
    /// As [`Self::folders`]; `Refused` when the server lists nothing at all.
    pub fn all_folders(&self, session: &mut Session) -> Result<Vec<Folder>, Failure> {
        Ok(self.whole_listing(session)?.folders)
    }

    /// As [`Self::all_folders`], with what the listing passed over.
    pub(crate) fn whole_listing(&self, session: &mut Session) -> Result<Listing, Failure> {
        let listing = self.listed_folders(session)?;
        self.completed(session, listing)
    }

    /// The listing with an INBOX; fails if there is nothing at all.
    fn completed(&self, session: &mut Session, listing: Listing) -> Result<Listing, Failure> {
        if listing.folders.is_empty() && listing.passed_over.unreadable.is_empty() {
            let case = Conduct::NoFolders.of(session.host());
            return Err(Failure::new(Scope::User, FailureKind::Refused, case));
        }
        self.with_inbox(session, listing)
    }

    fn listed_folders(&self, session: &mut Session) -> Result<Listing, Failure> {
        let (listed, unreadable) = self.list_all(session)?;
        let subscribed = if listed.is_empty() || listed.iter().any(|l| l.has("\\Subscribed")) {
            Subscriptions::Told
        } else {
            subscriptions(session)?
        };
        Ok(self.built(listed, unreadable, &subscribed, session.utf8))
    }

    fn built(
        &self,
        mut listed: Vec<Listed>,
        unreadable: Vec<String>,
        subscribed: &Subscriptions,
        utf8: bool,
    ) -> Listing {
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        let layout = self.as_listed(&listed);
        let mut passed_over = PassedOver { unreadable, foreign: Vec::new() };
        let mut folders = layout.folders_of(listed, subscribed, utf8, &mut passed_over);
        // The server reports the administrator's subscriptions. The user's are unknown, so every folder is shown.
        if self.root.is_some() && !folders.iter().any(|f| f.subscribed) {
            folders.iter_mut().for_each(|f| f.subscribed = true);
        }
        Listing { folders, passed_over, layout }
    }

    /// The hierarchy as a listing shows it: its delimiter overrides that of NAMESPACE.
    fn as_listed(&self, listed: &[Listed]) -> Self {
        let mut layout = self.clone();
        let mut shown =
            listed.iter().filter(|l| !self.is_foreign(&l.name)).filter_map(|l| l.delimiter).peekable();
        let Some(&first) = shown.peek() else { return layout };
        if self.root.is_some() || shown.any(|shown| Some(shown) == self.delimiter) {
            return layout;
        }
        layout.delimiter = Some(first);
        let before = self.delimiter.map(String::from).unwrap_or_default();
        if !before.is_empty()
            && let Some(parent) = self.prefix.strip_suffix(before.as_bytes())
        {
            layout.prefix = [parent, first.to_string().as_bytes()].concat();
        }
        layout
    }

    /// The lines for the user's and other users' folders, and those that cannot be parsed.
    fn list_all(&self, session: &mut Session) -> Result<(Vec<Listed>, Vec<String>), Failure> {
        let Some(root) = &self.root else {
            return list_extended(session, b"*");
        };
        // Cyrus spells a dot in a user's name ^ and then lists no pattern with a ^ in it; % stands for it. What else
        // such a pattern brings is no path below the root.
        let pattern: Vec<u8> = root.iter().map(|b| if *b == b'^' { b'%' } else { *b }).collect();
        let mut listed = list(session, &list_command(&pattern, session.utf8), Action::ListUserRoot)?;
        listed.retain(|l| l.name == *root);
        let mut unreadable = Vec::new();
        if let Some(delimiter) = self.delimiter {
            let below = [&pattern[..], delimiter.to_string().as_bytes(), b"*"].concat();
            let (more, unread) = list_extended(session, &below)?;
            listed.extend(more);
            unreadable = unread;
        }
        Ok((listed, unreadable))
    }

    fn folders_of(
        &self,
        listed: Vec<Listed>,
        subscribed: &Subscriptions,
        utf8: bool,
        passed_over: &mut PassedOver,
    ) -> Vec<Folder> {
        let mut names = HashSet::new();
        let mut paths: HashMap<FolderPath, u32> = HashMap::new();
        let mut folders = Vec::with_capacity(listed.len());
        for entry in listed {
            let selectable = !entry.has("\\Noselect") && !entry.has("\\NonExistent");
            let Some(mut path) = self.path_of(&entry.name, utf8) else {
                if self.is_foreign(&entry.name) || !self.is_nameless(&entry.name) {
                    passed_over.foreign.push(decoded(&entry.name, utf8));
                } else if selectable {
                    passed_over
                        .unreadable
                        .push(format!("a folder called \"{}\"", decoded(&entry.name, utf8)));
                }
                continue;
            };
            // The mere parent of INBOX.INBOX.Sub: people see Sub in the INBOX.
            let all_inbox = path.segments().len() > 1 && path.segments().iter().all(|s| s == "INBOX");
            if all_inbox && !selectable {
                continue;
            }
            let name = canonical(entry.name.clone());
            if !names.insert(name.clone()) {
                continue;
            }
            // Two names that read the same (one of them wrongly encoded) stay two folders.
            let count = paths.entry(path.clone()).or_default();
            *count += 1;
            if *count > 1 {
                path = numbered(&path, *count);
            }
            folders.push(Folder {
                path,
                special_use: SpecialUse::ALL.into_iter().find(|use_| entry.has(use_.attribute())),
                selectable,
                subscribed: match subscribed {
                    Subscriptions::Names(names) => names.contains(&name),
                    Subscriptions::Told => entry.has("\\Subscribed"),
                    Subscriptions::Unknown => true,
                },
                wire: WireName(entry.name),
            });
        }
        folders
    }

    /// Returns the path of a name, or `None` if the name does not belong to the user.
    #[must_use]
    pub fn path_of(&self, name: &[u8], utf8: bool) -> Option<FolderPath> {
        let rest = match &self.root {
            Some(root) if name == root => return Some(FolderPath::inbox()),
            Some(root) => {
                let delimiter = self.delimiter?.to_string();
                name.strip_prefix(&root[..])?.strip_prefix(delimiter.as_bytes())?
            }
            None if name.eq_ignore_ascii_case(b"INBOX") => return Some(FolderPath::inbox()),
            None if starts_with_ignore_case(name, &self.prefix) => {
                let rest = &name[self.prefix.len()..];
                // If the user's own prefix is empty, foreign names are recognised by their prefixes.
                if self.prefix.is_empty() && self.is_foreign(name) {
                    return None;
                }
                rest
            }
            None if self.is_foreign(name) => return None,
            None => name,
        };
        let segments: Vec<String> = self
            .split(rest)
            .into_iter()
            .filter(|segment| !segment.is_empty())
            .map(|segment| decoded(segment, utf8))
            .collect();
        let hidden = self.root.is_some() || !self.prefix.is_empty();
        match segments.as_slice() {
            [] => None,
            // `INBOX.INBOX` is not the INBOX.
            all if hidden && all.iter().all(|s| s.eq_ignore_ascii_case("INBOX")) => {
                Some(FolderPath::new(std::iter::once("INBOX".to_owned()).chain(segments)))
            }
            _ => Some(FolderPath::new(segments)),
        }
    }

    /// The name on this server; the reverse of [`Self::path_of`].
    #[must_use]
    pub fn wire_of(&self, path: &FolderPath, utf8: bool) -> WireName {
        let head = match &self.root {
            Some(root) if path.is_inbox() => return WireName(root.clone()),
            None if path.is_inbox() => return WireName(b"INBOX".to_vec()),
            Some(root) => {
                let delimiter = self.delimiter.map(String::from).unwrap_or_default();
                [&root[..], delimiter.as_bytes()].concat()
            }
            None => self.prefix.clone(),
        };
        let segments = path.segments();
        let all_inbox = !head.is_empty() && segments.iter().all(|s| s.eq_ignore_ascii_case("INBOX"));
        let segments = if all_inbox { &segments[1..] } else { segments };
        let delimiter = self.delimiter.map(String::from).unwrap_or_default();
        let encoded: Vec<String> = segments.iter().map(|s| spelled(s, utf8)).collect();
        WireName([head, encoded.join(&delimiter).into_bytes()].concat())
    }

    /// Returns `true` if the name consists of delimiters only.
    fn is_nameless(&self, name: &[u8]) -> bool {
        self.split(name).into_iter().all(<[u8]>::is_empty)
    }

    fn is_foreign(&self, name: &[u8]) -> bool {
        self.foreign.iter().any(|n| {
            let prefix = &n.prefix;
            // `user/` is also the name `user`, listed as a parent.
            let without = prefix.len() - usize::from(n.delimiter.is_some() && !prefix.is_empty());
            name.starts_with(prefix) && !(prefix.is_empty() && self.prefix.is_empty())
                || (without > 0 && *name == prefix[..without])
        })
    }

    /// Splits a name at the delimiters.
    pub(crate) fn split<'a>(&self, name: &'a [u8]) -> Vec<&'a [u8]> {
        match self.delimiter {
            Some(delimiter) if delimiter.is_ascii() => name.split(|b| *b == delimiter as u8).collect(),
            _ => vec![name],
        }
    }
}

/// Decodes a segment for display. A badly encoded segment is kept as it is; bytes that are not UTF-8 become `%XX`.
pub(crate) fn decoded(segment: &[u8], utf8: bool) -> String {
    if !utf8 && let Some(text) = mutf7::decode(segment) {
        return text;
    }
    segment
        .utf8_chunks()
        .flat_map(|chunk| {
            let broken = chunk.invalid().iter().map(|byte| format!("%{byte:02X}"));
            std::iter::once(chunk.valid().to_owned()).chain(broken)
        })
        .collect()
}

/// A segment as this server spells it.
pub(crate) fn spelled(segment: &str, utf8: bool) -> String {
    if utf8 { segment.to_owned() } else { mutf7::encode(segment) }
}

/// `LIST "" name`.
pub(crate) fn list_command(pattern: &[u8], utf8: bool) -> Command {
    Command::new("LIST \"\"").mailbox(pattern, utf8)
}

/// The folders of an account, and what else its listing shows.
pub(crate) struct Listing {
    pub(crate) folders: Vec<Folder>,
    pub(crate) passed_over: PassedOver,
    /// The hierarchy as the listing shows it.
    pub(crate) layout: Layout,
}

/// An INBOX that is not listed.
fn inbox() -> Folder {
    Folder {
        wire: WireName(b"INBOX".to_vec()),
        path: FolderPath::inbox(),
        special_use: None,
        selectable: true,
        subscribed: true,
    }
}

/// Normalises the spelling of INBOX.
pub(crate) fn canonical(name: Vec<u8>) -> Vec<u8> {
    if name.eq_ignore_ascii_case(b"INBOX") { b"INBOX".to_vec() } else { name }
}

fn starts_with_ignore_case(name: &[u8], prefix: &[u8]) -> bool {
    // Only INBOX is case-insensitive.
    let inbox = prefix.len().min(5);
    name.len() >= prefix.len()
        && name[..inbox].eq_ignore_ascii_case(&prefix[..inbox])
        && (name[..inbox] == prefix[..inbox] || prefix[..inbox].eq_ignore_ascii_case(b"INBOX"))
        && name[inbox..prefix.len()] == prefix[inbox..]
}
