//! INTERNALDATE on the wire: `"17-Jul-1996 02:44:25 -0700"`, RFC 3501, date-time; and as some servers write it.

use imapmig_core::message::InternalDate;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads a date as servers write it: as RFC 3501 has it, with a weekday in front, with spaces instead of dashes (RFC 5322), with a year of
/// two digits, as ISO 8601 or as C's `asctime`. Returns `None` for impossible dates such as `00-Jan-0000`.
pub(crate) fn parse(text: &[u8]) -> Option<InternalDate> {
    let text = without_comments(std::str::from_utf8(text).ok()?);
    let mut parts = Parts::default();
    for word in text.split(|c: char| c.is_ascii_whitespace() || c == ',').filter(|w| !w.is_empty()) {
        parts.take(word)?;
    }
    parts.date()
}

/// RFC 5322 allows comments in parentheses, which hold the name of the zone.
fn without_comments(text: &str) -> String {
    let mut depth = 0_usize;
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// The parts of a date read so far.
#[derive(Default)]
struct Parts {
    day: Option<i8>,
    month: Option<i8>,
    year: Option<i16>,
    time: Option<(i8, i8, i8)>,
    zone: Option<i16>,
}

impl Parts {
    /// Reads the next word. Returns `None` if no date has such a word there.
    fn take(&mut self, word: &str) -> Option<()> {
        let bytes = word.as_bytes();
        if self.zone.is_none() && self.time.is_some() && matches!(bytes[0], b'+' | b'-') {
            self.zone = Some(zone_minutes(&word.replace(':', ""))?);
        } else if let Some((date, time)) = word.split_once('T').filter(|(date, _)| is_iso(date)) {
            self.take(date)?;
            self.take_time_and_zone(time)?;
        } else if word.contains(':') {
            self.take_time_and_zone(word)?;
        } else if is_iso(word) {
            let mut numbers = word.split('-');
            self.year = Some(year_of(numbers.next()?)?);
            self.month = Some(digits(numbers.next()?)?);
            self.day = Some(digits(numbers.next()?)?);
        } else if word.contains(['-', '/']) && bytes[0].is_ascii_digit() {
            for part in word.split(['-', '/']) {
                self.take_day_month_or_year(part)?;
            }
        } else if bytes[0].is_ascii_digit() {
            self.take_day_month_or_year(word)?;
        } else if let Some(month) = month_of(word).filter(|_| self.month.is_none()) {
            self.month = Some(month);
        } else if self.time.is_none() {
            // The day of the week, whatever the language.
            word.chars().all(char::is_alphabetic).then_some(())?;
        } else if self.zone.is_none() {
            self.zone = Some(zone_minutes(word)?);
        } else {
            return None;
        }
        Some(())
    }

    fn take_day_month_or_year(&mut self, part: &str) -> Option<()> {
        match (self.day, self.month) {
            (None, _) => self.day = Some(digits(part)?),
            (Some(_), None) => self.month = Some(month_of(part)?),
            (Some(_), Some(_)) if self.year.is_none() => self.year = Some(year_of(part)?),
            _ => return None,
        }
        Some(())
    }

    /// Reads `02:44[:25[.123]]`, with a zone directly after it as in ISO 8601.
    fn take_time_and_zone(&mut self, word: &str) -> Option<()> {
        if self.time.is_some() {
            return None;
        }
        let end = word.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.'))).unwrap_or(word.len());
        let (time, zone) = word.split_at(end);
        let time = time.split_once('.').map_or(time, |(whole, _)| whole);
        let mut numbers = time.split(':');
        let mut part = || digits::<i8>(numbers.next()?);
        let (hour, minute) = (part()?, part()?);
        // A leap second is no moment of its own here.
        let second = part().unwrap_or(0).min(59);
        self.time = Some((hour, minute, second));
        if !zone.is_empty() {
            self.zone = Some(zone_minutes(&zone.replace(':', ""))?);
        }
        Some(())
    }

    fn date(self) -> Option<InternalDate> {
        let (hour, minute, second) = self.time?;
        let local = DateTime::new(self.year?, self.month?, self.day?, hour, minute, second, 0).ok()?;
        let offset_minutes = self.zone.unwrap_or(0);
        let unix = Offset::UTC.to_timestamp(local).ok()?.as_second() - i64::from(offset_minutes) * 60;
        // No mail is older than the first network. Servers write the years 0 and 1 for a missing date.
        (local.year() > 1).then_some(InternalDate { unix_seconds: unix, offset_minutes })
    }
}

/// Returns `true` for a word such as `2020-01-31`.
fn is_iso(word: &str) -> bool {
    word.len() == 10 && word.split('-').map(str::len).eq([4, 2, 2])
}

fn month_of(word: &str) -> Option<i8> {
    let begin = word.get(..3)?;
    let at = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(begin))?;
    i8::try_from(at + 1).ok()
}

