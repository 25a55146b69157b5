//! Durations as attributes spell them: a whole number and a unit.

/// The duration in milliseconds, or what it is instead, to complete "`retry = ..` is ..", with the way
/// to mend it where there is one of its own.
pub(crate) fn milliseconds(text: &str) -> Result<u64, (&'static str, Option<String>)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return Err(("no duration", None));
    }
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "" => return Err(("a number without a unit", None)),
        _ => {
            let meant = meant(number, unit).map(|meant| format!("did you mean `{meant}`?"));
            return Err((if meant.is_some() { "in no unit" } else { "no duration" }, meant));
        }
    };
    let number: u64 = number.parse().map_err(|_| ("too long", None))?;
    match number.checked_mul(factor) {
        Some(0) => Err(("zero", None)),
        Some(milliseconds) => Ok(milliseconds),
        None => Err(("too long", None)),
    }
}

/// The duration that another spelling stands for: `15s` for `15 sec`, `48h` for `2d`.
fn meant(number: &str, unit: &str) -> Option<String> {
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "ms" | "msec" | "msecs" | "milli" | "millis" | "millisecond" | "milliseconds" => "ms",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => {
            let hours = number.parse::<u32>().ok()?.checked_mul(24)?;
            return Some(format!("{hours}h"));
        }
        _ => return None,
    };
    Some(format!("{number}{unit}"))
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn every_unit_is_understood() {
        assert_eq!(milliseconds("500ms"), Ok(500));
        assert_eq!(milliseconds("15s"), Ok(15_000));
        assert_eq!(milliseconds("2m"), Ok(120_000));
        assert_eq!(milliseconds("1h"), Ok(3_600_000));
    }

    #[test]
    fn zero_is_refused_in_any_unit() {
        for text in ["0s", "0ms", "000h"] {
            assert_eq!(milliseconds(text), Err(("zero", None)), "{text}");
        }
    }

    #[test]
    fn a_bare_number_lacks_its_unit() {
        assert_eq!(milliseconds("15"), Err(("a number without a unit", None)));
    }

    #[test]
    fn what_is_no_whole_number_and_unit_is_no_duration() {
        for text in ["", "s", "1.5s", "-1s", "15us", "s15", " 15s", "99999999999d"] {
            assert_eq!(milliseconds(text), Err(("no duration", None)), "{text}");
        }
    }

    #[test]
    fn another_spelling_is_recognised() {
        let mend = |text| milliseconds(text).unwrap_err().1.unwrap();
        assert_eq!(mend("15 s"), "did you mean `15s`?");
        assert_eq!(mend("15S"), "did you mean `15s`?");
        assert_eq!(mend("500millis"), "did you mean `500ms`?");
        assert_eq!(mend("2 minutes"), "did you mean `2m`?");
        assert_eq!(mend("2d"), "did you mean `48h`?");
    }

    #[test]
    fn overflow_is_told_apart() {
        assert_eq!(milliseconds("18446744073709551615ms"), Ok(u64::MAX));
        assert_eq!(milliseconds("18446744073709551615s"), Err(("too long", None)));
        assert_eq!(milliseconds("99999999999999999999ms"), Err(("too long", None)));
    }
}
