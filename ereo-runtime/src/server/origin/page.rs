//! The origin of a web page, as the URL standard reads it.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::syntax::split_port;

/// An origin with a host (URL standard, section 4.7: a tuple origin).
#[derive(Debug)]
pub(super) struct Page {
    scheme: String,
    host: Host<String>,
    port: u16,
}

/// The schemes whose host the URL standard parses; those of sockets are no page's, but some clients send
/// them.
const SCHEMES: [&str; 4] = ["http", "https", "ws", "wss"];

impl Page {
    /// `None` for an origin of another scheme, for an opaque one, and for what no browser sends.
    pub(super) fn of(origin: &str) -> Option<Self> {
        let (scheme, authority) = origin.split_once("://")?;
        SCHEMES.iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
        // A URL may have more, which its parser would take off; an origin has these only.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
        if !authority.bytes().all(is_plain) {
            return None;
        }
        let url = Url::parse(origin).ok()?;
        let (scheme, port) = (url.scheme().to_owned(), url.port_or_known_default()?);
        Some(Self { scheme, host: url.host()?.to_owned(), port })
    }

    /// Whether it is one of a pattern's, whose host may begin with `*.`.
    pub(super) fn matches(&self, scheme: &str, authority: &str) -> bool {
        let (host, port) = split_port(authority);
        let port = match port {
            Some(port) => port.parse().ok(),
            None => default_port(scheme),
        };
        self.scheme == scheme
            && port == Some(self.port)
            && match host.strip_prefix("*.") {
                Some(parent) => self.is_below(parent),
                None => self.has_host(host),
            }
    }

    /// Whether it is of the host that a request names, `host[:port]`.
    ///
    /// Not the scheme: behind a proxy that ends TLS this side cannot know its own. A missing port means
    /// the same on both sides once the origin's scheme has said which it is.
    pub(super) fn is_of(&self, host: &str) -> bool {
        let (name, port) = split_port(host);
        let port = match port {
            Some(port) => port.parse().ok(),
            None => default_port(&self.scheme),
        };
        port == Some(self.port) && self.has_host(name)
    }

    fn has_host(&self, host: &str) -> bool {
        match &self.host {
            Host::Domain(name) => name.eq_ignore_ascii_case(host),
            Host::Ipv4(address) => host.parse::<Ipv4Addr>().is_ok_and(|host| host == *address),
            Host::Ipv6(address) => {
                let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
                let host = inside.and_then(|host| host.parse::<Ipv6Addr>().ok());
                host == Some(*address)
            }
        }
    }

    /// Whether its host is a name with one label or more in front of `parent`.
    fn is_below(&self, parent: &str) -> bool {
        let Host::Domain(name) = &self.host else { return false };
        let Some(end) = name.len().checked_sub(parent.len()) else { return false };
        // A browser's names are ASCII.
        let (Some(labels), Some(rest)) = (name.get(..end), name.get(end..)) else { return false };
        rest.eq_ignore_ascii_case(parent)
            && labels
                .strip_suffix('.')
                .is_some_and(|labels| labels.split('.').all(|label| !label.is_empty()))
    }
}

/// What the URL standard finds wrong with a pattern that looks right: a name in punycode that decodes to
/// nothing, or is too long.
pub(super) fn fault(pattern: &str) -> Option<(String, String)> {
    let (scheme, authority) = pattern.split_once("://")?;
    if !SCHEMES.contains(&scheme) {
        return None;
    }
    let origin = format!("{scheme}://{}", authority.trim_start_matches("*."));
    Page::of(&origin).is_none().then(|| {
        let problem = format!("`{authority}` is no host in a URL");
        (problem, "write it as browsers send it".to_owned())
    })
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    }
}