/// Years of two and three digits as RFC 5322 section 4.3 reads them.
fn year_of(digits_: &str) -> Option<i16> {
    let year: i16 = digits(digits_)?;
    Some(match digits_.len() {
        1 | 2 if year < 50 => year + 2000,
        1..=3 => year + 1900,
        _ => year,
    })
}

/// Returns a message's date from its header: when the last server received it, or when it was written.
pub(crate) fn of_header(header: &[u8]) -> Option<InternalDate> {
    let received = field(header, b"received").and_then(|value| {
        let at = value.iter().rposition(|b| *b == b';')?;
        parse(&value[at + 1..])
    });
    received.or_else(|| field(header, b"date").and_then(|value| parse(&value)))
}

/// The unfolded value of the topmost field with this name in lower case.
fn field(header: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let mut lines = header.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    while let Some(line) = lines.next().filter(|line| !line.is_empty()) {
        let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
        if !line[..colon].trim_ascii_end().eq_ignore_ascii_case(name) {
            continue;
        }
        let mut value = line[colon + 1..].to_vec();
        for folded in lines.take_while(|line| line.first().is_some_and(|b| matches!(b, b' ' | b'\t'))) {
            value.extend_from_slice(folded);
        }
        return Some(value);
    }
    None
}

/// Writes a date with its quotes. Returns `None` if it is unknown, or its year does not have four digits.
pub(crate) fn format(date: InternalDate) -> Option<String> {
    if date == InternalDate::UNKNOWN {
        return None;
    }
    // A zone of more than a day is a mistake that servers refuse; only the instant counts.
    let zone = if date.offset_minutes.unsigned_abs() < 24 * 60 { date.offset_minutes } else { 0 };
    let local = date.unix_seconds.checked_add(i64::from(zone) * 60)?;
    let local = Offset::UTC.to_datetime(Timestamp::from_second(local).ok()?);
    if local.year() < 1 {
        return None;
    }
    let sign = if zone < 0 { '-' } else { '+' };
    let zone = zone.unsigned_abs();
    Some(format!(
        "\"{:02}-{}-{:04} {:02}:{:02}:{:02} {sign}{:02}{:02}\"",
        local.day(),
        MONTHS[usize::try_from(local.month()).ok()? - 1],
        local.year(),
        local.hour(),
        local.minute(),
        local.second(),
        zone / 60,
        zone % 60
    ))
}

fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    let only_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    only_digits.then(|| text.parse().ok()).flatten()
}

/// Minutes east of UTC. With an impossible zone such as `+9900`, the time counts as UTC.
fn zone_minutes(zone: &str) -> Option<i16> {
    let (sign, rest) = match zone.as_bytes().first()? {
        b'+' => (1, &zone[1..]),
        b'-' => (-1, &zone[1..]),
        _ => return named_zone(zone),
    };
    let number: i16 = digits(rest)?;
    let minutes = match rest.len() {
        1 | 2 => number.checked_mul(60)?,
        3 | 4 => number / 100 * 60 + number % 100,
        _ => return None,
    };
    Some(if number % 100 < 60 && minutes <= 15 * 60 { sign * minutes } else { 0 })
}

/// The zone names of RFC 5322. All other names in use mean UTC.
fn named_zone(zone: &str) -> Option<i16> {
    let hours = match zone.to_ascii_uppercase().as_str() {
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        name => return name.bytes().all(|b| b.is_ascii_alphabetic()).then_some(0),
    };
    Some(hours * 60)
}

