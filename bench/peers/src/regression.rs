//! Instructions a delivery, a join and an echo against those that were committed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::cost;
use crate::options::Options;
use crate::servers::{Purpose, SERVERS, Server};
use crate::tool::Tool;

/// How much more than committed is a regression: what moves by itself is less.
const MARGIN: f64 = 0.05;

/// Counts each of Ereo's servers, and compares; with `UPDATE_INSTRUCTIONS=1` writes what it counted.
///
/// # Errors
/// When one needs more than committed, by more than the margin.
pub fn check(options: &Options) -> Result<(), String> {
    let path = committed_at();
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let counted = |server: &Server| server.name.contains("ereo") && options.takes(server);
    let mut renewed = String::new();
    let mut worse = Vec::new();
    for server in SERVERS.iter().filter(|server| counted(server)) {
        for (what, now) in counts(server)? {
            let name = format!("{} {what}", server.name);
            let before = figure(&committed, &name);
            let change = before.map(|before| now / before - 1.0);
            let told = change
                .map_or("not committed".to_owned(), |change| format!("{:+.1} %", change * 100.0));
            println!("{name:<26} {now:.0} instructions: {told}");
            // A String takes any text.
            let _ = writeln!(renewed, "{name} {now:.0}");
            if change.is_none_or(|change| change > MARGIN) {
                worse.push(name);
            }
        }
    }
    if std::env::var_os("UPDATE_INSTRUCTIONS").is_some() && options.is_whole() {
        return std::fs::write(&path, renewed)
            .map_err(|error| format!("{}: {error}", path.display()));
    }
    match worse.as_slice() {
        [] => Ok(()),
        worse => Err(format!(
            "more instructions than in {}: {}. UPDATE_INSTRUCTIONS=1 accepts them.",
            path.display(),
            worse.join(", ")
        )),
    }
}

/// Instructions of what the server is there for.
fn counts(server: &Server) -> Result<Vec<(&'static str, f64)>, String> {
    let mut counts = Vec::new();
    match server.purpose {
        Purpose::FanOut => {
            counts.push(("delivery", cost::measure(server, Tool::Instructions)?.delivery));
        }
        Purpose::Echo => counts.push(("echo", cost::echo(server, Tool::Instructions)?)),
    }
    if server.is_joined() {
        counts.push(("join", cost::join(server, Tool::Instructions)?));
    }
    Ok(counts)
}

fn committed_at() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.txt")
}

/// The number after a server's name.
fn figure(committed: &str, name: &str) -> Option<f64> {
    let line = committed.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::figure;

    #[test]
    fn a_figure_is_found_by_its_whole_name() {
        let committed = "ereo-chat-lean join 400\nereo-chat join 2000\n";
        assert_eq!(figure(committed, "ereo-chat join"), Some(2000.0));
        assert_eq!(figure(committed, "ereo-chat-lean join"), Some(400.0));
        assert_eq!(figure(committed, "ereo-chat"), None);
    }
}
