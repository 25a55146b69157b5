//! Origins as browsers send them (RFC 6454 section 6.2): `scheme://host[:port]`, and nothing else.

/// What is wrong with an origin, and how to mend it; `"*"` allows every page.
pub(crate) fn fault(origin: &str) -> Option<String> {
    if origin == "*" {
        return None;
    }
    if origin == "null" {
        return Some(
            "`null` is the origin of any page that hides its own\n\
             help: name the page's origin, or write \"*\" for every page"
                .to_owned(),
        );
    }
    let Some((scheme, rest)) = origin.split_once("://") else {
        let host = if origin.is_empty() { "app.example" } else { origin };
        return Some(format!(
            "an origin begins with its scheme\nhelp: write for instance \"https://{host}\""
        ));
    };
    let rest_of = |end: usize| format!("{scheme}://{}", &rest[..end]);
    match scheme {
        "http" | "https" => {}
        "ws" | "wss" => {
            let page = scheme.replace("ws", "http");
            return Some(format!(
                "an origin is the page's, not the socket's\nhelp: write \"{page}://{rest}\""
            ));
        }
        _ => {
            return Some(format!(
                "`{scheme}` is no scheme of a page\nhelp: write \"https://..\" or \"http://..\""
            ));
        }
    }
    if let Some(end) = rest.find(['/', '?', '#']) {
        let what = if rest[end..].starts_with('/') { "path" } else { "query or fragment" };
        return Some(format!("an origin has no {what}\nhelp: write \"{}\"", rest_of(end)));
    }
    if rest.contains('*') {
        return Some(
            "an origin is compared as it is, so `*` stands for nothing in it\n\
             help: name each host, or write \"*\" alone for every page"
                .to_owned(),
        );
    }
    if let Some((_, host)) = rest.split_once('@') {
        return Some(format!("an origin has no user\nhelp: write \"{scheme}://{host}\""));
    }
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (rest, None),
    };
    if let Some(port) = port
        && !port.parse::<u16>().is_ok_and(|number| number > 0 && port.starts_with(digit))
    {
        return Some(format!(
            "`{port}` is no port\nhelp: write a number from 1 to 65535, or \"{}\"",
            rest_of(host.len())
        ));
    }
    if !is_host(host) {
        return Some(format!(
            "`{host}` is no host\nhelp: write it as browsers send it: \"https://app.example\", \"http://127.0.0.1:8080\", \"http://[::1]\""
        ));
    }
    None
}

fn digit(character: char) -> bool {
    character.is_ascii_digit()
}

/// Browsers send an international name in its ASCII form.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').unwrap_or_default();
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let is_part = |part: char| part.is_ascii_alphanumeric() || matches!(part, '-' | '.' | '_');
    !host.is_empty() && host.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn what_browsers_send_is_an_origin() {
        for origin in [
            "https://app.example",
            "http://localhost:3000",
            "http://127.0.0.1",
            "http://[::1]:8080",
            "https://xn--bcher-kva.example",
            "*",
        ] {
            assert_eq!(fault(origin), None, "{origin}");
        }
    }

    #[test]
    fn each_fault_is_told_with_what_to_write() {
        for (origin, mend) in [
            ("app.example", "\"https://app.example\""),
            ("https://app.example/", "\"https://app.example\""),
            ("https://app.example:444/chat?x", "\"https://app.example:444\""),
            ("wss://app.example", "\"https://app.example\""),
            ("ws://localhost:80", "\"http://localhost:80\""),
            ("https://me@app.example", "\"https://app.example\""),
            ("https://app.example:+80", "\"https://app.example\""),
            ("https://app.example:0", "1 to 65535"),
            ("https://*.example", "\"*\""),
            ("https://bücher.example", "as browsers send it"),
            ("https://", "is no host"),
            ("null", "\"*\""),
            ("ftp://app.example", "\"https://..\""),
        ] {
            let fault = fault(origin).unwrap_or_default();
            assert!(fault.contains(mend), "{origin}: {fault}");
        }
    }
}
