//! A request, until it is sent.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::panic::Location;
use std::pin::Pin;

use actix_http::{ConnectionType, RequestHead, RequestHeadType};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, Uri};
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use tokio::time::timeout;
use url::form_urlencoded;

use super::answer::Answer;
use super::app::{TestApp, header};
use super::http::{Response, exchange};
use super::opening::Opening;
use super::wait::fail;

/// A request to the application: `.await` it for the [`Answer`].
#[must_use = "a request is sent when it is awaited"]
pub struct Request {
    app: TestApp,
    head: RequestHead,
    connection: ConnectionType,
    body: Bytes,
    pub(super) at: &'static Location<'static>,
}

impl Request {
    #[track_caller]
    pub(super) fn new(app: TestApp, method: Method, path: &str, headers: &HeaderMap) -> Self {
        let uri: Uri = match path.parse() {
            Ok(uri) if path.starts_with('/') => uri,
            _ => panic!("`{path}` is no path of a request, which begins with `/`"),
        };
        let mut head = RequestHead::default();
        (head.method, head.uri, head.headers) = (method, uri, headers.clone());
        head.headers.insert(header::HOST, HeaderValue::from_static("localhost"));
        let connection = ConnectionType::Close;
        Self { app, head, connection, body: Bytes::new(), at: Location::caller() }
    }

    /// With a header in the place of those of the same name.
    ///
    /// # Panics
    /// When it is none that can be sent.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let (name, value) = header(name, value);
        self.head.headers.insert(name, value);
        self
    }

    /// With this body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// With the JSON of `value` as body.
    ///
    /// # Panics
    /// When `value` cannot be serialized.
    #[track_caller]
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        let json = serde_json::to_vec(value).expect("the value serializes");
        self.header("content-type", "application/json").body(json)
    }

    /// With the fields of `form`, a struct or a map of plain values, as an HTML form sends them.
    ///
    /// # Panics
    /// When `form` is something else.
    #[track_caller]
    pub fn form<T: Serialize + ?Sized>(self, form: &T) -> Self {
        let form = serde_json::to_value(form).expect("the form serializes");
        let Value::Object(fields) = form else { panic!("a form has fields, not {form}") };
        let mut encoded = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &fields {
            match value {
                Value::Null => continue,
                Value::String(text) => encoded.append_pair(name, text),
                other => encoded.append_pair(name, &other.to_string()),
            };
        }
        let body = encoded.finish();
        self.header("content-type", "application/x-www-form-urlencoded").body(body)
    }

    /// Opens the event stream that the answer is: `.await` it.
    pub fn events(self) -> Opening {
        Opening::new(self)
    }

    /// It asks for another protocol on its connection, which else ends with the answer.
    pub(super) fn upgrading(mut self) -> Self {
        self.connection = ConnectionType::Upgrade;
        self
    }

    pub(super) fn app(&self) -> &TestApp {
        &self.app
    }

    /// Sends it, and gives the answer with its body still to be read.
    pub(super) async fn respond(mut self) -> Response {
        let (at, app) = (self.at, self.app);
        // One that the test has set itself stays.
        let cookies = app.jar().borrow().header();
        if let Some(cookies) = cookies.filter(|_| !self.head.headers.contains_key(header::COOKIE)) {
            self.head.headers.insert(header::COOKIE, cookies);
        }
        self.head.set_connection_type(self.connection);
        let what = format!("{} {}", self.head.method, self.head.uri);
        let answered = async {
            let wire = app.connect().await?;
            exchange(wire, app.config(), RequestHeadType::from(self.head), self.body).await
        };
        match timeout(app.patience(), answered).await {
            Ok(Ok(response)) => {
                app.jar().borrow_mut().take(response.head.headers());
                response
            }
            Ok(Err(error)) => fail(at, format_args!("{what} got no answer: {error}")),
            Err(_) => {
                fail(at, format_args!("{what} got no answer within {:?}", app.patience()));
            }
        }
    }

    async fn answer(self) -> Answer {
        let (at, patience) = (self.at, self.app.patience());
        let response = self.respond().await;
        let head = format!("{}", response.status());
        match timeout(patience, response.into_answer()).await {
            Ok(answer) => answer,
            Err(_) => fail(
                at,
                format_args!(
                    "the body of an answer of {head} did not end within {patience:?}: open a \
                     stream with `events`"
                ),
            ),
        }
    }
}

impl IntoFuture for Request {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.answer())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} {})", self.head.method, self.head.uri)
    }
}
