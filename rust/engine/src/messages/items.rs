//! Why a message or a folder is reported: the reasons of items, and what a confirmation found.

use imapmig_core::fingerprint::Content;
use imapmig_core::folder::FolderPath;
use imapmig_core::message::InternalDate;

/// An internal date for people, in its own time zone.
pub(crate) fn date_words(date: InternalDate) -> String {
    let zone = jiff::tz::Offset::from_seconds(i32::from(date.offset_minutes) * 60);
    match (jiff::Timestamp::from_second(date.unix_seconds), zone) {
        (Ok(at), Ok(zone)) => at.to_zoned(zone.to_time_zone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string(),
        _ => format!("{} seconds after 1970", date.unix_seconds),
    }
}

/// The target shows another internal date.
pub(crate) fn other_date(there: InternalDate, here: InternalDate) -> String {
    format!("the target shows the date {} instead of {}", date_words(there), date_words(here))
}

/// The target stored something other than what was sent.
pub(crate) fn altered(sent: Option<Content>, now: Option<Content>) -> String {
    match (sent, now) {
        (_, None) => "the target accepted the message and does not show it".to_owned(),
        (None, Some(now)) => format!("the target changed the message: it has {} bytes there", now.size),
        (Some(sent), Some(now)) => {
            let special = sent.traits.describe();
            let holds = if special.is_empty() { String::new() } else { format!(", which holds {special}") };
            format!("the target changed the message{holds}: {} bytes became {}", sent.size, now.size)
        }
    }
}

/// More messages have other sizes than are read and compared.
pub(crate) fn more_other_sizes(beyond: usize, compared: usize) -> String {
    format!(
        "the target shows {beyond} more messages with other sizes than the source; those beyond the first {compared} were not compared one by one"
    )
}

/// Larger than the largest message that is migrated.
pub(crate) fn over_size(size: u64, limit: u64) -> String {
    format!("the message has {size} bytes, and the limit is {limit}")
}

/// The target says that it is too large.
pub(crate) fn refused_as_too_large(answer: &str) -> String {
    format!("the target refused it as too large: {answer}")
}

/// The target does not accept it in any form.
pub(crate) fn refused(answer: &str, content: Option<Content>) -> String {
    let special = content.map(|content| content.traits.describe()).filter(|words| !words.is_empty());
    let special = special.map_or_else(String::new, |words| format!(" The message holds {words}."));
    format!("the target refused the message: {answer}{special}")
}

/// Connections break over it.
pub(crate) fn breaks_connections(words: &str) -> String {
    format!("each time this message was under way alone, the connection broke: {words}")
}

/// The source lists it and sends nothing for it.
pub(crate) fn not_delivered() -> String {
    "the source lists the message and does not deliver it".to_owned()
}

/// The source sends Exchange's notice instead of the message.
pub(crate) fn placeholder() -> String {
    "the source cannot deliver the message and sends a notice instead: Retrieval using the IMAP4 protocol failed for the following message".to_owned()
}

/// Stored, by the target's own answer, and nowhere to be found.
pub(crate) fn not_shown() -> String {
    "the target answered that it stored the message, and does not show it".to_owned()
}

/// Shown once, and gone when it was verified.
pub(crate) fn gone() -> String {
    "the target accepted the message and did not show it when it was verified; it was removed or moved there meanwhile, or lost".to_owned()
}

/// Not among the newest of an account that holds more than are migrated.
pub(crate) fn not_among_the_newest(most: u64) -> String {
    format!("the account holds more than {most} messages, and this is not among the newest")
}

/// The target drops flags.
pub(crate) fn flags_not_kept(lost: &str) -> String {
    format!("the target does not keep: {lost}")
}

/// The target has flags that the source does not have.
pub(crate) fn flags_added(flags: &str) -> String {
    format!(
        "the target shows flags on copied messages that the source does not have, and they are left as they are: {flags}; it adds them by itself, or they were set there meanwhile"
    )
}

/// The source shows no date.
pub(crate) fn undated(has_header_date: bool) -> String {
    let instead = if has_header_date {
        "it gets that of its topmost Received field or its Date field"
    } else {
        "its header has none either, so that the target sets one"
    };
    format!("the source shows no date of arrival that can be read; {instead}")
}

/// The source shows no date for many messages.
pub(crate) fn many_undated(number: usize) -> String {
    format!(
        "the source shows no date of arrival that can be read for {number} messages; they get the date of their topmost Received field or their Date field, where they have one"
    )
}

/// The source shows no flags.
pub(crate) const WITHOUT_FLAGS: &str =
    "the source shows no flags that can be read; the message arrives without any";

/// The source shows no flags for many messages.
pub(crate) fn many_without_flags(number: usize) -> String {
    format!("the source shows no flags that can be read for {number} messages; they arrive without any")
}

/// A second copy that cannot be taken back at the moment.
pub(crate) fn doubled(why: &str) -> String {
    format!(
        "the message is at the target twice: the server stored what a dead connection had sent after it was looked for; the second copy is taken back at a later sync, now it is not possible: {why}"
    )
}

/// Why a copy that cannot be read is not taken back.
pub(crate) const UNREAD_COPY: &str =
    "it cannot be read, so that it may be another message of that size and date";

/// The source counts more than it describes.
pub(crate) fn not_described(exists: u32, undescribed: u64) -> String {
    format!("the source counts {exists} messages and does not describe {undescribed} of them")
}

/// A folder that the target made under another name.
pub(crate) fn made_under_another_name(made: &FolderPath, wanted: &FolderPath) -> String {
    format!("the target made the folder \"{made}\" when it was asked for \"{wanted}\"")
}

/// Messages of the target over which connections end.
pub(crate) fn unlistable_at_target(folder: &FolderPath, names: &[String]) -> String {
    format!(
        "the target ends the connection when it lists messages of \"{folder}\", so that they were compared with none of the source: {}",
        names.join(", ")
    )
}

/// A copy over which connections end.
pub(crate) fn unlistable_copy() -> String {
    "the target ends the connection when it lists the copy".to_owned()
}

/// A folder whose line in the source's listing cannot be read.
pub(crate) fn unreadable_folder() -> String {
    "the source lists it in a way that cannot be read, so that its mail was not migrated; rename the folder at the source, then sync again".to_owned()
}

/// Why a message's copy could not be compared, although both are listed.
pub(crate) mod copy_not_compared {
    pub(crate) fn source_breaks(words: &str) -> String {
        format!(
            "the source ends the connection over the message, so that its copy could not be compared: {words}"
        )
    }

    pub(crate) fn target_breaks(words: &str) -> String {
        format!("the target ends the connection over the copy, so that it could not be compared: {words}")
    }

    pub(crate) fn source_silent() -> String {
        "the source lists the message and does not deliver it, so that its copy could not be compared"
            .to_owned()
    }

    pub(crate) fn target_silent() -> String {
        "the target lists the copy and does not deliver it, so that it could not be compared".to_owned()
    }
}

/// Messages of the target that cannot be read may be copies.
pub(crate) fn adopted_nothing_of(number: usize, names: &[String]) -> String {
    format!(
        "the target ends the connection over {number} messages that were in the folder already, so that they were compared with none of the source: {}; if one of them is a copy of a message of the source, that is there twice",
        names.join(", ")
    )
}

/// What an analysis finds.
pub(crate) mod analysis {
    pub(crate) fn more_than_newest(beyond: u64, most: u64) -> String {
        format!("{beyond} messages are more than the newest {most} that are migrated")
    }

    pub(crate) fn unreadable_folder() -> String {
        "the source lists it in a way that cannot be read, so that its mail would not be migrated; rename the folder at the source first".to_owned()
    }

    pub(crate) fn large(largest: u64) -> String {
        match largest / (1024 * 1024) {
            0 => format!("larger than the {} KB that are migrated", largest / 1024),
            megabytes => format!("larger than the {megabytes} MB that are migrated"),
        }
    }

    pub(crate) fn bytes_over(needed: u64, left: u64) -> String {
        let amount = |bytes: u64| match bytes / (1024 * 1024) {
            0..10 => format!("{} KB", bytes.div_ceil(1024)),
            megabytes => format!("{megabytes} MB"),
        };
        format!("{} are to be copied and there is room for {}", amount(needed), amount(left))
    }

    pub(crate) fn messages_over(needed: u64, left: u64) -> String {
        format!("{needed} messages are to be copied and there is room for {left}")
    }

    /// The quota at the target is too small. `holds`: the target has messages, which may be among those of the source.
    pub(crate) fn too_little_room(over: &[String], holds: bool) -> String {
        let but = if holds { ", apart from messages that are there already" } else { "" };
        format!(
            "the quota of the mailbox at the target is too small: {}{but}; raise it before the migration",
            over.join(", and ")
        )
    }
}

/// What a confirmation finds.
pub(crate) mod confirmation {
    use super::date_words;
    use imapmig_core::message::InternalDate;

    pub(crate) fn not_described(undescribed: u64) -> String {
        format!("the source counts {undescribed} messages that it does not describe")
    }

    pub(crate) fn doubled() -> String {
        "the target has the message once more than the source".to_owned()
    }

    pub(crate) fn foreign() -> String {
        "the source does not have the message".to_owned()
    }

    pub(crate) fn flags_added(number: u64, flag: &str) -> String {
        format!("{number} messages have {flag} at the target and not at the source")
    }

    pub(crate) fn neither_delivered_nor_alike() -> String {
        "the source lists the message and does not deliver it; the target has none that looks like it"
            .to_owned()
    }

    pub(crate) fn missing_since_sync() -> String {
        "the target does not have the message, which is dated after the last sync".to_owned()
    }

    pub(crate) fn missing() -> String {
        "the target does not have the message".to_owned()
    }

    pub(crate) fn other_date(there: InternalDate, here: InternalDate) -> String {
        format!("the date is {} instead of {}", date_words(there), date_words(here))
    }

    pub(crate) fn flags_lacking(flags: &str) -> String {
        format!("the target lacks {flags}")
    }

    pub(crate) fn not_delivered_by_source() -> String {
        "the source does not deliver the message, so that its content was not compared".to_owned()
    }

    pub(crate) fn not_delivered_by_target() -> String {
        "the target does not deliver the message".to_owned()
    }

    pub(crate) fn other_content(here: u64, there: u64) -> String {
        if here == there {
            format!("the content differs; both have {here} bytes")
        } else {
            format!("the content differs: {there} bytes instead of {here}")
        }
    }

    pub(crate) fn unreadable_folder() -> String {
        "the source lists it in a way that cannot be read, so that its mail was not compared".to_owned()
    }

    pub(crate) fn folder_not_compared(why: &str) -> String {
        format!("the folder could not be compared: {why}")
    }

    pub(crate) fn never_synced() -> String {
        "The user was never synced, so its mail was not compared.".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_internal_date_is_written_in_its_own_zone() {
        let date = InternalDate { unix_seconds: 0, offset_minutes: 90 };

        assert_eq!(date_words(date), "1970-01-01 01:30:00 +01:30");
    }
}
