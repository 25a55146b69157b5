//! `Last-Event-ID`, in the header and in the query.

use actix_web::FromRequest as _;
use actix_web::dev::Payload;
use actix_web::http::header::HeaderValue;
use actix_web::test::TestRequest;
use ereo_runtime::{LastEventId, Position};
use futures_util::FutureExt as _;

use super::Target;

pub(super) const TARGET: Target = Target { name: "position", run, dictionary: DICTIONARY };

const DICTIONARY: &[&[u8]] = &[
    b"2f9c01d2a4b8e673-42",
    b"-",
    b"0",
    b"18446744073709551615",
    b"18446744073709551616",
    b"+",
    b"%2d",
    b"0000000000000000",
    b"\xff",
    b"\xc3\xa9",
    b"&lastEventID=",
    b"ereo.end",
];

fn run(input: &[u8]) {
    let text = std::str::from_utf8(input).ok();
    if let Some(position) = text.and_then(|text| text.parse::<Position>().ok()) {
        assert_eq!(position.to_string().parse(), Ok(position));
    }
    if let Some((ours, text)) = text.and_then(|text| ours(text).zip(Some(text))) {
        let position: Position = text.parse().expect("as it was sent");
        assert_eq!((position.offset(), position.to_string()), (ours, text.to_owned()));
        assert_eq!(
            extracted(TestRequest::get().insert_header(("last-event-id", text))),
            Some(position)
        );
        let uri = format!("/?lastEventID={text}");
        assert_eq!(extracted(TestRequest::with_uri(&uri)), Some(position));
    }
    if let Ok(header) = HeaderValue::from_bytes(input) {
        extracted(TestRequest::get().insert_header(("last-event-id", header)));
    }
    // Any bytes as a query may hold them.
    let query: String = input.iter().map(|byte| format!("%{byte:02x}")).collect();
    extracted(TestRequest::with_uri(&format!("/?lastEventID={query}")));
}

/// The offset of a position that a set may have sent.
fn ours(text: &str) -> Option<u64> {
    let (epoch, offset) = text.split_once('-')?;
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let named =
        epoch.len() == 16 && epoch.bytes().all(hex) && epoch.bytes().any(|byte| byte != b'0');
    let number: u64 = offset.parse().ok()?;
    (named && number.to_string() == offset).then_some(number)
}

fn extracted(request: TestRequest) -> Option<Position> {
    let request = request.to_http_request();
    let last = LastEventId::from_request(&request, &mut Payload::None);
    let last = last.now_or_never().expect("nothing to wait for");
    last.ok()?.position()
}
