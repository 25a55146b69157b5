//! What a server says, down to the bytes: ends, refusals, silence.

use std::sync::{Arc, Mutex};

use ereo_runtime::ResetReason;
use ereo_runtime::client::{Asked, Error, Lost, News};
use ereo_runtime::prelude::*;
use serde_json::Value;

use crate::support::{Said, at_once, client, message, next, scripted, stream};

fn status(status: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\nCLOSE")
}

/// A stream that ends with its connection.
fn ending(body: &str) -> String {
    stream(body) + "CLOSE"
}

type Followed = ereo_runtime::client::Events<Value>;

fn follow(answers: Vec<String>) -> (Followed, std::sync::mpsc::Receiver<String>) {
    let (url, heads) = scripted(answers);
    (client().at(&url).unwrap().backoff(at_once()).events(), heads)
}

/// All that is told until the end.
async fn told(events: &mut Followed) -> (Vec<News<Value>>, Option<Error>) {
    let mut told = Vec::new();
    loop {
        match next(events).await {
            Ok(Some(news)) => told.push(news),
            Ok(None) => return (told, None),
            Err(error) => {
                assert!(error.is_final());
                assert_eq!(next(events).await, Ok(None), "nothing comes behind it");
                return (told, Some(error));
            }
        }
    }
}

fn lost(told: &[News<Value>]) -> Vec<Lost> {
    let lost = told.iter().filter_map(|news| match news {
        News::Lost { cause, .. } => Some(cause.clone()),
        _ => None,
    });
    lost.collect()
}

#[tokio::test]
async fn what_is_finished_is_not_asked_for_again() {
    let (mut events, heads) = follow(vec![
        ending("retry: 1\nid: e-1\n\ndata: 1\nid: e-2\n\n"),
        ending("id: e-2\n\ndata: 2\nid: e-3\n\nevent: ereo.end\ndata: {}\nid: ereo-end\n\n"),
    ]);
    let (told, error) = told(&mut events).await;
    assert_eq!((told.len(), error), (5, None), "{told:?}");
    assert_eq!(lost(&told), [Lost::Ended(None)]);
    assert_eq!(events.last_event_id(), "e-3", "the id of the end is none");
    let first = heads.recv().unwrap();
    assert!(first.starts_with("get /feed?a=b&ereoheartbeat=1 http/1.1\r\n"), "{first}");
    assert!(first.contains("accept: text/event-stream\r\n") && !first.contains("last-event-id"));
    assert!(heads.recv().unwrap().contains("last-event-id: e-2\r\n"));
    assert!(heads.try_recv().is_err());

    let (mut events, _) = follow(vec![status("204 No Content")]);
    assert_eq!(next(&mut events).await, Ok(None));
}

#[tokio::test]
async fn what_is_refused_is_told_and_what_may_pass_is_tried_again() {
    let (mut events, _) = follow(vec![
        status("503 Service Unavailable"),
        status("429 Too Many Requests"),
        status("502 Bad Gateway"),
        status("403 Forbidden"),
    ]);
    let (told, error) = told(&mut events).await;
    assert_eq!(lost(&told), [503, 429, 502].map(Lost::Status));
    assert_eq!(error, Some(Error::Refused { status: 403, location: None }));

    let busy = "HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n".to_owned();
    let (mut events, _) = follow(vec![busy]);
    let news = next(&mut events).await.unwrap().unwrap();
    assert!(
        matches!(news, News::Lost { again_in, .. } if again_in.as_millis() == 7005),
        "{news:?}"
    );

    let moved = "HTTP/1.1 301 Moved\r\nlocation: /new\r\ncontent-length: 0\r\n\r\n".to_owned();
    let error = next(&mut follow(vec![moved]).0).await.unwrap_err();
    assert_eq!(error.to_string(), "the server refuses with 301: it is at /new");
    let html = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n".to_owned();
    let error = next(&mut follow(vec![html]).0).await.unwrap_err();
    assert_eq!(error, Error::NotAStream("text/html".to_owned()));
    assert!(client().at("ftp://a.example").is_err() && client().at("/feed").is_err());
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    let (mut events, _) = follow(vec![
        stream("id: e-1\n\nevent: ereo.heartbeat\ndata: 40\n\n"),
        stream("event: ereo.heartbeat\ndata: 0\n\ndata: 1\n\n"),
    ]);
    let mut said = Vec::new();
    assert_eq!(message(&mut events, &mut said).await, 1);
    let silent = Lost::Silent(Duration::from_millis(80));
    assert_eq!(said, [Said::Open, Said::Lost(silent), Said::Open]);
    // Where no heartbeats come silence says nothing.
    let waits = tokio::time::timeout(Duration::from_millis(200), events.next()).await;
    assert!(waits.is_err());
}

