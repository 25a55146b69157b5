//! The comparison as a picture.

use std::fmt::Write as _;

use crate::deliveries::Protocol;
use crate::results::{Results, Spread};
use crate::scenarios::Scenario;
use crate::servers::Server;

const WIDTH: f64 = 900.0;
const NAMES: f64 = 290.0;
const BAR: f64 = 15.0;
const ROW: f64 = 24.0;
const HEAD: f64 = 64.0;
/// Between the two panels.
const GAP: f64 = 30.0;

/// Bars of each server: CPU per delivery at window 1 and at window 16, with a line from the least to
/// the most of the rounds.
pub fn svg(results: &Results, scenario: &Scenario) -> String {
    let rows: Vec<&Server> =
        scenario.servers().filter(|s| spread(results, scenario, s, 1).is_some()).collect();
    let height = HEAD + ROW * (rows.len() as f64 + 2.0) + 14.0;
    let mut out = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" font-size="12">
<rect width="{WIDTH}" height="{height}" fill="#fff"/>
<text x="12" y="22" font-size="15" font-weight="600">CPU per delivery: {}</text>
"##,
        scenario.title
    );
    let panel = (WIDTH - NAMES - GAP - 70.0) / 2.0;
    for (index, window) in [1, 16].into_iter().enumerate() {
        let left = NAMES + index as f64 * (panel + GAP + 30.0);
        let _ = writeln!(
            out,
            r##"<text x="{left}" y="46" fill="#555">ns, {window} on the way at a time</text>"##
        );
        let most = rows.iter().filter_map(|s| spread(results, scenario, s, window)).map(|s| s.max);
        let scale = panel / most.fold(1.0, f64::max);
        for (server, y) in rows.iter().zip(tops(&rows)) {
            if let Some(spread) = spread(results, scenario, server, window) {
                bar(&mut out, server, spread, left, y, scale);
            }
        }
    }
    for (server, y) in rows.iter().zip(tops(&rows)) {
        let (title, weight) = (server.title.replace("**", "").replace('`', ""), weight(server));
        let _ = writeln!(
            out,
            r#"<text x="{}" y="{}" text-anchor="end" font-weight="{weight}">{title}</text>"#,
            NAMES - 10.0,
            y + 12.0
        );
    }
    for (protocol, title) in [(Protocol::Ws, "WebSocket"), (Protocol::Sse, "Server-sent events")] {
        let first = rows.iter().zip(tops(&rows)).find(|(server, _)| server.protocol == protocol);
        if let Some((_, y)) = first {
            let _ =
                writeln!(out, r#"<text x="12" y="{}" font-weight="600">{title}</text>"#, y - 8.0);
        }
    }
    out + "</svg>\n"
}

/// Where each row begins: a row more above each protocol's first.
fn tops(rows: &[&Server]) -> Vec<f64> {
    let mut y = HEAD - ROW;
    let mut before = None;
    let mut tops = Vec::new();
    for server in rows {
        y += if before == Some(server.protocol) { ROW } else { 2.0 * ROW };
        before = Some(server.protocol);
        tops.push(y);
    }
    tops
}

fn bar(out: &mut String, server: &Server, spread: Spread, left: f64, y: f64, scale: f64) {
    let Spread { median, min, max } = spread;
    let color = match server.name {
        name if name.starts_with("floor") => "#9aa0a6",
        name if name.starts_with("ereo") => "#0b7a75",
        _ => "#d08c60",
    };
    let middle = y + BAR / 2.0;
    let _ = writeln!(
        out,
        r##"<rect x="{left}" y="{y}" width="{:.1}" height="{BAR}" fill="{color}"/>
<path d="M{:.1} {middle}H{:.1}" stroke="#222"/>
<text x="{:.1}" y="{}">{median:.0}</text>"##,
        median * scale,
        left + min * scale,
        left + max * scale,
        left + max * scale + 5.0,
        y + 12.0,
    );
}

fn weight(server: &Server) -> u32 {
    if server.name.starts_with("ereo") { 700 } else { 400 }
}

fn spread(
    results: &Results,
    scenario: &Scenario,
    server: &Server,
    window: usize,
) -> Option<Spread> {
    results.spread(scenario.name, server.name, &format!("ns {window}"))
}
