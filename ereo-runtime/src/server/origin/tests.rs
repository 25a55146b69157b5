mod properties;

use super::*;

fn list(patterns: &[&str]) -> Origins {
    Origins::parse(patterns).unwrap()
}

#[test]
fn same_host_means_name_and_port() {
    let same = |origin, host| Origins::default().allow(origin, host);
    assert!(same("http://localhost:8080", "localhost:8080"));
    assert!(same("https://App.example", "app.example"));
    assert!(same("https://app.example", "app.example:443"));
    assert!(same("http://[::1]:80", "[::1]"));
    assert!(same("http://127.0.0.1:8080", "127.0.0.1:8080"));
    assert!(!same("http://localhost:8081", "localhost:8080"));
    assert!(!same("http://localhost", "localhost:8080"));
    assert!(!same("http://localhost:8080", "localhost"));
    assert!(!same("https://app.example.evil", "app.example"));
    assert!(!same("https://sub.app.example", "app.example"));
    assert!(!same("https://app.example/", "app.example"));
    assert!(!same("https://me@app.example", "app.example"));
    assert!(!same("capacitor://localhost", "localhost"));
    assert!(!same("null", "app.example"));
    assert!(!same("null", "null"));
    assert!(!same("", ""));
    assert!(!same("http://", ""));
    assert!(!same("https://self", "app.example"));
}

#[test]
fn a_list_is_exact_up_to_case_and_default_ports() {
    let list = list(&["https://app.example", "http://localhost:3000", "http://[0:0::1]:80"]);
    for origin in
        ["https://app.example", "https://app.example:443", "http://LOCALHOST:3000", "http://[::1]"]
    {
        assert!(list.allow(origin, "elsewhere"), "{origin}");
    }
    for origin in [
        "http://app.example",
        "https://elsewhere",
        "https://app.example:444",
        "https://app.example.",
        "https://app.example/",
        "https://app.example\\",
        "https://app.example?",
        "https://app.example#",
        "https://app.example https://evil.example",
        "https://evil.example https://app.example",
        "https://app.example@evil.example",
        "https://evil.example@app.example",
        "https:app.example",
        "https:///app.example",
        "https://\tapp.example",
        "https://xn--app-.example",
        "*",
        "self",
        "null",
        "",
    ] {
        assert!(!list.allow(origin, "elsewhere"), "{origin}");
    }
}

#[test]
fn every_page_may_be_allowed() {
    for origin in ["null", "https://app.example", "capacitor://localhost", ""] {
        assert!(Origins::any().allow(origin, "elsewhere"), "{origin}");
    }
}

#[test]
fn a_wildcard_is_for_subdomains_only() {
    let list = list(&["https://*.Example.com", "http://*.localhost:3000"]);
    for origin in [
        "https://a.example.com",
        "https://a.b.example.com",
        "https://A.EXAMPLE.COM:443",
        "https://xn--bcher-kva.example.com",
        "http://app.localhost:3000",
    ] {
        assert!(list.allow(origin, "elsewhere"), "{origin}");
    }
    for origin in [
        "https://example.com",
        "https://.example.com",
        "https://a..example.com",
        "https://evil-example.com",
        "https://evilexample.com",
        "https://a.example.com.evil",
        "https://a.example.com.",
        "https://a.example.com:444",
        "http://a.example.com",
        "wss://a.example.com",
        "https://evil.example/.example.com",
        "https://evil.example#.example.com",
        "https://evil.example\\.example.com",
        "https://evil.example@a.example.com",
        "https://*.example.com",
        "https://a.exam\u{440}le.com",
        "https://\u{ff41}.example.com",
        "https://xn--a.example.com",
        "http://app.localhost",
    ] {
        assert!(!list.allow(origin, "elsewhere"), "{origin}");
    }
}

#[test]
fn other_schemes_are_compared_letter_by_letter() {
    let allowed = [
        "capacitor://localhost",
        "tauri://localhost",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        "file://",
        "null",
    ];
    let list = list(&allowed);
    for origin in allowed {
        assert!(list.allow(origin, "elsewhere"), "{origin}");
    }
    for origin in [
        "http://localhost",
        "capacitor://localhost:80",
        "capacitor://localhost/",
        "capacitor://LOCALHOST",
        "chrome-extension://abcdefghijklmnopabcdefghijklmno",
        "file:///home",
        "NULL",
        "",
    ] {
        assert!(!list.allow(origin, "localhost"), "{origin}");
    }
}

#[test]
fn the_own_host_may_stand_beside_others() {
    let list = list(&["self", "https://*.example.com"]);
    assert!(list.allow("https://app.example", "app.example"));
    assert!(list.allow("https://a.example.com", "app.example"));
    assert!(!list.allow("https://evil.example", "app.example"));
}

#[test]
fn configuration_is_checked_at_start() {
    assert_eq!("*".parse(), Ok(Origins::any()));
    assert_eq!(" self ,".parse(), Ok(Origins::same_host()));
    assert_eq!("".parse::<Origins>(), Err(InvalidOrigin::Empty));
    assert_eq!("*,self".parse::<Origins>(), Err(InvalidOrigin::AnyBesideOthers));
    for (pattern, told) in [
        ("https://app.example/chat", "has no path; write \"https://app.example\""),
        ("app.example", "write for instance \"https://app.example\""),
        ("https://*example.com", "write \"https://*.example.com\""),
        ("wss://app.example", "write \"https://app.example\""),
        ("https://xn--a.example.com", "no host in a URL"),
    ] {
        let error = Origins::parse(["self", pattern]).unwrap_err().to_string();
        assert!(error.contains(pattern) && error.contains(told), "{error}");
    }
}
