//! A client for tests: event streams, sockets and loaders, in process under paused time or over TCP.
//!
//! # Call the function
//! An annotated function stays what it was, and that is the first thing to test it by: no server, no
//! client, no text.
//!
//! ```
//! use ereo_runtime::Delivery;
//! use ereo_runtime::prelude::*;
//!
//! #[derive(Clone, Serialize, Message)]
//! struct Notice {
//!     text: String,
//! }
//!
//! #[sse("/me/notifications")]
//! async fn notifications(
//!     all: Data<ClientSet<Notice>>,
//!     last: LastEventId,
//! ) -> Subscription<Notice> {
//!     all.room("ann").subscribe(last)
//! }
//!
//! # /*
//! #[ereo_runtime::test]
//! # */
//! async fn a_notice_reaches_its_user() {
//!     let all = Data::new(ClientSet::<Notice>::new());
//!     let mut stream = notifications(all.clone(), LastEventId::none()).await;
//!     all.room("ann").broadcast(&Notice { text: "hi".to_owned() }).unwrap();
//!     let Some(Delivery::Message { message, .. }) = stream.recv().await else { panic!("no notice") };
//!     assert_eq!(message.text, "hi");
//! }
//! # ereo_runtime::test::run(a_notice_reaches_its_user());
//! ```
//!
//! # In process
//! What the function does not show is extractors, refusals, what is on the wire, heartbeats, the drain. For
//! that [`app`] serves an `App` within the test: HTTP/1.1 through actix's own dispatcher, over memory instead
//! of sockets. [`#[ereo_runtime::test]`](macro@crate::test) runs the test on one thread whose time stands
//! still while anything is left to do, and jumps to the next timer when nothing is: a heartbeat of 15 s
//! takes microseconds, and what does not come is known at once.
//!
//! ```
//! use ereo_runtime::prelude::*;
//! use ereo_runtime::test;
//! # #[derive(Clone, PartialEq, Debug, Serialize, Deserialize, Message)]
//! # struct Line { text: String }
//! # fn line(text: &str) -> Line { Line { text: text.to_owned() } }
//!
//! #[sse("/rooms/{room}/feed")]
//! async fn room_feed(
//!     room: String,
//!     lines: Data<ClientSet<Line>>,
//!     last: LastEventId,
//! ) -> Subscription<Line> {
//!     lines.room(room).subscribe(last)
//! }
//!
//! # /*
//! #[ereo_runtime::test]
//! # */
//! async fn what_is_missed_comes_again() {
//!     let lines = Data::new(ClientSet::<Line>::new());
//!     let routes = ereo_runtime::routes().unwrap();
//!     let app = test::app(App::new().app_data(lines.clone()).service(routes)).await;
//!
//!     let mut feed = app.events(room_feed::path("lobby")).await.unwrap();
//!     let lobby = lines.room("lobby");
//!     lobby.broadcast(&line("one")).unwrap();
//!     let event = feed.next::<Line>().await;
//!     assert_eq!((event.data.text.as_str(), event.offset()), ("one", 1));
//!     feed.silent_for(Duration::from_secs(14)).await;
//!     feed.heartbeat().await;
//!
//!     let position = feed.close().await;
//!     lobby.broadcast(&line("two")).unwrap();
//!     let mut feed = app.events(room_feed::path("lobby")).after(position).await.unwrap();
//!     assert_eq!(feed.next::<Line>().await.data.text, "two");
//! }
//! # ereo_runtime::test::run(what_is_missed_comes_again());
//! ```
//!
//! Every wait is for five seconds of the test's time at the most, and then panics, at the line that waits, with
//! what came instead. What other threads do takes no time here: wait for them (`spawn_blocking` and
//! `web::block` are waited for), or call `tokio::time::resume()`.
//!
//! | of [`TestApp`] | gives |
//! |---|---|
//! | [`events(path)`](TestApp::events) | [`Events`], or the [`Answer`] instead |
//! | [`socket(path)`](TestApp::socket) | [`Socket`], or the [`Answer`] instead |
//! | [`load(path)`](TestApp::load) | [`Loaded`], or the [`Answer`] instead |
//! | [`get`](TestApp::get), [`post`](TestApp::post), [`request`](TestApp::request) | [`Answer`] |
//! | [`login(path, form)`](TestApp::login) | cookies, which all that follows sends |
//! | [`visitor()`](TestApp::visitor) | another client, with cookies of its own |
//! | [`drain()`](TestApp::drain) | the end of the server, as after SIGTERM |
//!
//! # Sockets
//! ```
//! use ereo_runtime::prelude::*;
//! use ereo_runtime::{CloseCode, test};
//! use serde_json::json;
//!
//! #[derive(Deserialize)]
//! struct Said {
//!     id: u64,
//!     text: String,
//! }
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize, Message)]
//! #[serde(tag = "type", rename_all = "snake_case")]
//! enum Told {
//!     Welcome,
//!     Ack { id: u64 },
//! }
//!
//! #[websocket("/chat", origins = ["https://app.example"])]
//! async fn chat(mut socket: Socket<Said, Told>) -> Result<(), SocketError> {
//!     socket.send(&Told::Welcome).await?;
//!     while let Some(Said { id, text }) = socket.recv().await? {
//!         if text == "bye" {
//!             return Err(SocketError::close(CloseCode::new(4001).unwrap(), "bye"));
//!         }
//!         socket.send(&Told::Ack { id }).await?;
//!     }
//!     Ok(())
//! }
//!
//! # /*
//! #[ereo_runtime::test]
//! # */
//! async fn what_is_said_is_acknowledged() {
//!     let app = test::app(App::new().service(ereo_runtime::routes().unwrap())).await;
//!     let refused = app.socket(chat::path()).origin("https://evil.example").await.unwrap_err();
//!     assert_eq!(refused.status(), 403);
//!
//!     let mut ann = app.socket(chat::path()).origin("https://app.example").await.unwrap();
//!     assert_eq!(ann.next::<Told>().await, Told::Welcome);
//!     let Told::Ack { .. } = ann.ask(&json!({ "text": "hi" })).await else { panic!("no ack") };
//!     ann.send(&json!({ "id": 2, "text": "bye" })).await;
//!     assert_eq!(ann.closed().await.code(), 4001);
//! }
//! # ereo_runtime::test::run(what_is_said_is_acknowledged());
//! ```
//!
//! # Over TCP
//! [`serve`] has the same calls, over a server of its own threads and in real time: for what only a real
//! connection has, such as the takeover, several workers, and a peer that is gone without a word.
//!
//! ```
//! use ereo_runtime::prelude::*;
//! use ereo_runtime::test;
//!
//! # #[sse("/counts")]
//! # async fn counts(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
//! #     set.subscribe(last)
//! # }
//! # /*
//! #[ereo_runtime::test]
//! # */
//! async fn two_workers_serve_one_set() {
//!     let set = Data::new(ClientSet::<String>::new());
//!     let data = set.clone();
//!     let app = test::serve(move || {
//!         App::new().app_data(data.clone()).service(ereo_runtime::routes().unwrap())
//!     });
//!     let app = app.workers(2).await;
//!     let mut counts = app.events("/counts").await.unwrap();
//!     set.broadcast(&"1".to_owned()).unwrap();
//!     assert_eq!(counts.next::<String>().await.data, "1");
//!     app.drain().await;
//!     assert!(matches!(counts.ended().await, test::Ended::ComeBack(_)));
//! }
//! # ereo_runtime::test::run(two_workers_serve_one_set());
//! ```

mod answer;
mod app;
mod cookies;
mod ended;
mod events;
mod handshake;
mod http;
mod memory;
mod opening;
mod request;
mod run;
mod socket;
mod socket_task;
mod tcp;
mod wait;

pub use answer::{Answer, Loaded};
pub use app::TestApp;
pub use ended::{Closed, Ended, Reset};
pub use events::Events;
pub use handshake::Handshake;
pub use memory::{InProcess, app};
pub use opening::Opening;
pub use request::Request;
pub use run::run;
pub use socket::Socket;
pub use tcp::{OverTcp, serve};
pub use wait::Unexpected;

pub use crate::receive::{
    Decoded, EventStream, EventText, FromEvent, FromSocket, ReadError, Received, TooLarge,
};
