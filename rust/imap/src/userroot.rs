//! Finds the mailbox that a UserRoot names, in the server's own spelling.
//!
//! A UserRoot is written with `/` and in the words of the administrator (`/users/terry.adams`). The same mailbox is
//! `#shared.users.terry adams` on Courier (or `terry\:adams`), `user/terry.adams` or `Other Users/terry.adams` on Cyrus
//! (`user.terry^adams` with dots), and an ordinary name elsewhere.

use crate::folders::{Layout, decoded, list, list_command, spelled};
use crate::listing::Listed;
use crate::session::Session;
use imapmig_core::failure::{Action, Failure, FailureKind, Scope, SignIn};
use imapmig_core::folder::FolderPath;

/// Words that stand for the place where users are; servers name that place in their own way, or not at all.
const PLACES: [&str; 6] = ["users", "user", "other users", "shared", "#shared", "mailboxes"];

/// The layout with the UserRoot as its root.
///
/// # Errors
/// `NotFound` with scope `User`, naming what was tried; or when the connection fails.
pub fn find(session: &mut Session, layout: &Layout, user_root: &str) -> Result<Layout, Failure> {
    let wanted: Vec<&str> = user_root.split('/').filter(|s| !s.is_empty()).collect();
    if wanted.is_empty() {
        return Ok(layout.clone());
    }
    let mut tried = Vec::new();
    for name in ordinary(layout, &wanted, session.utf8) {
        if let Some(found) = exact(session, &name, &mut tried)? {
            return Ok(layout.clone().rooted(found.name, found.delimiter.or(layout.delimiter)));
        }
    }
    for namespace in &layout.foreign {
        let place = decoded(&namespace.prefix, session.utf8);
        let place = place.trim_end_matches(|c| Some(c) == namespace.delimiter).to_owned();
        for wanted in spellings(&wanted, &place) {
            if let Some(found) = descend(session, &namespace.prefix, wanted, &mut tried)? {
                return Ok(layout.clone().rooted(found.name, found.delimiter.or(namespace.delimiter)));
            }
        }
    }
    let host = session.host().to_owned();
    let case = SignIn::UserRootNotFound { user_root: user_root.to_string(), host, tried };
    Err(Failure::new(Scope::User, FailureKind::NotFound, case))
}

/// The names as the account itself would call it, as given and below its own prefix; none when a segment holds the delimiter.
fn ordinary(layout: &Layout, wanted: &[&str], utf8: bool) -> Vec<Vec<u8>> {
    let Some(delimiter) = layout.delimiter else { return Vec::new() };
    if wanted.iter().any(|segment| segment.contains(delimiter)) {
        return Vec::new();
    }
    let spelled: Vec<String> = wanted.iter().map(|s| spelled(s, utf8)).collect();
    let as_given = spelled.join(&delimiter.to_string()).into_bytes();
    let below_prefix = layout.wire_of(&FolderPath::new(wanted.iter().copied()), utf8).0;
    let differ = as_given != below_prefix;
    std::iter::once(as_given).chain(differ.then_some(below_prefix)).collect()
}

/// The path below a namespace called `place`: without the namespace's own name, or with it.
fn spellings<'a>(wanted: &'a [&'a str], place: &str) -> Vec<&'a [&'a str]> {
    let mut found = vec![wanted];
    let first = wanted[0].to_lowercase();
    if wanted.len() > 1 && (first == place.to_lowercase() || PLACES.contains(&first.as_str())) {
        found.push(&wanted[1..]);
    }
    found
}

/// The listed mailbox of exactly this name.
fn exact(session: &mut Session, name: &[u8], tried: &mut Vec<String>) -> Result<Option<Listed>, Failure> {
    tried.push(decoded(name, session.utf8));
    let listed = list(session, &list_command(name, session.utf8), Action::FindUserRoot)?;
    Ok(listed.into_iter().find(|l| l.name == name && !l.has("\\NonExistent")))
}

/// Descends from a prefix segment by segment, whatever the spelling of each.
fn descend(
    session: &mut Session,
    prefix: &[u8],
    wanted: &[&str],
    tried: &mut Vec<String>,
) -> Result<Option<Listed>, Failure> {
    let Some((segment, deeper)) = wanted.split_first() else {
        return Ok(None);
    };
    tried.push(format!("{}{segment}", decoded(prefix, session.utf8)));
    let pattern = [prefix, b"%"].concat();
    let children = list(session, &list_command(&pattern, session.utf8), Action::FindUserRoot)?;
    for child in children {
        let Some(last) = child.name.strip_prefix(prefix) else { continue };
        if !means(&decoded(last, session.utf8), segment, child.delimiter) {
            continue;
        }
        if deeper.is_empty() {
            return Ok(Some(child));
        }
        let Some(delimiter) = child.delimiter else { continue };
        let below = [&child.name[..], delimiter.to_string().as_bytes()].concat();
        if let Some(found) = descend(session, &below, deeper, tried)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Returns `true` if a listed segment is a server's spelling of the wanted one.
fn means(listed: &str, wanted: &str, delimiter: Option<char>) -> bool {
    let blanked = wanted.replace(|c| c == '/' || c == '.' || Some(c) == delimiter, " ");
    let unmunged = listed.replace("\\:", ".").replace("\\;", "/").replace("\\\\", "\\");
    let unhatted = listed.replace('^', ".");
    listed == wanted || listed == blanked || unmunged == wanted || unhatted == wanted
}

#[cfg(test)]
mod tests {
    use super::{means, spellings};

    #[test]
    fn every_servers_spelling_of_a_dotted_name_is_recognised() {
        for listed in ["terry.adams", "terry adams", "terry\\:adams", "terry^adams"] {
            assert!(means(listed, "terry.adams", Some('.')), "{listed}");
        }
        assert!(!means("terry adamson", "terry.adams", Some('.')));
    }

    #[test]
    fn the_word_for_the_place_may_be_missing_below_a_namespace() {
        assert_eq!(
            spellings(&["users", "terry.adams"], "#shared"),
            [&["users", "terry.adams"][..], &["terry.adams"]]
        );
        assert_eq!(spellings(&["projects", "terry.adams"], "#shared").len(), 1);
    }
}
