//! Crates that come with `ereo-runtime`, and what `deny.toml` says of all that are locked: what `cargo deny check
//! licenses bans sources` would find, without cargo-deny, which compiles longer than the tests.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;
use toml::Table;

/// Names of the crates that a program has by depending on `ereo-runtime` with these features.
fn dependencies(features: &str) -> BTreeSet<String> {
    let cargo = Command::new(env!("CARGO"))
        .args(["tree", "-p", "ereo-runtime", "-e", "normal", "--prefix", "none", "--format", "{p}"])
        .args(["--features", features])
        // All of it is there: this test was compiled from it.
        .args(["--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let text = String::from_utf8(cargo.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// HTTP/2 is the application's choice, whose implementation has faults of its own
/// (RUSTSEC-2026-0258). So are TLS and a contract, and no C is compiled.
#[test]
fn what_the_application_chooses_does_not_come_along() {
    let crates = dependencies("");
    assert!(crates.contains("actix-http"), "{crates:?}");
    for name in
        ["h2", "hyper", "redis", "rustls", "openssl-sys", "ring", "libz-sys", "cc", "schemars"]
    {
        assert!(!crates.contains(name), "{name}");
    }
}

/// The client for tests has what is there anyway; the one for production comes with hyper and rustls.
#[test]
fn a_feature_brings_what_it_needs() {
    assert_eq!(dependencies("test"), dependencies(""));
    let client = dependencies("client");
    for name in ["hyper", "hyper-rustls", "rustls", "tokio-tungstenite"] {
        assert!(client.contains(name), "{name}");
    }
    let redis = dependencies("redis");
    for name in ["redis", "rustls"] {
        assert!(redis.contains(name), "{name}");
    }
    for name in ["openssl-sys", "native-tls", "aws-lc-sys", "reqwest"] {
        assert!(!client.contains(name) && !redis.contains(name), "{name}");
    }
}

/// `deny.toml`, and all that the workspace needs on any system, with every feature.
fn graph() -> (Table, Vec<Value>) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let deny = std::fs::read_to_string(format!("{root}/deny.toml")).unwrap().parse().unwrap();
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--all-features", "--locked"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let metadata: Value = serde_json::from_slice(&cargo.stdout).unwrap();
    (deny, metadata["packages"].as_array().unwrap().clone())
}

fn texts<'a>(table: &'a Table, section: &str, key: &str) -> BTreeSet<&'a str> {
    table[section][key].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// Whether a licence expression (SPDX 2.3, annex D) can be met with what is allowed. `used` gets what of
/// that it names.
fn is_met<'a>(expression: &str, allowed: &BTreeSet<&'a str>, used: &mut BTreeSet<&'a str>) -> bool {
    fn any<'a>(
        tokens: &mut std::iter::Peekable<std::slice::Iter<'_, String>>,
        (allowed, used): (&BTreeSet<&'a str>, &mut BTreeSet<&'a str>),
    ) -> bool {
        let (mut one, mut all) = (false, true);
        loop {
            let met = match &**tokens.next().expect("a licence") {
                "(" => {
                    let met = any(tokens, (allowed, used));
                    assert_eq!(tokens.next().map(String::as_str), Some(")"));
                    met
                }
                licence => {
                    used.extend(allowed.get(licence));
                    allowed.contains(licence)
                }
            };
            all &= met;
            match tokens.peek().map(|token| &***token) {
                Some("AND") => {
                    tokens.next();
                }
                Some("OR") => {
                    tokens.next();
                    one |= std::mem::replace(&mut all, true);
                }
                _ => return one | all,
            }
        }
    }
    // With an exception it is a licence of its own, and none that is allowed.
    let whole = expression.replace(" WITH ", "+WITH+");
    let spaced = whole.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let tokens = Vec::from_iter(spaced.split_whitespace().map(str::to_owned));
    any(&mut tokens.iter().peekable(), (allowed, used))
}

#[test]
fn licence_expressions_are_read() {
    let allowed = BTreeSet::from(["MIT", "Zlib"]);
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("GPL-3.0 AND MIT OR Zlib", true),
        ("(GPL-3.0 OR MIT) AND Zlib", true),
        ("(GPL-3.0 OR MIT) AND GPL-2.0", false),
        ("MIT WITH LLVM-exception", false),
        ("MIT WITH LLVM-exception OR Zlib", true),
    ] {
        assert_eq!(is_met(expression, &allowed, &mut BTreeSet::new()), met, "{expression}");
    }
}

#[test]
fn every_licence_is_allowed_and_every_allowed_one_is_there() {
    let (deny, packages) = graph();
    let allowed = texts(&deny, "licenses", "allow");
    let mut used = BTreeSet::new();
    for package in &packages {
        let (name, licence) = (&package["name"], package["license"].as_str().unwrap_or("none"));
        assert!(is_met(licence, &allowed, &mut used), "{name}: {licence}");
    }
    assert_eq!(used, allowed);
}

#[test]
fn no_crate_is_banned_nor_of_another_registry() {
    let (deny, packages) = graph();
    let banned = deny["bans"]["deny"].as_array().unwrap();
    let banned = Vec::from_iter(banned.iter().map(|ban| ban["crate"].as_str().unwrap()));
    let registries = texts(&deny, "sources", "allow-registry");
    assert!(banned.contains(&"openssl-sys") && texts(&deny, "sources", "allow-git").is_empty());
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        assert!(!banned.contains(&name), "{name}");
        // A member of the workspace has none.
        if let Some(source) = package["source"].as_str() {
            let registry = source.strip_prefix("registry+").unwrap_or(source);
            assert!(registries.contains(registry), "{name}: {source}");
            continue;
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            let (any, path) = (&dependency["req"] == "*", &dependency["path"]);
            assert!(!any || path.is_string(), "{name}: `{}` in any version", dependency["name"]);
        }
    }
}
