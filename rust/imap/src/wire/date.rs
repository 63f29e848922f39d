//! INTERNALDATE as it stands on the wire: `"17-Jul-1996 02:44:25 -0700"`. RFC 3501, date-time.

use imapmig_core::message::InternalDate;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads a date with its quotes already taken off. The day may be padded with a blank, a zero or not at all.
pub(crate) fn parse(text: &[u8]) -> Option<InternalDate> {
    let text = std::str::from_utf8(text).ok()?;
    let mut words = text.split_ascii_whitespace();
    let (date, time, zone) = (words.next()?, words.next()?, words.next());
    if words.next().is_some() {
        return None;
    }
    let mut date = date.split('-');
    let day: i8 = digits(date.next()?)?;
    let month = date.next()?;
    let year: i16 = digits(date.next()?)?;
    if date.next().is_some() {
        return None;
    }
    let month = MONTHS.iter().position(|m| m.eq_ignore_ascii_case(month))?;
    let mut time = time.split(':');
    let mut part = || digits::<i8>(time.next()?);
    let (hour, minute, second) = (part()?, part()?, part()?);
    // A leap second is no moment of its own here.
    let second = second.min(59);
    let local = DateTime::new(year, i8::try_from(month).ok()? + 1, day, hour, minute, second, 0).ok()?;
    let offset_minutes = zone.map_or(Some(0), zone_minutes)?;
    let unix = Offset::UTC.to_timestamp(local).ok()?.as_second() - i64::from(offset_minutes) * 60;
    Some(InternalDate { unix_seconds: unix, offset_minutes })
}

/// Writes a date, its quotes included; none for years that have no four digits.
pub(crate) fn format(date: InternalDate) -> Option<String> {
    // A zone further off than a day is somebody's mistake, and refused by others; the moment is what counts.
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

fn zone_minutes(zone: &str) -> Option<i16> {
    let (sign, rest) = match zone.as_bytes().first()? {
        b'+' => (1, &zone[1..]),
        b'-' => (-1, &zone[1..]),
        // Some servers write a name; all that were seen mean UTC.
        _ => return zone.bytes().all(|b| b.is_ascii_alphabetic()).then_some(0),
    };
    let number: i16 = digits(rest)?;
    (rest.len() == 4 && number % 100 < 60).then(|| sign * (number / 100 * 60 + number % 100))
}

#[cfg(test)]
mod tests {
    use super::{format, parse};
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
    fn a_zone_that_cannot_be_is_written_as_utc() {
        let date = parse(b"02-Jan-2020 10:00:00 +9930").unwrap();

        assert_eq!(format(date).unwrap(), "\"29-Dec-2019 06:30:00 +0000\"");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in
            ["", "NIL", "31-Feb-2020 00:00:00 +0000", "01-Jan-2020 25:00:00 +0000", "1-Jan-99999 1:1:1 +0000"]
        {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(unix_seconds in -62_000_000_000_i64..253_000_000_000, offset_minutes in -1439_i16..1440) {
            let date = InternalDate { unix_seconds, offset_minutes };

            let text = format(date).unwrap();

            prop_assert_eq!(parse(text.trim_matches('"').as_bytes()), Some(date));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }
    }
}
