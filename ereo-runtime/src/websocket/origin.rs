//! Which pages may open a socket (RFC 6455 section 10.2).
//!
//! Browsers send cookies with a WebSocket handshake from any page and ask nobody first: without a
//! check, a foreign page acts with the visitor's rights.

use std::borrow::Cow;

/// The origins that a socket is opened for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Origins {
    /// The request's own host, as its `Host` header says.
    #[default]
    SameHost,
    /// These only, as `scheme://host[:port]`.
    List(Cow<'static, [Cow<'static, str>]>),
    /// Every page of the web.
    Any,
}

impl Origins {
    /// The origins of an attribute's list; one that is `"*"` allows all.
    pub fn list<S: Into<Cow<'static, str>>>(origins: impl IntoIterator<Item = S>) -> Self {
        let origins: Vec<Cow<'static, str>> = origins.into_iter().map(Into::into).collect();
        if origins.iter().any(|origin| origin == "*") {
            Self::Any
        } else {
            Self::List(origins.into())
        }
    }

    /// Whether a page of `origin` may connect to `host`.
    pub(super) fn allow(&self, origin: &str, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::List(list) => {
                let origin = Parts::of(origin);
                origin.is_some() && list.iter().any(|allowed| Parts::of(allowed) == origin)
            }
            // Not the scheme: behind a proxy that ends TLS this side cannot know its own. A missing
            // port means the same on both sides once the origin's scheme has said which it is.
            Self::SameHost => Parts::of(origin).is_some_and(|origin| {
                let (name, port) = split_port(host);
                origin.host.eq_ignore_ascii_case(name)
                    && (port.is_none()
                        || Some(origin.port) == port.and_then(|port| port.parse().ok()))
                    && (port.is_some() || origin.is_default_port())
            }),
        }
    }
}

/// An origin, comparable (RFC 6454 section 4: scheme and host in lower case, the port always there).
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    scheme: String,
    host: String,
    port: u16,
}

impl Parts {
    /// `None` for what is no origin, such as the `null` of a sandboxed page.
    fn of(origin: &str) -> Option<Self> {
        let (scheme, rest) = origin.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let (host, port) = split_port(rest);
        if host.is_empty() || host.contains('/') {
            return None;
        }
        let port = match port {
            Some(port) => port.parse().ok()?,
            None => default_port(&scheme)?,
        };
        Some(Self { host: host.to_ascii_lowercase(), scheme, port })
    }

    fn is_default_port(&self) -> bool {
        default_port(&self.scheme) == Some(self.port)
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    }
}

/// `host[:port]`, the host of IPv6 being in brackets.
fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_host_means_name_and_port() {
        let same = |origin, host| Origins::SameHost.allow(origin, host);
        assert!(same("http://localhost:8080", "localhost:8080"));
        assert!(same("https://App.example", "app.example"));
        assert!(same("https://app.example", "app.example:443"));
        assert!(same("http://[::1]:80", "[::1]"));
        assert!(!same("http://localhost:8081", "localhost:8080"));
        assert!(!same("http://localhost", "localhost:8080"));
        assert!(!same("http://localhost:8080", "localhost"));
        assert!(!same("https://app.example.evil", "app.example"));
        assert!(!same("null", "app.example"));
        assert!(!same("", ""));
        assert!(!same("http://", ""));
    }

    #[test]
    fn a_list_is_exact_up_to_case_and_default_ports() {
        let list = Origins::list(["https://app.example", "http://localhost:3000"]);
        assert!(list.allow("https://app.example:443", "elsewhere"));
        assert!(list.allow("http://LOCALHOST:3000", "elsewhere"));
        assert!(!list.allow("http://app.example", "app.example"));
        assert!(!list.allow("https://elsewhere", "elsewhere"));
        assert!(!list.allow("null", "elsewhere"));
        assert_eq!(Origins::list(["*"]), Origins::Any);
        assert!(Origins::Any.allow("null", "elsewhere"));
    }
}
