//! Streams whose client's credentials end.

use std::time::Duration;

use actix_web::web::{Data, Query};
use ereo_runtime::test::Ended;
use ereo_runtime::{ClientSet, LastEventId, Subscription, sse};

use crate::support::over_tcp;

#[derive(serde::Deserialize)]
struct Session {
    milliseconds: u64,
    /// Every renewal is asked for halfway: so many, and the session is over.
    renewals: Option<u32>,
}

#[sse("/expiring/feed", heartbeat = "off")]
async fn feed(
    session: Query<Session>,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Subscription<String> {
    let left = Duration::from_millis(session.milliseconds);
    let feed = set.subscribe(last).expires_at(left);
    let Some(mut renewals) = session.renewals else { return feed };
    let set = Data::clone(&set);
    feed.refresh(move || {
        set.broadcast(&format!("{renewals} left")).unwrap();
        let renewed = (renewals > 0).then_some(left);
        renewals = renewals.saturating_sub(1);
        async move { renewed }
    })
}

#[ereo_runtime::test]
async fn a_stream_ends_with_its_credentials_and_goes_on_with_fresh_ones() {
    let set = ClientSet::new();
    let app = over_tcp(&set, module_path!()).await;
    let mut feed = app.events("/expiring/feed?milliseconds=50").await.unwrap();
    assert_eq!(feed.ended().await, Ended::Expired);
    set.broadcast(&"meanwhile".to_owned()).unwrap();
    let fresh = app.events("/expiring/feed?milliseconds=3600000").after(feed.position());
    assert_eq!(fresh.await.unwrap().next::<String>().await.data, "meanwhile");
}

#[ereo_runtime::test]
async fn clients_whose_credentials_end_together_come_back_one_after_the_other() {
    let app = over_tcp(&ClientSet::<String>::new(), module_path!()).await;
    let mut feeds = Vec::new();
    for _ in 0..30 {
        feeds.push(app.events("/expiring/feed?milliseconds=300").await.unwrap());
    }
    let mut retries = Vec::new();
    for feed in &mut feeds {
        assert_eq!(feed.ended().await, Ended::Expired);
        retries.push(feed.retry().unwrap().as_millis());
    }
    // The route's own, and up to three seconds of spread.
    assert!(retries.iter().all(|retry| (1000..=4000).contains(retry)), "{retries:?}");
    retries.sort_unstable();
    retries.dedup();
    assert!(retries.len() > 10, "{retries:?}");
}

#[ereo_runtime::test]
async fn a_renewed_stream_goes_on_until_it_is_not_renewed() {
    let set = ClientSet::<String>::new();
    let app = over_tcp(&set, module_path!()).await;
    let feed = app.events("/expiring/feed?milliseconds=400&renewals=2");
    let mut feed = feed.await.unwrap();
    assert_eq!(feed.next::<String>().await.data, "2 left");
    assert_eq!(feed.next::<String>().await.data, "1 left");
    // What is sent with the last refusal is not for this client any more.
    assert_eq!(feed.ended().await, Ended::Expired);
    assert_eq!(set.position().offset(), 3);
}
