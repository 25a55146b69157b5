//! Streams that come back.

use ereo_runtime::ResetReason;
use ereo_runtime::client::{Error, Lost, News};
use ereo_runtime::prelude::*;

use crate::support::{PATIENCE, Said, Server, at_once, client, message, next};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
enum Feed {
    Number(u64),
    Text { text: String },
}

#[sse("/client/feed", retry = "10ms")]
async fn feed(set: Data<ClientSet<Feed>>, last: LastEventId) -> Subscription<Feed> {
    set.subscribe(last)
}

fn serving(set: &ClientSet<Feed>, address: Option<std::net::SocketAddr>) -> Server {
    let set = Data::new(set.clone());
    Server::start(address, move |app| {
        let routes = ereo_runtime::routes().unwrap().only(module_path!());
        app.app_data(set.clone()).service(routes);
    })
}

/// Numbers, from another thread, until it is told to stop: how many there were.
fn publishing(set: &ClientSet<Feed>) -> impl FnOnce() -> u64 {
    let (set, (stop, stopped)) = (set.clone(), std::sync::mpsc::channel::<()>());
    let publisher = std::thread::spawn(move || {
        let mut number = 0;
        while stopped.recv_timeout(Duration::from_millis(1)).is_err() && number < 100_000 {
            set.broadcast(&Feed::Number(number)).unwrap();
            number += 1;
        }
        number
    });
    move || {
        stop.send(()).unwrap();
        publisher.join().unwrap()
    }
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_whatever_becomes_of_the_server() {
    let set = ClientSet::<Feed>::builder().history(100_000).build();
    let mut server = serving(&set, None);
    let target = client().at(&server.url(feed::ROUTE)).unwrap();
    let mut events = target.backoff(at_once()).events::<Feed>();
    assert_eq!(next(&mut events).await, Ok(Some(News::Open)));
    let stop = publishing(&set);
    let (mut said, mut expected) = (Vec::new(), 0);
    for round in 0..6 {
        let address = if round % 2 == 0 { server.drain() } else { server.kill() };
        server = serving(&set, Some(address));
        // Until it has come back: what was under way is read first.
        let opened = |said: &[Said]| said.iter().filter(|said| **said == Said::Open).count();
        while opened(&said) <= round {
            assert_eq!(message(&mut events, &mut said).await, Feed::Number(expected));
            expected += 1;
        }
    }
    let all = stop();
    while expected < all {
        assert_eq!(message(&mut events, &mut said).await, Feed::Number(expected));
        expected += 1;
    }
    assert!(said.iter().all(|said| !matches!(said, Said::Reset(_))), "{said:?}");
    assert!(said.iter().filter(|said| **said == Said::Open).count() >= 6, "{said:?}");
    assert_eq!(events.position(), Some(set.position()));

    // And by another process, from what the first one has kept.
    let kept = events.last_event_id().to_owned();
    drop(events);
    set.broadcast(&Feed::Text { text: "two\nlines".into() }).unwrap();
    let target = client().at(&server.url(feed::ROUTE)).unwrap();
    let mut events = target.after_id(kept).events::<Feed>();
    let text = message(&mut events, &mut said).await;
    assert_eq!(text, Feed::Text { text: "two\nlines".into() });
}

#[tokio::test]
async fn another_life_of_the_set_is_told() {
    let set = ClientSet::<Feed>::new();
    let server = serving(&set, None);
    let target = client().at(&server.url(feed::ROUTE)).unwrap();
    let mut events = target.backoff(at_once()).events::<Feed>();
    assert_eq!(next(&mut events).await, Ok(Some(News::Open)));
    set.broadcast(&Feed::Number(1)).unwrap();
    let mut said = Vec::new();
    message(&mut events, &mut said).await;
    let address = server.kill();
    let set = ClientSet::<Feed>::new();
    set.broadcast(&Feed::Number(1)).unwrap();
    let _server = serving(&set, Some(address));
    let reset = loop {
        match next(&mut events).await.unwrap().unwrap() {
            News::Reset(reset) => break reset,
            News::Open | News::Lost { .. } => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(reset.reason, Some(ResetReason::Epoch));
    assert_eq!((reset.missed, reset.position), (None, Some(set.position())));
    set.broadcast(&Feed::Number(2)).unwrap();
    assert_eq!(message(&mut events, &mut said).await, Feed::Number(2));
}

#[tokio::test]
async fn who_is_ended_by_name_comes_back_unless_it_is_final() {
    let set = ClientSet::<Feed>::new();
    let server = serving(&set, None);
    let target = client().at(&server.url(feed::ROUTE)).unwrap();
    let mut events = target.backoff(at_once()).events::<Feed>();
    assert_eq!(next(&mut events).await, Ok(Some(News::Open)));
    assert_eq!(set.disconnect(Who::All, Ending::code(4000, "moved")), 1);
    let news = next(&mut events).await.unwrap().unwrap();
    let ended = Lost::Ended(Some((4000, "moved".to_owned())));
    assert!(matches!(&news, News::Lost { cause, .. } if *cause == ended), "{news:?}");
    assert_eq!(next(&mut events).await, Ok(Some(News::Open)));
    assert_eq!(set.disconnect(Who::All, Ending::code(4001, "logged out").final_()), 1);
    let closed = Error::Closed { code: 4001, reason: "logged out".to_owned() };
    assert_eq!(next(&mut events).await, Err(closed));
    assert_eq!(next(&mut events).await, Ok(None));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again_and_again() {
    let set = ClientSet::<Feed>::new();
    let server = serving(&set, None);
    let url = server.url(feed::ROUTE);
    let address = server.kill();
    let mut events = client().at(&url).unwrap().backoff(at_once()).events::<Feed>();
    let mut delays = Vec::new();
    for _ in 0..4 {
        match next(&mut events).await.unwrap().unwrap() {
            News::Lost { cause: Lost::Broken(_), again_in } => delays.push(again_in.as_millis()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(delays, [5, 10, 20, 40]);
    let _server = serving(&set, Some(address));
    let opened = async { while next(&mut events).await != Ok(Some(News::Open)) {} };
    tokio::time::timeout(PATIENCE, opened).await.unwrap();
}
