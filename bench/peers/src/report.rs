//! The results as Markdown.

use std::fmt::Write as _;
use std::time::Duration;

use crate::cost::Cost;
use crate::deliveries::Protocol;
use crate::results::{Results, Spread};
use crate::scenarios::{Scenario, Variation};
use crate::servers::Server;
use crate::session::FEW;

/// One scenario's tables.
pub fn tables(results: &Results, scenario: &Scenario) -> String {
    match scenario.variation {
        Variation::None => {
            [Protocol::Ws, Protocol::Sse].map(|p| comparison(results, scenario, p)).join("\n")
        }
        Variation::Stalled => stalled(results, scenario),
        Variation::Workers => workers(results, scenario),
        Variation::Storm | Variation::Comeback => storm(results, scenario),
        Variation::Join => joins(results, scenario),
        Variation::Echo => echoes(results, scenario),
    }
}

/// How the cost of a delivery grows from 100 clients to 10,000.
pub fn growth(results: &Results, servers: &[Server]) -> String {
    let head = ["", "window 1", "window 16"];
    let rows = servers.iter().map(|server| {
        let grows = |figure| {
            let ratio = results
                .ratio(("ten-thousand", server.name, figure), ("hundred", server.name, figure));
            median(ratio)
        };
        vec![titled(server), grows("ns 1"), grows("ns 16")]
    });
    table(&head, rows.filter(|row| row[1] != NOTHING))
}

fn comparison(results: &Results, scenario: &Scenario, protocol: Protocol) -> String {
    let head = [
        kind(protocol),
        "ns a delivery, window 1",
        "× the floor",
        "window 16",
        "× the floor",
        "KiB an idle client",
        "fan-out p50, ms",
        "p99, ms",
    ];
    let rows = scenario.servers().filter(|server| server.protocol == protocol).map(|server| {
        let spread = |figure| cell(results.spread(scenario.name, server.name, figure), 0);
        let ratio = |figure| {
            let floor = (scenario.name, server.floor(), figure);
            median(results.ratio((scenario.name, server.name, figure), floor))
        };
        let fan_out = |part| time(results.fan_out(scenario.name, server.name, part));
        vec![
            server.title.to_owned(),
            spread("ns 1"),
            ratio("ns 1"),
            spread("ns 16"),
            ratio("ns 16"),
            cell(results.spread(scenario.name, server.name, "KiB"), 1),
            fan_out(0.5),
            fan_out(0.99),
        ]
    });
    table(&head, rows.filter(|row| row[1] != NOTHING))
}

/// What the protocol is called above its table.
pub fn kind(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Ws => "WebSocket",
        Protocol::Sse => "Server-sent events",
    }
}

fn stalled(results: &Results, scenario: &Scenario) -> String {
    let head = ["", "ns a delivery, window 1", "with one stalled", "window 16", "with one stalled"];
    let rows = scenario.servers().map(|server| {
        let spread = |figure: &str| cell(results.spread(scenario.name, server.name, figure), 0);
        let mut row = vec![titled(server)];
        for window in ["ns 1", "ns 16"] {
            let with = format!("{window} stalled");
            let ratio = results
                .ratio((scenario.name, server.name, &with), (scenario.name, server.name, window));
            row.extend([spread(window), format!("{}: × {}", spread(&with), median(ratio))]);
        }
        row
    });
    table(&head, rows.filter(|row| row[1] != NOTHING))
}

fn workers(results: &Results, scenario: &Scenario) -> String {
    let head = [
        "",
        "window",
        "deliveries a second, one worker",
        "two workers",
        "× one",
        "× one, at most",
        "ns a delivery, one worker",
        "two, all together",
        "two, the busier one",
        "the load's, beside two",
        "publisher on the other worker",
    ];
    let row = |server: &Server, window: usize| {
        let named = |figure: &str| figure.replace('#', &window.to_string());
        let spread = |figure| cell(results.spread(scenario.name, server.name, &named(figure)), 0);
        let ratio = |over, under| {
            let (over, under) = (named(over), named(under));
            let of = |figure| (scenario.name, server.name, figure);
            median(results.ratio(of(&over[..]), of(&under[..])))
        };
        let other = ratio("ns # other", "ns # two");
        vec![
            titled(server),
            window.to_string(),
            spread("per second # one"),
            spread("per second # two"),
            ratio("per second # two", "per second # one"),
            ratio("most per second # two", "per second # one"),
            spread("ns # one"),
            spread("ns # two"),
            spread("busiest ns # two"),
            spread("load ns # two"),
            format!("{}: × {other}", spread("ns # other")),
        ]
    };
    let rows = scenario
        .servers()
        .flat_map(|server| scenario.windows.iter().map(move |(window, _)| (server, *window)));
    let rows = rows.map(|(server, window)| row(server, window));
    table(&head, rows.filter(|row| row[2] != NOTHING))
}

