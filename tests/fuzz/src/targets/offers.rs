//! `Sec-WebSocket-Extensions`, a header a line (RFC 7692 section 7.1): the answer is well formed and
//! never more than was offered.

use actix_web::http::header::{HeaderValue, SEC_WEBSOCKET_EXTENSIONS};
use ereo_runtime::websocket::Options;
use ereo_runtime::{Compression, fuzzing};

use super::Target;
use super::origins::upgrade;
use crate::input::lines;

pub(super) const TARGET: Target = Target { name: "offers", run, dictionary: DICTIONARY };

const DICTIONARY: &[&[u8]] = &[
    b"permessage-deflate",
    b"; server_no_context_takeover",
    b"; client_no_context_takeover",
    b"; server_max_window_bits=",
    b"; client_max_window_bits",
    b"=8",
    b"=15",
    b"=\"1\\0\"",
    b", ",
    b"\"",
    b"\\",
    b"\n",
];

fn run(input: &[u8]) {
    let headers: Vec<_> =
        lines(input).filter_map(|line| HeaderValue::from_bytes(line).ok()).collect();
    for compression in [Compression::Broadcast, Compression::On] {
        let Some(answer) = answer(compression, &headers) else { continue };
        let agreed = Parameters::of(&answer);
        let again = HeaderValue::from_str(&answer).expect("a header that was sent");
        let again = self::answer(compression, &[again]);
        assert_eq!(
            again.as_deref(),
            Some(&*answer),
            "an answer is an offer that is taken as it is"
        );
        if let Some(offered) = first_simple(&headers) {
            agreed.assert_within(&offered);
        }
    }
    assert_eq!(answer(Compression::Off, &headers), None);
}

/// The extension of the answer.
fn answer(compression: Compression, headers: &[HeaderValue]) -> Option<String> {
    let request = headers.iter().fold(upgrade(), |request, header| {
        request.append_header((SEC_WEBSOCKET_EXTENSIONS, header.clone()))
    });
    let options = Options::default().compression(compression);
    let response = fuzzing::handshake(&request.to_http_request(), &options).expect("101");
    let answer = response.headers().get(SEC_WEBSOCKET_EXTENSIONS)?;
    Some(answer.to_str().expect("text").to_owned())
}

#[derive(Debug, Default)]
struct Parameters {
    server_alone: bool,
    client_alone: bool,
    server_bits: Option<u8>,
    client_bits: Option<Option<u8>>,
}

impl Parameters {
    /// Reads an extension without quotes and without faults.
    fn of(extension: &str) -> Self {
        let mut parts = extension.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        assert!(name.eq_ignore_ascii_case("permessage-deflate"), "{extension}");
        let mut found = Self::default();
        for parameter in parts {
            let (name, value) = match parameter.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim())),
                None => (parameter, None),
            };
            let bits = value.map(|value| value.parse().expect(extension));
            assert!(bits.is_none_or(|bits| (8..=15).contains(&bits)), "{extension}");
            let repeated = match name {
                "server_no_context_takeover" => std::mem::replace(&mut found.server_alone, true),
                "client_no_context_takeover" => std::mem::replace(&mut found.client_alone, true),
                "server_max_window_bits" => {
                    found.server_bits.replace(bits.expect(extension)).is_some()
                }
                "client_max_window_bits" => found.client_bits.replace(bits).is_some(),
                _ => panic!("{extension}"),
            };
            assert!(!repeated, "{extension}");
        }
        found
    }

    /// Sections 7.1.1 and 7.1.2: what an answer must, may and must not say.
    fn assert_within(&self, offered: &Self) {
        assert!(self.server_alone || !offered.server_alone, "{self:?} for {offered:?}");
        if let Some(most) = offered.server_bits {
            assert!(self.server_bits.is_some_and(|bits| bits <= most), "{self:?} for {offered:?}");
        }
        if let Some(bits) = self.client_bits {
            let most = offered.client_bits.expect("offered, where it is answered").unwrap_or(15);
            assert!(bits.is_some_and(|bits| bits <= most), "{self:?} for {offered:?}");
        }
    }
}

/// The only offer, if it is so simple that it can be read without the rules of quotes.
fn first_simple(headers: &[HeaderValue]) -> Option<Parameters> {
    let [header] = headers else { return None };
    let header = header.to_str().ok()?;
    (!header.contains(['"', '\\', ','])).then(|| Parameters::of(header))
}
