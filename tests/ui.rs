//! What the macros accept and what they say about the rest: each case in `ui/fail` is named after its mistake.
//!
//! Some cases: `tests/run --ui part_of_a_path`. With `TRYBUILD=overwrite` the messages are written anew; read them in
//! the diff.

#[test]
fn ui_accepted() {
    trybuild::TestCases::new().pass("ui/pass/*/*.rs");
}

/// Apart from those that pass: trybuild compiles cases that all fail in one go, ten times as fast.
#[test]
fn ui_refused() {
    trybuild::TestCases::new().compile_fail("ui/fail/*/*.rs");
}
