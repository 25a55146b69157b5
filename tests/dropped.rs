//! A dependency that no line names is dropped by the linker, and `expect` says so.

#[test]
fn a_crate_that_nothing_names_is_missed() {
    let error = ereo_runtime::routes().unwrap().expect("ereo_left::feature").unwrap_err();
    assert!(error.to_string().contains("use crate_name as _;"), "{error}");
}
