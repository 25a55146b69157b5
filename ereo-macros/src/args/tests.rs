//! Tests of `origin`: its file is the runtime's too, letter by letter, and declares no tests of its own.

use std::path::Path;

use super::origin::fault;

#[test]
fn what_browsers_send_is_an_origin() {
    for origin in [
        "https://app.example",
        "http://localhost:3000",
        "http://127.0.0.1",
        "http://[::1]:8080",
        "https://xn--bcher-kva.example",
        "https://app.example.",
        "*",
        "self",
        "null",
        "https://*.example.com",
        "http://*.localhost:3000",
        "capacitor://localhost",
        "tauri://localhost",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        "safari-web-extension://0A1B2C3D-0A1B-0A1B-0A1B-0A1B2C3D4E5F",
        "vscode-file://vscode-app",
        "app://-",
        "app://.",
        "file://",
    ] {
        assert_eq!(fault(origin), None, "{origin}");
    }
}

#[test]
fn each_fault_is_told_with_what_to_write() {
    for (origin, mend) in [
        ("app.example", "\"https://app.example\""),
        ("*.app.example", "\"https://*.app.example\""),
        ("'self'", "\"self\""),
        ("", "\"https://app.example\""),
        ("https://app.example/", "\"https://app.example\""),
        ("https://app.example:444/chat?x", "\"https://app.example:444\""),
        ("file:///index.html", "\"file://\""),
        ("capacitor://localhost/", "\"capacitor://localhost\""),
        ("wss://app.example", "\"https://app.example\""),
        ("ws://localhost:80", "\"http://localhost:80\""),
        ("HTTPS://app.example", "\"https://app.example\""),
        ("*://app.example", "\"https://app.example\""),
        ("https://me@app.example", "\"https://app.example\""),
        ("https://app.example:+80", "\"https://app.example\""),
        ("https://app.example:0", "1 to 65535"),
        ("https://app.example:*", "1 to 65535"),
        ("https://*", "\"*\" alone"),
        ("https://*:443", "\"*\" alone"),
        ("https://*example.com", "\"https://*.example.com\""),
        ("https://*-app.example.com", "\"https://*.app.example.com\""),
        ("https://app.*.example.com", "\"https://*.example.com\""),
        ("https://*.*.example.com", "\"https://*.example.com\""),
        ("https://app-*.example.com:8443", "\"https://*.example.com:8443\""),
        ("https://app.*", "\"*\" alone for every page"),
        ("https://*.127.0.0.1", "\"*\" alone for every page"),
        ("chrome-extension://*", "\"*\" alone for every page"),
        ("https://bücher.example", "as browsers send it"),
        ("https://app..example", "as browsers send it"),
        ("https://.example", "as browsers send it"),
        ("http://127.1", "as browsers send it"),
        ("https://app.example ", "as browsers send it"),
        ("https://app.example\\x", "as browsers send it"),
        ("https://", "as browsers send it"),
        ("file://:80", "as browsers send it"),
    ] {
        let (problem, write) = fault(origin).unwrap_or_default();
        assert!(!problem.is_empty() && write.contains(mend), "{origin}: {problem}: {write}");
    }
}

#[test]
fn the_runtime_has_the_same_syntax() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let runtime = crates.join("ereo-runtime/src/server/origin/syntax.rs");
    let runtime = std::fs::read_to_string(runtime).expect("the runtime stands beside");
    assert_eq!(runtime, include_str!("origin.rs"));
}
