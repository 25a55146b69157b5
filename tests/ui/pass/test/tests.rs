//! Tests of every shape, and what both modules are called.

use ereo_runtime::prelude::*;
use ereo_runtime::test;

#[derive(Debug, Serialize, Deserialize, Message)]
struct Line(String);

#[test]
async fn by_the_imported_name() {
    let app = test::app(App::new()).await;
    assert_eq!(app.get("/").await.status(), 404);
}

#[test]
fn a_plain_one() {}

#[ereo_runtime::test(crate = ereo_runtime)]
#[ignore = "on purpose"]
async fn with_a_result() -> Result<(), std::io::Error> {
    let mut feed = test::app(App::new()).await.events("/").await.unwrap();
    let _: Line = feed.next().await.data;
    let _: String = feed.next().await.data;
    let _: Event = feed.next().await.data;
    Ok(())
}

fn main() {}
