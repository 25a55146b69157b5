//! This crate is what the README says.

const README: &str = include_str!("../../../../README.md");

/// The text behind `start`, up to `end`.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, behind) = text.split_once(start).unwrap_or_else(|| panic!("there is no {start:?}"));
    behind.split_once(end).unwrap_or_else(|| panic!("there is no {end:?} behind {start:?}")).0
}

#[test]
fn the_program_is_the_first_one_of_the_readme() {
    // The README breaks lines where rustfmt would break more.
    let letters = |text: &str| text.split_whitespace().collect::<String>();
    let first = between(README, "```rust,no_run\n", "```");
    assert_eq!(letters(include_str!("../src/main.rs")), letters(first));
}

#[test]
fn one_of_each_is_what_the_page_is_served_by() {
    let letters = |text: &str| {
        let all = text.split_whitespace().collect::<String>();
        // What rustfmt adds where it breaks a line.
        all.replace(",}", "}").replace(",)", ")").replace("pubenum", "enum")
    };
    let block = between(README, "```rust\n", "```");
    assert_eq!(letters(include_str!("../one_of_each.rs")), letters(block));
}

#[test]
fn its_dependencies_are_those_that_the_readme_adds() {
    let manifest = between(include_str!("../Cargo.toml"), "[dependencies]\n", "\n\n");
    let mut needed: Vec<_> =
        manifest.lines().map(|line| line.split(['.', ' ']).next().unwrap_or_default()).collect();
    let mut added: Vec<_> = between(README, "cargo add ", "\n").split(' ').collect();
    needed.sort_unstable();
    added.sort_unstable();
    assert_eq!(needed, added);
}
