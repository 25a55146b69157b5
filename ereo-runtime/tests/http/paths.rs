//! What `path(..)` writes, actix's own router reads back.

use actix_web::App;
use ereo_runtime::{loader, routes, test};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// Echoes its parameters.
#[loader("/paths/{text}/{number}/{flag}/tail/{rest}*")]
async fn echoed(
    text: String,
    number: i64,
    flag: bool,
    rest: String,
) -> (String, i64, bool, String) {
    (text, number, flag, rest)
}

/// Text that likes what paths are made of.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("/".to_owned()),
        Just("%".to_owned()),
        Just("%2F".to_owned()),
        Just("..".to_owned()),
        Just("?a=b&c#d".to_owned()),
        Just("+ ".to_owned()),
        Just("{x}".to_owned()),
        Just("ü€😀".to_owned()),
        any::<String>(),
    ];
    proptest::collection::vec(piece, 1..5)
        .prop_map(|pieces| pieces.concat())
        // No segment is empty, and a router never sees `.` or `..` as one: see the docs of `path`.
        .prop_filter("a segment", |text| !["", ".", ".."].contains(&text.as_str()))
}

#[test]
fn every_value_comes_back() {
    let values = (text(), any::<i64>(), any::<bool>(), text());
    TestRunner::new(ProptestConfig::with_cases(1000))
        .run(&values, |(text, number, flag, rest)| {
            let path = echoed::path(&text, number, flag, &rest);
            let read = test::run(async {
                let app = App::new().service(routes().unwrap().only(module_path!()));
                test::app(app).await.get(&path).await.json::<(String, i64, bool, String)>()
            });
            prop_assert_eq!(read, (text, number, flag, rest), "{}", path);
            Ok(())
        })
        .unwrap();
}
