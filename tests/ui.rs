//! What the macros accept and what they say about the rest: each case in `ui/fail` is named after its mistake.
//!
//! One case: `cargo test -p ereo-tests --test ui -- ui trybuild=name_of_the_case`. With `TRYBUILD=overwrite` the
//! messages are written anew; read them in the diff.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*/*.rs");
    cases.compile_fail("ui/fail/*/*.rs");
}
