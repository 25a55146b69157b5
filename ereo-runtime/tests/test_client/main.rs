//! The client for tests: in process and over TCP, by the same calls.

mod decoding;
#[path = "../http/support/event_stream.rs"]
mod event_stream;
mod events;
mod failures;
mod requests;
mod sockets;

use std::rc::Rc;

use actix_web::web::{self, ServiceConfig};
use ereo_runtime::prelude::*;
use ereo_runtime::test::{self, TestApp};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
struct Line {
    text: String,
}

fn line(text: &str) -> Line {
    Line { text: text.to_owned() }
}

type Lines = Data<ClientSet<Line>>;

/// The application, by a set of its own.
fn configured(lines: &Lines) -> impl Fn(&mut ServiceConfig) + Send + Clone + 'static {
    let lines = lines.clone();
    move |app| {
        let routes = ereo_runtime::routes().expect("no two routes clash");
        app.app_data(lines.clone())
            .service(requests::login)
            .service(requests::slow)
            .route("/plain", web::get().to(|| async { "no stream" }))
            .service(routes);
    }
}

/// `LEAN=off` in the environment runs the same through actix's dispatcher.
fn realtime() -> Realtime {
    let lean = std::env::var_os("LEAN").is_none_or(|lean| lean != "off");
    Realtime::new(Drain::within(Duration::from_secs(10))).direct_writes(lean)
}

async fn in_process(lines: &Lines) -> TestApp {
    test::app(App::new().configure(configured(lines))).await
}

/// Runs `check` in process, and over TCP with one worker and with two.
fn everywhere(check: impl AsyncFn(TestApp, Lines)) {
    let check = Rc::new(check);
    test::run(async {
        let lines = Data::new(ClientSet::new());
        check(in_process(&lines).await, lines).await;
    });
    for workers in [1, 2] {
        test::run(async {
            let lines = Data::new(ClientSet::new());
            let configured = configured(&lines);
            let app = test::serve(move || App::new().configure(configured.clone()));
            check(app.workers(workers).realtime(realtime()).await, lines).await;
        });
    }
}
