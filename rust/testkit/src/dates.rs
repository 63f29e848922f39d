//! Dates as IMAP writes them, as seconds since 1970 (RFC 3501, date-time and date).

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

/// `01-Jan-2024 00:00:00 +0000`, always in UTC as real servers answer.
pub fn format_internal_date(unix: i64) -> String {
    let at = Timestamp::from_second(unix).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%d-%b-%Y %H:%M:%S +0000").to_string()
}

/// Reads a date-time; the day may be padded with a space.
pub fn parse_internal_date(text: &str) -> Option<i64> {
    let zoned = jiff::fmt::strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim_start()).ok()?;
    Some(zoned.to_timestamp().ok()?.as_second())
}

/// Reads SEARCH's `1-Feb-2024` as the start of that day in UTC.
pub(crate) fn parse_day(text: &str) -> Option<i64> {
    let day = civil::Date::strptime("%d-%b-%Y", text.trim()).ok()?;
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

/// `Mon, 01 Jan 2024 00:00:00 +0000`, for the Date header field (RFC 5322).
pub(crate) fn format_header_date(unix: i64) -> String {
    let at = Timestamp::from_second(unix).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// Now, for deliveries without a date.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_dates_round_trip_and_zones_are_converted() {
        assert_eq!(format_internal_date(1_700_000_000), "14-Nov-2023 22:13:20 +0000");
        assert_eq!(parse_internal_date("14-Nov-2023 23:13:20 +0100"), Some(1_700_000_000));
        assert_eq!(parse_internal_date(" 1-Jan-1970 00:00:00 +0000"), Some(0));
        assert_eq!(parse_internal_date("99-Jan-1970 00:00:00 +0000"), None);
        assert_eq!(parse_day("2-Jan-1970"), Some(86_400));
    }
}
