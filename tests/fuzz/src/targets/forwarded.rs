//! `Forwarded` (RFC 7239) and `X-Forwarded-For`, a header a line: whatever a client sends, the address
//! is the one that the proxy saw.

use std::net::IpAddr;

use actix_web::http::header::HeaderValue;
use actix_web::test::TestRequest;
use ereo_runtime::{ProxyHeader, fuzzing};

use super::Target;
use crate::input::lines;

pub(super) const TARGET: Target = Target { name: "forwarded", run, dictionary: DICTIONARY };

const DICTIONARY: &[&[u8]] = &[
    b"for=",
    b"For=\"[2001:db8::1]:47\"",
    b"\"",
    b"\\",
    b",",
    b";",
    b"by=",
    b"proto=http",
    b"203.0.113.7",
    b"::ffff:203.0.113.7",
    b"unknown",
    b"_hidden",
    b"\n",
    b" ",
    b"=",
    b"\xff",
    b":1",
];

/// The connection's own peer: a proxy.
const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 9));

fn run(input: &[u8]) {
    let sent: Vec<_> = lines(input).filter_map(|line| HeaderValue::from_bytes(line).ok()).collect();
    let kinds = [
        (ProxyHeader::XForwardedFor, "x-forwarded-for", ["198.51.100.7", "10.0.0.8"]),
        (ProxyHeader::XForwardedFor, "x-forwarded-for", ["[2001:db8::7]:4711", "10.0.0.8:80"]),
        (ProxyHeader::Forwarded, "forwarded", ["for=198.51.100.7", "for=10.0.0.8;proto=http"]),
        (
            ProxyHeader::Forwarded,
            "forwarded",
            ["by=x;for=\"[2001:db8::7]:4711\"", "for=\"10.0.0.8:80\""],
        ),
    ];
    for (header, name, [client, proxy]) in kinds {
        let address = |proxies, headers: &[HeaderValue]| address(header, proxies, name, headers);
        assert_eq!(address(0, &sent), PEER, "nobody is believed who is not declared");
        let seen = if client.contains("2001") { "2001:db8::7" } else { "198.51.100.7" };
        let seen: IpAddr = seen.parse().expect("an address");
        // One proxy, then two, which go on in the same line or begin another.
        for further in [appended, added] {
            let one = further(&sent, client);
            assert_eq!(address(1, &one), seen);
            assert_eq!(address(2, &further(&one, proxy)), seen);
        }
        // As it comes, the other header is nothing, and this one must only not panic.
        for proxies in 1..4 {
            let _ = address(proxies, &sent);
        }
        let other = if name == "forwarded" { "x-forwarded-for" } else { "forwarded" };
        assert_eq!(self::address(header, 1, other, &sent), PEER, "the other header counts nothing");
    }
}

/// As nginx does it: all lines in one, and the address behind them.
fn appended(sent: &[HeaderValue], address: &str) -> Vec<HeaderValue> {
    let mut joined = sent.iter().map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b", "[..]);
    if !joined.is_empty() {
        joined.extend(b", ");
    }
    joined.extend(address.as_bytes());
    vec![HeaderValue::from_bytes(&joined).expect("of such values")]
}

/// As others do: a line of their own.
fn added(sent: &[HeaderValue], address: &str) -> Vec<HeaderValue> {
    let mut sent = sent.to_vec();
    sent.push(HeaderValue::from_str(address).expect("a value"));
    sent
}

fn address(
    header: ProxyHeader,
    proxies: usize,
    name: &'static str,
    headers: &[HeaderValue],
) -> IpAddr {
    let request = TestRequest::default().peer_addr((PEER, 1).into());
    let request =
        headers.iter().fold(request, |request, value| request.append_header((name, value.clone())));
    fuzzing::client_address(header, proxies, &request.to_http_request()).expect("there is a peer")
}
