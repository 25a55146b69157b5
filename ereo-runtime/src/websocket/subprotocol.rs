//! Which subprotocol is spoken (RFC 6455 section 4.2.2).

/// One of a route's list, in a single word: a connection keeps it.
pub(super) type Spoken = &'static &'static str;

/// The client offers others only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoneSpoken;

/// The first of `spoken` that is offered; none where nothing is spoken or nothing is offered.
///
/// Offers are the values of `Sec-WebSocket-Protocol`: names between commas, in one header or several
/// (section 11.3.4). What is no token among them is no offer.
pub(super) fn choose<'a>(
    spoken: &'static [&'static str],
    offers: impl Iterator<Item = &'a [u8]>,
) -> Result<Option<Spoken>, NoneSpoken> {
    if spoken.is_empty() {
        return Ok(None);
    }
    let names = offers.flat_map(|offers| offers.split(|&byte| byte == b',')).map(trim);
    let names: Vec<&[u8]> = names.filter(|name| is_token(name)).collect();
    if names.is_empty() {
        return Ok(None);
    }
    let chosen = spoken.iter().find(|spoken| names.contains(&spoken.as_bytes()));
    chosen.map(Some).ok_or(NoneSpoken)
}

/// RFC 9110 section 5.6.3: optional white space is spaces and tabs.
fn trim(mut name: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = name {
        name = rest;
    }
    name
}

/// RFC 9110 section 5.6.2.
fn is_token(name: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !name.is_empty() && name.iter().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPOKEN: &[&str] = &["chat.v2", "chat.v1"];

    fn chosen(offers: &[&str]) -> Result<Option<&'static str>, NoneSpoken> {
        let chosen = choose(SPOKEN, offers.iter().map(|offer| offer.as_bytes()));
        chosen.map(|chosen| chosen.copied())
    }

    #[test]
    fn the_servers_list_is_in_its_order() {
        assert_eq!(chosen(&["chat.v1, chat.v2"]), Ok(Some("chat.v2")));
        assert_eq!(chosen(&["chat.v1"]), Ok(Some("chat.v1")));
        assert_eq!(chosen(&["chat.v3", "bearer.abc", "chat.v1"]), Ok(Some("chat.v1")));
        assert_eq!(chosen(&["chat.v0 ,\tchat.v1\t,,"]), Ok(Some("chat.v1")));
    }

    #[test]
    fn without_an_offer_none_is_chosen() {
        assert_eq!(chosen(&[]), Ok(None));
        assert_eq!(chosen(&["", " , ,"]), Ok(None));
        assert_eq!(chosen(&["\"chat.v1\"", "chat v1", "ch\u{e4}t"]), Ok(None));
        assert_eq!(choose(&[], [&b"chat.v1"[..]].into_iter()), Ok(None));
    }

    #[test]
    fn garbage_hides_no_offer() {
        assert_eq!(chosen(&["\u{1f4a9}, \"a, chat.v1, b\""]), Ok(Some("chat.v1")));
        assert_eq!(choose(SPOKEN, [&b"\xff, chat.v2"[..]].into_iter()), Ok(Some(&"chat.v2")));
    }

    #[test]
    fn others_only_are_none_that_is_spoken() {
        for offer in ["chat.v3", "CHAT.V1", "chat.v1.1", "chat", "chat.v", "\"chat.v1\", mqtt"] {
            assert_eq!(chosen(&[offer]), Err(NoneSpoken), "{offer}");
        }
    }
}
