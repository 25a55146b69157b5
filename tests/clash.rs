//! Two crates with one route: an error that names both places.

use ereo_left as _;
use ereo_right as _;

#[test]
fn clash_across_crates_names_both_places() {
    let error = ereo_runtime::routes().unwrap_err().to_string();
    let left = "GET /feature/{left} (ereo_left::feature at tests/crates/left/src/lib.rs:6)";
    let right = "GET /feature/{right} (ereo_right::feature at tests/crates/right/src/lib.rs:6)";
    assert!(error.contains(left) && error.contains(right), "{error}");
    let io: std::io::Error = ereo_runtime::routes().unwrap_err().into();
    assert_eq!(io.to_string(), error);
}
