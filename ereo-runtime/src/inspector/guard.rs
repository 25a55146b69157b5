//! Guards the inspector: decides who is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::HttpRequest;
use actix_web::http::{Method, header};

use crate::server::Origins;
use crate::server::{asked_host, is_local};

/// Whom the page is for.
#[derive(Clone)]
pub(super) enum Rule {
    /// Who sits at this machine.
    Local,
    Nobody,
    Asked(Arc<dyn Fn(&HttpRequest) -> bool + Send + Sync>),
}

/// Why a request is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// As if there were nothing: 404.
    Hidden(&'static str),
    /// 403: the asker sees the page, but this is for its own scripts to ask.
    Foreign,
}

impl Rule {
    /// Says once that nobody is answered, where that is so.
    pub(super) fn tell(&self, path: &str) {
        static TOLD: AtomicBool = AtomicBool::new(false);
        if matches!(self, Self::Nobody) && !TOLD.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                path,
                "the inspector answers nobody: in a release build it needs `.allow(|req| ..)`, which says whom"
            );
        }
    }

    /// Whether the request may be answered.
    pub(super) fn admits(&self, req: &HttpRequest) -> Result<(), Refused> {
        match self {
            Self::Local => is_local(req).map_err(Refused::Hidden)?,
            Self::Nobody => return Err(Refused::Hidden("no guard was given")),
            Self::Asked(allow) if allow(req) => {}
            Self::Asked(_) => return Err(Refused::Hidden("the guard refuses it")),
        }
        match origin(req) {
            Origin::Own => Ok(()),
            Origin::Unsaid if req.method() == Method::GET => Ok(()),
            Origin::Unsaid => Err(Refused::Foreign),
            Origin::Foreign if req.method() == Method::GET => {
                Err(Refused::Hidden("a page of another origin asks"))
            }
            Origin::Foreign => Err(Refused::Foreign),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Origin {
    Own,
    /// Browsers say it with whatever is no plain `GET` of the page's own.
    Unsaid,
    Foreign,
}

/// Whose page asks.
fn origin(req: &HttpRequest) -> Origin {
    let mut said = req.headers().get_all(header::ORIGIN);
    match (said.next(), said.next()) {
        (Some(origin), None) => {
            let own = |origin: &str| Origins::same_host().allow(origin, asked_host(req));
            let is_own = origin.to_str().is_ok_and(own);
            if is_own { Origin::Own } else { Origin::Foreign }
        }
        (Some(_), Some(_)) => Origin::Foreign,
        (None, _) => {
            let header = |name| req.headers().get(name).and_then(|value| value.to_str().ok());
            let elsewhere = matches!(header("sec-fetch-site"), Some("cross-site" | "same-site"));
            // A link to the page is no page's script.
            let is_link = header("sec-fetch-mode") == Some("navigate")
                && header("sec-fetch-dest") == Some("document");
            if elsewhere && !is_link { Origin::Foreign } else { Origin::Unsaid }
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn request(peer: &str, headers: &[(&'static str, &str)]) -> HttpRequest {
        let request = TestRequest::get().peer_addr(peer.parse().unwrap());
        let request =
            headers.iter().fold(request, |request, header| request.append_header(*header));
        request.to_http_request()
    }

    fn local(peer: &str, headers: &[(&'static str, &str)]) -> bool {
        Rule::Local.admits(&request(peer, headers)).is_ok()
    }

    #[test]
    fn who_sits_at_the_machine_is_answered() {
        for host in [
            "localhost",
            "localhost:8080",
            "LOCALHOST:1",
            "app.localhost:80",
            "127.0.0.1:8080",
            "127.9.9.9",
            "[::1]:8080",
            "[::1]",
        ] {
            assert!(local("127.0.0.1:5", &[("host", host)]), "{host}");
            assert!(local("[::1]:5", &[("host", host)]), "{host}");
            assert!(local("[::ffff:127.0.0.1]:5", &[("host", host)]), "{host}");
        }
    }

    #[test]
    fn a_name_that_was_made_to_mean_this_machine_is_not() {
        for host in [
            "evil.example",
            "localhost.evil.example",
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "evillocalhost",
            "",
            "192.0.2.1",
            "[::2]",
            "[::1].evil",
            "localhost:80:80",
            "0.0.0.0",
        ] {
            assert!(!local("127.0.0.1:5", &[("host", host)]), "{host}");
        }
        assert!(!local("127.0.0.1:5", &[]), "no host");
        assert!(!local("127.0.0.1:5", &[("host", "localhost"), ("host", "evil.example")]));
    }

    #[test]
    fn who_comes_from_elsewhere_is_not() {
        let host = ("host", "localhost");
        for peer in ["192.0.2.1:5", "[2001:db8::1]:5", "10.0.0.1:5"] {
            assert!(!local(peer, &[host]), "{peer}");
        }
        for forwarded in [
            ("x-forwarded-for", "192.0.2.1"),
            ("forwarded", "for=192.0.2.1"),
            ("x-forwarded-host", "app.example"),
            ("x-real-ip", "192.0.2.1"),
            ("via", "1.1 proxy"),
        ] {
            assert!(!local("127.0.0.1:5", &[host, forwarded]), "{forwarded:?}");
        }
        assert!(
            Rule::Local.admits(&TestRequest::get().insert_header(host).to_http_request()).is_err()
        );
    }

    #[test]
    fn a_page_of_another_origin_reads_nothing() {
        let host = ("host", "localhost:8080");
        let asks = |headers: &[(&'static str, &str)]| {
            let headers: Vec<_> = [host].into_iter().chain(headers.iter().copied()).collect();
            local("127.0.0.1:5", &headers)
        };
        assert!(asks(&[("origin", "http://localhost:8080"), ("sec-fetch-site", "same-origin")]));
        for origin in
            ["http://evil.example", "null", "http://localhost:3000", "http://127.0.0.1:8080", "x"]
        {
            assert!(!asks(&[("origin", origin)]), "{origin}");
        }
        assert!(!asks(&[("origin", "http://localhost:8080"), ("origin", "http://evil.example")]));
        assert!(!asks(&[("sec-fetch-site", "cross-site")]));
        assert!(!asks(&[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "no-cors")]));
        // A frame is no link: who frames the page could have it clicked.
        assert!(!asks(&[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "iframe")
        ]));
        assert!(asks(&[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document")
        ]));
    }

    #[test]
    fn an_action_says_its_origin() {
        let act = |headers: &[(&'static str, &str)]| {
            let request = TestRequest::post().insert_header(("host", "app.example"));
            let request =
                headers.iter().fold(request, |request, header| request.append_header(*header));
            Rule::Asked(Arc::new(|_| true)).admits(&request.to_http_request())
        };
        assert_eq!(act(&[("origin", "https://app.example")]), Ok(()));
        for headers in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("sec-fetch-site", "cross-site")],
        ] {
            assert_eq!(act(headers), Err(Refused::Foreign), "{headers:?}");
        }
    }

    #[test]
    fn nobody_is_nobody() {
        let request = request("127.0.0.1:5", &[("host", "localhost")]);
        assert!(matches!(Rule::Nobody.admits(&request), Err(Refused::Hidden(_))));
        assert!(matches!(
            Rule::Asked(Arc::new(|_| false)).admits(&request),
            Err(Refused::Hidden(_))
        ));
    }
}
