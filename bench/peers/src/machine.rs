//! What the figures were measured on, and of which versions.

use std::fs;
use std::path::Path;
use std::process::Command;

/// A sentence that names the machine, the compared crates and the rounds.
pub fn description(rounds: usize) -> String {
    let versions = ["actix-web", "actix-ws", "actix-web-lab", "axum"]
        .map(|name| format!("{name} {}", locked(name)))
        .join(", ");
    format!("{rounds} interleaved rounds on {}; {versions}, {}.", host(), bun())
}

/// The machine, the kernel and the compiler.
pub fn host() -> String {
    let cpu = first_field("/proc/cpuinfo", "model name")
        .unwrap_or_else(|| "an unknown processor".to_owned());
    // Not `available_parallelism`: this process is pinned to one.
    let cores =
        fs::read_to_string("/proc/cpuinfo").unwrap_or_default().matches("\nprocessor").count() + 1;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let rustc = Command::new("rustc").arg("--version").output().map(|output| output.stdout);
    let rustc = String::from_utf8_lossy(&rustc.unwrap_or_default()).trim().to_owned();
    let kind = if virtual_machine() { " (a virtual machine)" } else { "" };
    format!("{cpu}{kind}, {cores} cores, Linux {}, {rustc}", kernel.trim())
}

fn first_field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn virtual_machine() -> bool {
    first_field("/proc/cpuinfo", "flags").is_some_and(|flags| flags.contains(" hypervisor"))
}

/// The version of a crate in the workspace's lock file.
fn locked(name: &str) -> String {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    let lock = fs::read_to_string(lock).unwrap_or_default();
    let name = format!("name = \"{name}\"\nversion = \"");
    let version = lock.split_once(&name).and_then(|(_, rest)| rest.split_once('"'));
    version.map_or_else(|| "?".to_owned(), |(version, _)| version.to_owned())
}

fn bun() -> String {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("bun/package.json");
    let package = fs::read_to_string(package).unwrap_or_default();
    let rest = package.split_once("\"bun\": \"").map(|(_, rest)| rest);
    let version = rest.and_then(|rest| rest.split_once('"'));
    version.map_or_else(|| "Bun ?".to_owned(), |(version, _)| format!("Bun {version}"))
}
