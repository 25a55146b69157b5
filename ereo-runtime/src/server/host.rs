//! The host that a client asked for, as far as this server can know it.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderMap, HeaderValue};

use super::client_address::{FromBehind, Proxies, ProxyHeader, parameter};
use super::lifeline::Lifeline;
use super::origin::Origins;

/// `host[:port]`, or nothing where the request names none, or two.
///
/// Behind proxies of one's own ([`Limits::behind_proxies`](super::Limits::behind_proxies)) it is what the
/// outermost of them says, if any does: in `X-Forwarded-Host`, or where they write `Forwarded` in its
/// `host`. Elsewhere those headers count nothing.
pub(crate) fn requested_host(req: &HttpRequest) -> &str {
    let proxies = Lifeline::of(req).and_then(|lifeline| lifeline.gate.proxies());
    host_behind(proxies, req.headers())
}

/// What holds for sockets whose route says nothing of origins.
pub(crate) fn configured_origins(req: &HttpRequest) -> Option<&Origins> {
    Lifeline::of(req).map(|lifeline| &lifeline.origins)
}

fn host_behind(proxies: Option<Proxies>, headers: &HeaderMap) -> &str {
    if let Some(host) = proxies.and_then(|proxies| proxies.host(headers)) {
        return host;
    }
    let mut hosts = headers.get_all(HOST);
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().unwrap_or_default(),
        _ => "",
    }
}

impl Proxies {
    /// The host that the outermost of them was asked for.
    fn host(self, headers: &HeaderMap) -> Option<&str> {
        let host = match self.header {
            ProxyHeader::Forwarded => {
                let element = from_behind(headers, "forwarded").nth(self.number - 1)?;
                parameter(element, "host")?
            }
            // A proxy adds its own, or passes on what was said before it: then there are fewer of them than
            // proxies.
            ProxyHeader::XForwardedFor => {
                from_behind(headers, "x-forwarded-host").take(self.number).last()?
            }
        };
        let host = std::str::from_utf8(host).ok()?;
        Some(host.strip_prefix('"').and_then(|host| host.strip_suffix('"')).unwrap_or(host))
    }
}

/// The elements of a list over all its lines, from the last one on.
fn from_behind<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a [u8]> {
    let lines: Vec<&HeaderValue> = headers.get_all(name).collect();
    lines.into_iter().rev().flat_map(|line| FromBehind::over(line.as_bytes(), b','))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn host_as(header: ProxyHeader, number: usize, headers: &[(&'static str, &str)]) -> String {
        let request = TestRequest::default();
        let request =
            headers.iter().fold(request, |request, header| request.append_header(*header));
        let proxies = (number > 0).then_some(Proxies { header, number });
        host_behind(proxies, request.to_http_request().headers()).to_owned()
    }

    fn host(number: usize, headers: &[(&'static str, &str)]) -> String {
        host_as(ProxyHeader::XForwardedFor, number, headers)
    }

    #[test]
    fn a_proxy_is_believed_where_it_is_declared() {
        let one = [("host", "inner:8080"), ("x-forwarded-host", "app.example")];
        assert_eq!(host(0, &one), "inner:8080");
        assert_eq!(host(1, &one), "app.example");
        assert_eq!(host(2, &one), "app.example");
        assert_eq!(host(1, &one[..1]), "inner:8080");
        assert_eq!(host_as(ProxyHeader::Forwarded, 1, &one), "inner:8080");
    }

    #[test]
    fn the_outermost_proxys_word_counts() {
        let one_list = [("host", "c"), ("x-forwarded-host", "lie.example, app.example , b")];
        let lists = [
            ("host", "c"),
            ("x-forwarded-host", "lie.example,app.example"),
            ("x-forwarded-host", "b"),
        ];
        for headers in [&one_list[..], &lists[..]] {
            assert_eq!(host(1, headers), "b");
            assert_eq!(host(2, headers), "app.example");
            assert_eq!(host(9, headers), "lie.example");
        }
    }

    #[test]
    fn the_standards_header_has_it_beside_the_address() {
        let list =
            r#"for=1.1.1.1;host=lie.example, for=2.2.2.2;Host="app.example:8443";proto=https"#;
        let headers = [
            ("host", "inner"),
            ("forwarded", list),
            ("forwarded", "for=10.0.0.1"),
            ("x-forwarded-host", "evil.example"),
        ];
        let host = |number| host_as(ProxyHeader::Forwarded, number, &headers);
        assert_eq!(host(2), "app.example:8443");
        // Its proxy says nothing of it, or there is none.
        assert_eq!(host(1), "inner");
        assert_eq!(host(4), "inner");
        assert_eq!(
            super::host_behind(None, TestRequest::default().to_http_request().headers()),
            ""
        );
    }

    #[test]
    fn two_hosts_are_none() {
        assert_eq!(host(0, &[("host", "app.example"), ("host", "evil.example")]), "");
        assert_eq!(host(1, &[("host", "inner"), ("x-forwarded-host", "")]), "inner");
    }
}
