//! Sets flags, with one STORE for many messages that get the same. RFC 3501 section 6.4.6.

use crate::append::is_flag;
use crate::bulk::Bulk;
use crate::wire::reader::Response;
use crate::wire::sets;
use imapmig_core::failure::{Action, Failure, Scope};
use imapmig_core::message::{Flags, Uid};
use std::collections::BTreeMap;

/// How many messages one STORE names at most.
const STORE_AT_ONCE: usize = 1000;

/// Sends a STORE for each group of equal flags.
pub(crate) fn run(bulk: &mut Bulk, alike: BTreeMap<&Flags, Vec<Uid>>) -> Result<(), Failure> {
    let commands = alike.into_iter().flat_map(|(flags, mut uids)| {
        uids.sort_unstable();
        uids.dedup();
        let words: Vec<&str> = flags.wire().filter(|flag| is_flag(flag)).collect();
        let words = words.join(" ");
        let sets: Vec<String> =
            sets::commands(&uids, STORE_AT_ONCE).into_iter().map(|(set, _)| set).collect();
        sets.into_iter().map(move |set| format!("UID STORE {set} FLAGS.SILENT ({words})"))
    });
    pipelined(bulk, commands, Action::SetFlags)
}

/// Sends commands that are answered by a status only. A refusal does not stop the remaining ones.
fn pipelined(
    bulk: &mut Bulk,
    mut commands: impl Iterator<Item = String>,
    action: Action,
) -> Result<(), Failure> {
    bulk.drain()?;
    let mut refusal = None;
    loop {
        while bulk.in_flight() < bulk.most_in_flight() {
            let Some(command) = commands.next() else { break };
            bulk.send(&command)?;
        }
        if bulk.in_flight() == 0 {
            return refusal.map_or(Ok(()), Err);
        }
        if let Response::Tagged { status, .. } = bulk.next()?
            && !status.is_ok()
        {
            let failure = bulk.judge(&status, action.clone(), Scope::Mailbox);
            if failure.scope >= Scope::User {
                return Err(failure);
            }
            refusal.get_or_insert(failure);
        }
    }
}
