//! `Origin` against `Host` and a list of patterns: three lines, of which the first has the list. A page
//! is never taken by mistake.

use actix_web::http::header::{HOST, HeaderValue, ORIGIN};
use actix_web::test::TestRequest;
use ereo_runtime::fuzzing;
use ereo_runtime::websocket::{HandshakeErrorKind, Options, Origins};

use super::Target;
use crate::input::lines;

pub(super) const TARGET: Target = Target { name: "origins", run, dictionary: DICTIONARY };

const DICTIONARY: &[&[u8]] = &[
    b"https://",
    b"http://",
    b"://",
    b"app.example",
    b"localhost",
    b":443",
    b":80",
    b":8080",
    b"[::1]",
    b"127.0.0.1",
    b"null",
    b"self",
    b"\n",
    b"@",
    b"/",
    b"\\",
    b"?",
    b"#",
    b"%2e",
    b".",
    b"*.",
    b"xn--",
    b"\xff",
    b" ",
];

/// A request for a socket, without an origin.
pub(super) fn upgrade() -> TestRequest {
    TestRequest::get()
        .insert_header(("upgrade", "websocket"))
        .insert_header(("connection", "upgrade"))
        .insert_header(("sec-websocket-version", "13"))
        .insert_header(("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="))
}

fn run(input: &[u8]) {
    let mut lines = lines(input);
    let list = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let header = |line: Option<&[u8]>| HeaderValue::from_bytes(line.unwrap_or_default()).ok();
    let Some((origin, host)) = header(lines.next()).zip(header(lines.next())) else { return };
    check(Origins::same_host(), "self", &origin, &host);
    if let Ok(origins) = list.parse() {
        check(origins, &list, &origin, &host);
    }
}

/// A page that connects is one of a pattern's.
fn check(origins: Origins, list: &str, origin: &HeaderValue, host: &HeaderValue) {
    let patterns: Vec<_> = list.split(',').map(str::trim).collect();
    if !allowed(origins, origin, host) || patterns.contains(&"*") {
        return;
    }
    let origin = origin.to_str().expect("an origin that is text");
    let host = host.to_str().unwrap_or_default();
    let is_of = |pattern: &&str| match *pattern {
        "self" => is_at(origin, host),
        pattern => is_like(origin, pattern),
    };
    assert!(patterns.iter().any(is_of), "{origin} at {host} for {patterns:?}");
}

/// Whether it is this host's, whose scheme and default port are the origin's.
fn is_at(origin: &str, host: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let (name, port) = parts(scheme, authority);
    let (host, other) = parts(scheme, host);
    port == other && is_same(name, host)
}

fn is_like(origin: &str, pattern: &str) -> bool {
    if origin == pattern {
        return true;
    }
    let (Some((scheme, authority)), Some((wanted, pattern))) =
        (origin.split_once("://"), pattern.split_once("://"))
    else {
        return false;
    };
    let (name, port) = parts(scheme, authority);
    let (pattern, other) = parts(wanted, pattern);
    let (name, pattern) = (name.to_ascii_lowercase(), pattern.to_ascii_lowercase());
    let is_same = match pattern.strip_prefix('*') {
        Some(parent) => name.len() > parent.len() && name.ends_with(parent),
        None => is_same(&name, &pattern),
    };
    scheme.eq_ignore_ascii_case(wanted) && port == other && is_same
}

fn parts<'a>(scheme: &str, authority: &'a str) -> (&'a str, Option<u16>) {
    let default = match &*scheme.to_ascii_lowercase() {
        "http" | "ws" => 80,
        _ => 443,
    };
    match authority.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') && !port.is_empty() => (name, port.parse().ok()),
        Some((name, "")) => (name, Some(default)),
        _ => (authority, Some(default)),
    }
}

/// Names are compared by their letters; of addresses a URL has many spellings, and these are left out.
fn is_same(one: &str, other: &str) -> bool {
    let is_address = |name: &str| {
        name.contains(':')
            || name.bytes().all(|byte| byte.is_ascii_hexdigit() || b".xX".contains(&byte))
    };
    one.eq_ignore_ascii_case(other) || (is_address(one) && is_address(other))
}

fn allowed(origins: Origins, origin: &HeaderValue, host: &HeaderValue) -> bool {
    let request = upgrade().insert_header((ORIGIN, origin.clone()));
    let request = request.insert_header((HOST, host.clone())).to_http_request();
    match fuzzing::handshake(&request, &Options::default().origins(origins)) {
        Ok(response) => response.status() == 101,
        Err(error) => {
            assert_eq!(error.kind(), HandshakeErrorKind::Origin);
            false
        }
    }
}
