//! Origins as browsers send them (RFC 6454 section 6.2), and the patterns that stand for several.
//!
//! The same text is in `ereo-macros` (`args/origin.rs`), which checks attributes, and in `ereo-runtime`
//! (`server/origin/syntax.rs`), which checks configuration: a macro crate exports no function, and a
//! test compares the two.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A problem, and what to write instead.
type Fault = (String, String);

/// The fault of a pattern, which may be `"*"`, `"self"`, `"null"`, an origin, or one whose host begins with
/// `*.`.
pub(super) fn fault(pattern: &str) -> Option<Fault> {
    check(pattern).err()
}

/// Whether pages of this scheme are served over the web, so that their hosts are names or addresses.
pub(super) fn is_web(scheme: &str) -> bool {
    matches!(scheme, "http" | "https")
}

/// `host[:port]`, with the host of IPv6 in brackets.
pub(super) fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn check(pattern: &str) -> Result<(), Fault> {
    if is_word(pattern) {
        return Ok(());
    }
    let Some((scheme, rest)) = pattern.split_once("://") else {
        let mend = match pattern.trim_matches('\'') {
            "" => "https://app.example".to_owned(),
            word if is_word(word) => word.to_owned(),
            host => format!("https://{host}"),
        };
        return Err(fault_of(
            "an origin begins with its scheme",
            format!("for instance \"{mend}\""),
        ));
    };
    check_scheme(scheme, rest)?;
    let until = |end: usize| format!("\"{scheme}://{}\"", &rest[..end]);
    if let Some(end) = rest.find(['/', '?', '#']) {
        let what = if rest[end..].starts_with('/') { "path" } else { "query or fragment" };
        return Err(fault_of(&format!("an origin has no {what}"), until(end)));
    }
    if let Some((_, host)) = rest.rsplit_once('@') {
        return Err(fault_of("an origin has no user", format!("\"{scheme}://{host}\"")));
    }
    let (host, port) = split_port(rest);
    if let Some(port) = port
        && !(port.starts_with(|first: char| first.is_ascii_digit())
            && port.parse::<u16>().is_ok_and(|port| port > 0))
    {
        let without = until(host.len());
        let mend = format!("a number from 1 to 65535, or {without}");
        return Err(fault_of(&format!("`{port}` is no port"), mend));
    }
    if host.contains('*') {
        return check_wildcard(scheme, host, port);
    }
    let is_right = if is_web(scheme) { is_web_host(host) } else { is_other_host(host, port) };
    if is_right {
        return Ok(());
    }
    let mend = "it as browsers send it: \"https://app.example\", \"http://127.0.0.1:8080\", \"http://[::1]\"";
    Err(fault_of(&format!("`{host}` is no host"), mend.to_owned()))
}

fn fault_of(problem: &str, write: String) -> Fault {
    (problem.to_owned(), format!("write {write}"))
}

/// Every page, pages of the request's own host, and pages that hide their origin.
fn is_word(pattern: &str) -> bool {
    matches!(pattern, "*" | "self" | "null")
}

fn check_scheme(scheme: &str, rest: &str) -> Result<(), Fault> {
    if let "ws" | "wss" = scheme {
        let page = scheme.replace("ws", "http");
        return Err(fault_of(
            "an origin is the page's, not the socket's",
            format!("\"{page}://{rest}\""),
        ));
    }
    if is_scheme(scheme) {
        return Ok(());
    }
    let lower = scheme.to_ascii_lowercase();
    Err(if is_scheme(&lower) {
        fault_of("a scheme is sent in lower case", format!("\"{lower}://{rest}\""))
    } else {
        let mend = format!("\"https://{rest}\", or \"*\" for every page");
        fault_of(&format!("`{scheme}` is no scheme"), mend)
    })
}

/// RFC 3986 section 3.1, in the lower case in which browsers send it.
fn is_scheme(scheme: &str) -> bool {
    let rest =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
    scheme.starts_with(|first: char| first.is_ascii_lowercase()) && scheme.bytes().all(rest)
}

/// `*.` in front of a name stands for one or more labels.
fn check_wildcard(scheme: &str, host: &str, port: Option<&str>) -> Result<(), Fault> {
    let name_each = || {
        "each origin, for instance \"https://app.example\", or \"*\" alone for every page"
            .to_owned()
    };
    if !is_web(scheme) {
        return Err(fault_of("only hosts of http and https have subdomains", name_each()));
    }
    if host == "*" {
        return Err(fault_of(
            "`*` stands for the subdomains of a name",
            "\"*\" alone for every page".to_owned(),
        ));
    }
    let parent = host.strip_prefix("*.");
    if parent.is_some_and(|parent| is_web_host(parent) && is_address(parent)) {
        return Err(fault_of("an address has no subdomains", name_each()));
    }
    if parent.is_some_and(is_web_host) {
        return Ok(());
    }
    let name = host.rsplit('*').next().unwrap_or_default().trim_start_matches(['.', '-']);
    let mend = if is_web_host(name) && !is_address(name) {
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("\"{scheme}://*.{name}{port}\"")
    } else {
        name_each()
    };
    Err(fault_of("`*` stands for whole labels, in front of a name", mend))
}

/// A name in its ASCII form, or an address.
fn is_web_host(host: &str) -> bool {
    if is_address(host) {
        return true;
    }
    // A trailing dot makes the name absolute, and another one than without.
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(is_part);
    // The URL standard takes a host that ends in a number for an IPv4 address.
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    name.split('.').all(is_label) && !is_number
}

fn is_address(host: &str) -> bool {
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match inside {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<Ipv4Addr>().is_ok(),
    }
}

/// Of an app in a web view or an extension; browsers send it as it is. `file://` has none.
fn is_other_host(host: &str, port: Option<&str>) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+=%".contains(&byte);
    is_address(host) || (host.bytes().all(is_part) && !(host.is_empty() && port.is_some()))
}
