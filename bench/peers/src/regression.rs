//! Instructions per delivery against those that were committed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::cost;
use crate::options::Options;
use crate::servers::{SERVERS, Server};
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
    let counted = |server: &Server| server.name.starts_with("ereo") && options.takes(server);
    let mut renewed = String::new();
    let mut worse = Vec::new();
    for server in SERVERS.iter().filter(|server| counted(server)) {
        let now = cost::measure(server, Tool::Instructions)?.delivery;
        let before = figure(&committed, server.name);
        let change = before.map(|before| now / before - 1.0);
        let told =
            change.map_or("not committed".to_owned(), |change| format!("{:+.1} %", change * 100.0));
        println!("{:<18} {now:.0} instructions a delivery: {told}", server.name);
        // A String takes any text.
        let _ = writeln!(renewed, "{} {now:.0}", server.name);
        if change.is_none_or(|change| change > MARGIN) {
            worse.push(server.name);
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
        let committed = "ereo-chat-lean 400\nereo-chat 2000\n";
        assert_eq!(figure(committed, "ereo-chat"), Some(2000.0));
        assert_eq!(figure(committed, "ereo-chat-lean"), Some(400.0));
        assert_eq!(figure(committed, "ereo"), None);
    }
}
