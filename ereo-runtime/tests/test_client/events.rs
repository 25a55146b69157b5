//! Event streams.

use std::time::Instant;

use ereo_runtime::ResetReason;
use ereo_runtime::prelude::*;
use ereo_runtime::test::Ended;
use serde_json::Value;

use crate::{Line, Lines, everywhere, in_process, line};

#[sse("/rooms/{room}/feed", retry = "2s")]
async fn feed(room: String, lines: Lines, last: LastEventId) -> Subscription<Line> {
    lines.room(room).subscribe(last)
}

/// Ends with the credentials, after a minute.
#[sse("/expiring")]
async fn expiring(lines: Lines, last: LastEventId) -> Subscription<Line> {
    lines.subscribe(last).expires_at(Duration::from_secs(60))
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
enum News {
    UserLeft(u32),
    Cleared,
}

/// Two events, and no more.
#[sse("/news")]
async fn news() -> impl Stream<Item = News> {
    futures_util::stream::iter([News::UserLeft(7), News::Cleared])
}

#[test]
fn what_is_missed_comes_again() {
    everywhere(async |app, lines| {
        let lobby = lines.room("lobby");
        let mut ann = app.events(feed::path("lobby")).await.unwrap();
        assert_eq!(ann.position(), Some(lobby.position()), "known before anything comes");
        assert_eq!(ann.retry(), Some(Duration::from_secs(2)));
        assert_eq!(ann.header("content-type"), Some("text/event-stream"));
        let position = lobby.broadcast(&line("one")).unwrap();
        let received = ann.next::<Line>().await;
        assert_eq!((received.data, received.position), (line("one"), position.position()));

        assert_eq!(lobby.len(), 1);
        let position = ann.close().await;
        assert_eq!(lobby.len(), 0, "gone when `close` returns");
        lobby.broadcast(&line("two")).unwrap();
        let mut ann = app.events(feed::path("lobby")).after(position).await.unwrap();
        let received = ann.next::<Value>().await;
        assert_eq!((received.data["text"].as_str(), received.offset()), (Some("two"), 2));
        ann.silent_for(Duration::from_millis(50)).await;
    });
}

#[test]
fn a_position_of_another_life_is_told() {
    everywhere(async |app, lines| {
        let elsewhere = ClientSet::<Line>::new().position();
        let mut ann = app.events(feed::path("lobby")).after(elsewhere).await.unwrap();
        let reset = ann.reset().await;
        assert_eq!((reset.reason, reset.missed), (ResetReason::Epoch, None));
        assert_eq!(reset.position, Some(lines.room("lobby").position()));
        assert_eq!(ann.position(), reset.position);
    });
}

#[test]
fn named_events_are_read_as_the_enum_that_was_sent() {
    everywhere(async |app, _| {
        let mut news = app.events(news::path()).await.unwrap();
        let first = news.next::<News>().await;
        assert_eq!((first.name.as_deref(), first.data), (Some("user_left"), News::UserLeft(7)));
        assert_eq!(news.next::<News>().await.data, News::Cleared);
        assert_eq!(news.ended().await, Ended::Finished);
        assert_eq!(news.ended().await, Ended::Finished, "it stays so");
        let request = app.events(news::path()).header("last-event-id", news.last_event_id());
        assert_eq!(request.await.unwrap_err().status(), 204);
    });
}

#[test]
fn a_connection_that_is_ended_by_name_says_so() {
    everywhere(async |app, lines| {
        let mut ann = app.events(feed::path("lobby")).await.unwrap();
        let ending = Ending::code(4001, "logged out").final_();
        lines.room("lobby").disconnect(Who::All, ending);
        let closed = Ended::Closed { code: 4001, reason: "logged out".to_owned(), last: true };
        assert_eq!(ann.ended().await, closed);
    });
}

#[test]
fn a_drain_ends_streams_and_is_over_when_it_returns() {
    everywhere(async |app, _| {
        let mut ann = app.events(feed::path("lobby")).await.unwrap();
        assert_eq!(app.drain_handle().open_connections(), 1);
        app.drain().await;
        let Ended::ComeBack(Some(after)) = ann.ended().await else { panic!("come back later") };
        assert!(after >= Duration::from_secs(2), "{after:?}");
        assert_eq!(app.drain_handle().open_connections(), 0);
    });
}

#[ereo_runtime::test]
async fn heartbeats_of_fifteen_seconds_take_no_time() {
    let began = Instant::now();
    let lines = Data::new(ClientSet::new());
    let app = in_process(&lines).await;
    let mut ann = app.events(feed::path("lobby")).await.unwrap();
    let opened = tokio::time::Instant::now();
    for beat in 1..=100 {
        ann.heartbeat().await;
        assert_eq!(opened.elapsed().as_secs(), 15 * beat);
    }
    // What is broadcast puts the next one off.
    tokio::time::sleep(Duration::from_secs(10)).await;
    lines.room("lobby").broadcast(&line("one")).unwrap();
    ann.next::<Line>().await;
    ann.silent_for(Duration::from_secs(3600)).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[ereo_runtime::test]
async fn expiry_is_told_when_its_time_has_come() {
    let app = in_process(&Data::new(ClientSet::new())).await;
    let mut ann = app.events(expiring::path()).await.unwrap();
    ann.silent_for(Duration::from_secs(59)).await;
    assert_eq!(ann.ended().await, Ended::Expired);
}
