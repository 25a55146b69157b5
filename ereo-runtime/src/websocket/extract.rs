//! [`Socket`] and [`Connection`] as extractors: an argument of a route like any other.
//!
//! So a user's alias of them is one as well, and no macro has to know how a type is spelled.

use std::any::type_name;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::error::ErrorInternalServerError;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest};

use super::link::Link;
use super::socket::{Connection, Socket};
use crate::broadcast::ConnectionHandle;
use crate::server::{offer_socket, withdraw};

/// The connection that a request is about to become, in the request's extensions while the route's
/// arguments are extracted, and no longer: a handler may keep the request.
struct Pending(Link);

/// Offers the connection to the extractors of the request while `extract` runs.
pub(super) async fn offering<T, F: Future<Output = T>>(
    req: &HttpRequest,
    link: &Link,
    extract: impl FnOnce() -> F,
) -> T {
    req.extensions_mut().insert(Pending(link.clone()));
    offer_socket(req, ConnectionHandle::new(link.id(), link.outbox().for_sets()));
    let extracted = extract().await;
    req.extensions_mut().remove::<Pending>();
    withdraw(req);
    extracted
}

fn pending<T>(req: &HttpRequest) -> Result<Link, Error> {
    if let Some(Pending(link)) = req.extensions().get() {
        return Ok(link.clone());
    }
    let argument = type_name::<T>();
    tracing::error!(argument, path = req.path(), "only a #[websocket] route has such an argument");
    Err(ErrorInternalServerError("this route is no WebSocket, but its handler takes one"))
}

impl<In: 'static, Out: 'static> FromRequest for Socket<In, Out> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(pending::<Self>(req).map(Self::new))
    }
}

impl<Out: 'static> FromRequest for Connection<Out> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(pending::<Self>(req).map(Self::new))
    }
}

/// What an argument takes of the connection, with the name of the type that it sends.
#[derive(Debug, Clone, Copy)]
pub enum Takes {
    /// It is another extractor.
    Nothing,
    /// A [`Socket`].
    Socket(fn() -> &'static str),
    /// A [`Connection`].
    Connection(fn() -> &'static str),
}

/// An argument's type. `<ArgumentOf<T>>::TAKES` is the constant below where `T` is a socket or a
/// connection, however it is spelled, else the one of [`TakesNothing`]: inherent ones go first.
#[derive(Debug)]
pub struct ArgumentOf<T: ?Sized>(PhantomData<T>);

impl<In, Out> ArgumentOf<Socket<In, Out>> {
    /// What it takes.
    pub const TAKES: Takes = Takes::Socket(type_name::<Out>);
}

impl<Out> ArgumentOf<Connection<Out>> {
    /// What it takes.
    pub const TAKES: Takes = Takes::Connection(type_name::<Out>);
}

/// What `#[sse]` and `#[loader]` ask of each argument: `<ArgumentOf<T>>::anywhere()` is the function of
/// [`TakesNothing`], unless `T` is a socket or a connection.
impl<In, Out> ArgumentOf<Socket<In, Out>> {
    /// Compiles nowhere.
    pub fn anywhere()
    where
        Socket<In, Out>: Anywhere,
    {
    }

    /// Compiles nowhere.
    pub fn in_open()
    where
        Socket<In, Out>: InOpen,
    {
    }
}

impl<Out> ArgumentOf<Connection<Out>> {
    /// Compiles nowhere.
    pub fn anywhere()
    where
        Connection<Out>: Anywhere,
    {
    }
}

/// Holds for nothing.
#[diagnostic::on_unimplemented(
    message = "only a `#[websocket]` route can take a `{Self}`",
    label = "there is no connection to take here",
    note = "a stream goes to its client by what the function returns, and hears nothing from it: remove the argument, or write `#[websocket(\"/path\")]` above the function"
)]
pub trait Anywhere {}

/// Holds for nothing: with hooks, it is `message` that receives.
#[diagnostic::on_unimplemented(
    message = "`open` cannot take a `Socket`: it is `message` that receives here",
    label = "expected a `Connection<Out>`",
    note = "take `connection: Connection<Out>`, which only sends"
)]
pub trait InOpen {}

/// What `#[websocket]` asks of each argument of a function: it has a socket, which is always there.
impl<In, Out> ArgumentOf<Option<Socket<In, Out>>> {
    /// What it would take.
    pub const TAKES: Takes = Takes::Socket(type_name::<Out>);

    /// Compiles nowhere.
    pub fn in_function()
    where
        Option<Socket<In, Out>>: AlwaysThere,
    {
    }
}

impl<Out> ArgumentOf<Option<Connection<Out>>> {
    /// What it would take.
    pub const TAKES: Takes = Takes::Connection(type_name::<Out>);

