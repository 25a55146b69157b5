//! Sizes as attributes spell them: a whole number and a unit of 1024s.

const UNITS: [(&str, u64); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// The size in bytes, or what it is instead, to complete "`max_message = ..` is ..", with the way to
/// mend it where there is one of its own.
pub(crate) fn bytes(text: &str) -> Result<u64, (&'static str, Option<String>)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return Err(("no size", None));
    }
    let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(match (unit, meant(unit)) {
            ("", _) => ("a number without a unit", None),
            ("KB" | "kB" | "MB" | "GB", Some(meant)) => {
                let mend =
                    format!("write `{number}{meant}`, since sizes are counted in units of 1024");
                ("in a unit of 1000 or 1024", Some(mend))
            }
            (_, Some(meant)) => ("in no unit", Some(format!("did you mean `{number}{meant}`?"))),
            (_, None) => ("no size", None),
        });
    };
    let number: u64 = number.parse().map_err(|_| ("too much", None))?;
    // The runtime counts in `usize`, which has 32 bits on some targets.
    match number.checked_mul(*factor) {
        Some(0) => Err(("zero", None)),
        Some(bytes) if bytes <= u64::from(u32::MAX) => Ok(bytes),
        _ => Err(("too much", Some("a message has less than 4 GiB".to_owned()))),
    }
}

/// The unit that stands for another spelling of it: `KiB` for `K`, `kb` or `kib`.
fn meant(unit: &str) -> Option<&'static str> {
    let unit = unit.trim().to_ascii_lowercase();
    let names = |letter: &str| [letter.to_owned(), format!("{letter}b"), format!("{letter}ib")];
    match unit.as_str() {
        "b" | "byte" | "bytes" => Some("B"),
        other if names("k").iter().any(|name| name == other) => Some("KiB"),
        other if names("m").iter().any(|name| name == other) => Some("MiB"),
        other if names("g").iter().any(|name| name == other) => Some("GiB"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn every_unit_is_understood() {
        assert_eq!(bytes("100B"), Ok(100));
        assert_eq!(bytes("64KiB"), Ok(65_536));
        assert_eq!(bytes("2MiB"), Ok(2 << 20));
        assert_eq!(bytes("1GiB"), Ok(1 << 30));
    }

    #[test]
    fn another_spelling_is_recognised() {
        let mend = |text| bytes(text).unwrap_err().1.unwrap();
        assert_eq!(mend("64kib"), "did you mean `64KiB`?");
        assert_eq!(mend("64k"), "did you mean `64KiB`?");
        assert_eq!(mend("1 MiB"), "did you mean `1MiB`?");
        assert!(mend("64KB").contains("`64KiB`"));
        assert!(mend("1MB").contains("`1MiB`"));
    }

    #[test]
    fn what_is_no_size_is_refused() {
        assert_eq!(bytes("64").unwrap_err().0, "a number without a unit");
        for text in ["", "KiB", "1.5MiB", "-1B", "64 parsecs"] {
            assert_eq!(bytes(text).unwrap_err().0, "no size", "{text}");
        }
        assert_eq!(bytes("0KiB").unwrap_err().0, "zero");
        for text in ["4GiB", "99999999999999999999B", "18446744073709551615GiB"] {
            assert_eq!(bytes(text).unwrap_err().0, "too much", "{text}");
        }
        assert_eq!(bytes("4294967295B"), Ok(u64::from(u32::MAX)));
    }
}