#[tokio::test]
async fn the_librarys_events_are_obeyed_and_those_of_tomorrow_passed_over() {
    let closed = r#"event: ereo.closed
data: {"code":4000,"reason":"moved","final":false}

"#;
    let last = closed.replace("false", "true");
    let (mut events, _) = follow(vec![
        ending(&format!("event: ereo.of_tomorrow\ndata: ?\nid: e-1\n\n{closed}")),
        ending("event: ereo.reset\ndata: {\"reason\":\"lagged\",\"missed\":7}\nid: f-9\n\n"),
        ending(&last),
    ]);
    let (told, error) = told(&mut events).await;
    assert_eq!(lost(&told), [Lost::Ended(Some((4000, "moved".into()))), Lost::Ended(None)]);
    let [_, _, _, News::Reset(reset), ..] = &told[..] else { panic!("{told:?}") };
    assert_eq!((reset.reason, reset.missed), (Some(ResetReason::Lagged), Some(7)));
    assert_eq!(reset.to_string(), "7 messages are missing (lagged)");
    assert_eq!(error, Some(Error::Closed { code: 4000, reason: "moved".into() }));
    assert_eq!(events.last_event_id(), "f-9");
}

#[tokio::test]
async fn a_stream_without_positions_says_that_something_may_be_missing() {
    let (mut events, _) = follow(vec![ending("data: 1\n\n"), stream("data: 2\n\n")]);
    let mut said = Vec::new();
    assert_eq!(message(&mut events, &mut said).await, 1);
    assert_eq!(message(&mut events, &mut said).await, 2);
    let [Said::Open, Said::Lost(_), Said::Reset(reset)] = &said[..] else { panic!("{said:?}") };
    assert_eq!(reset.to_string(), "messages are missing (unknown)");
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_passed_over_and_one_that_is_too_large_is_the_end() {
    let (url, _) =
        scripted(vec![stream("data: no JSON\nid: e-1\n\ndata: 2\n\ndata: 12345678901\n\n")]);
    let mut events = client().at(&url).unwrap().largest(16).events::<Value>();
    assert_eq!(next(&mut events).await, Ok(Some(News::Open)));
    let error = next(&mut events).await.unwrap_err();
    assert!(!error.is_final() && error.to_string().starts_with("a message cannot be read: "));
    assert_eq!(events.last_event_id(), "e-1", "it is passed over");
    assert_eq!(message(&mut events, &mut Vec::new()).await, 2);
    assert_eq!(next(&mut events).await, Err(Error::TooLarge(16)));
    assert_eq!(next(&mut events).await, Ok(None));
}

#[tokio::test]
async fn credentials_are_asked_for_when_there_are_none_and_when_they_have_ended() {
    let expired = "id: e-1\n\nretry: 1\n\nevent: ereo.expired\ndata: {}\n\n";
    let (url, heads) = scripted(vec![
        ending(expired),
        ending("id: e-2\n\n"),
        status("401 Unauthorized"),
        ending("id: e-3\n\n"),
        status("401 Unauthorized"),
        status("401 Unauthorized"),
    ]);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let asks = Arc::clone(&asked);
    let target = client().at(&url).unwrap().backoff(at_once()).credentials(move |why| {
        let mut asked = asks.lock().unwrap();
        asked.push(why);
        let token = match asked.len() {
            2 => Err("the issuer sleeps"),
            number => Ok(format!("Bearer {number}")),
        };
        async move { token }
    });
    let mut events = target.events::<Value>();
    let (told, error) = told(&mut events).await;
    let no = Lost::NoCredentials("the issuer sleeps".to_owned());
    let (gone, ended) = (Lost::Expired, Lost::Ended(None));
    let expected = [gone.clone(), no, ended.clone(), gone.clone(), ended, gone];
    assert_eq!(lost(&told), expected);
    assert_eq!(error, Some(Error::Refused { status: 401, location: None }), "fresh ones, too");
    let (first, later) = (Asked::First, Asked::Expired);
    assert_eq!(*asked.lock().unwrap(), [first, later, later, later, later]);
    let tokens = heads.try_iter().map(|head| {
        let line = head.lines().find_map(|line| line.strip_prefix("authorization: "));
        line.unwrap().to_owned()
    });
    assert_eq!(
        Vec::from_iter(tokens),
        ["bearer 1", "bearer 3", "bearer 3", "bearer 4", "bearer 4", "bearer 5"]
    );

    // Without anybody to ask both are the end.
    let (mut events, _) = follow(vec![ending(expired)]);
    assert_eq!(next(&mut events).await, Ok(Some(News::Open)));
    assert_eq!(next(&mut events).await, Err(Error::Expired));
    let (mut events, _) = follow(vec![status("401 Unauthorized")]);
    assert_eq!(next(&mut events).await, Err(Error::Refused { status: 401, location: None }));
}
