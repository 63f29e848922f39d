//! Dates as IMAP writes them (RFC 3501, date-time), as seconds since 1970 UTC.

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

const FORM: &str = "%d-%b-%Y %H:%M:%S %z";

pub(crate) fn write(seconds: i64) -> String {
    let at = Timestamp::from_second(seconds).expect("test dates lie within the calendar");
    strtime::format(FORM, &at.to_zoned(TimeZone::UTC)).expect("the form fits a zoned date")
}

pub(crate) fn read(text: &str) -> Option<i64> {
    let text = text.trim();
    // Cyrus pads the day with a space.
    let padded = if text.find('-') == Some(1) { format!("0{text}") } else { text.to_owned() };
    strtime::parse(FORM, padded).ok()?.to_timestamp().ok().map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_survive_writing_and_reading() {
        for seconds in [0, 315_532_800, 1_300_000_000, 2_114_380_800] {
            assert_eq!(super::read(&super::write(seconds)), Some(seconds));
        }
        assert_eq!(super::read(" 2-Jan-2020 03:04:05 +0100"), Some(1_577_930_645));
    }
}