fn storm(results: &Results, scenario: &Scenario) -> String {
    let few = format!("with `max_connections({FEW})`");
    let mut columns = vec![
        ("KiB a client, at the peak", "KiB peak", 1),
        ("when all are in", "KiB", 1),
        ("µs of CPU a client", "µs a join", 1),
        ("ms until 99 of 100 are in", "ms p99 in", 0),
        ("ms until all are", "ms all in", 0),
    ];
    if scenario.variation == Variation::Storm {
        columns.insert(2, (&few, "KiB few", 1));
    }
    let head: Vec<&str> =
        std::iter::once("").chain(columns.iter().map(|(head, ..)| *head)).collect();
    let rows = scenario.servers().map(|server| {
        let cells = columns.iter().map(|(_, figure, decimals)| {
            cell(results.spread(scenario.name, server.name, figure), *decimals)
        });
        std::iter::once(titled(server)).chain(cells).collect::<Vec<_>>()
    });
    table(&head, rows.filter(|row| row[1] != NOTHING))
}

fn joins(results: &Results, scenario: &Scenario) -> String {
    let head = ["", "µs a join, one at a time", "× the floor", "16 at a time", "× the floor"];
    let rows = scenario.servers().map(|server| {
        let mut row = vec![titled(server)];
        for figure in ["µs 1", "µs 16"] {
            let ratio = results.ratio(
                (scenario.name, server.name, figure),
                (scenario.name, server.floor(), figure),
            );
            row.extend([
                cell(results.spread(scenario.name, server.name, figure), 1),
                median(ratio),
            ]);
        }
        row
    });
    table(&head, rows.filter(|row| row[1] != NOTHING))
}

fn echoes(results: &Results, scenario: &Scenario) -> String {
    let head = ["", "ns an echo", "× the floor", "× Bun", "echoes a second"];
    let rows = scenario.servers().map(|server| {
        let of = |name| (scenario.name, name, "ns");
        let over = |name| median(results.ratio(of(server.name), of(name)));
        let spread = |figure| cell(results.spread(scenario.name, server.name, figure), 0);
        vec![
            server.title.to_owned(),
            spread("ns"),
            over(server.floor()),
            over("echo-bun"),
            spread("per second"),
        ]
    });
    table(&head, rows.filter(|row| row[1] != NOTHING))
}

/// What one delivery takes: instructions, system calls, allocations.
pub fn costs(costs: &[(&Server, Vec<Cost>)]) -> String {
    let head = [
        "",
        "instructions a delivery",
        "a publish",
        "system calls a delivery",
        "a publish",
        "allocations a delivery",
        "a publish",
    ];
    let rows = costs.iter().map(|(server, costs)| {
        let decimals = [0, 2, 2];
        let cells = costs.iter().zip(decimals).flat_map(|(cost, decimals)| {
            [grouped(cost.delivery, decimals), grouped(cost.publish, decimals.min(1))]
        });
        std::iter::once(titled(server)).chain(cells).collect()
    });
    table(&head, rows)
}

/// What one join, or one echo, takes: instructions, system calls, allocations.
pub fn counts(of: &str, counts: &[(&Server, Vec<f64>)]) -> String {
    let heads = ["instructions", "system calls", "allocations"].map(|what| format!("{what} {of}"));
    let head: Vec<&str> = std::iter::once("").chain(heads.iter().map(String::as_str)).collect();
    let rows = counts.iter().map(|(server, counts)| {
        let cells = counts.iter().zip([0, 1, 1]);
        let cells = cells.map(|(count, decimals)| grouped(*count, decimals));
        std::iter::once(titled(server)).chain(cells).collect()
    });
    table(&head, rows)
}

const NOTHING: &str = "";

fn titled(server: &Server) -> String {
    let kind = match server.protocol {
        Protocol::Ws => "WebSocket",
        Protocol::Sse => "SSE",
    };
    format!("{kind}: {}", server.title)
}

fn cell(spread: Option<Spread>, decimals: usize) -> String {
    let Some(Spread { median, min, max }) = spread else { return NOTHING.to_owned() };
    let number = |value| grouped(value, decimals);
    format!("{} ({} to {})", number(median), number(min), number(max))
}

fn median(spread: Option<Spread>) -> String {
    spread.map_or(NOTHING.to_owned(), |spread| format!("{:.2}", spread.median))
}

/// With a comma between thousands.
fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let groups: Vec<&str> =
        whole.as_bytes().rchunks(3).rev().filter_map(|g| str::from_utf8(g).ok()).collect();
    groups.join(",") + rest
}

fn time(time: Option<Duration>) -> String {
    time.map_or(NOTHING.to_owned(), |time| format!("{:.1}", time.as_secs_f64() * 1e3))
}

/// A table of Markdown.
pub fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut out = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        // A String takes any text.
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(1_234_567.4, 0), "1,234,567");
        assert_eq!(grouped(999.0, 0), "999");
        assert_eq!(grouped(1_234.567, 2), "1,234.57");
    }

    #[test]
    fn a_table_has_a_row_a_server() {
        let rows = vec![vec!["Ereo".to_owned(), "1".to_owned()]];
        assert_eq!(table(&["", "ns"], rows.into_iter()), "|  | ns |\n|---|---|\n| Ereo | 1 |\n");
    }
}
