//! Dates as playlists have them.

use sluice_domain::MediaTime;

/// `2026-11-21T21:13:05.123Z`.
pub(crate) fn iso8601(time: MediaTime) -> String {
    let millis = time.0.div_euclid(1_000);
    let (seconds, millis) = (millis.div_euclid(1_000), millis.rem_euclid(1_000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// Year, month and day of a day counted from 1970-01-01, by the Gregorian calendar.
///
/// Years begin in March here, so that the leap day is the last day of its year and months have lengths that
/// a line through (153 m + 2) / 5 gives.
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_1970;
    let era = days.div_euclid(DAYS_OF_ERA);
    let day_of_era = days.rem_euclid(DAYS_OF_ERA);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// Days from 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

/// Days of 400 years, after which the calendar repeats.
const DAYS_OF_ERA: i64 = 146_097;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let of = |seconds: i64| iso8601(MediaTime(seconds * 1_000_000));
        assert_eq!(of(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(of(951_782_400), "2000-02-29T00:00:00.000Z");
        assert_eq!(of(1_709_251_199), "2024-02-29T23:59:59.000Z");
        assert_eq!(of(1_709_251_200), "2024-03-01T00:00:00.000Z");
        assert_eq!(of(4_102_444_800), "2100-01-01T00:00:00.000Z");
        assert_eq!(of(4_107_542_400), "2100-03-01T00:00:00.000Z", "2100 is no leap year");
        assert_eq!(iso8601(MediaTime(1_795_295_585_123_456)), "2026-11-21T21:13:05.123Z");
        assert_eq!(iso8601(MediaTime(-1)), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn every_day_of_two_centuries_follows_the_one_before() {
        let mut before = civil(-36_525);
        for days in -36_524..36_525 {
            let (year, month, day) = civil(days);
            let next_day = (year, month, day) == (before.0, before.1, before.2 + 1);
            let next_month = day == 1 && (year, month) == (before.0, before.1 + 1) && before.2 >= 28;
            let next_year =
                (month, day) == (1, 1) && year == before.0 + 1 && (before.1, before.2) == (12, 31);
            assert!(next_day || next_month || next_year, "{before:?} {days}");
            before = (year, month, day);
        }
    }
}
