//! Durations as attributes spell them: a whole number and a unit.

/// The duration in milliseconds, or what it is instead, to complete "`retry = ..` is ..".
pub(crate) fn milliseconds(text: &str) -> Result<u64, &'static str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "" if !number.is_empty() => return Err("a number without a unit"),
        _ => return Err("no duration"),
    };
    if number.is_empty() {
        return Err("no duration");
    }
    let number: u64 = number.parse().map_err(|_| "too long")?;
    match number.checked_mul(factor) {
        Some(0) => Err("zero"),
        Some(milliseconds) => Ok(milliseconds),
        None => Err("too long"),
    }
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
            assert_eq!(milliseconds(text), Err("zero"), "{text}");
        }
    }

    #[test]
    fn a_bare_number_lacks_its_unit() {
        assert_eq!(milliseconds("15"), Err("a number without a unit"));
    }

    #[test]
    fn what_is_no_whole_number_and_unit_is_no_duration() {
        for text in ["", "s", "1.5s", "-1s", "15 s", "15sec", "15S", "s15", " 15s"] {
            assert_eq!(milliseconds(text), Err("no duration"), "{text}");
        }
    }

    #[test]
    fn overflow_is_told_apart() {
        assert_eq!(milliseconds("18446744073709551615ms"), Ok(u64::MAX));
        assert_eq!(milliseconds("18446744073709551615s"), Err("too long"));
        assert_eq!(milliseconds("99999999999999999999ms"), Err("too long"));
    }
}
