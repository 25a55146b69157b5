//! Whatever is sent as an origin: it is allowed only if the URL standard says so.

use std::sync::LazyLock;

use proptest::prelude::*;
use url::{Host, Origin, Url};

use crate::server::Origins;

const ALLOWED: [&str; 9] = [
    "https://app.example",
    "http://localhost:3000",
    "http://127.0.0.1:8080",
    "http://[2001:db8::1]",
    "https://xn--bcher-kva.example",
    "https://*.example.com",
    "https://*.xn--bcher-kva.example:8443",
    "capacitor://localhost",
    "file://",
];

/// Some that are allowed, for others to be made from.
const SENT: [&str; 11] = [
    "https://app.example",
    "http://localhost:3000",
    "http://127.0.0.1:8080",
    "http://[2001:db8::1]",
    "https://xn--bcher-kva.example",
    "https://example.com",
    "https://a.example.com",
    "https://a.b.example.com:443",
    "https://shop.xn--bcher-kva.example:8443",
    "capacitor://localhost",
    "file://",
];

/// Pieces that have fooled comparisons before.
const PIECES: [&str; 44] = [
    ".", "..", "-", "_", "*", "*.", ":", ":80", ":443", ":0443", ":8443", ":3000", ":99999", "@",
    "me@", ":me@", "/", "//", "\\", "?", "#", "%2e", "%00", "\0", "\t", "\n", "\r", " ", ",",
    "evil", "evil.", ".evil", "evil-", "xn--", "xn--a.", "bücher.", "\u{ff0e}", "\u{3002}",
    "\u{ad}", "\u{200d}", "\u{440}", "\u{ff41}", "[::1]", "0x7f.1",
];

/// Whether the URL standard has `sent` for one of those that are allowed. Read from their spelling, without
/// a part of what is tested.
fn is_allowed(sent: &str) -> bool {
    let of_app = ["capacitor://localhost", "file://"];
    if of_app.contains(&sent) {
        return true;
    }
    let Ok(url) = Url::parse(sent) else { return false };
    let Origin::Tuple(scheme, host, port) = url.origin() else { return false };
    let origin = url.origin().ascii_serialization();
    let is_below = |parent: &str| match &host {
        Host::Domain(name) => {
            let labels: Vec<&str> = name.split('.').collect();
            let wanted: Vec<&str> = parent.split('.').collect();
            labels.len() > wanted.len()
                && labels.ends_with(&wanted)
                && labels.iter().all(|label| !label.is_empty())
        }
        _ => false,
    };
    // An origin is serialized, so that a URL with more than that is none.
    let rest = sent.split_once("://").map_or("", |(_, rest)| rest);
    !rest.contains(['/', '\\', '?', '#', '@'])
        && (ALLOWED.contains(&&*origin)
            || (scheme == "https" && port == 443 && is_below("example.com"))
            || (scheme == "https" && port == 8443 && is_below("xn--bcher-kva.example")))
}

static ORIGINS: LazyLock<Origins> = LazyLock::new(|| Origins::parse(ALLOWED).unwrap());

fn check(sent: &str) -> Result<(), TestCaseError> {
    if ORIGINS.allow(sent, "elsewhere.example") {
        prop_assert!(is_allowed(sent), "{sent:?} is not the origin of any that are allowed");
    }
    if Origins::default().allow(sent, "app.example") {
        let origin = Url::parse(sent).map(|url| url.origin().ascii_serialization());
        let same = ["https", "http", "wss", "ws"].map(|scheme| format!("{scheme}://app.example"));
        prop_assert!(origin.is_ok_and(|origin| same.contains(&origin)), "{sent:?}");
    }
    Ok(())
}

#[test]
fn those_that_are_allowed_are_matched() {
    for sent in SENT {
        let expected = sent != "https://example.com";
        assert_eq!(ORIGINS.allow(sent, "elsewhere.example"), expected, "{sent}");
        assert_eq!(is_allowed(sent), expected, "{sent}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_text_is_allowed_by_the_standard_only(sent in "\\PC{0,30}") {
        check(&sent)?;
    }

    #[test]
    fn what_looks_like_an_origin_is_allowed_by_the_standard_only(
        scheme in "(https?|HTTPS|wss?|file|capacitor|ftp|blob:https|javascript)",
        host in "([a-z0-9.-]{0,4}[.@/-]?)(app.example|example.com|EXAMPLE.com|localhost|127.0.0.1|127.1|xn--bcher-kva.example)[a-z.]{0,2}",
        port in "(:[0-9]{0,5})?",
    ) {
        check(&format!("{scheme}://{host}{port}"))?;
    }

    #[test]
    fn what_is_made_of_an_allowed_one_is_allowed_by_the_standard_only(
        sent in proptest::sample::select(&SENT[..]),
        changes in proptest::collection::vec(
            (any::<prop::sample::Index>(), proptest::sample::select(&PIECES[..]), 0..4u8),
            1..4,
        ),
    ) {
        let mut sent: Vec<char> = sent.chars().collect();
        for (at, piece, how) in changes {
            let at = at.index(sent.len() + 1);
            match how {
                0 if at < sent.len() => { sent.remove(at); }
                1 if at < sent.len() => sent[at] = sent[at].to_ascii_uppercase(),
                2 if at < sent.len() => { sent.splice(at..=at, piece.chars()); }
                _ => { sent.splice(at..at, piece.chars()); }
            }
        }
        check(&sent.into_iter().collect::<String>())?;
    }
}
