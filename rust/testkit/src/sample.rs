//! Sample mailboxes: the same on every machine.

use crate::account::{Account, Mailbox};
use crate::message::{Message, MessageBuilder, Random, hash};

/// The three people of the documentation, with their passwords.
pub const PEOPLE: [(&str, &str); 3] =
    [("terry.adams", "1091990"), ("ann.beebe", "2111991"), ("paul.cannon", "3281986")];

/// The mailboxes of the sample: path, special-use attribute, messages for the first person.
const FOLDERS: [(&str, Option<&str>, u64); 10] = [
    ("INBOX", None, 60),
    ("Sent", Some("\\Sent"), 30),
    ("Drafts", Some("\\Drafts"), 4),
    ("Trash", Some("\\Trash"), 8),
    ("Projets/Alpha", None, 16),
    ("Projets/Été 2024", None, 14),
    ("Projets/Été 2024/Réunions", None, 6),
    ("Größe", None, 7),
    ("日本語", None, 5),
    ("Invoices & Orders", None, 10),
];

/// Terry Adams, Ann Beebe and Paul Cannon: a few hundred messages in nested and non-ASCII mailboxes, over three
/// years, of 1 to 60 kB, with flags and keywords.
pub fn three_mailboxes() -> Vec<Account> {
    PEOPLE
        .iter()
        .enumerate()
        .map(|(i, (login, password))| {
            let share = [100, 70, 40][i];
            FOLDERS.iter().fold(Account::new(login, password), |account, (path, attribute, count)| {
                let count = (count * share).div_ceil(100);
                let mut mailbox = Mailbox::new(path).with_messages(messages(login, path, count));
                if let Some(attribute) = attribute {
                    mailbox = mailbox.special_use(attribute);
                }
                account.with_mailbox(mailbox)
            })
        })
        .collect()
}

/// So many ordinary messages for a mailbox, oldest first.
pub fn messages(login: &str, path: &str, count: u64) -> Vec<Message> {
    let mut random = Random(hash(format!("{login}/{path}").as_bytes()));
    // From 1 January 2022 on, spread over three years.
    let step = 94_608_000 / count.max(1);
    (0..count)
        .map(|i| {
            let date = 1_640_995_200 + (i * step + random.below(step.max(1))) as i64;
            let builder = MessageBuilder::new(&subject(&mut random, path, i))
                .from(SENDERS[random.below(SENDERS.len() as u64) as usize])
                .message_id(Some(&format!(
                    "<{:016x}.{i}@contoso.edu>",
                    hash(format!("{login}{path}").as_bytes())
                )))
                .date(date)
                .size(size(&mut random));
            flags(&mut random, path).into_iter().fold(builder, MessageBuilder::flag).build()
        })
        .collect()
}

const SENDERS: [&str; 5] = [
    "Ann Beebe <ann.beebe@contoso.edu>",
    "Paul Cannon <paul.cannon@contoso.edu>",
    "Terry Adams <terry.adams@contoso.edu>",
    "Kim Akers <kim.akers@fabrikam.example>",
    "=?utf-8?Q?Zo=C3=AB_M=C3=BCller?= <zoe.mueller@fabrikam.example>",
];

fn subject(random: &mut Random, path: &str, number: u64) -> String {
    let topics =
        ["Budget", "Réunion de projet", "Bestellung", "Schedule", "議事録", "Re: Contract", "Fwd: Photos"];
    let topic = topics[random.below(topics.len() as u64) as usize];
    format!("{topic} {} ({path})", number + 1)
}

/// Mostly small, now and then up to 60 kB.
fn size(random: &mut Random) -> usize {
    let size = if random.below(8) == 0 { 8_000 + random.below(52_000) } else { 1_000 + random.below(6_000) };
    size as usize
}

fn flags(random: &mut Random, path: &str) -> Vec<&'static str> {
    let mut flags = Vec::new();
    if random.below(4) > 0 || path == "Sent" {
        flags.push("\\Seen");
    }
    for (odds, flag) in
        [(6, "\\Answered"), (9, "\\Flagged"), (10, "$Forwarded"), (7, "NonJunk"), (12, "Wichtig")]
    {
        if random.below(odds) == 0 {
            flags.push(flag);
        }
    }
    if path == "Drafts" {
        flags.push("\\Draft");
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_is_the_same_every_time_and_spreads() {
        let count = |a: &Account| a.mailboxes.iter().map(|m| m.messages.len()).sum::<usize>();
        let (first, second) = (three_mailboxes(), three_mailboxes());

        let totals: Vec<usize> = first.iter().map(count).collect();
        let same = first
            .iter()
            .zip(&second)
            .all(|(a, b)| a.mailboxes.iter().zip(&b.mailboxes).all(|(m, n)| m.messages == n.messages));
        assert!(same);
        assert!((300..600).contains(&totals.iter().sum::<usize>()), "{totals:?}");
        let sizes = first[0].mailboxes.iter().flat_map(|m| &m.messages).map(|m| m.raw.len());
        assert!(sizes.clone().all(|s| (1_000..=60_000).contains(&s)) && sizes.max() > Some(30_000));
    }
}
