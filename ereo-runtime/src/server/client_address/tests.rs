use actix_web::test::TestRequest;

use super::*;

const PEER: &str = "10.0.0.9";

fn request(headers: &[(&'static str, &[u8])]) -> HttpRequest {
    let request = TestRequest::default().peer_addr(format!("{PEER}:1").parse().unwrap());
    headers.iter().fold(request, |request, header| request.append_header(*header)).to_http_request()
}

fn behind(header: ProxyHeader, number: usize, headers: &[(&'static str, &[u8])]) -> String {
    match ClientAddress::behind(Some(Proxies { header, number }), &request(headers)) {
        ClientAddress::Told(address) => address.to_string(),
        ClientAddress::Peer(peer) => peer.ip().to_string(),
        ClientAddress::Nowhere => unreachable!("there is a peer"),
    }
}

fn told(line: &str) -> String {
    behind(ProxyHeader::XForwardedFor, 1, &[("x-forwarded-for", line.as_bytes())])
}

fn forwarded(line: &str) -> String {
    behind(ProxyHeader::Forwarded, 1, &[("forwarded", line.as_bytes())])
}

fn client(address: &str) -> Client {
    Client::of(address.parse().unwrap())
}

#[test]
fn only_what_the_proxies_wrote_counts() {
    let lines: [(_, &[u8]); 2] =
        [("x-forwarded-for", b"1.1.1.1, 2.2.2.2"), ("x-forwarded-for", b"3.3.3.3")];
    assert_eq!(behind(ProxyHeader::XForwardedFor, 1, &lines), "3.3.3.3");
    assert_eq!(behind(ProxyHeader::XForwardedFor, 2, &lines), "2.2.2.2");
    assert_eq!(behind(ProxyHeader::XForwardedFor, 3, &lines), "1.1.1.1");
    assert_eq!(behind(ProxyHeader::XForwardedFor, 4, &lines), PEER);
    assert_eq!(ClientAddress::behind(None, &request(&lines)).to_string(), format!("{PEER}:1"));
}

#[test]
fn the_header_that_is_not_named_is_not_believed() {
    let both: [(_, &[u8]); 2] =
        [("forwarded", b"for=203.0.113.5"), ("x-forwarded-for", b"198.51.100.7")];
    assert_eq!(behind(ProxyHeader::XForwardedFor, 1, &both), "198.51.100.7");
    assert_eq!(behind(ProxyHeader::Forwarded, 1, &both), "203.0.113.5");
    assert_eq!(behind(ProxyHeader::XForwardedFor, 1, &both[..1]), PEER);
    assert_eq!(behind(ProxyHeader::Forwarded, 1, &both[1..]), PEER);
}

#[test]
fn addresses_as_proxies_write_them() {
    for (line, address) in [
        ("4.4.4.4:99", "4.4.4.4"),
        ("\"4.4.4.4\"", "4.4.4.4"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("\"[2001:db8::7]:4711\"", "2001:db8::7"),
        ("[fe80::7%eth0]:80", "fe80::7"),
        ("::ffff:4.4.4.4", "4.4.4.4"),
        ("[::ffff:4.4.4.4]:80", "4.4.4.4"),
        ("::ffff:404:404", "4.4.4.4"),
        (" 4.4.4.4 ", "4.4.4.4"),
        ("9.9.9.9,, 4.4.4.4 ,\t,", "4.4.4.4"),
    ] {
        assert_eq!(told(line), address, "{line}");
    }
    for (line, address) in [
        ("for=4.4.4.4", "4.4.4.4"),
        (r#"for=1.1.1.1, proto=http;For="[2001:db8::7]:47";by=_me"#, "2001:db8::7"),
        (r#"for="4.4.4.4:_port""#, "4.4.4.4"),
        (r#"by="a;for=9.9.9.9,b" ; FOR = 4.4.4.4,"#, "4.4.4.4"),
        (r#"for=4.4.4.4;by="\",\\""#, "4.4.4.4"),
    ] {
        assert_eq!(forwarded(line), address, "{line}");
    }
}

#[test]
fn what_says_nothing_falls_back_to_the_peer() {
    for line in
        ["", ",", "unknown", "unix:", "9.9.9.9, unknown", "4.4.4.4:x", "[4.4.4.4", "4.4.4.4 5"]
    {
        assert_eq!(told(line), PEER, "{line}");
    }
    for line in [
        "for=unknown",
        "for=_hidden",
        "for=1.1.1.1, proto=https",
        "for=1.1.1.1;for=2.2.2.2",
        "4.4.4.4",
        "for",
    ] {
        assert_eq!(forwarded(line), PEER, "{line}");
    }
}

/// A client opens a quote, or sends what is no text, and the proxy's own word follows.
#[test]
fn what_the_client_wrote_swallows_nothing() {
    for lie in [r#"for=9.9.9.9;by=""#, r#"""#, r#"for="\"#, r#"for="9.9.9.9\\"#, "=", ";", r#"\"#] {
        assert_eq!(forwarded(&format!("{lie}, for=4.4.4.4")), "4.4.4.4", "{lie}");
        assert_eq!(forwarded(&format!("{lie},for=\"[2001:db8::7]:1\";proto=http")), "2001:db8::7");
        assert_eq!(told(&format!("{lie}, 4.4.4.4")), "4.4.4.4", "{lie}");
    }
    let header = ProxyHeader::XForwardedFor;
    assert_eq!(behind(header, 1, &[("x-forwarded-for", b"\xff\xfe, 4.4.4.4")]), "4.4.4.4");
    assert_eq!(behind(header, 1, &[("x-forwarded-for", b"4.4.4.4, \xff")]), PEER);
}

#[test]
fn a_network_of_ipv6_and_an_address_of_ipv4_are_one_client() {
    assert_eq!(client("2001:db8:1:2::1"), client("2001:db8:1:2:ffff::6"));
    assert_ne!(client("2001:db8:1:2::1"), client("2001:db8:1:3::1"));
    assert_eq!(client("203.0.113.5"), client("::ffff:203.0.113.5"));
    assert_ne!(client("203.0.113.5"), client("203.0.113.6"));
    assert_ne!(client("::ffff:203.0.113.5"), client("::ffff:203.0.113.6"));
}

#[test]
fn the_own_peer_is_canonical_too() {
    let of = |peer: Option<&str>| {
        let request = TestRequest::default();
        let request = match peer {
            Some(peer) => request.peer_addr(peer.parse().unwrap()),
            None => request,
        };
        ClientAddress::of(&request.to_http_request())
    };
    assert_eq!(of(Some("[::ffff:10.0.0.9]:7")).to_string(), "10.0.0.9:7");
    assert_eq!(of(Some("[::ffff:10.0.0.9]:7")).client(), of(Some("10.0.0.9:8")).client());
    assert_eq!(of(Some("[2001:db8::7]:7")).client(), of(Some("[2001:db8::8]:7")).client());
    assert_eq!((of(None).to_string(), of(None).known()), ("unix".to_owned(), None));
    assert_eq!(of(None).client(), of(None).client());
}

#[test]
fn clients_of_all_kinds_are_told_apart() {
    let addresses = ["0.0.0.0", "127.0.0.1", "255.255.255.255", "::1", "fe80::1", "2001:db8::1"];
    let mut clients = std::collections::HashSet::from(addresses.map(client));
    clients.insert(Client::NOWHERE);
    assert_eq!(clients.len(), addresses.len() + 1);
}
