//! Crates that come with `ereo-runtime`.

use std::process::Command;

/// Names of the crates that a program has by depending on `ereo-runtime`.
fn dependencies() -> Vec<String> {
    let cargo = Command::new(env!("CARGO"))
        .args(["tree", "-p", "ereo-runtime", "-e", "normal", "--prefix", "none", "--format", "{p}"])
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
/// (RUSTSEC-2026-0258). So is TLS, and no C is compiled.
#[test]
fn what_the_application_chooses_does_not_come_along() {
    let crates = dependencies();
    assert!(crates.iter().any(|name| name == "actix-http"), "{crates:?}");
    for name in ["h2", "rustls", "openssl-sys", "ring", "libz-sys", "cc"] {
        assert!(crates.iter().all(|found| found != name), "{name}");
    }
}