#[cfg(test)]
mod tests {
    use super::{format, of_header, parse};
    use imapmig_core::message::InternalDate;
    use proptest::prelude::{prop_assert_eq, proptest};

    #[test]
    fn the_day_may_be_padded_by_zero_blank_or_nothing() {
        let expected = Some(InternalDate { unix_seconds: 1_577_836_800, offset_minutes: 0 });

        for text in ["01-Jan-2020 00:00:00 +0000", " 1-Jan-2020 00:00:00 +0000", "1-jan-2020 00:00:00 GMT"] {
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn the_zone_is_kept() {
        let date = parse(b"17-Jul-1996 02:44:25 -0730").unwrap();

        assert_eq!(date.offset_minutes, -450);
        assert_eq!(format(date).unwrap(), "\"17-Jul-1996 02:44:25 -0730\"");
    }

    #[test]
    fn a_zone_that_cannot_be_counts_as_utc() {
        for text in
            ["02-Jan-2020 10:00:00 +9930", "Thu, 2 Jan 2020 10:00:00 -9900", "02-Jan-2020 10:00:00 +0075"]
        {
            assert_eq!(parse(text.as_bytes()), Some(InternalDate::utc(1_577_959_200)), "{text}");
        }
    }

    #[test]
    fn a_zone_that_cannot_be_written_is_written_as_utc() {
        let date = InternalDate { unix_seconds: 1_577_959_200, offset_minutes: 6000 };

        assert_eq!(format(date).unwrap(), "\"02-Jan-2020 10:00:00 +0000\"");
    }

    #[test]
    fn dates_in_other_forms_are_read() {
        let expected = Some(InternalDate { unix_seconds: 1_557_122_405, offset_minutes: 0 });

        for text in [
            "06-May-2019 06:00:05 +0000",
            "06-May-19 06:00:05 +0000",
            "Mon, 06-May-2019 06:00:05 +0000",
            "Mon, 6 May 2019 06:00:05 +0000 (UTC)",
            "6 May 19 06:00:05 GMT",
            "2019-05-06T06:00:05Z",
            "2019-05-06 06:00:05.250 +00:00",
            "Mon May  6 06:00:05 2019",
            "06/May/2019 06:00:05",
            "Lundi, 06-may-119 06:00:05 +0000",
        ] {
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
        let east = parse(b"2019-05-06T08:00:05+02:00").unwrap();
        assert_eq!((east.unix_seconds, east.offset_minutes), (1_557_122_405, 120));
        assert_eq!(parse(b"5 May 2019 23:00:05 PDT").unwrap().unix_seconds, 1_557_122_405);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "NIL",
            "00-Jan-0000 00:00:00 +0000",
            "01-Jan-0001 00:00:00 +0000",
            "12",
            "06-May-2019",
            "31-Feb-2020 00:00:00 +0000",
            "01-Jan-2020 25:00:00 +0000",
            "1-Jan-99999 1:1:1 +0000",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_topmost_received_field_counts_before_the_date_field() {
        let header = b"Return-Path: <a@b>\r\nReceived: from x by y;\r\n\tMon, 6 May 2019 06:00:05 +0000\r\nreceived: by z; 1 Jan 2001 00:00:00 +0000\r\nDate: 2 Feb 2002 02:02:02 +0000\r\n\r\n";
        assert_eq!(of_header(header), Some(InternalDate::utc(1_557_122_405)));

        let header = b"Received: from x by y\nDate : 6 May 2019 06:00:05 +0000\n\nReceived: ; 1 Jan 2001 00:00:00 +0000\n";
        assert_eq!(of_header(header), Some(InternalDate::utc(1_557_122_405)));
        assert_eq!(of_header(b"Subject: none\r\n\r\nDate: 6 May 2019 06:00:05 +0000\r\n"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(unix_seconds in -62_000_000_000_i64..253_000_000_000, offset_minutes in -900_i16..=900) {
            let date = InternalDate { unix_seconds, offset_minutes };

            let text = format(date).unwrap();

            prop_assert_eq!(parse(text.trim_matches('"').as_bytes()), Some(date));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = (parse(&bytes), of_header(&bytes));
        }
    }
}
