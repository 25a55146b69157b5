//! The offers of a handshake: `Sec-WebSocket-Extensions` (RFC 6455 section 9.1, RFC 7692 section 7.1).

/// One offer of permessage-deflate, known to be well formed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offer {
    /// The client wants every message of the server's to be read alone.
    pub(super) server_no_context_takeover: bool,
    /// The client will not refer to its earlier messages anyway.
    pub(super) client_no_context_takeover: bool,
    /// The client's memory for what the server sends: 8 to 15, as a power of two.
    pub(super) server_max_window_bits: Option<u8>,
    /// The server may limit the client's window; with the client's own limit where it names one.
    pub(super) client_max_window_bits: Option<Option<u8>>,
}

/// The offers in a header's value, in the client's order of preference. Other extensions are passed
/// over, and so is an offer that section 7.1 tells a server to decline: one with an unknown parameter,
/// a repeated one, or one with a value that it cannot have.
pub(super) fn offers(header: &str) -> impl Iterator<Item = Offer> + '_ {
    split(header, ',').filter_map(|element| {
        let mut parts = split(element, ';').map(str::trim);
        let name = parts.next()?;
        if !name.eq_ignore_ascii_case("permessage-deflate") {
            return None;
        }
        parts.try_fold(Offer::default(), |offer, parameter| offer.with(parameter))
    })
}

impl Offer {
    /// The offer with one more parameter; `None` for a parameter that spoils it.
    fn with(mut self, parameter: &str) -> Option<Self> {
        let (name, value) = match parameter.split_once('=') {
            Some((name, value)) => (name.trim(), Some(unquote(value.trim())?)),
            None => (parameter, None),
        };
        // True if the parameter was given before.
        let repeated = match name {
            "server_no_context_takeover" if value.is_none() => {
                std::mem::replace(&mut self.server_no_context_takeover, true)
            }
            "client_no_context_takeover" if value.is_none() => {
                std::mem::replace(&mut self.client_no_context_takeover, true)
            }
            "server_max_window_bits" => {
                self.server_max_window_bits.replace(window_bits(&value?)?).is_some()
            }
            "client_max_window_bits" => {
                let bits = match &value {
                    Some(value) => Some(window_bits(value)?),
                    None => None,
                };
                self.client_max_window_bits.replace(bits).is_some()
            }
            _ => return None,
        };
        (!repeated).then_some(self)
    }
}

/// Section 7.1.2: "a decimal integer value without leading zeroes between 8 to 15, inclusive".
fn window_bits(value: &str) -> Option<u8> {
    match value {
        "8" => Some(8),
        "9" => Some(9),
        "10" => Some(10),
        "11" => Some(11),
        "12" => Some(12),
        "13" => Some(13),
        "14" => Some(14),
        "15" => Some(15),
        _ => None,
    }
}

/// The value of a parameter: a token, or a quoted string that holds one. `None` where the quotes do
/// not match.
fn unquote(value: &str) -> Option<String> {
    let Some(quoted) = value.strip_prefix('"') else {
        return Some(value.to_owned());
    };
    let mut text = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return characters.as_str().is_empty().then_some(text),
            '\\' => text.push(characters.next()?),
            character => text.push(character),
        }
    }
}

/// Splits where the separator stands outside of quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |character| {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => return character == separator && !quoted,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Vec<Offer> {
        offers(header).collect()
    }

    #[test]
    fn parameters_in_any_order_and_spelling() {
        assert_eq!(read("permessage-deflate"), [Offer::default()]);
        let all = Offer {
            server_no_context_takeover: true,
            client_no_context_takeover: true,
            server_max_window_bits: Some(10),
            client_max_window_bits: Some(None),
        };
        for header in [
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits",
            "PerMessage-Deflate;client_max_window_bits;server_max_window_bits=\"10\";client_no_context_takeover;server_no_context_takeover",
            " permessage-deflate ; server_max_window_bits = \"1\\0\" ; client_no_context_takeover ;server_no_context_takeover; client_max_window_bits ",
        ] {
            assert_eq!(read(header), [all], "{header}");
        }
        let limited = read("permessage-deflate; client_max_window_bits=8");
        assert_eq!(limited[0].client_max_window_bits, Some(Some(8)));
    }

    #[test]
    fn several_offers_keep_their_order() {
        let offers = read(
            "x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=9,, \
             permessage-foo; a=\"b, permessage-deflate; c\", permessage-deflate",
        );
        let first = Offer { server_max_window_bits: Some(9), ..Offer::default() };
        assert_eq!(offers, [first, Offer::default()]);
    }

    #[test]
    fn an_invalid_offer_is_declined_and_the_next_one_looked_at() {
        for parameters in [
            "unknown",
            "",
            "server_no_context_takeover; server_no_context_takeover",
            "client_max_window_bits; client_max_window_bits=9",
            "server_no_context_takeover=1",
            "client_no_context_takeover=\"\"",
            "server_max_window_bits",
            "server_max_window_bits=",
            "server_max_window_bits=7",
            "server_max_window_bits=16",
            "server_max_window_bits=09",
            "server_max_window_bits=+9",
            "server_max_window_bits=\"9",
            "server_max_window_bits=\"9\"9",
            "client_max_window_bits=",
            "client_max_window_bits=0",
            "SERVER_NO_CONTEXT_TAKEOVER=true",
        ] {
            let header = format!("permessage-deflate; {parameters}");
            assert_eq!(read(&header), [], "{header}");
            // An open quote takes all that follows into it.
            if !parameters.ends_with("\"9") {
                assert_eq!(read(&format!("{header}, permessage-deflate")).len(), 1, "{header}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_read_without_a_panic(header in "[ -~]*", tail in "[;=,\"\\\\ a-z_0-9]*") {
            offers(&header).count();
            offers(&format!("permessage-deflate;{tail}")).count();
        }
    }
}
