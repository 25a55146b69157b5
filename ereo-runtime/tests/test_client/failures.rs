//! What a test is told that does not get what it expects.

use std::panic::AssertUnwindSafe;

use ereo_runtime::prelude::*;
use ereo_runtime::test;
use futures_util::FutureExt as _;
use serde_json::json;

use crate::{Line, in_process, line};

#[derive(Debug, Serialize, Deserialize, Message)]
struct Number(u64);

/// What the test would fail with.
async fn failure<F: Future>(test: F) -> String {
    let Err(panic) = AssertUnwindSafe(test).catch_unwind().await else { panic!("it passed") };
    *panic.downcast::<String>().expect("the panic says a text")
}

async fn failing<F: Future>(test: F, said: &str) {
    let failure = failure(test).await;
    assert!(failure.starts_with(said), "{failure}");
    // At the line of this file, not of the library's.
    assert!(failure.contains("\n   at ereo-runtime/tests/test_client/failures.rs:"), "{failure}");
}

#[ereo_runtime::test]
async fn a_stream_that_disappoints_says_what_came_instead() {
    let lines = Data::new(ClientSet::<Line>::new());
    let app = in_process(&lines).await;
    let lobby = lines.room("lobby");
    let mut feed = app.events("/rooms/lobby/feed").await.unwrap();
    let a_line = "expected a `test_client::Line`, but ";

    failing(feed.next::<Line>(), &format!("{a_line}nothing came within 5s")).await;
    let patient = app.clone().with_patience(Duration::from_secs(40));
    let mut beaten = patient.events("/rooms/lobby/feed").await.unwrap();
    let said = format!("{a_line}2 heartbeats came within 40s, and nothing else");
    failing(beaten.next::<Line>(), &said).await;

    lobby.broadcast(&line("one")).unwrap();
    let mut other = app.events("/rooms/lobby/feed").after(feed.position()).await.unwrap();
    let error = other.try_next::<Number>().await.unwrap_err().to_string();
    let said =
        "a `test_client::failures::Number`, but `data: {\"text\":\"one\"}` came: invalid type";
    assert!(error.starts_with(&format!("expected {said}")), "{error}");
    let silence = feed.silent_for(Duration::from_secs(1));
    let said = "expected silence for 1s, but `data: {\"text\":\"one\"}` came";
    failing(silence, said).await;
    lobby.broadcast(&line("two")).unwrap();
    failing(feed.reset(), "expected a reset, but `data: {\"text\":\"two\"}` came").await;
    lobby.broadcast(&line("three")).unwrap();
    failing(feed.heartbeat(), "expected a heartbeat, but `data: {\"text\":\"three\"}` came").await;
    failing(feed.ended(), "expected the end, but nothing came within 5s").await;
    app.drain().await;
    failing(feed.next::<Line>(), &format!("{a_line}the end (ComeBack(Some(")).await;

    let elsewhere = ClientSet::<Line>::new().position();
    let app = in_process(&lines).await;
    let mut feed = app.events("/rooms/lobby/feed").after(elsewhere).await.unwrap();
    failing(feed.next::<Line>(), &format!("{a_line}a reset (epoch, missed: None) came")).await;
}

#[ereo_runtime::test]
async fn a_socket_that_disappoints_says_what_came_instead() {
    let app = in_process(&Data::new(ClientSet::new())).await;
    let mut ann = app.socket("/chat").origin("https://app.example").await.unwrap();
    let said = "expected `{\"type\":\"typing\"}`, but `{\"type\":\"welcome\"}` came";
    failing(ann.expect(&json!({ "type": "typing" })), said).await;
    failing(ann.next::<Line>(), "expected a `test_client::Line`, but nothing came").await;
    let question = json!({ "text": "nothing" });
    let asked = ann.ask::<Line>(&question);
    let said = "expected an answer to {\"id\":1,\"text\":\"nothing\"}, but nothing came within 5s";
    failing(asked, said).await;
    ann.send(&json!({ "text": "bye" })).await;
    failing(ann.next::<Line>(), "expected a `test_client::Line`, but the socket was closed").await;
    failing(ann.send("late"), "the socket is closed: the end (Closed { code: 4001").await;
}

#[ereo_runtime::test]
async fn a_request_that_disappoints_says_so() {
    let app = in_process(&Data::new(ClientSet::new())).await;
    failing(app.get("/slow").into_future(), "GET /slow got no answer within 5s").await;
    let said = "the body of an answer of 200 OK did not end within 5s";
    failing(app.get("/rooms/lobby/feed").into_future(), said).await;
    failing(app.login("/login", &json!({ "user": "ann", "password": "x" })), "expected a login")
        .await;
    let said = "expected JSON of `u8`";
    failing(app.load::<u8>("/plain"), said).await;
    let answer = app.events("/plain").await.unwrap_err();
    assert_eq!(format!("{answer:?}"), "200 OK \"no stream\"");
}

#[test]
#[should_panic(expected = "`feed` is no path of a request, which begins with `/`")]
fn a_path_is_one() {
    test::run(async { drop(in_process(&Data::new(ClientSet::new())).await.get("feed")) });
}

#[ereo_runtime::test]
async fn a_test_may_return_a_result() -> Result<(), Box<dyn std::error::Error>> {
    let answer = in_process(&Data::new(ClientSet::new())).await.get("/plain").await;
    assert_eq!(answer.text().parse::<String>()?, "no stream");
    Ok(())
}

#[ereo_runtime::test]
fn what_is_not_async_stays_a_test() {
    assert!(tokio::runtime::Handle::try_current().is_err());
}

#[ereo_runtime::test]
#[should_panic(expected = "on purpose")]
async fn attributes_stay() {
    panic!("on purpose");
}
