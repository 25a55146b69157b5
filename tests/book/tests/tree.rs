//! The book, the README and docs/GUARANTEES.md name what is there: pages, files, tests, commands and sections.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The book's pages, by their file names.
fn pages() -> BTreeSet<String> {
    let folder = fs::read_dir(root().join("docs/book/src")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".md") && name != "SUMMARY.md").collect()
}

/// A page with what it includes.
fn page(name: &str) -> String {
    let text = read(format!("docs/book/src/{name}"));
    match text.trim().strip_prefix("{{#include ").and_then(|text| text.strip_suffix("}}")) {
        Some(path) => read(format!("docs/book/src/{path}")),
        None => text,
    }
}

/// What stands between two marks, each time.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> Vec<&'a str> {
    let parts = text.split(begin).skip(1);
    parts.filter_map(|part| part.split_once(end)).map(|(inner, _)| inner).collect()
}

/// Targets of the links outside of code.
fn links(text: &str) -> Vec<String> {
    let prose: Vec<_> = text.split("```").step_by(2).collect();
    between(&prose.join(""), "](", ")").into_iter().map(str::to_owned).collect()
}

/// A heading's name in a URL, as mdBook and GitHub make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().replace(' ', "-")
}

fn anchors(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| anchor(line.trim_matches('#')))
        .collect()
}

#[test]
fn every_page_is_in_the_summary_and_compiled() {
    let (summary, crates) = (page("SUMMARY.md"), read("tests/book/src/lib.rs"));
    for name in pages() {
        assert!(summary.contains(&format!("]({name})")), "{name} is not in SUMMARY.md");
        assert!(crates.contains(&format!("\"{name}\"")), "{name} is not compiled");
    }
    assert_eq!(links(&summary).into_iter().collect::<BTreeSet<_>>(), pages());
}

#[test]
fn every_page_begins_with_what_its_reader_wants() {
    for name in pages() {
        let text = page(&name);
        let first = text.lines().nth(2).unwrap_or_default();
        let told = ["You ", "A server on the internet", "A set lives in memory"]
            .iter()
            .any(|begin| first.starts_with(begin));
        assert!(told || name == "index.md", "{name} begins with: {first}");
    }
}

#[test]
fn links_within_the_tree_lead_somewhere() {
    let web = "https://github.com/ereo/ereo/blob/main/";
    let texts = [
        "README.md",
        "SECURITY.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/GUARANTEES.md",
        "docs/BENCHMARKS.md",
        "docs/ARCHITECTURE.md",
    ];
    let texts = texts.into_iter().map(str::to_owned).filter(|path| root().join(path).exists());
    let texts = texts.chain(pages().into_iter().map(|name| format!("docs/book/src/{name}")));
    for source in texts {
        let folder = Path::new(&source).parent().unwrap().to_owned();
        for link in links(&read(&source)) {
            let target = match link.strip_prefix(web) {
                Some(path) => PathBuf::from(path),
                None if link.contains("://") => continue,
                None => folder.join(&link),
            };
            let target = target.to_str().unwrap().to_owned();
            let (path, heading) = target.split_once('#').unwrap_or((&target, ""));
            let path = if link.starts_with('#') { source.as_str() } else { path };
            assert!(root().join(path).exists(), "{source} links to {link}, which is not there");
            if !heading.is_empty() && path.ends_with(".md") {
                assert!(anchors(&read(path)).contains(heading), "{source}: no heading for {link}");
            }
        }
    }
}

/// A function of a Rust file, a file, or a part of the tests.
fn exists(name: &str) -> Result<(), String> {
    if let Some(part) = name.strip_prefix("tests/run ") {
        let known = read("tests/run").lines().any(|line| line.trim_start().starts_with(part));
        return known.then_some(()).ok_or(format!("tests/run has no {part}"));
    }
    let (path, function) = name.split_once("::").unwrap_or((name, ""));
    let text = fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"))?;
    let is_test = function.is_empty() || text.contains(&format!("fn {function}("));
    is_test.then_some(()).ok_or(format!("{path} has no test {function}"))
}

#[test]
fn every_guarantee_names_tests_that_are_there() {
    let text = read("docs/GUARANTEES.md");
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |"));
    let mut all = 0;
    for row in rows {
        let shown = row.trim_end_matches('|').rsplit(" | ").next().unwrap_or_default();
        let quoted = shown.split('`').skip(1).step_by(2);
        let named: Vec<_> = quoted.filter(|name| name.contains('/')).collect();
        assert!(!named.is_empty(), "no test shows: {row}");
        for name in named {
            exists(name).unwrap_or_else(|error| panic!("{error}; of the row {row}"));
            all += 1;
        }
    }
    assert!(all > 60, "only {all} tests are named");
}

#[test]
fn the_readme_is_a_screen_and_has_what_it_should() {
    let text = read("README.md");
    assert!(text.lines().count() <= 120, "{} lines", text.lines().count());
    let section = |heading: &str| {
        let (_, rest) =
            text.split_once(&format!("## {heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
        rest.split("\n## ").next().unwrap_or_default().to_owned()
    };
    let commands = section("Two commands");
    assert_eq!(between(&commands, "```sh\n", "```")[0].lines().count(), 2);
    let rows =
        |heading: &str| section(heading).lines().filter(|line| line.starts_with('|')).count() - 2;
    assert_eq!((rows("Guarantees"), rows("Measured beside its peers")), (6, 5));
    // Early: before the commands.
    assert!(text.find("is **not**") < text.find("## Two commands"));
    // What it gives for the tests is what CI runs.
    assert!(commands.contains("\ntests/run ") && read(".ci/run").contains("\nstep tests/run\n"));
}

/// The guide's sections, which `docs/book/src/from-ereojs.md` maps to pages.
const GUIDE: [&str; 8] = [
    "Server-Sent Events (SSE)",
    "SSE API Route",
    "Client-Side SSE",
    "Named Events",
    "WebSocket Routes",
    "Client-Side WebSocket with Reconnection",
    "Combining SSE with Loaders",
    "When to Use SSE vs WebSockets",
];

#[test]
fn every_section_of_the_guide_has_its_page() {
    let map = page("from-ereojs.md");
    for section in GUIDE {
        let row = map.lines().find(|line| line.starts_with(&format!("| {section} |")));
        assert!(row.is_some_and(|row| row.contains("](")), "{section} has no page");
    }
}

/// Lines that are neither blank nor a comment nor hidden.
fn lines(block: &str) -> usize {
    let counts =
        |line: &&str| !line.is_empty() && !line.starts_with("//") && !line.starts_with("# ");
    block.lines().map(str::trim).filter(counts).count()
}

#[test]
fn what_a_migration_saves_is_counted() {
    for name in pages().into_iter().filter(|name| name.starts_with("from-")) {
        let text = page(&name);
        let count = |which: &str| -> usize {
            let mark = format!("<!-- {which} -->\n```");
            let blocks = text.split(&mark).skip(1).map(|block| block.split("```").next().unwrap());
            blocks.map(|block| lines(block.split_once('\n').unwrap().1)).sum()
        };
        let row = format!("| lines | {} | {} |", count("before"), count("after"));
        assert!(text.contains(&row), "{name} should say {row}");
    }
}

#[test]
fn figures_of_benchmarks_stand_in_one_place() {
    let units = ["ns a delivery", "µs", " ns ", "KiB an idle", "MB/s"];
    for name in pages() {
        let text = page(&name);
        for unit in units {
            assert!(
                !text.contains(unit),
                "{name} has a figure ({unit}): docs/BENCHMARKS.md is its place"
            );
        }
    }
}