    /// Compiles nowhere.
    pub fn in_function()
    where
        Option<Connection<Out>>: AlwaysThere,
    {
    }
}

impl<In, Out, E> ArgumentOf<Result<Socket<In, Out>, E>> {
    /// What it would take.
    pub const TAKES: Takes = Takes::Socket(type_name::<Out>);

    /// Compiles nowhere.
    pub fn in_function()
    where
        Result<Socket<In, Out>, E>: AlwaysThere,
    {
    }
}

/// Holds for nothing.
#[diagnostic::on_unimplemented(
    message = "a `#[websocket]` function has its connection in any case, and cannot take `{Self}`",
    label = "expected the connection itself",
    note = "write `mut socket: Socket<In, Out>`, or `connection: Connection<Out>`: a request that is no handshake is answered before the function is called"
)]
pub trait AlwaysThere {}

/// A reference is no extractor, and told so; that nothing takes the connection is not told as well.
impl<T> ArgumentOf<&mut T> {
    /// What it would take.
    pub const TAKES: Takes = Takes::Connection(type_name::<T>);
}

/// What every other argument takes.
pub trait TakesNothing {
    /// What it takes.
    const TAKES: Takes = Takes::Nothing;

    /// Any route may have such an argument.
    fn anywhere() {}

    /// `open` may have such an argument.
    fn in_open() {}

    /// A function may have such an argument.
    fn in_function() {}

    /// It reads no body.
    const READS_BODY: bool = false;

    /// It reads no body, which a request by `GET` has not.
    fn without_body() {}
}

impl<T: ?Sized> TakesNothing for ArgumentOf<T> {}

/// A function that served a connection without having it could do nothing but end it.
pub const fn assert_takes_socket(arguments: &[Takes]) {
    assert!(
        count_sockets(arguments) > 0 || has_connection(arguments),
        "no argument of this function takes the connection: add `mut socket: Socket<In, Out>`, or `connection: Connection<Out>` if it only sends"
    );
}

/// The argument at `at` is not one socket more.
pub const fn assert_only_socket(arguments: &[Takes], at: usize) {
    let is_one = matches!(arguments[at], Takes::Socket(_));
    assert!(
        !is_one || count_sockets(arguments.split_at(at).0) == 0,
        "this argument takes the socket as another one does, and each message goes to one of them only: keep one; `socket.connection()` gives a second sender"
    );
}

const fn count_sockets(arguments: &[Takes]) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < arguments.len() {
        if matches!(arguments[at], Takes::Socket(_)) {
            count += 1;
        }
        at += 1;
    }
    count
}

const fn has_connection(arguments: &[Takes]) -> bool {
    let mut at = 0;
    while at < arguments.len() {
        if matches!(arguments[at], Takes::Connection(_)) {
            return true;
        }
        at += 1;
    }
    false
}

/// The type of what is sent, for `RouteInfo`; `()` where nothing is.
pub fn sent_by(arguments: &[Takes]) -> &'static str {
    let sends = |argument: &Takes| match argument {
        Takes::Nothing => None,
        Takes::Socket(name) | Takes::Connection(name) => Some(name()),
    };
    arguments.iter().find_map(sends).unwrap_or("()")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::websocket::message::Text;

    type Alias<T> = Socket<u8, T>;

    const SOCKET: Takes = <ArgumentOf<Alias<Text>>>::TAKES;
    const CONNECTION: Takes = <ArgumentOf<Connection<u8>>>::TAKES;
    const NEITHER: Takes = <ArgumentOf<str>>::TAKES;

    #[test]
    fn types_tell_what_an_argument_takes() {
        assert_takes_socket(&[NEITHER, SOCKET, CONNECTION]);
        assert_takes_socket(&[CONNECTION]);
        assert_only_socket(&[CONNECTION, SOCKET, NEITHER], 1);
        assert_eq!(sent_by(&[NEITHER, SOCKET]), type_name::<Text>());
        assert_eq!(sent_by(&[NEITHER]), "()");
    }

    #[test]
    #[should_panic(expected = "no argument of this function takes the connection")]
    fn a_function_without_connection_is_refused() {
        assert_takes_socket(&[NEITHER]);
    }

    #[test]
    #[should_panic(expected = "as another one does")]
    fn a_second_socket_is_refused() {
        assert_only_socket(&[SOCKET, NEITHER, SOCKET], 2);
    }

    #[actix_web::test]
    async fn elsewhere_a_socket_is_an_internal_error() {
        let req = TestRequest::get().to_http_request();
        let error = Alias::<Text>::extract(&req).await.unwrap_err();
        assert_eq!(error.as_response_error().status_code(), 500);
    }
}
