//! The README's table: some servers of docs/BENCHMARKS.md, by their medians.

use crate::report::{kind, table};
use crate::scenarios::SCENARIOS;
use crate::servers::{SERVERS, Server};

/// The servers, by their names.
const CHOSEN: [&str; 5] =
    ["ereo-chat-lean", "ereo-chat", "bun-publish", "ereo-events-lean", "axum-sse"];

/// The columns behind the server's, by their place in docs/BENCHMARKS.md, and their heads.
const COLUMNS: [(usize, &str); 6] = [
    (1, "ns a delivery"),
    (2, "× the floor"),
    (3, "sixteen at once"),
    (4, "× the floor"),
    (5, "KiB an idle client"),
    (7, "fan-out p99, ms"),
];

/// The table, of the results as docs/BENCHMARKS.md has them.
///
/// # Errors
/// When a server has no row there.
pub fn of(results: &str) -> Result<String, String> {
    let first = SCENARIOS[0].title;
    let head = [first].into_iter().chain(COLUMNS.iter().map(|(_, head)| *head));
    let heading = format!("### {first}\n");
    let section = results.split_once(&heading).map(|(_, rest)| rest);
    let section = section.ok_or_else(|| format!("there is no {first}"))?;
    let section = section.split("\n### ").next().unwrap_or(section);
    let chosen = SERVERS.iter().filter(|server| CHOSEN.contains(&server.name));
    let rows = chosen.map(|server| row(section, server)).collect::<Result<Vec<_>, _>>()?;
    Ok(table(&head.collect::<Vec<_>>(), rows.into_iter()))
}

fn row(section: &str, server: &Server) -> Result<Vec<String>, String> {
    let missing = || format!("{} has no row", server.name);
    let kind = kind(server.protocol);
    let (_, rows) = section.split_once(&format!("| {kind} |")).ok_or_else(missing)?;
    let begin = format!("| {} |", server.title);
    let mut row = rows.lines().take_while(|line| line.starts_with([' ', '|']));
    let row = row.find(|line| line.starts_with(&begin)).ok_or_else(missing)?;
    let cells: Vec<&str> = row.split('|').skip(1).map(str::trim).collect();
    let median = |(column, _): &(usize, &str)| {
        let cell = cells.get(*column).and_then(|cell| cell.split(" (").next());
        cell.map(str::to_owned).ok_or_else(missing)
    };
    let figures = COLUMNS.iter().map(median).collect::<Result<Vec<_>, _>>()?;
    Ok([format!("{kind}: {}", server.title)].into_iter().chain(figures).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::of;

    #[test]
    fn the_readme_has_the_medians_of_the_benchmarks() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let benchmarks = fs::read_to_string(format!("{root}/docs/BENCHMARKS.md")).unwrap();
        let readme = fs::read_to_string(format!("{root}/README.md")).unwrap();
        let summary = of(&benchmarks).unwrap();
        assert!(readme.contains(&summary), "the README lacks this table:\n{summary}");
    }

    #[test]
    fn a_server_without_a_row_is_an_error() {
        let results = "### 1,000 clients, messages of 150 bytes\n\n| WebSocket | ns |\n";
        assert_eq!(of(results).unwrap_err(), "ereo-chat-lean has no row");
    }
}
